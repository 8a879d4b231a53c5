//! What the options say of connections: to where, from where, and how.

use std::ffi::OsStr;
use std::fs;
use std::rc::Rc;
use std::time::Duration;

use super::usage_error::usage;
use crate::cli::connecting::ConnectingOptions;
use crate::failure::Failure;
use crate::http::uri::{Scheme, Uri};
use crate::idna;
use crate::net::tls::{Settings, Sni, Tls};
use crate::net::{
    ConnectToRule, Dialer, Doh, Family, Interface, KeepAlive, LocalAddress, ProxyLine, ResolveRule,
    SocketOptions, UnixSocket, socket,
};

/// Where Linux lists its network devices.
const DEVICES: &str = "/sys/class/net";

/// The silence after which a connection is probed, and how many probes may stay without a response: curl's.
const PROBED_AFTER: Duration = Duration::from_secs(60);
const PROBES: u32 = 9;

/// How connections are made.
pub(super) fn dialer(options: &ConnectingOptions, tls: &Settings) -> anyhow::Result<Dialer> {
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
        resolve: options.resolve.iter().cloned().map(in_a_labels).collect::<anyhow::Result<_>>()?,
        doh: options
            .doh_url
            .as_deref()
            .filter(|url| !url.is_empty())
            .map(|url| doh(url, options.doh_insecure, tls))
            .transpose()?,
        connect_to: options.connect_to.iter().cloned().map(led_in_a_labels).collect::<anyhow::Result<_>>()?,
        connect_timeout: options.connect_timeout.filter(|limit| !limit.is_zero()),
        socket: socket_options(options)?,
        unix: path.or_else(|| options.abstract_unix_socket.clone().map(UnixSocket::Abstract)),
        via: options.via.clone(),
        starttls: options.starttls,
        proxy_line: has_line.then_some(proxy_line),
        deadline: None,
    })
}

/// A rule of `--resolve` for the form in which hosts are looked up (RFC 5890 §2.3.2.1).
fn in_a_labels(rule: ResolveRule) -> anyhow::Result<ResolveRule> {
    rule.with_host(host_in_a_labels).map_err(|why| usage("--resolve", why))
}

/// The same for a rule of `--connect-to`.
fn led_in_a_labels(rule: ConnectToRule) -> anyhow::Result<ConnectToRule> {
    rule.with_hosts(host_in_a_labels).map_err(|why| usage("--connect-to", why))
}

fn host_in_a_labels(host: &str) -> Result<String, &'static str> {
    if host.is_ascii() { Ok(host.to_owned()) } else { idna::to_a_labels(host) }
}

/// The server of `--doh-url`, which is trusted as others are by `tls`.
fn doh(url: &OsStr, insecure: bool, tls: &Settings) -> anyhow::Result<Doh> {
    let malformed = |why: String| Failure::MalformedUrl.error(format!("--doh-url: {why}"));
    let mut uri = Uri::parse(url.as_encoded_bytes(), Scheme::Https)
        .map_err(|problem| malformed(problem.without_advice()))?;
    uri.host = host_in_a_labels(&uri.host).map_err(|why| malformed(why.to_owned()))?;
    if uri.scheme != Scheme::Https {
        return Err(usage("--doh-url", "the URL must use https (RFC 8484)"));
    }
    let settings = Settings { insecure, alpn: None, sni: Sni::Host, pins: None, ..tls.clone() };
    Ok(Doh { uri, tls: Rc::new(Tls::new(settings)) })
}

fn socket_options(options: &ConnectingOptions) -> anyhow::Result<SocketOptions> {
    let given = |value: Option<u32>| value.filter(|&value| value > 0);
    let keep_alive = KeepAlive {
        time: given(options.keepalive_time)
            .map_or(PROBED_AFTER, |seconds| Duration::from_secs(seconds.into())),
        count: given(options.keepalive_cnt).unwrap_or(PROBES),
    };
    let wanted = SocketOptions {
        interface: options.interface.as_deref().map(interface).transpose()?,
        local_ports: options.local_port,
        keep_alive: (!options.no_keepalive).then_some(keep_alive),
        delays: options.no_tcp_nodelay,
        type_of_service: options.ip_tos,
        priority: options.vlan_priority,
        multipath: options.mptcp,
        attempt_delay: options.happy_eyeballs_timeout_ms.map(Duration::from_millis),
    };
    let probes = [("--keepalive-time", options.keepalive_time), ("--keepalive-cnt", options.keepalive_cnt)];
    let probing = probes.into_iter().find(|(_, given)| given.is_some()).map(|(name, _)| name);
    match wanted.need_feature().or(probing) {
        Some(name) if !socket::IS_BUILT => {
            Err(usage(name, "this build cannot set socket options (feature `extras`)"))
        }
        _ => Ok(wanted),
    }
}

/// A device, an address or a host; `if!`, `host!` and `ifhost!DEVICE!` before it say which, as for curl.
fn interface(text: &str) -> anyhow::Result<Interface> {
    let device = |name: &str| Interface { device: Some(name.to_owned()), from: None };
    let host = |name: &str| Interface { device: None, from: Some(local_address(name)) };
    let is_device = || !text.contains('/') && fs::exists(format!("{DEVICES}/{text}")).unwrap_or(false);
    let kinds = ["if!", "ifhost!", "host!"];
    let kind = kinds.into_iter().find(|kind| text.starts_with(kind)).unwrap_or_default();
    let name = &text[kind.len()..];
    let both = name.split_once('!').filter(|_| kind == "ifhost!");
    if name.is_empty() || both.is_some_and(|(device, host)| device.is_empty() || host.is_empty()) {
        return Err(usage("--interface", "the name is empty"));
    }
    Ok(match (kind, both) {
        ("if!", _) => device(name),
        ("ifhost!", Some((name, from))) => Interface { from: Some(local_address(from)), ..device(name) },
        ("ifhost!", None) => {
            return Err(usage("--interface", "the form is ifhost!DEVICE!HOST, and !HOST is missing"));
        }
        ("", _) if is_device() => device(name),
        _ => host(name),
    })
}

fn local_address(text: &str) -> LocalAddress {
    let address = text.trim_matches(['[', ']']).parse();
    address.map_or_else(|_| LocalAddress::Host(text.to_owned()), LocalAddress::Address)
}
