//! Pages that are broken on purpose, each in one way. A good client says what
//! is wrong with them, and never takes them for whole.

use std::io::{self, Write};

use super::page::{Page, Then};
use super::request::ReceivedRequest;
use super::response::{ResponseWriter, TEXT};

pub(super) const PAGES: &[Page] = &[
    Page::new("/cut", cut).then(Then::Close),
    Page::new("/cut/chunked", cut_chunked).then(Then::Close),
    Page::new("/cut/head", cut_head).then(Then::Close),
    Page::new("/reset", reset).then(Then::Reset),
    Page::new("/empty", empty).then(Then::Close),
    Page::new("/conflict", conflict).then(Then::Close),
    Page::new("/smuggled", smuggled).then(Then::Close),
    Page::new("/stray", stray).then(Then::Close),
    Page::new("/badchunk", badchunk).then(Then::Close),
    Page::new("/badhead", badhead).then(Then::Close),
    Page::new("/escape", escape).then(Then::Close),
    Page::new("/not-http", not_http).then(Then::Close),
    Page::new("/http0.9", http09).then(Then::Close),
];

/// Writes a head with one more field line, then a body as it is.
fn send_raw(
    request: &ReceivedRequest,
    out: &mut dyn Write,
    (name, value): (&str, &str),
    body: &[u8],
) -> io::Result<()> {
    let mut message = ResponseWriter::text(200).field(name, value).head(request);
    message.extend_from_slice(body);
    out.write_all(&message)
}

fn cut(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    let body = b"A thousand bytes were promised, but the connection ends he";
    send_raw(request, out, ("Content-Length", "1000"), body)
}

fn cut_chunked(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    let body = b"18\r\nThe first chunk is whole\r\n64\r\n, the second is n";
    send_raw(request, out, ("Transfer-Encoding", "chunked"), body)
}

fn cut_head(_: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Le")
}

fn reset(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    let body = b"The connection is not closed now, but rese";
    send_raw(request, out, ("Content-Length", "1000"), body)
}

fn empty(_: &ReceivedRequest, _: &mut dyn Write) -> io::Result<()> {
    Ok(())
}

/// The first length ends the body at its first line, the second at its last.
fn conflict(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    let (first, rest) = ("Some readers stop here.\n", "Others read this line as well.\n");
    let mut message = ResponseWriter::text(200)
        .field("Content-Length", &first.len().to_string())
        .field("Content-Length", &(first.len() + rest.len()).to_string())
        .head(request);
    message.extend_from_slice(first.as_bytes());
    message.extend_from_slice(rest.as_bytes());
    out.write_all(&message)
}

/// Who goes by Transfer-Encoding, as RFC 9112 §6.3 has it, finds one chunk and
/// then a second response on the connection, that was not requested; who goes
/// by Content-Length finds a body with all of that in it. Between two such
/// readers, say a proxy and a browser, the second response is smuggled.
fn smuggled(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    let visible = "You go by Transfer-Encoding, and this is all of the body.\n";
    let hidden = "This is the answer to a request that you have not made yet.\n";
    let body = format!(
        "{:x}\r\n{visible}\r\n0\r\n\r\n\
        HTTP/1.1 200 OK\r\nContent-Type: {TEXT}\r\nContent-Length: {}\r\n\r\n{hidden}",
        visible.len(),
        hidden.len(),
    );
    let mut message = ResponseWriter::text(200)
        .field("Content-Length", &body.len().to_string())
        .field("Transfer-Encoding", "chunked")
        .head(request);
    message.extend_from_slice(body.as_bytes());
    out.write_all(&message)
}

fn stray(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    let body = "The body ends with this line.\n";
    let message = format!("{body}These bytes belong to nothing.\n");
    send_raw(request, out, ("Content-Length", &body.len().to_string()), message.as_bytes())
}

fn badchunk(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    let body = b"11\r\nA good chunk, and\r\nseventeen\r\nthen a bad one.\n\r\n0\r\n\r\n";
    send_raw(request, out, ("Transfer-Encoding", "chunked"), body)
}

fn badhead(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    let body = "The head is ill, the body is well.\n";
    let mut message =
        ResponseWriter::text(200).field("Content-Length", &body.len().to_string()).head(request);
    // The faulty lines stand before the empty line that ends the head.
    message.truncate(message.len().saturating_sub(b"\r\n".len()));
    message.extend_from_slice(
        b"X-Bare-LF: this line has no CR\n\
        X-Space : before the colon\r\n\
        X-Folded: one value\r\n  on two lines\r\n\
        a line without a colon\r\n\
        X-Nul: a \0 byte\r\n\r\n",
    );
    message.extend_from_slice(body.as_bytes());
    out.write_all(&message)
}

