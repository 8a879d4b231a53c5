//! What a socket has received, moved by the kernel to two places.

use std::fs::File;
use std::io::{self, Read};
use std::net::TcpStream;
use std::os::fd::OwnedFd;

use rustix::io::Errno;
use rustix::pipe::{SpliceFlags, fcntl_getpipe_size, fcntl_setpipe_size, splice, tee};

use super::{SIZE, large_pipe, pass, splice_some};
use crate::pipe::Unmoved;

/// A pipe of our own through which received bytes go piece by piece: first into an ordinary file
/// that keeps a copy, then to their destination.
pub(crate) struct Fork<'f> {
    copy: File,
    destination: Option<&'f File>,
    entrance: OwnedFd,
    exit: File,
    /// What goes into the copy, where there is a destination too.
    side: Option<(OwnedFd, OwnedFd)>,
    /// How many bytes in the pipe the copy has.
    copied: usize,
    /// How many bytes stand behind them in the pipe.
    rest: usize,
}

impl<'f> Fork<'f> {
    /// One that leads to `copy`, and to `destination`, which is a pipe or an ordinary file.
    pub(crate) fn new(copy: File, destination: Option<&'f File>) -> Option<Self> {
        let side = if destination.is_some() { Some(large_pipe()?) } else { None };
        let (exit, entrance) = large_pipe()?;
        if let Some((_, side)) = &side {
            // It must take at once whatever the first one holds.
            let _ = fcntl_setpipe_size(&entrance, fcntl_getpipe_size(side).ok()?);
        }
        Some(Self { copy, destination, entrance, exit: exit.into(), side, copied: 0, rest: 0 })
    }

    /// Takes `most` bytes at most from a nonblocking socket, and copies them; how many came, 0 at the
    /// socket's end. All that came before must have been passed on and read.
    pub(crate) fn take(&mut self, socket: &TcpStream, most: usize) -> Result<usize, Unmoved> {
        let came = splice_some(socket, &self.entrance, most.min(SIZE))?;
        let copied = self.fill_copy(came);
        self.rest = came - copied;
        self.copied = if self.destination.is_some() { copied } else { 0 };
        Ok(came)
    }

    /// How many bytes the copy has that have not been passed on.
    pub(crate) fn copied(&self) -> usize {
        self.copied
    }

    /// How many bytes the copy did not take. They are to be read, once all that it did take is
    /// passed on.
    pub(crate) fn rest(&self) -> usize {
        self.rest
    }

    /// Passes on some of what the copy has. `WouldBlock` where the destination takes nothing now.
    pub(crate) fn pass(&mut self) -> io::Result<()> {
        if let Some(file) = self.destination {
            self.copied -= pass(&self.exit, file, self.copied)?;
        }
        Ok(())
    }

    /// Copies the `count` bytes that have come; how many it could. Why it could not copy all does
    /// not matter here: writing the rest tells.
    fn fill_copy(&self, count: usize) -> usize {
        let Some((exit, entrance)) = &self.side else { return pour(&self.exit, &self.copy, count) };
        let count = tee(&self.exit, entrance, count, SpliceFlags::NONBLOCK).unwrap_or(0);
        pour(exit, &self.copy, count)
    }
}

/// Moves `count` bytes from a pipe to the end of a file; gives how many were moved before an error.
fn pour(pipe: impl std::os::fd::AsFd, file: &File, count: usize) -> usize {
    let mut left = count;
    while left > 0 {
        match splice(&pipe, None, file, None, left, SpliceFlags::MOVE) {
            Ok(moved @ 1..) => left -= moved,
            Err(Errno::INTR) => {}
            Ok(0) | Err(_) => break,
        }
    }
    count - left
}

impl Read for Fork<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = if self.copied == 0 { buffer.len().min(self.rest) } else { 0 };
        let count = self.exit.read(&mut buffer[..most])?;
        self.rest -= count;
        Ok(count)
    }
}
