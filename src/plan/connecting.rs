//! What the options say of connections: to where, from where, and how.

use std::fs;
use std::time::Duration;

use super::usage;
use crate::cli::connecting::Connecting;
use crate::net::{Dialer, Family, Interface, ProxyLine, SocketOptions, UnixSocket, socket};

/// Where Linux lists its network devices.
const DEVICES: &str = "/sys/class/net";

/// How connections are made.
pub(super) fn dialer(options: &Connecting) -> anyhow::Result<Dialer> {
    let family = match (options.ipv4, options.ipv6) {
        (true, _) => Family::V4,
        (_, true) => Family::V6,
        _ => Family::Any,
    };
    let path = options.unix_socket.clone().map(UnixSocket::Path);
    let proxy_line = ProxyLine { client: options.haproxy_clientip };
    let has_line = options.haproxy_protocol || proxy_line.client.is_some();
    Ok(Dialer {
        family,
        resolve: options.resolve.clone(),
        connect_to: options.connect_to.clone(),
        connect_timeout: options.connect_timeout.filter(|limit| !limit.is_zero()),
        socket: socket_options(options)?,
        unix: path.or_else(|| options.abstract_unix_socket.clone().map(UnixSocket::Abstract)),
        via: options.via.clone(),
        starttls: options.starttls,
        proxy_line: has_line.then_some(proxy_line),
        deadline: None,
    })
}

fn socket_options(options: &Connecting) -> anyhow::Result<SocketOptions> {
    let keep_alive = options.keepalive_time.filter(|_| !options.no_keepalive);
    let wanted = SocketOptions {
        interface: options.interface.as_deref().map(interface).transpose()?,
        local_ports: options.local_port,
        keep_alive: keep_alive.map(|seconds| Duration::from_secs(seconds.into())),
        delays: options.no_tcp_nodelay,
    };
    if wanted.need_feature() && socket::NAME.starts_with('-') {
        let name = match (&wanted.interface, wanted.local_ports) {
            (Some(_), _) => "--interface",
            (None, Some(_)) => "--local-port",
            (None, None) => "--keepalive-time",
        };
        return Err(usage(name, "this build sets no options of sockets (feature `socket`)"));
    }
    Ok(wanted)
}

/// An address, a device or a host; `if!` and `host!` before it say which, as for curl.
fn interface(text: &str) -> anyhow::Result<Interface> {
    if text.is_empty() {
        return Err(usage("--interface", "it is empty"));
    }
    if let Some(device) = text.strip_prefix("if!") {
        return Ok(Interface::Device(device.to_owned()));
    }
    let name = text.strip_prefix("host!");
    if let Ok(address) = name.unwrap_or(text).trim_matches(['[', ']']).parse() {
        return Ok(Interface::Address(address));
    }
    let is_device = || !text.contains('/') && fs::exists(format!("{DEVICES}/{text}")).unwrap_or(false);
    Ok(match name {
        Some(name) => Interface::Host(name.to_owned()),
        None if is_device() => Interface::Device(text.to_owned()),
        None => Interface::Host(text.to_owned()),
    })
}
