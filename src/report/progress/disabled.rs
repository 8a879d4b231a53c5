use super::Drawing;

/// How `--version` lists it.
pub(crate) const NAME: &str = "-progress";

/// A transfer that was drawn: there is none.
pub(super) enum EndedTransfer {}

/// Draws nothing.
#[derive(Clone)]
pub(crate) struct Meter;

impl Meter {
    /// A meter, whatever it is to draw.
    pub(crate) fn new(_drawing: Drawing) -> Self {
        Self
    }

    /// Nothing is ever drawn.
    pub(super) fn draws(&self) -> bool {
        false
    }

    pub(super) fn begin(&self, _name: &str, _there: u64, _to_come: Option<u64>) {}

    pub(super) fn count(&self, _moved: u64) {}

    /// No transfer was drawn.
    pub(super) fn end(&self) -> Option<EndedTransfer> {
        None
    }

    pub(super) fn conclude(&self, ended: &EndedTransfer, _file: Option<&str>) {
        match *ended {}
    }

    /// There is nothing to take away.
    pub(crate) fn hide(&self) {}
}
