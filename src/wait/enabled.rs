use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::net::{RecvFlags, recv};

use super::{Awaited, Ready};
use crate::interrupt;

/// How `--version` lists it.
pub(crate) const NAME: &str = "+poll";

/// Standard input, a named pipe or a device.
#[derive(Debug)]
pub(crate) struct Live(File);

impl Live {
    /// What `file` gives.
    pub(crate) fn new(file: File) -> Self {
        Self(file)
    }

    /// The file that it reads.
    pub(crate) fn file(&self) -> Option<&File> {
        Some(&self.0)
    }
}

impl Read for Live {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

/// What a stream is received from and sent to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ends<'a>(BorrowedFd<'a>);

impl<'a> Ends<'a> {
    /// The ends of a TCP connection.
    pub(crate) fn tcp(socket: &'a TcpStream) -> Self {
        Self(socket.as_fd())
    }

    /// The ends of a connection within this machine.
    pub(crate) fn unix(socket: &'a UnixStream) -> Self {
        Self(socket.as_fd())
    }

    /// Whether there is something to receive at this moment, the end or an error among it.
    pub(crate) fn have_received(self) -> bool {
        let looked = recv(self.0, &mut [0_u8], RecvFlags::PEEK | RecvFlags::DONTWAIT);
        !matches!(looked, Err(Errno::WOULDBLOCK | Errno::INTR))
    }
}

/// [`wait`](super::wait), but no longer than the pipe `printed_to` has a reader.
pub(crate) fn wait_while_read(
    awaited: &Awaited<'_>,
    printed_to: Option<BorrowedFd<'_>>,
) -> io::Result<Ready> {
    let mut polled = Vec::with_capacity(6);
    if let Some(ends) = awaited.ends {
        if awaited.reads {
            polled.push(PollFd::from_borrowed_fd(ends.0, PollFlags::IN));
        }
        if awaited.writes {
            polled.push(PollFd::from_borrowed_fd(ends.0, PollFlags::OUT));
        }
    }
    if let Some(input) = awaited.input {
        polled.push(PollFd::from_borrowed_fd(input.0.as_fd(), PollFlags::IN));
    }
    if let Some(sink) = awaited.sink {
        polled.push(PollFd::from_borrowed_fd(sink, PollFlags::OUT));
    }
    if let Some(reader) = printed_to {
        polled.push(PollFd::from_borrowed_fd(reader, PollFlags::empty()));
    }
    if let Some(interrupt) = interrupt::waited_for() {
        polled.push(PollFd::from_borrowed_fd(interrupt, PollFlags::IN));
    }
    poll_until(&mut polled, awaited.until)?;
    // Once noticed, it is waited for no more.
    interrupt::has_come();
    let mut happened = polled.iter().map(|polled| !polled.revents().is_empty());
    let mut next = |is_awaited: bool| is_awaited && happened.next().unwrap_or_default();
    Ok(Ready {
        reads: next(awaited.ends.is_some() && awaited.reads),
        writes: next(awaited.ends.is_some() && awaited.writes),
        input: next(awaited.input.is_some()),
        sink: next(awaited.sink.is_some()),
        is_reader_gone: next(printed_to.is_some()),
    })
}

/// Waits until `sink` takes something, or never will again; whether that is so, and neither an interrupt
/// has come nor the time.
pub(crate) fn wait_for_room(sink: BorrowedFd<'_>, until: Option<Instant>) -> io::Result<bool> {
    let awaited = Awaited { sink: Some(sink), until, ..Awaited::default() };
    wait_while_read(&awaited, None).map(|ready| ready.sink)
}

/// Waits until `input` has something, or has ended.
pub(crate) fn wait_to_read(input: BorrowedFd<'_>) -> io::Result<()> {
    poll_until(&mut [PollFd::from_borrowed_fd(input, PollFlags::IN)], None)
}

/// Waits until one of `several` has something to receive, or an interrupt comes.
pub(crate) fn wait_for_one(several: &[Ends<'_>], until: Option<Instant>) -> io::Result<()> {
    let ends = several.iter().map(|ends| PollFd::from_borrowed_fd(ends.0, PollFlags::IN));
    let mut polled: Vec<_> = ends.collect();
    if let Some(interrupt) = interrupt::waited_for() {
        polled.push(PollFd::from_borrowed_fd(interrupt, PollFlags::IN));
    }
    poll_until(&mut polled, until)?;
    interrupt::has_come();
    Ok(())
}

fn poll_until(polled: &mut [PollFd<'_>], until: Option<Instant>) -> io::Result<()> {
    loop {
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        match poll(polled, left.map(timespec).as_ref()) {
            Err(Errno::INTR) => {}
            other => return other.map(|_| ()).map_err(io::Error::from),
        }
    }
}

fn timespec(time: Duration) -> Timespec {
    let tv_sec = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    Timespec { tv_sec, tv_nsec: time.subsec_nanos().into() }
}

/// A pipe or terminal that is written to without blocking.
#[derive(Debug)]
pub(crate) struct Twin(File);

impl Write for Twin {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Another handle to the pipe or terminal behind `file` that never blocks;
/// `None` where the system has none. What others see of `file` stays as it is.
pub(crate) fn nonblocking_twin(file: &File) -> Option<Twin> {
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits();
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    OpenOptions::new().write(true).custom_flags(i32::try_from(flags).ok()?).open(path).ok().map(Twin)
}
