//! The words by which JSON names what decided a charset and who ended a connection.

use crate::charset::CharsetSource;
use crate::event::{By, How};

pub(super) fn ended_by(by: By) -> &'static str {
    match by {
        By::Peer => "peer",
        By::Us => "us",
        By::Limit => "limit",
    }
}

pub(super) fn ended_how(how: How) -> &'static str {
    match how {
        How::Fin => "fin",
        How::Reset => "reset",
        How::CloseNotify => "close_notify",
        How::Timeout => "timeout",
    }
}

pub(super) fn charset_source(source: CharsetSource) -> &'static str {
    match source {
        CharsetSource::Bom => "bom",
        CharsetSource::Option => "option",
        CharsetSource::Header => "header",
        CharsetSource::Meta => "meta",
        CharsetSource::Xml => "xml",
        CharsetSource::Css => "css",
        CharsetSource::Detected => "detected",
        CharsetSource::Default => "default",
    }
}
