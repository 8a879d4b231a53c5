//! `-z`: the date that a condition compares with, in the forms that curl reads.

use std::ffi::OsStr;
use std::time::UNIX_EPOCH;

use super::input_file;
use crate::http::date::{self, CivilTime, MONTHS};
use crate::output::escape;

/// What a request is made to depend on (RFC 9110 §13.1.3, §13.1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Condition {
    /// If-Unmodified-Since, and not If-Modified-Since.
    is_unmodified: bool,
    /// Seconds since 1970.
    seconds: i64,
}

impl Condition {
    /// What the option says: a date or the name of a file whose date counts,
    /// `-` before it for the opposite condition. `None` where it is neither.
    pub(super) fn read(option: &OsStr) -> Option<Self> {
        let bytes = option.as_encoded_bytes();
        let (is_unmodified, value) = match bytes {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            _ => (false, bytes),
        };
        let seconds = moment(value).or_else(|| modified(value))?;
        Some(Self { is_unmodified, seconds })
    }

    /// The field and its value.
    pub(super) fn field(self) -> (&'static str, String) {
        let name = if self.is_unmodified { "If-Unmodified-Since" } else { "If-Modified-Since" };
        (name, date::format(self.seconds))
    }

    /// Whether something last modified then meets it, for servers that do not look.
    pub(super) fn holds(self, last_modified: i64) -> bool {
        if self.is_unmodified { last_modified <= self.seconds } else { last_modified > self.seconds }
    }
}

/// The warning that there is no condition, although the option requests one: a file that does not
/// exist has no date.
pub(super) fn notice(option: &OsStr) -> String {
    let shown = escape::value(option.as_encoded_bytes());
    format!("--time-cond: {shown} is neither a date nor a file; sending the request without a condition")
}

/// When the file at `path` was last changed, in seconds since 1970, negative before.
fn modified(path: &[u8]) -> Option<i64> {
    let time = std::fs::metadata(input_file::path_of(path)).and_then(|metadata| metadata.modified()).ok()?;
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).ok(),
        Err(before) => {
            let before = before.duration();
            let seconds = before.as_secs().checked_add(u64::from(before.subsec_nanos() > 0))?;
            i64::try_from(seconds).ok().map(|seconds| -seconds)
        }
    }
}

/// The parts of a date as far as they are known.
#[derive(Default)]
struct DateParts {
    year: Option<u32>,
    month: Option<u32>,
    day: Option<u32>,
    time: Option<(u32, u32, u32)>,
    /// Seconds east of UTC.
    offset: i64,
}

/// Seconds since 1970 for a date such as `Sun, 06 Nov 1994 08:49:37 GMT`,
/// `06-Nov-94`, `1994 Nov 6`, `19941106 08:49 +0100` or `1994-11-06T08:49:37Z`.
/// A time of day that is left out is midnight, a zone that is left out UTC.
fn moment(text: &[u8]) -> Option<i64> {
    let text = str::from_utf8(text).ok()?;
    let mut parts = DateParts::default();
    let mut rest = text;
    let mut before = None;
    while let Some(first) = rest.chars().next() {
        let same = |c: char| match first {
            _ if first.is_ascii_digit() => c.is_ascii_digit() || c == ':',
            _ => first.is_ascii_alphabetic() && c.is_ascii_alphabetic(),
        };
        let length = rest.find(|c| !same(c)).unwrap_or(rest.len()).max(first.len_utf8());
        let (token, more) = rest.split_at(length);
        match first {
            _ if first.is_ascii_digit() => parts.number(token, before)?,
            _ if first.is_ascii_alphabetic() => parts.word(token)?,
            ' ' | '\t' | ',' | '-' | '+' | '/' | '.' => {}
            _ => return None,
        }
        before = Some(first);
        rest = more;
    }
    let (hour, minute, second) = parts.time.unwrap_or_default();
    let civil = CivilTime { year: parts.year?, month: parts.month?, day: parts.day?, hour, minute, second };
    Some(civil.seconds()? - parts.offset)
}

