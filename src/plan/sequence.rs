//! URL sequences in curl's form: `{one,two}`, `[1-100]`, `[001-100:3]`, `[a-z]`.
//! Pure, and lazy: a member is made from its number, so that a sequence costs as
//! much memory as its text.

use std::fmt;
use std::net::Ipv6Addr;

/// Most sets and ranges in one sequence.
const MAX_SETS: usize = 100;

/// A text with sets and ranges in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sequence {
    /// The text, where it has no sets and ranges; `parts` is empty then.
    only: Option<Vec<u8>>,
    parts: Vec<SequencePart>,
    /// How many members it has.
    length: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum SequencePart {
    Text(Vec<u8>),
    Choice { name: Option<Vec<u8>>, values: SequenceValues },
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum SequenceValues {
    Set(Vec<Vec<u8>>),
    Letters { first: u8, step: u8, count: u64 },
    Numbers { first: u64, step: u64, count: u64, width: usize },
}

/// What stands for the n-th set or range in one member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    /// Of `{<NAME>one,two}`.
    pub(super) name: Option<Vec<u8>>,
    pub(super) value: Vec<u8>,
}

/// One text of a sequence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SequenceMember {
    pub(super) text: Vec<u8>,
    pub(super) chosen: Vec<Chosen>,
    /// What stands for the sets and ranges in the name of the file that goes there (`-T`). These
    /// have names alone, no numbers.
    pub(super) of_upload: Vec<Chosen>,
}

impl SequenceMember {
    /// A text that no set or range has made.
    fn of_text(text: Vec<u8>) -> Self {
        Self { text, ..Self::default() }
    }
}

/// Why a text is no sequence, and from which byte on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SequenceProblem {
    pub(super) what: &'static str,
    pub(super) at: usize,
}

impl fmt::Display for SequenceProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}; use --globoff for literal brackets and braces", self.what, self.at)
    }
}

impl SequenceValues {
    fn count(&self) -> u64 {
        match self {
            Self::Set(values) => values.len() as u64,
            Self::Letters { count, .. } | Self::Numbers { count, .. } => *count,
        }
    }

    fn value(&self, index: u64) -> Vec<u8> {
        match self {
            Self::Set(values) => {
                usize::try_from(index).ok().and_then(|index| values.get(index).cloned()).unwrap_or_default()
            }
            Self::Letters { first, step, .. } => {
                vec![first.wrapping_add(step.wrapping_mul(u8::try_from(index).unwrap_or_default()))]
            }
            Self::Numbers { first, step, width, .. } => {
                format!("{:0width$}", first.saturating_add(step.saturating_mul(index))).into_bytes()
            }
        }
    }
}

impl Sequence {
    /// Reads the sets and ranges of `text`. A backslash before `{`, `}`, `[` and
    /// `]` makes them text; an IPv6 address in brackets is text, too, and so is `[]`.
    pub(super) fn parse(text: &[u8]) -> Result<Self, SequenceProblem> {
        let mut parts = Vec::new();
        let mut at = 0;
        while at < text.len() {
            at = match text[at] {
                b'{' => choice(text, at, set, &mut parts)?,
                b'[' if !stands_for_itself(&text[at..]) => choice(text, at, range, &mut parts)?,
                b'}' | b']' => {
                    return Err(SequenceProblem { what: "unmatched closing brace or bracket", at });
                }
                _ => plain(text, at, &mut parts),
            };
        }
        if let [SequencePart::Text(text)] = &mut parts[..] {
            return Ok(Self::of_text(std::mem::take(text)));
        }
        let mut counts = parts.iter().filter_map(|part| match part {
            SequencePart::Text(_) => None,
            SequencePart::Choice { values, .. } => Some(values.count()),
        });
        if counts.clone().count() > MAX_SETS {
            return Err(SequenceProblem { what: "more than 100 sets and ranges", at: text.len() });
        }
        let length = counts.try_fold(1_u64, u64::checked_mul);
        let length = length.ok_or(SequenceProblem { what: "too many URLs to count", at: text.len() })?;
        Ok(Self { only: None, parts, length })
    }

    /// A text that stands for itself alone.
    pub(super) fn of_text(text: Vec<u8>) -> Self {
        Self { only: Some(text), parts: Vec::new(), length: 1 }
    }

