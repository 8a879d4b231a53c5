use std::fs::{File, Metadata};
use std::io;
use std::marker::PhantomData;
use std::net::TcpStream;
use std::os::fd::BorrowedFd;

use super::Unmoved;

/// How `--version` lists it.
pub(crate) const NAME: &str = "-pipe";
/// Whether anything is moved.
pub(crate) const CAN_MOVE: bool = false;

/// Leaves the pipe as it is.
pub(crate) fn enlarge(_file: &File) {}

/// Knows of no such device.
pub(crate) fn is_null(_metadata: &Metadata) -> bool {
    false
}

/// Moves nothing.
pub(crate) struct Mover<'f>(PhantomData<&'f File>);

impl<'f> Mover<'f> {
    /// There is none.
    pub(crate) fn into_pipe(_pipe: &'f File) -> Option<Self> {
        None
    }

    /// There is none.
    pub(crate) fn into_file(_file: &'f File) -> Option<Self> {
        None
    }

    /// There is none.
    pub(crate) fn into_nothing() -> Option<Self> {
        None
    }

    /// There is none.
    pub(crate) fn pipe(&self) -> Option<BorrowedFd<'f>> {
        None
    }

    /// Moves nothing.
    pub(crate) fn move_some(&mut self, _socket: &TcpStream, _most: usize) -> Result<usize, Unmoved> {
        Err(Unmoved { error: io::ErrorKind::Unsupported.into(), is_sockets: true })
    }
}

/// Moves nothing.
pub(crate) fn send_some(_file: &File, _socket: &TcpStream, _most: usize) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}
