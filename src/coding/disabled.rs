//! The table of a build without the feature `decompress`.

use super::Coding;

/// This feature, as `--version` lists it.
pub(crate) const NAME: &str = "-decompress";

/// No coding can be undone.
pub(crate) static CODINGS: &[Coding] = &[];
