//! The second half of an exchange: content in, and what follows its end.

use std::time::{Duration, Instant};

use super::body_printing::{Printing, drain, settle, tell_chunks, watch_while_holding};
use super::console::Console;
use super::delivery::Delivery;
use super::doubt::judge_trailers;
use super::heads::{ReceivedResponse, SEND_PIECE};
use crate::connection::{BodyPiece, Connection, Linger};
use crate::event::{BodyEnd, Event, Events};
use crate::failure::{self, Failure};
use crate::http::framing::Framing;
use crate::output::Sink;
use crate::output::body::Printer;
use crate::plan::{Manners, Wire};

/// Most that is read after a message's end to see what follows it.
const MAX_LINGER: usize = 1 << 20;
/// Most that is received of content that is not shown, to keep its connection.
const MAX_PASSED_OVER: u64 = 256 * 1024;
/// How long silence may last meanwhile, and how long all of it may take.
const PASSING_SILENCE: Duration = Duration::from_secs(1);
const PASSING_TIME: Duration = Duration::from_secs(5);
/// [`MAX_PASSED_OVER`] for content that is judged: it must not hold up a run for ever, since
/// nobody asked for it.
const MAX_JUDGED: u64 = 256 * 1024 * 1024;

/// All that receiving the content needs to know.
pub(super) struct Receiving<'a> {
    pub(super) response: &'a ReceivedResponse,
    pub(super) wire: Wire,
    pub(super) manners: Manners,
    /// What is left of the request is sent until a peer with a whole response takes no more.
    pub(super) sends_on: bool,
    /// What is talked to is a command (`--via`), which may print a response and read no request.
    pub(super) is_command: bool,
    pub(super) events: &'a Events,
}

/// A body that has been received.
struct BodyOutcome {
    /// What cut it or its printing short.
    ended: anyhow::Result<()>,
    /// Why a coding of it could not be undone, where the rest was received for reports.
    undecoded: anyhow::Result<()>,
    end: BodyEnd,
}

