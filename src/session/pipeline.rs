//! `--pipeline`: the requests to one host out, then their responses in, in the
//! same order (RFC 9112 §9.3.2).
//!
//! Goes in rounds, one connection each. Responses are received before all
//! requests are out only where the server takes no more of them until then. What
//! a server leaves unanswered is asked again in the next round where that is
//! safe, alone at first unless the server said that it would close.

mod outgoing;

use std::collections::VecDeque;
use std::io::Read;
use std::time::Instant;

use super::asking::{Answer, Heads, NoAnswer, SEND_PIECE, open};
use super::console::CANNOT_READ;
use super::delivery::Delivery;
use super::exchange::is_idempotent;
use super::job::Job;
use super::proxies::Peer;
use super::{Ended, Session};
use crate::connection::{Connection, Deadline};
use crate::event::Event;
use crate::failure::{self, Failure};
use crate::plan::{Content, PlannedRequest, Source, Target};
use crate::policy::Next;
use outgoing::Outgoing;

/// The requests that no response has come for, and what comes of the others.
struct Line<'f> {
    waiting: VecDeque<Waiting>,
    /// Those whose response asks for another request, which comes after all responses.
    leads_on: Vec<Waiting>,
    /// How many requests the next round may have: one that a server leaves
    /// unanswered again and again costs no more than twice its answers.
    window: usize,
    /// When the attempt at each of them must have ended.
    deadline: Option<Deadline>,
    first: &'f mut Option<Failure>,
    is_over: bool,
}

/// A request that waits for its response.
struct Waiting {
    job: Job,
    request: PlannedRequest,
    /// Observers have been told of it.
    has_begun: bool,
    /// A server may have acted on it.
    was_sent: bool,
}

/// How a round ended.
enum End {
    /// All is answered, and the connection stays open.
    Open,
    /// The server said that it would close: it has acted on no request after
    /// that (RFC 9112 §9.6).
    Closed,
    /// It cannot be told what the server did.
    Broken,
}

impl Waiting {
    /// Whether asking again could do twice what is to be done once.
    fn is_unsafe(&self) -> bool {
        self.was_sent && !is_idempotent(&self.request.method)
    }
}

