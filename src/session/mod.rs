//! The order of things: for each request a connection, what is sent, what comes
//! back, and where it goes.
//!
//! Knows when, not how: bytes are `connection`'s, decisions about what to send
//! `plan`'s, printing `screen`'s.

mod exchange;
mod pump;
mod route;
mod screen;
mod tunnel;

use std::rc::Rc;
use std::time::Instant;

use crate::connection::{Connection, Deadline};
use crate::event::{Event, Events};
use crate::failure::{self, Failure};
use crate::http::uri::{Scheme, Uri};
use crate::net::tls::Tls;
use crate::net::{Dialer, Proxy, Routes};
use crate::output::ReaderGone;
use crate::plan::{Plan, PlannedExchange, Source, Wire};
use crate::stream::Replay;
use screen::Screen;

/// Runs `plan`, tells `complain` of each error as it happens, and gives the
/// first one's failure.
pub(crate) fn run(
    plan: Plan,
    events: &Events,
    complain: &mut dyn FnMut(&anyhow::Error),
) -> anyhow::Result<Option<Failure>> {
    let Plan { exchanges, dialer, routes, tls, proxy_tls, wire, show, source, .. } = plan;
    let screen = Screen::new(show)?;
    let mut session = Session { dialer, routes, tls, proxy_tls, wire, source, screen, events, idle: None };
    let mut first = None;
    for exchange in exchanges {
        if let Err(error) = session.perform(exchange) {
            if error.is::<ReaderGone>() {
                break;
            }
            complain(&error);
            first = first.or(failure::of(&error)).or(Some(Failure::Receive));
        }
    }
    Ok(first)
}

/// What outlives one exchange.
struct Session<'e> {
    dialer: Dialer,
    routes: Rc<Routes>,
    tls: Tls,
    proxy_tls: Tls,
    wire: Wire,
    source: Source,
    screen: Screen,
    events: &'e Events,
    /// A connection that can carry another request, and to whom.
    idle: Option<(Peer, Connection<'e>)>,
}

/// Whom a connection leads to: scheme, host and port, of the origin or of the
/// proxy that passes requests on.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Peer {
    Origin(Scheme, String, u16),
    Forwarder(Proxy),
}

impl Peer {
    fn of(uri: &Uri, routes: &Routes) -> Self {
        match routes.forwarder(uri) {
            Some(proxy) => Self::Forwarder(proxy.clone()),
            None => Self::Origin(uri.scheme, uri.host.to_ascii_lowercase(), uri.port),
        }
    }
}

impl<'e> Session<'e> {
    /// One request, and all that comes back for it.
    fn perform(&mut self, planned: PlannedExchange) -> anyhow::Result<()> {
        self.events.emit(&Event::Begin(&planned.uri));
        let result = self.perform_quietly(planned);
        self.events.emit(&Event::Done(result.as_ref().err()));
        result
    }

    fn perform_quietly(&mut self, planned: PlannedExchange) -> anyhow::Result<()> {
        let deadline = self.wire.max_time.map(|limit| Deadline { at: Instant::now() + limit, limit });
        if let Source::Nothing = self.source {
            return self.screen.dry_run(planned.request);
        }
        self.screen.request(&planned.request, &planned.destination)?;
        if !planned.uri.scheme.is_http() {
            let mut connection = self.dial(&planned.uri, deadline)?;
            return pump::run(&mut connection, planned, self.wire.half_close, &mut self.screen);
        }
        self.exchange(planned, deadline)
    }

    /// The idle connection to `uri`'s origin, if there is one, and whether it is that.
    fn connect(&mut self, uri: &Uri, deadline: Option<Deadline>) -> anyhow::Result<(Connection<'e>, bool)> {
        if let Source::Saved(saved) = &mut self.source {
            let saved = std::mem::replace(saved, Box::new(std::io::empty()));
            return Ok((Connection::new(Box::new(Replay(saved)), None, self.events), false));
        }
        if let Some((peer, mut connection)) = self.idle.take() {
            if peer == Peer::of(uri, &self.routes) {
                connection.set_deadline(deadline);
                self.events.emit(&Event::Reused);
                return Ok((connection, true));
            }
            self.events.emit(&Event::Left("closing the connection: the next request goes elsewhere"));
        }
        Ok((self.dial(uri, deadline)?, false))
    }
}