    /// The text of one that has no set and no range; it has no member any more then.
    pub(super) fn take_text(&mut self) -> Option<SequenceMember> {
        let text = self.only.take()?;
        self.length = 0;
        Some(SequenceMember::of_text(text))
    }

    /// Whether it has a set or a range.
    pub(super) fn has_choice(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, SequencePart::Choice { .. }))
    }

    /// How many members it has.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// The member with this number, from 0; the last set or range varies first.
    pub(super) fn member(&self, number: u64) -> Option<SequenceMember> {
        if number >= self.length {
            return None;
        }
        if let Some(text) = &self.only {
            return Some(SequenceMember::of_text(text.clone()));
        }
        let mut rest = number;
        let mut member = SequenceMember::default();
        let mut pieces = Vec::with_capacity(self.parts.len());
        for part in self.parts.iter().rev() {
            pieces.push(match part {
                SequencePart::Text(text) => text.clone(),
                SequencePart::Choice { name, values } => {
                    let count = values.count().max(1);
                    let value = values.value(rest % count);
                    rest /= count;
                    member.chosen.push(Chosen { name: name.clone(), value: value.clone() });
                    value
                }
            });
        }
        member.chosen.reverse();
        pieces.iter().rev().for_each(|piece| member.text.extend_from_slice(piece));
        Some(member)
    }
}

impl SequenceMember {
    /// `template`, the name of a file, with `#1` replaced by what stands for the
    /// first set or range and `#<NAME>` by what stands for the one of that name.
    /// An error is a name that there is not.
    pub(super) fn fill(&self, template: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
        let mut filled = Vec::with_capacity(template.len());
        let mut rest = template;
        while let Some(at) = rest.iter().position(|&byte| byte == b'#') {
            let after = &rest[at + 1..];
            let digits = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let named = after.strip_prefix(b"<").and_then(|inner| {
                inner.iter().position(|&byte| byte == b'>').map(|end| (&inner[..end], end + 2))
            });
            let (found, length) = match named {
                Some((name, length)) => {
                    let found = self.all_chosen().find(|chosen| chosen.name.as_deref() == Some(name));
                    (Some(found.ok_or_else(|| name.to_vec())?), length)
                }
                None => (self.numbered(&after[..digits]), digits),
            };
            filled.extend_from_slice(&rest[..at]);
            match found {
                Some(chosen) => filled.extend_from_slice(&chosen.value),
                None => filled.extend_from_slice(&rest[at..at + 1 + length]),
            }
            rest = &after[length..];
        }
        filled.extend_from_slice(rest);
        Ok(filled)
    }

    fn all_chosen(&self) -> impl Iterator<Item = &Chosen> {
        self.chosen.iter().chain(&self.of_upload)
    }

    fn numbered(&self, digits: &[u8]) -> Option<&Chosen> {
        let number: usize = str::from_utf8(digits).ok()?.parse().ok()?;
        self.chosen.get(number.checked_sub(1)?)
    }
}

fn plain(text: &[u8], at: usize, parts: &mut Vec<SequencePart>) -> usize {
    let is_escape = text[at] == b'\\' && text.get(at + 1).is_some_and(|next| b"{}[]".contains(next));
    let end = match text[at] {
        b'[' => text[at..].iter().position(|&byte| byte == b']').map_or(text.len(), |end| at + end + 1),
        _ if is_escape => at + 2,
        _ => at + 1,
    };
    let piece = &text[at + usize::from(is_escape)..end];
    match parts.last_mut() {
        Some(SequencePart::Text(before)) => before.extend_from_slice(piece),
        _ => parts.push(SequencePart::Text(piece.to_vec())),
    }
    end
}

/// Whether an IPv6 address in brackets begins here, or brackets with nothing in
/// them, as in `a[]=1`.
fn stands_for_itself(text: &[u8]) -> bool {
    let inner = text.get(1..).and_then(|rest| rest.split(|&byte| byte == b']').next()).unwrap_or_default();
    if inner.is_empty() {
        return text.starts_with(b"[]");
    }
    let address = inner.split(|&byte| byte == b'%').next().unwrap_or_default();
    str::from_utf8(address).is_ok_and(|address| address.parse::<Ipv6Addr>().is_ok())
}

