use super::*;

/// Decodes `wire`, given in two pieces, and gives data, the rest and the progress.
fn decode_cut(wire: &[u8], cut: usize) -> (Vec<u8>, Vec<u8>, Progress, ChunkedDecoder) {
    let mut decoder = ChunkedDecoder::new(0, false);
    let mut data = Vec::new();
    let mut rest = Vec::new();
    let mut progress = Progress::NeedMore;
    for piece in [&wire[..cut], &wire[cut..]] {
        let mut buffer = piece.to_vec();
        let decoded = decoder.decode(&mut buffer);
        data.extend_from_slice(&buffer[..decoded.data]);
        rest.extend_from_slice(&piece[decoded.consumed..]);
        progress = decoded.progress;
    }
    (data, rest, progress, decoder)
}

fn decode(wire: &[u8]) -> (Vec<u8>, Progress, ChunkedDecoder) {
    let (data, _, progress, decoder) = decode_cut(wire, wire.len());
    (data, progress, decoder)
}

fn failure(wire: &[u8]) -> (Vec<u8>, ChunkProblem) {
    match decode(wire) {
        (data, Progress::Failed(problem, _), _) => (data, problem),
        other => panic!("{other:?}"),
    }
}

fn deviation(wire: &[u8], kind: Deviation) {
    let (data, progress, decoder) = decode(wire);
    assert_eq!((&data[..], progress), (&b"hello"[..], Progress::End));
    let kinds: Vec<_> = decoder.deviations().iter().map(|noted| noted.kind).collect();
    assert_eq!(kinds, [kind]);
}

#[test]
fn data_comes_out_and_what_follows_stays() {
    let (data, rest, progress, decoder) =
        decode_cut(b"5\r\nhello\r\nA;x=\"y\"\r\n, chunked!\r\n0\r\n\r\nrest", 9);
    assert_eq!((&data[..], &rest[..], progress), (&b"hello, chunked!"[..], &b"rest"[..], Progress::End));
    assert_eq!(decoder.deviations(), &Deviations::default());
}

#[test]
fn trailers_are_fields() {
    let (data, progress, decoder) = decode(b"1\r\nx\r\n0\r\nDigest: a\r\n b\r\nX: y\r\n\r\n");
    assert_eq!((&data[..], progress), (&b"x"[..], Progress::End));
    let (fields, deviations) = decoder.trailers_parsed();
    assert_eq!(fields.value("digest"), Some(&b"a b"[..]));
    assert_eq!(fields.first("x").map(|line| line.offset), Some(24));
    assert!(deviations.has(Deviation::ObsFold));
}

#[test]
fn deviations_are_noted_and_read_past() {
    deviation(b"5 \r\nhello\r\n0\r\n\r\n", Deviation::ChunkSizeWhitespace);
    deviation(b"5;\r\nhello\r\n0\r\n\r\n", Deviation::ChunkExtInvalid);
    deviation(b"5 x\r\nhello\r\n0\r\n\r\n", Deviation::ChunkExtInvalid);
    deviation(b"5;a=\"b\r\nhello\r\n0\r\n\r\n", Deviation::ChunkExtInvalid);
    deviation(b"5\nhello\r\n0\r\n\r\n", Deviation::ChunkBareLf);
    deviation(b"5\r\nhello\n0\r\n\r\n", Deviation::ChunkBareLf);
}

#[test]
fn a_size_has_sixteen_digits_and_more_only_by_zeros_before_it() {
    for (size, is_long) in [
        ("5", false),
        ("00000005", false),
        ("000000005", false),
        ("0000000000000005", false),
        ("00000000000000005", true),
        ("00000000000000000000005", true),
    ] {
        let (data, progress, decoder) = decode(format!("{size}\r\nhello\r\n0\r\n\r\n").as_bytes());
        assert_eq!((&data[..], progress), (&b"hello"[..], Progress::End), "{size}");
        assert_eq!(decoder.deviations().has(Deviation::ChunkSizeOverflow), is_long, "{size}");
    }
    for (size, is_long) in [("ffffffffffffffff", false), ("0FFFFFFFFFFFFFFFF", true)] {
        let (_, progress, decoder) = decode(format!("{size}\r\n").as_bytes());
        assert_eq!((progress, decoder.data_left()), (Progress::NeedMore, u64::MAX), "{size}");
        assert_eq!(decoder.deviations().has(Deviation::ChunkSizeOverflow), is_long, "{size}");
    }
    assert_eq!(failure(b"10000000000000000\r\n").1, ChunkProblem::SizeOverflow);
    assert_eq!(failure(b"010000000000000000\r\n").1, ChunkProblem::SizeOverflow);
}

#[test]
fn what_cannot_be_read_on_fails_with_the_data_before_it() {
    for line in ["", "-5", "0x5", "+5", " 5", "5_", "g", ";a"] {
        let wire = format!("2\r\nhi\r\n{line}\r\nhello");
        assert_eq!(failure(wire.as_bytes()), (b"hi".to_vec(), ChunkProblem::SizeInvalid), "{line}");
    }
    assert_eq!(failure(b"5\rx\r\n").1, ChunkProblem::BareCr);
    assert_eq!(failure(b"fffffffffffffffff\r\n").1, ChunkProblem::SizeOverflow);
    assert_eq!(failure(b"2\r\nhixx"), (b"hi".to_vec(), ChunkProblem::DataTerminator));
    assert_eq!(failure(b"2\r\nhi\rx"), (b"hi".to_vec(), ChunkProblem::DataTerminator));
}

