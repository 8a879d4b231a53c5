//! What the reports of a run read of records, so that no more is kept.

/// What a report reads of a record in addition to heads and figures.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wants {
    /// What a look into the content shows, chunk by chunk where it comes so.
    pub(crate) content: bool,
    /// The beginning of the contents.
    pub(crate) kept: bool,
    /// What is found.
    pub(crate) findings: bool,
    /// A proxy's refusal to open a tunnel, as an exchange of its own.
    pub(crate) refusals: bool,
}
