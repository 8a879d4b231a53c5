//! `--every`: from the start of one repetition to that of the next.

use std::time::{Duration, Instant};

use crate::interrupt;

/// When requests are started.
pub(super) struct Starts {
    every: Option<Duration>,
    next: Option<Instant>,
}

impl Starts {
    pub(super) fn new(every: Option<Duration>) -> Self {
        Self { every, next: None }
    }

    /// Waits until the next request is due. One that is late does not hurry those after it.
    pub(super) fn wait(&mut self) -> anyhow::Result<()> {
        let Some(every) = self.every else { return Ok(()) };
        let now = Instant::now();
        let due = self.next.unwrap_or(now);
        interrupt::sleep(due.saturating_duration_since(now))?;
        self.next = due.max(now).checked_add(every);
        Ok(())
    }
}
