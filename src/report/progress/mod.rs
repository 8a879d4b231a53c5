//! How far a transfer has come, drawn on standard error where that is a
//! terminal. It listens like any report, and is the first to hear, so that what
//! it has drawn is gone before another report prints anything.

#[cfg(feature = "progress")]
#[path = "enabled/mod.rs"]
mod imp;
#[cfg(not(feature = "progress"))]
#[path = "disabled.rs"]
mod imp;

pub(crate) use imp::{Meter, NAME};
