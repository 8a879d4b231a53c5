//! What `--pipeline` knows of the requests of one host: which wait for a response, how many
//! go out at once, and which may go out again.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Instant;

use super::connection_key::ConnectionKey;
use super::job::Job;
use super::resending::is_idempotent;
use crate::connection::{Connection, Deadline};
use crate::event::{ConnectionEnd, ConnectionFacts, Event};
use crate::failure::Failure;
use crate::plan::PlannedRequest;

/// The requests that no response has come for, and what comes of the others.
pub(super) struct PipelineState<'f> {
    /// The key of the connections that carry them.
    pub(super) identity: Rc<ConnectionKey>,
    pub(super) waiting: VecDeque<Waiting>,
    /// Requests whose response calls for another one, which is sent after all responses.
    pub(super) leads_on: Vec<Waiting>,
    /// How many requests the next round may have: one that a server leaves
    /// unanswered again and again costs no more than twice its responses.
    pub(super) window: usize,
    /// When the attempt at each of them must have ended.
    pub(super) deadline: Option<Deadline>,
    pub(super) first: &'f mut Option<Failure>,
    pub(super) is_over: bool,
    /// The connection of the last round.
    pub(super) carrier: Option<Carrier>,
}

/// What observers are told of a connection that is gone, for the requests that it carried.
pub(super) struct Carrier {
    local: Option<SocketAddr>,
    remote: Option<SocketAddr>,
    facts: ConnectionFacts,
    /// How it ended, where it brought no response.
    pub(super) ended: Option<ConnectionEnd>,
}

/// A request that waits for its response.
pub(super) struct Waiting {
    pub(super) job: Box<Job>,
    pub(super) request: Box<PlannedRequest>,
    /// Observers have been told of it.
    pub(super) has_begun: bool,
    /// A server may have acted on it.
    pub(super) was_sent: bool,
    /// When the connection took it that was lost before its response was due.
    pub(super) sent_at: Option<Instant>,
}

/// As much of the line as one connection carries.
pub(super) struct Round {
    /// How many requests it has; how many of them were begun to be sent; and how
    /// many are done with.
    pub(super) count: usize,
    pub(super) begun: usize,
    pub(super) answered: usize,
    pub(super) is_last_try: bool,
}

/// How a round ended.
pub(super) enum RoundEnd {
    /// All responses came, and the connection stays open.
    Open,
    /// The server said that it would close: it has acted on no request after
    /// that (RFC 9112 §9.6).
    Closed,
    /// It cannot be told what the server did.
    Broken,
}

impl Carrier {
    /// What observers are told of `connection`, which has not ended.
    pub(super) fn of(connection: &Connection<'_>) -> Self {
        let (local, remote) = connection.addresses();
        Self { local, remote, facts: connection.facts().clone(), ended: None }
    }

    /// The event of another request on it.
    pub(super) fn reused(&self) -> Event<'_> {
        Event::Reused { local: self.local, remote: self.remote, facts: &self.facts }
    }
}

impl Waiting {
    /// Whether a retry could do twice what is to be done once.
    pub(super) fn is_unsafe(&self) -> bool {
        self.was_sent && (self.request.is_raw || !is_idempotent(&self.request.method))
    }
}

impl PipelineState<'_> {
    /// How many requests the next round has. Behind one that says close, and
    /// before one that must not be sent again, there is an end.
    pub(super) fn count(&self) -> usize {
        let most = self.window.min(self.waiting.len());
        let ready = self.waiting.iter().take(most).take_while(|waiting| !waiting.is_unsafe());
        let ready = ready.count();
        let closing = self.waiting.iter().take(ready).position(|waiting| waiting.request.closes);
        closing.map_or(ready, |last| last + 1)
    }

    /// Sets how many requests the next round may have, after one that ended so with this many responses.
    pub(super) fn end_round(&mut self, end: &RoundEnd, answered: usize) {
        self.window = match end {
            RoundEnd::Open => self.window.saturating_mul(2),
            RoundEnd::Closed => answered.saturating_mul(2).max(1),
            // What comes first may be what the server cannot bear (RFC 9112 §9.3.2).
            RoundEnd::Broken => 1,
        };
        if matches!(end, RoundEnd::Closed) {
            let planned = self.waiting.iter_mut().filter(|waiting| !waiting.request.is_raw);
            planned.for_each(|waiting| waiting.was_sent = false);
        }
    }
}
