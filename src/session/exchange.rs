//! One exchange over HTTP: the request out, the interim responses and the final
//! one in.

use super::Session;
use super::body_printing::{Printing, settle};
use super::doubt::{DoubtfulPart, doubtful};
use super::exchange_end::ExchangeEnd;
use super::heads::{NoResponse, ReceivedResponse};
use super::job::Job;
use super::receiving::Receiving;
use super::resending::why_not_again;
use super::verdict::{BodyUse, status};
use crate::connection::{Connection, HeadFailure, Linger};
use crate::event::Event;
use crate::failure::{self, Failure};
use crate::http::framing::{Framed, Framing};
use crate::http::response::{BadHead, HeadProblem, ResponseHead};
use crate::output::body::Printer;
use crate::output::escape::one_line;
use crate::plan::{PlannedRequest, ResponseSource, Wire};
use crate::policy::Next;

impl<'e> Session<'e, '_> {
    /// Sends `request` and receives its response: on an idle connection where there is one, and once more on a new
    /// one where that had ended without a response.
    pub(super) fn exchange(
        &mut self,
        job: &mut Job,
        mut request: Box<PlannedRequest>,
    ) -> anyhow::Result<ExchangeEnd> {
        let connected = self.connect(job, &request).inspect_err(|_| job.attempts.has_sent_nothing());
        let (mut connection, is_reused) = connected?;
        let response = match self.ask(&mut connection, &mut request, job) {
            Err(lost) if is_reused && lost.is_lost() => {
                connection = self.replace(&connection, &request, lost, job)?;
                self.ask(&mut connection, &mut request, job)
            }
            response => response,
        };
        match response {
            Ok(response) => Ok(self.take_response(connection, job, &request, response)),
            Err(NoResponse::Failed(error)) => Err(error),
            Err(NoResponse::NoHead { failure, .. })
                if self.rules.wire.http09
                    && failure.bad.problem == HeadProblem::NotHttp
                    && self.rules.manners.needs_head(&request.method) =>
            {
                Err(Failure::DoubtfulHead.error("the response to HEAD has no head, only content (HTTP/0.9)"))
            }
            Err(NoResponse::NoHead { failure, had_interim }) => {
                let is_stray = (is_reused || had_interim) && failure.bad.problem == HeadProblem::NotHttp;
                let strays = self.rules.manners.strays_on(is_stray);
                self.no_head(&mut connection, failure, had_interim, job).map_err(|error| match strays {
                    Some(failure) => failure.error(format!("{error:#}")),
                    None => error,
                })?;
                Ok(Ok(Next::Finish).into())
            }
        }
    }

    /// A new connection in place of one that was kept and is `lost`; an error where `request` may not be sent once more.
    fn replace(
        &mut self,
        kept: &Connection<'e>,
        request: &PlannedRequest,
        lost: NoResponse,
        job: &mut Job,
    ) -> anyhow::Result<Box<Connection<'e>>> {
        if let Some(why) = why_not_again(request, kept.outgoing().written(), self.rules.manners) {
            let method = one_line(&request.method);
            let text = format!("cannot retry the {method} request on a new connection, since {why}");
            return Err(lost.error().context(text));
        }
        self.events.emit(&Event::Note("The server had closed the connection: retrying on a new one"));
        self.dial(job)
    }

    /// What is to be done after the final head: its content is received, or passed over.
    pub(super) fn take_response(
        &mut self,
        mut connection: Box<Connection<'e>>,
        job: &mut Job,
        request: &PlannedRequest,
        response: ReceivedResponse,
    ) -> ExchangeEnd {
        let next = self.next(&mut job.chain, request, &response.head, response.doubt.is_some());
        let goes_on = matches!(next, Ok(Next::Finish)) && response.head.status() < 400;
        if goes_on {
            connection.outgoing_mut().consent_by_response();
        } else if response.awaited == 0
            && (connection.outgoing().awaits_consent() || !matches!(next, Ok(Next::Finish)))
        {
            connection.stop_sending();
        }
        if request.is_handshake && response.head.status() == 101 && next.is_ok() {
            return self.converse(*connection, job, request, &response).map(|()| Next::Finish).into();
        }
        if !matches!(next, Ok(Next::Finish)) {
            // The content of a redirect is not what was requested, followed or not.
            self.pass_over(connection, job, request, &response, true);
            return next.into();
        }
        self.note_etag(job, &response.head);
        if job.chain.recipe.is_unmet(&response.head) {
            self.events.emit(&Event::Note("The condition of --time-cond is not met: skipping the content"));
            if let Some(status) = self.rules.manners.unmet_status() {
                self.events.emit(&Event::Status(status));
            }
            self.events.emit(&Event::Unwanted);
            self.pass_over(connection, job, request, &response, true);
            return next.into();
        }
        let transient = self.transient(job, &response.head);
        let finished = self.finish(connection, job, request, &response, transient.is_some());
        ExchangeEnd { next: finished.map(|()| Next::Finish), transient }
    }

    /// Receives the content, printed or passed over, and leaves the connection.
    fn finish(
        &mut self,
        connection: Box<Connection<'e>>,
        job: &mut Job,
        request: &PlannedRequest,
        response: &ReceivedResponse,
        is_transient: bool,
    ) -> anyhow::Result<()> {
        let verdict = self.judge(job, request, &response.head, response.framed, is_transient)?;
        let error = match verdict {
            BodyUse::Give(_) | BodyUse::GivePart(..) => {
                let bytes = self.give(connection, job, request, response)?;
                let is_minded = job.resume.is_some() || self.rules.manners.minds_ranges();
                let is_range = |error: &anyhow::Error| failure::of(error) == Some(Failure::Range);
                let error = verdict.after(bytes).filter(|error| is_minded || !is_range(error));
                if job.resume.is_some() && error.as_ref().is_some_and(is_range) {
                    // What cannot be the rest does not stay behind what is there.
                    job.delivery.begin_again()?;
                }
                error
            }
            BodyUse::Withhold(error) => {
                self.events.emit(&Event::Unwanted);
                if self.rules.manners.as_curl && job.resume.is_some() {
                    self.console.save_head(&mut job.delivery)?;
                }
                let is_too_large = error.as_ref().and_then(failure::of) == Some(Failure::TooLarge);
                let is_unwanted = is_too_large || is_head_alone(job, response);
                self.pass_over(connection, job, request, response, !is_unwanted);
                error
            }
        };
        let doubt = response.doubt.map(|doubt| doubtful(DoubtfulPart::Head, doubt));
        let unasked = response.is_unasked.then(|| {
            Failure::DoubtfulHead.error(
                "101 (Switching Protocols) to a protocol that the request did not offer (RFC 9110 §15.2.2)",
            )
        });
        let refused = request.is_handshake.then(|| refused(&response.head));
        error.or(doubt).or(unasked).or(refused).map_or(Ok(()), Err)
    }

    /// Receives the content, and prints or saves it; gives how many bytes it has.
    fn give(
        &mut self,
        mut connection: Box<Connection<'e>>,
        job: &mut Job,
        request: &PlannedRequest,
        response: &ReceivedResponse,
    ) -> anyhow::Result<u64> {
        self.forget_etag()?;
        let content = self.receiving(request, response);
        let received = content.receive(&mut connection, &mut self.console, &mut job.delivery);
        self.tell_name(&mut job.delivery);
        let is_whole = received.is_ok();
        let leftover = match is_whole && request.has_leftover {
            true => self.receive_leftover(&mut connection, &mut job.delivery, Linger::silence(), true),
            false => Ok(()),
        };
        self.leave(connection, job, request, response, is_whole);
        let bytes = received?;
        leftover?;
        self.keep_time(&job.delivery, &response.head);
        self.keep_attributes(job, request, &response.head);
        Ok(bytes)
    }

    fn receiving<'a>(&self, request: &PlannedRequest, response: &'a ReceivedResponse) -> Receiving<'a>
    where
        'e: 'a,
    {
        // What follows the end is another response, where one is awaited.
        let reads_on = response.awaited == 0;
        let until_eof = self.rules.wire.until_eof && reads_on;
        let linger = self.rules.wire.linger.filter(|_| reads_on);
        let lingers = self.rules.wire.lingers && reads_on;
        let wire = Wire { until_eof, linger, lingers, ..self.rules.wire };
        let sends_on = match request {
            // What is read after it may be another request.
            _ if request.is_dialogue => false,
            _ => request.is_raw || response.head.status() < 400 || response.awaited > 0,
        };
        Receiving {
            response,
            wire,
            manners: self.rules.manners,
            sends_on,
            is_command: self.rules.dialer.via.is_some(),
            events: self.events,
        }
    }

    /// Reads past content that is not shown, if that is little and worth it.
    fn pass_over(
        &mut self,
        mut connection: Box<Connection<'e>>,
        job: &Job,
        request: &PlannedRequest,
        response: &ReceivedResponse,
        may_be_judged: bool,
    ) {
        let content = self.receiving(request, response);
        let is_empty = matches!(response.framed.framing, Framing::NoBody | Framing::Length(0));
        let is_watched = is_empty || self.rules.wire.keep_alive || self.events.want_content();
        let is_judged = may_be_judged && self.rules.wire.lingers;
        let is_whole = is_watched && content.pass_over(&mut connection, is_judged);
        self.leave(connection, job, request, response, is_whole);
    }

    /// What an exchange without a response comes to.
    pub(super) fn failed(
        &mut self,
        connection: &mut Connection<'e>,
        failed: NoResponse,
        job: &mut Job,
    ) -> anyhow::Result<Next> {
        match failed {
            NoResponse::Failed(error) => Err(error),
            NoResponse::NoHead { failure, had_interim } => {
                self.no_head(connection, failure, had_interim, job).map(|()| Next::Finish)
            }
        }
    }

    /// No head: prints what came, and says why it is none.
    fn no_head(
        &mut self,
        connection: &mut Connection<'e>,
        failure: HeadFailure,
        had_interim: bool,
        job: &mut Job,
    ) -> anyhow::Result<()> {
        let HeadFailure { bad, error } = failure;
        if self.rules.wire.http09 && bad.problem == HeadProblem::NotHttp {
            self.forget_etag()?;
            return self.receive_bare(connection, &bad, job);
        }
        self.console.no_head(&bad.raw, &mut job.delivery)?;
        if had_interim && failure::of(&error) == Some(Failure::EmptyReply) {
            return Err(self
                .rules
                .manners
                .interim_alone()
                .error("only interim responses were received, and no final one"));
        }
        if matches!(self.source, ResponseSource::Saved(_))
            && bad.problem == HeadProblem::Empty
            && failure::of(&error) == Some(Failure::EmptyReply)
        {
            let what = if bad.raw.is_empty() { "is empty and" } else { "has only empty lines and" };
            return Err(Failure::EmptyReply.error(format!("--read: the input {what} holds no response")));
        }
        Err(error)
    }

    /// `--http0.9`: what came has no head, and all of it is content, which ends with the
    /// connection. Nothing says that it is the rest of a partly saved file.
    fn receive_bare(
        &mut self,
        connection: &mut Connection<'e>,
        bad: &BadHead,
        job: &mut Job,
    ) -> anyhow::Result<()> {
        if let Some(offset) = job.resume {
            return Err(Failure::Range.error(format!(
                "the response has no head, and so does not say that it is the rest from byte {offset}"
            )));
        }
        let delivery = &mut job.delivery;
        delivery.begin_again()?;
        let mut printer = Printer::new(&bad.fields, self.console.style(delivery)?);
        if !self.console.shows_head_or_body(delivery) {
            printer.discard();
        }
        let raw = self.console.is_raw();
        let sink = self.console.sink(delivery)?;
        let framed = Framed::until_close("HTTP/0.9");
        let mut body = connection.body(framed, false);
        let mut printing = Printing {
            printer: Some(&mut printer),
            raw,
            sink,
            events: self.events,
            linger: None,
            failed: None,
        };
        let ended = printing.begin(&bad.raw).and_then(|()| printing.all(&mut body));
        let bytes = bad.raw.len() as u64 + body.finish().bytes;
        self.events.emit(&Event::Delivered(bytes));
        if ended.is_err() {
            printer.cut_off();
        }
        let printed = printer.finish(true, sink);
        let settled = settle(connection, sink);
        ended.and(printed).and(settled)
    }
}

/// `-I`, and content follows that is not received.
fn is_head_alone(job: &Job, response: &ReceivedResponse) -> bool {
    job.chain.recipe.wants_head_alone() && response.framed.framing != Framing::NoBody
}

/// The error of a response that is no WebSocket.
fn refused(head: &ResponseHead) -> anyhow::Error {
    let status = status(head);
    Failure::Status.error(format!("the server did not switch to WebSocket: it responded with {status}"))
}
