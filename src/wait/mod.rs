//! The one place that waits: for bytes to receive, room to send, something
//! typed, a sink with room, or a time, whichever comes first.
//!
//! Readiness may be told too early, never too late: what follows is done
//! without blocking, and waited for again if need be.

#[cfg(feature = "extras")]
#[path = "enabled.rs"]
mod imp;
#[cfg(not(feature = "extras"))]
#[path = "disabled.rs"]
mod imp;

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::interrupt;

pub(crate) use imp::{
    Ends, Live, NAME, Twin, nonblocking_twin, wait_for_one, wait_for_room, wait_to_read, wait_while_read,
};

/// What is waited for. With nothing in it, [`wait`] never returns.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Awaited<'a> {
    /// The stream, for what `reads` and `writes` say.
    pub(crate) ends: Option<Ends<'a>>,
    /// Something to receive.
    pub(crate) reads: bool,
    /// Room to send.
    pub(crate) writes: bool,
    /// Something to read that is to be sent.
    pub(crate) input: Option<&'a Live>,
    /// Room in what is printed to.
    pub(crate) sink: Option<BorrowedFd<'a>>,
    /// The time at which the wait ends.
    pub(crate) until: Option<Instant>,
}

/// What need not be waited for any more; nothing where the time has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ready {
    /// The stream has something, its end or an error among it.
    pub(crate) reads: bool,
    /// The stream takes something, or never will again.
    pub(crate) writes: bool,
    /// The input has something, or has ended.
    pub(crate) input: bool,
    /// The sink takes something, or never will again.
    pub(crate) sink: bool,
    /// The pipe has no reader any more.
    pub(crate) is_reader_gone: bool,
}

/// Waits until something of what is awaited is there, or an interrupt comes.
pub(crate) fn wait(awaited: &Awaited<'_>) -> io::Result<Ready> {
    wait_while_read(awaited, None)
}

/// How often it is looked whether an interrupt has come while a thread is waited for.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// What a thread sends; `None` where it sends nothing by `until`, or an interrupt comes. What such a
/// thread does cannot be interrupted: it is left behind.
pub(crate) fn for_thread<T>(receiver: &Receiver<T>, until: Option<Instant>) -> Option<T> {
    loop {
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        let look = interrupt::is_watched().then_some(BETWEEN_LOOKS);
        let received = match left.into_iter().chain(look).min() {
            Some(patience) => receiver.recv_timeout(patience),
            None => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match received {
            Ok(sent) => return Some(sent),
            Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) => {}
        }
        if left.is_some_and(|left| left.is_zero()) || interrupt::has_come() {
            return None;
        }
    }
}

/// The earlier of two times, where there are any.
pub(crate) fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// What is read to be sent. `WouldBlock` means that there is nothing now, and that
/// something else must happen before it is worth reading again.
pub(crate) trait Input: Read {
    /// What the next read may have to wait for; `None`: it does not wait.
    fn live(&self) -> Option<&Live> {
        None
    }

    /// When the waiting caller is to be woken even if nothing has arrived.
    fn until(&self) -> Option<Instant> {
        None
    }

    /// The file whose bytes come next as they are, from where it is read next, and
    /// how many of them; `None`: only [`Read::read`] gives what comes next.
    fn file(&self) -> Option<(&File, u64)> {
        None
    }

    /// What observers are to be told of the bytes that were read last, if the others are told of
    /// elsewhere.
    fn take_told(&mut self) -> Vec<u8> {
        Vec::new()
    }

    /// This many bytes of [`Self::file`] were moved on without being read here.
    fn has_moved(&mut self, _count: u64) {}

    /// What may be a pipe, and has the bytes that come next as they are; `None`: as above.
    fn pipe(&self) -> Option<&File> {
        None
    }

    /// What is sent before a chunk of so many bytes of [`Self::pipe`]; `None` where there are no chunks.
    fn chunk_line(&self, _length: usize) -> Option<Vec<u8>> {
        None
    }
}

/// Reads an input where nothing else happens meanwhile: what comes is waited for.
pub(crate) struct Patient<'i>(pub(crate) &'i mut dyn Input);

impl Read for Patient<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match (self.0.read(buffer), self.0.live().and_then(Live::file)) {
                (Err(error), _) if error.kind() == ErrorKind::Interrupted => {}
                // Another process may have made it nonblocking.
                (Err(error), Some(file)) if error.kind() == ErrorKind::WouldBlock => {
                    wait_to_read(file.as_fd())?
                }
                (read, _) => return read,
            }
        }
    }
}

impl Input for Live {
    fn live(&self) -> Option<&Live> {
        Some(self)
    }

    fn pipe(&self) -> Option<&File> {
        self.file()
    }
}

impl<T: AsRef<[u8]>> Input for io::Cursor<T> {}
impl Input for &[u8] {}
impl Input for io::Empty {}
impl Input for File {}

impl<I: Input + ?Sized> Input for Box<I> {
    fn live(&self) -> Option<&Live> {
        (**self).live()
    }

    fn until(&self) -> Option<Instant> {
        (**self).until()
    }

    fn file(&self) -> Option<(&File, u64)> {
        (**self).file()
    }

    fn take_told(&mut self) -> Vec<u8> {
        (**self).take_told()
    }

    fn has_moved(&mut self, count: u64) {
        (**self).has_moved(count);
    }

    fn pipe(&self) -> Option<&File> {
        (**self).pipe()
    }

    fn chunk_line(&self, length: usize) -> Option<Vec<u8>> {
        (**self).chunk_line(length)
    }
}

#[cfg(test)]
mod tests;
