//! Which groups of options some arguments name, told by their spelling alone: a
//! short run then has clap know these groups and no others.
//!
//! [`options!`] reads the spelling off the definitions while they are compiled.

use std::ffi::{OsStr, OsString};

use clap::Command;

use super::packed_names::{Names, PackedName};

/// A group of options: one struct.
pub(super) struct Group {
    pub(super) names: Names,
    /// Adds the group to a command, under its heading.
    pub(super) add: fn(Command) -> Command,
}

/// How an option is spelt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    /// The field, by which clap knows it.
    pub(crate) id: &'static str,
    /// `--NAME`, where `_` in it stands for `-`; empty without one.
    pub(super) long: &'static [u8],
    /// Another `--NAME` of the same option; empty without one.
    pub(super) alias: &'static [u8],
    /// `-LETTER`; 0 without one.
    pub(super) short: u8,
    /// A value follows it, in an argument of its own or in the same.
    pub(crate) takes_value: bool,
    /// A value may stand in the same argument, behind `=`.
    pub(crate) has_form: bool,
    /// Who can read it.
    pub(super) reading: Reading,
}

/// How an option can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// A switch or a text that says nothing of other options, or is no option.
    Plain,
    /// As [`Self::Plain`], if no other option of its group is given: it would override some.
    Alone,
    /// By clap.
    Clap,
}

/// The types of fields that take a switch, or any text.
const PLAIN: [&str; 5] = ["bool", "Option<OsString>", "Option<String>", "Vec<OsString>", "Vec<String>"];

