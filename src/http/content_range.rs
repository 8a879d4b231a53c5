//! Content-Range: which part a response brings (RFC 9110 §14.4).

use super::digits::{exact, saturating};
use super::field::FieldSection;
use super::range::ByteRange;
use super::syntax::token_len;

/// What the field says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentRange {
    /// The bytes from `first` to `last`, of `total` ones where that is known.
    Part {
        /// The first byte's position.
        first: u64,
        /// The last byte's position.
        last: u64,
        /// How many bytes the whole has; `u64::MAX` where there are more.
        total: Option<u64>,
    },
    /// The requested range begins behind the end; the number of bytes that there are.
    Unsatisfied(u64),
    /// A range in another unit.
    OtherUnit,
    /// A malformed or contradictory value.
    Invalid,
}

/// How the part that came compares with the one requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// The part that was requested, to its end or to that of the whole.
    Whole,
    /// A part that begins as requested and ends earlier, which RFC 9110 §15.3.7 allows.
    Shorter,
    /// A part that begins elsewhere or reaches further, or a value that cannot be compared.
    Other,
}

impl ContentRange {
    /// How the part compares with the range that was requested.
    pub fn compare(self, asked: ByteRange) -> Fit {
        let Self::Part { first, last, total } = self else { return Fit::Other };
        let end = total.map(|total| total.saturating_sub(1));
        let (is_other, is_short) = match asked {
            ByteRange::FromTo(from, to) => {
                (first != from || last > to, last < to && end.is_none_or(|end| last < end))
            }
            ByteRange::From(from) => (first != from, end.is_some_and(|end| last < end)),
            ByteRange::Last(count) => match total {
                Some(total) => (first != total.saturating_sub(count), last < total.saturating_sub(1)),
                None => (last - first >= count, false),
            },
        };
        match (is_other, is_short) {
            (true, _) => Fit::Other,
            (false, true) => Fit::Shorter,
            (false, false) => Fit::Whole,
        }
    }

    /// What a response's field says; several lines that differ say nothing that holds.
    pub fn of(fields: &FieldSection) -> Option<Self> {
        let mut lines = fields.all("content-range").map(|line| line.value);
        let first = lines.next()?;
        Some(if lines.all(|line| line == first) { Self::parse(first) } else { Self::Invalid })
    }

    /// Reads the field's value: `unit SP range`.
    pub fn parse(value: &[u8]) -> Self {
        let (unit, rest) = value.split_at(token_len(value));
        match rest.strip_prefix(b" ") {
            Some(range) if unit.eq_ignore_ascii_case(b"bytes") => bytes(range).unwrap_or(Self::Invalid),
            Some(_) if !unit.is_empty() => Self::OtherUnit,
            _ => Self::Invalid,
        }
    }
}

/// `first-last/total`, `first-last/*` with first <= last < total, or `*/total`.
fn bytes(range: &[u8]) -> Option<ContentRange> {
    let slash = range.iter().position(|&byte| byte == b'/')?;
    let (range, total) = (&range[..slash], &range[slash + 1..]);
    if range == b"*" {
        return saturating(total).map(ContentRange::Unsatisfied);
    }
    let dash = range.iter().position(|&byte| byte == b'-')?;
    let (first, last) = (exact(&range[..dash])?, exact(&range[dash + 1..])?);
    let total = if total == b"*" { None } else { Some(saturating(total)?) };
    let holds = first <= last && last < total.unwrap_or(u64::MAX);
    holds.then_some(ContentRange::Part { first, last, total })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_compared_with_what_was_asked_for() {
        use ByteRange::{From, FromTo, Last};
        for (asked, value, expected) in [
            (FromTo(0, 9), "bytes 0-9/100", Fit::Whole),
            (FromTo(0, 9), "bytes 0-9/*", Fit::Whole),
            (FromTo(0, 9), "bytes 0-4/5", Fit::Whole),
            (FromTo(0, 9), "bytes 0-4/100", Fit::Shorter),
            (FromTo(0, 9), "bytes 0-4/*", Fit::Shorter),
            (FromTo(0, 9), "bytes 5-9/100", Fit::Other),
            (FromTo(0, 9), "bytes 0-10/100", Fit::Other),
            (FromTo(0, 9), "bytes */100", Fit::Other),
            (FromTo(0, 9), "items 0-9/100", Fit::Other),
            (From(5), "bytes 5-9/10", Fit::Whole),
            (From(5), "bytes 5-8/10", Fit::Shorter),
            (From(5), "bytes 5-8/*", Fit::Whole),
            (From(5), "bytes 0-9/10", Fit::Other),
            (Last(3), "bytes 7-9/10", Fit::Whole),
            (Last(30), "bytes 0-9/10", Fit::Whole),
            (Last(3), "bytes 7-8/10", Fit::Shorter),
            (Last(3), "bytes 6-9/10", Fit::Other),
            (Last(3), "bytes 7-9/*", Fit::Whole),
            (Last(3), "bytes 7-10/*", Fit::Other),
        ] {
            assert_eq!(ContentRange::parse(value.as_bytes()).compare(asked), expected, "{asked:?} {value}");
        }
    }

    #[test]
    fn values_are_read_or_refused() {
        use ContentRange::{Invalid, OtherUnit, Unsatisfied};
        let part = |first, last, total| ContentRange::Part { first, last, total };
        for (value, expected) in [
            ("bytes 40-99/100", part(40, 99, Some(100))),
            ("Bytes 0-0/*", part(0, 0, None)),
            ("bytes 0-4/99999999999999999999", part(0, 4, Some(u64::MAX))),
            ("bytes */100", Unsatisfied(100)),
            ("items 5-9/10", OtherUnit),
            ("bytes 5-3/10", Invalid),
            ("bytes 5-10/10", Invalid),
            ("bytes +5-9/10", Invalid),
            ("bytes 5-99999999999999999999/*", Invalid),
            ("bytes 5-9", Invalid),
            ("bytes  5-9/10", Invalid),
            ("bytes=5-9/10", Invalid),
            ("bytes */*", Invalid),
            ("5-9/10", Invalid),
            ("", Invalid),
        ] {
            assert_eq!(ContentRange::parse(value.as_bytes()), expected, "{value}");
        }
    }
}
