//! Reads a request from a socket, and not one byte more.
//!
//! Each line is peeked at before it is taken, so that what follows a request
//! stays where it is: no buffer has to be carried from one request to the
//! next, and the page that resets its connection can leave a byte unread.

use std::io::{self, ErrorKind, Read};
use std::net::TcpStream;
use std::time::SystemTime;

use super::request::{BodyFraming, ReceivedRequest, RequestError};

/// The largest head: far above what browsers send, small enough for sixteen at once.
const HEAD_LIMIT: usize = 64 * 1024;

/// The largest body: it is kept in memory, because `/echo` gives it back whole.
const BODY_LIMIT: usize = 4 * 1024 * 1024;

const HEAD_TOO_LARGE: RequestError =
    RequestError { status: 431, reason: "The head of the request is over 64 KiB." };
const BODY_TOO_LARGE: RequestError =
    RequestError { status: 413, reason: "The body of the request is over 4 MiB." };
const CUT_SHORT: RequestError = RequestError::bad_request("The request ends before its end.");
const BAD_CHUNK: RequestError = RequestError::bad_request("The chunked body of the request is malformed.");

/// Why there is no request.
#[derive(Debug)]
pub(super) enum ReceiveProblem {
    /// It came, and has to be refused.
    Refused(RequestError),
    /// The connection broke or fell silent: no response is awaited.
    Lost,
}

impl From<io::Error> for ReceiveProblem {
    fn from(_: io::Error) -> Self {
        Self::Lost
    }
}

impl From<RequestError> for ReceiveProblem {
    fn from(refusal: RequestError) -> Self {
        Self::Refused(refusal)
    }
}

/// Reads a head, and gives with it how many of its last bytes are still to be
/// taken from the socket by [`skip`]: one at least. None if the client closed instead.
pub(super) fn head(stream: &TcpStream) -> Result<Option<(ReceivedRequest, usize)>, ReceiveProblem> {
    let mut bytes = Vec::new();
    let mut begun = false;
    loop {
        let start = bytes.len();
        let limit = SizeLimit { total: HEAD_LIMIT, excess: HEAD_TOO_LARGE };
        let Some(unread) = peek_line(stream, &mut bytes, &limit)? else {
            return if bytes.is_empty() { Ok(None) } else { Err(CUT_SHORT.into()) };
        };
        let blank = is_blank(&bytes[start..]);
        if blank && begun {
            return Ok(Some((ReceivedRequest::new(bytes, SystemTime::now()), unread)));
        }
        begun |= !blank;
        skip(stream, unread)?;
    }
}

/// Reads the body that belongs to a head, and appends it as it came.
pub(super) fn body(stream: &TcpStream, request: &mut ReceivedRequest) -> Result<(), ReceiveProblem> {
    let framing = request.body_framing()?;
    let bytes = request.bytes_mut();
    let limit = SizeLimit { total: bytes.len() + BODY_LIMIT, excess: BODY_TOO_LARGE };
    match framing {
        BodyFraming::None => Ok(()),
        BodyFraming::Length(length) => read_exactly(stream, bytes, length, &limit),
        BodyFraming::Chunked => chunked(stream, bytes, &limit),
    }
}

/// Takes `length` bytes from the socket: those that were peeked at.
pub(super) fn skip(stream: &TcpStream, length: usize) -> io::Result<()> {
    io::copy(&mut stream.take(length as u64), &mut io::sink())?;
    Ok(())
}

/// How long a buffer may become, and what to say when it would be longer.
struct SizeLimit {
    total: usize,
    excess: RequestError,
}

impl SizeLimit {
    fn check(&self, buffered: usize, more: usize) -> Result<(), ReceiveProblem> {
        match buffered.saturating_add(more) > self.total {
            true => Err(self.excess.into()),
            false => Ok(()),
        }
    }
}

/// RFC 9112 §7.1, kept as it came.
fn chunked(stream: &TcpStream, bytes: &mut Vec<u8>, limit: &SizeLimit) -> Result<(), ReceiveProblem> {
    loop {
        let start = bytes.len();
        read_line(stream, bytes, limit)?;
        match chunk_size(&bytes[start..]).ok_or(BAD_CHUNK)? {
            0 => break,
            size => read_exactly(stream, bytes, size, limit)?,
        }
        let end = bytes.len();
        read_line(stream, bytes, limit)?;
        if !is_blank(&bytes[end..]) {
            return Err(BAD_CHUNK.into());
        }
    }
    loop {
        let start = bytes.len();
        read_line(stream, bytes, limit)?;
        if is_blank(&bytes[start..]) {
            return Ok(());
        }
    }
}

