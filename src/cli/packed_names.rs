//! The spelling of many options in few bytes: a table of [`Name`] has three pointers an option, and the loader adjusts
//! each of them at every start.

use super::name::{Name, Reading};

/// The spelling of a group's options, one behind the other: lengths of id, name and other name, letter, flags, then the
/// three texts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names(pub(super) &'static [u8]);

const HEAD: usize = 5;
const TAKES_VALUE: u8 = 1;
const HAS_FORM: u8 = 2;
const IS_PLAIN: u8 = 4;
const IS_ALONE: u8 = 8;

/// Of [`packed`], in bytes.
pub(super) const fn packed_length(names: &[Name]) -> usize {
    let (mut length, mut at) = (0, 0);
    while at < names.len() {
        let Name { id, long, alias, .. } = names[at];
        length += HEAD + id.len() + long.len() + alias.len();
        at += 1;
    }
    length
}

/// The bytes of [`Names`].
pub(super) const fn packed<const LENGTH: usize>(names: &[Name]) -> [u8; LENGTH] {
    let mut packed = [0; LENGTH];
    let (mut end, mut at) = (0, 0);
    while at < names.len() {
        let Name { id, long, alias, short, takes_value, has_form, reading } = names[at];
        let flags = if takes_value { TAKES_VALUE } else { 0 } | if has_form { HAS_FORM } else { 0 };
        let flags = flags
            | match reading {
                Reading::Plain => IS_PLAIN,
                Reading::Alone => IS_ALONE,
                Reading::Clap => 0,
            };
        let head = [length(id.as_bytes()), length(long), length(alias), short, flags];
        let parts = [&head, id.as_bytes(), long, alias];
        let (mut texts, mut text) = (parts.as_slice(), 0);
        while let [first, rest @ ..] = texts {
            if text < first.len() {
                packed[end] = first[text];
                (end, text) = (end + 1, text + 1);
            } else {
                (texts, text) = (rest, 0);
            }
        }
        at += 1;
    }
    packed
}

const fn length(text: &[u8]) -> u8 {
    assert!(text.len() <= u8::MAX as usize, "a name is short");
    text.len() as u8
}

/// One option of [`Names`].
#[derive(Clone, Copy)]
pub(crate) struct PackedName {
    head: [u8; HEAD],
    texts: &'static [u8],
}

impl Iterator for Names {
    type Item = PackedName;

    fn next(&mut self) -> Option<PackedName> {
        let (&head, rest) = self.0.split_first_chunk::<HEAD>()?;
        let [id, long, alias, ..] = head;
        let (texts, rest) =
            rest.split_at_checked(usize::from(id) + usize::from(long) + usize::from(alias))?;
        self.0 = rest;
        Some(PackedName { head, texts })
    }
}

impl PackedName {
    pub(super) fn unpacked(self) -> Name {
        let [id, long, _, short, flags] = self.head;
        let (id, rest) = self.texts.split_at(id.into());
        let (long, alias) = rest.split_at(long.into());
        let id = str::from_utf8(id).unwrap_or_default();
        Name {
            id,
            long,
            alias,
            short,
            takes_value: flags & TAKES_VALUE != 0,
            has_form: flags & HAS_FORM != 0,
            reading: match (flags & IS_PLAIN, flags & IS_ALONE) {
                (0, 0) => Reading::Clap,
                (0, _) => Reading::Alone,
                _ => Reading::Plain,
            },
        }
    }

    pub(super) fn is_short(self, letter: u8) -> bool {
        self.head[3] == letter
    }

    pub(super) fn is_long(self, name: &[u8]) -> bool {
        let [_, long, alias, ..] = self.head;
        [long, alias].iter().any(|&length| usize::from(length) == name.len()) && self.unpacked().is_long(name)
    }
}

impl Names {
    /// The option that clap knows by `id`.
    pub(super) fn with_id(mut self, id: &str) -> Option<Name> {
        self.find(|name| name.texts.starts_with(id.as_bytes()) && usize::from(name.head[0]) == id.len())
            .map(PackedName::unpacked)
    }
}