/// What reads the inside of a set or range, from an offset on: the values, and the offset behind it.
type ReadValues = fn(&[u8], usize) -> Result<(SequenceValues, usize), SequenceProblem>;

fn choice(
    text: &[u8],
    at: usize,
    read: ReadValues,
    parts: &mut Vec<SequencePart>,
) -> Result<usize, SequenceProblem> {
    let inner = &text[at + 1..];
    let name = inner.strip_prefix(b"<").and_then(|rest| {
        rest.iter()
            .position(|&byte| byte == b'>')
            .map(|end| rest[..end].to_vec())
            .filter(|name| !name.is_empty())
    });
    let is_known =
        |part: &SequencePart| matches!(part, SequencePart::Choice { name: own, .. } if *own == name);
    if name.is_some() && parts.iter().any(is_known) {
        return Err(SequenceProblem { what: "a name that an earlier part has", at: at + 1 });
    }
    let start = at + 1 + name.as_ref().map_or(0, |name| name.len() + 2);
    let (values, end) = read(text, start)?;
    parts.push(SequencePart::Choice { name, values });
    Ok(end)
}

/// The inside of `{one,two}`.
fn set(text: &[u8], start: usize) -> Result<(SequenceValues, usize), SequenceProblem> {
    let mut values = vec![Vec::new()];
    let mut at = start;
    while let Some(&byte) = text.get(at) {
        let value = values.last_mut();
        match byte {
            b'}' if at == start => return Err(SequenceProblem { what: "empty braces", at }),
            b'}' => return Ok((SequenceValues::Set(values), at + 1)),
            b'{' | b'[' => return Err(SequenceProblem { what: "nested braces", at }),
            b']' => return Err(SequenceProblem { what: "unmatched closing bracket", at }),
            b',' => values.push(Vec::new()),
            b'\\' if at + 1 < text.len() => {
                at += 1;
                value.into_iter().for_each(|value| value.push(text[at]));
            }
            _ => value.into_iter().for_each(|value| value.push(byte)),
        }
        at += 1;
    }
    Err(SequenceProblem { what: "unclosed brace", at: start - 1 })
}

/// The inside of `[1-9]`, `[a-z]` and `[1-9:2]`.
fn range(text: &[u8], start: usize) -> Result<(SequenceValues, usize), SequenceProblem> {
    let bad = SequenceProblem { what: "invalid range", at: start };
    let end = text[start..].iter().position(|&byte| byte == b']').ok_or(bad)? + start;
    let inner = str::from_utf8(&text[start..end]).map_err(|_| bad)?;
    let (bounds, step) = inner.split_once(':').map_or((inner, None), |(bounds, step)| (bounds, Some(step)));
    let (first, last) = bounds.split_once('-').ok_or(bad)?;
    let last = last.trim_start();
    let number = |digits: &str| {
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { digits.parse::<u64>().ok() } else { None }
    };
    let step = step.map_or(Some(1), number).filter(|&step| step > 0).ok_or(bad)?;
    let values = match (first.as_bytes(), last.as_bytes()) {
        (&[first], &[last]) if first.is_ascii_alphabetic() && last.is_ascii_alphabetic() => {
            let same_case = first.is_ascii_lowercase() == last.is_ascii_lowercase();
            let count = count(first.into(), last.into(), step).filter(|_| same_case).ok_or(bad)?;
            SequenceValues::Letters { first, step: u8::try_from(step).map_err(|_| bad)?, count }
        }
        _ => {
            let width = if first.starts_with('0') { first.len() } else { 0 };
            let (first, last) = (number(first).ok_or(bad)?, number(last).ok_or(bad)?);
            SequenceValues::Numbers { first, step, count: count(first, last, step).ok_or(bad)?, width }
        }
    };
    Ok((values, end + 1))
}

