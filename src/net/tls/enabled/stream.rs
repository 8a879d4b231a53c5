//! A stage between bytes and bytes: what is read and written goes through TLS.
//!
//! It waits only where the stream below does, and both directions go at once:
//! records that the socket does not take yet are kept, and reading goes on.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ClientConnection;

use super::below::Below;
use super::handshake::NO_CERTIFICATE;
use super::identity::Shown;
use crate::stream::Stream;
use crate::wait::Ends;

/// TLS over the stream below.
pub(super) struct TlsStream {
    tls: ClientConnection,
    below: Below,
    /// The peer has said that it will send nothing more.
    has_close_notify: bool,
    /// What the server was shown of the user.
    shown: Arc<Shown>,
}

impl TlsStream {
    pub(super) fn new(tls: ClientConnection, below: Below, shown: Arc<Shown>) -> Self {
        Self { tls, below, has_close_notify: false, shown }
    }

    /// In TLS 1.3 a server refuses the client's certificate after the handshake.
    fn error(&self, error: rustls::Error) -> io::Error {
        match error {
            rustls::Error::AlertReceived(_) if self.shown.is_missed() => {
                io::Error::new(ErrorKind::InvalidData, NO_CERTIFICATE)
            }
            error => io::Error::new(ErrorKind::InvalidData, error),
        }
    }

    /// Writes the records that are ready, as many as the stream below takes.
    fn send_records(&mut self) -> io::Result<()> {
        while self.tls.wants_write() {
            self.tls.write_tls(&mut self.below.stream_mut())?;
        }
        Ok(())
    }

    /// Takes records in until there is something to read, or nothing more without waiting.
    fn receive_records(&mut self) -> io::Result<()> {
        let mut bytes = self.below.fill()?;
        let taken = self.tls.read_tls(&mut bytes)?;
        self.below.consume(taken);
        let state = self.tls.process_new_packets();
        self.has_close_notify |= state.as_ref().is_ok_and(|state| state.peer_has_closed());
        if self.tls.wants_write() {
            // The response to the peer's key update, or the alert for its mistake.
            match self.send_records() {
                Err(error) if error.kind() != ErrorKind::WouldBlock => {
                    state.map_err(|error| self.error(error))?;
                    return Err(error);
                }
                _ => {}
            }
        }
        state.map(|_| ()).map_err(|error| self.error(error))
    }
}

impl Read for TlsStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        loop {
            match self.tls.reader().read(&mut buffer[filled..]) {
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
        let taken = self.tls.writer().write(bytes)?;
        match self.send_records() {
            // It has been taken: it goes out with what is written next, or is flushed.
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(taken),
            sent => sent.map(|()| taken),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send_records()
    }
}

impl Stream for TlsStream {
    fn set_nonblocking(&self, is_nonblocking: bool) -> io::Result<()> {
        self.below.stream().set_nonblocking(is_nonblocking)
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        self.tls.send_close_notify();
        self.send_records()?;
        self.below.stream_mut().shutdown_write()
    }

    fn ends(&self) -> Option<Ends<'_>> {
        self.below.stream().ends()
    }

    fn has_received(&self) -> bool {
        self.has_close_notify || !self.below.is_empty() || self.below.stream().has_received()
    }

    fn has_unsent(&self) -> bool {
        self.tls.wants_write() || self.below.stream().has_unsent()
    }

    fn is_sealed(&self) -> bool {
        self.has_close_notify
    }

    fn is_secure(&self) -> bool {
        true
    }

    fn addresses(&self) -> (Option<SocketAddr>, Option<SocketAddr>) {
        self.below.stream().addresses()
    }
}

impl Drop for TlsStream {
    /// Sends close_notify (RFC 8446 §6.1), if the peer takes it at once.
    fn drop(&mut self) {
        self.tls.send_close_notify();
        if self.set_nonblocking(true).is_ok() {
            let _ = self.send_records();
        }
    }
}
