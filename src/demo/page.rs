//! One page of the site, as the tables of pages list it.

use std::io::{self, Write};

use super::request::ReceivedRequest;

/// A row of the table.
pub(super) struct Page {
    /// The path; of a numbered page, with a number that makes a good example.
    pub(super) path: &'static str,
    pub(super) answer: PageWriter,
    pub(super) then: Then,
}

/// How a page is written: a whole response, or something that passes for one.
#[derive(Clone, Copy)]
pub(super) enum PageWriter {
    Fixed(fn(&ReceivedRequest, &mut dyn Write) -> io::Result<()>),
    Numbered(fn(&ReceivedRequest, &mut dyn Write, u64) -> io::Result<()>),
}

/// What becomes of the connection after a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// The request decides.
    AsAsked,
    /// The connection is closed, which alone ends the page.
    Close,
    /// The connection is reset.
    Reset,
    /// It becomes a WebSocket, if that was requested.
    Talk,
}

impl Page {
    /// The page at `path`.
    pub(super) const fn new(
        path: &'static str,
        answer: fn(&ReceivedRequest, &mut dyn Write) -> io::Result<()>,
    ) -> Self {
        Self { path, answer: PageWriter::Fixed(answer), then: Then::AsAsked }
    }

    /// A page for each number that may stand at the end of its path.
    pub(super) const fn numbered(
        path: &'static str,
        answer: fn(&ReceivedRequest, &mut dyn Write, u64) -> io::Result<()>,
    ) -> Self {
        Self { path, answer: PageWriter::Numbered(answer), then: Then::AsAsked }
    }

    /// Sets what becomes of the connection after the page.
    pub(super) const fn then(self, then: Then) -> Self {
        Self { then, ..self }
    }
}
