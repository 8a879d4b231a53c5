//! Asks for a password on the terminal, where typing does not show it: the
//! switch of the feature `extras`.

#[cfg(not(feature = "extras"))]
#[path = "disabled.rs"]
mod imp;
#[cfg(feature = "extras")]
#[path = "enabled.rs"]
mod imp;

pub(crate) use imp::{NAME, password};
