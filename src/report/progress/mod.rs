//! How far a transfer has come, drawn on standard error where that is a
//! terminal. It listens like any report, and is the first to hear, so that what
//! it has drawn is gone before another report prints anything.

#[cfg(feature = "extras")]
#[path = "enabled/mod.rs"]
mod imp;
#[cfg(not(feature = "extras"))]
#[path = "disabled.rs"]
mod imp;
mod transfers;

/// What is drawn of how far a transfer has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Drawing {
    /// Nothing (`--no-progress-meter`, `--silent`).
    Nothing,
    /// A bar, bytes, the rate and the time left.
    Meter,
    /// The bar alone (`-#`).
    Bar,
}

pub(crate) use imp::{Meter, NAME};
