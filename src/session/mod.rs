//! The order of things: for each request a connection, what is sent, what comes
//! back, and where it goes.
//!
//! Knows when, not how: bytes are `connection`'s, decisions about what to send
//! `plan`'s, printing `screen`'s.

mod exchange;
mod pump;
mod route;
mod screen;

use std::time::Instant;

use crate::connection::{Connection, Deadline};
use crate::event::{Asking, Event, Events};
use crate::failure::{self, Failure};
use crate::http::uri::{Scheme, Uri};
use crate::net::Dialer;
use crate::net::tls::Tls;
use crate::output::ReaderGone;
use crate::plan::{Plan, PlannedExchange, PlannedRequest, Source, Wire};
use crate::stream::Replay;
use screen::Screen;

/// Runs `plan`, tells `complain` of each error as it happens, and gives the
/// first one's failure.
pub(crate) fn run(
    plan: Plan,
    events: &Events,
    complain: &mut dyn FnMut(&anyhow::Error),
) -> anyhow::Result<Option<Failure>> {
    let Plan { exchanges, dialer, tls, wire, show, source, .. } = plan;
    let screen = Screen::new(show)?;
    let mut session = Session { dialer, tls, wire, source, screen, events, idle: None };
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
    tls: Tls,
    wire: Wire,
    source: Source,
    screen: Screen,
    events: &'e Events,
    /// A connection that can carry another request, and to whom.
    idle: Option<(Origin, Connection<'e>)>,
}

/// Whom a connection leads to: scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin(Scheme, String, u16);

impl Origin {
    fn of(uri: &Uri) -> Self {
        Self(uri.scheme, uri.host.to_ascii_lowercase(), uri.port)
    }
}

impl<'e> Session<'e> {
    /// One request, and all that comes back for it.
    fn perform(&mut self, planned: PlannedExchange) -> anyhow::Result<()> {
        self.events.emit(&Event::Begin(&planned.uri));
        let PlannedRequest { head, method, .. } = &planned.request;
        let is_replayed = matches!(self.source, Source::Saved(_));
        self.events.emit(&Event::Asking(Asking { head, method, is_replayed }));
        let result = self.perform_quietly(planned);
        self.events.emit(&Event::Done(result.as_ref().err()));
        result
    }

    fn perform_quietly(&mut self, planned: PlannedExchange) -> anyhow::Result<()> {
        let deadline = self.wire.max_time.map(|limit| Deadline { at: Instant::now() + limit, limit });
        if let Source::Nothing = self.source {
            return self.screen.dry_run(planned.request);
        }
        self.screen.request(&planned.request)?;
        if !planned.uri.scheme.is_http() {
            let mut connection = self.dial(&planned.uri, deadline)?;
            return pump::run(&mut connection, planned, self.wire.half_close, &mut self.screen, self.events);
        }
        self.exchange(planned, deadline)
    }

    /// The idle connection to `uri`'s origin, if there is one, and whether it is that.
    fn connect(&mut self, uri: &Uri, deadline: Option<Deadline>) -> anyhow::Result<(Connection<'e>, bool)> {
        if let Source::Saved(saved) = &mut self.source {
            let saved = std::mem::replace(saved, Box::new(std::io::empty()));
            return Ok((Connection::new(Box::new(Replay(saved)), None, self.events), false));
        }
        if let Some((origin, mut connection)) = self.idle.take() {
            if origin == Origin::of(uri) {
                connection.set_deadline(deadline);
                let (local, remote) = connection.stream().addresses();
                self.events.emit(&Event::Reused { local, remote });
                return Ok((connection, true));
            }
            self.events.emit(&Event::Left("closing the connection: the next request goes elsewhere"));
        }
        Ok((self.dial(uri, deadline)?, false))
    }
}