impl Receiving<'_> {
    /// Receives the content, prints it as it comes, and reads on after its end
    /// where that is requested. Gives how many bytes it has.
    pub(super) fn receive(
        &self,
        connection: &mut Connection<'_>,
        console: &mut Console,
        delivery: &mut Delivery,
    ) -> anyhow::Result<u64> {
        let style = console.style(delivery)?;
        let mut printer = Printer::new(&self.response.head.fields, style);
        let shows = console.shows_body(delivery);
        let is_printed = self.prints(shows);
        if !shows {
            printer.discard();
        }
        let raw = console.is_raw();
        self.tell_where(console, delivery, shows)?;
        let watches = !raw && is_printed && self.tell_undoing(&printer);
        let sink = console.sink(delivery)?;
        let BodyOutcome { ended, undecoded, end } =
            self.receive_body(connection, &mut printer, sink, shows, raw);
        if let Some(chain) = printer.undone().filter(|_| watches) {
            self.events.emit(&Event::Undone(chain));
        }
        self.events.emit(&Event::End(&end));
        delivery.brought = if shows { end.bytes } else { 0 };
        // Where printing ended first, it depends on the packets whether they have come.
        let is_printed_whole = undecoded.as_ref().and(ended.as_ref()).err().is_none_or(is_of_the_wire);
        let trailers = if is_printed_whole { end.trailer_bytes() } else { &[] };
        console.dump_trailers(trailers)?;
        let sink = console.sink(delivery)?;
        let followed = match ended.is_ok() {
            true => self.follow(connection, is_printed.then_some(&mut printer), sink),
            false => Ok(()),
        };
        if ended.is_err() || undecoded.is_err() {
            printer.cut_off();
        }
        let is_proven = self.response.framed.framing != Framing::UntilClose;
        let printed = if is_printed { printer.finish(is_proven, sink) } else { Ok(()) };
        let settled = settle(connection, sink).and_then(|()| console.end_body(delivery));
        printer.decoded().into_iter().for_each(|bytes| self.events.emit(&Event::Delivered(bytes)));
        console.show_trailers(trailers, delivery)?;
        // What would have ended the run without reports comes first; then an error on the wire
        // outranks a coding's complaint about what came of it.
        undecoded.and(ended).and(followed).and(printed).and(settled)?;
        judge_trailers(&end, self.manners)?;
        Ok(end.bytes)
    }

    /// Whether the content goes to a printer, where it `shows` or not: an explanation ends as the plain run does.
    fn prints(&self, shows: bool) -> bool {
        shows || self.wire.lingers
    }

    /// Receives the body, and prints it as it comes; `raw`: in its transfer coding.
    fn receive_body(
        &self,
        connection: &mut Connection<'_>,
        printer: &mut Printer,
        sink: &mut Sink,
        shows: bool,
        raw: bool,
    ) -> BodyOutcome {
        let mut body = connection.body(self.response.framed, self.events.want_content());
        if printer.is_undecodable() {
            body.end_by_silence();
        }
        if shows && body.expected().is_none_or(|length| length > SEND_PIECE as u64) {
            sink.enlarge_pipe();
        }
        // Another protocol has no end that `--linger` could count from but that of what is sent.
        let linger = self.wire.linger.filter(|_| self.response.is_switched);
        let printer = self.prints(shows).then_some(printer);
        let mut printing = Printing { printer, raw, sink, events: self.events, linger, failed: None };
        let ended = printing.all(&mut body);
        tell_chunks(&mut body, self.events);
        let undecoded = printing.failed.take().map_or(Ok(()), Err);
        BodyOutcome { ended, undecoded, end: body.finish() }
    }

    /// Tells observers of content which of its codings are undone here; whether any are.
    fn tell_undoing(&self, printer: &Printer) -> bool {
        let chain = printer.undone().filter(|_| self.events.want_content());
        chain.iter().for_each(|chain| self.events.emit(&Event::Undoing(chain.stages().len())));
        chain.is_some()
    }

    /// Tells observers where the content goes.
    fn tell_where(&self, console: &mut Console, delivery: &mut Delivery, shows: bool) -> anyhow::Result<()> {
        // Made now, so that its name is known.
        console.sink(delivery)?;
        match delivery.opening() {
            Some(opening) => {
                let there = delivery.saved().unwrap_or_default() + delivery.resumed_at();
                self.events.emit(&Event::SavedAs { path: &opening.path, there });
            }
            None if shows => self.events.emit(&Event::Printing),
            None => {}
        }
        Ok(())
    }

    /// What is still to be sent goes out, and what follows the end is read.
    fn follow(
        &self,
        connection: &mut Connection<'_>,
        printer: Option<&mut Printer>,
        sink: &mut Sink,
    ) -> anyhow::Result<()> {
        if self.sends_on {
            connection.finish_sending()?;
            self.judge_sending(connection)?;
        } else if self.response.awaited == 0 {
            self.stop_sending(connection);
        }
        let read = self.read_after_end(connection, printer.map(|printer| (printer, &mut *sink)));
        if read.is_err() {
            sink.end_shared_time();
        }
        read
    }

    /// A server that says yes to a request and takes no more of it has not received it.
    fn judge_sending(&self, connection: &mut Connection<'_>) -> anyhow::Result<()> {
        let outgoing = connection.outgoing();
        let is_sent = outgoing.begun_and_sent().1 > self.response.number;
        let may_be_unread = self.is_command || outgoing.is_unasked();
        if is_sent || may_be_unread || !(200..300).contains(&self.response.head.status()) {
            return Ok(());
        }
        match connection.outgoing_mut().take_error() {
            Some(error) => Err(error.context("the server responded but did not read the whole request")),
            None => Ok(()),
        }
    }

    fn stop_sending(&self, connection: &mut Connection<'_>) {
        if !connection.outgoing().is_over() {
            let text = "The response is complete: no more content is sent";
            self.events.emit(&Event::Note(text));
            connection.stop_sending();
        }
    }

    /// Receives content that is shown nowhere; whether all of it came. Closing
    /// the connection is cheaper than receiving much, unless it is to be judged.
    pub(super) fn pass_over(&self, connection: &mut Connection<'_>, is_judged: bool) -> bool {
        let mut body = connection.body(self.response.framed, self.events.want_content());
        let (mut left, silence) = match is_judged {
            true => (MAX_JUDGED, PASSING_TIME),
            false => (MAX_PASSED_OVER, PASSING_SILENCE),
        };
        let end = Instant::now() + PASSING_TIME;
        let is_whole = loop {
            let now = Instant::now();
            match body.next(Some(end.min(now + silence))) {
                _ if now >= end => break false,
                Ok(BodyPiece::Data(bytes)) if bytes.len() as u64 <= left => {
                    left -= bytes.len() as u64;
                    self.events.emit(&Event::Content(bytes));
                }
                Ok(BodyPiece::End) => break true,
                Ok(BodyPiece::Data(_) | BodyPiece::Idle | BodyPiece::Unread) | Err(_) => break false,
            }
            tell_chunks(&mut body, self.events);
        };
        tell_chunks(&mut body, self.events);
        self.events.emit(&Event::End(&body.finish()));
        // The end was reached: what follows is no part of it.
        is_whole && (!is_judged || self.read_after_end(connection, None).is_ok())
    }

    /// What follows the message's end: with `--until-eof` all there is, for an
    /// explanation what comes soon.
    fn read_after_end(
        &self,
        connection: &mut Connection<'_>,
        mut printer: Option<(&mut Printer, &mut Sink)>,
    ) -> anyhow::Result<()> {
        let linger = match self.wire {
            Wire { until_eof: true, .. } => Linger::FOR_EVER,
            Wire { linger: Some(_), .. } if self.response.is_switched => return Ok(()),
            Wire { linger: Some(time), .. } => Linger::lasting(time),
            Wire { lingers: true, .. } => Linger::behind(connection),
            _ => return Ok(()),
        };
        let mut left = MAX_LINGER;
        loop {
            let holds_back = printer.as_ref().and_then(|(printer, _)| printer.holds_until());
            let held = watch_while_holding(holds_back).or(holds_back);
            let has_passed = |time: Option<Instant>| time.is_some_and(|time| Instant::now() >= time);
            let bytes = match connection.read_after_end(&linger.at_latest(held)) {
                Ok(Some(bytes)) => bytes,
                Ok(None) if has_passed(held) => {
                    if let Some((printer, sink)) = printer.as_mut().filter(|_| has_passed(holds_back)) {
                        printer.idle(sink)?;
                        drain(connection, sink)?;
                    }
                    continue;
                }
                Ok(None) => return Ok(()),
                // The message is whole: how its connection ends is no error of it.
                Err(error) if failure::trouble(&error).is_some() => return Ok(()),
                Err(error) => return Err(error),
            };
            self.events.emit(&Event::After(bytes));
            if self.wire.until_eof || self.wire.linger.is_some() {
                if let Some((printer, sink)) = &mut printer {
                    printer.push_after_end(bytes, sink)?;
                    drain(connection, sink)?;
                }
                continue;
            }
            left = left.saturating_sub(bytes.len());
            if left == 0 {
                return Ok(());
            }
        }
    }
}

/// Whether a body ended in this error as it came, and not where it was printed.
fn is_of_the_wire(error: &anyhow::Error) -> bool {
    !matches!(failure::of(error), Some(Failure::ContentCoding | Failure::TooLarge))
}
