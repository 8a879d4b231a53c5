//! The way to a server: hop by hop, each wrapped around the one before.

use std::cell::RefCell;
use std::io::{ErrorKind, Write};
use std::net::IpAddr;
use std::time::Instant;

use super::Session;
use super::connect_hint::{HostSource, with_hint};
use super::delivery::Delivery;
use super::job::Job;
use crate::connection::{Connection, Limits};
use crate::event::{ConnectionFacts, Event};
use crate::failure::{self, Failure};
use crate::http::uri::Uri;
use crate::interrupt;
use crate::net::starttls::{self, NoStart};
use crate::net::tls::{Handshake, NotTls, Secured};
use crate::net::{ConnectLimit, Dialer, Endpoint, Proxy, ProxyProtocol, RouteHop, StartTls, reason, socks};
use crate::stream::{Stream, Timed};

/// What the hops of one way to a server share.
pub(super) struct ConnectionSetup<'r> {
    uri: &'r Uri,
    host_source: HostSource,
    /// The client certificate is for it.
    shows_certificate: bool,
    dialer: Dialer,
    /// When all hops must be done.
    pub(super) limit: Option<ConnectLimit>,
    /// What observers are told of it again, once it is reused.
    facts: RefCell<ConnectionFacts>,
}

impl<'e> Session<'e, '_> {
    /// A new connection for the job's next request.
    pub(super) fn dial(&mut self, job: &mut Job) -> anyhow::Result<Box<Connection<'e>>> {
        interrupt::check()?;
        self.console.end_gathering()?;
        let (uri, deadline) = (&job.chain.hop.uri.clone(), job.deadline);
        if uri.scheme.is_secure() || self.rules.dialer.starttls.is_some() {
            self.rules.tls.prepare().map_err(failure::refused)?;
        }
        let mut dialer = self.rules.dialer.clone();
        dialer.deadline = deadline.map(|deadline| deadline.at);
        let limit = dialer.whole_limit(Instant::now());
        let shows_certificate = job.chain.hop.standing.shows_certificate;
        let host_source = match job.chain.hop.number {
            0 => HostSource::of(&job.typed),
            _ => HostSource::Redirect,
        };
        let facts = RefCell::default();
        let way = ConnectionSetup { uri, host_source, shows_certificate, dialer, limit, facts };
        let routes = self.rules.routes.clone();
        let hops = routes.hops(uri, &way.dialer);
        loop {
            let number = self.events.connecting();
            way.facts.replace(ConnectionFacts { number, ..ConnectionFacts::default() });
            let connected = self.take_hops(&hops, &way, &mut job.delivery);
            if connected.is_err() {
                interrupt::check()?;
            }
            if let Some(stream) = connected? {
                let limits = Limits::new(deadline, self.rules.wire.pace);
                let connection = Connection::new(stream, limits, self.events);
                let connection = connection.known_by(way.facts.take());
                return Ok(Box::new(match hops.last() {
                    Some(RouteHop::Proxy(proxy) | RouteHop::ProxyTls(proxy)) => {
                        connection.at_proxy(format!("the proxy {}", proxy.endpoint))
                    }
                    _ => connection,
                }));
            }
        }
    }

    /// The stream through all `hops`; `None` where CONNECT is to be sent once more on another connection:
    /// authentication towards the proxy bounds how often.
    fn take_hops(
        &mut self,
        hops: &[RouteHop<'_>],
        way: &ConnectionSetup<'_>,
        delivery: &mut Delivery,
    ) -> anyhow::Result<Option<Box<dyn Stream>>> {
        let mut stream = None;
        for hop in hops {
            if matches!(hop, RouteHop::Tls(_)) {
                self.introduce(stream.as_deref_mut(), way)?;
            }
            stream = self.take_hop(hop, stream, way, delivery)?;
            if stream.is_none() {
                return Ok(None);
            }
        }
        if !hops.iter().any(|hop| matches!(hop, RouteHop::Tls(_))) {
            self.introduce(stream.as_deref_mut(), way)?;
        }
        Ok(stream)
    }

    /// `--haproxy-protocol`: what a connection begins with, before TLS.
    fn introduce(
        &self,
        stream: Option<&mut (dyn Stream + 'static)>,
        way: &ConnectionSetup<'_>,
    ) -> anyhow::Result<()> {
        let (Some(stream), Some(line)) = (stream, &way.dialer.proxy_line) else { return Ok(()) };
        let (local, remote) = stream.addresses();
        let text = line.text(local, remote);
        let sent = Timed::new(stream, way.limit.map(|limit| limit.at()))
            .and_then(|mut timed| timed.write_all(text.as_bytes()).and_then(|()| timed.flush()));
        let failed = |error| {
            Failure::Send.error(format!("cannot send the line of the PROXY protocol: {}", reason(&error)))
        };
        sent.map_err(failed)?;
        self.events.emit(&Event::Note(&format!("Sent {}", text.trim_end())));
        Ok(())
    }

    /// The stream through `hop`, made of `stream`, the one through the hops before; `None` as in [`Self::take_hops`].
    fn take_hop(
        &mut self,
        hop: &RouteHop<'_>,
        stream: Option<Box<dyn Stream>>,
        way: &ConnectionSetup<'_>,
        delivery: &mut Delivery,
    ) -> anyhow::Result<Option<Box<dyn Stream>>> {
        let below =
            || stream.ok_or_else(|| Failure::Connect.error("no connection was made to the first hop"));
        let stream = match hop {
            RouteHop::Server(endpoint) => {
                let connected = self.tcp(endpoint, &way.dialer);
                connected.map_err(|error| with_hint(error, way.uri, way.host_source, endpoint))
            }
            RouteHop::Proxy(proxy) => self.tcp_to_proxy(proxy, way),
            RouteHop::Socks(proxy, to) => self.socks(below()?, proxy, to, way),
            RouteHop::Tunnel(proxy, to) => {
                let stream = self.tunnel(below()?, proxy, to, way, delivery)?;
                if stream.is_some() {
                    self.events.emit(&Event::Passed(to));
                }
                return Ok(stream);
            }
            RouteHop::ProxyTls(proxy) => {
                let on = &mut |secured: &_| self.events.emit(&Event::ProxySecured(secured));
                let handshake = Handshake::http(&proxy.endpoint.host, way.limit);
                self.rules.proxy_tls.wrap(below()?, handshake, on)
            }
            RouteHop::StartTls(protocol) => self.start_tls(below()?, *protocol, way),
            RouteHop::Tls(host) => self.tls(below()?, host, way),
        };
        stream.map(Some)
    }

    /// TLS with the server.
    fn tls(
        &self,
        stream: Box<dyn Stream>,
        host: &str,
        way: &ConnectionSetup<'_>,
    ) -> anyhow::Result<Box<dyn Stream>> {
        let on = &mut |secured: &Secured| {
            self.events.emit(&Event::Secured(secured));
            if self.events.are_heard() {
                way.facts.borrow_mut().tls = Some(Box::new(secured.clone()));
            }
        };
        let handshake =
            Handshake::http(host, way.limit).before(way.uri.scheme.is_http(), way.shows_certificate);
        let wrapped = self.rules.tls.wrap(stream, handshake, on);
        self.tell_what_came_before_tls(&wrapped, way);
        wrapped
    }

    /// What came apart from the server's go-ahead is found only where TLS was to begin.
    fn tell_what_came_before_tls(
        &self,
        wrapped: &anyhow::Result<Box<dyn Stream>>,
        way: &ConnectionSetup<'_>,
    ) {
        let came = wrapped.as_ref().err().into_iter().flat_map(anyhow::Error::chain);
        if way.dialer.starttls.is_some()
            && let Some(NotTls { bytes, .. }) = came.filter_map(|cause| cause.downcast_ref()).next()
        {
            self.events.emit(&Event::BeforeTls(starttls::Said::Injected(bytes)));
        }
    }

    /// The plain dialogue before TLS.
    fn start_tls(
        &self,
        mut stream: Box<dyn Stream>,
        protocol: StartTls,
        way: &ConnectionSetup<'_>,
    ) -> anyhow::Result<Box<dyn Stream>> {
        let host = &way.uri.host;
        let local = stream.addresses().0.map(|address| address.ip());
        let until = way.limit.map(|limit| limit.at());
        let timed = Timed::new(&mut *stream, until);
        let started = timed.map_err(|error| NoStart::Io(error, "the greeting".to_owned()));
        let started = started.and_then(|mut stream| {
            let on = &mut |said: starttls::Said<'_>| self.events.emit(&Event::BeforeTls(said));
            starttls::start(protocol, &mut stream, local, on)
        });
        started.map_err(|error| cannot_start_tls(&error, host, way.limit))?;
        Ok(stream)
    }

    /// A stream without TLS: from the command of `--via`, over a Unix socket, or over TCP.
    fn tcp(&self, to: &Endpoint, dialer: &Dialer) -> anyhow::Result<Box<dyn Stream>> {
        if let Some(via) = &dialer.via {
            let stream = via.connect(&dialer.pinned_destination(to))?;
            self.events.emit(&Event::Note(&format!("Connected by the command {}", stream.name())));
            self.events.emit(&Event::Connected { local: None, remote: None });
            return Ok(Box::new(stream));
        }
        if let Some(unix) = &dialer.unix {
            let stream = unix.connect(dialer.whole_limit(Instant::now()))?;
            self.events.emit(&Event::Note(&format!("Connected to {}", unix.shown())));
            self.events.emit(&Event::Connected { local: None, remote: None });
            return Ok(Box::new(stream));
        }
        let dialed = dialer.dial(to, &mut |event| self.events.emit(&Event::Dial(event)))?;
        let local = dialed.stream.local_addr().ok();
        self.events.emit(&Event::Connected { local, remote: Some(dialed.address) });
        Ok(Box::new(dialed.stream))
    }

    /// `--connect-to` speaks of servers, and says nothing of proxies.
    fn tcp_to_proxy(&self, proxy: &Proxy, way: &ConnectionSetup<'_>) -> anyhow::Result<Box<dyn Stream>> {
        if proxy.kind == ProxyProtocol::Https {
            self.rules.proxy_tls.prepare().map_err(failure::refused)?;
        }
        let dialer = Dialer { connect_to: Vec::new(), unix: proxy.unix.clone(), ..way.dialer.clone() };
        self.events.emit(&Event::Proxy(&proxy.endpoint));
        way.facts.borrow_mut().proxy = Some(proxy.endpoint.to_string());
        self.tcp(&proxy.endpoint, &dialer).map_err(|error| proxy_unreached(&error))
    }

    /// Has the SOCKS proxy at the other end of `stream` connect to `to`.
    fn socks(
        &self,
        mut stream: Box<dyn Stream>,
        proxy: &Proxy,
        to: &Endpoint,
        way: &ConnectionSetup<'_>,
    ) -> anyhow::Result<Box<dyn Stream>> {
        let address = match proxy.kind {
            ProxyProtocol::Socks4 | ProxyProtocol::Socks5 => Some(self.address(to, proxy, way)?),
            _ => None,
        };
        socks::connect(&mut *stream, proxy, to, address, way.limit)?;
        self.events.emit(&Event::Passed(to));
        Ok(stream)
    }

    /// An address of `to` that the proxy can use.
    fn address(&self, to: &Endpoint, proxy: &Proxy, way: &ConnectionSetup<'_>) -> anyhow::Result<IpAddr> {
        let found = way.dialer.resolve(to, &mut |event| self.events.emit(&Event::Dial(event)))?;
        let fits = |address: &IpAddr| proxy.kind != ProxyProtocol::Socks4 || address.is_ipv4();
        found.iter().map(std::net::SocketAddr::ip).find(fits).ok_or_else(|| {
            Failure::ResolveHost.error(format!("{to} has no IPv4 address, and SOCKS 4 supports no others"))
        })
    }
}

/// The error of a connection that was to lead to a proxy.
fn proxy_unreached(error: &anyhow::Error) -> anyhow::Error {
    let failure = match failure::of(error) {
        Some(Failure::ResolveHost) => Failure::ResolveProxy,
        failure => failure.unwrap_or(Failure::Connect),
    };
    let said = format!("{error:#}");
    let named = ["cannot connect to ", "cannot resolve "]
        .iter()
        .find_map(|cannot| Some(format!("{cannot}the proxy {}", said.strip_prefix(cannot)?)));
    let said = named.unwrap_or_else(|| format!("cannot connect to the proxy: {said}"));
    match failure::trouble(error) {
        Some(trouble) => failure.with_trouble(trouble, said),
        None => failure.error(said),
    }
}

/// Why TLS cannot begin behind a plain dialogue with `host`, and what the server was to say next.
fn cannot_start_tls(error: &NoStart, host: &str, limit: Option<ConnectLimit>) -> anyhow::Error {
    let cannot = format!("cannot start TLS with {host}");
    match error {
        NoStart::Refused(why) => Failure::StartTls.error(format!("{cannot}: {why}")),
        NoStart::Closed(due) => {
            Failure::StartTls.error(format!("{cannot}: it closed the connection before {due}"))
        }
        NoStart::Io(error, due) => match (limit, error.kind()) {
            (Some(limit), ErrorKind::TimedOut | ErrorKind::WouldBlock) => {
                Failure::TimedOut.error(format!("{cannot} (--starttls): {due} did not come {limit}"))
            }
            _ => Failure::Receive.error(format!("{cannot}: {} before {due}", reason(error))),
        },
    }
}
