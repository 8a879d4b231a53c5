//! `--race`: each request on a connection of its own, all of it sent but the last
//! byte; then the last bytes, one right after the other.
//!
//! Responses are told in the order in which they begin to come. What happened to a
//! connection before is kept until its turn, so that observers hear of one exchange
//! after the other.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::exchange_end::ExchangeEnd;
use super::idle::IdleConnections;
use super::job::Job;
use super::retry::AttemptEnd;
use super::{CarriedOver, News, Session};
use crate::connection::{Connection, SendingRules};
use crate::event::{self, Event, Events};
use crate::failure::Failure;
use crate::plan::racing::{self, MOST_RACERS};
use crate::plan::{Plan, PlannedRequest, Target, Targets};
use crate::wait::wait_for_one;

/// How long other responses may follow one that has begun, before it is received and
/// the order of those that come meanwhile is no longer seen.
const SETTLE: Duration = Duration::from_millis(50);

/// A request in the race.
struct Racer<'e> {
    /// The group that it is of, and its number among all, from 1.
    group: usize,
    number: usize,
    job: Box<Job>,
    request: Box<PlannedRequest>,
    began: Instant,
    /// It, or why there is none.
    connection: anyhow::Result<Box<Connection<'e>>>,
    /// What observers have not been told.
    kept: event::KeptEvents,
    /// When its last byte was sent, and when its response began to come.
    sent: Option<Instant>,
    came: Option<Instant>,
}

/// The race of all requests of `plans`; gives the failure that makes the exit code.
/// `turn` is told of which group the next exchange is.
pub(crate) fn race<'e>(
    plans: Vec<Plan>,
    kept: &mut CarriedOver<'e>,
    events: &'e Events,
    tell: &mut dyn FnMut(&News<'_>),
    turn: &mut dyn FnMut(usize) -> anyhow::Result<()>,
) -> anyhow::Result<Option<Failure>> {
    let tell = RefCell::new(tell);
    let mut tells: Vec<_> = plans.iter().map(|_| |news: &News<'_>| (tell.borrow_mut())(news)).collect();
    let mut sessions = Vec::new();
    let mut lists = Vec::new();
    for (plan, tell) in plans.into_iter().zip(&mut tells) {
        let others = CarriedOver { taken: Rc::clone(&kept.taken), ..CarriedOver::default() };
        let mut before = std::mem::replace(kept, others);
        let (mut session, targets) = Session::start(plan, &mut before, events, tell)?;
        session.idle = IdleConnections::default();
        sessions.push(session);
        lists.push(*targets);
    }
    let mut first = None;
    let mut has_ended = run(&mut sessions, lists, &mut first, turn)?;
    for mut session in sessions {
        for saved in [session.save_cookies(), session.save_hosts()] {
            has_ended |= session.has_ended(saved, &mut first);
        }
    }
    kept.has_ended = has_ended;
    Ok(first)
}

/// From the first connection to the last response, and what follows. Whether the run is over.
fn run<'e>(
    sessions: &mut [Session<'e, '_>],
    lists: Vec<Targets>,
    first: &mut Option<Failure>,
    turn: &mut dyn FnMut(usize) -> anyhow::Result<()>,
) -> anyhow::Result<bool> {
    let Some(events) = sessions.first().map(|session| session.events) else { return Ok(false) };
    let mut racers = Vec::new();
    for (group, target) in line_up(sessions, lists, first)? {
        let number = racers.len() + 1;
        match sessions[group].enter(target, group, number) {
            Ok(racer) => racers.extend(racer),
            Err(error) => {
                if sessions[group].is_over(Err(error), first) {
                    return Ok(true);
                }
            }
        }
    }
    for racer in &mut racers {
        let session = &mut sessions[racer.group];
        let (_, kept) = events.keep(|| session.approach(racer));
        racer.kept.append(kept);
    }
    let started = send_last_bytes(&mut racers, &mut sessions[0]);
    finish(sessions, racers, started, first, turn)
}

