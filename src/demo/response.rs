//! Builds responses: the status line, the fields that every response has, and
//! content of known length or in chunks.

use std::io::{self, Write};

use super::date::imf_fixdate;
use super::request::ReceivedRequest;

/// The media type of most pages.
pub(super) const TEXT: &str = "text/plain; charset=utf-8";

const REASON_PHRASES: [(u16, &str); 34] = [
    (100, "Continue"),
    (101, "Switching Protocols"),
    (103, "Early Hints"),
    (200, "OK"),
    (201, "Created"),
    (202, "Accepted"),
    (204, "No Content"),
    (205, "Reset Content"),
    (206, "Partial Content"),
    (301, "Moved Permanently"),
    (302, "Found"),
    (303, "See Other"),
    (304, "Not Modified"),
    (307, "Temporary Redirect"),
    (308, "Permanent Redirect"),
    (400, "Bad Request"),
    (401, "Unauthorized"),
    (403, "Forbidden"),
    (404, "Not Found"),
    (405, "Method Not Allowed"),
    (406, "Not Acceptable"),
    (407, "Proxy Authentication Required"),
    (409, "Conflict"),
    (410, "Gone"),
    (412, "Precondition Failed"),
    (413, "Content Too Large"),
    (416, "Range Not Satisfiable"),
    (422, "Unprocessable Content"),
    (429, "Too Many Requests"),
    (431, "Request Header Fields Too Large"),
    (500, "Internal Server Error"),
    (501, "Not Implemented"),
    (502, "Bad Gateway"),
    (503, "Service Unavailable"),
];

/// A head in the making: a status and field lines.
pub(super) struct ResponseWriter {
    status: u16,
    reason: String,
    field_lines: String,
}

impl ResponseWriter {
    pub(super) fn new(status: u16) -> Self {
        let known = REASON_PHRASES.iter().find(|(code, _)| *code == status);
        Self { status, reason: known.map_or("", |(_, phrase)| phrase).to_owned(), field_lines: String::new() }
    }

    /// A 200 of this media type.
    pub(super) fn ok(content_type: &str) -> Self {
        Self::new(200).field("Content-Type", content_type)
    }

    /// A plain text with this status.
    pub(super) fn text(status: u16) -> Self {
        Self::new(status).field("Content-Type", TEXT)
    }

    /// Another reason phrase than the usual one.
    pub(super) fn reason(mut self, phrase: &str) -> Self {
        phrase.clone_into(&mut self.reason);
        self
    }

    /// Adds a field line. Whatever goes into `value` is ours: nothing here
    /// guards against line ends in it.
    pub(super) fn field(mut self, name: &str, value: &str) -> Self {
        self.field_lines.extend([name, ": ", value, "\r\n"]);
        self
    }

    /// The whole head, the empty line included, and no field about the body's length.
    pub(super) fn head(&self, request: &ReceivedRequest) -> Vec<u8> {
        let close = if request.persists() { "" } else { "Connection: close\r\n" };
        format!(
            "HTTP/1.1 {} {}\r\nServer: rawget-demo\r\nDate: {}\r\n{}{close}\r\n",
            self.status,
            self.reason,
            imf_fixdate(request.received()),
            self.field_lines,
        )
        .into_bytes()
    }

    /// Sends the head and `content`, with its Content-Length; a status that
    /// allows no content (RFC 9110 §6.4.1) goes without both.
    pub(super) fn send(
        self,
        request: &ReceivedRequest,
        out: &mut dyn Write,
        content: &[u8],
    ) -> io::Result<()> {
        if matches!(self.status, 100..=199 | 204 | 304) {
            return out.write_all(&self.head(request));
        }
        let length = content.len().to_string();
        let mut message = self.field("Content-Length", &length).head(request);
        message.extend_from_slice(content);
        out.write_all(&message)
    }

    /// Sends the head, and gives the writer of a chunked body. HTTP/1.0 knows
    /// no chunks (RFC 9112 §7.1): there the body goes bare, ended by the close.
    pub(super) fn send_chunks<'out>(
        self,
        request: &ReceivedRequest,
        out: &'out mut dyn Write,
    ) -> io::Result<ChunkWriter<'out>> {
        let coded = request.is_http11();
        let response = if coded { self.field("Transfer-Encoding", "chunked") } else { self };
        out.write_all(&response.head(request))?;
        Ok(ChunkWriter { out, coded })
    }
}

/// Writes the chunks of a body (RFC 9112 §7.1), each at once.
pub(super) struct ChunkWriter<'out> {
    out: &'out mut dyn Write,
    coded: bool,
}

