//! Writing to what may have no room: a pipe that nobody reads, or one that another process has made
//! nonblocking. An interrupt ends the wait, so that what a run has to finish is finished.

use std::io::{self, ErrorKind, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use super::{Sink, SinkKind};
use crate::interrupt;
use crate::wait::{nonblocking_twin, wait_for_room};

/// How long a reader may take nothing once an interrupt has come.
const GRACE: Duration = Duration::from_millis(500);
/// Bytes that a sink which takes anything takes at once (PIPE_BUF).
const ATOMIC: usize = 4096;

impl Sink {
    /// Writes all of `bytes`. `WouldBlock`: an interrupt has come, and nobody reads.
    pub(super) fn write_whole(&mut self, bytes: &[u8]) -> io::Result<()> {
        if matches!(self.kind, SinkKind::File | SinkKind::Null) {
            return self.file.write_all(bytes);
        }
        if !interrupt::is_watched() {
            return write_all(&mut self.file, bytes);
        }
        let mut written = self.write_ready(bytes)?;
        while written < bytes.len() {
            await_room(self.file.as_fd())?;
            written += self.write_ready(&bytes[written..])?;
        }
        Ok(())
    }

    /// Writes as much as is taken at once; how much that is.
    pub(super) fn write_some(&mut self, bytes: &[u8]) -> anyhow::Result<usize> {
        self.write_ready(bytes).map_err(|error| self.write_error(error))
    }

    fn write_ready(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let twin = self.twin.get_or_insert_with(|| nonblocking_twin(&self.file));
        let mut taken = 0;
        while taken < bytes.len() {
            let left = &bytes[taken..];
            let written = match twin {
                Some(twin) => twin.write(left),
                None => write_if_ready(&mut self.file, left),
            };
            match written {
                Ok(count) => taken += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(taken)
    }
}

/// Writes all of `bytes`. `WouldBlock`: an interrupt has come, and nobody reads.
pub(super) fn write_all<S: Write + AsFd>(sink: &mut S, mut bytes: &[u8]) -> io::Result<()> {
    let may_block = !interrupt::is_watched();
    while !bytes.is_empty() {
        let written = if may_block {
            sink.write(bytes)
        } else {
            await_room(sink.as_fd())?;
            sink.write(&bytes[..bytes.len().min(ATOMIC)])
        };
        match written {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => await_room(sink.as_fd())?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Waits until `sink` takes something. `WouldBlock`: an interrupt has come, and it takes nothing.
pub(super) fn await_room(sink: BorrowedFd<'_>) -> io::Result<()> {
    loop {
        let until = interrupt::has_come().then(|| Instant::now() + GRACE);
        if wait_for_room(sink, until)? {
            return Ok(());
        }
        if until.is_some() {
            return Err(ErrorKind::WouldBlock.into());
        }
    }
}

/// Writes a little where that is taken at once.
fn write_if_ready<S: Write + AsFd>(sink: &mut S, bytes: &[u8]) -> io::Result<usize> {
    if !wait_for_room(sink.as_fd(), Some(Instant::now()))? {
        return Err(ErrorKind::WouldBlock.into());
    }
    sink.write(&bytes[..bytes.len().min(ATOMIC)])
}
