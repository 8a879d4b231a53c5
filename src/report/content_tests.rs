use super::*;
use crate::http::response::parse_head;

/// "hello world, " thirty times, in gzip.
const GZIP: &[u8] =
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xcb\x48\xcd\xc9\xc9\x57\x28\xcf\x2f\xca\x49\x51\xc8\x18\x65\
\xd3\x8c\x0d\x00\xae\x16\x3a\xc1\x68\x01\x00\x00";

/// Inspects `content` under these field lines, in pieces of at most `size` bytes.
fn inspect_in(lines: &str, content: &[u8], size: usize) -> ContentRecord {
    let head = format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\n");
    let head = parse_head(head.as_bytes()).unwrap().unwrap().1;
    let mut inspector = ContentInspector::new(&head.fields);
    content.chunks(size).for_each(|piece| inspector.push(piece));
    inspector.finish(Completeness::Complete)
}

fn inspect(lines: &str, content: &[u8]) -> ContentRecord {
    inspect_in(lines, content, usize::MAX)
}

fn results(content: &ContentRecord) -> Vec<CodingResult> {
    content.codings.iter().map(|step| step.result).collect()
}

/// Whether this build can undo codings: without, every chain ends at once.
fn undoes_codings() -> bool {
    coding::accept_encoding().is_some()
}

#[test]
fn content_without_coding_is_looked_at_as_it_is() {
    let content = inspect("Content-Type: text/plain", b"hello");
    assert_eq!((content.decoded_bytes, &content.prefix[..]), (5, &b"hello"[..]));
    assert!(content.codings.is_empty() && content.is_undone() && !content.is_gzip());
    assert!(!content.has_non_ascii && content.first_invalid_utf8.is_none());
    let content = inspect("Content-Type: text/plain", GZIP);
    assert!(content.is_gzip());
}

#[test]
fn the_prefix_is_as_long_as_sniffing_needs() {
    for size in [1, 1_000, usize::MAX] {
        let content = inspect_in("X: y", &[b'a'; 5_000], size);
        assert_eq!((content.prefix.len(), content.decoded_bytes), (PREFIX, 5_000));
    }
}

#[test]
fn the_first_byte_that_is_not_utf_8_is_found_in_any_pieces() {
    for (text, invalid) in [
        (&b"abc"[..], None),
        ("a\u{e9}\u{4f60}\u{1f600}z".as_bytes(), None),
        (b"ab\xff", Some(2)),
        (b"\xe4\xbd\xa0\xe4\xbd", Some(3)),
        (b"\xe4\xbd\xa0\xe4\xbdx", Some(3)),
        (b"ab\xc0\xaf", Some(2)),
        (b"ab\xed\xa0\x80", Some(2)),
        (b"\xf0\x9f\x98\x80\xf0\x9f\x98", Some(4)),
        (b"\xf4\x90\x80\x80", Some(0)),
        (b"\x80", Some(0)),
    ] {
        for size in 1..=text.len() {
            let content = inspect_in("Content-Type: application/problem+json", text, size);
            assert_eq!(content.first_invalid_utf8, invalid, "{text:?} by {size}");
            assert_eq!(content.has_non_ascii, !text.is_ascii(), "{text:?} by {size}");
        }
    }
    assert_eq!(inspect("Content-Type: image/png", b"\xff").first_invalid_utf8, None);
}

#[test]
fn what_is_text_is_told_by_the_type() {
    for text in
        ["text/html; charset=x", "TEXT/css", "application/ld+json;a", "image/svg+xml", "application/xml"]
    {
        assert!(is_textual(&essence(text.as_bytes())), "{text}");
    }
    for other in ["image/png", "application/jsonx", "", "application/octet-stream; text/html"] {
        assert!(!is_textual(&essence(other.as_bytes())), "{other}");
    }
}

#[test]
fn codings_are_recorded_in_the_order_named() {
    if !undoes_codings() {
        return;
    }
    let lines = "Content-Type: text/plain\r\nContent-Encoding: Identity,\r\nContent-Encoding: X-Gzip";
    for size in [1, usize::MAX] {
        let content = inspect_in(lines, GZIP, size);
        let [identity, gzip] = &content.codings[..] else { panic!("{:?}", content.codings) };
        assert_eq!((&identity.name[..], identity.result), (&b"identity"[..], CodingResult::Decoded));
        assert_eq!((&gzip.name[..], gzip.result), (&b"x-gzip"[..], CodingResult::Decoded));
        assert_eq!((gzip.input, gzip.output), (GZIP.len() as u64, 360));
        assert_eq!((content.decoded_bytes, &content.prefix[..12]), (360, &b"hello world "[..]));
        assert!(content.is_undone() && !content.is_gzip());
    }
}

