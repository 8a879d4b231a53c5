//! What the user is told while a run goes on.

/// What the user is told during the run.
pub(crate) enum News<'a> {
    /// A request failed.
    Error(&'a anyhow::Error),
    /// A target was refused, and nothing was sent for it.
    Refusal(&'a anyhow::Error),
    /// Something was done that the user must know of.
    Notice(&'a str),
    /// Progress, which --silent hides.
    Progress(&'a str),
}
