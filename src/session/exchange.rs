//! One exchange over HTTP: the request out, the interim responses and the final
//! one in.

use std::io::ErrorKind;
use std::time::Duration;

use super::asking::{Answer, NoAnswer, SEND_PIECE};
use super::console::Console;
use super::delivery::Delivery;
use super::doubt::doubtful;
use super::job::Job;
use super::proxies::Peer;
use super::verdict::Verdict;
use super::{Ended, Session};
use crate::connection::{Body, BodyEnd, Connection, HeadFailure, Piece};
use crate::event::{Event, Events};
use crate::failure::{self, Failure, Trouble};
use crate::http::doubt::trailer_doubt;
use crate::http::framing::{Persistence, persistence};
use crate::http::response::HeadProblem;
use crate::net;
use crate::output::body::Printer;
use crate::output::{Kind, Sink};
use crate::plan::{Content, PlannedRequest, Wire};
use crate::policy::Next;

/// Most that is read after a message's end to see what follows it.
const MAX_LINGER: usize = 1 << 20;
/// Most that is received of content that is not shown, to keep its connection.
const MAX_PASSED_OVER: usize = 256 * 1024;
/// How long silence may last meanwhile.
const PASSING_PATIENCE: Duration = Duration::from_secs(1);

impl<'e> Session<'e, '_> {
    pub(super) fn exchange(&mut self, job: &mut Job, mut request: PlannedRequest) -> anyhow::Result<Ended> {
        let (mut connection, is_reused) = self.connect(job)?;
        let mut answer = self.ask(&mut connection, &mut request, &mut job.delivery);
        if is_reused && may_ask_again(&answer, &request) {
            self.events.emit(&Event::Note("the server had closed the connection: asking again on a new one"));
            connection = self.dial(job)?;
            answer = self.ask(&mut connection, &mut request, &mut job.delivery);
        }
        match answer {
            Ok(answer) => Ok(self.take_answer(connection, job, &request, answer)),
            Err(NoAnswer::Failed(error)) => Err(error),
            Err(NoAnswer::NoHead(failure, had_interim)) => {
                self.no_head(&mut connection, failure, had_interim, &mut job.delivery)?;
                Ok(Ok(Next::Finish).into())
            }
        }
    }

    /// What is to be done after the final head: its content is received, or passed over.
    pub(super) fn take_answer(
        &mut self,
        connection: Connection<'e>,
        job: &mut Job,
        request: &PlannedRequest,
        answer: Answer,
    ) -> Ended {
        let next = self.next(&mut job.chain, request, &answer.head, answer.doubt.is_some());
        if !matches!(next, Ok(Next::Finish)) {
            // The content of a redirect is not what was asked for, followed or not.
            self.pass_over(connection, job, request, &answer);
            return next.into();
        }
        self.note_etag(job, &answer.head);
        if job.chain.recipe.is_unmet(&answer.head) {
            self.events
                .emit(&Event::Note("the condition of --time-cond is not met: the content is left out"));
            self.pass_over(connection, job, request, &answer);
            return next.into();
        }
        let transient = self.transient(job, &answer.head);
        let finished = self.finish(connection, job, request, answer, transient.is_some());
        Ended { next: finished.map(|()| Next::Finish), transient }
    }

    /// Receives and prints the content, and what is to be made of the connection.
    fn finish(
        &mut self,
        mut connection: Connection<'e>,
        job: &mut Job,
        request: &PlannedRequest,
        answer: Answer,
        is_transient: bool,
    ) -> anyhow::Result<()> {
        let verdict = self.judge(job, &answer.head, answer.framed, is_transient)?;
        let error = match verdict {
            Verdict::Give(_) | Verdict::GivePart(_) => {
                let content = self.receiving(&answer);
                let received = content.receive(&mut connection, &mut self.console, &mut job.delivery);
                let is_whole = received.is_ok();
                self.leave(connection, job, request, &answer, is_whole);
                let bytes = received?;
                self.keep_time(&job.delivery, &answer.head);
                verdict.after(bytes)
            }
            Verdict::Withhold(error) => {
                self.pass_over(connection, job, request, &answer);
                error
            }
        };
        let doubt = answer.doubt.map(|doubt| doubtful("the head", doubt));
        error.or(doubt).map_or(Ok(()), Err)
    }

    fn receiving<'a>(&self, answer: &'a Answer) -> Receiving<'a>
    where
        'e: 'a,
    {
        // What follows the end is another response, where one is awaited.
        let reads_on = answer.awaited == 0;
        let until_eof = self.rules.wire.until_eof && reads_on;
        let wire = Wire { until_eof, lingers: self.rules.wire.lingers && reads_on, ..self.rules.wire };
        Receiving { answer, wire, events: self.events }
    }

    /// Reads past content that is not shown, if that is little and worth it.
    fn pass_over(
        &mut self,
        mut connection: Connection<'e>,
        job: &Job,
        request: &PlannedRequest,
        answer: &Answer,
    ) {
        let content = self.receiving(answer);
        let is_watched = self.rules.wire.keep_alive || self.events.want_content();
        let is_whole = is_watched && content.pass_over(&mut connection);
        self.leave(connection, job, request, answer, is_whole);
    }

    /// Keeps the connection for another request, if it can carry one.
    fn leave(
        &mut self,
        connection: Connection<'e>,
        job: &Job,
        request: &PlannedRequest,
        answer: &Answer,
        is_whole: bool,
    ) {
        let persistence = match is_whole {
            _ if !answer.is_sent => Persistence::Close("the request was not sent whole"),
            _ if !request.is_delimited => {
                Persistence::Close("the request does not say rightly where its content ends")
            }
            false => Persistence::Close("the response was not received whole"),
            true if answer.awaited == 0 && connection.has_leftover() => {
                Persistence::Close("bytes follow the end of the response")
            }
            true if answer.awaited == 0 && self.rules.wire.half_close => {
                Persistence::Close("its sending side is shut down (--half-close)")
            }
            true => persistence(request.version, request.closes, &answer.head, answer.framed),
        };
        match persistence {
            Persistence::Keep if self.rules.wire.keep_alive => {
                self.events.emit(&Event::Left("the connection stays open"));
                self.idle = Some((Peer::of(&job.chain.hop.uri, &self.rules.routes), connection));
            }
            Persistence::Keep => self.events.emit(&Event::Left("closing the connection")),
            Persistence::Close(why) => {
                self.events.emit(&Event::Left(&format!("closing the connection: {why}")));
            }
        }
    }

    /// No head: prints what came, and says why it is none.
    pub(super) fn no_head(
        &mut self,
        connection: &mut Connection<'e>,
        failure: HeadFailure,
        had_interim: bool,
        delivery: &mut Delivery,
    ) -> anyhow::Result<()> {
        let HeadFailure { bad, error } = failure;
        if self.rules.wire.http09 && bad.problem == HeadProblem::NotHttp {
            let mut printer = self.console.printer(&bad.fields, delivery)?;
            let sink = self.console.sink(delivery)?;
            printer.push(&bad.raw, sink)?;
            while let Some(bytes) = connection.read_after_end(false)? {
                printer.push(bytes, sink)?;
            }
            return printer.finish(sink);
        }
        self.console.no_head(&bad.raw, delivery)?;
        if had_interim && bad.problem == HeadProblem::Empty {
            return Err(Failure::DoubtfulHead
                .error("only interim responses came, and the connection ended without a final one"));
        }
        Err(error)
    }
}

