//! Ends a command and all that it has started: the switch of the feature `extras`.

#[cfg(not(all(feature = "extras", target_os = "linux")))]
#[path = "disabled.rs"]
mod imp;
#[cfg(all(feature = "extras", target_os = "linux"))]
#[path = "enabled.rs"]
mod imp;

pub(super) use imp::{kill, terminate};
