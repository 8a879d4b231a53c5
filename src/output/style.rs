//! How the user wants content printed.

use encoding_rs::Encoding;

/// How a body is to be printed, whatever the response says.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Style {
    /// Nothing is decoded.
    pub(crate) raw: bool,
    /// The body is saved, not read.
    pub(crate) saved: bool,
    /// Only what is harmless to a terminal goes out.
    pub(crate) is_guarded: bool,
    /// Columns of the terminal's window, where it is one and that is known.
    pub(crate) window: Option<usize>,
    /// Content codings are undone whatever becomes of the body.
    pub(crate) compressed: bool,
    /// The charset that the user named.
    pub(crate) charset: Option<&'static Encoding>,
    /// JSON is indented; whether in colour.
    pub(crate) pretty: Option<bool>,
    /// The most bytes that the body may have once its codings are undone.
    pub(crate) max_filesize: Option<u64>,
}
