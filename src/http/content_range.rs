//! Content-Range: which part of a representation a response brings (RFC 9110 §14.4).

/// What the field says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentRange {
    /// The bytes from `first` to `last`, of `total` ones where that is known.
    Part {
        /// The first byte's position.
        first: u64,
        /// The last byte's position.
        last: u64,
        /// How many bytes the whole has.
        total: Option<u64>,
    },
    /// None of the bytes asked for, since there are only so many.
    Unsatisfied(u64),
}

impl ContentRange {
    /// Reads the field's value; `None` where it is invalid, or of another unit than bytes.
    pub fn parse(value: &[u8]) -> Option<Self> {
        let text = str::from_utf8(value).ok()?;
        let (unit, rest) = text.trim().split_once(' ')?;
        let (range, total) = rest.trim().split_once('/')?;
        if !unit.eq_ignore_ascii_case("bytes") {
            return None;
        }
        if range == "*" {
            return number(total).map(Self::Unsatisfied);
        }
        let (first, last) = range.split_once('-')?;
        let (first, last) = (number(first)?, number(last)?);
        let total = if total == "*" { None } else { Some(number(total)?) };
        let is_valid = first <= last && last < u64::MAX && total.is_none_or(|total| last < total);
        is_valid.then_some(Self::Part { first, last, total })
    }
}

/// 1*DIGIT.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_or_refused() {
        let part = |first, last, total| Some(ContentRange::Part { first, last, total });
        for (value, expected) in [
            ("bytes 40-99/100", part(40, 99, Some(100))),
            ("Bytes 0-0/*", part(0, 0, None)),
            ("bytes */100", Some(ContentRange::Unsatisfied(100))),
            ("bytes 5-3/10", None),
            ("bytes 5-10/10", None),
            ("bytes +5-9/10", None),
            ("bytes 5-99999999999999999999/*", None),
            ("bytes 5-9", None),
            ("items 5-9/10", None),
            ("bytes */*", None),
            ("", None),
        ] {
            assert_eq!(ContentRange::parse(value.as_bytes()), expected, "{value}");
        }
    }
}
