//! The manual page and the completions, made from the definitions of the options
//! and from the tables of exit codes and limits.

#[cfg(not(feature = "manual"))]
#[path = "disabled.rs"]
mod imp;
#[cfg(feature = "manual")]
#[path = "enabled/mod.rs"]
mod imp;

pub(crate) use imp::NAME;

use crate::cli::asking::Asking;
use crate::output::Sink;

/// Prints what is asked for, if anything is.
pub(crate) fn print(asked: &Asking) -> Option<anyhow::Result<()>> {
    let made = match asked.completions {
        Some(shell) => imp::completions(crate::command(), shell),
        None if asked.man => imp::page(crate::command()),
        None => return None,
    };
    Some(made.and_then(|text| Sink::print(&text)))
}
