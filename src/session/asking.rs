//! The first half of an exchange: the request out, and heads in, up to the
//! final one, which may come before all is sent.

use std::io::{self, Cursor, ErrorKind, Read};

use super::Session;
use super::console::CANNOT_READ;
use super::delivery::Delivery;
use crate::connection::{Connection, HeadBudget, HeadFailure};
use crate::event::{Event, Events};
use crate::failure::{self, Failure};
use crate::http::doubt::{Doubt, doubt};
use crate::http::framing::{Framed, Framing, response_framing};
use crate::http::response::ResponseHead;
use crate::plan::{Content, Expectation, PlannedRequest};

/// How much of the content is read at once.
pub(super) const SEND_PIECE: usize = 64 * 1024;
/// The largest piece that is written at once where pieces are asked for: larger
/// ones would be no packet of their own anyway.
const MAX_PIECE: usize = 1 << 20;

/// What came back for a request.
pub(super) struct Answer {
    pub(super) head: ResponseHead,
    pub(super) framed: Framed,
    /// Recipients may read this one, or one before it, differently.
    pub(super) doubt: Option<Doubt>,
    /// The request was sent whole.
    pub(super) is_sent: bool,
    /// How many responses follow on the connection.
    pub(super) awaited: usize,
}

/// Why there is no answer.
pub(super) enum NoAnswer {
    Failed(anyhow::Error),
    NoHead(HeadFailure, bool),
}

/// The heads of one exchange so far.
#[derive(Default)]
pub(super) struct Heads {
    budget: HeadBudget,
    doubt: Option<Doubt>,
    had_interim: bool,
    /// The server wants the content.
    may_continue: bool,
}

