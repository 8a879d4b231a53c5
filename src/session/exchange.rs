//! One exchange over HTTP: the request out, the interim responses and the final
//! one in.

use std::io::ErrorKind;
use std::time::Duration;

use super::Session;
use super::asking::{Answer, NoAnswer, SEND_PIECE};
use super::doubt::doubtful;
use super::follow::Chain;
use super::proxies::Peer;
use crate::connection::{Body, BodyEnd, Connection, Deadline, HeadFailure, Piece};
use crate::event::{Event, Events};
use crate::failure::{self, Failure, Trouble};
use crate::http::doubt::trailer_doubt;
use crate::http::framing::{Persistence, persistence};
use crate::http::response::HeadProblem;
use crate::net;
use crate::output::body::Printer;
use crate::output::{Kind, Sink};
use crate::plan::{Content, Destination, PlannedExchange, PlannedRequest, Wire};
use crate::policy::Next;

use super::saving::Verdict;
use super::screen::Screen;

/// Most that is read after a message's end to see what follows it.
const MAX_LINGER: usize = 1 << 20;
/// Most that is received of content that is not shown, to keep its connection.
const MAX_PASSED_OVER: usize = 256 * 1024;
/// How long silence may last meanwhile.
const PASSING_PATIENCE: Duration = Duration::from_secs(1);

