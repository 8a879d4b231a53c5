//! What a connection reads from and writes to, whatever lies below.

use std::io::{self, Cursor, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

/// A byte stream to a peer: TCP, or something wrapped around it.
pub(crate) trait Stream: Read + Write {
    /// The longest that a read may take; `None`: for ever.
    fn set_read_timeout(&self, limit: Option<Duration>) -> io::Result<()>;

    /// The longest that a write may take; `None`: for ever.
    fn set_write_timeout(&self, limit: Option<Duration>) -> io::Result<()>;

    /// Tells the peer that nothing more will be written.
    fn shutdown_write(&mut self) -> io::Result<()>;

    /// The socket itself, where its bytes are the stream's bytes.
    fn tcp(&self) -> Option<&TcpStream> {
        None
    }

    /// Whether reading would give something at once, as far as that can be told
    /// without reading.
    fn has_incoming(&self) -> bool {
        self.tcp().is_some_and(is_readable)
    }

    /// A second handle, for another thread to send with.
    fn try_clone_sender(&self) -> io::Result<Box<dyn Stream + Send>>;

    /// Our end and the peer's.
    fn addresses(&self) -> (Option<SocketAddr>, Option<SocketAddr>) {
        (None, None)
    }
}

/// Whether bytes, the end or an error lie ready on `socket`.
pub(crate) fn is_readable(socket: &TcpStream) -> bool {
    if socket.set_nonblocking(true).is_err() {
        return false;
    }
    let peeked = socket.peek(&mut [0]);
    let is_idle = peeked.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock);
    socket.set_nonblocking(false).is_ok() && !is_idle
}

impl Stream for TcpStream {
    fn set_read_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        Self::set_read_timeout(self, limit)
    }

    fn set_write_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        Self::set_write_timeout(self, limit)
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }

    fn tcp(&self) -> Option<&TcpStream> {
        Some(self)
    }

    fn try_clone_sender(&self) -> io::Result<Box<dyn Stream + Send>> {
        Ok(Box::new(self.try_clone()?))
    }

    fn addresses(&self) -> (Option<SocketAddr>, Option<SocketAddr>) {
        (self.local_addr().ok(), self.peer_addr().ok())
    }
}

/// A stream of which some bytes have been read already.
pub(crate) struct Prefixed {
    prefix: Cursor<Vec<u8>>,
    stream: Box<dyn Stream>,
}

impl Prefixed {
    /// `stream`, with `prefix` before what comes from it.
    pub(crate) fn new(prefix: Vec<u8>, stream: Box<dyn Stream>) -> Self {
        Self { prefix: Cursor::new(prefix), stream }
    }
}

impl Read for Prefixed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.prefix.read(buffer)? {
            0 => self.stream.read(buffer),
            count => Ok(count),
        }
    }
}

impl Write for Prefixed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl Stream for Prefixed {
    fn set_read_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        self.stream.set_read_timeout(limit)
    }

    fn set_write_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        self.stream.set_write_timeout(limit)
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        self.stream.shutdown_write()
    }

    fn try_clone_sender(&self) -> io::Result<Box<dyn Stream + Send>> {
        self.stream.try_clone_sender()
    }

    fn addresses(&self) -> (Option<SocketAddr>, Option<SocketAddr>) {
        self.stream.addresses()
    }
}

/// Bytes that were saved: nothing can be written, and reading needs no time.
pub(crate) struct Replay<R>(pub(crate) R);

impl<R: Read> Read for Replay<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<R> Write for Replay<R> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<R: Read> Stream for Replay<R> {
    fn set_read_timeout(&self, _limit: Option<Duration>) -> io::Result<()> {
        Ok(())
    }

    fn set_write_timeout(&self, _limit: Option<Duration>) -> io::Result<()> {
        Ok(())
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn try_clone_sender(&self) -> io::Result<Box<dyn Stream + Send>> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
