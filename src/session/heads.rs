//! The first half of an exchange: the request on its way out, and heads in, up
//! to the final one, which may come before all is sent.

use std::io::{self, Cursor};

use super::Session;
use super::job::Job;
use crate::connection::{Connection, HeadBudget, HeadFailure, Message, SendingRules};
use crate::event::{By, Event};
use crate::failure::{self, Failure, Trouble};
use crate::http::doubt::{Doubt, doubt};
use crate::http::framing::{Framed, Framing, response_framing};
use crate::http::response::{HeadProblem, ResponseHead, Version, bad_head};
use crate::http::upgrade::is_unasked;
use crate::plan::{Expectation, PlannedRequest, RequestContent, ResponseSource};
use crate::wait::Input;

/// Content that is no longer goes out by one write with its head.
pub(super) const SEND_PIECE: usize = 64 * 1024;

/// The response to a request, as far as its head.
pub(super) struct ReceivedResponse {
    pub(super) head: Box<ResponseHead>,
    pub(super) framed: Framed,
    /// Recipients may read this one, or one before it, differently.
    pub(super) doubt: Option<Doubt>,
    /// It switches to a protocol that the request did not offer.
    pub(super) is_unasked: bool,
    /// What follows the head is no HTTP.
    pub(super) is_switched: bool,
    /// How many requests were sent on the connection before this one's.
    pub(super) number: usize,
    /// How many responses follow on the connection.
    pub(super) awaited: usize,
}

/// Why there is no response.
pub(super) enum NoResponse {
    Failed(anyhow::Error),
    /// What came in place of its head, and whether interim responses came before.
    NoHead {
        failure: HeadFailure,
        had_interim: bool,
    },
}

impl NoResponse {
    /// Whether the connection ended without a byte of a response.
    pub(super) fn is_lost(&self) -> bool {
        let error = match self {
            Self::NoHead { failure, had_interim } if *had_interim || !failure.bad.raw.is_empty() => {
                return false;
            }
            Self::NoHead { failure: HeadFailure { error, .. }, .. } | Self::Failed(error) => error,
        };
        failure::trouble(error) == Some(Trouble::Lost)
            || matches!(failure::of(error), Some(Failure::EmptyReply | Failure::Send))
    }

    /// Why no response came, as the run is to report it.
    pub(super) fn error(self) -> anyhow::Error {
        match self {
            Self::Failed(error) => error,
            Self::NoHead { failure, .. } => failure.error,
        }
    }
}

/// The heads of one exchange so far.
#[derive(Default)]
pub(super) struct Heads {
    budget: HeadBudget,
    doubt: Option<Doubt>,
    had_interim: bool,
}

