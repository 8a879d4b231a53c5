//! Which groups of options some arguments name, told by their spelling alone: a
//! short run then has clap know these groups and no others.

use std::ffi::{OsStr, OsString};

use clap::Command;

/// A group of options: one struct, one heading of the help.
pub(super) struct Group {
    pub(super) names: Names,
    /// Adds the group to a command.
    pub(super) add: fn(Command) -> Command,
}

/// How the options of a group are spelt: those that clap can read without knowing
/// the other groups.
pub(super) struct Names {
    /// `--NAME`.
    pub(super) long: &'static [&'static str],
    /// The letters of those that take no value.
    pub(super) switches: &'static str,
    /// The letters of those that take one.
    pub(super) valued: &'static str,
}

/// For each group, whether it is named.
pub(super) type Present = [bool; super::GROUPS.len()];

/// The groups of all options in `arguments`, or `None` where one is in no group.
///
/// What only looks like an option, a value that begins with a dash, is taken for
/// one: a group too many does no harm.
pub(super) fn present(groups: &[Group], arguments: &[OsString]) -> Option<Present> {
    let mut present = [false; super::GROUPS.len()];
    for argument in arguments {
        note(groups, argument, &mut present)?;
    }
    Some(present)
}

fn note(groups: &[Group], argument: &OsStr, present: &mut Present) -> Option<()> {
    let Some(option) = argument.as_encoded_bytes().strip_prefix(b"-") else { return Some(()) };
    if let Some(long) = option.strip_prefix(b"-") {
        let name = long.split(|&byte| byte == b'=').next().unwrap_or_default();
        if !name.is_empty() {
            let is_named = |group: &Group| group.names.long.iter().any(|long| long.as_bytes() == name);
            present[groups.iter().position(is_named)?] = true;
        }
        return Some(());
    }
    for letter in option {
        let has = |letters: &str| letters.as_bytes().contains(letter);
        if let Some(found) = groups.iter().position(|group| has(group.names.valued)) {
            present[found] = true;
            // What follows is the value.
            break;
        }
        present[groups.iter().position(|group| has(group.names.switches))?] = true;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{GROUPS, whole};

    use clap::Arg;

    /// The names that the definitions give a group.
    fn defined(group: &Group) -> (Vec<String>, String, String) {
        let command = (group.add)(whole::bare());
        let (mut long, mut switches, mut valued) = (Vec::new(), String::new(), String::new());
        let plain = |argument: &&Arg| !whole::tests::is_crossing(argument.get_id().as_str());
        for argument in command.get_arguments().filter(plain) {
            long.extend(argument.get_long_and_visible_aliases().into_iter().flatten().map(str::to_owned));
            let letters = if argument.get_num_args().is_some_and(|count| count.min_values() == 0)
                || !argument.get_action().takes_values()
            {
                &mut switches
            } else {
                &mut valued
            };
            letters.extend(argument.get_short_and_visible_aliases().into_iter().flatten());
        }
        (long, switches, valued)
    }

    #[test]
    fn the_names_are_those_of_the_definitions() {
        let mut wrong = Vec::new();
        for group in GROUPS {
            let (long, switches, valued) = defined(group);
            let Names { long: names, switches: has, valued: takes } = group.names;
            if long != names || switches != has || valued != takes {
                wrong.push(format!(
                    "Names {{ long: &{long:?}, switches: {switches:?}, valued: {valued:?} }};"
                ));
            }
        }
        assert!(wrong.is_empty(), "The definitions ask for\n{}", wrong.join("\n"));
    }

    #[test]
    fn each_group_stands_by_itself() {
        for group in GROUPS {
            (group.add)(whole::bare()).debug_assert();
        }
    }
}
