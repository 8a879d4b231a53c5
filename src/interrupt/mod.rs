//! An interrupt (SIGINT, SIGTERM, SIGHUP; none that is ignored) that ends a run as an error does, so that the
//! reports of what has come are written.
//!
//! Only runs that keep a report, or hold back what they have received, ask for it. A second interrupt, and one
//! that the run does not notice in half a second, ends the process at once. The signal of a limit on
//! files (SIGXFSZ) ends none.

#[cfg(feature = "extras")]
#[path = "enabled.rs"]
mod imp;
#[cfg(not(feature = "extras"))]
#[path = "disabled.rs"]
mod imp;

use std::time::Duration;

use crate::failure::Failure;

#[cfg(feature = "extras")]
pub(crate) use imp::waited_for;
pub(crate) use imp::{die, has_come, is_watched, outlive_file_limit, pause, watch};

/// An error where an interrupt has come.
pub(crate) fn check() -> anyhow::Result<()> {
    if has_come() { Err(Failure::Interrupted.error("interrupted")) } else { Ok(()) }
}

/// Sleeps; an error where an interrupt comes meanwhile.
pub(crate) fn sleep(time: Duration) -> anyhow::Result<()> {
    pause(time);
    check()
}
