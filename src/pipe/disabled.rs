use std::fs::File;
use std::io;
use std::net::TcpStream;

/// How `--version` lists it.
pub(crate) const NAME: &str = "-pipe";
/// Whether [`move_some`] moves anything.
pub(crate) const CAN_MOVE: bool = false;

/// Leaves the pipe as it is.
pub(crate) fn enlarge(_file: &File) {}

/// Moves nothing.
pub(crate) fn move_some(_socket: &TcpStream, _pipe: &File, _most: usize) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Moves nothing.
pub(crate) fn send_some(_file: &File, _socket: &TcpStream, _most: usize) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}
