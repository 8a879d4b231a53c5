//! Plain arguments, read without clap: targets, switches, and options whose value is any text.
//!
//! To tell clap of a group of options takes longer than all else that a short run does. What is not plain, or is
//! wrong, clap reads.

use std::any::Any;
use std::ffi::{OsStr, OsString};

use super::name::{Name, Reading};
use super::names::{self, Place};
use super::{Cli, GROUPS, TARGETS, needed};

/// An option with its value, that of a switch is empty; or a target.
struct TypedOption {
    /// None of a target.
    option: Option<(Place, Name)>,
    value: OsString,
}

impl TypedOption {
    fn id(&self) -> &'static str {
        self.option.map_or(TARGETS, |(_, name)| name.id)
    }
}

/// Reads `arguments` (without the program's name), where all of them are plain.
pub(super) fn read(arguments: &[OsString]) -> Option<Cli> {
    let typed = split(arguments)?;
    let mut cli = Cli::default();
    let has_several = groups_with_several(&typed);
    for TypedOption { option, value } in &typed {
        let Some((place, name)) = *option else { continue };
        if name.reading == Reading::Alone && has_several[place.group] {
            return None;
        }
        set(cli.field(place)?, value)?;
        if !cli.given.iter().any(|given| given == name.id) {
            cli.given.push(name.id.to_owned());
        }
    }
    needed::verify(&cli.given).ok()?;
    cli.take_ordered(typed.into_iter().map(|typed| (typed.id(), typed.value)).collect());
    Some(cli)
}

/// For each group, whether more than one of its options is given.
fn groups_with_several(typed: &[TypedOption]) -> [bool; GROUPS.len()] {
    let (mut first, mut has_several) = ([None; GROUPS.len()], [false; GROUPS.len()]);
    for (place, _) in typed.iter().filter_map(|typed| typed.option) {
        has_several[place.group] |= *first[place.group].get_or_insert(place) != place;
    }
    has_several
}

/// Tells options from targets.
fn split(arguments: &[OsString]) -> Option<Vec<TypedOption>> {
    let target = |argument: &OsString| TypedOption { option: None, value: argument.clone() };
    let mut typed = Vec::with_capacity(arguments.len());
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.as_encoded_bytes() {
            b"--" => typed.extend(arguments.by_ref().map(target)),
            [b'-', b'-', long @ ..] => typed.push(self::long(long, &mut arguments)?),
            [b'-', cluster @ ..] if !cluster.is_empty() => short(cluster, &mut arguments, &mut typed)?,
            _ => typed.push(target(argument)),
        }
    }
    Some(typed)
}

/// `--NAME`, `--NAME=VALUE`, or `--NAME` and a value.
fn long<'a>(option: &[u8], more: &mut impl Iterator<Item = &'a OsString>) -> Option<TypedOption> {
    let mut parts = option.splitn(2, |&byte| byte == b'=');
    let (place, name) = plain(names::find_long(parts.next()?))?;
    let value = match parts.next() {
        Some(value) if name.takes_value && !value.is_empty() => text(value)?,
        Some(_) => return None,
        None if name.takes_value => separate(more)?,
        None => OsString::new(),
    };
    Some(TypedOption { option: Some((place, name)), value })
}

/// Letters without a value, the last one perhaps with one.
fn short<'a>(
    mut cluster: &[u8],
    more: &mut impl Iterator<Item = &'a OsString>,
    typed: &mut Vec<TypedOption>,
) -> Option<()> {
    while let [letter, rest @ ..] = cluster {
        let (place, name) = plain(names::find_short(*letter))?;
        let mut value = OsString::new();
        cluster = rest;
        if name.takes_value {
            value = match rest {
                [] => separate(more)?,
                [b'='] => return None,
                [b'=', value @ ..] | value => text(value)?,
            };
            cluster = &[];
        }
        typed.push(TypedOption { option: Some((place, name)), value });
    }
    Some(())
}

/// An option that can be read without clap.
fn plain(found: Option<(Place, Name)>) -> Option<(Place, Name)> {
    found.filter(|(_, name)| name.reading != Reading::Clap)
}

/// A value in an argument of its own.
fn separate<'a>(more: &mut impl Iterator<Item = &'a OsString>) -> Option<OsString> {
    let value = more.next()?;
    let bytes = value.as_encoded_bytes();
    (bytes == b"-" || !bytes.starts_with(b"-")).then(|| value.clone())
}

/// A value that is part of an argument.
fn text(value: &[u8]) -> Option<OsString> {
    str::from_utf8(value).ok().map(OsString::from)
}

