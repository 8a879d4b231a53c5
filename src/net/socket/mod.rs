//! What the user wants of a TCP socket before and after it connects: where it
//! leaves from, whether it is kept alive, whether it waits to fill its packets.

#[cfg(feature = "extras")]
#[path = "enabled.rs"]
mod imp;
#[cfg(not(feature = "extras"))]
#[path = "disabled.rs"]
mod imp;

use std::error::Error;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::Duration;

pub(crate) use imp::{IS_BUILT, NAME};

/// The user's options about sockets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SocketOptions {
    /// `--interface`.
    pub(crate) interface: Option<Interface>,
    /// `--local-port`: the first and the last that may be used.
    pub(crate) local_ports: Option<(u16, u16)>,
    /// How silent connections are probed (RFC 9293 §3.8.4).
    pub(crate) keep_alive: Option<KeepAlive>,
    /// `--ip-tos`.
    pub(crate) type_of_service: Option<u8>,
    /// `--vlan-priority`.
    pub(crate) priority: Option<u32>,
    /// `--mptcp`.
    pub(crate) multipath: bool,
    /// `--happy-eyeballs-timeout-ms`: how long an attempt runs alone, where that is not the usual time.
    pub(crate) attempt_delay: Option<Duration>,
    /// `--no-tcp-nodelay`.
    pub(crate) delays: bool,
}

/// When and how often a silent connection is probed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeepAlive {
    /// `--keepalive-time`: the silence before the first probe, and between probes.
    pub(crate) time: Duration,
    /// `--keepalive-cnt`: the probes without a response after which the connection is given up.
    pub(crate) count: u32,
}

/// Where connections leave from: a device, an address, or both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Interface {
    /// A device, such as `eth0`.
    pub(crate) device: Option<String>,
    pub(crate) from: Option<LocalAddress>,
}

/// An address of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LocalAddress {
    Address(IpAddr),
    /// A name that stands for one.
    Host(String),
}

/// A socket that can't leave from where it is to leave from.
#[derive(Debug)]
struct CannotBind(String);

impl fmt::Display for CannotBind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for CannotBind {}

/// Whether a connection failed on this side, before it was tried.
pub(super) fn is_own_fault(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<CannotBind>())
}

impl SocketOptions {
    /// The option that only a build with the feature can follow, if one is given.
    pub(crate) fn need_feature(&self) -> Option<&'static str> {
        let all = [
            (self.interface.is_some(), "--interface"),
            (self.local_ports.is_some(), "--local-port"),
            (self.type_of_service.is_some(), "--ip-tos"),
            (self.priority.is_some(), "--vlan-priority"),
            (self.multipath, "--mptcp"),
        ];
        all.into_iter().find(|(is_given, _)| *is_given).map(|(_, name)| name)
    }

    /// A connection to `address`, within `limit`.
    pub(super) fn connect(&self, address: SocketAddr, limit: Option<Duration>) -> io::Result<TcpStream> {
        match limit {
            Some(Duration::ZERO) => Err(io::ErrorKind::TimedOut.into()),
            limit if self.need_feature().is_some() => imp::connect(self, address, limit),
            None => TcpStream::connect(address),
            Some(limit) => TcpStream::connect_timeout(&address, limit),
        }
    }

    /// What is set on a socket that is connected. One that refuses an option
    /// still carries the request.
    pub(super) fn apply(&self, stream: &TcpStream) {
        // Without it a request in several writes waits for acknowledgements.
        let _ = stream.set_nodelay(!self.delays);
        if let Some(wanted) = self.keep_alive {
            imp::keep_alive(stream, wanted);
        }
    }
}
