//! `--pipeline`: the requests to one host out, then their responses in, in the
//! same order (RFC 9112 §9.3.2).
//!
//! Goes in rounds, one connection each. Responses are received while requests go
//! out, and first where the server takes no more of them until then. What a
//! server leaves without a response is sent again in the next round where that is
//! safe, alone at first unless the server said that it would close.

use std::collections::VecDeque;
use std::io::Read;
use std::rc::Rc;
use std::time::Instant;

use super::Session;
use super::connection_key::ConnectionKey;
use super::console::CANNOT_READ;
use super::exchange_end::ExchangeEnd;
use super::heads::{SEND_PIECE, open};
use super::pipeline_state::{Carrier, PipelineState, Round, RoundEnd, Waiting};
use crate::connection::{Connection, Deadline, SendingRules};
use crate::event::Event;
use crate::failure::Failure;
use crate::http::response::{HeadProblem, bad_head};
use crate::plan::{PlannedRequest, RequestContent, ResponseSource, Target, Targets};
use crate::policy::Next;
use crate::policy::boundary::OriginTrust;

/// Most requests that one line takes behind its first: a sequence of URLs has no end to speak of.
const MAX_FOLLOWERS: usize = 4096;
/// What becomes of a connection that brings no response to a request it has carried.
const CLOSED_EARLY: &str = "the server closed the connection without a response";

