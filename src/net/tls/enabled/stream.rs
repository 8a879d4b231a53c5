//! A stage between bytes and bytes: what is read and written goes through TLS.
//!
//! It waits only where the stream below does, and both directions go at once:
//! records that the socket does not take yet are kept, and reading continues.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::identity::Shown;
use super::records::Records;
use crate::stream::Stream;
use crate::wait::Ends;

/// TLS over the stream below.
pub(super) struct TlsStream {
    records: Records,
    below: Box<dyn Stream>,
    /// What the server was shown of the user.
    shown: Arc<Shown>,
    /// Why the stream below takes no more.
    untaken: Option<ErrorKind>,
}

impl TlsStream {
    pub(super) fn new(records: Records, below: Box<dyn Stream>, shown: Arc<Shown>) -> Self {
        Self { records, below, shown, untaken: None }
    }

    /// In TLS 1.3 a server refuses the client's certificate after the handshake.
    fn error(&self, error: rustls::Error) -> io::Error {
        match error {
            rustls::Error::AlertReceived(_) if self.shown.is_missed() => {
                io::Error::new(ErrorKind::InvalidData, self.shown.missing())
            }
            error => io::Error::new(ErrorKind::InvalidData, error),
        }
    }

    /// Writes the records that are ready, as many as the stream below takes. Once that fails, the
    /// others are dropped.
    fn send_records(&mut self) -> io::Result<()> {
        while !self.records.unsent().is_empty() {
            match self.below.write(self.records.unsent()) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => self.records.sent(count),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    if error.kind() != ErrorKind::WouldBlock {
                        self.records.drop_unsent();
                        self.untaken = Some(error.kind());
                    }
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// Decrypts what has come. What the peer is owed for it is sent: the alert for its mistake.
    fn take(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let taken = self.records.take(buffer).map_err(|error| self.error(error));
        // A peer that reads nothing more may have sent something before it left.
        let _ = self.send_records();
        taken
    }
}

impl Read for TlsStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.take(buffer)?;
            if count > 0 || buffer.is_empty() || self.records.has_close_notify() {
                return Ok(count);
            }
            let room = self.records.room().map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?;
            match self.below.read(room)? {
                0 => {
                    let reset = self.untaken.filter(|kind| *kind == ErrorKind::ConnectionReset);
                    return Err(reset.unwrap_or(ErrorKind::UnexpectedEof).into());
                }
                count => self.records.received(count),
            };
        }
    }
}

impl Write for TlsStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(kind) = self.untaken {
            return Err(kind.into());
        }
        // What was taken before goes first; only then is more taken.
        self.send_records()?;
        let taken = self.records.encrypt(bytes).map_err(|error| self.error(error))?;
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
        self.below.set_nonblocking(is_nonblocking)
    }

    fn set_patience(&self, time: Duration) -> io::Result<()> {
        self.below.set_patience(time)
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        self.records.close();
        self.send_records()?;
        self.below.shutdown_write()
    }

    fn ends(&self) -> Option<Ends<'_>> {
        self.below.ends()
    }

    fn has_received(&self) -> bool {
        self.records.has_received() || self.below.has_received()
    }

    fn has_unsent(&self) -> bool {
        !self.records.unsent().is_empty() || self.below.has_unsent()
    }

    fn is_sealed(&self) -> bool {
        self.records.has_close_notify()
    }

    fn is_secure(&self) -> bool {
        true
    }

    fn addresses(&self) -> (Option<SocketAddr>, Option<SocketAddr>) {
        self.below.addresses()
    }
}

impl Drop for TlsStream {
    /// Sends close_notify (RFC 8446 §6.1), if the peer takes it at once.
    fn drop(&mut self) {
        self.records.close();
        if self.set_nonblocking(true).is_ok() {
            let _ = self.send_records();
        }
    }
}
