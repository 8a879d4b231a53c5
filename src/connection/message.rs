//! What is to be sent, and by which rules.

use std::time::Duration;

use super::cutting::Cutting;
use crate::wait::Input;

/// A request, or whatever else is sent.
pub(crate) struct Message {
    /// What is sent first.
    pub(crate) head: Vec<u8>,
    /// What is sent together with it.
    pub(crate) content: Vec<u8>,
    /// What is read and sent after that.
    pub(crate) input: Option<Box<dyn Input>>,
    /// How long the input is held back, unless the server asks for it.
    pub(crate) consent: Option<Duration>,
    /// The content is sent as it comes: no piece waits to be filled.
    pub(crate) is_dialogue: bool,
}

/// What a queue of messages is sent by.
#[derive(Default)]
pub(crate) struct SendingRules {
    /// How they are cut.
    pub(crate) cutting: Option<Cutting>,
    /// Nothing is sent after them (`--half-close`).
    pub(crate) half_close: bool,
    /// The head is no head to observers, but content.
    pub(crate) has_no_head: bool,
    /// Observers are told of them elsewhere; always so where there are several.
    pub(crate) is_silent: bool,
    /// The last byte waits until [`Outgoing::release`](super::Outgoing::release) (`--race`).
    pub(crate) holds_last: bool,
}

impl Message {
    /// What has nothing after `head`.
    pub(crate) fn bare(head: Vec<u8>) -> Self {
        Self { head, content: Vec::new(), input: None, consent: None, is_dialogue: false }
    }

    /// What is said as it comes.
    pub(crate) fn dialogue(input: Box<dyn Input>) -> Self {
        Self { input: Some(input), is_dialogue: true, ..Self::bare(Vec::new()) }
    }
}
