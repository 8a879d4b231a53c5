//! A stream whose bytes go through TLS.
//!
//! One thread may read while another writes, which a dialogue over tls:// needs:
//! the lock around the TLS state is never held while anything waits for the peer.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use rustls::ClientConnection;

use super::below::Below;
use crate::stream::Stream;

/// How long a farewell may take.
const FAREWELL: Duration = Duration::from_millis(250);

type Sender = Arc<Mutex<Box<dyn Stream + Send>>>;

/// TLS over the stream below.
pub(super) struct TlsStream {
    tls: Arc<Mutex<ClientConnection>>,
    below: Below,
    /// A second handle to what is below, once there is a [`TlsSender`]: then
    /// both write through it, so that records stay in order.
    sender: OnceLock<Sender>,
}

impl TlsStream {
    pub(super) fn new(tls: ClientConnection, below: Below) -> Self {
        Self { tls: Arc::new(Mutex::new(tls)), below, sender: OnceLock::new() }
    }

    /// Writes the records that are ready.
    fn send_records(&mut self) -> io::Result<()> {
        match self.sender.get() {
            Some(sender) => send_shared(&self.tls, sender),
            None => {
                let mut tls = lock(&self.tls);
                while tls.wants_write() {
                    tls.write_tls(&mut self.below.stream_mut())?;
                }
                Ok(())
            }
        }
    }

    /// Takes records in until there is something to read, or nothing more without waiting.
    fn receive_records(&mut self) -> io::Result<()> {
        // Without the lock, since this is where time passes.
        let mut bytes = self.below.fill()?;
        let mut tls = lock(&self.tls);
        let taken = tls.read_tls(&mut bytes)?;
        self.below.consume(taken);
        let state = tls.process_new_packets().map_err(|error| io::Error::new(ErrorKind::InvalidData, error));
        let answers = tls.wants_write();
        drop(tls);
        if answers {
            // An answer to the peer's key update, or the alert for its mistake.
            let sent = self.send_records();
            state?;
            return sent;
        }
        state.map(|_| ())
    }
}

impl Read for TlsStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        loop {
            let read = lock(&self.tls).reader().read(&mut buffer[filled..]);
            match read {
                Ok(0) => return Ok(filled),
                Ok(count) => filled += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if filled > 0 && self.below.is_empty() {
                        return Ok(filled);
                    }
                    match self.receive_records() {
                        Ok(()) => {}
                        // What has been decrypted is given out before the error is met again.
                        Err(_) if filled > 0 => return Ok(filled),
                        Err(error) => return Err(error),
                    }
                }
                Err(_) if filled > 0 => return Ok(filled),
                Err(error) => return Err(error),
            }
            if filled == buffer.len() {
                return Ok(filled);
            }
        }
    }
}

impl Write for TlsStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // What was taken before goes first; only then is more taken.
        self.send_records()?;
        let taken = lock(&self.tls).writer().write(bytes)?;
        match self.send_records() {
            // It has been taken: it goes out with what is written next, or is flushed.
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Ok(taken),
            sent => sent.map(|()| taken),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send_records()
    }
}

impl Stream for TlsStream {
    fn set_read_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        self.below.stream().set_read_timeout(limit)
    }

    fn set_write_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        self.below.stream().set_write_timeout(limit)
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        lock(&self.tls).send_close_notify();
        self.send_records()?;
        self.below.stream_mut().shutdown_write()
    }

    fn has_incoming(&self) -> bool {
        !self.below.is_empty() || self.below.stream().has_incoming()
    }

    fn try_clone_sender(&self) -> io::Result<Box<dyn Stream + Send>> {
        let sender = match self.sender.get() {
            Some(sender) => sender,
            None => {
                let below = self.below.stream().try_clone_sender()?;
                self.sender.get_or_init(|| Arc::new(Mutex::new(below)))
            }
        };
        Ok(Box::new(TlsSender { tls: Arc::clone(&self.tls), sender: Arc::clone(sender) }))
    }

    fn addresses(&self) -> (Option<SocketAddr>, Option<SocketAddr>) {
        self.below.stream().addresses()
    }
}

impl Drop for TlsStream {
    /// Says farewell (RFC 8446 §6.1), to a peer that may be gone.
    fn drop(&mut self) {
        lock(&self.tls).send_close_notify();
        let _ = self.set_write_timeout(Some(FAREWELL));
        let _ = self.send_records();
    }
}

/// The sending half, for another thread.
struct TlsSender {
    tls: Arc<Mutex<ClientConnection>>,
    sender: Sender,
}

impl Read for TlsSender {
    fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
        Err(ErrorKind::Unsupported.into())
    }
}

impl Write for TlsSender {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = lock(&self.tls).writer().write(bytes)?;
        send_shared(&self.tls, &self.sender)?;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        send_shared(&self.tls, &self.sender)
    }
}

impl Stream for TlsSender {
    fn set_read_timeout(&self, _limit: Option<Duration>) -> io::Result<()> {
        Ok(())
    }

    fn set_write_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        lock(&self.sender).set_write_timeout(limit)
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        lock(&self.tls).send_close_notify();
        self.flush()?;
        lock(&self.sender).shutdown_write()
    }

    fn try_clone_sender(&self) -> io::Result<Box<dyn Stream + Send>> {
        Ok(Box::new(Self { tls: Arc::clone(&self.tls), sender: Arc::clone(&self.sender) }))
    }
}

/// Writes what is ready through the shared handle, in order. The TLS state is
/// free again before the peer is waited for, so that reading goes on meanwhile.
fn send_shared(tls: &Mutex<ClientConnection>, sender: &Sender) -> io::Result<()> {
    let mut sender = lock(sender);
    let mut records = Vec::new();
    let mut state = lock(tls);
    while state.wants_write() {
        state.write_tls(&mut records)?;
    }
    drop(state);
    sender.write_all(&records)
}

/// A thread that panicked has left no half-done work behind in rustls.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
