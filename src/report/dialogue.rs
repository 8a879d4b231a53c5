//! Bytes that are no HTTP: who said what, and when.

use std::time::{Duration, Instant};

use crate::event::Event;

/// Most bytes that are kept of all turns, and most turns.
const MAX_KEPT: usize = 1 << 20;
const MAX_TURNS: usize = 10_000;

/// What was said after HTTP, or in its place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dialogue {
    pub(crate) turns: Vec<Turn>,
    /// How many bytes each side sent, those that are not kept included.
    pub(crate) sent: u64,
    pub(crate) received: u64,
    kept: usize,
}

/// Bytes that were sent, or came, at once.
#[derive(Clone, Debug)]
pub(crate) struct Turn {
    pub(crate) is_ours: bool,
    /// Since the exchange began.
    pub(crate) at: Duration,
    /// The bytes, or their beginning.
    pub(crate) bytes: Vec<u8>,
    /// How many there were.
    pub(crate) length: u64,
}

impl Dialogue {
    /// Takes what happened at `at`, in an exchange that began at `began`.
    pub(super) fn on(&mut self, at: Instant, began: Option<Instant>, event: &Event<'_>) {
        let (is_ours, bytes) = match event {
            Event::SentHead(bytes) | Event::SentBody(bytes) => (true, bytes),
            Event::Content(bytes) => (false, bytes),
            _ => return,
        };
        let count = if is_ours { &mut self.sent } else { &mut self.received };
        *count += bytes.len() as u64;
        if bytes.is_empty() || self.turns.len() == MAX_TURNS {
            return;
        }
        let length = bytes.len() as u64;
        let bytes = bytes[..bytes.len().min(MAX_KEPT - self.kept)].to_vec();
        self.kept += bytes.len();
        let at = at.saturating_duration_since(began.unwrap_or(at));
        self.turns.push(Turn { is_ours, at, bytes, length });
    }
}
