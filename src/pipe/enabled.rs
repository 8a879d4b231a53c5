use std::fs::File;
use std::io;
use std::net::TcpStream;

use rustix::fs::sendfile;
use rustix::io::Errno;
use rustix::pipe::{SpliceFlags, fcntl_setpipe_size, splice};

/// How `--version` lists it.
pub(crate) const NAME: &str = "+pipe";
/// Whether [`move_some`] moves anything.
pub(crate) const CAN_MOVE: bool = true;

/// The largest size that Linux gives an unprivileged process by default.
const SIZE: usize = 1 << 20;

/// Sets the size of the pipe `file` to [`SIZE`]; where that is refused, the
/// pipe stays as it is, and only speed is lost.
pub(crate) fn enlarge(file: &File) {
    let _ = fcntl_setpipe_size(file, SIZE);
}

/// Moves `most` bytes at most from a nonblocking socket into a pipe; 0 at the
/// end, `WouldBlock` where the socket has nothing or the pipe no room.
///
/// A splice(2) that waited would hold the pipe's lock, and its reader with it.
pub(crate) fn move_some(socket: &TcpStream, pipe: &File, most: usize) -> io::Result<usize> {
    let flags = SpliceFlags::NONBLOCK | SpliceFlags::MOVE;
    splice(socket, None, pipe, None, most, flags).map_err(io::Error::from)
}

/// Moves `most` bytes at most of a file, from where it is read next, to a nonblocking
/// socket; 0 at the file's end, `WouldBlock` where the socket has no room.
///
/// `Unsupported` where the kernel can't, or can't read the file: reading it tells why.
pub(crate) fn send_some(file: &File, socket: &TcpStream, most: usize) -> io::Result<usize> {
    sendfile(socket, file, None, most).map_err(|error| match error {
        Errno::INVAL | Errno::IO | Errno::NOSYS | Errno::NOTSUP | Errno::OVERFLOW => {
            io::ErrorKind::Unsupported.into()
        }
        error => error.into(),
    })
}