impl<'e> Session<'e, '_> {
    /// Sends the request and receives heads up to the final one.
    pub(super) fn ask(
        &mut self,
        connection: &mut Connection<'e>,
        request: &mut PlannedRequest,
        job: &mut Job,
    ) -> Result<ReceivedResponse, NoResponse> {
        let half_close = self.rules.wire.half_close && !request.is_handshake;
        connection.send([self.message(request)], SendingRules { half_close, ..self.sending_rules() });
        self.receive_heads(connection, request, job)
    }

    /// How the options have requests sent.
    pub(super) fn sending_rules(&self) -> SendingRules {
        SendingRules {
            cutting: self.rules.cutting.clone(),
            half_close: self.rules.wire.half_close,
            ..SendingRules::default()
        }
    }

    /// What is sent of `request`. Content that waits for consent (RFC 9110 §10.1.1) does so for as
    /// long as the options say.
    pub(super) fn message(&self, request: &mut PlannedRequest) -> Message {
        let expects = request.expectation != Expectation::None;
        let (content, input) = match &mut request.content {
            RequestContent::Bytes(bytes) if bytes.is_empty() => (Vec::new(), None),
            // One write for both, so that a small request is one packet.
            RequestContent::Bytes(bytes) if !expects && bytes.len() <= SEND_PIECE => (bytes.clone(), None),
            content => (Vec::new(), Some(open(content))),
        };
        Message {
            head: request.head.clone(),
            content,
            input,
            consent: expects.then_some(self.rules.wire.expect_patience),
            is_dialogue: request.is_dialogue,
        }
    }

    /// Receives heads up to the final one, and tells observers if none came.
    pub(super) fn receive_heads(
        &mut self,
        connection: &mut Connection<'e>,
        request: &PlannedRequest,
        job: &mut Job,
    ) -> Result<ReceivedResponse, NoResponse> {
        let received = self.final_head(connection, request, job);
        match &received {
            Err(NoResponse::NoHead { failure, .. }) => self.events.emit(&Event::BadHead(&failure.bad)),
            // It ended while the request was on its way.
            Err(failed) if failed.is_lost() && connection.ended().is_some_and(|end| end.by == By::Peer) => {
                self.events.emit(&Event::BadHead(&bad_head(&[], connection.offset(), HeadProblem::Empty)));
            }
            _ => {}
        }
        received
    }

    /// Receives heads up to the final one. What the connection did not take
    /// explains why none has come.
    fn final_head(
        &mut self,
        connection: &mut Connection<'e>,
        request: &PlannedRequest,
        job: &mut Job,
    ) -> Result<ReceivedResponse, NoResponse> {
        let mut heads = Heads::default();
        loop {
            match self.receive_head(connection, request, job, &mut heads) {
                Ok(Some(response)) => return Ok(response),
                Ok(None) => {}
                Err(NoResponse::NoHead { failure, had_interim }) => {
                    let was_sending = !connection.outgoing().is_over();
                    connection.stop_sending();
                    let unsent = connection.outgoing_mut().take_error();
                    return Err(match unsent {
                        Some(error) if failure.bad.raw.is_empty() => NoResponse::Failed(error),
                        _ if failure::of(&failure.error) == Some(Failure::Read) => {
                            NoResponse::Failed(failure.error)
                        }
                        _ if was_sending && failure.bad.raw.is_empty() => {
                            NoResponse::Failed(while_sending(failure.error))
                        }
                        _ => NoResponse::NoHead { failure, had_interim },
                    });
                }
                Err(failed) => return Err(failed),
            }
        }
    }

    /// Receives one head: `None` where it is an interim one.
    fn receive_head(
        &mut self,
        connection: &mut Connection<'e>,
        request: &PlannedRequest,
        job: &mut Job,
        heads: &mut Heads,
    ) -> Result<Option<ReceivedResponse>, NoResponse> {
        let received = connection.receive_head(&mut heads.budget);
        let head =
            received.map_err(|failure| NoResponse::NoHead { failure, had_interim: heads.had_interim })?;
        heads.doubt = heads.doubt.or(doubt(&head).filter(|doubt| self.rules.manners.minds(doubt)));
        if !self.rules.manners.understands(&head) {
            return Err(NoResponse::Failed(other_version(&head)));
        }
        let is_interim = head.status_line.is_interim();
        let mut framed = self.framing(&request.method, &head);
        self.events.emit(&match is_interim {
            true => Event::Interim(&head),
            false => Event::Head(&head, framed),
        });
        self.console.head(head.raw(), &mut job.delivery).map_err(NoResponse::Failed)?;
        if is_interim {
            heads.had_interim = true;
            self.keep_cookies(&job.chain, &head);
            if head.status() == 100 {
                connection.outgoing_mut().consent();
            }
            return Ok(None);
        }
        let is_unasked = self.is_unasked(request, &head);
        let is_tunnel = *request.method == *b"CONNECT" && (200..300).contains(&head.status());
        let is_switched = (is_tunnel || head.status() == 101 && !request.is_handshake) && !is_unasked;
        if is_switched {
            // RFC 9110 §7.8, §9.3.6: what follows belongs to whatever is spoken now.
            self.note("What follows is not HTTP and is shown as received");
            self.events.emit(&Event::Switched);
            connection.outgoing_mut().tell_all();
            framed = Framed::until_close("another protocol");
        }
        Ok(Some(ReceivedResponse {
            head,
            framed,
            doubt: heads.doubt,
            is_unasked,
            is_switched,
            number: 0,
            awaited: 0,
        }))
    }

    /// What ends the content that follows `head`, by the RFC and by the options.
    fn framing(&self, method: &[u8], head: &ResponseHead) -> Framed {
        let framed = response_framing(method, head);
        let framed = self.rules.manners.framed(framed, self.rules.saving.max_filesize.is_some());
        if self.rules.wire.ignores_length && matches!(framed.framing, Framing::Length(_)) {
            return Framed::until_close("--ignore-content-length");
        }
        framed
    }

    /// Whether `head` switches to a protocol that the request did not offer. For a saved response this
    /// is known only where its request is given too.
    fn is_unasked(&self, request: &PlannedRequest, head: &ResponseHead) -> bool {
        let is_replayed = matches!(self.source, ResponseSource::Saved(_));
        let is_known = !is_replayed || request.is_raw;
        head.status() == 101 && is_known && is_unasked(&request.head, head)
    }
}

/// The error of a response whose version curl does not accept.
fn other_version(head: &ResponseHead) -> anyhow::Error {
    let Version(major, minor) = head.status_line.version;
    Failure::Protocol.error(format!("the response is of HTTP/{major}.{minor}, which curl does not accept"))
}

/// Reads the content, from its start where it can be read again.
pub(super) fn open(content: &mut RequestContent) -> Box<dyn Input> {
    match content {
        RequestContent::Bytes(bytes) => Box::new(Cursor::new(bytes.clone())),
        RequestContent::Stream(input) => std::mem::replace(input, Box::new(io::empty())),
        RequestContent::Pieces { pieces, chunking } => pieces.open(chunking.as_ref()),
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
