//! Reads a request back from the bytes that were sent, which may be malformed on
//! purpose: what can be told apart is told apart, and deviations are noted.
//!
//! It never knows what the user requested, only what went out.

use super::exchange::SentRequest;
use crate::http::Deviations;
use crate::http::field::{self, SectionKind, content_length, line_length};
use crate::http::request_line::{LineParts, line_offset};

/// Reads the request whose exact bytes are `bytes`.
#[cfg(any(test, fuzzing))]
pub(super) fn read(bytes: &[u8]) -> SentRequest {
    let (head, body) = bytes.split_at(crate::http::request_line::head_length(bytes));
    read_parts(head, body, body.len() as u64)
}

/// Reads a request whose content is not at hand as a whole: `head` as
/// [`head_length`](crate::http::request_line::head_length) delimits it, the content's beginning, and how long it was.
pub(super) fn read_parts(head: &[u8], body_start: &[u8], body_bytes: u64) -> SentRequest {
    let start = line_offset(head);
    let mut deviations = Deviations::default();
    let mut raw = head[start..].to_vec();
    if !raw.ends_with(b"\n") {
        // A last line without its end is a line, too.
        raw.extend_from_slice(b"\r\n");
    }
    let line_end = line_length(&raw).unwrap_or(raw.len());
    let line = field::clean(&raw[..line_end], start as u64, &mut deviations);
    let parts = LineParts::of(&line[..content_length(&line)]);
    let (method, target, version) = (parts.method.to_vec(), parts.target().to_vec(), parts.version());
    let raw_line = &head[start..head.len().min(start + line_end)];
    let line = raw_line[..content_length(raw_line)].to_vec();
    let fields = field::parse(&raw, line_end, start as u64, SectionKind::Header, &mut deviations);
    let body = body_start.to_vec();
    SentRequest {
        head: head.to_vec(),
        body_bytes,
        is_left_off: false,
        body,
        line,
        method,
        target,
        version,
        fields,
        deviations,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Deviation;
    use crate::http::response::Version;

    fn text(bytes: &[u8]) -> &str {
        str::from_utf8(bytes).expect("text")
    }

    #[test]
    fn a_request_in_order_is_taken_apart() {
        let sent = read(b"POST /a HTTP/1.1\r\nHost: x\r\n\r\nbody");
        assert_eq!((text(&sent.method), text(&sent.target)), ("POST", "/a"));
        assert_eq!((text(&sent.line), sent.version), ("POST /a HTTP/1.1", Version::HTTP_11));
        assert_eq!((text(&sent.body), sent.body_bytes, sent.head.len()), ("body", 4, 29));
        assert_eq!(sent.fields.value("host"), Some(&b"x"[..]));
        assert_eq!(sent.fields.first("host").map(|line| line.offset), Some(18));
        assert_eq!(sent.deviations, Deviations::default());
    }

    #[test]
    fn lines_may_lack_their_end_and_their_parts() {
        for (request, method, target, version) in [
            ("", "", "", Version(0, 9)),
            ("GET", "GET", "", Version(0, 9)),
            ("GET /\r\n", "GET", "/", Version(0, 9)),
            ("GET  HTTP/1.0\r\n\r\n", "GET", "", Version(1, 0)),
            (" GET\t/a b  HTTP/2.0 ", "GET", "/a", Version(2, 0)),
            ("GET / HTTP/1.10\n\n", "GET", "/", Version::HTTP_11),
            ("GET / x\n\n", "GET", "/", Version::HTTP_11),
            ("\r\n\nGET / HTTP/1.1", "GET", "/", Version::HTTP_11),
        ] {
            let sent = read(request.as_bytes());
            assert_eq!((text(&sent.method), text(&sent.target), sent.version), (method, target, version));
            assert_eq!(sent.head, request.as_bytes());
        }
    }

    #[test]
    fn deviations_are_noted_with_offsets_in_the_request() {
        let sent = read(b"\r\nGET /\0 HTTP/1.1\nA : b\r\n c\r\nlast: 1\rx");
        assert_eq!(text(&sent.line), "GET /\0 HTTP/1.1");
        let noted: Vec<_> = sent.deviations.iter().map(|noted| (noted.kind, noted.offset)).collect();
        let expected = [
            (Deviation::Nul, 7),
            (Deviation::BareLf, 17),
            (Deviation::SpaceBeforeColon, 19),
            (Deviation::ObsFold, 25),
            (Deviation::BareCr, 36),
        ];
        assert_eq!(noted, expected);
        assert_eq!(sent.fields.value("a"), Some(&b"b c"[..]));
        assert_eq!(sent.fields.value("last"), Some(&b"1 x"[..]));
    }

    #[test]
    fn any_bytes_are_read() {
        let seed = b"GET / HTTP/1.1\r\nA:b\r\n\r\n\n\0 \t:";
        for start in 0..seed.len() {
            for end in start..seed.len() {
                let sent = read(&seed[start..end]);
                assert_eq!(sent.head.len() as u64 + sent.body_bytes, (end - start) as u64);
            }
        }
    }
}
