//! How wide the window of a terminal is.

#[cfg(not(feature = "extras"))]
#[path = "disabled.rs"]
mod imp;
#[cfg(feature = "extras")]
#[path = "enabled.rs"]
mod imp;

/// A stream of the process that may be a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StandardStream {
    Output,
    Errors,
}

pub(crate) use imp::width;