/// Puts `value` into an option's field, if it is one for switches or texts.
fn set(field: &mut dyn Any, value: &OsStr) -> Option<()> {
    if let Some(is_on) = field.downcast_mut::<bool>() {
        *is_on = true;
    } else if let Some(last) = field.downcast_mut::<Option<OsString>>() {
        *last = Some(value.to_owned());
    } else if let Some(last) = field.downcast_mut::<Option<String>>() {
        *last = Some(value.to_str()?.to_owned());
    } else if let Some(all) = field.downcast_mut::<Vec<OsString>>() {
        all.push(value.to_owned());
    } else if let Some(all) = field.downcast_mut::<Vec<String>>() {
        all.push(value.to_str()?.to_owned());
    } else {
        return None;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::repeatable::Chance;
    use crate::cli::packed_names::PackedName;
    use crate::cli::{parse_by, whole};

    fn own(arguments: &[&str]) -> Vec<OsString> {
        arguments.iter().map(OsString::from).collect()
    }

    fn assert_same(arguments: &[&str]) {
        let plain = read(&own(arguments)).unwrap_or_else(|| panic!("{arguments:?} are plain"));
        assert_read_by_clap(plain, arguments);
    }

    /// What is read plainly is what clap reads. The order of [`Cli::given`] may differ where an option
    /// is repeated: it only decides which of several options without effect an error names.
    fn assert_read_by_clap(mut plain: Cli, arguments: &[&str]) {
        let present = names::present(&own(arguments)).expect("known options");
        let groups = GROUPS.iter().zip(&present).filter(|(_, present)| **present);
        let command = groups.fold(whole::bare(), |command, (group, _)| (group.add)(command));
        let by_clap = parse_by(command, &"rawget".into(), &own(arguments), &present);
        let mut by_clap = by_clap.unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
        [&mut plain, &mut by_clap].into_iter().for_each(|cli| cli.given.sort());
        assert!(format!("{plain:?}") == format!("{by_clap:?}"), "{arguments:?}");
    }

    #[test]
    fn each_plain_option_is_read_as_by_clap() {
        let names = GROUPS.iter().flat_map(|group| group.names).map(PackedName::unpacked);
        let stands = |name: &Name| needed::verify(&[name.id.to_owned()]).is_ok();
        let plain: Vec<_> = names.filter(|name| name.reading != Reading::Clap && stands(name)).collect();
        assert!(plain.len() > 100);
        for long in plain.iter().filter_map(|name| name.long_name()) {
            let option = format!("--{long}");
            let takes_value = names::long(long.as_bytes()).is_some_and(|name| name.takes_value);
            match takes_value {
                true => assert_same(&[&option, "one", "h", &format!("{option}=two"), "/a"]),
                false => assert_same(&["h", &option, "/a"]),
            }
        }
    }

    #[test]
    fn an_option_that_overrides_its_group_leaves_other_groups_alone() {
        let group = |index: usize| GROUPS[index].names.map(PackedName::unpacked);
        let alone = |name: &Name| name.reading == Reading::Alone && name.long_name().is_some();
        let switch = |name: &Name| name.reading == Reading::Plain && !name.takes_value;
        for index in 0..GROUPS.len() {
            for own in group(index).filter(alone) {
                let others = (0..GROUPS.len())
                    .filter(|other| *other != index)
                    .filter_map(|other| group(other).find(switch));
                let others: Vec<_> =
                    others.filter_map(|other| Some(format!("--{}", other.long_name()?))).collect();
                let own = format!("--{}", own.long_name().unwrap_or_default());
                let takes_value = names::long(&own.as_bytes()[2..]).is_some_and(|name| name.takes_value);
                let mut arguments: Vec<&str> = others.iter().map(String::as_str).collect();
                arguments.push(&own);
                arguments.extend(takes_value.then_some("one"));
                assert_same(&arguments);
            }
        }
    }

    #[test]
    fn clusters_values_and_targets_are_read_as_by_clap() {
        for arguments in [
            &[][..],
            &["h", "/a", "-", "", "--", "-v", "--", "--body"],
            &["-svS", "-Hab", "-H=b", "-H", "", "-H", "-", "h"],
            &["-vHc", "-XPUT", "-X", "GET", "h", "-o", "x", "-of"],
            &["-d", "a", "--json=b", "-d", "c", "-Fa=b", "--form-string", "d=e", "-F", "f=g", "h"],
            &["--body", "--body", "h"],
            &["--include"],
            &["--url", "a", "b", "--url=c", "/d"],
        ] {
            assert_same(arguments);
        }
    }

    #[test]
    fn any_arguments_are_read_as_by_clap_or_left_to_it() {
        let names = GROUPS.iter().flat_map(|group| group.names).map(PackedName::unpacked);
        let mut words: Vec<String> = Vec::new();
        for name in names.filter(|name| name.reading != Reading::Clap) {
            let Some(long) = name.long_name() else { continue };
            words.push(format!("--{long}"));
            words.push(format!("--{long}=one"));
        }
        let others = [
            "h", "/a", "-", "--", "", "=", "-v", "-sS", "-X", "-Xone", "-svHone", "-sX", "-d", "@f", "-O",
            "-o",
        ];
        let mut chance = Chance(1);
        let mut count = 0;
        for _ in 0..4_000 {
            let arguments: Vec<&str> = (0..1 + chance.below(5))
                .map(|_| {
                    if chance.below(2) == 0 {
                        chance.one_of(&words).as_str()
                    } else {
                        *chance.one_of(&others)
                    }
                })
                .collect();
            if let Some(plain) = read(&own(&arguments)) {
                assert_read_by_clap(plain, &arguments);
                count += 1;
            }
        }
        assert!(count > 400, "{count}");
    }

    #[test]
    fn clap_reads_what_is_not_plain() {
        for arguments in [
            &["--body", "-v"][..],
            &["-v", "--body"],
            &["-i", "--body"],
            &["--unknown"],
            &["--body=x"],
            &["--no-verbose"],
            &["-H"],
            &["-H", "-v"],
            &["--header="],
            &["-H="],
            &["-m", "1"],
            &["--explain"],
            &["--pretty"],
            &["--fix-length"],
            &["-O"],
            &["-h"],
            &["-vV"],
        ] {
            assert!(read(&own(arguments)).is_none(), "{arguments:?}");
        }
    }
}
