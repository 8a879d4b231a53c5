//! Pages about how a body comes: in chunks, slowly, for ever.

use std::io::{self, Write};
use std::thread;
use std::time::Duration;

use super::page::Page;
use super::request::ReceivedRequest;
use super::response::ResponseWriter;

pub(super) const PAGES: &[Page] = &[
    Page::new("/chunked", chunked),
    Page::new("/trailers", trailers),
    Page::new("/slow", slow),
    Page::new("/endless", endless),
];

fn chunked(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    let mut chunks = ResponseWriter::text(200).send_chunks(request, out)?;
    chunks.send_extended(";first", b"A chunk may carry extensions,\n")?;
    chunks.send_extended(";name=value", "附在它的长度后面，\n".as_bytes())?;
    chunks.send_extended(";quoted=\"a; b\"", b"that nearly everybody ignores.\n")?;
    chunks.end()
}

fn trailers(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    let response = ResponseWriter::text(200).field("Trailer", "X-Lines, X-Verdict");
    let mut chunks = response.send_chunks(request, out)?;
    chunks.send(b"What is known only at the end\n")?;
    chunks.send(b"is told in the trailer section.\n")?;
    chunks.end_with("X-Lines: 2\r\nX-Verdict: whole\r\n")
}

const SLOW_LINES: u32 = 10;
const SLOW_PAUSE: Duration = Duration::from_millis(200);

fn slow(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    let mut chunks = ResponseWriter::text(200).send_chunks(request, out)?;
    for line in 1..=SLOW_LINES {
        thread::sleep(SLOW_PAUSE);
        chunks.send(format!("line {line} of {SLOW_LINES}\n").as_bytes())?;
    }
    chunks.end()
}

/// Ends when the client leaves and a write fails; until then the client's
/// reading sets the pace, because the socket's buffers fill up.
fn endless(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    let mut chunks = ResponseWriter::text(200).send_chunks(request, out)?;
    let mut line: u64 = 0;
    loop {
        let mut lines = String::new();
        for _ in 0..100 {
            line = line.wrapping_add(1);
            lines += &format!("line {line}, and there is more\n");
        }
        chunks.send(lines.as_bytes())?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    /// Takes some writes, then fails as the socket of a client that left.
    struct Leaves {
        taken: Vec<u8>,
        writes: usize,
    }

    impl Write for Leaves {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.writes = self.writes.checked_sub(1).ok_or(io::ErrorKind::BrokenPipe)?;
            self.taken.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn get() -> ReceivedRequest {
        ReceivedRequest::new(b"GET / HTTP/1.1\r\n\r\n".to_vec(), UNIX_EPOCH)
    }

    #[test]
    fn endless_lines_end_when_the_client_leaves() {
        let mut out = Leaves { taken: Vec::new(), writes: 3 };
        let error = endless(&get(), &mut out).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        let text = String::from_utf8(out.taken).unwrap();
        assert!(text.contains("line 1, ") && text.contains("line 200, "));
        assert!(!text.contains("line 201, "));
    }

    #[test]
    fn extensions_and_trailers_are_in_their_places() {
        let mut out = Vec::new();
        chunked(&get(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("\r\n\r\n1e;first\r\nA chunk"));
        assert!(text.ends_with("\r\n0\r\n\r\n"));

        let mut out = Vec::new();
        trailers(&get(), &mut out).unwrap();
        assert!(out.ends_with(b"\r\n0\r\nX-Lines: 2\r\nX-Verdict: whole\r\n\r\n"));
    }
}
