//! The manual page and the completions, made from the definitions of the options
//! and from the tables of exit codes and limits.

#[cfg(not(feature = "extras"))]
#[path = "disabled.rs"]
mod imp;
#[cfg(feature = "extras")]
#[path = "enabled/mod.rs"]
mod imp;

pub(crate) use imp::NAME;

use crate::cli::help_options::HelpOptions;

/// The text that is requested, if any is.
pub(crate) fn text(asked: &HelpOptions) -> Option<anyhow::Result<Vec<u8>>> {
    match asked.completions {
        Some(shell) => Some(imp::completions(crate::command(), shell)),
        None => asked.man.then(|| imp::page(crate::command())),
    }
}
