use super::{Drawing, StandardStream};
use crate::event::Observer;

/// How `--version` lists it.
pub(crate) const NAME: &str = "-progress";

/// The width of the window is unknown.
pub(crate) fn columns(_stream: StandardStream) -> Option<usize> {
    None
}

/// Draws nothing.
#[derive(Clone)]
pub(crate) struct Meter;

impl Meter {
    /// A meter, whatever it is to draw.
    pub(crate) fn new(_drawing: Drawing) -> Self {
        Self
    }

    /// No observer.
    pub(crate) fn observer(&self) -> Option<Box<dyn Observer>> {
        None
    }

    /// There is nothing to take away.
    pub(crate) fn hide(&self) {}
}
