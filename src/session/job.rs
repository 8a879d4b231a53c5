//! One target under way: where its chain of requests has led, where what comes
//! goes, which attempt this is, and until when.

use super::attempt_state::Attempts;
use super::delivery::Delivery;
use super::redirect_chain::RedirectChain;
use crate::connection::Deadline;
use crate::event::ComparedAs;
use crate::plan::{OutgoingMessages, PlannedRequest, Target};

/// What is known of one target, from its first request to its last.
pub(super) struct Job {
    pub(super) chain: RedirectChain,
    /// The URL as it was typed; empty where options have changed it.
    pub(super) typed: Vec<u8>,
    /// It belongs to the same URL sequence as the target before.
    pub(super) is_sibling: bool,
    /// An exchange of it has led to another one.
    pub(super) is_continued: bool,
    /// What the response is compared with.
    pub(super) part: ComparedAs,
    /// The first request of an attempt, where its bytes are given.
    raw: Option<Box<PlannedRequest>>,
    /// What is sent once there is a WebSocket.
    pub(super) messages: Option<OutgoingMessages>,
    pub(super) delivery: Delivery,
    /// `-C`: the offset of the first byte that is requested.
    pub(super) resume: Option<u64>,
    /// All bytes before that offset came of an earlier attempt.
    pub(super) owns_part: bool,
    pub(super) attempts: Attempts,
    /// What `--etag-save` is to write, if that is known.
    pub(super) etag: Option<Vec<u8>>,
    /// When the attempt under way must have ended.
    pub(super) deadline: Option<Deadline>,
}

impl Job {
    /// The job of requesting `target`. Its content goes to `delivery`, from the byte `resume` on.
    pub(super) fn new(target: Target, delivery: Delivery, resume: Option<u64>) -> Box<Self> {
        let Target { recipe, uri, typed, part, raw, messages, is_sibling, .. } = target;
        Box::new(Self {
            chain: RedirectChain::new(recipe, uri),
            typed,
            is_sibling,
            is_continued: false,
            part,
            raw,
            messages,
            delivery,
            resume,
            owns_part: false,
            attempts: Attempts::default(),
            etag: None,
            deadline: None,
        })
    }

    /// An attempt begins; `may_repeat`: another can follow. Gives the bytes of
    /// its first request, where they are given.
    pub(super) fn begin_attempt(&mut self, may_repeat: bool) -> Option<Box<PlannedRequest>> {
        let raw = self.raw.take();
        let copied = raw.as_deref().filter(|_| may_repeat).and_then(PlannedRequest::copy);
        self.raw = copied.map(Box::new);
        let can_repeat = if raw.is_some() { self.raw.is_some() } else { self.chain.recipe.can_send_again() };
        self.attempts.begin(can_repeat);
        raw
    }
}
