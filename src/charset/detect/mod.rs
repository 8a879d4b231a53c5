//! A guess at an undeclared charset: the switch of the feature `extras`.

#[cfg(not(feature = "extras"))]
#[path = "disabled.rs"]
mod imp;
#[cfg(feature = "extras")]
#[path = "enabled.rs"]
mod imp;

pub(crate) use imp::NAME;
pub(super) use imp::guess;