/// How many steps of a range are in it; `None` where it goes down, or its step beyond its end.
fn count(first: u64, last: u64, step: u64) -> Option<u64> {
    let span = last.checked_sub(first)?;
    match span {
        0 => (step == 1).then_some(1),
        _ if step > span => None,
        _ => (span / step).checked_add(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Result<Vec<String>, &'static str> {
        let sequence = Sequence::parse(text.as_bytes()).map_err(|problem| problem.what)?;
        let members = (0..).map_while(|number| sequence.member(number));
        Ok(members.map(|member| String::from_utf8(member.text).expect("text")).collect())
    }

    #[test]
    fn the_last_varies_first() {
        for (text, members) in [
            ("h/", &["h/"][..]),
            ("h/{a,b}{1,2}", &["h/a1", "h/a2", "h/b1", "h/b2"]),
            ("[1-3]", &["1", "2", "3"]),
            ("[08-10]x", &["08x", "09x", "10x"]),
            ("[1-10:4]", &["1", "5", "9"]),
            ("[a-c][b-b:1]", &["ab", "bb", "cb"]),
            ("[A-G:3]", &["A", "D", "G"]),
            ("{a,,b}", &["a", "", "b"]),
            ("{a\\,b,c}", &["a,b", "c"]),
            ("\\[1-2\\]\\{a\\}\\x", &["[1-2]{a}\\x"]),
            ("http://[::1]:80/[1-2]", &["http://[::1]:80/1", "http://[::1]:80/2"]),
            ("http://[fe80::1%25lo]/", &["http://[fe80::1%25lo]/"]),
            ("?a[]=[1-2]&b[]=", &["?a[]=1&b[]=", "?a[]=2&b[]="]),
            ("[<n>7-8]{<m>x}", &["7x", "8x"]),
        ] {
            let members = members.iter().map(|member| (*member).to_owned()).collect();
            assert_eq!(all(text), Ok(members), "{text}");
        }
    }

    #[test]
    fn what_is_no_sequence_is_told() {
        for text in [
            "[name]",
            "a[]]",
            "[0]",
            "[2-1]",
            "[1-2:5]",
            "[1-1:2]",
            "[1-5:0]",
            "[a-Z]",
            "[a-9]",
            "[1-",
            "[z-a]",
            "{}",
            "{a",
            "{a{b}}",
            "{[1-2]}",
            "a}",
            "a]",
            "[-1-2]",
            "[1-99999999999999999999]",
            "[0-18446744073709551615]",
            "[1-9999999999][1-9999999999]",
        ] {
            assert!(Sequence::parse(text.as_bytes()).is_err(), "{text}");
        }
        assert!(Sequence::parse("{a}".repeat(MAX_SETS).as_bytes()).is_ok());
        assert!(Sequence::parse("{a}".repeat(MAX_SETS + 1).as_bytes()).is_err());
    }

    #[test]
    fn a_long_sequence_costs_nothing() {
        let sequence = Sequence::parse(b"[1-100000000][1-100000000]").expect("a sequence");
        assert_eq!(
            sequence.member(9_999_999_999_999_999).map(|member| member.text),
            Some(b"100000000".repeat(2))
        );
        assert_eq!(sequence.member(10_000_000_000_000_000), None);
    }

    #[test]
    fn every_member_is_its_text_with_its_values() {
        let mut seed = 1_u32;
        let mut next = |below: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) % below
        };
        for _ in 0..300 {
            let (mut text, mut lengths) = (String::new(), Vec::new());
            for _ in 0..next(5) {
                let count = 1 + next(4);
                match next(3) {
                    0 => text.push_str(&format!("{{{}}}", vec!["x"; count as usize].join(","))),
                    1 => text.push_str(&format!("[0{}-{}]", 5, 5 + count - 1)),
                    _ => text.push('-'),
                }
                if !text.ends_with('-') {
                    lengths.push(u64::from(count));
                }
            }
            let sequence = Sequence::parse(text.as_bytes()).expect("a sequence");
            let length: u64 = lengths.iter().product();
            assert!(sequence.member(length).is_none(), "{text}");
            let last = sequence.member(length - 1).expect("the last");
            assert_eq!(last.chosen.len(), lengths.len(), "{text}");
        }
    }

    #[test]
    fn files_are_named_by_what_is_chosen() {
        let sequence = Sequence::parse(b"h/{a,b}[<n>7-8]").expect("a sequence");
        let member = sequence.member(3).expect("a member");
        for (template, filled) in
            [("f#1-#2", "fb-8"), ("#<n>.txt", "8.txt"), ("#3#0#", "#3#0#"), ("#11", "#11"), ("", "")]
        {
            assert_eq!(member.fill(template.as_bytes()), Ok(filled.as_bytes().to_vec()), "{template}");
        }
        assert_eq!(member.fill(b"#<m>"), Err(b"m".to_vec()));
    }
}
