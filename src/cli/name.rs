//! How one option is spelt, read off the attributes of its field while they are compiled.

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