impl DateParts {
    fn number(&mut self, token: &str, before: Option<char>) -> Option<()> {
        if token.contains(':') {
            let mut numbers = token.split(':').map(|number| number.parse().ok());
            let (hour, minute) = (numbers.next()??, numbers.next()??);
            let second = numbers.next().unwrap_or(Some(0))?;
            // Behind a sign it is a zone's offset with a colon.
            return match (before, numbers.next()) {
                (Some(sign @ ('+' | '-')), None) if self.time.is_some() => {
                    self.zone(sign, hour * 100 + minute)
                }
                (_, None) => fill(&mut self.time, (hour, minute, second)),
                (_, Some(_)) => None,
            };
        }
        let number: u32 = token.parse().ok()?;
        match (token.len(), before) {
            (4, Some(sign @ ('+' | '-')))
                if self.year.is_some() && (self.time.is_some() || self.day.is_some()) =>
            {
                self.zone(sign, number)
            }
            (8, _) if self.year.is_none() => {
                (self.year, self.month) = (Some(number / 10_000), Some(number / 100 % 100));
                fill(&mut self.day, number % 100)
            }
            (3.., _) if self.year.is_none() => fill(&mut self.year, number),
            // A year that comes first: its month may be a number too.
            (_, Some('-')) if self.year.is_some() && self.month.is_none() => fill(&mut self.month, number),
            (_, _) if self.day.is_none() => fill(&mut self.day, number),
            (2, _) => fill(&mut self.year, if number < 70 { 2000 + number } else { 1900 + number }),
            _ => None,
        }
    }

    fn zone(&mut self, sign: char, number: u32) -> Option<()> {
        let seconds = i64::from(number / 100 * 3600 + number % 100 * 60);
        self.offset = if sign == '-' { -seconds } else { seconds };
        (number <= 1400).then_some(())
    }

    /// A month, a day of the week, a zone, or the `T` before a time.
    fn word(&mut self, token: &str) -> Option<()> {
        const DAYS: [&str; 7] =
            ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
        const ZONES: [(&str, i64); 17] = [
            ("gmt", 0),
            ("ut", 0),
            ("utc", 0),
            ("wet", 0),
            ("z", 0),
            ("t", 0),
            ("bst", 1),
            ("cet", 1),
            ("cest", 2),
            ("est", -5),
            ("edt", -4),
            ("cst", -6),
            ("cdt", -5),
            ("mst", -7),
            ("mdt", -6),
            ("pst", -8),
            ("pdt", -7),
        ];
        let token = token.to_ascii_lowercase();
        let is_day = DAYS.iter().any(|day| token == *day || token == day[..3]);
        if is_day {
            return Some(());
        }
        if let Some((_, hours)) = ZONES.iter().find(|(name, _)| token == *name) {
            self.offset = hours * 3600;
            return Some(());
        }
        let named = |month: &str| token.get(..3).is_some_and(|start| start.eq_ignore_ascii_case(month));
        let at = MONTHS.iter().position(|month| named(month))?;
        fill(&mut self.month, u32::try_from(at + 1).ok()?)
    }
}

/// Fills what is empty; a part that comes twice is no date.
fn fill<T>(slot: &mut Option<T>, value: T) -> Option<()> {
    slot.is_none().then(|| *slot = Some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_the_forms_of_curl() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "06 Nov 1994 08:49:37 GMT",
            "08:49:37 06-Nov-94 GMT",
            "1994 Nov 6 08:49:37",
            "94 6 nov 08:49:37",
            "19941106 08:49:37",
            "1994-11-06T08:49:37Z",
            "1994-11-06 08:49:37",
            "Sun, 06 Nov 1994 09:49:37 CET",
            "Sun, 06 Nov 1994 10:49:37 +0200",
            "Sun, 06 Nov 1994 10:49:37+02:00",
            "Sun, 06 Nov 1994 00:49:37 -0800",
            "06 Nov 1994 -0800 00:49:37",
        ] {
            let expected = if text.starts_with("94") { None } else { Some(784_111_777) };
            assert_eq!(moment(text.as_bytes()), expected, "{text}");
        }
        assert_eq!(moment(b"06-Nov-1994"), Some(784_080_000));
        assert_eq!(moment(b"20000613 -0500"), Some(960_872_400));
        assert_eq!(moment(b"20000613 +0000"), Some(960_854_400));
        assert_eq!(moment(b"dec 12 12:00:00 1999 GMT"), Some(945_000_000));
        for text in ["", "yesterday", "Sun", "12:00", "99 Nov 1994", "1:2:3:4 6 Nov 1994", "/tmp/file.txt"] {
            assert_eq!(moment(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_minus_turns_the_condition_round() {
        let read = |text: &str| Condition::read(OsStr::new(text)).map(Condition::field);
        let when = "Sun, 12 Dec 1999 12:00:00 GMT".to_owned();
        assert_eq!(read("dec 12 12:00:00 1999 GMT"), Some(("If-Modified-Since", when.clone())));
        assert_eq!(read("-dec 12 12:00:00 1999 GMT"), Some(("If-Unmodified-Since", when)));
        assert_eq!(read("no such file"), None);
        let before_1970 = "Mon, 07 Nov 1960 08:49:37 GMT";
        assert_eq!(read(before_1970), Some(("If-Modified-Since", before_1970.to_owned())));
    }
}