/// Whether a request on a connection that was idle may be sent once more: the
/// server closed without a byte of an answer, and asking twice does what asking
/// once does (RFC 9112 §9.3.1, RFC 9110 §9.2.2).
fn may_ask_again(answer: &Result<Answer, NoAnswer>, request: &PlannedRequest) -> bool {
    let nothing_came = match answer {
        Ok(_) => false,
        Err(NoAnswer::Failed(error)) => failure::of(error) == Some(Failure::Send),
        Err(NoAnswer::NoHead(failure, had_interim)) => !had_interim && failure.bad.raw.is_empty(),
    };
    let timed_out = matches!(answer, Err(NoAnswer::NoHead(HeadFailure { error, .. }, _))
        if failure::of(error) == Some(Failure::TimedOut));
    is_idempotent(&request.method)
        && nothing_came
        && !timed_out
        && !matches!(request.content, Content::Stream(_))
}

/// Whether asking twice does what asking once does (RFC 9110 §9.2.2).
pub(super) fn is_idempotent(method: &[u8]) -> bool {
    [&b"GET"[..], b"HEAD", b"OPTIONS", b"TRACE", b"PUT", b"DELETE"].contains(&method)
}

/// Lets the kernel move the rest of the body into a pipe, where that can be;
/// says whether it moved all of it. Into files and devices an ordinary loop is quicker.
fn relay(body: &mut Body<'_, '_>, sink: &mut Sink) -> anyhow::Result<bool> {
    if sink.kind() != Kind::Pipe {
        return Ok(false);
    }
    sink.enlarge_pipe();
    match body.relay(sink.file())? {
        Ok(is_whole) => Ok(is_whole),
        Err(error) if matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted) => {
            let reason = net::reason(&error);
            Err(Failure::Receive.by(Trouble::Lost, format!("the connection broke inside the body: {reason}")))
        }
        Err(error) => Err(sink.write_error(error)),
    }
}

/// An error where others may read the trailer section differently.
fn judge_trailers(end: &BodyEnd) -> anyhow::Result<()> {
    let decoder = end.chunked.as_ref();
    let doubt = decoder.and_then(|decoder| trailer_doubt(&decoder.trailers_parsed().1));
    doubt.map_or(Ok(()), |doubt| Err(doubtful("the trailer section", doubt)))
}

