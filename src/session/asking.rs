//! The first half of an exchange: the request out, and heads in, up to the
//! final one, which may come before all is sent.

use std::io::{Cursor, Read};

use super::Session;
use super::screen::CANNOT_READ;
use crate::connection::{Connection, HeadBudget, HeadFailure};
use crate::event::Event;
use crate::failure::{self, Failure};
use crate::http::doubt::doubt;
use crate::http::framing::{Framed, Framing, response_framing};
use crate::http::response::ResponseHead;
use crate::plan::{Content, Expectation, PlannedExchange};

/// How much of the content is read at once.
pub(super) const SEND_PIECE: usize = 64 * 1024;

/// What came back for a request.
pub(super) struct Answer {
    pub(super) head: ResponseHead,
    pub(super) framed: Framed,
    /// Recipients may read this one, or one before it, differently.
    pub(super) doubt: Option<(&'static str, u64)>,
    /// The request was sent whole.
    pub(super) is_sent: bool,
}

/// Why there is no answer.
pub(super) enum NoAnswer {
    Failed(anyhow::Error),
    NoHead(HeadFailure, bool),
}

/// The heads of one exchange so far.
#[derive(Default)]
struct Heads {
    budget: HeadBudget,
    doubt: Option<(&'static str, u64)>,
    had_interim: bool,
    /// The server wants the content.
    may_continue: bool,
}

impl<'e> Session<'e, '_> {
    /// Sends the request and receives heads up to the final one.
    pub(super) fn ask(
        &mut self,
        connection: &mut Connection<'e>,
        planned: &mut PlannedExchange,
    ) -> Result<Answer, NoAnswer> {
        let mut heads = Heads::default();
        let sent = match self.send(connection, planned, &mut heads) {
            Ok(Some(answer)) => return Ok(answer),
            Ok(None) => Ok(()),
            // A server that refuses may answer and close before it has read all.
            Err(NoAnswer::Failed(error)) if failure::of(&error) == Some(Failure::Send) => Err(error),
            Err(other) => return Err(other),
        };
        loop {
            match self.receive_head(connection, planned, &mut heads) {
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
    fn receive_head(
        &mut self,
        connection: &mut Connection<'e>,
        planned: &PlannedExchange,
        heads: &mut Heads,
    ) -> Result<Option<Answer>, NoAnswer> {
        let received = connection.receive_head(&mut heads.budget);
        let head = received.map_err(|failure| NoAnswer::NoHead(failure, heads.had_interim))?;
        heads.doubt = heads.doubt.or(doubt(&head));
        let is_interim = head.status_line.is_interim();
        let mut framed = response_framing(&planned.request.method, &head);
        if self.wire.ignores_length && matches!(framed.framing, Framing::Length(_)) {
            let framing = Framing::UntilClose;
            framed = Framed { framing, rule: "--ignore-content-length", is_unreliable: false };
        }
        self.events.emit(&match is_interim {
            true => Event::Interim(&head),
            false => Event::Head(&head, framed),
        });
        self.screen.head(head.raw(), &planned.destination).map_err(NoAnswer::Failed)?;
        if is_interim {
            heads.had_interim = true;
            heads.may_continue |= head.status() == 100;
            return Ok(None);
        }
        Ok(Some(Answer { head, framed, doubt: heads.doubt, is_sent: false }))
    }

    /// Sends head and content. An answer that comes before all is sent, and
    /// does not say that all is well, ends it.
    fn send(
        &mut self,
        connection: &mut Connection<'e>,
        planned: &mut PlannedExchange,
        heads: &mut Heads,
    ) -> Result<Option<Answer>, NoAnswer> {
        let request = &mut planned.request;
        let expects = request.expectation != Expectation::None;
        let mut input: Box<dyn Read + Send> = match &mut request.content {
            // One write for both, so that a small request is one packet.
            Content::Bytes(bytes) if !expects && bytes.len() <= SEND_PIECE && !connection.is_throttled() => {
                connection.send(&[&request.head[..], bytes].concat()).map_err(NoAnswer::Failed)?;
                self.events.emit(&Event::SentHead(&request.head));
                if !bytes.is_empty() {
                    self.events.emit(&Event::SentBody(bytes));
                }
                return self.sent_all(connection).map(|()| None);
            }
            Content::Bytes(bytes) => Box::new(Cursor::new(bytes.clone())),
            Content::Stream(input) => std::mem::replace(input, Box::new(std::io::empty())),
            Content::Pieces { pieces, is_chunked } => pieces.open(*is_chunked),
        };
        connection.send(&request.head).map_err(NoAnswer::Failed)?;
        self.events.emit(&Event::SentHead(&request.head));
        if expects && let Some(answer) = self.await_consent(connection, planned, heads)? {
            return Ok(Some(answer));
        }
        if let Some(answer) = self.send_content(connection, planned, heads, &mut *input)? {
            return Ok(Some(answer));
        }
        self.sent_all(connection).map(|()| None)
    }

    fn sent_all(&self, connection: &mut Connection<'e>) -> Result<(), NoAnswer> {
        if self.wire.half_close { connection.shut_down_sending().map_err(NoAnswer::Failed) } else { Ok(()) }
    }

    /// Waits until the server wants the content, or has been silent for so long
    /// that it does not know how to say so (RFC 9110 §10.1.1).
    fn await_consent(
        &mut self,
        connection: &mut Connection<'e>,
        planned: &PlannedExchange,
        heads: &mut Heads,
    ) -> Result<Option<Answer>, NoAnswer> {
        while !heads.may_continue {
            if !connection.awaits(self.wire.expect_patience).map_err(NoAnswer::Failed)? {
                self.events
                    .emit(&Event::Note("no 100 (Continue) has come: sending the content all the same"));
                return Ok(None);
            }
            if let Some(answer) = self.receive_head(connection, planned, heads)? {
                return Ok(Some(answer));
            }
        }
        Ok(None)
    }

    fn send_content(
        &mut self,
        connection: &mut Connection<'e>,
        planned: &PlannedExchange,
        heads: &mut Heads,
        input: &mut dyn Read,
    ) -> Result<Option<Answer>, NoAnswer> {
        let mut early = None;
        let mut buffer = vec![0; SEND_PIECE];
        loop {
            let length = input
                .read(&mut buffer)
                .map_err(|error| NoAnswer::Failed(Failure::Read.because(CANNOT_READ, error)))?;
            let mut piece = &buffer[..length];
            loop {
                if self.is_refused(connection, planned, heads, &mut early)? {
                    return Ok(early);
                }
                let sent = connection.send_some(piece).map_err(NoAnswer::Failed)?;
                if sent > 0 {
                    self.events.emit(&Event::SentBody(&piece[..sent]));
                }
                piece = &piece[sent..];
                let is_out =
                    piece.is_empty() && (length > 0 || connection.flush_some().map_err(NoAnswer::Failed)?);
                if is_out {
                    break;
                }
            }
            if length == 0 {
                return Ok(early.map(|answer| Answer { is_sent: true, ..answer }));
            }
        }
    }

    /// Whether an answer has come that makes sending on useless. It is left in
    /// `early`, and so is one that says that all is well: such a server may be
    /// speaking while it listens.
    fn is_refused(
        &mut self,
        connection: &mut Connection<'e>,
        planned: &PlannedExchange,
        heads: &mut Heads,
        early: &mut Option<Answer>,
    ) -> Result<bool, NoAnswer> {
        if planned.request.is_raw || early.is_some() {
            return Ok(false);
        }
        if connection.has_incoming().map_err(|error| NoAnswer::Failed(while_sending(error)))? {
            *early = self.receive_head(connection, planned, heads).map_err(|error| match error {
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

/// A connection that ends while it is sent on is one that can't be sent on.
fn while_sending(error: anyhow::Error) -> anyhow::Error {
    match failure::of(&error) {
        Some(Failure::Receive | Failure::EmptyReply) => {
            Failure::Send.error(format!("cannot send the request: {error:#}"))
        }
        _ => error,
    }
}
