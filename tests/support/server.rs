//! A server on loopback that follows a script and remembers every byte it was sent.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::script::{After, Reply, Then};

/// How long a connection may stay silent before the server gives it up. The client is killed earlier.
const PATIENCE: Duration = Duration::from_secs(60);

/// What one connection brought.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    /// What came before each reply; what came after the last reply is at the end of the last.
    pub(crate) requests: Vec<Vec<u8>>,
    /// The size of each read.
    pub(crate) reads: Vec<usize>,
    /// Whether every reply was asked for.
    pub(crate) finished: bool,
}

/// Where a server listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listen {
    /// 127.0.0.1
    V4,
    /// ::1
    V6,
    /// 127.0.0.1, and the queue of connections is full: no further one is let in.
    Full,
}

/// How often the server looks whether there is something to do.
const TICK: Duration = Duration::from_millis(1);

/// A server at work.
pub(crate) struct Server {
    stop: Arc<AtomicBool>,
    acceptor: JoinHandle<Vec<JoinHandle<Record>>>,
}

impl Server {
    /// Listens; `script` is told the address, since replies may name it.
    pub(crate) fn start(
        listen: Listen,
        script: impl FnOnce(SocketAddr) -> Result<Vec<Vec<Reply>>, String>,
    ) -> Result<Self, String> {
        let ip = if listen == Listen::V6 { Ipv6Addr::LOCALHOST.into() } else { Ipv4Addr::LOCALHOST.into() };
        let listener = TcpListener::bind(SocketAddr::new(ip, 0)).map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let script = script(address)?;
        let stop = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&stop);
        let acceptor = if listen == Listen::Full {
            let queue = fill_queue(address);
            thread::spawn(move || hold(&listener, &queue, &seen))
        } else {
            listener.set_nonblocking(true).map_err(|error| error.to_string())?;
            thread::spawn(move || accept(&listener, script, &seen))
        };
        Ok(Self { stop, acceptor })
    }

    /// Ends the server and gives what its connections brought, in the order in which they came.
    /// The client must have ended: then all its connections stand in the queue.
    pub(crate) fn finish(self) -> Vec<Record> {
        self.stop.store(true, Ordering::SeqCst);
        let handlers = self.acceptor.join().expect("the acceptor does not panic");
        handlers.into_iter().map(|handler| handler.join().expect("a connection does not panic")).collect()
    }
}

/// Connects until nobody is let in any more.
fn fill_queue(address: SocketAddr) -> Vec<TcpStream> {
    let connect = || TcpStream::connect_timeout(&address, Duration::from_millis(300)).ok();
    std::iter::from_fn(connect).take(10_000).collect()
}

/// Keeps the queue full until the case is over.
fn hold(_: &TcpListener, _: &[TcpStream], stop: &AtomicBool) -> Vec<JoinHandle<Record>> {
    while !stop.load(Ordering::SeqCst) {
        thread::sleep(TICK);
    }
    Vec::new()
}

fn accept(listener: &TcpListener, script: Vec<Vec<Reply>>, stop: &AtomicBool) -> Vec<JoinHandle<Record>> {
    let mut script = script.into_iter();
    let mut handlers = Vec::new();
    loop {
        let stopping = stop.load(Ordering::SeqCst);
        if let Ok((stream, _)) = listener.accept() {
            let replies = script.next().unwrap_or_default();
            handlers.push(thread::spawn(move || serve(stream, &replies)));
        } else if stopping {
            return handlers;
        } else {
            thread::sleep(TICK);
        }
    }
}

/// Serves one connection by its script.
fn serve(stream: TcpStream, replies: &[Reply]) -> Record {
    let mut connection = Connection { stream, record: Record::default(), received: Vec::new(), ended: false };
    // A client may reset a connection that it has no more use for; what it sent before counts.
    let _ = connection.follow(replies);
    connection.record.finished = connection.record.requests.len() >= replies.len();
    let rest = std::mem::take(&mut connection.received);
    match connection.record.requests.last_mut() {
        Some(last) => last.extend(rest),
        None => connection.record.requests.push(rest),
    }
    connection.record
}

struct Connection {
    stream: TcpStream,
    record: Record,
    /// What has come since the last reply.
    received: Vec<u8>,
    /// Whether the client will send no more.
    ended: bool,
}

impl Connection {
    /// Waits and replies until the script ends or the client does.
    fn follow(&mut self, replies: &[Reply]) -> io::Result<()> {
        self.stream.set_nonblocking(false)?;
        self.stream.set_nodelay(true)?;
        self.stream.set_read_timeout(Some(PATIENCE))?;
        self.stream.set_write_timeout(Some(PATIENCE))?;
        for reply in replies {
            if reply.then == Then::Reset {
                return self.reply_and_reset(reply);
            }
            let Some(end) = self.wait(reply.after)? else {
                return Ok(());
            };
            let after = self.received.split_off(end);
            self.record.requests.push(std::mem::replace(&mut self.received, after));
            self.write(reply)?;
        }
        if replies.last().is_none_or(|last| last.then == Then::Close) {
            self.stream.shutdown(Shutdown::Write)?;
        }
        while !self.ended {
            self.read()?;
        }
        Ok(())
    }

