//! From a name to a connected socket: resolution, and a race between the
//! addresses (RFC 8305, "Happy Eyeballs") with plain threads.
//!
//! It knows hosts, ports and time limits; of HTTP, of options' syntax beyond
//! its own two rules, and of printing it may know nothing. What happens on the
//! way is told to the caller as [`DialEvent`]s, on the caller's thread.

mod address;
mod children;
mod command;
mod dns;
mod doh;
mod exempt;
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
mod unix;

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

pub(crate) use address::numeric;
pub(crate) use command::Via;
pub(crate) use doh::Doh;
pub(crate) use exempt::Exempt;
pub(crate) use haproxy::ProxyLine;
pub(crate) use overruling::{ConnectToRule, ResolveRule};
pub(crate) use proxy::{Proxy, ProxyCredentials, ProxyProtocol};
pub(crate) use route::{CONNECT, Route, RouteHop, Routes, connect_target};
pub(crate) use socket::{Interface, KeepAlive, SocketOptions};
pub(crate) use starttls::StartTls;
pub(crate) use unix::UnixSocket;

use crate::failure::{Failure, Trouble};
use happy_eyeballs::Lost;

/// Where to connect, before resolution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// A name, or an address without brackets; an IPv6 address may have a zone (`%eth0`).
    pub(crate) host: String,
    /// The TCP port.
    pub(crate) port: u16,
}

/// As written in a URL's authority, fit for a message: see [`printable`].
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = printable(&self.host);
        if host.contains(':') {
            write!(f, "[{host}]:{}", self.port)
        } else {
            write!(f, "{host}:{}", self.port)
        }
    }
}

/// Which addresses may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Family {
    /// All.
    #[default]
    Any,
    /// IPv4 alone (`-4`).
    V4,
    /// IPv6 alone (`-6`).
    V6,
}

impl Family {
    /// Whether this family has the address.
    pub(crate) fn allows(self, address: &SocketAddr) -> bool {
        match self {
            Self::Any => true,
            Self::V4 => address.is_ipv4(),
            Self::V6 => address.is_ipv6(),
        }
    }
}

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

/// What happens during [`Dialer::dial`], told when it happens.
#[derive(Debug)]
pub(crate) enum DialEvent<'a> {
    /// The host was a name and stands for these addresses, in the order in which they are tried.
    Resolved {
        /// The name as given: it may hold any byte, and is not yet fit for a terminal.
        host: &'a str,
        /// At least one.
        addresses: &'a [SocketAddr],
    },
    /// An attempt begins.
    Trying {
        /// To where.
        address: SocketAddr,
    },
    /// An attempt failed. One that the time limit cut off is not told here, but in the error.
    Failed {
        /// To where.
        address: SocketAddr,
        /// Why.
        error: &'a io::Error,
    },
    /// This attempt won; the others are abandoned.
    Connected {
        /// To where.
        address: SocketAddr,
    },
}

/// One address that was tried.
#[derive(Debug)]
struct TriedAddress {
    address: SocketAddr,
    /// When it began, counted from the end of resolution.
    began: Duration,
    /// How long it took, or lasted until it was abandoned.
    took: Duration,
    /// What came of it.
    outcome: AddressOutcome,
}

/// What came of an attempt.
#[derive(Debug)]
enum AddressOutcome {
    /// The attempt made the connection in use.
    Connected,
    /// The system refused it, or its time ran out.
    Failed(io::Error),
    /// Another address was faster, or the time limit passed, and no response had come.
    Abandoned,
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

/// When to give up connecting.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConnectLimit {
    at: Instant,
    set_by: LimitSource,
}

/// How long a connection may take to be made where `--connect-timeout` does not say: as by curl.
const CONNECT_LIMIT: Duration = Duration::from_secs(300);

/// Where the limit comes from.
#[derive(Clone, Copy, Debug)]
enum LimitSource {
    ConnectTimeout(Duration),
    MaxTime,
    /// [`CONNECT_LIMIT`].
    Default,
}

impl ConnectLimit {
    /// The moment.
    pub(crate) fn at(&self) -> Instant {
        self.at
    }

    fn remaining(&self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }
}

/// The end of the sentence "cannot do this …".
impl fmt::Display for ConnectLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.set_by {
            LimitSource::ConnectTimeout(within) => {
                write!(f, "within {} s (--connect-timeout)", within.as_secs_f64())
            }
            LimitSource::MaxTime => f.write_str("before the time limit (--max-time)"),
            LimitSource::Default => {
                write!(f, "within {} s (--connect-timeout sets the limit)", CONNECT_LIMIT.as_secs())
            }
        }
    }
}

/// The error for a lost race.
fn cannot_connect(to: &Endpoint, limit: Option<ConnectLimit>, lost: &Lost) -> anyhow::Error {
    let tried = tried(to, lost);
    match limit {
        Some(limit) if lost.cut_off => {
            Failure::TimedOut.error(format!("cannot connect to {to} {limit}{tried}"))
        }
        _ if lost.attempts.iter().any(TriedAddress::is_own_fault) => {
            Failure::Interface.error(format!("cannot connect to {to}{tried}"))
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

impl TriedAddress {
    /// Whether the connection was refused.
    fn is_refused(&self) -> bool {
        matches!(&self.outcome, AddressOutcome::Failed(error) if error.kind() == io::ErrorKind::ConnectionRefused)
    }

    /// Whether the attempt failed on this machine, before anything was sent.
    fn is_own_fault(&self) -> bool {
        matches!(&self.outcome, AddressOutcome::Failed(error) if socket::is_own_fault(error))
    }

    /// Whether no response came, not even a refusal.
    fn is_slow(&self) -> bool {
        match &self.outcome {
            AddressOutcome::Connected => false,
            AddressOutcome::Failed(error) => error.kind() == io::ErrorKind::TimedOut,
            AddressOutcome::Abandoned => true,
        }
    }
}

/// A system's error in plain words, without the number that the standard library adds.
pub(crate) fn reason(error: &io::Error) -> String {
    let known = match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused",
        io::ErrorKind::ConnectionReset => "connection reset",
        io::ErrorKind::TimedOut => "timed out",
        io::ErrorKind::NetworkUnreachable => "network unreachable",
        io::ErrorKind::HostUnreachable => "host unreachable",
        io::ErrorKind::AddrNotAvailable => "address not available",
        io::ErrorKind::PermissionDenied => "permission denied",
        _ => "",
    };
    if !known.is_empty() {
        return known.to_owned();
    }
    // EMFILE: what std has no kind for.
    if error.raw_os_error() == Some(24) {
        return "too many open files (ulimit -n raises the limit)".to_owned();
    }
    let text = error.to_string();
    let text = text.strip_prefix("failed to lookup address information: ").unwrap_or(&text);
    let text = text.split(" (os error").next().unwrap_or(text);
    let mut text = printable(text);
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    text
}

/// The most characters of a foreign text in one message: enough for the longest
/// name of the DNS, 253 (RFC 1035 §2.3.4).
const MAX_SHOWN: usize = 256;

/// A text from a user or server as one line of printable ASCII: whatever else
/// is in it is escaped, and what is too long is cut.
fn printable(text: &str) -> String {
    let mut shown = String::new();
    for character in text.chars() {
        if shown.len() >= MAX_SHOWN {
            shown.push_str("...");
            break;
        }
        match character {
            ' '..='~' => shown.push(character),
            _ => shown.extend(character.escape_default()),
        }
    }
    shown
}

#[cfg(test)]
mod tests;
