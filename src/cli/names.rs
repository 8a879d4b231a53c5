//! The option that some letters name, and the groups of options that some arguments name, told by
//! their spelling alone: a short run then has clap know these groups and no others.

use std::ffi::{OsStr, OsString};

use super::group::Group;
use super::name::Name;
use super::packed_names::PackedName;
use super::{GROUPS, whole};

/// For each group, whether it is named.
pub(super) type Present = [bool; GROUPS.len()];

/// Where an option is defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The number of its group.
    pub(super) group: usize,
    /// Its number in the group.
    pub(super) number: usize,
}

fn find(is_it: impl Fn(PackedName) -> bool) -> Option<(Place, Name)> {
    let in_group = |(group, options): (usize, &Group)| {
        let (number, found) = options.names.enumerate().find(|&(_, name)| is_it(name))?;
        Some((Place { group, number }, found.unpacked()))
    };
    GROUPS.iter().enumerate().find_map(in_group)
}

/// The option `--NAME`.
pub(crate) fn long(name: &[u8]) -> Option<Name> {
    find_long(name).map(|(_, found)| found)
}

/// The only option whose long name begins so, with its dashes.
pub(super) fn only_beginning(text: &str) -> Option<String> {
    let all = GROUPS.iter().flat_map(|group| group.names.map(|name| name.unpacked().long_name()));
    let names = all.flatten().map(|name| format!("--{name}"));
    let mut fitting = names.filter(|name| name.starts_with(text));
    fitting.next().filter(|_| fitting.next().is_none())
}

/// The option `-LETTER`.
pub(crate) fn short(letter: u8) -> Option<Name> {
    find_short(letter).map(|(_, found)| found)
}

/// The option in `argument` whose value is the next argument.
pub(crate) fn before_value(argument: &[u8]) -> Option<Name> {
    if let Some(name) = argument.strip_prefix(b"--") {
        return long(name).filter(|name| name.takes_value);
    }
    let valued = |&letter: &u8| short(letter).filter(|name| name.takes_value);
    let letters = argument.strip_prefix(b"-")?;
    let (at, name) = letters.iter().enumerate().find_map(|(at, letter)| Some((at, valued(letter)?)))?;
    (at + 1 == letters.len()).then_some(name)
}

/// The option `--NAME`, and where it is defined.
pub(super) fn find_long(name: &[u8]) -> Option<(Place, Name)> {
    if name.is_empty() { None } else { find(|known| known.is_long(name)) }
}

/// The option `-LETTER`, and where it is defined.
pub(super) fn find_short(letter: u8) -> Option<(Place, Name)> {
    if letter == 0 { None } else { find(|known| known.is_short(letter)) }
}

/// The groups of all options in `arguments`, or `None` where one is in no group, or
/// only the whole command knows what it cannot be used with. A value that begins
/// with a dash stands in the argument of its option.
pub(super) fn present(arguments: &[OsString]) -> Option<Present> {
    let mut present = [false; GROUPS.len()];
    for argument in arguments {
        note(argument, &mut present)?;
    }
    Some(present)
}

fn note(argument: &OsStr, present: &mut Present) -> Option<()> {
    let Some(option) = argument.as_encoded_bytes().strip_prefix(b"-") else { return Some(()) };
    if let Some(long) = option.strip_prefix(b"-") {
        let name = long.split(|&byte| byte == b'=').next().unwrap_or_default();
        if !name.is_empty() {
            present[known_alone(find_long(name))?.0.group] = true;
        }
        return Some(());
    }
    for &letter in option {
        let (place, name) = known_alone(find_short(letter))?;
        present[place.group] = true;
        if name.takes_value {
            break;
        }
    }
    Some(())
}

/// An option that its group alone can read.
fn known_alone(found: Option<(Place, Name)>) -> Option<(Place, Name)> {
    found.filter(|(_, name)| !whole::is_crossing(name.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    use clap::Arg;

    /// What the names of a group say, as the definitions say it.
    type Spelling = (Vec<String>, Option<char>, bool);

    fn spelt(name: &Name) -> Spelling {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace('_', "-");
        let long = [name.long, name.alias].into_iter().filter(|long| !long.is_empty()).map(text).collect();
        (long, (name.short != 0).then(|| name.short.into()), name.takes_value)
    }

    fn defined(argument: &Arg) -> Spelling {
        let long = argument.get_long_and_visible_aliases().unwrap_or_default();
        let takes = argument.get_action().takes_values()
            && !argument.is_require_equals_set()
            && argument.get_num_args().is_none_or(|count| count.max_values() > 0);
        (long.into_iter().map(str::to_owned).collect(), argument.get_short(), takes)
    }

    #[test]
    fn the_names_are_those_of_the_definitions() {
        for group in GROUPS {
            let command = (group.add)(whole::bare());
            let is_option = |argument: &&Arg| !argument.is_positional();
            let defined: Vec<_> = command.get_arguments().filter(is_option).map(defined).collect();
            let spelt: Vec<_> = group
                .names
                .map(PackedName::unpacked)
                .map(|name| spelt(&name))
                .filter(|name| !name.0.is_empty())
                .collect();
            assert_eq!(spelt, defined);
        }
    }

    #[test]
    fn each_group_stands_by_itself() {
        for group in GROUPS {
            (group.add)(whole::bare()).debug_assert();
        }
    }
}