#[test]
fn a_coding_that_fails_ends_the_chain() {
    use CodingResult::{Corrupt, NotApplied, NotTried, TrailingData, Truncated, Unsupported};
    if !undoes_codings() {
        return;
    }
    let mut broken = GZIP.to_vec();
    broken[14..18].fill(0xFF);
    let trailing = [GZIP, b"<!-- -->"].concat();
    for (codings, body, expected, text_may_be_judged) in [
        ("gzip", &b"hello"[..], vec![NotApplied], false),
        ("gzip", &broken, vec![Corrupt], false),
        ("gzip", &GZIP[..27], vec![Truncated], true),
        ("gzip", &trailing, vec![TrailingData], true),
        ("deflate, gzip", &GZIP[..27], vec![NotApplied, NotTried], false),
        ("br, gzip", &GZIP[..11], vec![NotTried, Truncated], false),
        ("deflate, gzip", b"hello", vec![NotTried, NotApplied], false),
        ("gzip, compress", GZIP, vec![NotTried, Unsupported], false),
        ("compress, gzip", GZIP, vec![Unsupported, CodingResult::Decoded], false),
        ("gzip, gzip, gzip, gzip, gzip, gzip", GZIP, vec![NotTried; 6], false),
    ] {
        let lines = format!("Content-Type: text/plain\r\nContent-Encoding: {codings}");
        for size in [1, usize::MAX] {
            let content = inspect_in(&lines, body, size);
            assert_eq!(results(&content), expected, "{codings}");
            assert_eq!(content.is_undone(), text_may_be_judged, "{codings}");
        }
    }
    let content = inspect("Content-Encoding: gzip", b"hello");
    assert_eq!(content.decoded_bytes, 5);
}

#[test]
fn only_complete_content_is_judged() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Digest: sha-256=::\r\n\r\n";
    let head = parse_head(head).unwrap().unwrap().1;
    for (outcome, body) in
        [(Completeness::Truncated, GZIP), (Completeness::Error, GZIP), (Completeness::Complete, b"")]
    {
        let mut inspector = ContentInspector::new(&head.fields);
        inspector.push(body);
        let content = inspector.finish(outcome);
        assert!(content.first_invalid_utf8.is_none() && content.digests.sha256.is_none());
        assert!(!results(&content).contains(&CodingResult::Decoded));
    }
    let hidden = inspect("Transfer-Encoding: x-unknown, chunked\r\nContent-Encoding: gzip", GZIP);
    assert!(hidden.prefix.is_empty() && hidden.first_invalid_utf8.is_none());
    assert_eq!((results(&hidden), hidden.decoded_bytes), (vec![CodingResult::NotTried], GZIP.len() as u64));
}

#[test]
fn transfer_codings_are_undone_before_content_codings() {
    if !undoes_codings() {
        return;
    }
    let once = inspect("Content-Type: text/plain\r\nTransfer-Encoding: gzip, chunked", GZIP);
    assert_eq!((once.decoded_bytes, &once.prefix[..5]), (360, &b"hello"[..]));
    assert!(once.codings.is_empty() && once.transfer_error.is_none());
    let lines = "Transfer-Encoding: gzip, chunked\r\nContent-Encoding: gzip";
    let not_twice = inspect(lines, GZIP);
    assert_eq!(results(&not_twice), [CodingResult::NotApplied]);
    let cut = inspect(lines, &GZIP[..20]);
    assert!(cut.transfer_error.is_some());
    assert_eq!(results(&cut), [CodingResult::NotTried]);
}

#[test]
fn codings_that_are_undone_elsewhere_are_not_undone_again() {
    if !undoes_codings() {
        return;
    }
    let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\nContent-Encoding: gzip\r\n\r\n";
    let head = parse_head(head).unwrap().unwrap().1;
    for (count, decoded) in [(1, GZIP), (2, &b"hello"[..])] {
        let mut inspector = ContentInspector::new(&head.fields);
        inspector.expect_decoded(count);
        inspector.push(b"as it came");
        inspector.push_decoded(decoded);
        assert_eq!(&inspector.finish(Completeness::Complete).prefix[..5], b"hello");
    }
}

#[test]
fn digests_are_made_where_a_field_asks() {
    if Hasher::new(Algorithm::Md5).is_none() {
        return;
    }
    let lines = "Content-Digest: sha-256=:x:, md5=:y:\r\nRepr-Digest: SHA-512=:z:";
    for size in [1, usize::MAX] {
        let digests = inspect_in(lines, b"abc", size).digests;
        assert_eq!(digests.sha256.map(|digest| digest[..3].to_vec()), Some(vec![0xBA, 0x78, 0x16]));
        assert_eq!(digests.sha512.map(|digest| digest[..3].to_vec()), Some(vec![0xDD, 0xAF, 0x35]));
        assert_eq!(digests.md5.map(|digest| digest[..3].to_vec()), Some(vec![0x90, 0x01, 0x50]));
    }
    let digests = inspect("Content-MD5: x", b"abc").digests;
    assert!(digests.md5.is_some() && digests.sha256.is_none());
}
