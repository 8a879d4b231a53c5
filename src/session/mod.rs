//! The order of things: for each request a connection, what is sent, what comes
//! back, and where it goes.
//!
//! Knows when, not how: bytes are `connection`'s, the requests are made by the
//! plan's recipe, what follows a response is decided by `policy`, printing is
//! `screen`'s.

mod asking;
mod exchange;
mod follow;
mod proxies;
mod pump;
mod route;
mod saving;
mod screen;
mod tunnel;

use std::rc::Rc;
use std::time::Instant;

use crate::connection::{Connection, Deadline};
use crate::event::{Asking, Event, Events};
use crate::failure::{self, Failure};
use crate::http::uri::Uri;
use crate::net::tls::Tls;
use crate::net::{Dialer, Routes};
use crate::output::ReaderGone;
use crate::plan::{Plan, PlannedCookies, PlannedExchange, PlannedRequest, Saving, Source, Target, Wire};
use crate::policy::redirect::Redirects;
use crate::policy::{Hop, Next};
use crate::stream::Replay;
use follow::Chain;
use proxies::{Peer, Proxies};
use screen::Screen;

/// What the user is told while the run goes on.
pub(crate) enum News<'a> {
    /// A request failed.
    Error(&'a anyhow::Error),
    /// Something was done that the user must know of.
    Notice(&'a str),
}

/// Runs `plan`, one group of requests, with what the group before left in
/// `kept`; tells the news as it happens, and gives the first failure.
pub(crate) fn run<'e>(
    plan: Plan,
    kept: &mut Kept<'e>,
    events: &'e Events,
    tell: &mut dyn FnMut(&News<'_>),
) -> anyhow::Result<Option<Failure>> {
    let mut first = None;
    let mut session = Session::new(plan, kept, events, tell)?;
    session.tell_missing();
    let targets = std::mem::take(&mut session.targets);
    let mut has_ended = false;
    for target in targets {
        let result = session.perform(target);
        has_ended = session.has_ended(result, &mut first) || session.saving.fails_early && first.is_some();
        if has_ended {
            break;
        }
    }
    let saved = session.save_cookies();
    has_ended |= session.has_ended(saved, &mut first);
    *kept = Kept { has_ended, ..session.leave_behind() };
    Ok(first)
}

/// What one group of requests leaves to the next (`--next`).
#[derive(Default)]
pub(crate) struct Kept<'e> {
    /// There is nothing more to do: nobody reads, or a failure ends the run.
    pub(crate) has_ended: bool,
    cookies: Option<PlannedCookies>,
    idle: Option<(Peer, Connection<'e>)>,
    dialer: Dialer,
    routes: Rc<Routes>,
}

/// What outlives one exchange.
struct Session<'e, 't> {
    targets: Vec<Target>,
    redirects: Redirects,
    cookies: Option<PlannedCookies>,
    dialer: Dialer,
    routes: Rc<Routes>,
    tls: Tls,
    /// Authentication towards proxies.
    proxies: Proxies,
    proxy_tls: Tls,
    wire: Wire,
    saving: Saving,
    /// `-C`: from which byte on the target is asked for.
    resume: Option<u64>,
    source: Source,
    /// The response does not come from a file.
    can_ask_again: bool,
    screen: Screen,
    events: &'e Events,
    tell: &'t mut dyn FnMut(&News<'_>),
    /// A connection that can carry another request, and to whom.
    idle: Option<(Peer, Connection<'e>)>,
}

impl<'e, 't> Session<'e, 't> {
    /// Carries out `plan` with what the group before left.
    fn new(
        plan: Plan,
        kept: &mut Kept<'e>,
        events: &'e Events,
        tell: &'t mut dyn FnMut(&News<'_>),
    ) -> anyhow::Result<Self> {
        let Plan {
            targets,
            redirects,
            mut cookies,
            dialer,
            routes,
            proxy_allowed,
            tls,
            proxy_tls,
            wire,
            show,
            saving,
            source,
            ..
        } = plan;
        match (&mut cookies, kept.cookies.take()) {
            (Some(cookies), Some(before)) => cookies.jar.join(before.jar),
            (none, Some(before)) => {
                *none = Some(PlannedCookies { save_to: None, missing: Vec::new(), ..before })
            }
            (_, None) => {}
        }
        let can_ask_again = !matches!(source, Source::Saved(_));
        let screen = Screen::new(show)?;
        // A connection made by other rules may lead elsewhere.
        let idle = kept.idle.take().filter(|(peer, _)| {
            kept.routes.lead_as(&routes) && kept.dialer.leads_as(&dialer, &peer.endpoint())
        });
        Ok(Self {
            targets,
            redirects,
            cookies,
            dialer,
            routes,
            proxies: Proxies::new(proxy_allowed),
            tls,
            proxy_tls,
            wire,
            saving,
            resume: None,
            source,
            can_ask_again,
            screen,
            events,
            tell,
            idle,
        })
    }

    /// What the next group may use. A connection with TLS is not: the trust that
    /// it was made with is this group's own.
    fn leave_behind(self) -> Kept<'e> {
        let idle = self.idle.filter(|(peer, _)| peer.is_plain() && !self.routes.need_tls());
        Kept { has_ended: false, cookies: self.cookies, idle, dialer: self.dialer, routes: self.routes }
    }

    /// Tells of an error, and notes the first one's failure in `first`. Whether
    /// the run has ended, since nobody reads any more.
    fn has_ended(&mut self, result: anyhow::Result<()>, first: &mut Option<Failure>) -> bool {
        let Err(error) = result else { return false };
        if error.is::<ReaderGone>() {
            return true;
        }
        // A terminal that can't be written to any more shows nothing of either.
        let _ = self.screen.end_line();
        (self.tell)(&News::Error(&error));
        *first = first.or(failure::of(&error)).or(Some(Failure::Receive));
        false
    }

    /// What a target asks for, and all that comes of it: exchanges, as long as
    /// the policies say that another one follows.
    fn perform(&mut self, target: Target) -> anyhow::Result<()> {
        let Target { recipe, uri, mut raw, destination } = target;
        let Some(destination) = self.prepare(&uri, recipe.sends(), destination)? else { return Ok(()) };
        let deadline = self.wire.max_time.map(|limit| Deadline { at: Instant::now() + limit, limit });
        let hop = Hop::first(uri.clone(), recipe.sends());
        let authenticator = recipe.authenticator(&hop);
        let mut chain =
            Chain { recipe, first: uri, hop, has_told: false, authenticator, expects_nothing: false };
        loop {
            let request = raw.take().map_or_else(|| self.request(&mut chain), Ok)?;
            let planned =
                PlannedExchange { uri: chain.hop.uri.clone(), request, destination: destination.clone() };
            self.begin(&planned);
            let result = self.perform_hop(planned, &mut chain, deadline);
            if let Ok(Next::Send(_)) = &result {
                self.events.emit(&Event::GoesOn);
            }
            self.events.emit(&Event::Done(result.as_ref().err()));
            match result {
                Ok(Next::Send(hop)) => chain.hop = *hop,
                ended => return self.conclude(&destination, ended.map(|_| ())),
            }
        }
    }

    /// Tells observers what is asked.
    fn begin(&self, planned: &PlannedExchange) {
        self.events.emit(&Event::Begin(&planned.uri));
        let PlannedRequest { head, method, .. } = &planned.request;
        let is_replayed = matches!(self.source, Source::Saved(_));
        self.events.emit(&Event::Asking(Asking { head, method, is_replayed }));
    }

    fn perform_hop(
        &mut self,
        planned: PlannedExchange,
        chain: &mut Chain,
        deadline: Option<Deadline>,
    ) -> anyhow::Result<Next> {
        if let Source::Nothing = self.source {
            self.screen.dry_run(planned.request)?;
            return Ok(Next::Finish);
        }
        self.screen.request(&planned.request, &planned.destination)?;
        if !planned.uri.scheme.is_http() {
            let mut connection = self.dial(&planned.uri, deadline)?;
            pump::run(&mut connection, planned, self.wire.half_close, &mut self.screen, self.events)?;
            return Ok(Next::Finish);
        }
        self.exchange(planned, chain, deadline)
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
                let (local, remote) = connection.stream().addresses();
                self.events.emit(&Event::Reused { local, remote });
                return Ok((connection, true));
            }
            self.events.emit(&Event::Left("closing the connection: the next request goes elsewhere"));
        }
        Ok((self.dial(uri, deadline)?, false))
    }
}