impl<'e> Session<'e, '_> {
    /// Whether `target`'s request may go out before the one ahead is answered.
    pub(super) fn can_pipeline(&self, target: &Target) -> bool {
        self.rules.wire.pipelines
            && matches!(self.source, Source::Network)
            && target.uri.scheme.is_http()
            && target.raw.is_none()
            && target.recipe.content_length().is_some_and(|length| length <= SEND_PIECE as u64)
    }

    /// Asks for `target` and for those of `rest` that follow it to the same
    /// peer; notes the first failure in `first`, and gives whether the run is over.
    pub(super) fn pipeline(
        &mut self,
        target: Target,
        rest: &mut VecDeque<Target>,
        first: &mut Option<Failure>,
    ) -> bool {
        let peer = Peer::of(&target.uri, &self.rules.routes);
        let belongs =
            |next: &&Target| self.can_pipeline(next) && Peer::of(&next.uri, &self.rules.routes) == peer;
        let followers = rest.iter().take_while(belongs).count();
        if followers == 0 {
            let result = self.perform(target);
            return self.is_over(result, first);
        }
        let mut line = Line {
            waiting: VecDeque::new(),
            leads_on: Vec::new(),
            window: usize::MAX,
            deadline: self.deadline(),
            first,
            is_over: false,
        };
        for target in std::iter::once(target).chain(rest.drain(..followers)) {
            match self.queue(target, line.deadline) {
                Ok(waiting) => line.waiting.extend(waiting),
                Err(error) => line.is_over |= self.is_over(Err(error), line.first),
            }
        }
        while !line.is_over && !line.waiting.is_empty() {
            self.round(&mut line);
        }
        for Waiting { mut job, .. } in std::mem::take(&mut line.leads_on) {
            if !line.is_over {
                let result = self.carry_out(&mut job);
                line.is_over |= self.is_over(result, line.first);
            }
        }
        line.is_over
    }

    /// The request of `target`; `None` where it is not to be requested.
    fn queue(&mut self, target: Target, deadline: Option<Deadline>) -> anyhow::Result<Option<Waiting>> {
        let Some(mut job) = self.job(target)? else { return Ok(None) };
        job.deadline = deadline;
        // Whoever waits for consent holds up the requests behind.
        job.chain.expects_nothing = true;
        let mut request = self.request(&mut job)?;
        let mut content = Vec::new();
        open(&mut request.content)
            .read_to_end(&mut content)
            .map_err(|error| Failure::Read.because(CANNOT_READ, error))?;
        let request = PlannedRequest { content: Content::Bytes(content), ..request };
        Ok(Some(Waiting { job, request, has_begun: false, was_sent: false }))
    }

    /// As much of the line as one connection carries.
    fn round(&mut self, line: &mut Line<'_>) {
        let Some(mut front) = line.waiting.pop_front() else { return };
        if let Err(error) = self.begin_waiting(&mut front, Instant::now()) {
            return self.settle(front, Err(error), line);
        }
        if front.is_unsafe() {
            let method = String::from_utf8_lossy(&front.request.method).into_owned();
            let why = format!(
                "the connection ended before the {method} request in the pipeline was answered; it is not sent again, since the server may have acted on it"
            );
            return self.settle(front, Err(Failure::EmptyReply.error(why)), line);
        }
        let connected = self.connect(&mut front.job);
        line.waiting.push_front(front);
        let (mut connection, is_reused) = match connected {
            Ok(connected) => connected,
            Err(error) => return self.give_up(line, error),
        };
        connection.tell_late();
        connection.begin_request(self.rules.cutting.as_ref());
        let mut outgoing = Outgoing::new(line.count());
        // Alone on a connection of its own, a request has had its chance.
        let is_last_try = outgoing.count == 1 && !is_reused;
        let end = loop {
            self.send_out(&mut connection, &mut outgoing, &mut line.waiting);
            let end = self.receive_one(connection, &mut outgoing, line, is_last_try);
            if line.is_over {
                return;
            }
            if outgoing.answered == outgoing.count {
                break end;
            }
            match self.idle.take() {
                Some((_, open)) => connection = open,
                None => break end,
            }
        };
        line.end_round(&end, outgoing.answered);
    }

    /// Tells observers what a waiting request asks, once, and turns to where its
    /// response goes.
    fn begin_waiting(&mut self, waiting: &mut Waiting, at: Instant) -> anyhow::Result<()> {
        if waiting.has_begun {
            return Ok(());
        }
        waiting.has_begun = true;
        self.begin(&waiting.job.chain.hop.uri, &waiting.request, at);
        self.console.request(&waiting.request)
    }

    /// Sends what the server takes, all if it can be.
    fn send_out(
        &mut self,
        connection: &mut Connection<'e>,
        outgoing: &mut Outgoing,
        waiting: &mut VecDeque<Waiting>,
    ) {
        while !outgoing.is_done {
            let sent = outgoing.send_some(connection, waiting);
            match sent {
                Ok(0) if connection.is_pausing() => {}
                // Who does not listen until it is listened to is listened to.
                Ok(0) if !outgoing.is_done && connection.has_incoming().unwrap_or(true) => {
                    outgoing.is_done = outgoing.sent == outgoing.answered;
                    return;
                }
                Ok(_) => {}
                // Whether that matters, the responses tell.
                Err(_) => outgoing.is_done = true,
            }
            if outgoing.is_done && sent.is_ok() {
                let Outgoing { count, written, .. } = outgoing;
                if *count > 1 {
                    let text = format!("{count} requests sent in a pipeline, {written} bytes");
                    self.events.emit(&Event::Note(&text));
                }
                // A server that has closed by now has answered, or not.
                let _ = self.sent_all(connection);
            }
        }
    }

    /// Receives the first response that is due. Where that leaves the connection
    /// open, it is the idle one.
    fn receive_one(
        &mut self,
        mut connection: Connection<'e>,
        outgoing: &mut Outgoing,
        line: &mut Line<'_>,
        is_last_try: bool,
    ) -> End {
        let Some(mut waiting) = line.waiting.pop_front() else { return End::Broken };
        let is_sent = outgoing.sent > outgoing.answered;
        let at = outgoing.times.pop_front().unwrap_or_else(Instant::now);
        if let Err(error) = self.begin_sent(&mut connection, &mut waiting, outgoing.answered, at) {
            self.settle(waiting, Err(error), line);
            return End::Broken;
        }
        let mut answer = match self.await_answer(&mut connection, &waiting.request, &mut waiting.job.delivery)
        {
            Ok(answer) => answer,
            Err(failed) if !is_last_try && is_unanswered(&failed) => {
                self.events.emit(&Event::Left("the server closed the connection without an answer"));
                line.waiting.push_front(waiting);
                return End::Broken;
            }
            Err(failed) => {
                let result = self.failed(&mut connection, failed, &mut waiting.job.delivery);
                self.settle(waiting, result, line);
                return End::Broken;
            }
        };
        answer.is_sent = is_sent;
        outgoing.answered += 1;
        let says_close = answer.head.fields.has_member("connection", "close");
        answer.awaited = outgoing.taken.saturating_sub(outgoing.answered);
        let Ended { next, .. } = self.take_answer(connection, &mut waiting.job, &waiting.request, answer);
        self.settle(waiting, next, line);
        match self.idle {
            Some(_) => End::Open,
            None if says_close => End::Closed,
            None => End::Broken,
        }
    }

    /// Receives heads up to the final one.
    fn await_answer(
        &mut self,
        connection: &mut Connection<'e>,
        request: &PlannedRequest,
        delivery: &mut Delivery,
    ) -> Result<Answer, NoAnswer> {
        let mut heads = Heads::default();
        loop {
            if let Some(answer) = self.receive_head(connection, request, delivery, &mut heads)? {
                return Ok(answer);
            }
        }
    }

    /// Tells observers of a request when its response is due, as if it had been
    /// sent by itself; but when that was, was noted.
    fn begin_sent(
        &mut self,
        connection: &mut Connection<'e>,
        waiting: &mut Waiting,
        number: usize,
        at: Instant,
    ) -> anyhow::Result<()> {
        self.begin_waiting(waiting, at)?;
        if number > 0 && self.events.are_heard() {
            let (local, remote) = connection.stream().addresses();
            self.events.emit_at(at, &Event::Reused { local, remote });
        }
        let PlannedRequest { head, content, .. } = &waiting.request;
        self.events.emit_at(at, &Event::SentHead(head));
        match content {
            Content::Bytes(bytes) if !bytes.is_empty() => {
                self.events.emit_at(at, &Event::SentBody(bytes));
            }
            _ => {}
        }
        Ok(())
    }

    fn failed(
        &mut self,
        connection: &mut Connection<'e>,
        failed: NoAnswer,
        delivery: &mut Delivery,
    ) -> anyhow::Result<Next> {
        match failed {
            NoAnswer::Failed(error) => Err(error),
            NoAnswer::NoHead(failure, had_interim) => {
                self.events.emit(&Event::BadHead(&failure.bad));
                self.no_head(connection, failure, had_interim, delivery)?;
                Ok(Next::Finish)
            }
        }
    }

    /// A response has come, or will not.
    fn settle(&mut self, mut waiting: Waiting, result: anyhow::Result<Next>, line: &mut Line<'_>) {
        if let Ok(Next::Send(_)) = &result {
            self.events.emit(&Event::GoesOn);
        }
        self.events.emit(&Event::Done(result.as_ref().err()));
        match result {
            Ok(Next::Send(hop)) => {
                waiting.job.chain.hop = *hop;
                line.leads_on.push(waiting);
            }
            ended => {
                let ended = self.conclude(&mut waiting.job, ended.map(|_| ()));
                line.is_over |= self.is_over(ended, line.first);
            }
        }
    }

    /// There is no connection for what is waiting. Once is enough to say so.
    fn give_up(&mut self, line: &mut Line<'_>, error: anyhow::Error) {
        let now = Instant::now();
        for mut waiting in line.waiting.drain(..) {
            if !waiting.has_begun {
                waiting.has_begun = true;
                self.begin(&waiting.job.chain.hop.uri, &waiting.request, now);
            }
            self.events.emit(&Event::Done(Some(&error)));
        }
        line.is_over |= self.is_over(Err(error), line.first);
    }
}

