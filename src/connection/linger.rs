//! How long a connection reads on behind the end of a message.

use std::time::{Duration, Instant};

use crate::wait::earlier;

/// How long silence must last before nothing more is expected after an end.
const SILENCE: Duration = Duration::from_millis(250);
/// How long that may be put off by bytes that come one by one.
const MAX_SILENCE: Duration = Duration::from_secs(1);

/// How long to read on after an end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Linger {
    silence: Option<Duration>,
    until: Option<Instant>,
}

impl Linger {
    /// Until the peer closes.
    pub(crate) const FOR_EVER: Self = Self { silence: None, until: None };

    /// Until nothing comes for a quarter of a second, a second at most.
    pub(crate) fn silence() -> Self {
        Self { silence: Some(SILENCE), until: Instant::now().checked_add(MAX_SILENCE) }
    }

    /// For so long.
    pub(crate) fn lasting(time: Duration) -> Self {
        Self { silence: None, until: Instant::now().checked_add(time) }
    }

    /// The same, but no longer than until `until`.
    pub(crate) fn at_latest(&self, until: Option<Instant>) -> Self {
        Self { silence: self.silence, until: earlier(self.until, until) }
    }

    /// When to stop, if nothing comes from now on.
    pub(super) fn until(&self) -> Option<Instant> {
        let silent = self.silence.map(|silence| Instant::now() + silence);
        earlier(silent, self.until)
    }
}
