//! What is sent over a WebSocket: the files of `--send`.

use std::collections::VecDeque;

use crate::http::websocket::messages::MessageKind;
use crate::wait::Input;

/// The messages that are to be sent.
#[derive(Default)]
pub(crate) struct OutgoingMessages {
    /// What they are read from, in order.
    pub(crate) sources: VecDeque<MessageSource>,
    /// What each of them is.
    pub(crate) kind: MessageKind,
}

/// What messages are read from.
pub(crate) struct MessageSource {
    pub(crate) input: Box<dyn Input>,
    /// Each line is a message, without its end; else all is one.
    pub(crate) is_lines: bool,
    /// A CR before the LF is a part of the line's end.
    pub(crate) drops_cr: bool,
}
