//! WebSocket (RFC 6455): what follows a 101 that agrees to the handshake.
//! Messages go out and come in at once, until one side closes.

mod printing;
mod receiver;
mod sender;

use std::cell::RefCell;
use std::io::{IsTerminal, stdin};
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::Session;
use super::body_printing::{give_time, settle};
use super::doubt::{DoubtfulPart, doubtful};
use super::heads::ReceivedResponse;
use super::job::Job;
use crate::coding;
use crate::connection::{Body, BodyPiece, Connection, Cutting, Message, SendingRules};
use crate::event::{BodyEnd, Event};
use crate::failure::{self, Failure, counted};
use crate::http::Deviation;
use crate::http::framing::Framed;
use crate::http::websocket::close::{Close, PROTOCOL_ERROR, TOO_BIG, meaning};
use crate::http::websocket::fault;
use crate::http::websocket::handshake::{self, Agreement, PermessageDeflate};
use crate::http::websocket::messages::{Inflate, Messages};
use crate::output::escape::one_line;
use crate::output::{ReaderGone, Sink};
use crate::plan::{PlannedRequest, ResponseSource};
use printing::MessagePrinter;
use receiver::Receiver;
use sender::{FrameSource, SendQueue};

/// How long the peer may take to close the connection after Close (RFC 6455 §7.1.1), or to
/// answer ours.
const CLOSING: Duration = Duration::from_secs(1);

/// How receiving came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ReceivingEnd {
    /// The connection has ended.
    Eof,
    /// Close was sent, and the peer took its time.
    Closed,
    /// Nothing came for as long as `--linger` says.
    Lingered,
    /// Where the next frame begins is unknown.
    Lost,
}

impl<'e> Session<'e, '_> {
    /// Speaks WebSocket on `connection`, which has just brought the 101 in `response`.
    pub(super) fn converse(
        &mut self,
        mut connection: Connection<'e>,
        job: &mut Job,
        request: &PlannedRequest,
        response: &ReceivedResponse,
    ) -> anyhow::Result<()> {
        let agreement = self.agree(request, response).inspect_err(|_| {
            let end = BodyEnd { bytes: 0, wire_bytes: 0, is_complete: false, chunked: None };
            self.events.emit(&Event::End(&end));
        })?;
        self.events.emit(&Event::Agreed(&agreement));
        let inflate = agreement.deflate.map(inflate).transpose()?;
        let mut messages = Messages::new(connection.offset(), inflate);
        let queue = self.send(&mut connection, job, &agreement);
        // Made now, so that its name is known.
        self.console.sink(&mut job.delivery)?;
        match job.delivery.opening() {
            Some(opening) => self.events.emit(&Event::SavedAs { path: &opening.path, there: 0 }),
            None => self.events.emit(&Event::Printing),
        }
        let most = self.console.most_bytes();
        let printer = MessagePrinter::new(&mut self.console, &mut job.delivery, most);
        let mut receiver = Receiver::new(printer, self.events, Rc::clone(&queue));
        let framed = Framed::until_close("frames");
        let mut body = connection.body(framed, false);
        let ended = receive(&mut body, &mut messages, &mut receiver, &queue, self.rules.wire.until_eof);
        let wire_bytes = body.finish().wire_bytes;
        let bytes = receiver.printer.bytes();
        let flushed = receiver.printer.flush();
        let verdict = ended.and_then(|end| judge(end, &receiver));
        let end = BodyEnd { bytes, wire_bytes, is_complete: verdict.is_ok(), chunked: None };
        self.events.emit(&Event::End(&end));
        send_close(&mut connection, &queue, &verdict);
        let sink = self.console.sink(&mut job.delivery)?;
        let settled = settle(&mut connection, sink);
        job.delivery.brought = bytes;
        connection.close();
        let doubt = response.doubt.map_or(Ok(()), |doubt| Err(doubtful(DoubtfulPart::Head, doubt)));
        verdict.and(flushed).and(settled).and(doubt)
    }

    /// Checks that the response agrees to the request.
    fn agree(&self, request: &PlannedRequest, response: &ReceivedResponse) -> anyhow::Result<Agreement> {
        // A saved response belongs to another key.
        let knows_key = !matches!(self.source, ResponseSource::Saved(_));
        handshake::check(&request.head, &response.head, knows_key).map_err(|why| {
            self.events.emit(&Event::Disagreed(&why));
            Failure::DoubtfulHead
                .error(format!("no WebSocket, though the status is 101: {why} (RFC 6455 §4.1)"))
        })
    }

    /// Begins to send the messages; gives the queue of what is to be sent.
    fn send(
        &mut self,
        connection: &mut Connection<'e>,
        job: &mut Job,
        agreement: &Agreement,
    ) -> Rc<RefCell<SendQueue>> {
        let wire = self.rules.wire;
        let messages = job.messages.take().unwrap_or_default();
        // Ctrl-D says that nothing follows.
        let ends_by_key = messages.sources.iter().any(|source| source.is_lines) && stdin().is_terminal();
        let queue = Rc::new(RefCell::new(SendQueue::new(wire.half_close || ends_by_key, wire.linger)));
        job.attempts.can_repeat_if(messages.sources.is_empty());
        if matches!(self.source, ResponseSource::Saved(_)) {
            return queue;
        }
        self.tell_how_to_type(&job.chain.hop.uri, messages.sources.is_empty());
        let compress = agreement.deflate.and_then(coding::permessage_deflate::compress);
        let frames = FrameSource::new(Rc::clone(&queue), messages, compress);
        // Offsets were those of the handshake.
        let cutting = self.rules.cutting.clone().filter(|cutting| cutting.size.is_some());
        let cutting = cutting.map(|cutting| Cutting { offsets: Vec::new(), ..cutting });
        let rules = SendingRules { cutting, has_no_head: true, ..SendingRules::default() };
        connection.send([Message::dialogue(Box::new(frames))], rules);
        queue
    }
}