impl Line<'_> {
    /// How many requests the next round has. Behind one that says close, and
    /// before one that must not be sent again, there is an end.
    fn count(&self) -> usize {
        let most = self.window.min(self.waiting.len());
        let ready = self.waiting.iter().take(most).take_while(|waiting| !waiting.is_unsafe());
        let ready = ready.count();
        let closing = self.waiting.iter().take(ready).position(|waiting| waiting.request.closes);
        closing.map_or(ready, |last| last + 1)
    }

    fn end_round(&mut self, end: &End, answered: usize) {
        self.window = match end {
            End::Open => self.window.saturating_mul(2),
            End::Closed => answered.saturating_mul(2).max(1),
            // What comes first may be what the server cannot bear (RFC 9112 §9.3.2).
            End::Broken => 1,
        };
        if matches!(end, End::Closed) {
            self.waiting.iter_mut().for_each(|waiting| waiting.was_sent = false);
        }
    }
}

/// Whether the connection ended without a byte of an answer.
fn is_unanswered(failed: &NoAnswer) -> bool {
    match failed {
        NoAnswer::NoHead(failure, had_interim) => {
            !had_interim
                && failure.bad.raw.is_empty()
                && failure::of(&failure.error) != Some(Failure::TimedOut)
        }
        NoAnswer::Failed(_) => false,
    }
}
