use std::fs::File;

/// How `--version` lists it.
pub(crate) const NAME: &str = "-pipe";

/// Leaves the pipe as it is.
pub(crate) fn enlarge(_file: &File) {}