#[test]
fn nothing_is_waited_for_that_cannot_become_valid() {
    for start in ["x", "5x", "-", "5\u{0}"] {
        assert_eq!(failure(start.as_bytes()).1, ChunkProblem::SizeInvalid, "{start}");
    }
}

#[test]
fn what_a_peer_can_make_grow_is_bounded() {
    let long = [b"5;".as_slice(), &[b'x'; MAX_SIZE_LINE]].concat();
    assert_eq!(failure(&long).1, ChunkProblem::SizeLineTooLong);
    let invalid = [&[b'x'; MAX_SIZE_LINE + 1], b"\r\n".as_slice()].concat();
    assert_eq!(failure(&invalid).1, ChunkProblem::SizeInvalid);
    let extended = [b"1;".as_slice(), &[b'x'; 1000], b"\r\na\r\n"].concat().repeat(100);
    assert_eq!(failure(&extended).1, ChunkProblem::ExtensionsTooLong);
    let trailers = [b"0\r\n".as_slice(), &b"X: y\r\n".repeat(MAX_TRAILERS / 5)].concat();
    assert_eq!(failure(&trailers).1, ChunkProblem::TrailersTooLong);
    let unfinished = [b"0\r\nX: ".as_slice(), &[b'x'; MAX_TRAILERS]].concat();
    assert_eq!(failure(&unfinished).1, ChunkProblem::TrailersTooLong);
}

#[test]
fn the_connection_may_end_after_the_last_chunk() {
    for (wire, complete) in
        [("0\r\n", true), ("0\r\nA: b\r\nC: d", true), ("0\r", false), ("0", false), ("5\r\nhel", false)]
    {
        let (_, _, mut decoder) = decode(wire.as_bytes());
        assert_eq!(decoder.end_of_connection(), complete, "{wire}");
        assert_eq!(decoder.deviations().has(Deviation::ChunkUnterminated), complete);
    }
    let (_, _, decoder) = decode(b"0\r\nA: b\r\nC: d");
    assert_eq!(decoder.trailers_parsed().0.len(), 1);
}

#[test]
fn chunks_are_recorded_where_they_begin() {
    let mut decoder = ChunkedDecoder::new(100, true);
    let mut buffer = b"2;a=b\r\nhi\r\n0\r\n\r\n".to_vec();
    decoder.decode(&mut buffer);
    let chunks: Vec<_> =
        decoder.take_chunks().into_iter().map(|chunk| (chunk.offset, chunk.size, chunk.extensions)).collect();
    assert_eq!(chunks, [(100, 2, b";a=b".to_vec()), (111, 0, Vec::new())]);
}

#[test]
fn any_split_gives_the_same_result() {
    let samples: [&[u8]; 6] = [
        b"5\r\nhello\r\n3;a=\"b\"\r\n, w\r\n0\r\nX: y\r\n z\r\n\r\nrest",
        b"5 \nhello\n0\n\nrest",
        b"5\r\nhello\r\n5\rx\r\n",
        b"5\r\nhello\r\nzz\r\n",
        b"5\r\nhellooo",
        b"0000000000000000000000000001\r\nx\r\n0\r\nA: b\r\n",
    ];
    for wire in samples {
        let (data, rest, progress, whole) = decode_cut(wire, wire.len());
        for cut in 0..wire.len() {
            let (cut_data, cut_rest, cut_progress, decoder) = decode_cut(wire, cut);
            assert_eq!(
                (cut_data, cut_progress),
                (data.clone(), progress),
                "{} cut at {cut}",
                wire.escape_ascii()
            );
            if progress == Progress::End {
                assert_eq!(cut_rest, rest);
            }
            assert_eq!(decoder.deviations(), whole.deviations());
            assert_eq!(decoder.trailer_bytes(), whole.trailer_bytes());
        }
    }
}

#[test]
fn data_may_go_by_unseen() {
    let mut decoder = ChunkedDecoder::new(0, false);
    let mut decode = |wire: &[u8], unseen: u64| {
        let mut buffer = wire.to_vec();
        let decoded = decoder.decode(&mut buffer);
        assert_eq!((decoded.consumed, decoder.data_left()), (wire.len(), unseen));
        let found = (decoder.chunk_size(), decoder.usual_gap());
        decoder.take_unseen(unseen);
        found
    };
    assert_eq!(decode(b"a;b\r\n12", 8), (10, 7));
    assert_eq!(decode(b"\r", 0), (10, 6));
    assert_eq!(decode(b"\nf", 0), (10, 4));
    assert_eq!(decode(b"\r\n", 15), (15, 5));
    assert_eq!(decode(b"\r\n0\r\n", 0), (0, 5));
    assert_eq!(decode(b"\r\n", 0), (0, 3));
    assert_eq!(decoder.failure(), None);
    let mut decoder = ChunkedDecoder::new(0, false);
    decoder.decode(&mut b"3\r\n".to_vec());
    decoder.take_unseen(9);
    decoder.decode(&mut b"!".to_vec());
    assert_eq!(decoder.failure(), Some((ChunkProblem::DataTerminator, 6)));
}
