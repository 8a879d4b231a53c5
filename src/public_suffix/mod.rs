//! Which domains are open for anybody to register names under, so that a cookie
//! for one of them would reach strangers.

#[cfg(feature = "extras")]
#[path = "enabled.rs"]
mod imp;
#[cfg(not(feature = "extras"))]
#[path = "disabled.rs"]
mod imp;

pub(crate) use imp::{NAME, is_public_suffix, public_suffix_of};
