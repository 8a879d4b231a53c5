//! From a name to a connected socket: resolution, and a race between the
//! addresses (RFC 8305, "Happy Eyeballs") with plain threads.
//!
//! It knows hosts, ports and time limits; of HTTP, of options' syntax beyond
//! its own two rules, and of printing it may know nothing. What happens on the
//! way is told to the caller as [`DialEvent`]s, on the caller's thread.

mod address;
mod children;
mod command;
mod connect_limit;
mod dial_event;
mod dns;
mod doh;
mod endpoint;
mod exempt;
mod family;
mod happy_eyeballs;
mod haproxy;
mod overruling;
mod proxy;
mod resolve;
mod route;
pub(crate) mod socket;
pub(crate) mod socks;
pub(crate) mod starttls;
pub(crate) mod tls;
mod tried_address;
mod unix;
mod wording;

use std::borrow::Cow;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

pub(crate) use address::numeric;
pub(crate) use command::Via;
pub(crate) use connect_limit::ConnectLimit;
pub(crate) use dial_event::DialEvent;
pub(crate) use doh::Doh;
pub(crate) use endpoint::Endpoint;
pub(crate) use exempt::Exempt;
pub(crate) use family::Family;
pub(crate) use haproxy::ProxyLine;
pub(crate) use overruling::{ConnectToRule, ResolveRule};
pub(crate) use proxy::{Proxy, ProxyCredentials, ProxyProtocol};
pub(crate) use route::{CONNECT, Route, RouteHop, Routes, connect_target};
pub(crate) use socket::{Interface, KeepAlive, LocalAddress, SocketOptions};
pub(crate) use starttls::StartTls;
pub(crate) use unix::UnixSocket;
pub(crate) use wording::reason;

use crate::failure::{Failure, Trouble};
use connect_limit::{CONNECT_LIMIT, LimitSource};
use happy_eyeballs::Lost;
use tried_address::{AddressOutcome, TriedAddress};

/// How to connect: what the user's options say about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dialer {
    /// Which addresses may be used.
    pub(crate) family: Family,
    /// `--resolve`, in the order given: the last that fits is the one that counts.
    pub(crate) resolve: Vec<ResolveRule>,
    /// `--doh-url`: the server that resolves names instead of the system's resolver.
    pub(crate) doh: Option<Doh>,
    /// `--connect-to`, in the order given: the first that fits is the one that counts.
    pub(crate) connect_to: Vec<ConnectToRule>,
    /// `--connect-timeout`: how long resolving and connecting may take together.
    pub(crate) connect_timeout: Option<Duration>,
    /// What is wanted of sockets.
    pub(crate) socket: SocketOptions,
    /// `--unix-socket`, `--abstract-unix-socket`: connected to in place of any host.
    pub(crate) unix: Option<UnixSocket>,
    /// `--via`: the command that is talked to in place of any host.
    pub(crate) via: Option<Via>,
    /// `--starttls`: the protocol in which TLS is begun.
    pub(crate) starttls: Option<StartTls>,
    /// `--haproxy-protocol`: said at the beginning of each connection.
    pub(crate) proxy_line: Option<ProxyLine>,
    /// `--max-time`, as the moment at which it ends.
    pub(crate) deadline: Option<Instant>,
}

/// A connection.
#[derive(Debug)]
pub(crate) struct Dialed {
    /// The connected socket, blocking, with the user's options set.
    pub(crate) stream: TcpStream,
    /// The address that it is connected to.
    pub(crate) address: SocketAddr,
}

impl Dialer {
    /// What of it makes a connection another one: all but time limits, and where
    /// `--connect-to` leads, which [`Self::destination`] says.
    pub(crate) fn identity(&self) -> Self {
        Self { connect_to: Vec::new(), connect_timeout: None, deadline: None, ..self.clone() }
    }

