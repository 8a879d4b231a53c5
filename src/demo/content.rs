//! Pages about what a body may be: text, JSON, an image, something packed,
//! something large, and the request itself.

use std::io::{self, Write};

use super::packed;
use super::page::Page;
use super::request::ReceivedRequest;
use super::response::{ResponseWriter, send_text};

pub(super) const PAGES: &[Page] = &[
    Page::new("/plain", plain),
    Page::new("/json", json),
    Page::new("/image", image),
    Page::new("/gzip", gzip),
    Page::new("/download", download),
    Page::numbered("/big/16", big),
    Page::new("/echo", echo),
];

fn plain(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    send_text(request, out, "Hello, world! 你好，世界！\n")
}

fn json(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    let text = "{\n  \"hello\": \"世界\",\n  \"list\": [1, 2.5, true, null]\n}\n";
    ResponseWriter::ok("application/json").send(request, out, text.as_bytes())
}

fn image(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    ResponseWriter::ok("image/png").send(request, out, &packed::png())
}

fn gzip(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    let text = "This text came as gzip, requested or not. 这段文字来时是 gzip。\n";
    ResponseWriter::text(200).field("Content-Encoding", "gzip").field("Vary", "Accept-Encoding").send(
        request,
        out,
        &packed::gzip(text.as_bytes()),
    )
}

fn download(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    let text = "A report, to be saved as report.txt.\n";
    ResponseWriter::text(200).field("Content-Disposition", "attachment; filename=\"report.txt\"").send(
        request,
        out,
        text.as_bytes(),
    )
}

/// The most that `/big/N` gives: a TiB, which no length overflows at.
const MOST_MEBIBYTES: u64 = 1 << 20;

fn big(request: &ReceivedRequest, out: &mut dyn Write, mebibytes: u64) -> io::Result<()> {
    const LINE: &[u8; 64] = b"The quick brown fox jumps over the lazy dogs: sixty-four bytes.\n";
    if mebibytes > MOST_MEBIBYTES {
        let text = "That is too much: 1048576 MiB is the most.\n";
        return ResponseWriter::text(404).send(request, out, text.as_bytes());
    }
    let block = LINE.repeat(1024);
    let length = (mebibytes << 20).to_string();
    let head = ResponseWriter::text(200).field("Content-Length", &length).head(request);
    out.write_all(&head)?;
    for _ in 0..mebibytes << 4 {
        out.write_all(&block)?;
    }
    Ok(())
}

/// No charset is declared, because the bytes are whatever the client sent.
fn echo(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    ResponseWriter::ok("text/plain").send(request, out, request.bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    fn get() -> ReceivedRequest {
        ReceivedRequest::new(b"GET / HTTP/1.1\r\nX:  1\r\n\r\n".to_vec(), UNIX_EPOCH)
    }

    fn body(page: fn(&ReceivedRequest, &mut dyn Write) -> io::Result<()>) -> Vec<u8> {
        let mut out = Vec::new();
        page(&get(), &mut out).unwrap();
        let end = out.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        out.split_off(end + 4)
    }

    #[test]
    fn binary_pages_begin_with_their_signatures() {
        assert!(body(image).starts_with(b"\x89PNG\r\n\x1a\n"));
        assert!(body(gzip).starts_with(b"\x1f\x8b\x08"));
    }

    #[test]
    fn the_echo_is_the_request_itself() {
        assert_eq!(body(echo), get().bytes());
    }

    #[test]
    fn a_big_page_has_the_length_it_announces() {
        let mut out = Vec::new();
        big(&get(), &mut out, 2).unwrap();
        let text = String::from_utf8(out).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("\r\nContent-Length: 2097152"));
        assert_eq!(body.len(), 2_097_152);

        let mut out = Vec::new();
        big(&get(), &mut out, u64::MAX).unwrap();
        assert!(out.starts_with(b"HTTP/1.1 404 "));
    }
}
