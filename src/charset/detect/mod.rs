//! A guess at a charset that nobody declared: the switch of the feature `extras`.

#[cfg(not(feature = "extras"))]
#[path = "disabled.rs"]
mod imp;
#[cfg(feature = "extras")]
#[path = "enabled.rs"]
mod imp;

pub(crate) use imp::NAME;
pub(super) use imp::guess;
