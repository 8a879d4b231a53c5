//! The order of things: for each request a connection, what is sent, what comes
//! back, and where it goes.
//!
//! Knows when, not how: bytes are `connection`'s, the requests are made by the
//! plan's recipe, what follows a response is decided by `policy`, printing is
//! the console's. State stands by how long it lives:
//!
//! | lives as long as | holds |
//! |---|---|
//! | a group of requests | its rules, which never change (`plan`); cookies, the idle connections, what proxies have asked, the console (`Session`) |
//! | a target | its chain of hops, its file, the resume offset, the attempts, the deadline (`job::Job`) |
//! | one exchange | the request, and the heads that have come for it (`exchange`) |

mod attempt_state;
mod body_printing;
mod carried_over;
mod connect;
mod connect_hint;
mod connection_key;
mod console;
mod cookies;
mod curl_line;
mod delivery;
mod dialogue;
mod doubt;
mod etag;
mod exchange;
mod exchange_end;
mod file_attributes;
mod heads;
mod hsts;
mod idle;
mod job;
mod leaving;
mod news;
mod next_request;
mod pipeline;
mod pipeline_state;
mod proxies;
mod race;
mod range;
mod receiving;
mod redirect_chain;
mod resending;
mod retry;
mod saved_file;
mod tunnel;
mod typed;
mod variants;
mod verdict;
mod websocket;

use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::connection::Deadline;
use crate::event::{Event, Events, RequestBegins};
use crate::failure::{self, Failure};
use crate::interrupt;
use crate::output::ReaderGone;
use crate::output::taken::Taken;
use crate::plan::{
    Plan, PlannedCookies, PlannedHosts, PlannedRequest, ResponseSource, Rules, Target, Targets,
};
use crate::policy::Next;
use crate::policy::cookie::Jar;
use crate::policy::hsts::Hosts;
use connection_key::LastKey;
use console::Console;
use exchange_end::ExchangeEnd;
use idle::IdleConnections;
use job::Job;
use proxies::Proxies;

pub(crate) use carried_over::CarriedOver;
pub(crate) use news::News;
pub(crate) use race::race;

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// Runs `plan`, one group of requests, with what the group before left in
/// `kept`; tells the news as it happens, and gives the failure that makes the exit code.
pub(crate) fn run<'e>(
    plan: Plan,
    kept: &mut CarriedOver<'e>,
    events: &'e Events,
    tell: &mut dyn FnMut(&News<'_>),
) -> anyhow::Result<Option<Failure>> {
    let (mut session, mut targets) = Session::start(plan, kept, events, tell)?;
    let mut first = None;
    let mut has_ended = false;
    while !has_ended && let Some(target) = targets.next() {
        if target.is_ok()
            && let Err(error) = session.await_start()
        {
            has_ended = session.is_over(Err(error), &mut first);
            continue;
        }
        session.tell_all(&targets.notices());
        has_ended = match target {
            Err(error) => {
                events.emit(&Event::Refused { typed: targets.typed(), error: &error });
                session.refuse(&error, &mut first)
            }
            Ok(target) if session.sends() && (session.can_pipeline(&target) || targets.continues()) => {
                session.pipeline(target, &mut targets, &mut first)
            }
            Ok(target) => {
                let result = session.perform(target);
                session.is_over(result, &mut first)
            }
        };
    }
    session.tell_all(&targets.notices());
    for saved in [session.console.end_gathering(), session.save_cookies(), session.save_hosts()] {
        has_ended |= session.has_ended(saved, &mut first);
    }
    *kept = CarriedOver { has_ended, ..session.leave_behind() };
    Ok(first)
}

