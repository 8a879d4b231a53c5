//! Standard input and output that were closed before the process began.
//!
//! std opens `/dev/null` in their place before `main`, so that what is written is lost, and what
//! is read is empty, without an error. In a build without the feature `extras` that is so.

#[cfg(not(feature = "extras"))]
#[path = "disabled.rs"]
mod imp;
#[cfg(feature = "extras")]
#[path = "enabled.rs"]
mod imp;

pub(crate) use imp::{is_input_closed, refuse_where_closed};
