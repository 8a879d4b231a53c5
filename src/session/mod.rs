//! The order of things: for each request a connection, what is sent, what comes
//! back, and where it goes.
//!
//! Knows when, not how: bytes are `connection`'s, the requests are made by the
//! plan's recipe, what follows a response is decided by `policy`, printing is
//! `screen`'s.

mod asking;
mod doubt;
mod etag;
mod exchange;
mod follow;
mod pipeline;
mod proxies;
mod pump;
mod retrying;
mod route;
mod saving;
mod screen;
mod tunnel;

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Instant;

use crate::connection::{Connection, Cutting, Deadline};
use crate::event::{Asking, Event, Events};
use crate::failure::{self, Failure};
use crate::http::uri::Uri;
use crate::net::tls::Tls;
use crate::net::{Dialer, Routes};
use crate::output::ReaderGone;
use crate::plan::{
    Destination, Plan, PlannedCookies, PlannedExchange, PlannedRequest, Saving, Source, Target, Wire,
};
use crate::policy::Next;
use crate::policy::redirect::Redirects;
use crate::policy::retry::Retries;
use crate::stream::Replay;
use follow::Chain;
use proxies::{Peer, Proxies};
use retrying::{Outcome, Trial};
use screen::Screen;

/// What the user is told while the run goes on.
pub(crate) enum News<'a> {
    /// A request failed.
    Error(&'a anyhow::Error),
    /// Something was done that the user must know of.
    Notice(&'a str),
    /// Something goes on, which who wants silence need not know of.
    Progress(&'a str),
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
    let mut targets = VecDeque::from(std::mem::take(&mut session.targets));
    let mut has_ended = false;
    while !has_ended && let Some(target) = targets.pop_front() {
        if session.can_pipeline(&target) {
            has_ended = session.pipeline(target, &mut targets, &mut first);
        } else {
            let result = session.perform(target);
            has_ended = session.is_over(result, &mut first);
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
    /// How requests are cut into pieces.
    cutting: Option<Cutting>,
    saving: Saving,
    retries: Retries,
    /// The attempts at the target that is under way.
    trial: Trial,
    /// What `--etag-save` is to write, if that is known.
    etag: Option<Vec<u8>>,
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
    /// How many answers follow on the connection that is being read.
    awaited: usize,
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
            cutting,
            show,
            retries,
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
            cutting,
            saving,
            retries,
            trial: Trial::default(),
            etag: None,
            resume: None,
            source,
            can_ask_again,
            screen,
            events,
            tell,
            idle,
            awaited: 0,
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

    /// The same; also whether a failure ends the run (`--fail-early`).
    fn is_over(&mut self, result: anyhow::Result<()>, first: &mut Option<Failure>) -> bool {
        self.has_ended(result, first) || self.saving.fails_early && first.is_some()
    }

    /// What a target asks for, and all that comes of it.
    fn perform(&mut self, target: Target) -> anyhow::Result<()> {
        let Target { recipe, uri, raw, destination } = target;
        let Some(prepared) = self.prepare(&uri, recipe.sends(), destination)? else { return Ok(()) };
        let destination = self.turn_to(prepared);
        let deadline = self.deadline();
        self.carry_out(Chain::new(recipe, uri), raw, &destination, deadline)
    }

    /// When what begins now must have ended.
    fn deadline(&self) -> Option<Deadline> {
        self.wire.max_time.map(|limit| Deadline { at: Instant::now() + limit, limit })
    }

    /// Goes along a chain to its end, again and again as long as that may help;
    /// its first request is `raw`, where that is given. `deadline` is that of the
    /// first attempt.
    fn carry_out(
        &mut self,
        mut chain: Chain,
        mut raw: Option<PlannedRequest>,
        destination: &Destination,
        mut deadline: Option<Deadline>,
    ) -> anyhow::Result<()> {
        let may_repeat = self.retries.limit > 0;
        loop {
            let copy = raw.as_ref().filter(|_| may_repeat).and_then(PlannedRequest::copy);
            self.trial.begin(if raw.is_some() { copy.is_some() } else { chain.recipe.can_send_again() });
            match self.attempt(&mut chain, raw, destination, deadline) {
                Outcome::Ended(result) => return self.conclude(destination, result),
                Outcome::After(wait) => std::thread::sleep(wait),
            }
            raw = copy;
            chain.begin_again();
            if let Err(error) = self.go_on() {
                // What cannot be begun again cannot be asked for again.
                return self.conclude(destination, Err(error));
            }
            deadline = self.deadline();
        }
    }

    /// One attempt: exchanges, as long as the policies say that another one follows.
    fn attempt(
        &mut self,
        chain: &mut Chain,
        mut raw: Option<PlannedRequest>,
        destination: &Destination,
        deadline: Option<Deadline>,
    ) -> Outcome {
        loop {
            let request = match raw.take().map_or_else(|| self.request(chain), Ok) {
                Ok(request) => request,
                Err(error) => return Outcome::Ended(Err(error)),
            };
            let planned =
                PlannedExchange { uri: chain.hop.uri.clone(), request, destination: destination.clone() };
            self.begin(&planned, Instant::now());
            self.trial.asks(chain, &planned);
            let result = self.perform_hop(planned, chain, deadline);
            let again = match &result {
                Ok(Next::Send(_)) => {
                    self.events.emit(&Event::GoesOn);
                    None
                }
                Ok(Next::Finish) => self.retry(None),
                Err(error) => self.retry(Some(error)),
            };
            if again.is_some() {
                self.events.emit(&Event::Again);
            }
            self.events.emit(&Event::Done(result.as_ref().err()));
            match (again, result) {
                (Some(wait), _) => return Outcome::After(wait),
                (None, Ok(Next::Send(hop))) => chain.hop = *hop,
                (None, ended) => return Outcome::Ended(ended.map(|_| ())),
            }
        }
    }

    /// Tells observers what is asked.
    fn begin(&self, planned: &PlannedExchange, at: Instant) {
        self.events.emit_at(at, &Event::Begin(&planned.uri));
        let PlannedRequest { head, method, .. } = &planned.request;
        let is_replayed = matches!(self.source, Source::Saved(_));
        self.events.emit_at(at, &Event::Asking(Asking { head, method, is_replayed }));
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
            connection.begin_request(self.cutting.as_ref());
            let Wire { half_close, pace, .. } = self.wire;
            pump::run(&mut connection, planned, half_close, pace, &mut self.screen, self.events)?;
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
                if self.events.are_heard() {
                    let (local, remote) = connection.stream().addresses();
                    self.events.emit(&Event::Reused { local, remote });
                }
                return Ok((connection, true));
            }
            self.events.emit(&Event::Left("closing the connection: the next request goes elsewhere"));
        }
        Ok((self.dial(uri, deadline)?, false))
    }
}
