use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use socket2::{Domain, SockRef, Socket, TcpKeepalive, Type};

use super::{CannotBind, Interface, KeepAlive, LocalAddress, SocketOptions};
use crate::net::wording::{printable, reason};

/// How `--version` lists it.
pub(crate) const NAME: &str = "+socket";
/// Whether this build has it.
pub(crate) const IS_BUILT: bool = true;

/// A connection that leaves from where `options` say.
pub(super) fn connect(
    options: &SocketOptions,
    address: SocketAddr,
    limit: Option<Duration>,
) -> io::Result<TcpStream> {
    let socket = open(options, address)?;
    mark(&socket, options, address);
    let Interface { device, from } = options.interface.clone().unwrap_or_default();
    if let Some(name) = device {
        let fails = |error| own_fault(&format!("the interface {}", printable(&name)), &error);
        bind_device(&socket, &name).map_err(fails)?;
    }
    let from = match from {
        None => None,
        Some(LocalAddress::Address(from)) if from.is_ipv4() == address.is_ipv4() => Some(from),
        Some(LocalAddress::Address(from)) => {
            let kind = if from.is_ipv4() { "IPv4" } else { "IPv6" };
            let what = format!("cannot connect from {from} to {}: {from} is an {kind} address", address.ip());
            return Err(io::Error::other(CannotBind(what)));
        }
        Some(LocalAddress::Host(name)) => Some(address_of(&name, address)?),
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

/// With Multipath TCP where it is wanted and the system has it, as curl.
fn open(options: &SocketOptions, address: SocketAddr) -> io::Result<Socket> {
    let domain = Domain::for_address(address);
    let multipath = options.multipath.then(|| multipath(domain)).flatten();
    multipath.map_or_else(|| Socket::new(domain, Type::STREAM, None), Ok)
}

#[cfg(target_os = "linux")]
fn multipath(domain: Domain) -> Option<Socket> {
    Socket::new(domain, Type::STREAM, Some(socket2::Protocol::MPTCP)).ok()
}

#[cfg(not(target_os = "linux"))]
fn multipath(_domain: Domain) -> Option<Socket> {
    None
}

/// What packets say of themselves. A network that is not told so still carries them.
fn mark(socket: &Socket, options: &SocketOptions, address: SocketAddr) {
    if let Some(value) = options.type_of_service {
        let _ = match address {
            SocketAddr::V4(_) => socket.set_tos_v4(value.into()),
            SocketAddr::V6(_) => socket.set_tclass_v6(value.into()),
        };
    }
    #[cfg(target_os = "linux")]
    if let Some(priority) = options.priority {
        let _ = socket.set_priority(priority);
    }
}

/// The address of `name` that something can leave from towards `to`.
fn address_of(name: &str, to: SocketAddr) -> io::Result<IpAddr> {
    let what = format!("{} (no interface has this name)", printable(name));
    let fails = |error: io::Error| own_fault(&what, &error);
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
            Err(error) if first == 0 => return Err(own_fault(&format!("the address {from}"), &error)),
            Err(error) if port > first => {
                return Err(own_fault(&format!("any of the local ports {first} to {port}"), &error));
            }
            Err(error) => return Err(own_fault(&format!("the local port {port}"), &error)),
            Ok(()) => return Ok(()),
        }
    }
    Ok(())
}

fn own_fault(what: &str, error: &io::Error) -> io::Error {
    io::Error::other(CannotBind(format!("cannot bind to {what}: {}", reason(error))))
}

/// Has a silent connection probed.
pub(super) fn keep_alive(stream: &TcpStream, wanted: KeepAlive) {
    let probes = TcpKeepalive::new().with_time(wanted.time).with_interval(wanted.time);
    let _ = SockRef::from(stream).set_tcp_keepalive(&probes.with_retries(wanted.count));
}