/// Sequences that colour, move back and retitle; none does harm where a client
/// lets them through.
fn escape(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    let body = "If one of these lines is coloured or gone, or the window has a new title,\n\
        your client lets a server drive your terminal.\n\
        \u{1b}[31mred\u{1b}[0m\n\
        \u{9b}32mgreen, by a C1 control\u{9b}0m\n\
        gone\r\u{1b}[K\n\
        \u{1b}]0;a title from the server\u{7}title\n\
        \u{1b}]8;;http://127.0.0.1/\u{1b}\\link\u{1b}]8;;\u{1b}\\\n\
        \u{202e}sdrawkcab\u{202c}\n\
        \u{7f}\u{8}\n";
    let mut message = ResponseWriter::text(200)
        .reason("\u{1b}[1mOK\u{1b}[0m")
        .field("X-Title", "\u{1b}]0;a title from the head\u{7}")
        .field("Content-Length", &body.len().to_string())
        .head(request);
    message.extend_from_slice(body.as_bytes());
    out.write_all(&message)
}

fn not_http(_: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"SSH-2.0-rawget_demo\r\n")
}

fn http09(_: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    out.write_all("In the days of HTTP/0.9 there was no head. 没有头部。\n".as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    fn answer(page: fn(&ReceivedRequest, &mut dyn Write) -> io::Result<()>) -> (String, String) {
        let request = ReceivedRequest::new(b"GET / HTTP/1.1\r\n\r\n".to_vec(), UNIX_EPOCH);
        let mut out = Vec::new();
        page(&request, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        (format!("{head}\r\n"), body.to_owned())
    }

    fn content_lengths(head: &str) -> Vec<usize> {
        head.split("\r\n")
            .filter_map(|line| line.strip_prefix("Content-Length: "))
            .map(|length| length.parse().unwrap())
            .collect()
    }

    #[test]
    fn what_is_cut_is_shorter_than_promised() {
        for page in [cut, reset] {
            let (head, body) = answer(page);
            assert!(body.len() < content_lengths(&head)[0]);
        }
        let (_, body) = answer(cut_chunked);
        let rest = body.strip_prefix("18\r\nThe first chunk is whole\r\n64\r\n").unwrap();
        assert!(rest.len() < 0x64);
    }

    #[test]
    fn conflicting_lengths_both_end_at_a_line() {
        let (head, body) = answer(conflict);
        let lengths = content_lengths(&head);
        assert_eq!(lengths.len(), 2);
        assert!(body[..lengths[0]].ends_with("here.\n"));
        assert_eq!(lengths[1], body.len());
    }

    #[test]
    fn the_smuggled_response_is_inside_one_reading_and_after_the_other() {
        let (head, body) = answer(smuggled);
        assert!(head.contains("\r\nTransfer-Encoding: chunked\r\n"));
        assert_eq!(content_lengths(&head), [body.len()]);
        let (size, rest) = body.split_once("\r\n").unwrap();
        let rest = &rest[usize::from_str_radix(size, 16).unwrap()..];
        let second = rest.strip_prefix("\r\n0\r\n\r\n").unwrap();
        let (head, body) = second.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"));
        assert_eq!(content_lengths(head), [body.len()]);
    }

    #[test]
    fn stray_bytes_come_after_the_length() {
        let (head, body) = answer(stray);
        assert_eq!(&body[content_lengths(&head)[0]..], "These bytes belong to nothing.\n");
    }

    #[test]
    fn only_the_second_chunk_size_is_bad() {
        let (_, body) = answer(badchunk);
        assert_eq!("A good chunk, and".len(), 0x11);
        assert!(body.starts_with("11\r\nA good chunk, and\r\nseventeen\r\n"));
    }

    #[test]
    fn the_bad_head_has_its_five_faults_and_a_whole_body() {
        let (head, body) = answer(badhead);
        for fault in ["no CR\nX", "X-Space :", "value\r\n  on", "\r\na line without a colon\r\n", "\0"] {
            assert!(head.contains(fault), "{fault:?}");
        }
        assert_eq!(content_lengths(&head), [body.len()]);
    }

    #[test]
    fn terminal_sequences_stand_in_head_and_body() {
        let (head, body) = answer(escape);
        assert!(head.starts_with("HTTP/1.1 200 \u{1b}[1mOK\u{1b}[0m\r\n"));
        assert!(body.contains('\u{1b}') && body.contains('\u{9b}') && body.contains('\u{202e}'));
        assert_eq!(content_lengths(&head), [body.len()]);
    }
}