/// The number that begins a chunk-size line; no more digits than a `u32` has.
fn chunk_size(line: &[u8]) -> Option<usize> {
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let (digits, rest) = line.split_at_checked(digits)?;
    let ends_well = matches!(rest.first(), Some(b';' | b' ' | b'\t' | b'\r' | b'\n'));
    let digits = str::from_utf8(digits).ok().filter(|_| ends_well)?;
    u32::from_str_radix(digits, 16).ok()?.try_into().ok()
}

fn read_exactly(
    stream: &TcpStream,
    bytes: &mut Vec<u8>,
    length: usize,
    limit: &SizeLimit,
) -> Result<(), ReceiveProblem> {
    limit.check(bytes.len(), length)?;
    let read = stream.take(length as u64).read_to_end(bytes)?;
    if read < length { Err(CUT_SHORT.into()) } else { Ok(()) }
}

fn read_line(stream: &TcpStream, bytes: &mut Vec<u8>, limit: &SizeLimit) -> Result<(), ReceiveProblem> {
    let unread = peek_line(stream, bytes, limit)?.ok_or(CUT_SHORT)?;
    Ok(skip(stream, unread)?)
}

/// Appends a line, and gives how many of its bytes are still in the socket:
/// a line that comes in pieces has to be taken all but the last of them, else
/// the next peek would not wait. None at the end of the stream.
fn peek_line(
    stream: &TcpStream,
    bytes: &mut Vec<u8>,
    limit: &SizeLimit,
) -> Result<Option<usize>, ReceiveProblem> {
    let mut window = [0; 4096];
    loop {
        let seen = match stream.peek(&mut window) {
            Ok(0) => return Ok(None),
            Ok(length) => &window[..length],
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(_) => return Err(ReceiveProblem::Lost),
        };
        let line_end = seen.iter().position(|&byte| byte == b'\n');
        let piece = line_end.map_or(seen, |at| &seen[..=at]);
        limit.check(bytes.len(), piece.len())?;
        bytes.extend_from_slice(piece);
        if line_end.is_some() {
            return Ok(Some(piece.len()));
        }
        skip(stream, piece.len())?;
    }
}

fn is_blank(line: &[u8]) -> bool {
    matches!(line, b"\r\n" | b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::net::{Shutdown, TcpListener};

    /// What is received when `sent` comes in one piece, then the end.
    fn receive(sent: &[u8]) -> Result<Option<ReceivedRequest>, ReceiveProblem> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (server, _) = listener.accept().unwrap();
        let sent = sent.to_vec();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                // The receiver may have closed: what it said is what counts.
                let _ = client.write_all(&sent);
                let _ = client.shutdown(Shutdown::Write);
                let _ = client.read_to_end(&mut Vec::new());
            });
            // Moved here, so that it closes before the client is waited for.
            let server = server;
            let Some((mut request, unread)) = head(&server)? else {
                return Ok(None);
            };
            skip(&server, unread)?;
            body(&server, &mut request)?;
            Ok(Some(request))
        })
    }

    fn refused(sent: &[u8]) -> u16 {
        match receive(sent) {
            Err(ReceiveProblem::Refused(refusal)) => refusal.status,
            Err(ReceiveProblem::Lost) => 0,
            Ok(_) => 200,
        }
    }

    #[test]
    fn a_request_is_kept_to_the_byte_and_not_beyond() {
        for request in [
            "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\nA: b\n\n",
            "\r\nPOST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: 1\r\n\r\n",
        ] {
            let received = receive(format!("{request}GET /next").as_bytes()).unwrap().unwrap();
            assert_eq!(String::from_utf8_lossy(received.bytes()), request);
        }
        assert!(receive(b"").unwrap().is_none());
    }

    #[test]
    fn what_has_no_good_end_is_refused() {
        assert_eq!(refused(b"GET / HT"), 400);
        assert_eq!(refused(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc"), 400);
        let coded = |body: &str| {
            refused(format!("P / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{body}").as_bytes())
        };
        assert_eq!(coded("x\r\n"), 400);
        assert_eq!(coded("123456789\r\n"), 400);
        assert_eq!(coded("+1\r\na\r\n0\r\n\r\n"), 400);
        assert_eq!(coded("1\r\nabc\r\n0\r\n\r\n"), 400);
        assert_eq!(coded("1\r\na\r\n0\r\n"), 400);
        assert_eq!(coded("ffffffff\r\n"), 413);
        assert_eq!(refused(b"P / HTTP/1.1\r\nContent-Length: 4194305\r\n\r\n"), 413);
        assert_eq!(refused(&vec![b'a'; HEAD_LIMIT + 1]), 431);
        assert_eq!(refused("a\r\n".repeat(HEAD_LIMIT / 2).as_bytes()), 431);
    }
}
