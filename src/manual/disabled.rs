//! Without the feature `extras`.

use clap::Command;

use crate::cli::help_options::Shell;
use crate::failure::Failure;

/// How `--version` lists it.
pub(crate) const NAME: &str = "-manual";

pub(super) fn page(_: Command) -> anyhow::Result<Vec<u8>> {
    Err(Failure::Usage.error("--man: this build has no manual (feature `extras`); --help covers much of it"))
}

pub(super) fn completions(_: Command, _: Shell) -> anyhow::Result<Vec<u8>> {
    Err(Failure::Usage.error("--completions: this build has no completions (feature `extras`)"))
}
