//! What is kept of content and messages to be told word for word.

use std::time::Duration;

use crate::http::websocket::messages::{Heard, MessageKind};
use crate::report::exchange::{MAX_KEPT, keep};
use crate::report::frames::Sender;

/// How many messages are kept, if they are wanted.
const MAX_MESSAGES: usize = 10_000;

/// The beginning of the content, 1 MiB at most: decoded as far as it can be, as it came where
/// its first coding was not applied.
#[derive(Clone, Debug, Default)]
pub(crate) struct ContentStart {
    pub(super) bytes: Vec<u8>,
    /// Why decoding ended early, in words.
    pub(super) decoding_error: Option<String>,
}

impl ContentStart {
    /// Takes more of the content.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        keep(&mut self.bytes, bytes);
    }

    /// Whether more of the content adds nothing.
    pub(crate) fn is_full(&self) -> bool {
        self.bytes.len() == MAX_KEPT
    }

    /// Its decoding has ended so.
    pub(crate) fn end(&mut self, decoding_error: Option<String>) {
        self.decoding_error = decoding_error;
    }
}

/// A message, as far as it is kept.
#[derive(Clone, Debug)]
pub(super) struct LoggedMessage {
    pub(super) from: Sender,
    pub(super) kind: MessageKind,
    /// How long after the beginning of the exchange it ended.
    pub(super) after: Duration,
    pub(super) bytes: u64,
    /// Its beginning.
    pub(super) kept: Vec<u8>,
}

/// The first messages of both sides.
#[derive(Clone, Debug, Default)]
pub(crate) struct MessageLog {
    whole: Vec<LoggedMessage>,
    /// Messages that have begun and not ended.
    open: Vec<LoggedMessage>,
    kept: usize,
}

impl MessageLog {
    /// The messages that are kept.
    pub(super) fn kept(&self) -> &[LoggedMessage] {
        &self.whole
    }

    /// Takes what is heard of one side, so long after the beginning of the exchange.
    pub(crate) fn on(&mut self, from: Sender, heard: Heard<'_>, after: Duration) {
        match heard {
            Heard::Data(kind, bytes) => {
                let room = MAX_KEPT.saturating_sub(self.kept).min(bytes.len());
                self.kept += room;
                let message = self.open(from, kind);
                message.bytes += bytes.len() as u64;
                message.kept.extend_from_slice(&bytes[..room]);
            }
            Heard::MessageEnd(kind) => {
                self.open(from, kind).after = after;
                let at = self.open.iter().position(|open| open.from == from);
                let message = at.map(|at| self.open.swap_remove(at));
                self.whole.extend(message.filter(|_| self.whole.len() < MAX_MESSAGES));
            }
            _ => {}
        }
    }

    /// The message that has begun on one side; there is one at most.
    fn open(&mut self, from: Sender, kind: MessageKind) -> &mut LoggedMessage {
        let at = self.open.iter().position(|open| open.from == from).unwrap_or_else(|| {
            let (after, kept) = (Duration::ZERO, Vec::new());
            self.open.push(LoggedMessage { from, kind, after, bytes: 0, kept });
            self.open.len() - 1
        });
        &mut self.open[at]
    }
}