impl<'e> Session<'e, '_> {
    /// Whether requests go anywhere, and are not only printed.
    pub(super) fn sends(&self) -> bool {
        !matches!(self.source, ResponseSource::Nothing)
    }

    /// Whether `target`'s request may go out before the response to the one ahead.
    pub(super) fn can_pipeline(&self, target: &Target) -> bool {
        self.rules.wire.pipelines
            && self.hosts.is_none()
            && matches!(self.source, ResponseSource::Network)
            && target.uri.scheme.is_http()
            && !target.uri.scheme.is_websocket()
            && match &target.raw {
                Some(raw) => match &raw.content {
                    RequestContent::Bytes(_) => true,
                    RequestContent::Pieces { pieces, .. } => pieces.are_in_memory(),
                    RequestContent::Stream(_) => false,
                },
                None => target.recipe.content_length().is_some_and(|length| length <= SEND_PIECE as u64),
            }
    }

    /// Asks for `target` and for those of `rest` that follow it to the same
    /// peer; notes the first failure in `first`, and gives whether the run is over.
    pub(super) fn pipeline(
        &mut self,
        target: Target,
        rest: &mut Targets,
        first: &mut Option<Failure>,
    ) -> bool {
        let own = self.identity(&target.uri, OriginTrust::FIRST);
        let Some(second) = self.follower(rest, &own) else {
            let result = self.perform(target);
            return self.is_over(result, first);
        };
        let mut line = PipelineState {
            identity: Rc::clone(&own),
            waiting: VecDeque::new(),
            leads_on: Vec::new(),
            window: usize::MAX,
            deadline: self.deadline(),
            first,
            is_over: false,
            carrier: None,
        };
        self.queue_up(target, &mut line);
        let mut next = Some(second);
        let mut followers = 0;
        while let Some(target) = next {
            self.queue_up(target, &mut line);
            followers += 1;
            next = if followers < MAX_FOLLOWERS { self.follower(rest, &own) } else { None };
        }
        while !line.is_over && !line.waiting.is_empty() {
            self.round(&mut line);
            let written = self.console.end_gathering();
            line.is_over |= written.is_err() && self.is_over(written, line.first);
        }
        for mut waiting in std::mem::take(&mut line.leads_on) {
            if !line.is_over {
                let result = self.carry_out(&mut waiting.job);
                line.is_over |= self.is_over(result, line.first);
            }
        }
        line.is_over
    }

    /// The next of `rest`, if it goes to the peer that `own` stands for.
    fn follower(&mut self, rest: &mut Targets, own: &Rc<ConnectionKey>) -> Option<Target> {
        rest.next_if(|next| {
            let goes_along = next.is_joined || self.can_pipeline(next);
            goes_along && self.identity(&next.uri, OriginTrust::FIRST) == *own
        })
    }

    /// Lets the request of `target` wait for its turn.
    fn queue_up(&mut self, target: Target, line: &mut PipelineState<'_>) {
        match self.queue(target, line.deadline) {
            Ok(waiting) => line.waiting.extend(waiting),
            Err(error) => line.is_over |= self.is_over(Err(error), line.first),
        }
    }

    /// The request of `target`; `None` where it is not to be requested.
    fn queue(&mut self, target: Target, deadline: Option<Deadline>) -> anyhow::Result<Option<Waiting>> {
        let Some(mut job) = self.job(target)? else { return Ok(None) };
        job.deadline = deadline;
        // A request that waits for 100 (Continue) holds up those after it.
        job.chain.expects_nothing = true;
        let mut request = match job.begin_attempt(false) {
            Some(raw) => raw,
            None => self.request(&mut job)?,
        };
        if !matches!(request.content, RequestContent::Bytes(_)) {
            let mut content = Vec::new();
            open(&mut request.content)
                .read_to_end(&mut content)
                .map_err(|error| Failure::Read.because(CANNOT_READ, error))?;
            request.content = RequestContent::Bytes(content);
        }
        Ok(Some(Waiting { job, request, has_begun: false, was_sent: false, sent_at: None }))
    }

    /// As much of the line as one connection carries.
    fn round(&mut self, line: &mut PipelineState<'_>) {
        let Some(mut front) = line.waiting.pop_front() else { return };
        let is_new = !front.has_begun;
        let at = front.sent_at.take().filter(|_| front.is_unsafe()).unwrap_or_else(Instant::now);
        if let Err(error) = self.begin_waiting(&mut front, at) {
            return self.settle(front, Err(error), line);
        }
        if front.is_unsafe() {
            match &line.carrier {
                Some(carrier) if is_new => self.tell_unanswered(&front.request, carrier, at),
                _ => self.tell_nothing_came(),
            }
            let refusal = not_retried(&front.request.method);
            return self.settle(front, Err(refusal), line);
        }
        let connected = self.connect(&mut front.job, &front.request);
        line.waiting.push_front(front);
        let (mut connection, is_reused) = match connected {
            Ok(connected) => connected,
            Err(error) => return self.give_up(line, error),
        };
        line.carrier = Some(Carrier::of(&connection));
        let count = line.count();
        self.gather_on(&mut connection);
        self.send_out(&mut connection, &mut line.waiting, count);
        let mut round = Round {
            count,
            // Alone on a connection of its own, a request has had its chance.
            is_last_try: count == 1 && !is_reused,
            begun: count,
            answered: 0,
        };
        let end = self.receive_round(connection, &mut round, line);
        if line.is_over {
            return;
        }
        let unanswered = round.begun.saturating_sub(round.answered);
        line.waiting.iter_mut().take(unanswered).for_each(|waiting| waiting.was_sent = true);
        line.end_round(&end, round.answered);
    }

    /// Tells observers of a request that was sent behind another one, which the connection
    /// has brought no response to either.
    fn tell_unanswered(&self, request: &PlannedRequest, carrier: &Carrier, at: Instant) {
        self.events.emit_at(at, &carrier.reused());
        self.tell_sent(request, at);
        self.tell_nothing_came();
        if let Some(ended) = carrier.ended {
            self.events.emit(&Event::Ended(ended));
            self.events.emit(&Event::Left(CLOSED_EARLY));
        }
    }

    /// Tells observers that nothing came in place of a response.
    fn tell_nothing_came(&self) {
        self.events.emit(&Event::BadHead(&bad_head(&[], 0, HeadProblem::Empty)));
    }

    /// Tells observers what a waiting request asks, once, and turns to where its
    /// response goes.
    fn begin_waiting(&mut self, waiting: &mut Waiting, at: Instant) -> anyhow::Result<()> {
        if waiting.has_begun {
            return Ok(());
        }
        waiting.has_begun = true;
        self.begin(&waiting.job, &waiting.request, at);
        self.console.request(&waiting.request)
    }

    /// Begins to send the first `count` requests: what the server takes at once is out.
    fn send_out(&self, connection: &mut Connection<'e>, waiting: &mut VecDeque<Waiting>, count: usize) {
        let messages = waiting.iter_mut().take(count).map(|waiting| self.message(&mut waiting.request));
        connection.tell_late();
        connection.send(messages, SendingRules { is_silent: true, ..self.sending_rules() });
        // Whether an error matters, the responses tell.
        let _ = connection.send_now();
    }

    /// Receives the responses of a round, one after the other, until the last of them or the
    /// connection's end.
    fn receive_round(
        &mut self,
        mut connection: Box<Connection<'e>>,
        round: &mut Round,
        line: &mut PipelineState<'_>,
    ) -> RoundEnd {
        loop {
            let end = self.receive_one(connection, round, line);
            if line.is_over || round.answered == round.count {
                return end;
            }
            match self.idle.take(&line.identity) {
                Some(open) => connection = open,
                None => return end,
            }
        }
    }

    /// Receives the first response that is due. Where that leaves the connection
    /// open, it is the idle one.
    fn receive_one(
        &mut self,
        mut connection: Box<Connection<'e>>,
        round: &mut Round,
        line: &mut PipelineState<'_>,
    ) -> RoundEnd {
        let Some(mut waiting) = line.waiting.pop_front() else { return RoundEnd::Broken };
        let at = connection.outgoing_mut().take_time().unwrap_or_else(Instant::now);
        if let Err(error) = self.begin_sent(&connection, &mut waiting, round.answered, at) {
            self.settle(waiting, Err(error), line);
            return RoundEnd::Broken;
        }
        let received = self.receive_heads(&mut connection, &waiting.request, &mut waiting.job);
        round.begun = connection.outgoing().begun_and_sent().0;
        let mut response = match received {
            Ok(response) => response,
            Err(failed) if !round.is_last_try && failed.is_lost() => {
                self.events.emit(&Event::Left(CLOSED_EARLY));
                line.carrier.iter_mut().for_each(|carrier| carrier.ended = connection.ended());
                for behind in &mut line.waiting {
                    behind.sent_at = connection.outgoing_mut().take_time();
                }
                line.waiting.push_front(waiting);
                return RoundEnd::Broken;
            }
            Err(failed) => {
                let result = self.failed(&mut connection, failed, &mut waiting.job);
                round.answered += 1;
                self.settle(waiting, result, line);
                return RoundEnd::Broken;
            }
        };
        response.number = round.answered;
        round.answered += 1;
        let says_close = response.head.fields.has_member("connection", "close");
        // Behind a response that says close comes no other (RFC 9112 §9.6).
        response.awaited = if says_close { 0 } else { round.count - round.answered };
        let ExchangeEnd { next, .. } =
            self.take_response(connection, &mut waiting.job, &waiting.request, response);
        self.settle(waiting, next, line);
        match self.idle.has(&line.identity) {
            true => RoundEnd::Open,
            false if says_close => RoundEnd::Closed,
            false => RoundEnd::Broken,
        }
    }

    /// Tells observers of a request when its response is due, as if it had been
    /// sent by itself; but when that was, was noted.
    fn begin_sent(
        &mut self,
        connection: &Connection<'e>,
        waiting: &mut Waiting,
        number: usize,
        at: Instant,
    ) -> anyhow::Result<()> {
        self.begin_waiting(waiting, at)?;
        if number > 0 && self.events.are_heard() {
            self.events.emit_at(at, &connection.reused());
        }
        self.tell_sent(&waiting.request, at);
        Ok(())
    }

    /// Tells observers what was sent of a request at `at`.
    fn tell_sent(&self, PlannedRequest { head, content, .. }: &PlannedRequest, at: Instant) {
        self.events.emit_at(at, &Event::SentHead(head));
        match content {
            RequestContent::Bytes(bytes) if !bytes.is_empty() => {
                self.events.emit_at(at, &Event::SentBody(bytes));
            }
            _ => {}
        }
    }

    /// A response has come, or will not.
    fn settle(&mut self, mut waiting: Waiting, result: anyhow::Result<Next>, line: &mut PipelineState<'_>) {
        let result = result.map_err(|error| self.rules.manners.worded(error));
        if let Ok(Next::Send(_)) = &result {
            self.events.emit(&Event::GoesOn);
        }
        self.events.emit(&Event::Done(result.as_ref().err()));
        match result {
            Ok(Next::Send(hop)) => {
                waiting.job.chain.hop = *hop;
                waiting.job.is_continued = true;
                line.leads_on.push(waiting);
            }
            ended => {
                let ended = self.conclude(&mut waiting.job, ended.map(|_| ()));
                line.is_over |= self.is_over(ended, line.first);
            }
        }
    }

    /// There is no connection for what is waiting. Once is enough to say so.
    fn give_up(&mut self, line: &mut PipelineState<'_>, error: anyhow::Error) {
        let now = Instant::now();
        let error = self.rules.manners.worded(error);
        for mut waiting in line.waiting.drain(..) {
            if !waiting.has_begun {
                waiting.has_begun = true;
                self.begin(&waiting.job, &waiting.request, now);
            }
            self.events.emit(&Event::Done(Some(&error)));
        }
        line.is_over |= self.is_over(Err(error), line.first);
    }
}

/// The error of a request with `method` that a lost connection has carried.
fn not_retried(method: &[u8]) -> anyhow::Error {
    let method = String::from_utf8_lossy(method);
    Failure::EmptyReply.error(format!(
        "the connection ended before the response to the pipelined {method} request; the request is not retried because the server may have acted on it"
    ))
}
