//! The half of a connection that sends.

use std::io::{self, ErrorKind};
use std::time::Duration;

use super::{Connection, shorter};
use crate::failure::Failure;

/// How long a write may stall before one looks whether the server has answered.
pub(super) const STALL: Duration = Duration::from_millis(100);

impl Connection<'_> {
    /// Writes `bytes` to the server.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        if self.pacing.is_some() {
            return self.send_watched(bytes);
        }
        self.set_write_timeout(None)?;
        let sent = self.stream.write_all(bytes).and_then(|()| self.stream.flush());
        sent.map_err(|error| self.send_error(error))
    }

    /// Writes as many of `bytes` as the server takes within a moment: perhaps none.
    pub(crate) fn send_some(&mut self, bytes: &[u8]) -> anyhow::Result<usize> {
        if self.pacing.is_some() { self.send_in_turn(bytes) } else { self.write_some(bytes) }
    }

    pub(super) fn write_some(&mut self, bytes: &[u8]) -> anyhow::Result<usize> {
        self.set_write_timeout(Some(STALL))?;
        if bytes.is_empty() {
            return Ok(0);
        }
        match self.stream.write(bytes) {
            Ok(0) => Err(self.send_error(ErrorKind::WriteZero.into())),
            Ok(count) => Ok(count),
            Err(error) => match error.kind() {
                ErrorKind::Interrupted | ErrorKind::WouldBlock | ErrorKind::TimedOut => Ok(0),
                _ => Err(self.send_error(error)),
            },
        }
    }

    /// Whether the server takes within a moment what was written.
    pub(crate) fn flush_some(&mut self) -> anyhow::Result<bool> {
        self.set_write_timeout(Some(STALL))?;
        match self.stream.flush() {
            Ok(()) => Ok(true),
            Err(error) => match error.kind() {
                ErrorKind::Interrupted | ErrorKind::WouldBlock | ErrorKind::TimedOut => Ok(false),
                _ => Err(self.send_error(error)),
            },
        }
    }

    fn send_error(&self, error: io::Error) -> anyhow::Error {
        match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => self.timed_out("sending the request"),
            _ => Failure::Send.because("cannot send the request", error),
        }
    }

    fn set_write_timeout(&mut self, patience: Option<Duration>) -> anyhow::Result<()> {
        let left = self.deadline.map(|deadline| self.time_left(deadline)).transpose()?;
        let wait = shorter(left, patience);
        if wait != self.write_timeout {
            self.write_timeout = wait;
            self.stream
                .set_write_timeout(wait)
                .map_err(|error| Failure::Send.because("cannot set a time limit on the socket", error))?;
        }
        Ok(())
    }

    /// Says that nothing more will be sent.
    pub(crate) fn shut_down_sending(&mut self) -> anyhow::Result<()> {
        self.stream
            .shutdown_write()
            .map_err(|error| Failure::Send.because("cannot close the sending side", error))
    }
}
