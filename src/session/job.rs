//! One target under way: where its chain of requests has led, where what comes
//! goes, which attempt this is, and until when.

use super::delivery::Delivery;
use super::redirect_chain::RedirectChain;
use super::retry::Attempts;
use crate::connection::Deadline;
use crate::plan::{OutgoingMessages, PlannedRequest};

/// What is known of one target, from its first request to its last.
pub(super) struct Job {
    pub(super) chain: RedirectChain,
    /// The first request of an attempt, where its bytes are given.
    raw: Option<PlannedRequest>,
    /// What is sent once there is a WebSocket.
    pub(super) messages: Option<OutgoingMessages>,
    pub(super) delivery: Delivery,
    /// `-C`: the offset of the first byte that is requested.
    pub(super) resume: Option<u64>,
    pub(super) attempts: Attempts,
    /// What `--etag-save` is to write, if that is known.
    pub(super) etag: Option<Vec<u8>>,
    /// When the attempt under way must have ended.
    pub(super) deadline: Option<Deadline>,
}

impl Job {
    /// A job that follows `chain`, beginning with `raw` where that is given.
    pub(super) fn new(
        chain: RedirectChain,
        raw: Option<PlannedRequest>,
        delivery: Delivery,
        resume: Option<u64>,
    ) -> Self {
        let attempts = Attempts::default();
        Self { chain, raw, messages: None, delivery, resume, attempts, etag: None, deadline: None }
    }

    /// The same with what is to be sent over a WebSocket.
    pub(super) fn sending(self, messages: Option<OutgoingMessages>) -> Self {
        Self { messages, ..self }
    }

    /// An attempt begins; `may_repeat`: another can follow. Gives the bytes of
    /// its first request, where they are given.
    pub(super) fn begin_attempt(&mut self, may_repeat: bool) -> Option<PlannedRequest> {
        let raw = self.raw.take();
        self.raw = raw.as_ref().filter(|_| may_repeat).and_then(PlannedRequest::copy);
        let can_repeat = if raw.is_some() { self.raw.is_some() } else { self.chain.recipe.can_send_again() };
        self.attempts.begin(can_repeat);
        raw
    }
}
