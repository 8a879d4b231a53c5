//! The table of a build without the feature `decompress`.

use super::Coding;

/// No coding can be undone.
pub(crate) static CODINGS: &[Coding] = &[];
