//! The size of a pipe, which std can't set.

#[cfg(all(feature = "pipe", target_os = "linux"))]
#[path = "enabled.rs"]
mod imp;
#[cfg(not(all(feature = "pipe", target_os = "linux")))]
#[path = "disabled.rs"]
mod imp;

pub(crate) use imp::{NAME, enlarge};