impl ChunkWriter<'_> {
    pub(super) fn send(&mut self, data: &[u8]) -> io::Result<()> {
        self.send_extended("", data)
    }

    /// Sends a chunk with extensions, as in `;name=value`.
    pub(super) fn send_extended(&mut self, extensions: &str, data: &[u8]) -> io::Result<()> {
        if !self.coded {
            return self.out.write_all(data);
        }
        let mut chunk = format!("{:x}{extensions}\r\n", data.len()).into_bytes();
        chunk.extend_from_slice(data);
        chunk.extend_from_slice(b"\r\n");
        self.out.write_all(&chunk)
    }

    pub(super) fn end(self) -> io::Result<()> {
        self.end_with("")
    }

    /// Sends the last chunk and these trailer lines.
    pub(super) fn end_with(self, trailers: &str) -> io::Result<()> {
        if !self.coded {
            return Ok(());
        }
        write!(self.out, "0\r\n{trailers}\r\n")
    }
}

/// Sends a short text with status 200.
pub(super) fn send_text(request: &ReceivedRequest, out: &mut dyn Write, text: &str) -> io::Result<()> {
    ResponseWriter::text(200).send(request, out, text.as_bytes())
}

/// Lets the head of the final response through and stops the writer after it,
/// so that no page has to know of HEAD (RFC 9110 §9.3.2).
pub(super) struct HeadOnly<'out> {
    out: &'out mut dyn Write,
    /// The first bytes of the head's first line, and of no other.
    status_line: Vec<u8>,
    first_line: bool,
    /// Whether the current line has none but a CR so far.
    blank: bool,
    done: bool,
}

impl<'out> HeadOnly<'out> {
    pub(super) fn new(out: &'out mut dyn Write) -> Self {
        Self { out, status_line: Vec::new(), first_line: true, blank: true, done: false }
    }

    /// Whether the head has gone out, all of it.
    pub(super) fn is_done(&self) -> bool {
        self.done
    }

    fn step(&mut self, byte: u8) {
        match byte {
            b'\n' if self.blank => {
                let interim = self.status_line.starts_with(b"HTTP/1.1 1")
                    && !self.status_line.starts_with(b"HTTP/1.1 101");
                self.done = !interim;
                self.status_line.clear();
                self.first_line = true;
            }
            b'\n' => (self.blank, self.first_line) = (true, false),
            b'\r' => {}
            _ => self.blank = false,
        }
        if self.first_line && byte != b'\n' && self.status_line.len() < 12 {
            self.status_line.push(byte);
        }
    }
}

impl Write for HeadOnly<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.done {
            return Err(io::Error::other("the answer to HEAD has no content"));
        }
        let mut taken = 0;
        for &byte in bytes {
            self.step(byte);
            taken += 1;
            if self.done {
                break;
            }
        }
        self.out.write_all(&bytes[..taken])?;
        Ok(if self.done { bytes.len() } else { taken })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    fn request(line: &str) -> ReceivedRequest {
        ReceivedRequest::new(format!("{line}\r\n\r\n").into_bytes(), UNIX_EPOCH)
    }

    #[test]
    fn a_response_has_date_length_and_what_the_request_asks_of_the_connection() {
        let mut out = Vec::new();
        send_text(&request("GET / HTTP/1.0"), &mut out, "hi\n").unwrap();
        let expected = "HTTP/1.1 200 OK\r\nServer: rawget-demo\r\n\
            Date: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Type: text/plain; charset=utf-8\r\n\
            Content-Length: 3\r\nConnection: close\r\n\r\nhi\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn an_unknown_status_has_an_empty_reason_phrase() {
        let head = ResponseWriter::new(299).head(&request("GET / HTTP/1.1"));
        assert!(head.starts_with(b"HTTP/1.1 299 \r\n"));
    }

    #[test]
    fn http10_gets_no_chunks() {
        let send = |line: &str| {
            let mut out = Vec::new();
            let mut chunks = ResponseWriter::text(200).send_chunks(&request(line), &mut out).unwrap();
            chunks.send_extended(";a=b", b"hello").unwrap();
            chunks.end_with("T: 1\r\n").unwrap();
            String::from_utf8(out).unwrap()
        };
        assert!(send("GET / HTTP/1.1").ends_with("chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nT: 1\r\n\r\n"));
        assert!(send("GET / HTTP/1.0").ends_with("Connection: close\r\n\r\nhello"));
    }

    #[test]
    fn the_answer_to_head_ends_with_the_final_head_however_it_is_written() {
        for (message, head) in [
            ("HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody", "HTTP/1.1 200 OK\r\nA: b\r\n\r\n"),
            (
                "HTTP/1.1 103 E\r\nA: b\r\n\r\nHTTP/1.1 204 N\r\n\r\nx",
                "HTTP/1.1 103 E\r\nA: b\r\n\r\nHTTP/1.1 204 N\r\n\r\n",
            ),
            ("HTTP/1.1 101 S\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 101 S\r\n\r\n"),
            ("SSH-2.0\r\n", "SSH-2.0\r\n"),
        ] {
            for size in [1, 3, message.len()] {
                let mut out = Vec::new();
                let mut head_only = HeadOnly::new(&mut out);
                for piece in message.as_bytes().chunks(size) {
                    if head_only.write_all(piece).is_err() {
                        assert!(head_only.is_done());
                        break;
                    }
                }
                assert_eq!(String::from_utf8(out).unwrap(), head);
            }
        }
    }
}
