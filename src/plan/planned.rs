//! A request as the plan leaves it to the session: its bytes, and what must be
//! known to send them and to read the response.

use std::io::{self, IsTerminal};
use std::rc::Rc;

use super::chunking::Chunking;
use super::pieces::Pieces;
use crate::http::request::method_of;
use crate::http::request_line::fields;
use crate::http::response::Version;
use crate::wait::Input;

/// A request, ready to be sent.
pub(crate) struct PlannedRequest {
    /// What is sent first: the head, or the beginning of raw bytes.
    pub(crate) head: Vec<u8>,
    /// What is sent after it.
    pub(crate) content: RequestContent,
    /// The method that frames the response.
    pub(crate) method: Rc<[u8]>,
    /// The version that the request line says.
    pub(crate) version: Version,
    /// It says `Connection: close`.
    pub(crate) closes: bool,
    /// It has a Range field.
    pub(crate) has_range: bool,
    /// Whether the server is asked before the content is sent.
    pub(crate) expectation: Expectation,
    /// The content is kept back until the server has asked for credentials.
    pub(crate) withholds: bool,
    /// It says where its content ends, so that another request may follow it.
    pub(crate) is_delimited: bool,
    /// The bytes are the user's own: all of them are sent, regardless of the response.
    pub(crate) is_raw: bool,
    /// Behind the request there is more, which is no whole request.
    pub(crate) has_leftover: bool,
    /// They come as a person or a program writes them: none is held back.
    pub(crate) is_dialogue: bool,
    /// The request is the handshake of WebSocket (RFC 6455 §4.1).
    pub(crate) is_handshake: bool,
}

/// `Expect: 100-continue` (RFC 9110 §10.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expectation {
    /// Not sent.
    None,
    /// Sent of our own accord.
    Ours,
    /// The user's.
    Users,
}

/// What follows a head.
pub(crate) enum RequestContent {
    /// These bytes.
    Bytes(Vec<u8>),
    /// What is read from here.
    Stream(Box<dyn Input>),
    /// These pieces, which can be read again.
    Pieces {
        pieces: Pieces,
        /// How they are sent in the chunked coding, where they are.
        chunking: Option<Chunking>,
    },
}

impl PlannedRequest {
    /// A copy of the request; `None` where its content can be read only once.
    pub(crate) fn copy(&self) -> Option<Self> {
        let content = match &self.content {
            RequestContent::Bytes(bytes) => RequestContent::Bytes(bytes.clone()),
            RequestContent::Pieces { pieces, chunking } => {
                pieces.length()?;
                RequestContent::Pieces { pieces: pieces.clone(), chunking: chunking.clone() }
            }
            RequestContent::Stream(_) => return None,
        };
        Some(Self { head: self.head.clone(), content, method: Rc::clone(&self.method), ..*self })
    }

    /// Whether it, or its content, may be typed.
    pub(crate) fn is_typed(&self) -> bool {
        self.is_dialogue || matches!(self.content, RequestContent::Stream(_)) && io::stdin().is_terminal()
    }

    /// A request that was typed.
    pub(crate) fn typed(head: Vec<u8>, content: Vec<u8>) -> Self {
        Self { is_dialogue: true, ..Self::of_raw(head, RequestContent::Bytes(content)) }
    }

    /// A request of bytes of which only the first token is looked at.
    pub(super) fn of_raw(head: Vec<u8>, content: RequestContent) -> Self {
        let method = method_of(&head).into();
        let has_range = has_range(&head);
        Self {
            head,
            content,
            method,
            version: Version::HTTP_11,
            closes: false,
            has_range,
            expectation: Expectation::None,
            withholds: false,
            is_delimited: true,
            is_raw: true,
            is_dialogue: false,
            is_handshake: false,
            has_leftover: false,
        }
    }
}

/// Whether a request's head has a Range field.
pub(super) fn has_range(head: &[u8]) -> bool {
    fields(head).has("range")
}
