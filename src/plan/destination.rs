//! Where the content of one response goes.

use std::ffi::OsString;

/// Where a body goes.
#[derive(Clone, Debug, Default)]
pub(crate) enum Destination {
    /// To be read: standard output.
    #[default]
    Print,
    /// To be kept: standard output, as bytes.
    Standard,
    /// To be kept: this file.
    File(OsString),
    /// To be kept: a file of the name that the URL ends in.
    Remote,
}
