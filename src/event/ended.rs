//! Who ended a connection, and how.

/// Who ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Peer,
    /// We did, there being nothing more to do on it.
    Us,
    /// A time limit of ours.
    Limit,
}

/// What was seen of the end.
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
pub(crate) struct ConnectionEnd {
    pub(crate) by: By,
    pub(crate) how: How,
}

impl ConnectionEnd {
    /// Who ended the connection and how, in words.
    pub(crate) fn words(self) -> String {
        let by = match self.by {
            By::Peer => "by the server",
            By::Us => "by rawget",
            By::Limit => "by a time limit",
        };
        let how = match self.how {
            How::Fin => " (FIN)",
            How::Reset => " (reset)",
            How::CloseNotify => " (close_notify)",
            How::Timeout => "",
        };
        format!("{by}{how}")
    }
}
