//! The moment at which connecting is given up, and which option set it.

use std::fmt;
use std::time::{Duration, Instant};

/// When to give up connecting.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConnectLimit {
    pub(super) at: Instant,
    pub(super) set_by: LimitSource,
}

/// How long a connection may take to be made where `--connect-timeout` does not say: as by curl.
pub(super) const CONNECT_LIMIT: Duration = Duration::from_secs(300);

/// Where the limit comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum LimitSource {
    ConnectTimeout(Duration),
    MaxTime,
    /// [`CONNECT_LIMIT`].
    Default,
}

impl ConnectLimit {
    /// When connecting is given up.
    pub(crate) fn at(&self) -> Instant {
        self.at
    }

    /// How long is left; zero once the time has passed.
    pub(super) fn remaining(&self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }
}

/// The end of the sentence "cannot do this …".
impl fmt::Display for ConnectLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.set_by {
            LimitSource::ConnectTimeout(within) => {
                write!(f, "within {} s (--connect-timeout)", within.as_secs_f64())
            }
            LimitSource::MaxTime => f.write_str("before the time limit (--max-time)"),
            LimitSource::Default => {
                write!(f, "within {} s (--connect-timeout sets the limit)", CONNECT_LIMIT.as_secs())
            }
        }
    }
}
