//! A socket of this machine, in place of a network (`--unix-socket`).

use std::ffi::{OsStr, OsString};
use std::io;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::mpsc;
use std::thread;

use crate::failure::Failure;
use crate::interrupt;
use crate::net::connect_limit::ConnectLimit;
use crate::net::wording::{printable, reason};
use crate::stream::Stream;
use crate::wait::{Ends, for_thread};

/// The name of such a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum UnixSocket {
    Path(OsString),
    /// A name that is no path, which Linux knows.
    Abstract(OsString),
}

impl UnixSocket {
    /// What a message calls it.
    pub(crate) fn shown(&self) -> String {
        let kind = if matches!(self, Self::Path(_)) { "socket" } else { "abstract socket" };
        let name = printable(&self.name().to_string_lossy());
        format!("the {kind} {}", if name.is_empty() { "''" } else { &name })
    }

    fn name(&self) -> &OsStr {
        let (Self::Path(name) | Self::Abstract(name)) = self;
        name
    }

    /// Connects. A server whose queue of connections is full is waited for until `limit`.
    pub(crate) fn connect(&self, limit: Option<ConnectLimit>) -> anyhow::Result<UnixStream> {
        let connected = match limit {
            None if !interrupt::is_watched() => self.open(),
            _ => self.open_within(limit)?,
        };
        connected.map_err(|error| {
            // std says it of a path with NUL as well, which no argument has.
            let why = match error.kind() {
                io::ErrorKind::InvalidInput if self.name().is_empty() => "the name is empty".to_owned(),
                io::ErrorKind::InvalidInput => "the name is too long for a socket".to_owned(),
                _ => reason(&error),
            };
            Failure::Connect.error(format!("cannot connect to {}: {why}", self.shown()))
        })
    }

    fn open(&self) -> io::Result<UnixStream> {
        match self {
            Self::Path(path) => UnixStream::connect(path),
            Self::Abstract(name) => connect_abstract(name),
        }
    }

    /// [`Self::open`] on a thread of its own. Nothing can interrupt it: it may be left behind.
    fn open_within(&self, limit: Option<ConnectLimit>) -> anyhow::Result<io::Result<UnixStream>> {
        let (sender, receiver) = mpsc::channel();
        let socket = self.clone();
        let asked = thread::Builder::new().name("connect".into()).spawn(move || {
            // The receiver may be gone.
            let _ = sender.send(socket.open());
        });
        match asked {
            Err(error) => Ok(Err(error)),
            Ok(_) => for_thread(&receiver, limit.map(|limit| limit.at)).ok_or_else(|| {
                let why = limit.map_or_else(|| ": interrupted".to_owned(), |limit| format!(" {limit}"));
                Failure::TimedOut.error(format!("cannot connect to {}{why}", self.shown()))
            }),
        }
    }
}

#[cfg(target_os = "linux")]
fn connect_abstract(name: &OsStr) -> io::Result<UnixStream> {
    use std::os::linux::net::SocketAddrExt;
    let address = std::os::unix::net::SocketAddr::from_abstract_name(name.as_encoded_bytes())?;
    UnixStream::connect_addr(&address)
}

#[cfg(not(target_os = "linux"))]
fn connect_abstract(_name: &std::ffi::OsStr) -> io::Result<UnixStream> {
    Err(io::ErrorKind::Unsupported.into())
}

impl Stream for UnixStream {
    fn set_nonblocking(&self, is_nonblocking: bool) -> io::Result<()> {
        Self::set_nonblocking(self, is_nonblocking)
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }

    fn ends(&self) -> Option<Ends<'_>> {
        Some(Ends::unix(self))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn a_path_is_connected_to() {
        let path = std::env::temp_dir().join(format!("rawget-unix-{}", std::process::id()));
        let listener = UnixListener::bind(&path).unwrap();
        let mut stream = UnixSocket::Path(path.clone().into()).connect(None).unwrap();
        let (mut peer, _) = listener.accept().unwrap();
        stream.write_all(b"ask").unwrap();
        stream.shutdown_write().unwrap();
        let mut text = String::new();
        peer.read_to_string(&mut text).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!((text.as_str(), stream.addresses()), ("ask", (None, None)));
        let error = UnixSocket::Path(path.into()).connect(None).unwrap_err();
        assert_eq!(crate::failure::of(&error), Some(Failure::Connect));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_abstract_name_is_connected_to() {
        use std::os::linux::net::SocketAddrExt;
        let name = format!("rawget-{}", std::process::id());
        let address = std::os::unix::net::SocketAddr::from_abstract_name(&name).unwrap();
        let _listener = UnixListener::bind_addr(&address).unwrap();
        assert!(UnixSocket::Abstract(name.into()).connect(None).is_ok());
    }
}