/// Defines a group of options as clap's derive reads it, and their spelling.
macro_rules! options {
    ($(#[$outer:meta])* $visible:vis struct $name:ident {
        $( $(#[$($attribute:tt)*])* $field_visible:vis $field:ident: $type:ty, )*
    }) => {
        $(#[$outer])*
        #[derive(clap::Args, Clone, Debug, Default)]
        #[group(skip)]
        $visible struct $name {
            $( $(#[$($attribute)*])* $field_visible $field: $type, )*
        }

        pub(super) const NAMES: super::packed_names::Names = {
            const LIST: &[super::names::Name] = &[$(
                super::names::Name::of(stringify!($field), stringify!($type), &[$(stringify!($($attribute)*)),*]),
            )*];
            super::packed_names::Names(&super::packed_names::packed::<{ super::packed_names::packed_length(LIST) }>(LIST))
        };

        impl super::plain::Fields for $name {
            fn field(&mut self, number: usize) -> Option<&mut dyn std::any::Any> {
                let fields = [$(&mut self.$field as &mut dyn std::any::Any),*];
                fields.into_iter().nth(number)
            }
        }
    };
}

impl Name {
    /// The spelling of the option that a field with this name, type and attributes is.
    pub(super) const fn of(field: &'static str, of_type: &str, attributes: &[&'static str]) -> Self {
        let is_switch = is(of_type.as_bytes(), b"bool")
            || is(of_type.as_bytes(), b"u8")
            || is(of_type.as_bytes(), b"Option<bool>");
        let reading = if is_plain(of_type) { Reading::Plain } else { Reading::Clap };
        let takes_value = !is_switch;
        let mut name =
            Self { id: field, long: b"", alias: b"", short: 0, takes_value, has_form: false, reading };
        let mut at = 0;
        while at < attributes.len() {
            if let Some(mut rest) = inside(attributes[at].as_bytes()) {
                while let Some((item, more)) = next_item(rest) {
                    name.note(field, item);
                    rest = more;
                }
            }
            at += 1;
        }
        name
    }

    /// Takes in one item of `arg(…)`.
    const fn note(&mut self, field: &'static str, item: &'static [u8]) {
        let (key, value) = key_and_value(item);
        if is(key, b"overrides_with") || is(key, b"overrides_with_all") {
            if let Reading::Plain = self.reading {
                self.reading = Reading::Alone;
            }
        } else if !is_spelling(key) {
            self.reading = Reading::Clap;
        }
        if is(key, b"long") {
            self.long = if value.is_empty() { field.as_bytes() } else { unquoted(value) };
        } else if is(key, b"visible_alias") {
            self.alias = unquoted(value);
        } else if is(key, b"short") {
            self.short = unquoted(value)[0];
        } else if is(key, b"num_args") && is(value, b"0") {
            self.takes_value = false;
        } else if is(key, b"require_equals") {
            (self.takes_value, self.has_form) = (false, true);
        }
    }

    /// `NAME` of `--NAME`.
    pub(crate) fn long_name(&self) -> Option<String> {
        let text = String::from_utf8_lossy(self.long).replace('_', "-");
        (!text.is_empty()).then_some(text)
    }

    pub(super) fn is_long(&self, name: &[u8]) -> bool {
        let same = |(own, byte): (&u8, &u8)| own == byte || *own == b'_' && *byte == b'-';
        self.long.len() == name.len() && self.long.iter().zip(name).all(same) || self.alias == name
    }
}

const fn is_plain(of_type: &str) -> bool {
    let mut at = 0;
    while at < PLAIN.len() {
        if is(of_type.as_bytes(), PLAIN[at].as_bytes()) {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether an item of `arg(…)` says how an option is spelt or described, and no more.
const fn is_spelling(key: &[u8]) -> bool {
    is(key, b"short")
        || is(key, b"long")
        || is(key, b"visible_alias")
        || is(key, b"value_name")
        || is(key, b"hide")
        || is(key, b"hide_short_help")
}

/// What stands between the parentheses of `arg(…)`; `None` for another attribute.
const fn inside(attribute: &'static [u8]) -> Option<&'static [u8]> {
    let Some((word, rest)) = attribute.split_at_checked(3) else { return None };
    match rest.trim_ascii() {
        [b'(', inner @ .., b')'] if is(word, b"arg") => Some(inner),
        _ => None,
    }
}

/// The text before the first comma that is neither quoted nor in brackets, and the text behind it.
const fn next_item(text: &'static [u8]) -> Option<(&'static [u8], &'static [u8])> {
    if text.trim_ascii().is_empty() {
        return None;
    }
    let (mut at, mut depth, mut is_quoted) = (0, 0, false);
    while at < text.len() {
        match text[at] {
            b'\\' if is_quoted => at += 1,
            b'"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            // A letter between single quotes may be any.
            b'\'' if at + 2 < text.len() && text[at + 2] == b'\'' => at += 2,
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            b',' if depth == 0 => {
                let (item, rest) = text.split_at(at);
                return Some((item.trim_ascii(), rest.split_at(1).1));
            }
            _ => {}
        }
        at += 1;
    }
    Some((text.trim_ascii(), b""))
}

const fn key_and_value(item: &'static [u8]) -> (&'static [u8], &'static [u8]) {
    let mut at = 0;
    while at < item.len() {
        if item[at] == b'=' {
            let (key, value) = item.split_at(at);
            return (key.trim_ascii(), value.split_at(1).1.trim_ascii());
        }
        at += 1;
    }
    (item, b"")
}

const fn unquoted(text: &'static [u8]) -> &'static [u8] {
    match text {
        [b'"' | b'\'', inner @ .., b'"' | b'\''] => inner,
        _ => text,
    }
}

const fn is(text: &[u8], other: &[u8]) -> bool {
    if text.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < text.len() {
        if text[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// For each group, whether it is named.
pub(super) type Present = [bool; super::GROUPS.len()];

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
    super::GROUPS.iter().enumerate().find_map(in_group)
}

/// The option `--NAME`.
pub(crate) fn long(name: &[u8]) -> Option<Name> {
    find_long(name).map(|(_, found)| found)
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
    let mut present = [false; super::GROUPS.len()];
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
    found.filter(|(_, name)| !super::whole::is_crossing(name.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{GROUPS, whole};

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
