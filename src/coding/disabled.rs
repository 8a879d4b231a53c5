//! The table of a build without the feature `decompress`.

use super::Coding;

/// This feature, as `--version` lists it.
pub(crate) const NAME: &str = "-decompress";

/// No coding can be undone.
pub(crate) static CODINGS: &[Coding] = &[];

pub(crate) mod permessage_deflate {
    //! No message can be decompressed.

    use crate::http::websocket::handshake::PermessageDeflate;
    use crate::http::websocket::messages::Inflate;
    use crate::http::websocket::writer::Compress;

    /// The extension that is offered: none.
    pub(crate) const OFFER: Option<&str> = None;

    /// What decompresses messages: nothing.
    pub(crate) fn inflate(_agreed: PermessageDeflate) -> Option<Box<dyn Inflate>> {
        None
    }

    /// What compresses messages: nothing.
    pub(crate) fn compress(_agreed: PermessageDeflate) -> Option<Box<dyn Compress>> {
        None
    }
}
