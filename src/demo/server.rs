//! The listening socket, the threads behind it, and the life of a connection.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime};

use super::page::Then;
use super::pages::{self, FoundPage};
use super::receive::{self, ReceiveProblem};
use super::request::{ReceivedRequest, RequestError};
use super::response::{HeadOnly, ResponseWriter};
use super::websocket;

/// Connections served at once; the one client rarely has more than two.
const WORKERS: usize = 16;

/// How long a client may be silent before its connection is closed.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a client may let a page wait: it may be a person with a pager.
const WRITE_TIMEOUT: Duration = Duration::from_secs(600);

/// How long, and for how many bytes, a closed connection is listened to.
const LINGER_TIMEOUT: Duration = Duration::from_secs(2);
const LINGER_BYTES: u64 = 1024 * 1024;

/// How long a worker waits after an accept that failed, for lack of
/// descriptors say, so as not to spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Starts the site on a free port of the loopback interface, IPv4's or else
/// IPv6's, and gives its address. It serves until the process ends.
pub(crate) fn serve() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .or_else(|_| TcpListener::bind((Ipv6Addr::LOCALHOST, 0)))?;
    let address = listener.local_addr()?;
    let listener = Arc::new(listener);
    for worker in 0..WORKERS {
        let listener = Arc::clone(&listener);
        let started = thread::Builder::new().name(format!("demo {worker}")).spawn(move || work(&listener));
        // Fewer will do, but there has to be one.
        match started {
            Err(error) if worker == 0 => return Err(error),
            Err(_) => break,
            Ok(_) => {}
        }
    }
    Ok(address)
}

fn work(listener: &TcpListener) {
    loop {
        match listener.accept() {
            // Whatever goes wrong on a connection is over with it.
            Ok((stream, _)) => drop(converse(&stream)),
            Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
            Err(_) => thread::sleep(ACCEPT_PAUSE),
        }
    }
}

/// Answers requests until one of the two sides has had enough.
fn converse(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(READ_TIMEOUT))?;
    stream.set_write_timeout(Some(WRITE_TIMEOUT))?;
    loop {
        match exchange(stream) {
            Ok(Then::AsAsked) => {}
            Ok(Then::Close) => return linger(stream),
            Ok(Then::Reset) => return Ok(()),
            Ok(Then::Talk) => {
                websocket::talk(stream)?;
                return linger(stream);
            }
            Err(ReceiveProblem::Lost) => return Ok(()),
            Err(ReceiveProblem::Refused(refusal)) => {
                refuse(stream, refusal)?;
                return linger(stream);
            }
        }
    }
}