/// All that receiving the content needs to know.
struct Receiving<'a> {
    answer: &'a Answer,
    wire: Wire,
    events: &'a Events,
}

impl Receiving<'_> {
    /// Receives the content, prints it as it comes, and reads on after its end
    /// where that is asked for. Gives how many bytes it has.
    fn receive(
        &self,
        connection: &mut Connection<'_>,
        console: &mut Console,
        delivery: &mut Delivery,
    ) -> anyhow::Result<u64> {
        let mut printer = console.printer(&self.answer.head.fields, delivery)?;
        // Only who wants it explained has a use for what nobody can read.
        if !self.wire.lingers {
            printer.refuse_unknown()?;
        }
        let shows = console.shows_body(delivery);
        let raw = console.is_raw();
        // Made now, so that its name is known.
        console.sink(delivery)?;
        match delivery.opening() {
            Some(opening) => self.events.emit(&Event::SavedAs(&opening.path)),
            None if shows => self.events.emit(&Event::Printing),
            None => {}
        }
        let sink = console.sink(delivery)?;
        let mut body = connection.body(self.answer.framed, self.events.want_content());
        if shows && body.expected().is_none_or(|length| length > SEND_PIECE as u64) {
            sink.enlarge_pipe();
        }
        let ended = self.relay_pieces(&mut body, shows.then_some(&mut printer), raw, sink);
        let end = body.finish();
        self.events.emit(&Event::End(&end));
        delivery.brought = if shows { end.bytes } else { 0 };
        let trailers = end.trailer_bytes().to_vec();
        console.dump_trailers(&trailers)?;
        let sink = console.sink(delivery)?;
        if ended.is_ok() {
            self.read_after_end(connection, shows.then_some(&mut printer), sink)?;
        }
        let printed = if shows { printer.finish(sink) } else { Ok(()) };
        console.show_trailers(&trailers, delivery)?;
        // An error on the wire outranks a coding's complaint about what came of it.
        ended.and(printed)?;
        judge_trailers(&end)?;
        Ok(end.bytes)
    }

    /// Receives content that is shown nowhere; whether all of it came. Closing
    /// the connection is cheaper than receiving much.
    fn pass_over(&self, connection: &mut Connection<'_>) -> bool {
        let mut body = connection.body(self.answer.framed, self.events.want_content());
        let mut left = MAX_PASSED_OVER;
        let is_whole = loop {
            match body.next(Some(PASSING_PATIENCE)) {
                Ok(Piece::Data(bytes)) if bytes.len() <= left => {
                    left -= bytes.len();
                    self.events.emit(&Event::Content(bytes));
                }
                Ok(Piece::End) => break true,
                Ok(Piece::Data(_) | Piece::Idle) | Err(_) => break false,
            }
            body.take_chunks().iter().for_each(|chunk| self.events.emit(&Event::Chunk(chunk)));
        };
        self.events.emit(&Event::End(&body.finish()));
        is_whole
    }

    fn relay_pieces(
        &self,
        body: &mut Body<'_, '_>,
        mut printer: Option<&mut Printer>,
        raw: bool,
        sink: &mut Sink,
    ) -> anyhow::Result<()> {
        loop {
            let is_unchanged = printer.as_ref().is_some_and(|printer| printer.is_unchanged());
            if is_unchanged && body.can_relay() && relay(body, sink)? {
                return Ok(());
            }
            let patience = printer.as_ref().and_then(|printer| printer.patience());
            match if raw { body.next_raw(patience) } else { body.next(patience) }? {
                Piece::Data(bytes) => {
                    if !raw {
                        self.events.emit(&Event::Content(bytes));
                    }
                    if let Some(printer) = &mut printer {
                        printer.push(bytes, sink)?;
                    }
                }
                Piece::Idle => {
                    if let Some(printer) = &mut printer {
                        printer.idle(sink)?;
                    }
                }
                Piece::End => return Ok(()),
            }
            if self.events.want_content() {
                body.take_chunks().iter().for_each(|chunk| self.events.emit(&Event::Chunk(chunk)));
            }
        }
    }

    /// What follows the message's end: with `--until-eof` all there is, for an
    /// explanation what comes within a moment.
    fn read_after_end(
        &self,
        connection: &mut Connection<'_>,
        mut printer: Option<&mut Printer>,
        sink: &mut Sink,
    ) -> anyhow::Result<()> {
        if !self.wire.until_eof && !self.wire.lingers {
            return Ok(());
        }
        let mut left = MAX_LINGER;
        while let Some(bytes) = connection.read_after_end(!self.wire.until_eof)? {
            self.events.emit(&Event::After(bytes));
            if self.wire.until_eof {
                if let Some(printer) = &mut printer {
                    printer.push(bytes, sink)?;
                }
                continue;
            }
            left = left.saturating_sub(bytes.len());
            if left == 0 {
                break;
            }
        }
        Ok(())
    }
}
