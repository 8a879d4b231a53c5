//! Options that contradict each other, or that would have no effect.

use super::racing;
use super::usage_error::usage;
use crate::cli::Cli;
use crate::cli::modes::Mode;

/// Refuses options that have no effect, or that contradict each other.
pub(super) fn refuse(cli: &Cli) -> anyhow::Result<()> {
    for mode in cli.modes() {
        refuse_useless(mode, &cli.given)?;
    }
    if cli.sends_messages && !cli.sending.send.is_empty() && !cli.sending.read.is_empty() {
        return Err(usage("--read", "cannot be used with messages that --send has for a WebSocket"));
    }
    if cli.showing.escape && cli.showing.raw {
        return Err(usage("--escape", "cannot be used with --raw, which prints the bytes unchanged"));
    }
    racing::check(cli)
}

/// A line for each mode in which options that were given have no effect.
pub(super) fn notices(cli: &Cli) -> impl Iterator<Item = String> {
    cli.modes().filter(|_| !cli.showing.silent).filter_map(|mode| mode.notice(&cli.given))
}

/// Refuses what would have no effect in `mode`.
pub(super) fn refuse_useless(mode: Mode, given: &[String]) -> anyhow::Result<()> {
    mode.refusal(given).map_or(Ok(()), |(name, problem)| Err(usage(&name, problem)))
}