impl<'e> Session<'e, '_> {
    pub(super) fn exchange(
        &mut self,
        mut planned: PlannedExchange,
        chain: &mut Chain,
        deadline: Option<Deadline>,
    ) -> anyhow::Result<Next> {
        let (mut connection, is_reused) = self.connect(&planned.uri, deadline)?;
        let mut answer = self.ask(&mut connection, &mut planned);
        if is_reused && may_ask_again(&answer, &planned.request) {
            self.events.emit(&Event::Note("the server had closed the connection: asking again on a new one"));
            connection = self.dial(&planned.uri, deadline)?;
            answer = self.ask(&mut connection, &mut planned);
        }
        let answer = match answer {
            Ok(answer) => answer,
            Err(NoAnswer::Failed(error)) => return Err(error),
            Err(NoAnswer::NoHead(failure, had_interim)) => {
                self.no_head(&mut connection, failure, had_interim, &planned.destination)?;
                return Ok(Next::Finish);
            }
        };
        self.take_answer(connection, &planned, chain, answer)
    }

    /// What is to be done after the final head: its content is received, or passed over.
    pub(super) fn take_answer(
        &mut self,
        connection: Connection<'e>,
        planned: &PlannedExchange,
        chain: &mut Chain,
        answer: Answer,
    ) -> anyhow::Result<Next> {
        let next = self.next(chain, &planned.request, &answer.head, answer.doubt.is_some());
        if let Ok(Next::Finish) = next {
            self.note_etag(&answer.head);
        }
        match next {
            Ok(Next::Finish) if chain.recipe.is_unmet(&answer.head) => {
                self.events
                    .emit(&Event::Note("the condition of --time-cond is not met: the content is left out"));
                self.pass_over(connection, planned, &answer);
            }
            Ok(Next::Finish) => self.finish(connection, planned, answer)?,
            // The content of a redirect is not what was asked for, followed or not.
            Ok(Next::Send(_)) | Err(_) => self.pass_over(connection, planned, &answer),
        }
        next
    }

    /// Receives and prints the content, and what is to be made of the connection.
    fn finish(
        &mut self,
        mut connection: Connection<'e>,
        planned: &PlannedExchange,
        answer: Answer,
    ) -> anyhow::Result<()> {
        let verdict = self.judge(&planned.uri, &answer.head, answer.framed)?;
        let error = match verdict {
            Verdict::Give(_) | Verdict::GivePart(_) => {
                let content = self.receiving(planned, &answer);
                let received = content.receive(&mut connection, &mut self.screen);
                let is_whole = received.is_ok();
                self.leave(connection, planned, &answer, is_whole);
                let bytes = received?;
                self.keep_time(&answer.head);
                verdict.after(bytes)
            }
            Verdict::Withhold(error) => {
                self.pass_over(connection, planned, &answer);
                error
            }
        };
        let doubt = answer.doubt.map(|doubt| doubtful("the head", doubt));
        error.or(doubt).map_or(Ok(()), Err)
    }

    fn receiving<'a>(&self, planned: &'a PlannedExchange, answer: &'a Answer) -> Receiving<'a>
    where
        'e: 'a,
    {
        // What follows the end is another answer, where one is awaited.
        let reads_on = self.awaited == 0;
        let until_eof = self.wire.until_eof && reads_on;
        let wire = Wire { until_eof, lingers: self.wire.lingers && reads_on, ..self.wire };
        Receiving { answer, planned, wire, events: self.events }
    }

    /// Reads past content that is not shown, if that is little and worth it.
    fn pass_over(&mut self, mut connection: Connection<'e>, planned: &PlannedExchange, answer: &Answer) {
        let content = self.receiving(planned, answer);
        let is_watched = self.wire.keep_alive || self.events.want_content();
        let is_whole = is_watched && content.pass_over(&mut connection);
        self.leave(connection, planned, answer, is_whole);
    }

    /// Keeps the connection for another request, if it can carry one.
    fn leave(
        &mut self,
        connection: Connection<'e>,
        planned: &PlannedExchange,
        answer: &Answer,
        is_whole: bool,
    ) {
        let request = &planned.request;
        let persistence = match is_whole {
            _ if !answer.is_sent => Persistence::Close("the request was not sent whole"),
            _ if !request.is_delimited => {
                Persistence::Close("the request does not say rightly where its content ends")
            }
            false => Persistence::Close("the response was not received whole"),
            true if self.awaited == 0 && connection.has_leftover() => {
                Persistence::Close("bytes follow the end of the response")
            }
            true if self.awaited == 0 && self.wire.half_close => {
                Persistence::Close("its sending side is shut down (--half-close)")
            }
            true => persistence(request.version, request.closes, &answer.head, answer.framed),
        };
        match persistence {
            Persistence::Keep if self.wire.keep_alive => {
                self.events.emit(&Event::Left("the connection stays open"));
                self.idle = Some((Peer::of(&planned.uri, &self.routes), connection));
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
        destination: &Destination,
    ) -> anyhow::Result<()> {
        let HeadFailure { bad, error } = failure;
        if self.wire.http09 && bad.problem == HeadProblem::NotHttp {
            let mut printer = self.screen.printer(&bad.fields, destination)?;
            let sink = self.screen.sink(destination)?;
            printer.push(&bad.raw, sink)?;
            while let Some(bytes) = connection.read_after_end(false)? {
                printer.push(bytes, sink)?;
            }
            return printer.finish(sink);
        }
        self.screen.no_head(&bad.raw, destination)?;
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
    planned: &'a PlannedExchange,
    wire: Wire,
    events: &'a Events,
}

impl Receiving<'_> {
    /// Receives the content, prints it as it comes, and reads on after its end
    /// where that is asked for. Gives how many bytes it has.
    fn receive(&self, connection: &mut Connection<'_>, screen: &mut Screen) -> anyhow::Result<u64> {
        let destination = &self.planned.destination;
        let mut printer = screen.printer(&self.answer.head.fields, destination)?;
        // Only who wants it explained has a use for what nobody can read.
        if !self.wire.lingers {
            printer.refuse_unknown()?;
        }
        let shows = screen.shows_body(destination);
        let raw = screen.is_raw();
        screen.sink(destination)?;
        match screen.opening() {
            Some(opening) => self.events.emit(&Event::SavedAs(&opening.path)),
            None if shows => self.events.emit(&Event::Printing),
            None => {}
        }
        let sink = screen.sink(destination)?;
        let mut body = connection.body(self.answer.framed, self.events.want_content());
        if shows && body.expected().is_none_or(|length| length > SEND_PIECE as u64) {
            sink.enlarge_pipe();
        }
        let ended = self.relay_pieces(&mut body, shows.then_some(&mut printer), raw, sink);
        let end = body.finish();
        self.events.emit(&Event::End(&end));
        screen.brought = if shows { end.bytes } else { 0 };
        let trailers = end.trailer_bytes().to_vec();
        screen.dump_trailers(&trailers)?;
        let sink = screen.sink(destination)?;
        if ended.is_ok() {
            self.read_after_end(connection, shows.then_some(&mut printer), sink)?;
        }
        let printed = if shows { printer.finish(sink) } else { Ok(()) };
        screen.show_trailers(&trailers, destination)?;
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
