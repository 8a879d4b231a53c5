//! The command with all its options: for the help and the manual, for what is
//! wrong with arguments, and for arguments that are not plain.

use clap::{Arg, ArgAction, Args, Command};

const EXAMPLES: &str = "\
rawget --demo                        a built-in page
rawget baidu.com /                   the head and the body
rawget baidu.com / | grep title      text comes as UTF-8
rawget -v -H 'X-Id: 7' host:8080 /a  the whole exchange
rawget host /a --dry-run             the request, not sent
rawget host --send request.txt       exact bytes from a file
rawget host --explain                what each line decides";

/// Options that cannot be used together, where the two are in different groups;
/// the names are clap's. Within a group the options say so themselves.
const CONFLICTS: &[(&str, &[&str])] = &[("continue_at", &["range"])];

/// Whether an option cannot be used with some of another group: only the whole command knows.
pub(super) fn is_crossing(id: &str) -> bool {
    CONFLICTS.iter().any(|(one, _)| *one == id)
}

/// The program and its targets, without options and texts.
pub(super) fn bare() -> Command {
    let command = Command::new("rawget")
        .version(env!("CARGO_PKG_VERSION"))
        .args_override_self(true)
        .disable_help_flag(true)
        .disable_version_flag(true);
    super::TargetArguments::augment_args(command)
}

/// With everything.
pub(super) fn command() -> Command {
    let command = bare()
        .about("See and control every byte of an HTTP/1.1 exchange")
        .override_usage("rawget [OPTIONS] TARGET [PATH | TARGET]...")
        .before_help(EXAMPLES)
        .max_term_width(100);
    let command = super::GROUPS.iter().fold(command, |command, group| (group.add)(command));
    command.mut_args(|argument| {
        let conflicts = CONFLICTS.iter().find(|(id, _)| argument.get_id() == id);
        match conflicts {
            Some((_, others)) => argument.conflicts_with_all(*others),
            None => argument,
        }
    })
}

/// `command` with a `--no-OPTION` for each option without a value, which undoes
/// it; of an option that is a `--no-OPTION` itself, with the one that undoes that.
pub(super) fn with_negations(command: Command) -> Command {
    let is_switch = |argument: &&Arg| matches!(argument.get_action(), ArgAction::SetTrue);
    let switches: Vec<_> = command
        .get_arguments()
        .filter(is_switch)
        .flat_map(|argument| {
            let names = argument.get_long_and_visible_aliases().unwrap_or_default();
            names.into_iter().map(|long| (argument.get_id().clone(), long.to_owned())).collect::<Vec<_>>()
        })
        .collect();
    let taken: Vec<_> = command.get_arguments().filter_map(Arg::get_long).map(str::to_owned).collect();
    switches.into_iter().fold(command, |command, (id, long)| {
        let opposite = long.strip_prefix("no-").map_or_else(|| format!("no-{long}"), str::to_owned);
        if taken.contains(&opposite) {
            return command;
        }
        // clap keeps names for ever, and so does a process that reads its arguments once.
        let opposite: &'static str = opposite.leak();
        let undoes = Arg::new(opposite).long(opposite).hide(true).action(ArgAction::SetTrue);
        command.arg(undoes.overrides_with(id))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definitions_hold_together() {
        command().debug_assert();
        with_negations(command()).debug_assert();
    }
}