/// Sends what the requests still hold back, one right after the other, and tells how far apart the last bytes went
/// out; gives when the first did.
fn send_last_bytes<'e>(racers: &mut [Racer<'e>], session: &mut Session<'e, '_>) -> Instant {
    let events = session.events;
    for racer in racers.iter_mut() {
        racer.step(events, |connection| connection.send_to_last());
    }
    let started = Instant::now();
    for racer in racers.iter_mut().filter(|racer| racer.connection.is_ok()) {
        racer.sent = Some(Instant::now());
        racer.step(events, |connection| connection.send_last());
    }
    let spread = racers.iter().filter_map(|racer| racer.sent).max().unwrap_or(started) - started;
    let text = match racers.iter().filter(|racer| racer.sent.is_some()).count() {
        0 => return started,
        1 => "race: only one request could be sent".to_owned(),
        count => {
            format!("race: the last bytes of {count} requests went out within {} us", spread.as_micros())
        }
    };
    let requested: Vec<_> = racers.iter().map(|racer| (&*racer.job.chain.first, &racer.job.part)).collect();
    events.emit(&Event::Raced(spread, &requested));
    (session.tell)(&News::Progress(&text));
    started
}

/// All targets with their groups; nothing has been sent so far.
fn line_up(
    sessions: &mut [Session<'_, '_>],
    lists: Vec<Targets>,
    first: &mut Option<Failure>,
) -> anyhow::Result<Vec<(usize, Target)>> {
    let mut all = Vec::new();
    let mut count = 0;
    for (group, mut targets) in lists.into_iter().enumerate() {
        let session = &mut sessions[group];
        while let Some(target) = targets.next() {
            session.tell_all(&targets.notices());
            count += 1;
            match target {
                Ok(target) => {
                    racing::check_target(&target)?;
                    all.push((group, target));
                }
                Err(error) => {
                    session.events.emit(&Event::Refused { typed: targets.typed(), error: &error });
                    if session.refuse(&error, first) {
                        return Ok(Vec::new());
                    }
                }
            }
            if all.len() > MOST_RACERS {
                return Err(racing::too_many());
            }
        }
        session.tell_all(&targets.notices());
    }
    if count < 2 {
        return Err(racing::alone());
    }
    Ok(all)
}

