//! Where requests end in bytes that the user has written, by their own
//! framing (RFC 9112 §6.3): how many responses there are to await.

use super::chunked::{ChunkedDecoder, Progress};
use super::content_length::{ContentLength, TOO_LARGE, content_length};
use super::request::method_of;
use super::request_line::{fields, head_end};
use super::syntax::is_token;
use super::transfer_codings::TransferCodings;

/// The offsets at which whole requests end, one behind the other. What follows
/// the last of them is no whole request, or says nothing of where it ends.
pub fn ends(bytes: &[u8]) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut start = 0;
    while let Some(length) = whole_length(&bytes[start..]) {
        start += length;
        ends.push(start);
    }
    ends
}

/// Whether something may follow the first request in an input of `size` bytes that begins with
/// `bytes`. Content in chunks is not read to its end: something may.
pub fn may_be_followed(bytes: &[u8], size: u64) -> bool {
    match head_and_end(bytes) {
        Some((head, RequestEnd::Length(length))) => (head as u64).saturating_add(length as u64) < size,
        Some((_, RequestEnd::Chunked)) => true,
        None => false,
    }
}

/// The length of the request that `bytes` begin with; `None` where it is not whole.
fn whole_length(bytes: &[u8]) -> Option<usize> {
    let (head, end) = head_and_end(bytes)?;
    match end {
        RequestEnd::Length(length) => {
            let end = head.checked_add(length)?;
            (end <= bytes.len()).then_some(end)
        }
        RequestEnd::Chunked => Some(head + chunked_length(&bytes[head..])?),
    }
}

/// The length of the head that `bytes` begin with, empty lines before it included, and what ends
/// its content.
fn head_and_end(bytes: &[u8]) -> Option<(usize, RequestEnd)> {
    let head = head_end(bytes)?;
    if method_of(&bytes[..head]).is_empty() {
        return None;
    }
    Some((head, framed(&bytes[..head])?))
}

/// The length of the chunked content that `bytes` begin with, its trailer section
/// included; `None` where it is malformed or not whole.
pub fn chunked_length(bytes: &[u8]) -> Option<usize> {
    /// Most bytes copied at once: a small request is not copied with all that follows it.
    const PIECE: usize = 4096;
    let mut decoder = ChunkedDecoder::new(0, false);
    let mut consumed = 0;
    for piece in bytes.chunks(PIECE) {
        let decoded = decoder.decode(&mut piece.to_vec());
        consumed += decoded.consumed;
        match decoded.progress {
            Progress::NeedMore => {}
            Progress::End => return Some(consumed),
            Progress::Failed(..) => return None,
        }
    }
    None
}

/// Where in `bytes` the next line begins that is a request line, as far as they can be told
/// from content: a token, one target, and a version of HTTP/1.
pub fn next_request_line(bytes: &[u8]) -> Option<usize> {
    let mut start = 0;
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        if is_request_line(line.trim_ascii_end()) {
            return Some(start);
        }
        start += line.len();
    }
    None
}

/// Whether the first line of `bytes` is a request line.
pub fn begins_with_request_line(bytes: &[u8]) -> bool {
    bytes.split(|&byte| byte == b'\n').next().is_some_and(|line| is_request_line(line.trim_ascii_end()))
}

fn is_request_line(line: &[u8]) -> bool {
    let mut parts = line.split(|&byte| byte == b' ');
    let method = parts.next().unwrap_or_default();
    let target = parts.next().unwrap_or_default();
    let version = parts.next().unwrap_or_default();
    is_token(method) && !target.is_empty() && version.starts_with(b"HTTP/1.") && parts.next().is_none()
}

/// How many bytes of content the head of a request announces by Content-Length; 0
/// where it announces none, or by other means.
pub fn announced_length(head: &[u8]) -> usize {
    match framed(head) {
        Some(RequestEnd::Length(length)) => length,
        Some(RequestEnd::Chunked) | None => 0,
    }
}

/// What ends the content of a request.
pub(super) enum RequestEnd {
    /// A number of bytes.
    Length(usize),
    /// The last chunk.
    Chunked,
}

/// What the head says of its content; `None` where that is doubtful.
pub(super) fn framed(head: &[u8]) -> Option<RequestEnd> {
    let fields = fields(head);
    let codings = TransferCodings::of(&fields);
    let has_codings = codings.offset.is_some();
    match content_length(&fields) {
        ContentLength::Absent if has_codings => {
            let chunked = codings.codings.iter().filter(|coding| *coding == b"chunked").count();
            let ends = codings.is_chunked() && chunked == 1 && !codings.has_bad_syntax;
            ends.then_some(RequestEnd::Chunked)
        }
        ContentLength::Absent => Some(RequestEnd::Length(0)),
        // Of a length and a coding, servers differ on which counts.
        ContentLength::Valid { length, .. } if !has_codings && length != TOO_LARGE => {
            Some(RequestEnd::Length(usize::try_from(length).ok()?))
        }
        ContentLength::Valid { .. } | ContentLength::Invalid(_) | ContentLength::Conflict(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_end_where_their_framing_says() {
        for (bytes, expected) in [
            ("GET / HTTP/1.1\r\n\r\nGET /b HTTP/1.1\n\n", &[18, 35][..]),
            ("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n\r\n", &[41, 59]),
            ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\nrest", &[58]),
            ("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc", &[]),
            ("POST / HTTP/1.1\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n", &[]),
            ("POST / HTTP/1.1\r\nContent-Length : 3\r\n\r\nabcGET / HTTP/1.1\r\n\r\n", &[42, 60]),
            ("POST / HTTP/1.1\r\nContent-Length:\r\n 3\r\n\r\nabc", &[43]),
            ("POST / HTTP/1.1\r\nContent-Length: 3, 3\r\n\r\nabc", &[44]),
            ("POST / HTTP/1.1\r\nContent-Length: 3, 4\r\n\r\nabc", &[]),
            ("POST / HTTP/1.1\r\nContent-Length:\r\n\r\n", &[]),
            ("POST / HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n\r\n", &[]),
            ("P / HTTP/1.1\r\nTransfer-Encoding:\r\n\tgzip, Chunked\r\n\r\n0\r\n\r\n", &[57]),
            ("P / HTTP/1.1\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", &[]),
            ("P / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", &[]),
            ("P / HTTP/1.1\r\nTransfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n", &[]),
            ("\r\n\nGET / HTTP/1.1\nX: y\n\r\n", &[25]),
            ("GET / HTTP/1.1\r\nX: y", &[]),
            ("", &[]),
        ] {
            assert_eq!(ends(bytes.as_bytes()), expected, "{bytes}");
        }
    }

    #[test]
    fn only_what_is_left_over_can_be_another_request() {
        let head = b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n";
        assert!(!may_be_followed(head, head.len() as u64 + 3));
        assert!(may_be_followed(head, head.len() as u64 + 4));
    }
}