impl<'e> Session<'e, '_> {
    /// Sends the request and receives heads up to the final one.
    pub(super) fn ask(
        &mut self,
        connection: &mut Connection<'e>,
        request: &mut PlannedRequest,
        delivery: &mut Delivery,
    ) -> Result<Answer, NoAnswer> {
        let mut heads = Heads::default();
        let sent = match self.send(connection, request, delivery, &mut heads) {
            Ok(Some(answer)) => return Ok(answer),
            Ok(None) => Ok(()),
            // A server that refuses may answer and close before it has read all.
            Err(NoAnswer::Failed(error)) if failure::of(&error) == Some(Failure::Send) => Err(error),
            Err(other) => return Err(other),
        };
        loop {
            match self.receive_head(connection, request, delivery, &mut heads) {
                Ok(Some(answer)) => return Ok(Answer { is_sent: sent.is_ok(), ..answer }),
                Ok(None) => {}
                Err(NoAnswer::NoHead(failure, had_interim)) => {
                    sent.map_err(NoAnswer::Failed)?;
                    self.events.emit(&Event::BadHead(&failure.bad));
                    return Err(NoAnswer::NoHead(failure, had_interim));
                }
                Err(failed) => return Err(failed),
            }
        }
    }

    /// Receives one head: `None` where it is an interim one.
    pub(super) fn receive_head(
        &mut self,
        connection: &mut Connection<'e>,
        request: &PlannedRequest,
        delivery: &mut Delivery,
        heads: &mut Heads,
    ) -> Result<Option<Answer>, NoAnswer> {
        let received = connection.receive_head(&mut heads.budget);
        let head = received.map_err(|failure| NoAnswer::NoHead(failure, heads.had_interim))?;
        heads.doubt = heads.doubt.or(doubt(&head));
        let is_interim = head.status_line.is_interim();
        let mut framed = response_framing(&request.method, &head);
        if self.rules.wire.ignores_length && matches!(framed.framing, Framing::Length(_)) {
            let framing = Framing::UntilClose;
            framed = Framed { framing, rule: "--ignore-content-length", is_unreliable: false };
        }
        self.events.emit(&match is_interim {
            true => Event::Interim(&head),
            false => Event::Head(&head, framed),
        });
        self.console.head(head.raw(), delivery).map_err(NoAnswer::Failed)?;
        if is_interim {
            heads.had_interim = true;
            heads.may_continue |= head.status() == 100;
            return Ok(None);
        }
        Ok(Some(Answer { head, framed, doubt: heads.doubt, is_sent: false, awaited: 0 }))
    }

    /// Sends head and content. An answer that comes before all is sent, and
    /// does not say that all is well, ends it.
    fn send(
        &mut self,
        connection: &mut Connection<'e>,
        request: &mut PlannedRequest,
        delivery: &mut Delivery,
        heads: &mut Heads,
    ) -> Result<Option<Answer>, NoAnswer> {
        connection.begin_request(self.rules.cutting.as_ref());
        let is_cut = connection.cutter().is_some();
        let expects = request.expectation != Expectation::None;
        let input: Box<dyn Read + Send> = match &mut request.content {
            // One write for both, so that a small request is one packet.
            Content::Bytes(bytes)
                if !expects && !is_cut && bytes.len() <= SEND_PIECE && !connection.is_throttled() =>
            {
                connection.send(&[&request.head[..], bytes].concat()).map_err(NoAnswer::Failed)?;
                self.events.emit(&Event::SentHead(&request.head));
                if !bytes.is_empty() {
                    self.events.emit(&Event::SentBody(bytes));
                }
                return self.sent_all(connection).map(|()| None);
            }
            content => open(content),
        };
        let mut unsent = Unsent { input, head: 0, fills: is_cut && !request.is_dialogue };
        if is_cut && !expects {
            // Where the head ends is no reason to cut.
            unsent.input = Box::new(Cursor::new(request.head.clone()).chain(unsent.input));
            unsent.head = request.head.len();
        } else {
            connection.send(&request.head).map_err(NoAnswer::Failed)?;
            self.events.emit(&Event::SentHead(&request.head));
        }
        if expects && let Some(answer) = self.await_consent(connection, request, delivery, heads)? {
            return Ok(Some(answer));
        }
        let sent = self.send_unsent(connection, request, delivery, heads, &mut unsent);
        if unsent.head > 0 {
            let head = &request.head;
            self.events.emit(&Event::SentHead(&head[..head.len() - unsent.head]));
        }
        let answer = sent?;
        if answer.as_ref().is_none_or(|answer| answer.is_sent) {
            self.sent_all(connection)?;
        }
        Ok(answer)
    }

    pub(super) fn sent_all(&self, connection: &mut Connection<'e>) -> Result<(), NoAnswer> {
        if let Some(how) = connection.end_request() {
            self.events.emit(&Event::Note(&how));
        }
        if self.rules.wire.half_close {
            connection.shut_down_sending().map_err(NoAnswer::Failed)
        } else {
            Ok(())
        }
    }

    /// Waits until the server wants the content, or has been silent for so long
    /// that it does not know how to say so (RFC 9110 §10.1.1).
    fn await_consent(
        &mut self,
        connection: &mut Connection<'e>,
        request: &PlannedRequest,
        delivery: &mut Delivery,
        heads: &mut Heads,
    ) -> Result<Option<Answer>, NoAnswer> {
        while !heads.may_continue {
            if !connection.awaits(self.rules.wire.expect_patience).map_err(NoAnswer::Failed)? {
                self.events
                    .emit(&Event::Note("no 100 (Continue) has come: sending the content all the same"));
                return Ok(None);
            }
            if let Some(answer) = self.receive_head(connection, request, delivery, heads)? {
                return Ok(Some(answer));
            }
        }
        Ok(None)
    }

    fn send_unsent(
        &mut self,
        connection: &mut Connection<'e>,
        request: &PlannedRequest,
        delivery: &mut Delivery,
        heads: &mut Heads,
        unsent: &mut Unsent,
    ) -> Result<Option<Answer>, NoAnswer> {
        let mut early = None;
        let mut buffer = Vec::new();
        loop {
            let most = connection.cutter().map_or(SEND_PIECE, |cutter| cutter.left().min(MAX_PIECE));
            unsent
                .read_piece(&mut buffer, most)
                .map_err(|error| NoAnswer::Failed(Failure::Read.because(CANNOT_READ, error)))?;
            if buffer.is_empty() {
                break;
            }
            let mut piece = &buffer[..];
            while !piece.is_empty() {
                if self.is_refused(connection, request, delivery, heads, &mut early)? {
                    return Ok(early);
                }
                let sent = connection.send_some(piece).map_err(NoAnswer::Failed)?;
                if sent == 0 {
                    connection.take_in();
                }
                unsent.tell(&request.head, &piece[..sent], self.events);
                piece = &piece[sent..];
            }
        }
        while !connection.flush_some().map_err(NoAnswer::Failed)? {
            if self.is_refused(connection, request, delivery, heads, &mut early)? {
                return Ok(early);
            }
        }
        Ok(early.map(|answer| Answer { is_sent: true, ..answer }))
    }

    /// Whether an answer has come that makes sending on useless. It is left in
    /// `early`, and so is one that says that all is well: such a server may be
    /// speaking while it listens.
    fn is_refused(
        &mut self,
        connection: &mut Connection<'e>,
        request: &PlannedRequest,
        delivery: &mut Delivery,
        heads: &mut Heads,
        early: &mut Option<Answer>,
    ) -> Result<bool, NoAnswer> {
        if request.is_raw || early.is_some() {
            return Ok(false);
        }
        if connection.has_incoming().map_err(|error| NoAnswer::Failed(while_sending(error)))? {
            *early =
                self.receive_head(connection, request, delivery, heads).map_err(|error| match error {
                    NoAnswer::NoHead(HeadFailure { bad, error }, _) if bad.raw.is_empty() => {
                        NoAnswer::Failed(while_sending(error))
                    }
                    other => other,
                })?;
        }
        let is_refused = early.as_ref().is_some_and(|answer| answer.head.status() >= 300);
        if is_refused {
            self.events.emit(&Event::Note("the answer is here: the rest of the content is not sent"));
        }
        Ok(is_refused)
    }
}

