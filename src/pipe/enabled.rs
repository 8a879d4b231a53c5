mod fork;
mod reserve;

use std::fs::{File, Metadata};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::MetadataExt;

use rustix::fs::{major, minor, sendfile};
use rustix::io::{Errno, ioctl_fionread};
use rustix::net::{RecvFlags, SendFlags, recv, send};
use rustix::pipe::{PipeFlags, SpliceFlags, fcntl_getpipe_size, fcntl_setpipe_size, pipe_with, splice};
use socket2::SockRef;

use super::Unmoved;
pub(crate) use fork::Fork;
use reserve::Reserve;

/// How `--version` lists it.
pub(crate) const NAME: &str = "+pipe";
/// Whether anything is moved.
pub(crate) const CAN_MOVE: bool = true;

/// The largest size that Linux gives an unprivileged process by default.
const SIZE: usize = 1 << 20;
/// What a socket holds at most of what is not sent: enough for what is sent before it is given more.
const MAX_UNSENT: u32 = 128 * 1024;

/// Sets the size of the pipe `file` to [`SIZE`]; where that is refused, the
/// pipe stays as it is, and only speed is lost.
pub(crate) fn enlarge(file: &File) {
    let _ = fcntl_setpipe_size(file, SIZE);
}

/// Whether that is /dev/null.
pub(crate) fn is_null(metadata: &Metadata) -> bool {
    (major(metadata.rdev()), minor(metadata.rdev())) == (1, 3)
}

/// Moves what a socket has received without its passing through this process.
pub(crate) struct Mover<'f>(MovingWay<'f>);

enum MovingWay<'f> {
    Pipe(&'f File),
    File {
        file: &'f File,
        entrance: OwnedFd,
        exit: OwnedFd,
        reserve: Option<Reserve<'f>>,
    },
    /// Nothing is ever written into the buffer: it is as large as what is taken at once.
    Nowhere(Vec<u8>),
}

impl<'f> Mover<'f> {
    /// Into a pipe, made as large as it may be.
    pub(crate) fn into_pipe(pipe: &'f File) -> Option<Self> {
        enlarge(pipe);
        Some(Self(MovingWay::Pipe(pipe)))
    }

    /// Into an ordinary file, by a pipe of our own.
    pub(crate) fn into_file(file: &'f File) -> Option<Self> {
        let (exit, entrance) = large_pipe()?;
        Some(Self(MovingWay::File { file, entrance, exit, reserve: None }))
    }

    /// Nowhere, for what /dev/null would get.
    pub(crate) fn into_nothing() -> Option<Self> {
        Some(Self(MovingWay::Nowhere(vec![0; SIZE])))
    }

    /// Reserves blocks of the file system for `left` bytes that are going to be moved, step by step.
    /// `false`: none are reserved, since that is of no use here. Those that were not needed are
    /// freed in the end.
    pub(crate) fn reserve(&mut self, left: u64) -> bool {
        let MovingWay::File { file, reserve, .. } = &mut self.0 else { return false };
        *reserve = Reserve::new(file, left);
        reserve.is_some()
    }

    /// The pipe that may have no room, or no reader.
    pub(crate) fn pipe(&self) -> Option<BorrowedFd<'f>> {
        if let MovingWay::Pipe(pipe) = self.0 { Some(pipe.as_fd()) } else { None }
    }

    /// Moves `most` bytes at most of what a nonblocking socket has received; 0 at its end.
    ///
    /// A splice(2) that waited would hold the pipe's lock, and its reader with it.
    pub(crate) fn move_some(&mut self, socket: &TcpStream, most: usize) -> Result<usize, Unmoved> {
        match &mut self.0 {
            MovingWay::Pipe(pipe) => splice_some(socket, *pipe, most),
            MovingWay::File { file, entrance, exit, reserve } => {
                let count = splice_some(socket, &*entrance, most)?;
                empty(exit, file, count).map_err(|error| Unmoved { error, is_sockets: false })?;
                reserve.iter_mut().for_each(|reserve| reserve.wrote(count));
                Ok(count)
            }
            MovingWay::Nowhere(room) => {
                let most = room.len().min(most);
                let taken = recv(socket, &mut room[..most], RecvFlags::TRUNC | RecvFlags::DONTWAIT);
                taken.map(|(count, _)| count).map_err(not_received)
            }
        }
    }
}

/// A pipe of our own through which what a socket has received goes piece by piece: some
/// of it to a file, and some to be read.
pub(crate) struct Sieve<'f> {
    file: &'f File,
    entrance: OwnedFd,
    exit: File,
    held: usize,
}

impl<'f> Sieve<'f> {
    /// One that leads to `file`, which is a pipe, a device or an ordinary file.
    pub(crate) fn new(file: &'f File) -> Option<Self> {
        let (exit, entrance) = large_pipe()?;
        Some(Self { file, entrance, exit: exit.into(), held: 0 })
    }

    /// How many bytes are in it.
    pub(crate) fn held(&self) -> usize {
        self.held
    }

    /// Takes in what a nonblocking socket has received; how much, 0 at its end. Nothing may be in it.
    pub(crate) fn fill(&mut self, socket: &TcpStream) -> Result<usize, Unmoved> {
        self.held = splice_some(socket, &self.entrance, SIZE)?;
        Ok(self.held)
    }