/// Receives the responses as they come, and then follows where they lead. Whether the run is over.
fn finish<'e>(
    sessions: &mut [Session<'e, '_>],
    racers: Vec<Racer<'e>>,
    started: Instant,
    first: &mut Option<Failure>,
    turn: &mut dyn FnMut(usize) -> anyhow::Result<()>,
) -> anyhow::Result<bool> {
    let mut running = racers;
    let mut arrived = VecDeque::new();
    let mut lead_on = Vec::new();
    let of = running.iter().filter(|racer| racer.sent.is_some()).count();
    let mut place = 0;
    while !running.is_empty() || !arrived.is_empty() {
        gather(&mut running, &mut arrived, sessions[0].events)?;
        let Some(mut racer) = arrived.pop_front() else { continue };
        turn(racer.group)?;
        let session = &mut sessions[racer.group];
        session.tell_place(&racer, &mut place, of, started);
        let (group, ended) = (racer.group, session.hear(&mut racer));
        let mut job = racer.job;
        match session.end_exchange(&mut job, ended) {
            Err(AttemptEnd::Ended(result)) => {
                let result = session.conclude(&mut job, result);
                if session.is_over(result, first) {
                    return Ok(true);
                }
            }
            outcome => lead_on.push((group, job, outcome)),
        }
    }
    for (group, mut job, outcome) in lead_on {
        turn(group)?;
        let session = &mut sessions[group];
        let outcome = match outcome {
            Ok(request) => session.attempt(&mut job, Some(request)),
            Err(outcome) => outcome,
        };
        let result = session.carry_on(&mut job, outcome);
        if session.is_over(result, first) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Moves those whose response has begun from `running` to `arrived`: waits for the first,
/// and for others that follow it closely.
fn gather<'e>(
    running: &mut Vec<Racer<'e>>,
    arrived: &mut VecDeque<Racer<'e>>,
    events: &Events,
) -> anyhow::Result<()> {
    // Racers that are there already have been waited for.
    let patience = if arrived.is_empty() { SETTLE } else { Duration::ZERO };
    let mut last = Instant::now();
    loop {
        let before = arrived.len();
        for mut racer in std::mem::take(running) {
            if racer.has_come(events) {
                last = Instant::now();
                racer.came = Some(last);
                arrived.push_back(racer);
            } else {
                running.push(racer);
            }
        }
        if running.is_empty() {
            return Ok(());
        }
        if arrived.len() > before {
            continue;
        }
        let settled = if arrived.is_empty() { None } else { last.checked_add(patience) };
        if settled.is_some_and(|settled| Instant::now() >= settled) {
            return Ok(());
        }
        let connections = || running.iter().filter_map(|racer| racer.connection.as_ref().ok());
        let until = connections().filter_map(|it| it.looks_again()).chain(settled).min();
        let ends: Vec<_> = connections().filter_map(|it| it.ends()).collect();
        let waited = wait_for_one(&ends, until);
        waited.map_err(|error| Failure::Receive.because("cannot wait for the responses", error))?;
    }
}

impl<'e> Racer<'e> {
    /// Does something with the connection, of which observers are told later.
    fn step<T>(
        &mut self,
        events: &Events,
        step: impl FnOnce(&mut Connection<'e>) -> anyhow::Result<T>,
    ) -> Option<T> {
        let Ok(connection) = &mut self.connection else { return None };
        let (done, kept) = events.keep(|| step(connection));
        self.kept.append(kept);
        match done {
            Ok(done) => Some(done),
            Err(error) => {
                self.connection = Err(error);
                None
            }
        }
    }

    /// Whether there is something to tell: a response has begun, or none will come.
    fn has_come(&mut self, events: &Events) -> bool {
        self.step(events, Connection::look) != Some(false)
    }
}

impl<'e> Session<'e, '_> {
    /// `target` in the race; `None` where it is not to be requested.
    fn enter(&mut self, target: Target, group: usize, number: usize) -> anyhow::Result<Option<Racer<'e>>> {
        let Some(mut job) = self.job(target)? else { return Ok(None) };
        // A request that waits for 100 (Continue) has more to send than a last byte.
        job.chain.expects_nothing = true;
        let request = match job.begin_attempt(self.rules.retries.limit > 0) {
            Some(raw) => raw,
            None => self.request(&mut job)?,
        };
        job.attempts.sends(&job.chain.recipe, &request);
        let (kept, began) = (event::KeptEvents::default(), Instant::now());
        let connection = Err(Failure::Connect.error("there is no connection"));
        Ok(Some(Racer { group, number, job, request, began, connection, kept, sent: None, came: None }))
    }

    /// Connects, and begins to send.
    fn approach(&mut self, racer: &mut Racer<'e>) {
        racer.began = Instant::now();
        racer.job.deadline = self.deadline();
        racer.connection = self.dial(&mut racer.job).map(|mut connection| {
            let rules = SendingRules { holds_last: true, ..self.sending_rules() };
            connection.send([self.message(&mut racer.request)], rules);
            connection
        });
    }

    /// Says which response comes now, `place` being the number of those before it, or that none comes.
    fn tell_place(&mut self, racer: &Racer<'_>, place: &mut usize, of: usize, started: Instant) {
        let (Some(came), Ok(connection)) = (racer.came, &racer.connection) else { return };
        let number = racer.number;
        let what = if connection.has_leftover() {
            *place += 1;
            format!("response {place} of {of} is to request {number}")
        } else {
            format!("no response to request {number}: the connection ended")
        };
        let time = came.saturating_duration_since(started).as_secs_f64() * 1e3;
        self.tell(&News::Progress(&format!("race: {what}, after {time:.3} ms")));
    }

    /// Tells of the exchange so far, and receives the response.
    fn hear(&mut self, racer: &mut Racer<'e>) -> ExchangeEnd {
        self.begin(&racer.job, &racer.request, racer.began);
        racer.job.delivery.brought = 0;
        std::mem::take(&mut racer.kept).tell(|at, event| self.events.emit_at(at, event));
        if let Err(error) = self.console.request(&racer.request) {
            return Err(error).into();
        }
        let gone = Err(Failure::Receive.error("the connection is gone"));
        let mut connection = match std::mem::replace(&mut racer.connection, gone) {
            Ok(connection) => connection,
            Err(error) => return Err(error).into(),
        };
        match self.receive_heads(&mut connection, &racer.request, &mut racer.job) {
            Ok(response) => self.take_response(connection, &mut racer.job, &racer.request, response),
            Err(failed) => self.failed(&mut connection, failed, &mut racer.job).into(),
        }
    }
}
