use std::fs::{File, Metadata};
use std::io::{self, Read};
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

    /// Reserves nothing: `false`.
    pub(crate) fn reserve(&mut self, _left: u64) -> bool {
        false
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

/// Takes nothing in.
pub(crate) struct Sieve<'f>(PhantomData<&'f File>);

impl<'f> Sieve<'f> {
    /// There is none.
    pub(crate) fn new(_file: &'f File) -> Option<Self> {
        None
    }

    /// Nothing.
    pub(crate) fn held(&self) -> usize {
        0
    }

    /// Takes nothing in.
    pub(crate) fn fill(&mut self, _socket: &TcpStream) -> Result<usize, Unmoved> {
        Err(Unmoved { error: io::ErrorKind::Unsupported.into(), is_sockets: true })
    }

    /// Passes nothing on.
    pub(crate) fn pass(&mut self, _most: usize) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Writes nothing.
    pub(crate) fn write(&self, _bytes: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

impl Read for Sieve<'_> {
    fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
        Ok(0)
    }
}

/// Takes nothing in.
pub(crate) struct Fork<'f>(PhantomData<&'f File>);

impl<'f> Fork<'f> {
    /// There is none.
    pub(crate) fn new(_copy: File, _destination: Option<&'f File>) -> Option<Self> {
        None
    }

    /// Takes nothing in.
    pub(crate) fn take(&mut self, _socket: &TcpStream, _most: usize) -> Result<usize, Unmoved> {
        Err(Unmoved { error: io::ErrorKind::Unsupported.into(), is_sockets: true })
    }

    /// Nothing.
    pub(crate) fn copied(&self) -> usize {
        0
    }

    /// Nothing.
    pub(crate) fn rest(&self) -> usize {
        0
    }

    /// Passes nothing on.
    pub(crate) fn pass(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

impl Read for Fork<'_> {
    fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
        Ok(0)
    }
}

/// Leaves it to the system.
pub(crate) fn limit_unsent(_socket: &TcpStream, _is_limited: bool) {}

/// Moves nothing.
pub(crate) fn send_some(_file: &File, _socket: &TcpStream, _most: usize) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Knows of no pipe.
pub(crate) fn held(_file: &File) -> usize {
    0
}

/// Moves nothing.
pub(crate) fn pass_some(_pipe: &File, _socket: &TcpStream, _most: usize) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Sends nothing.
pub(crate) fn send_more(_socket: &TcpStream, _bytes: &[u8]) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}