    /// Reads until the reply is due; gives the length of the request, or nothing if the client left before it sent any.
    fn wait(&mut self, after: After) -> io::Result<Option<usize>> {
        loop {
            if let Some(end) = due(after, &self.received, self.ended) {
                return Ok(Some(end));
            }
            if self.ended {
                let length = self.received.len();
                return Ok(if length > 0 { Some(length) } else { None });
            }
            self.read()?;
        }
    }

    fn read(&mut self) -> io::Result<()> {
        let mut buffer = [0; 64 * 1024];
        let count = self.stream.read(&mut buffer)?;
        if count == 0 {
            self.ended = true;
        } else {
            self.record.reads.push(count);
            self.received.extend(&buffer[..count]);
        }
        Ok(())
    }

    fn write(&mut self, reply: &Reply) -> io::Result<()> {
        for piece in &reply.writes {
            self.stream.write_all(piece)?;
            thread::yield_now();
        }
        Ok(())
    }

    /// Resets without the means that std lacks (`SO_LINGER`): a socket that is closed with bytes unread is reset.
    fn reply_and_reset(&mut self, reply: &Reply) -> io::Result<()> {
        let mut buffer = vec![0; 1024 * 1024];
        loop {
            let count = self.stream.peek(&mut buffer)?;
            if count > 0 && (count == buffer.len() || due(reply.after, &buffer[..count], false).is_some()) {
                self.record.requests.push(buffer[..count].to_vec());
                return self.write(reply);
            }
            if count == 0 {
                return Ok(());
            }
            thread::sleep(TICK);
        }
    }
}

/// The length of what is received, once the reply to it is due.
fn due(after: After, received: &[u8], ended: bool) -> Option<usize> {
    match after {
        After::Request => request_length(received),
        After::Head => head_length(received),
        After::Eof => ended.then_some(received.len()),
        After::Bytes(count) => (received.len() >= count).then_some(count),
    }
}

/// The length of a head, up to and with its empty line.
fn head_length(received: &[u8]) -> Option<usize> {
    let find = |bytes: &[u8], end: &[u8]| {
        bytes.windows(end.len()).position(|window| window == end).map(|at| at + end.len())
    };
    // Content of any size follows: it is not searched each time that more of it has come.
    let crlf = find(received, b"\r\n\r\n");
    find(&received[..crlf.unwrap_or(received.len())], b"\n\n").or(crlf)
}

/// The length of a request, head and body; the body must be declared in the plainest way.
fn request_length(received: &[u8]) -> Option<usize> {
    let head = head_length(received)?;
    let text = String::from_utf8_lossy(&received[..head]).to_ascii_lowercase();
    let field = |name| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let body = &received[head..];
    if field("transfer-encoding:") == Some("chunked") {
        let end = b"\r\n0\r\n\r\n";
        let from_line_end = &received[head - 2..];
        return from_line_end
            .windows(end.len())
            .position(|window| window == end)
            .map(|at| head - 2 + at + end.len());
    }
    let length = field("content-length:").and_then(|length| length.parse().ok()).unwrap_or(0);
    (body.len() >= length).then_some(head + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(after: After, text: &str, then: Then) -> Reply {
        Reply { after, writes: vec![text.into()], then }
    }

    fn start(script: Vec<Vec<Reply>>) -> (Server, TcpStream) {
        let mut address = None;
        let server = Server::start(Listen::V4, |at| {
            address = Some(at);
            Ok(script)
        });
        (server.unwrap(), TcpStream::connect(address.unwrap()).unwrap())
    }

    #[test]
    fn requests_end_where_they_say() {
        let length = |text: &str| request_length(text.as_bytes());
        assert_eq!(length("GET / HTTP/1.1\r\n\r\nmore"), Some(18));
        assert_eq!(length("GET / HTTP/1.1\n\nmore"), Some(16));
        assert_eq!(length("POST / HTTP/1.1\r\n"), None);
        assert_eq!(length("P\r\nContent-Length: 3\r\n\r\nab"), None);
        assert_eq!(length("P\r\nContent-Length: 3\r\n\r\nabcd"), Some(27));
        assert_eq!(length("P\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n"), None);
        assert_eq!(length("P\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\nG"), Some(44));
    }

    #[test]
    fn a_connection_is_served_and_recorded() {
        let script =
            vec![reply(After::Request, "one", Then::Close), reply(After::Bytes(2), "two", Then::Close)];
        let (server, mut client) = start(vec![script]);
        client.write_all(b"GET /\r\n\r\nabrest").unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        assert_eq!(answer, "onetwo");
        let records = server.finish();
        assert_eq!(records.len(), 1);
        assert!(records[0].finished);
        assert_eq!(records[0].requests, [&b"GET /\r\n\r\n"[..], b"abrest"]);
        assert_eq!(records[0].reads.iter().sum::<usize>(), 15);
    }

    #[test]
    fn a_reset_follows_the_reply() {
        let (server, mut client) = start(vec![vec![reply(After::Request, "cut", Then::Reset)]]);
        client.write_all(b"GET /\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        let error = client.read_to_end(&mut answer).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
        assert_eq!(answer, b"cut");
        assert_eq!(server.finish()[0].requests, [b"GET /\r\n\r\n"]);
    }

    #[test]
    fn a_client_that_leaves_is_noticed() {
        let (server, client) = start(vec![vec![reply(After::Request, "one", Then::Close)]]);
        drop(client);
        let records = server.finish();
        assert!(!records[0].finished);
        assert_eq!(records[0].requests, [b""]);
    }
}