/// One group of requests under way: what one of its requests leaves to the next.
struct Session<'e, 't> {
    rules: Box<Rules>,
    cookies: Option<PlannedCookies>,
    /// The cookies of the groups before, where this one does not use them.
    passed_cookies: Option<PlannedCookies>,
    /// The hosts that are asked by https alone.
    hosts: Option<PlannedHosts>,
    /// The cookies and hosts that `--vary`'s first request found.
    before_variants: Option<(Option<Jar>, Option<Hosts>)>,
    /// Authentication towards proxies.
    proxies: Proxies,
    source: ResponseSource,
    console: Console,
    events: &'e Events,
    tell: &'t mut dyn FnMut(&News<'_>),
    /// Connections that can carry another request.
    idle: IdleConnections<'e>,
    last_identity: Option<LastKey>,
    /// Names that no content is saved under.
    taken: Rc<Taken>,
    /// When the last target was begun.
    begun: Option<Instant>,
    /// A response has come.
    has_heard: bool,
}

impl<'e, 't> Session<'e, 't> {
    /// The session for the requests of `plan`, with what the group before left in `kept`, and the
    /// targets of `plan`.
    fn start(
        plan: Plan,
        kept: &mut CarriedOver<'e>,
        events: &'e Events,
        tell: &'t mut dyn FnMut(&News<'_>),
    ) -> anyhow::Result<(Self, Box<Targets>)> {
        let Plan { targets, rules, cookies, hosts, show, source, .. } = plan;
        let console = Console::new(show)?;
        let (cookies, passed_cookies) = match (cookies, kept.cookies.take()) {
            (Some(mut cookies), Some(before)) => {
                cookies.jar.join(before.jar);
                (Some(cookies), None)
            }
            // As curl: cookies are turned on for each group by itself.
            (own, before) => (own, before),
        };
        let proxies = Proxies::new(rules.proxy_allowed);
        let session = Self {
            rules,
            cookies,
            passed_cookies,
            hosts: hosts.or_else(|| kept.hosts.take()),
            before_variants: None,
            proxies,
            source,
            console,
            events,
            tell,
            idle: std::mem::take(&mut kept.idle),
            last_identity: None,
            taken: Rc::clone(&kept.taken),
            begun: kept.begun,
            has_heard: false,
        };
        session.tell_unread();
        Ok((session, targets))
    }

    /// What the next group may use.
    fn leave_behind(self) -> CarriedOver<'e> {
        let Self { cookies, passed_cookies, hosts, idle, taken, begun, .. } = self;
        CarriedOver { has_ended: false, cookies: cookies.or(passed_cookies), hosts, idle, taken, begun }
    }

    /// Tells of an error, and notes the first one's failure in `first`. Whether
    /// the run has ended, since the reader has gone.
    fn has_ended(&mut self, result: anyhow::Result<()>, first: &mut Option<Failure>) -> bool {
        let Err(error) = result else { return false };
        if error.is::<ReaderGone>() {
            return true;
        }
        // A terminal that can't be written to any more shows nothing of either.
        let _ = self.console.end_line();
        if failure::of(&error) == Some(Failure::Interrupted) {
            *first = Some(Failure::Interrupted);
            return true;
        }
        let is_refusal = failure::is_refusal(&error);
        let error = self.rules.manners.worded(error);
        self.tell(&if is_refusal { News::Refusal(&error) } else { News::Error(&error) });
        *first = first.or(failure::of(&error)).or(Some(Failure::Receive));
        false
    }

    /// Tells the user something, behind all that has been printed.
    fn tell(&mut self, news: &News<'_>) {
        // What fails here fails once more where it is written by itself.
        let _ = self.console.write_gathered();
        (self.tell)(news);
    }

    /// Waits until the next target may begin (`--rate`, `--every`). One that is late does not
    /// hurry those after it.
    fn await_start(&mut self) -> anyhow::Result<()> {
        let interval = self.begun.zip(self.rules.wire.interval);
        if let Some(due) = interval.and_then(|(begun, interval)| begun.checked_add(interval)) {
            self.sleep(due.saturating_duration_since(Instant::now()))?;
        }
        self.begun = Some(Instant::now());
        Ok(())
    }

    /// Waits for so long, or until an interrupt comes; what there is to print is printed before.
    fn sleep(&self, time: Duration) -> anyhow::Result<()> {
        self.console.write_gathered()?;
        interrupt::sleep(time)
    }

    fn tell_all(&mut self, notices: &[String]) {
        notices.iter().for_each(|notice| self.tell(&News::Notice(notice)));
    }

    /// A target that is none fails alone, and is reported even with `--silent`.
    fn refuse(&mut self, error: &anyhow::Error, first: &mut Option<Failure>) -> bool {
        self.tell(&News::Refusal(error));
        let failure = failure::of(error).or(Some(Failure::Usage));
        *first = self.rules.manners.decisive(*first, failure);
        self.rules.saving.fails_early
    }

    /// [`Self::has_ended`], and whether a failure ends the run (`--fail-early`).
    fn is_over(&mut self, result: anyhow::Result<()>, first: &mut Option<Failure>) -> bool {
        let mut own = None;
        let has_ended = self.has_ended(result, &mut own);
        *first = self.rules.manners.decisive(*first, own);
        has_ended || self.rules.saving.fails_early && first.is_some()
    }

    /// The requests for a target, and all that comes of them.
    fn perform(&mut self, target: Target) -> anyhow::Result<()> {
        let Some(mut job) = self.job(target)? else { return Ok(()) };
        job.deadline = self.deadline();
        self.carry_out(&mut job)
    }

    /// When an attempt that begins now must have ended.
    fn deadline(&self) -> Option<Deadline> {
        self.rules.wire.max_time.map(|limit| Deadline { at: Instant::now() + limit, limit })
    }

    /// Tells observers what is asked.
    fn begin(&self, job: &Job, request: &PlannedRequest, at: Instant) {
        self.events.emit_at(at, &Event::Begin(&job.chain.hop.uri));
        self.tell_withheld(job, at);
        let PlannedRequest { head, method, .. } = request;
        let is_replayed = matches!(self.source, ResponseSource::Saved(_));
        let is_unattended = self.console.saves(&job.delivery) && !request.is_typed();
        let Job { part, typed, is_sibling, is_continued, .. } = job;
        // Typed requests are told apart, and each is printed by itself.
        let is_told_apart = job.chain.hop.uri.scheme.is_http() && request.is_dialogue;
        let prints_content = self.console.prints_as_sent(request).filter(|_| !is_told_apart);
        let begins = RequestBegins {
            head,
            method,
            is_replayed,
            is_unattended,
            path: job.delivery.opening().map(|opening| opening.path.as_os_str()),
            part,
            is_continued: *is_continued,
            first: &job.chain.first,
            typed,
            is_sibling: *is_sibling,
            prints_content,
        };
        self.events.emit_at(at, &Event::RequestBegins(begins));
    }

    fn perform_hop(&mut self, job: &mut Job, request: Box<PlannedRequest>) -> ExchangeEnd {
        if let ResponseSource::Nothing = self.source {
            let curl = self.rules.curl.clone();
            let done = match (curl, self.rules.wire.lingers) {
                (Some(curl), _) => self.print_curl(&curl, job, *request),
                (None, true) => self.look_at(*request),
                (None, false) => self.console.dry_run(*request),
            };
            return done.map(|()| Next::Finish).into();
        }
        job.delivery.brought = 0;
        let is_typed = request.is_dialogue && request.head.is_empty();
        if let Err(error) = self.console.request(&request) {
            return Err(error).into();
        }
        if job.chain.hop.uri.scheme.is_http() && is_typed && matches!(self.source, ResponseSource::Network) {
            return self.typed(job, *request).unwrap_or_else(|error| Err(error).into());
        }
        if job.chain.hop.uri.scheme.is_http() {
            return self.exchange(job, request).unwrap_or_else(|error| Err(error).into());
        }
        self.dialogue(job, *request).map(|()| Next::Finish).into()
    }

    /// `--dry-run` of an explanation: observers are given the request's exact bytes.
    fn look_at(&self, request: PlannedRequest) -> anyhow::Result<()> {
        self.events.emit(&Event::DryRun);
        self.events.emit(&Event::SentHead(&request.head));
        console::each_piece(request.content, &mut |piece| {
            self.events.emit(&Event::SentBody(piece));
            Ok(())
        })
    }
}
