//! Which lines differ between two texts. Nothing here knows what they are.

#[cfg(not(feature = "extras"))]
#[path = "disabled.rs"]
mod imp;
#[cfg(feature = "extras")]
#[path = "enabled.rs"]
mod imp;

use std::ops::Range;

pub(crate) use imp::{IS_BUILT, NAME, hunks};

/// Lines of one text in place of lines of another; numbers count from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hunk {
    /// The lines taken away.
    pub(crate) before: Range<usize>,
    /// The lines that stand in their place.
    pub(crate) after: Range<usize>,
}