/// What decompresses the server's messages.
fn inflate(agreed: PermessageDeflate) -> anyhow::Result<Box<dyn Inflate>> {
    coding::permessage_deflate::inflate(agreed).ok_or_else(|| {
        Failure::ContentCoding.error("this build cannot decode permessage-deflate (feature `decompress`)")
    })
}

/// Receives frames until the connection ends, or nothing more is to be waited for. `until_eof`: the peer's Close
/// is not the end.
fn receive(
    body: &mut Body<'_, '_>,
    messages: &mut Messages,
    receiver: &mut Receiver<'_, '_>,
    queue: &RefCell<SendQueue>,
    until_eof: bool,
) -> anyhow::Result<ReceivingEnd> {
    let mut closes_at: Option<Instant> = None;
    // How it ends once `--linger` has ended it, whatever comes then.
    let mut lingered = None;
    let mut bytes = Vec::new();
    loop {
        let sink = print_all(body, receiver)?;
        let piece = match body.next_for(sink.pipe(), closes_at, false) {
            Ok(piece) => piece,
            // Nothing is left to send: a peer that has sent Close may break the connection. And an end without
            // close_notify is one without Close.
            Err(error) => {
                let is_over = body.is_cut() || queue.borrow().is_closing();
                return match failure::trouble(&error) {
                    Some(_) if is_over => Ok(lingered.unwrap_or(ReceivingEnd::Eof)),
                    _ => Err(error),
                };
            }
        };
        match piece {
            BodyPiece::Data(piece) => {
                bytes.clear();
                bytes.extend_from_slice(piece);
                messages.push(&mut bytes, &mut |heard| receiver.on(heard))?;
                if messages.has_no_end() {
                    return Ok(ReceivingEnd::Lost);
                }
                if receiver.close().is_some() && closes_at.is_none() && !until_eof {
                    closes_at = Instant::now().checked_add(CLOSING);
                }
            }
            BodyPiece::Idle
                if queue.borrow().lingers_until().is_some_and(|until| Instant::now() >= until) =>
            {
                queue.borrow_mut().close(Close::normal());
                lingered = Some(ReceivingEnd::Lingered);
                closes_at = Instant::now().checked_add(CLOSING);
            }
            BodyPiece::Idle if closes_at.is_some_and(|at| Instant::now() >= at) => {
                return Ok(lingered.unwrap_or(ReceivingEnd::Closed));
            }
            BodyPiece::Idle => {}
            BodyPiece::Unread => return Err(ReaderGone.into()),
            BodyPiece::End => return Ok(lingered.unwrap_or(ReceivingEnd::Eof)),
        }
    }
}

/// Everything received so far is printed; gives what to.
fn print_all<'s>(
    body: &mut Body<'_, '_>,
    receiver: &'s mut Receiver<'_, '_>,
) -> anyhow::Result<&'s mut Sink> {
    receiver.printer.flush()?;
    let sink = receiver.printer.sink()?;
    give_time(body, sink)?;
    Ok(sink)
}

/// Whether all went well.
fn judge(end: ReceivingEnd, receiver: &Receiver<'_, '_>) -> anyhow::Result<()> {
    let failed = |message: String| Err(Failure::Receive.error(message));
    match (receiver.fault(), receiver.close(), end) {
        (Some((Deviation::CloseInMessage, offset)), ..) => Err(Failure::Truncated
            .error(format!("a message is cut off: the Close frame at byte {offset} came before its end"))),
        (Some((fault, offset)), ..) => {
            failed(format!("invalid frame: at byte {offset} {}", fault::words(fault)))
        }
        (None, Some(close), _) if close.is_normal() => Ok(()),
        (None, Some(close), _) => failed(format!("the WebSocket was closed with {}", words(close))),
        (None, None, ReceivingEnd::Lingered) => Ok(()),
        (None, None, _) => Err(Failure::Truncated.error(format!(
            "the connection ended without a Close frame, after {}",
            counted(receiver.messages(), "message")
        ))),
    }
}

/// Sends Close, as well as that can be done at once, where the run ends before the peer's.
fn send_close(connection: &mut Connection<'_>, queue: &RefCell<SendQueue>, verdict: &anyhow::Result<()>) {
    let code = match verdict.as_ref().err().and_then(failure::of) {
        Some(Failure::TooLarge) => TOO_BIG,
        Some(Failure::Receive) => PROTOCOL_ERROR,
        _ => return,
    };
    if connection.ended().is_none() && !queue.borrow().is_closing() {
        queue.borrow_mut().close(Close::of(code));
        // It is a courtesy.
        let _ = connection.send_now();
    }
}

/// A Close's code, its meaning and its reason.
fn words(close: &Close) -> String {
    let Some(code) = close.code else { return "no code".to_owned() };
    let meaning = meaning(code);
    let meaning = if meaning.is_empty() { String::new() } else { format!(" ({meaning})") };
    let reason = one_line(&close.reason);
    if reason.is_empty() { format!("{code}{meaning}") } else { format!("{code}{meaning}: {reason}") }
}