/// What is still to be sent of a request.
struct Unsent {
    input: Box<dyn Read + Send>,
    /// So many of its bytes belong to the head.
    head: usize,
    /// Pieces are as large as they may be; else a piece is what one read gives.
    fills: bool,
}

impl Unsent {
    /// The next piece into `buffer`, of `most` bytes; none at the end.
    fn read_piece(&mut self, buffer: &mut Vec<u8>, most: usize) -> io::Result<()> {
        buffer.resize(most.max(1), 0);
        let mut filled = 0;
        loop {
            match self.input.read(&mut buffer[filled..]) {
                Ok(count) => {
                    filled += count;
                    if count == 0 || !self.fills || filled == buffer.len() {
                        buffer.truncate(filled);
                        return Ok(());
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Tells that `sent` went out, which begins with what was still unsent of `head`.
    fn tell(&mut self, head: &[u8], sent: &[u8], events: &Events) {
        let (of_head, content) = sent.split_at(sent.len().min(self.head));
        self.head -= of_head.len();
        if self.head == 0 && !of_head.is_empty() {
            events.emit(&Event::SentHead(head));
        }
        if !content.is_empty() {
            events.emit(&Event::SentBody(content));
        }
    }
}

/// Reads the content, from its start where it can be read again.
pub(super) fn open(content: &mut Content) -> Box<dyn Read + Send> {
    match content {
        Content::Bytes(bytes) => Box::new(Cursor::new(bytes.clone())),
        Content::Stream(input) => std::mem::replace(input, Box::new(io::empty())),
        Content::Pieces { pieces, is_chunked } => pieces.open(*is_chunked),
    }
}

/// A connection that ends while it is sent on is one that can't be sent on.
fn while_sending(error: anyhow::Error) -> anyhow::Error {
    match failure::of(&error) {
        Some(Failure::Receive | Failure::EmptyReply) => {
            Failure::Send.error(format!("cannot send the request: {error:#}"))
        }
        _ => error,
    }
}
