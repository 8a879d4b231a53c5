//! What each coding makes of streams that are whole, cut, broken or followed by more.

use std::io::Write;

use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use flate2::{Compression, GzBuilder};

use super::LARGE;
use crate::coding::chain::MAX_EXPANSION;
use crate::coding::{CodingChain, Ending, MAX_CODINGS, accept_encoding};
use crate::failure::{self, Failure};

const TEXT: &[u8] = b"hello, hello, hello world: content codings undone\n";

/// [`TEXT`] in br.
const BR: &[u8] = b"\x1b\x31\x00\xe0\x8d\x94\x6e\xde\xc4\x08\x95\xde\x63\x6e\x6f\x75\x5a\x01\x44\x67\x0e\x38\
\xe4\xc0\xe1\x56\x5b\x10\x60\x64\x95\x8a\xd5\x09\xd1\xcb\x86\x89\xf5\xb0\x92\x22\x5f\x3a\xd9\xae\x43\x00";

/// [`TEXT`] in zstd, with its checksum.
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd\x04\x58\x6d\x01\x00\x64\x02\x68\x65\x6c\x6c\x6f\x2c\x20\x20\x77\x6f\x72\
\x6c\x64\x3a\x20\x63\x6f\x6e\x74\x65\x6e\x74\x20\x63\x6f\x64\x69\x6e\x67\x73\x20\x75\x6e\x64\x6f\x6e\x65\x0a\x01\
\x00\xe2\x8a\x11\x77\x48\x0a\x54";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A gzip member whose header has every optional part.
fn gzip_with_everything(bytes: &[u8]) -> Vec<u8> {
    let builder = GzBuilder::new().extra(&b"\x01\x02extra"[..]).filename("a name").comment("a comment");
    let mut encoder = builder.write(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    let mut member = encoder.finish().unwrap();
    // The encoder makes no header checksum.
    let header = 10 + 2 + 7 + 7 + 10;
    member[3] |= 2;
    let mut crc = flate2::Crc::new();
    crc.update(&member[..header]);
    let sum = crc.sum().to_le_bytes();
    member.splice(header..header, [sum[0], sum[1]]);
    member
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn raw_deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn chain(codings: &str) -> CodingChain {
    CodingChain::new(codings.split(',').map(|name| name.trim().as_bytes())).unwrap()
}

/// Undoes `codings` on pieces of at most `size` bytes; gives what came out, the
/// ending of the coding undone first, and the error, if there was one.
fn undo_in(codings: &str, coded: &[u8], size: usize) -> (Vec<u8>, Ending, Option<String>) {
    let mut chain = chain(codings);
    let mut decoded = Vec::new();
    let mut result = Ok(());
    for piece in coded.chunks(size) {
        result = chain.push(piece, &mut |bytes| {
            decoded.extend_from_slice(bytes);
            Ok(())
        });
        if result.is_err() {
            break;
        }
    }
    let result = result.and_then(|()| chain.finish());
    assert!(result.as_ref().err().is_none_or(|error| failure::of(error) == Some(Failure::ContentCoding)));
    (decoded, chain.stages()[0].ending(), result.err().map(|error| error.to_string()))
}

fn undo(codings: &str, coded: &[u8]) -> (Vec<u8>, Ending, Option<String>) {
    undo_in(codings, coded, usize::MAX)
}

/// A few hundred kilobytes that compress, but not away.
fn long_text() -> Vec<u8> {
    let mut state = 1u32;
    let mut text = Vec::new();
    while text.len() < 300_000 {
        state = state.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        text.extend_from_slice(format!("line {} of {}\n", state >> 20, state >> 28).as_bytes());
    }
    text
}

#[test]
fn whole_streams_are_undone_in_any_pieces() {
    let streams = [
        ("gzip", gzip(TEXT), Ending::Decoded),
        ("X-GZIP", gzip_with_everything(TEXT), Ending::Decoded),
        ("deflate", zlib(TEXT), Ending::Decoded),
        ("deflate", raw_deflate(TEXT), Ending::DecodedRaw),
        ("br", BR.to_vec(), Ending::Decoded),
        ("zstd", ZSTD.to_vec(), Ending::Decoded),
        ("gzip, deflate", zlib(&gzip(TEXT)), Ending::Decoded),
        ("identity, deflate, , gzip", gzip(&raw_deflate(TEXT)), Ending::Decoded),
    ];
    for (codings, coded, ending) in &streams {
        for size in 1..=coded.len() {
            let undone = undo_in(codings, coded, size);
            assert_eq!(undone, (TEXT.to_vec(), *ending, None), "{codings} by {size}");
        }
    }
}

#[test]
fn long_streams_go_through_buffers_of_any_fill() {
    let text = long_text();
    for (codings, coded) in [
        ("gzip", gzip(&text)),
        ("deflate", raw_deflate(&text)),
        ("gzip, deflate, gzip", gzip(&zlib(&gzip(&text)))),
    ] {
        for size in [1, 1_000, 65_536, usize::MAX] {
            let (decoded, _, error) = undo_in(codings, &coded, size);
            assert!(decoded == text && error.is_none(), "{codings} by {size}");
        }
    }
}

#[test]
fn a_stream_that_is_cut_is_an_error_and_gives_what_it_has() {
    let short = |magic: usize, at: usize| if at < magic { Ending::NotApplied } else { Ending::Truncated };
    for (coding, coded, magic) in [
        ("gzip", gzip(TEXT), 3),
        ("gzip", gzip_with_everything(TEXT), 3),
        ("deflate", zlib(TEXT), 2),
        ("br", BR.to_vec(), 0),
        ("zstd", ZSTD.to_vec(), 0),
    ] {
        for cut in 1..coded.len() {
            let (decoded, ending, error) = undo(coding, &coded[..cut]);
            assert_eq!(ending, short(magic, cut), "{coding} cut at {cut}");
            assert!(TEXT.starts_with(&decoded) && error.is_some(), "{coding} cut at {cut}");
        }
    }
    let raw = raw_deflate(TEXT);
    for cut in 1..raw.len() {
        let (decoded, ending, error) = undo("deflate", &raw[..cut]);
        let expected = if decoded.is_empty() { Ending::NotApplied } else { Ending::Truncated };
        assert!(TEXT.starts_with(&decoded) && ending == expected && error.is_some(), "raw cut at {cut}");
    }
    let (decoded, _, error) = undo("gzip", &gzip(TEXT)[..40]);
    let expected = format!("the content coding gzip is cut short after {} decoded bytes", decoded.len());
    assert_eq!(error, Some(expected));
}

#[test]
fn a_flipped_bit_is_never_taken_for_the_whole() {
    for (coding, coded) in [
        ("gzip", gzip_with_everything(TEXT)),
        ("deflate", zlib(TEXT)),
        ("deflate", raw_deflate(TEXT)),
        ("br", BR.to_vec()),
        ("zstd", ZSTD.to_vec()),
    ] {
        for at in 0..coded.len() * 8 {
            let mut broken = coded.clone();
            broken[at / 8] ^= 1 << (at % 8);
            let (decoded, ending, error) = undo(coding, &broken);
            let pieces = undo_in(coding, &broken, 1);
            // How far a br block that is longer than it says was decoded depends on the pieces.
            let is_long = coding == "br" && error.as_deref().is_some_and(|text| text.ends_with("it says"));
            let is_same = decoded == pieces.0 || is_long && decoded.starts_with(&pieces.0);
            assert!(is_same && (&ending, &error) == (&pieces.1, &pieces.2), "{coding}, bit {at}");
            // br and raw deflate have no checksum; a zstd frame may become one to be skipped.
            let has_checksum = coding != "br" && ending != Ending::DecodedRaw;
            let is_skipped = coding == "zstd" && decoded.is_empty();
            assert!(error.is_some() || decoded == TEXT || is_skipped || !has_checksum, "{coding}, bit {at}");
        }
    }
}

#[test]
fn what_was_decoded_before_an_error_comes_out() {
    let text = long_text();
    let mut coded = gzip(&text);
    let middle = coded.len() / 2;
    coded[middle..middle + 40].fill(0xFF);
    let (decoded, ending, error) = undo("gzip", &coded);
    assert!(ending == Ending::Corrupt && decoded.len() > text.len() / 3);
    let expected = format!("the content coding gzip is corrupt after {} decoded bytes: ", decoded.len());
    assert!(error.as_deref().is_some_and(|error| error.starts_with(&expected)), "{error:?}");

    let sum = ZSTD.len() - 1;
    let mut broken = ZSTD.to_vec();
    broken[sum] ^= 1;
    let (decoded, ending, _) = undo("zstd", &broken);
    assert_eq!((&decoded[..], ending), (TEXT, Ending::Corrupt));
    let mut bad_block = ZSTD[..ZSTD.len() - 4].to_vec();
    bad_block[6] &= !1; // Not the last block any more,
    bad_block.extend_from_slice(&[0xFF; 3]); // and the next is of no known type.
    let (decoded, ending, _) = undo("zstd", &bad_block);
    assert_eq!((&decoded[..], ending), (TEXT, Ending::Corrupt));
}

#[test]
fn members_and_frames_follow_each_other() {
    let twice = [TEXT, TEXT].concat();
    let members = [gzip(TEXT), gzip_with_everything(b""), gzip(TEXT)].concat();
    let skippable = b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc";
    let frames = [&skippable[..], ZSTD, skippable, ZSTD].concat();
    for size in 1..members.len() {
        assert_eq!(undo_in("gzip", &members, size), (twice.clone(), Ending::Decoded, None), "by {size}");
        assert_eq!(undo_in("zstd", &frames, size), (twice.clone(), Ending::Decoded, None), "by {size}");
    }
}

#[test]
fn bytes_after_the_end_are_told_and_no_error() {
    for (coding, coded, ending) in [
        ("gzip", gzip(TEXT), Ending::TrailingData),
        ("deflate", zlib(TEXT), Ending::TrailingData),
        ("deflate", raw_deflate(TEXT), Ending::DecodedRaw),
        ("br", BR.to_vec(), Ending::TrailingData),
        ("zstd", ZSTD.to_vec(), Ending::TrailingData),
    ] {
        for tail in [&b"\0"[..], b"\x1f\x8c\x08", b"<!-- cached -->", b"\x28\xb5x"] {
            let coded = [&coded[..], tail].concat();
            for size in [1, 3, usize::MAX] {
                assert_eq!(undo_in(coding, &coded, size), (TEXT.to_vec(), ending, None), "{coding} {tail:?}");
            }
        }
    }
    // Another member or frame begins, and does not come to its end.
    for (coding, whole, start) in [
        ("gzip", gzip(TEXT), &b"\x1f"[..]),
        ("gzip", gzip(TEXT), b"\x1f\x8b\x08"),
        ("zstd", ZSTD.to_vec(), b"\x28"),
    ] {
        let (decoded, ending, _) = undo(coding, &[&whole[..], start].concat());
        assert_eq!((&decoded[..], ending), (TEXT, Ending::Truncated), "{coding} {start:?}");
    }
    // It looks like another member, and is none.
    let (decoded, ending, _) = undo("gzip", &[&gzip(TEXT)[..], b"\x1f\x8b\x07"].concat());
    assert_eq!((&decoded[..], ending), (TEXT, Ending::Corrupt));
}

#[test]
fn what_is_in_no_coding_is_told_from_what_is_broken() {
    for (coding, bytes) in
        [("gzip", &b"hello"[..]), ("deflate", b"hello world"), ("zstd", b"hello"), ("gzip", b"\x1f\x8b\x07")]
    {
        let (decoded, ending, error) = undo(coding, bytes);
        assert_eq!((&decoded[..], ending), (&b""[..], Ending::NotApplied), "{coding}");
        assert!(error.is_some_and(|error| error.contains("--raw")), "{coding}");
    }
    let mut long_window = ZSTD.to_vec();
    long_window[5] = 14 << 3; // 16 MiB
    let (_, ending, error) = undo("zstd", &long_window);
    assert_eq!(ending, Ending::Stopped);
    assert!(error.is_some_and(|error| { error.contains("zstd") && error.contains("over the 8 MiB") }));
    let (_, ending, error) = undo("deflate", b"\x78\xbb\0\0\0\0\0\0");
    assert_eq!(ending, Ending::Corrupt);
    assert!(error.is_some_and(|error| error.ends_with("preset dictionary")));
}

#[test]
fn content_without_a_byte_is_whole() {
    assert_eq!(undo("gzip, br", b""), (Vec::new(), Ending::Decoded, None));
    assert_eq!(undo("gzip, gzip", &gzip(b"")), (Vec::new(), Ending::Decoded, None));
}

#[test]
fn lists_that_cannot_be_undone_are_refused() {
    let error = |names: &[&str]| {
        let error = CodingChain::new(names.iter().map(|name| name.as_bytes())).err().unwrap();
        assert_eq!(failure::of(&error), Some(Failure::ContentCoding));
        error.to_string()
    };
    assert!(error(&["gzip", "f\x1b[m\u{e9}"]).contains("\"f\\x1b[m\u{e9}\""));
    assert!(error(&["gzip"; MAX_CODINGS + 1]).contains("more than 5"));
    assert!(CodingChain::new([&b"gzip"[..]; MAX_CODINGS]).is_ok());
    assert!(CodingChain::new([&b"identity"[..], b""]).unwrap().is_empty());
    assert_eq!(accept_encoding().as_deref(), Some("deflate, gzip, br, zstd"));
}

/// gzip of gzip of `megabytes` of zeros.
fn bomb(megabytes: usize) -> Vec<u8> {
    let mut inner = GzEncoder::new(GzEncoder::new(Vec::new(), Compression::best()), Compression::fast());
    for _ in 0..megabytes {
        inner.write_all(&[0; 1 << 20]).unwrap();
    }
    inner.finish().unwrap().finish().unwrap()
}

#[test]
fn a_bomb_passes_in_pieces_and_the_sink_can_end_it() {
    let bomb = bomb(64);
    let mut chain = chain("gzip, gzip");
    let mut bytes = 0;
    chain
        .push(&bomb, &mut |piece| {
            assert!(piece.len() <= LARGE && piece.iter().all(|&byte| byte == 0));
            bytes += piece.len();
            Ok(())
        })
        .unwrap();
    chain.finish().unwrap();
    assert_eq!(bytes, 64 << 20);
    assert_eq!(chain.stages()[1].output(), 64 << 20);
    assert_eq!(chain.stages()[0].output(), chain.stages()[1].input());
    assert_eq!(chain.stages()[0].input(), bomb.len() as u64);

    let mut chain = self::chain("gzip, gzip");
    let mut bytes = 0;
    let result = chain.push(&bomb, &mut |piece| {
        bytes += piece.len();
        if bytes > 1 << 20 { Err(anyhow::anyhow!("enough")) } else { Ok(()) }
    });
    assert_eq!(result.unwrap_err().to_string(), "enough");
    assert!(bytes <= (1 << 20) + LARGE);
}

#[test]
fn a_chain_with_a_limit_stops_there() {
    let bomb = bomb(1_100);
    let mut chain = chain("gzip, gzip").limited();
    let mut bytes = 0u64;
    let result = chain.push(&bomb, &mut |piece| {
        bytes += piece.len() as u64;
        Ok(())
    });
    assert!(result.is_err());
    assert!(bytes > MAX_EXPANSION && bytes <= MAX_EXPANSION + LARGE as u64);
    assert_eq!(chain.stages()[1].ending(), Ending::Stopped);
}

#[test]
fn an_error_is_the_same_however_the_bytes_come() {
    let text = long_text();
    for (coding, coded) in [("gzip", gzip(&text)), ("deflate", zlib(&text)), ("deflate", raw_deflate(&text))]
    {
        for at in (0..coded.len()).step_by(coded.len() / 50 + 1) {
            let mut broken = coded.clone();
            broken[at] ^= 0x5A;
            let whole = undo(coding, &broken);
            for size in [1, 7, 1000] {
                assert_eq!(undo_in(coding, &broken, size), whole, "{coding}, byte {at}, by {size}");
            }
        }
    }
}
