//! What the options say of all reports.

use encoding_rs::Encoding;

use super::redact::Redaction;
use crate::output::colour::Colour;

/// How reports are made.
#[derive(Clone, Copy)]
pub(crate) struct ReportStyle {
    /// `--charset`.
    pub(crate) charset: Option<&'static Encoding>,
    /// `--color`.
    pub(crate) colour: Colour,
    /// `--redact`.
    pub(crate) redaction: Redaction,
}
