use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use socket2::{Domain, SockRef, Socket, TcpKeepalive, Type};

use super::{CannotBind, Interface, SocketOptions};
use crate::net::{printable, reason};

/// How `--version` lists it.
pub(crate) const NAME: &str = "+socket";

/// A connection that leaves from where `options` say.
pub(super) fn connect(
    options: &SocketOptions,
    address: SocketAddr,
    limit: Option<Duration>,
) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    let from = match &options.interface {
        None => None,
        Some(Interface::Address(from)) => Some(*from),
        Some(Interface::Host(name)) => Some(address_of(name, address)?),
        Some(Interface::Device(name)) => {
            bind_device(&socket, name).map_err(|error| own_fault(&interface(name), &error))?;
            None
        }
    };
    if from.is_some() || options.local_ports.is_some() {
        let any = match address {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        };
        bind(&socket, from.unwrap_or(any), options.local_ports.unwrap_or_default())?;
    }
    match limit {
        None => socket.connect(&address.into())?,
        Some(limit) => socket.connect_timeout(&address.into(), limit)?,
    }
    Ok(socket.into())
}

/// The address of `name` that something can leave from towards `to`.
fn address_of(name: &str, to: SocketAddr) -> io::Result<IpAddr> {
    let fails = |error: io::Error| own_fault(&interface(name), &error);
    let mut found = (name, 0).to_socket_addrs().map_err(fails)?;
    let fitting = found.find(|found| found.is_ipv4() == to.is_ipv4());
    fitting.map(|found| found.ip()).ok_or_else(|| fails(io::ErrorKind::AddrNotAvailable.into()))
}

#[cfg(target_os = "linux")]
fn bind_device(socket: &Socket, name: &str) -> io::Result<()> {
    socket.bind_device(Some(name.as_bytes()))
}

#[cfg(not(target_os = "linux"))]
fn bind_device(_socket: &Socket, _name: &str) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Binds to the first port between the two that is free.
fn bind(socket: &Socket, from: IpAddr, (first, last): (u16, u16)) -> io::Result<()> {
    for port in first..=last {
        match socket.bind(&SocketAddr::new(from, port).into()) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && port < last => {}
            Err(error) if first == 0 => return Err(own_fault(&interface(&from.to_string()), &error)),
            Err(error) => return Err(own_fault(&format!("the local port {port}"), &error)),
            Ok(()) => return Ok(()),
        }
    }
    Ok(())
}

fn interface(name: &str) -> String {
    format!("the interface {}", printable(name))
}

fn own_fault(what: &str, error: &io::Error) -> io::Error {
    io::Error::other(CannotBind(format!("cannot leave from {what}: {}", reason(error))))
}

/// Asks for a sign of life after so long a silence, and every so often again.
pub(super) fn keep_alive(stream: &TcpStream, time: Duration) {
    let _ = SockRef::from(stream).set_tcp_keepalive(&TcpKeepalive::new().with_time(time).with_interval(time));
}
