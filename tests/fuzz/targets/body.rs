//! The chunked coding: any split of the input gives the same result, and what
//! was encoded decodes to itself. Run with `tests/fuzz/run body`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rawget::http::chunked::{ChunkLine, ChunkedDecoder, Progress};

fuzz_target!(|data: &[u8]| {
    let Some((&step, input)) = data.split_first() else { return };
    let step = usize::from(step) + 1;
    let whole = decode(input, input.len().max(1));
    assert_eq!(whole, decode(input, step));
    assert!(whole.consumed <= input.len() && whole.data.len() <= input.len());

    let coded = encode(input, step);
    let again = decode(&coded, step.next_power_of_two());
    assert_eq!(again.progress, Progress::End);
    assert_eq!((again.data.as_slice(), again.consumed), (input, coded.len()));
    // What follows the body is not the body's.
    let followed = decode(&[&coded, &b"HTTP/1.1 200 OK\r\n"[..]].concat(), step);
    assert_eq!(followed, again);
});

#[derive(Debug, PartialEq)]
struct Outcome {
    data: Vec<u8>,
    consumed: usize,
    progress: Progress,
    chunks: Vec<ChunkLine>,
    trailers: Vec<(Vec<u8>, Vec<u8>)>,
    deviations: String,
}

/// Decodes `input` as it comes in pieces of `step` bytes.
fn decode(input: &[u8], step: usize) -> Outcome {
    let mut decoder = ChunkedDecoder::new(0, true);
    let (mut data, mut consumed, mut progress) = (Vec::new(), 0, Progress::NeedMore);
    for piece in input.chunks(step) {
        let mut buffer = piece.to_vec();
        let decoded = decoder.decode(&mut buffer);
        data.extend_from_slice(&buffer[..decoded.data]);
        consumed += decoded.consumed;
        progress = decoded.progress;
        if matches!(progress, Progress::Failed(..)) {
            // It then says what was looked at, which depends on what was there.
            consumed = 0;
        }
        if progress != Progress::NeedMore {
            break;
        }
        assert_eq!(decoded.consumed, piece.len());
    }
    let (fields, trailer_deviations) = decoder.trailers_parsed();
    let trailers = fields.iter().map(|line| (line.name.to_vec(), line.value.to_vec())).collect();
    let deviations = format!("{:?} {trailer_deviations:?}", decoder.deviations());
    Outcome { data, consumed, progress, chunks: decoder.take_chunks(), trailers, deviations }
}

/// `data` in chunks of `size` bytes, without extensions and trailers.
fn encode(data: &[u8], size: usize) -> Vec<u8> {
    let mut coded = Vec::new();
    for chunk in data.chunks(size) {
        coded.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        coded.extend_from_slice(chunk);
        coded.extend_from_slice(b"\r\n");
    }
    coded.extend_from_slice(b"0\r\n\r\n");
    coded
}
