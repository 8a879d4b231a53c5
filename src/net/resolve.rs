//! The addresses of a host, from the nearest source that knows: `--resolve`,
//! the host itself, the convention for localhost, then the system's resolver.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use super::Dialer;
use super::address::socket_address;
use super::connect_limit::ConnectLimit;
use super::dial_event::DialEvent;
use super::endpoint::Endpoint;
use super::family::Family;
use super::happy_eyeballs::order;
use super::overruling::ResolveRule;
use super::wording::{printable, reason};
use crate::failure::Failure;
use crate::interrupt;
use crate::wait::for_thread;

/// The longest name that the resolver is asked for. The DNS allows 253 bytes
/// (RFC 1035 §2.3.4), and a dot may follow.
const MAX_NAME: usize = 254;

/// The addresses of `to` in the order in which to try them, at least one, of
/// the family requested.
pub(super) fn addresses(
    dialer: &Dialer,
    to: &Endpoint,
    limit: Option<ConnectLimit>,
    on: &mut dyn FnMut(&DialEvent<'_>),
) -> anyhow::Result<Vec<SocketAddr>> {
    let found = if let Some(given) = ResolveRule::find(&dialer.resolve, to) {
        given
    } else if let Some(address) = socket_address(&to.host, to.port) {
        let address = address.map_err(|_| unknown_zone(to))?;
        return if dialer.family.allows(&address) { Ok(vec![address]) } else { Err(wrong_family(to)) };
    } else if is_localhost(&to.host) {
        let loopback = [IpAddr::from(Ipv6Addr::LOCALHOST), Ipv4Addr::LOCALHOST.into()];
        loopback.map(|address| SocketAddr::new(address, to.port)).to_vec()
    } else {
        refuse_unknowable(to)?;
        match &dialer.doh {
            None => system(to, limit)?,
            Some(doh) => {
                let limit = dialer.whole_limit(Instant::now());
                doh.addresses(dialer, to, limit, on).map_err(|why| match limit {
                    Some(limit) if limit.remaining().is_zero() => too_late(to, limit),
                    _ => unresolved(to, &why),
                })?
            }
        }
    };
    let addresses = order(only(dialer.family, found, to)?);
    on(&DialEvent::Resolved { host: &to.host, addresses: &addresses });
    Ok(addresses)
}

/// The addresses of the family; an error where there are none.
fn only(family: Family, mut addresses: Vec<SocketAddr>, to: &Endpoint) -> anyhow::Result<Vec<SocketAddr>> {
    addresses.retain(|address| family.allows(address));
    if addresses.is_empty() {
        let kind = match family {
            Family::Any => "",
            Family::V4 => "IPv4 ",
            Family::V6 => "IPv6 ",
        };
        return Err(unresolved(to, &format!("it has no {kind}address")));
    }
    Ok(addresses)
}

/// Names that stand for this machine without a question to anybody (RFC 6761 §6.3).
fn is_localhost(host: &str) -> bool {
    is_below(host, "localhost")
}

/// Whether the last label of `host` is `top`.
fn is_below(host: &str, top: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    host.rsplit('.').next().is_some_and(|label| label.eq_ignore_ascii_case(top))
}

/// Refuses names that cannot be looked up.
fn refuse_unknowable(to: &Endpoint) -> anyhow::Result<()> {
    if to.host.is_empty() {
        return Err(Failure::ResolveHost.error("cannot resolve an empty host name"));
    }
    if is_below(&to.host, "onion") {
        let message = ".onion names must not be looked up in the DNS (RFC 7686): use Tor's proxy, as in \
                       --socks5-hostname localhost:9050";
        return Err(Failure::ResolveHost.error(message));
    }
    if to.host.len() > MAX_NAME {
        return Err(unresolved(to, "a host name cannot be longer than 253 bytes"));
    }
    if to.host.contains('\0') {
        return Err(unresolved(to, "a host name cannot contain NUL"));
    }
    Ok(())
}

/// The result of the system's resolver.
///
/// Nothing can interrupt it, so under a time limit, or where an interrupt is to end the run in
/// order, it is asked on a thread of its own, which may be left behind.
fn system(to: &Endpoint, limit: Option<ConnectLimit>) -> anyhow::Result<Vec<SocketAddr>> {
    let host = to.host.clone();
    let port = to.port;
    let ask =
        move || -> io::Result<Vec<SocketAddr>> { Ok((host.as_str(), port).to_socket_addrs()?.collect()) };
    let answer = match limit {
        None if !interrupt::is_watched() => ask(),
        Some(limit) if limit.remaining().is_zero() => return Err(too_late(to, limit)),
        _ => {
            let (sender, receiver) = mpsc::channel();
            let thread = thread::Builder::new().name("resolve".into());
            let asked = thread.spawn(move || {
                // The receiver is gone once the limit has passed.
                let _ = sender.send(ask());
            });
            if let Err(error) = asked {
                return Err(unresolved(to, &format!("cannot start a thread: {}", reason(&error))));
            }
            let answer = for_thread(&receiver, limit.map(|limit| limit.at));
            answer.ok_or_else(|| match limit {
                Some(limit) => too_late(to, limit),
                None => unresolved(to, "interrupted"),
            })?
        }
    };
    answer.map_err(|error| unresolved(to, &reason(&error)))
}

/// The error for an address that -4 or -6 leaves out.
fn wrong_family(to: &Endpoint) -> anyhow::Error {
    let (option, own) = if to.host.contains(':') { ("-4", "IPv6") } else { ("-6", "IPv4") };
    Failure::Connect.error(format!("cannot connect to {to}: {option} excludes {own} addresses"))
}

fn unresolved(to: &Endpoint, why: &str) -> anyhow::Error {
    Failure::ResolveHost.error(format!("cannot resolve {}: {why}", printable(&to.host)))
}

fn too_late(to: &Endpoint, limit: ConnectLimit) -> anyhow::Error {
    Failure::TimedOut.error(format!("cannot resolve {} {limit}", printable(&to.host)))
}

/// The host is an address, so it isn't the resolver that fails: as curl, which
/// cannot connect to such an address.
fn unknown_zone(to: &Endpoint) -> anyhow::Error {
    Failure::Connect.error(format!("cannot connect to {to}: no such network interface"))
}

#[cfg(test)]
mod tests {
    use super::is_localhost;

    #[test]
    fn localhost_and_what_is_under_it() {
        for host in ["localhost", "LocalHost.", "a.localhost", "a.b.localhost."] {
            assert!(is_localhost(host), "{host}");
        }
        for host in ["", ".", "localhost.example", "notlocalhost", "localhost..", "localhost.."] {
            assert!(!is_localhost(host), "{host}");
        }
    }
}
