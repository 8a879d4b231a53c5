//! The sending half of a connection: all at once, or as much as the server
//! takes within a moment, cut into pieces where that is asked for.

use std::io::{self, ErrorKind};
use std::thread;
use std::time::{Duration, Instant};

use super::cutting::{Cutter, Cutting};
use super::{Connection, Fill, INCOMING, shorter};
use crate::failure::Failure;

/// How long a write may stall before one looks whether the server has answered.
pub(super) const STALL: Duration = Duration::from_millis(100);
/// Most that is taken in before its turn, so that a server that speaks while
/// it should listen does not stop listening for ever.
const MAX_TAKEN_IN: usize = 4 << 20;

impl Connection<'_> {
    /// A request begins, to be cut as `cutting` says.
    pub(crate) fn begin_request(&mut self, cutting: Option<&Cutting>) {
        self.cutter = cutting.cloned().map(Cutter::new);
    }

    /// What cuts the request, where something does.
    pub(crate) fn cutter(&self) -> Option<&Cutter> {
        self.cutter.as_ref()
    }

    /// Whether it is not time yet for the next piece.
    pub(crate) fn is_pausing(&self) -> bool {
        self.cutter.as_ref().is_some_and(|cutter| !cutter.wait(Instant::now()).is_zero())
    }

    /// The request is sent: says how it was cut, where it was.
    pub(crate) fn end_request(&mut self) -> Option<String> {
        self.cutter.take().map(Cutter::summary)
    }

    /// Writes `bytes` to the server.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        if self.cutter.is_some() {
            return self.send_pieces(bytes);
        }
        if self.pacing.is_some() {
            return self.send_watched(bytes);
        }
        self.set_write_timeout(None)?;
        let sent = self.stream.write_all(bytes).and_then(|()| self.stream.flush());
        sent.map_err(|error| self.send_error(error))
    }

    fn send_pieces(&mut self, mut bytes: &[u8]) -> anyhow::Result<()> {
        while !bytes.is_empty() {
            let sent = self.send_some(bytes)?;
            bytes = &bytes[sent..];
        }
        while !self.flush_some()? {}
        Ok(())
    }

    /// Writes as many of `bytes` as the server takes within a moment, and as
    /// belong to one piece: perhaps none.
    pub(crate) fn send_some(&mut self, bytes: &[u8]) -> anyhow::Result<usize> {
        if self.pacing.is_some() { self.send_in_turn(bytes) } else { self.write_some(bytes) }
    }

    pub(super) fn write_some(&mut self, bytes: &[u8]) -> anyhow::Result<usize> {
        self.set_write_timeout(Some(STALL))?;
        let Some(bytes) = self.next_piece(bytes) else { return Ok(0) };
        if bytes.is_empty() {
            return Ok(0);
        }
        match self.stream.write(bytes) {
            Ok(0) => Err(self.send_error(ErrorKind::WriteZero.into())),
            Ok(count) => {
                if let Some(cutter) = &mut self.cutter {
                    cutter.advance(count, Instant::now());
                }
                Ok(count)
            }
            Err(error) => match error.kind() {
                ErrorKind::Interrupted | ErrorKind::WouldBlock | ErrorKind::TimedOut => Ok(0),
                _ => Err(self.send_error(error)),
            },
        }
    }

    /// As many of `bytes` as belong to the piece that is being sent; `None`
    /// where it is not time for them yet, a moment having been waited for it.
    fn next_piece<'b>(&self, bytes: &'b [u8]) -> Option<&'b [u8]> {
        let Some(cutter) = &self.cutter else { return Some(bytes) };
        let wait = cutter.wait(Instant::now());
        let patience = shorter(self.write_timeout, Some(STALL)).unwrap_or(STALL);
        if !wait.is_zero() && !bytes.is_empty() {
            thread::sleep(wait.min(patience));
        }
        let is_time = wait <= patience;
        is_time.then(|| &bytes[..bytes.len().min(cutter.left())])
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

    /// Reads what has come, up to a limit, and leaves it for its turn: a server
    /// that nobody reads from may stop reading itself. What goes wrong shows in
    /// sending or receiving.
    pub(crate) fn take_in(&mut self) {
        if self.end - self.start < MAX_TAKEN_IN && self.stream.has_incoming() {
            let _: anyhow::Result<Fill> = self.fill(Some(INCOMING));
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