    /// A connection to `to`, or to what `--connect-to` puts in its place.
    ///
    /// Fails with [`Failure::ResolveHost`], [`Failure::Connect`] (which names
    /// each address tried) or [`Failure::TimedOut`].
    pub(crate) fn dial(&self, to: &Endpoint, on: &mut dyn FnMut(&DialEvent<'_>)) -> anyhow::Result<Dialed> {
        let start = Instant::now();
        let limit = self.limit(start);
        let to = self.destination(to);
        let addresses = resolve::addresses(self, &to, limit, on)?;
        let won = happy_eyeballs::connect(addresses, limit.map(|limit| limit.at), &self.socket, on)
            .map_err(|lost| cannot_connect(&to, limit, &lost))?;
        self.socket.apply(&won.stream);
        Ok(Dialed { stream: won.stream, address: won.address })
    }

    /// The addresses of `to`, for a proxy that takes no names; `--connect-to` has
    /// been applied already.
    pub(crate) fn resolve(
        &self,
        to: &Endpoint,
        on: &mut dyn FnMut(&DialEvent<'_>),
    ) -> anyhow::Result<Vec<SocketAddr>> {
        resolve::addresses(self, to, self.limit(Instant::now()), on)
    }

    /// Where a connection for `to` really goes: the first `--connect-to` rule that fits decides.
    pub(crate) fn destination<'a>(&self, to: &'a Endpoint) -> Cow<'a, Endpoint> {
        let rule = self.connect_to.iter().find(|rule| rule.fits(to));
        rule.map_or(Cow::Borrowed(to), |rule| Cow::Owned(rule.apply(to)))
    }

    /// Where a command is to connect for `to`: as [`Self::destination`], by the address that
    /// `--resolve` gives, if it gives one.
    pub(crate) fn pinned_destination(&self, to: &Endpoint) -> Endpoint {
        let to = self.destination(to).into_owned();
        match ResolveRule::find(&self.resolve, &to).and_then(|found| found.first().copied()) {
            Some(address) => Endpoint { host: address.ip().to_string(), ..to },
            None => to,
        }
    }

    /// The earlier of the time limits that options set, for what begins at `start`. It is for name
    /// resolution and TCP's handshake, which the system ends by itself.
    fn limit(&self, start: Instant) -> Option<ConnectLimit> {
        let connect = self.connect_timeout.and_then(|within| {
            let at = start.checked_add(within)?;
            Some(ConnectLimit { at, set_by: LimitSource::ConnectTimeout(within) })
        });
        let total = self.deadline.map(|at| ConnectLimit { at, set_by: LimitSource::MaxTime });
        [connect, total].into_iter().flatten().min_by_key(|limit| limit.at)
    }

    /// The time limit for making a connection from `start` on. It includes the handshakes with proxies
    /// and TLS, and since nothing else ends those, there is always one.
    pub(crate) fn whole_limit(&self, start: Instant) -> Option<ConnectLimit> {
        let whole = || {
            let at = start.checked_add(CONNECT_LIMIT)?;
            Some(ConnectLimit { at, set_by: LimitSource::Default })
        };
        let default = self.connect_timeout.is_none().then(whole).flatten();
        [self.limit(start), default].into_iter().flatten().min_by_key(|limit| limit.at)
    }
}

/// The error for a lost race.
fn cannot_connect(to: &Endpoint, limit: Option<ConnectLimit>, lost: &Lost) -> anyhow::Error {
    let tried = tried(to, lost);
    match limit {
        Some(limit) if lost.cut_off => {
            Failure::TimedOut.error(format!("cannot connect to {to} {limit}{tried}"))
        }
        _ if !lost.attempts.is_empty() && lost.attempts.iter().all(TriedAddress::is_own_fault) => {
            Failure::Interface.with_trouble(Trouble::Own, format!("cannot connect to {to}{tried}"))
        }
        // The system's own limit, some two minutes on Linux, is a time limit like any other.
        _ if lost.attempts.iter().all(TriedAddress::is_slow) => {
            Failure::TimedOut.error(format!("cannot connect to {to}{tried}"))
        }
        _ if lost.attempts.iter().any(TriedAddress::is_refused) => {
            Failure::Connect.with_trouble(Trouble::Refused, format!("cannot connect to {to}{tried}"))
        }
        _ => Failure::Connect.error(format!("cannot connect to {to}{tried}")),
    }
}

/// Each address tried and why it failed. The address is left out where it says nothing new.
fn tried(to: &Endpoint, lost: &Lost) -> String {
    if let Some(fault) = TriedAddress::one_own_fault(&lost.attempts) {
        return format!(": {fault}");
    }
    let mut text = String::new();
    for (index, attempt) in lost.attempts.iter().enumerate() {
        let address = attempt.address.to_string();
        text.push_str(if index == 0 { ": " } else { "; " });
        if lost.attempts.len() > 1 || address != to.to_string() {
            text.push_str(&address);
            text.push_str(": ");
        }
        match &attempt.outcome {
            AddressOutcome::Failed(error) if !(lost.cut_off && attempt.is_slow()) => {
                text.push_str(&reason(error));
            }
            _ => text.push_str("no response"),
        }
    }
    if lost.untried > 0 && !lost.attempts.is_empty() {
        text.push_str(&format!("; {} more not tried", lost.untried));
    }
    text
}

#[cfg(test)]
mod tests;
