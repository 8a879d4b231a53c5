//! `--race`: all is sent but the last byte, which waits for those of other connections.

use std::time::{Duration, Instant};

use super::Connection;
use crate::wait::{Awaited, Ends, wait};

/// How long a peer has to make room before sending is tried again.
const BETWEEN_TRIES: Duration = Duration::from_millis(2);

impl Connection<'_> {
    /// Sends all that is to be sent but the last byte, or less where something comes before.
    pub(crate) fn send_to_last(&mut self) -> anyhow::Result<()> {
        self.set_nonblocking()?;
        while !self.outgoing.is_over() && !self.has_come()? {
            self.check_limits()?;
            let want = self.push()?;
            if self.outgoing.is_over() || self.outgoing.is_held(Instant::now()) && !self.stream.has_unsent() {
                break;
            }
            let at_once = want.again.then(Instant::now);
            let limit = self.limits.until(Instant::now());
            let awaited = Awaited {
                ends: self.stream.ends(),
                reads: true,
                writes: want.room,
                until: [want.until, at_once, limit].into_iter().flatten().min(),
                ..Awaited::default()
            };
            if let Err(error) = wait(&awaited) {
                return Err(self.broken(&error));
            }
        }
        Ok(())
    }

    /// Sends what was left when the last byte went, and looks whether something has come.
    pub(crate) fn look(&mut self) -> anyhow::Result<bool> {
        self.push()?;
        self.has_come()
    }

    /// When to look again, though nothing has come.
    pub(crate) fn looks_again(&self) -> Option<Instant> {
        let now = Instant::now();
        let unsent = if self.outgoing.is_over() { None } else { now.checked_add(BETWEEN_TRIES) };
        [unsent, self.limits.until(now)].into_iter().flatten().min()
    }

    /// Lets the last byte go.
    pub(crate) fn send_last(&mut self) -> anyhow::Result<()> {
        self.outgoing.release();
        self.push().map(|_| ())
    }

    /// Whether something has come, an end among it. Reads what is there, and does not wait.
    fn has_come(&mut self) -> anyhow::Result<bool> {
        if self.has_leftover() || self.ended.is_some() {
            return Ok(true);
        }
        self.check_limits()?;
        Ok(self.read(usize::MAX)?.is_some())
    }

    /// What something comes from.
    pub(crate) fn ends(&self) -> Option<Ends<'_>> {
        self.stream.ends()
    }
}
