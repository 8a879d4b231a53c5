use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::{KeepAlive, SocketOptions};

/// How `--version` lists it.
pub(crate) const NAME: &str = "-socket";
/// Whether this build has it.
pub(crate) const IS_BUILT: bool = false;

/// Can't be done: the plan has refused it.
pub(super) fn connect(
    _options: &SocketOptions,
    _address: SocketAddr,
    _limit: Option<Duration>,
) -> io::Result<TcpStream> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Can't be done; the plan has refused what the user requests.
pub(super) fn keep_alive(_stream: &TcpStream, _wanted: KeepAlive) {}
