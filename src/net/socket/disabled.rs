use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::SocketOptions;

/// How `--version` lists it.
pub(crate) const NAME: &str = "-socket";

/// Can't be done: the plan has refused it.
pub(super) fn connect(
    _options: &SocketOptions,
    _address: SocketAddr,
    _limit: Option<Duration>,
) -> io::Result<TcpStream> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Can't be done: the plan has refused it.
pub(super) fn keep_alive(_stream: &TcpStream, _time: Duration) {}
