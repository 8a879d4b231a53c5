//! A guess at a charset that nobody declared: the switch of the feature `detect`.

#[cfg(not(feature = "detect"))]
#[path = "disabled.rs"]
mod imp;
#[cfg(feature = "detect")]
#[path = "enabled.rs"]
mod imp;

pub(crate) use imp::NAME;
pub(super) use imp::guess;
