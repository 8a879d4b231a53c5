//! Internationalised host names in the form that DNS knows (RFC 5890).

#[cfg(feature = "extras")]
#[path = "enabled.rs"]
mod imp;
#[cfg(not(feature = "extras"))]
#[path = "disabled.rs"]
mod imp;

pub(crate) use imp::{NAME, to_a_labels};
