//! What one exchange comes to, for the attempt that it is of.

use std::time::Duration;

use crate::policy::Next;

/// How one exchange ended.
pub(super) struct ExchangeEnd {
    /// What follows for the same target.
    pub(super) next: anyhow::Result<Next>,
    /// The status makes the target be retried.
    pub(super) transient: Option<Transient>,
}

/// A status that makes the target be retried.
pub(super) struct Transient {
    pub(super) wait: Duration,
    /// The response that made it so, in words.
    pub(super) response: String,
}

impl From<anyhow::Result<Next>> for ExchangeEnd {
    fn from(next: anyhow::Result<Next>) -> Self {
        Self { next, transient: None }
    }
}