    /// Passes on `most` bytes at most; how many. `WouldBlock` where the file takes none now.
    pub(crate) fn pass(&mut self, most: usize) -> io::Result<usize> {
        let passed = pass(&self.exit, self.file, most.min(self.held))?;
        self.held -= passed;
        Ok(passed)
    }

    /// Writes to the file what was read before.
    pub(crate) fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut file = self.file;
        file.write_all(bytes)
    }
}

impl Read for Sieve<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(self.held);
        let count = self.exit.read(&mut buffer[..most])?;
        self.held -= count;
        Ok(count)
    }
}

fn splice_some(socket: &TcpStream, pipe: impl AsFd, most: usize) -> Result<usize, Unmoved> {
    splice(socket, None, pipe, None, most, SpliceFlags::NONBLOCK | SpliceFlags::MOVE).map_err(not_received)
}

fn not_received(error: Errno) -> Unmoved {
    let is_sockets = error != Errno::PIPE;
    let error = match error {
        Errno::INVAL | Errno::NOSYS => io::ErrorKind::Unsupported.into(),
        error => error.into(),
    };
    Unmoved { error, is_sockets }
}

/// A new pipe of [`SIZE`] bytes, or as many as the system allows: the end to read, and the end to write.
fn large_pipe() -> Option<(OwnedFd, OwnedFd)> {
    let (exit, entrance) = pipe_with(PipeFlags::CLOEXEC).ok()?;
    let _ = fcntl_setpipe_size(&entrance, SIZE);
    Some((exit, entrance))
}

/// Passes on `most` bytes at most that a pipe holds; how many. `WouldBlock` where the file
/// takes none now.
fn pass(pipe: &File, file: &File, most: usize) -> io::Result<usize> {
    match splice(pipe, None, file, None, most, SpliceFlags::NONBLOCK | SpliceFlags::MOVE) {
        // One that is only added to, or of a file system that knows nothing of pipes.
        Err(Errno::INVAL) => copy(pipe, file, most).map(|()| most),
        passed => Ok(passed?),
    }
}

/// Moves the `count` bytes that a pipe holds to the end of a file.
fn empty(pipe: &OwnedFd, file: &File, count: usize) -> io::Result<()> {
    let mut left = count;
    while left > 0 {
        match splice(pipe, None, file, None, left, SpliceFlags::MOVE) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(moved) => left -= moved,
            Err(Errno::INTR) => {}
            // One that is only added to, or of a file system that knows nothing of pipes.
            Err(Errno::INVAL) => return copy(&File::from(pipe.try_clone()?), file, left),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn copy(mut pipe: &File, mut file: &File, mut left: usize) -> io::Result<()> {
    let mut buffer = vec![0; left.min(SIZE)];
    while left > 0 {
        let most = buffer.len().min(left);
        let count = pipe.read(&mut buffer[..most])?;
        file.write_all(&buffer[..count])?;
        left -= count;
    }
    Ok(())
}

/// Limits what the socket holds unsent, or lets the kernel decide. Unlimited, it takes some MiB of a file before the
/// first is sent, and reads them when they have left the processor's caches.
pub(crate) fn limit_unsent(socket: &TcpStream, is_limited: bool) {
    let _ = SockRef::from(socket).set_tcp_notsent_lowat(if is_limited { MAX_UNSENT } else { 0 });
}

/// Moves `most` bytes at most of a file, from where it is read next, to a nonblocking
/// socket; 0 at the file's end, `WouldBlock` where the socket has no room.
///
/// `Unsupported` where the kernel can't, or can't read the file: reading it tells why.
pub(crate) fn send_some(file: &File, socket: &TcpStream, most: usize) -> io::Result<usize> {
    sendfile(socket, file, None, most).map_err(not_sent)
}

/// How many bytes the pipe `file` holds; 0 where it is no pipe. It is made as large as it may be.
pub(crate) fn held(file: &File) -> usize {
    let Ok(size) = fcntl_getpipe_size(file) else { return 0 };
    if size < SIZE {
        enlarge(file);
    }
    ioctl_fionread(file).map_or(0, |count| usize::try_from(count).unwrap_or(0))
}

/// Moves `most` bytes at most from a pipe that holds as many to a nonblocking socket, on which more follows at
/// once; `WouldBlock` where the socket has no room, `Unsupported` where the kernel can't.
pub(crate) fn pass_some(pipe: &File, socket: &TcpStream, most: usize) -> io::Result<usize> {
    splice(pipe, None, socket, None, most, SpliceFlags::NONBLOCK | SpliceFlags::MORE).map_err(not_sent)
}

/// Sends some of `bytes`, on which more follows at once, so that no packet is made for them alone.
pub(crate) fn send_more(socket: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    Ok(send(socket, bytes, SendFlags::MORE | SendFlags::NOSIGNAL)?)
}

fn not_sent(error: Errno) -> io::Error {
    match error {
        Errno::INVAL | Errno::IO | Errno::NOSYS | Errno::NOTSUP | Errno::OVERFLOW => {
            io::ErrorKind::Unsupported.into()
        }
        error => error.into(),
    }
}