/// One request and its response; gives what becomes of the connection.
fn exchange(mut stream: &TcpStream) -> Result<Then, ReceiveProblem> {
    let Some((mut request, unread)) = receive::head(stream)? else {
        return Ok(Then::Close);
    };
    let found = pages::find(request.path());
    let then = found.as_ref().map_or(Then::AsAsked, |found| found.page.then);
    if then != Then::Reset {
        receive::skip(stream, unread)?;
        if request.expects_continue() {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        receive::body(stream, &mut request)?;
    }
    // With the last line of the request unread, closing is resetting
    // (RFC 9293 §3.6.1): all that std offers for the purpose.
    let whole = answer(&request, found.as_ref(), stream).is_ok();
    Ok(match then {
        Then::Talk if whole && websocket::key(&request).is_some() => Then::Talk,
        Then::Talk if whole && request.persists() => Then::AsAsked,
        Then::Talk => Then::Close,
        Then::AsAsked if !whole || !request.persists() => Then::Close,
        then => then,
    })
}

/// Writes the page, or as much of it as a HEAD gets.
fn answer(request: &ReceivedRequest, found: Option<&FoundPage>, mut out: &TcpStream) -> io::Result<()> {
    let write = |out: &mut dyn Write| match found {
        Some(found) => found.answer(request, out),
        None => pages::not_found(request, out),
    };
    if request.method() != b"HEAD" {
        return write(&mut out);
    }
    let mut head_only = HeadOnly::new(&mut out);
    match write(&mut head_only) {
        Err(_) if head_only.is_done() => Ok(()),
        result => result,
    }
}

fn refuse(mut out: &TcpStream, refusal: RequestError) -> io::Result<()> {
    // Nothing is known of the request but that it is no good.
    let unknown = ReceivedRequest::new(Vec::new(), SystemTime::now());
    let text = format!("{}\n", refusal.reason);
    ResponseWriter::text(refusal.status).send(&unknown, &mut out, text.as_bytes())
}

/// Closes, but first reads what still comes: a socket closed with bytes unread
/// is reset, and the reset may overtake the response (RFC 9112 §9.6).
fn linger(stream: &TcpStream) -> io::Result<()> {
    stream.shutdown(Shutdown::Write)?;
    stream.set_read_timeout(Some(LINGER_TIMEOUT))?;
    io::copy(&mut stream.take(LINGER_BYTES), &mut io::sink())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::OnceLock;

    /// What the tests read of a page at most: more than the longest but the endless ones.
    const ENOUGH: u64 = 64 * 1024;

    /// A connection to the one site that all tests share.
    fn connect() -> TcpStream {
        static SITE: OnceLock<SocketAddr> = OnceLock::new();
        let stream = TcpStream::connect(SITE.get_or_init(|| serve().unwrap())).unwrap();
        // Not a limit on anything tested: a hang should become a failure.
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream
    }

    /// What comes back for `sent`, up to `limit` bytes, the end or a reset.
    fn fetch(sent: &str, limit: u64) -> Vec<u8> {
        let mut stream = connect();
        stream.write_all(sent.as_bytes()).unwrap();
        let mut received = Vec::new();
        match stream.take(limit).read_to_end(&mut received) {
            Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("{error}: {sent}"),
            _ => received,
        }
    }

    #[test]
    fn every_page_answers_and_ends() {
        for page in pages::all() {
            let slow = page.path == "/slow";
            let request = format!("GET {} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", page.path);
            let received = fetch(&request, if slow { 1 } else { ENOUGH });
            // Where a reset overtakes what was sent before it, nothing is left.
            let nothing = page.path == "/empty" || page.then == Then::Reset;
            assert!(nothing || !received.is_empty(), "{}", page.path);
        }
    }

    #[test]
    fn every_page_answers_head_without_a_body() {
        for page in pages::all() {
            let request = format!("HEAD {} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", page.path);
            let received = fetch(&request, ENOUGH);
            // A broken page need not have a head, nor one that ends.
            if matches!(page.then, Then::AsAsked | Then::Talk) {
                let text = String::from_utf8(received).unwrap();
                assert!(text.starts_with("HTTP/1.1 "), "{}", page.path);
                assert!(text.contains("\r\nConnection: close\r\n"), "{}", page.path);
                assert!(text.ends_with("\r\n\r\n"), "{}", page.path);
            }
        }
    }

    #[test]
    fn a_connection_persists_until_told_otherwise() {
        let body = "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n";
        let requests = format!(
            "HEAD /plain HTTP/1.1\r\n\r\n{body}GET /nothing HTTP/1.1\r\nConnection: close\r\n\r\nGET / HTTP/1.1\r\n\r\n"
        );
        let text = String::from_utf8(fetch(&requests, ENOUGH)).unwrap();
        let statuses: Vec<_> = text.lines().filter(|line| line.starts_with("HTTP/1.1 ")).collect();
        assert_eq!(statuses, ["HTTP/1.1 200 OK", "HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found"]);
        assert!(text.contains(body));
    }

    #[test]
    fn an_expected_continue_comes_before_the_body_is_sent() {
        let mut stream = connect();
        stream
            .write_all(b"PUT /echo HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n")
            .unwrap();
        let mut interim = [0; 25];
        stream.read_exact(&mut interim).unwrap();
        assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
        stream.write_all(b"ok").unwrap();
        let mut rest = String::new();
        stream.read_to_string(&mut rest).unwrap();
        assert!(rest.starts_with("HTTP/1.1 200 OK\r\n") && rest.ends_with("\r\n\r\nok"));
    }

    #[test]
    fn a_bad_request_is_told_why() {
        let text = String::from_utf8(fetch("PUT / HTTP/1.1\r\nContent-Length: x\r\n\r\n", ENOUGH)).unwrap();
        assert!(text.starts_with("HTTP/1.1 400 Bad Request\r\n"));
        assert!(text.ends_with("\r\n\r\nThe Content-Length is not a number.\n"));
    }
}
