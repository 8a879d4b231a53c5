//! Who ended a connection, and how.

/// Who ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// The server.
    Peer,
    /// We did, there being nothing more to do on it.
    Us,
    /// A time limit of ours.
    Limit,
}

/// By what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// TCP's orderly end, or that of what is in its place.
    Fin,
    /// TCP's RST, or another error of the connection.
    Reset,
    /// TLS's close_notify (RFC 8446 §6.1).
    CloseNotify,
    /// No byte in time.
    Timeout,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) by: By,
    pub(crate) how: How,
}

impl By {
    /// The word for it in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Peer => "peer",
            Self::Us => "us",
            Self::Limit => "limit",
        }
    }
}

impl How {
    /// The word for it in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Fin => "fin",
            Self::Reset => "reset",
            Self::CloseNotify => "close_notify",
            Self::Timeout => "timeout",
        }
    }
}
