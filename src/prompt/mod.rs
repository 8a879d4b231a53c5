//! Asks for a password on the terminal, where typing does not show it: the
//! switch of the feature `prompt`.

#[cfg(not(feature = "prompt"))]
#[path = "disabled.rs"]
mod imp;
#[cfg(feature = "prompt")]
#[path = "enabled.rs"]
mod imp;

pub(crate) use imp::{NAME, password};
