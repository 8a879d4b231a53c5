//! What a connection receives from and sends to, whatever lies below.

use std::fmt;
use std::io::{self, Cursor, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::interrupt;
use crate::wait::{Awaited, Ends, wait};

/// A byte stream to a peer: TCP, or something wrapped around it. It blocks
/// until [`Stream::set_nonblocking`] says otherwise; from then on what would
/// have to wait is `WouldBlock`.
pub(crate) trait Stream: Read + Write {
    /// Whether reads and writes return at once.
    fn set_nonblocking(&self, is_nonblocking: bool) -> io::Result<()>;

    /// From now on a read that blocks gives up after `time`: then it is `WouldBlock`. An error
    /// where that can't be had.
    fn set_patience(&self, time: Duration) -> io::Result<()> {
        let _ = time;
        Err(ErrorKind::Unsupported.into())
    }

    /// Tells the peer that nothing more will be written.
    fn shutdown_write(&mut self) -> io::Result<()>;

    /// What to wait for; `None` where nothing ever has to be waited for.
    fn ends(&self) -> Option<Ends<'_>>;

    /// The socket itself, where its bytes are the stream's bytes.
    fn tcp(&self) -> Option<&TcpStream> {
        None
    }

    /// Whether a read gives something that has been taken off the socket already.
    fn has_received(&self) -> bool {
        false
    }

    /// Whether something that was written is not on the socket yet, so that
    /// [`Write::flush`] is due.
    fn has_unsent(&self) -> bool {
        false
    }

    /// Whether the end of what is received was said under a seal (TLS's
    /// close_notify), so that no one else can have said it.
    fn is_sealed(&self) -> bool {
        false
    }

    /// Whether it ends by TLS's close_notify.
    fn is_secure(&self) -> bool {
        false
    }

    /// Our end and the peer's.
    fn addresses(&self) -> (Option<SocketAddr>, Option<SocketAddr>) {
        (None, None)
    }
}

/// Reads and writes within a time limit, for handshakes, in which one side
/// speaks at a time.
pub(crate) struct Timed<'s> {
    stream: &'s mut dyn Stream,
    until: Option<Instant>,
    /// The stream does not block: it is waited for here.
    waits_here: bool,
}

impl<'s> Timed<'s> {
    /// `stream` until `until`; then errors are `TimedOut`. An interrupt is an error, too.
    pub(crate) fn new(stream: &'s mut dyn Stream, until: Option<Instant>) -> io::Result<Self> {
        let waits_here = until.is_some() || interrupt::is_watched();
        if waits_here {
            stream.set_nonblocking(true)?;
        }
        Ok(Self { stream, until, waits_here })
    }

    fn within<T>(
        &mut self,
        reads: bool,
        mut operation: impl FnMut(&mut dyn Stream) -> io::Result<T>,
    ) -> io::Result<T> {
        loop {
            match operation(self.stream) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                other => return other,
            }
            if self.until.is_some_and(|until| Instant::now() >= until) {
                return Err(ErrorKind::TimedOut.into());
            }
            wait(&Awaited {
                ends: self.stream.ends(),
                reads,
                writes: !reads,
                until: self.until,
                ..Awaited::default()
            })?;
            // `ErrorKind::Interrupted` would be tried again.
            if interrupt::has_come() {
                return Err(io::Error::other("interrupted"));
            }
        }
    }
}

impl Read for Timed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.within(true, |stream| stream.read(buffer))
    }
}

impl Write for Timed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.within(false, |stream| stream.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.within(false, |stream| stream.flush())
    }
}

impl Drop for Timed<'_> {
    fn drop(&mut self) {
        if self.waits_here {
            // Where that fails, so does what follows.
            let _ = self.stream.set_nonblocking(false);
        }
    }
}

impl Stream for TcpStream {
    fn set_nonblocking(&self, is_nonblocking: bool) -> io::Result<()> {
        Self::set_nonblocking(self, is_nonblocking)
    }

    fn set_patience(&self, time: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(time))
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }

    fn ends(&self) -> Option<Ends<'_>> {
        Some(Ends::tcp(self))
    }

    fn tcp(&self) -> Option<&TcpStream> {
        Some(self)
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

    fn has_prefix(&self) -> bool {
        self.prefix.position() < self.prefix.get_ref().len() as u64
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
    fn set_nonblocking(&self, is_nonblocking: bool) -> io::Result<()> {
        self.stream.set_nonblocking(is_nonblocking)
    }

    fn set_patience(&self, time: Duration) -> io::Result<()> {
        self.stream.set_patience(time)
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        self.stream.shutdown_write()
    }

    fn ends(&self) -> Option<Ends<'_>> {
        self.stream.ends()
    }

    fn has_received(&self) -> bool {
        self.has_prefix() || self.stream.has_received()
    }

    fn has_unsent(&self) -> bool {
        self.stream.has_unsent()
    }

    fn is_sealed(&self) -> bool {
        self.stream.is_sealed()
    }

    fn is_secure(&self) -> bool {
        self.stream.is_secure()
    }

    fn addresses(&self) -> (Option<SocketAddr>, Option<SocketAddr>) {
        self.stream.addresses()
    }
}

/// Bytes that were saved: nothing can be written, and reading needs no time.
pub(crate) struct Replay<R>(pub(crate) R);

impl<R: Read> Read for Replay<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            ErrorKind::Interrupted | ErrorKind::WouldBlock | ErrorKind::ConnectionAborted => error,
            _ => io::Error::other(Unreadable(error)),
        })
    }
}

/// The end of saved bytes whose connection broke there.
pub(crate) struct CutOff;

impl Read for CutOff {
    fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::new(ErrorKind::ConnectionAborted, "the response was incomplete when it was saved"))
    }
}

/// Saved bytes cannot be read: no connection is to blame.
#[derive(Debug)]
pub(crate) struct Unreadable(io::Error);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Unreadable {}

impl<R> Write for Replay<R> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<R: Read> Stream for Replay<R> {
    fn set_nonblocking(&self, _is_nonblocking: bool) -> io::Result<()> {
        Ok(())
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn ends(&self) -> Option<Ends<'_>> {
        None
    }
}
