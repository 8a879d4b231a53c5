//! Range: which parts of a representation a request asks for (RFC 9110 §14.1, §14.2).

use super::digits::{exact, is_digits};
use super::syntax::{is_token, list_members};

/// The value of a Range field that matches its grammar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Range {
    /// Parts in bytes, in the order requested.
    Bytes(Vec<ByteRange>),
    /// Parts in another unit.
    Other,
}

/// One part; positions above `u64::MAX` are that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteRange {
    /// From the first to the last position.
    FromTo(u64, u64),
    /// From this position to the end.
    From(u64),
    /// The last so many bytes.
    Last(u64),
}

impl Range {
    /// Reads `range-unit "=" range-set`; `None` where `value` is not that, or a
    /// part ends before it begins.
    pub fn parse(value: &[u8]) -> Option<Self> {
        let equals = value.iter().position(|&byte| byte == b'=')?;
        let (unit, set) = (&value[..equals], &value[equals + 1..]);
        if unit.eq_ignore_ascii_case(b"bytes") {
            return list_members(set).map(ByteRange::parse).collect::<Option<_>>().map(Self::Bytes);
        }
        let is_spec = |spec: &[u8]| !spec.is_empty() && spec.iter().all(u8::is_ascii_graphic);
        (is_token(unit) && list_members(set).all(is_spec)).then_some(Self::Other)
    }

    /// The one part in bytes that is requested, if it is one.
    pub fn single(&self) -> Option<ByteRange> {
        match self {
            Self::Bytes(parts) if parts.len() == 1 => Some(parts[0]),
            _ => None,
        }
    }

    /// Whether each part in bytes begins behind the one before it; parts at the end, whose place
    /// nobody knows, are left out.
    pub fn ascends(&self) -> bool {
        let Self::Bytes(parts) = self else { return true };
        let known = parts.iter().filter_map(|part| match *part {
            ByteRange::FromTo(first, last) => Some((first, last)),
            ByteRange::From(first) => Some((first, u64::MAX)),
            ByteRange::Last(_) => None,
        });
        known.is_sorted_by(|(_, last), (first, _)| last < first)
    }
}

impl ByteRange {
    /// Reads `1-2`, `1-` or `-2`.
    fn parse(spec: &[u8]) -> Option<Self> {
        let dash = spec.iter().position(|&byte| byte == b'-')?;
        let (first, last) = (&spec[..dash], &spec[dash + 1..]);
        let number = |digits: &[u8]| is_digits(digits).then(|| exact(digits).unwrap_or(u64::MAX));
        match (first, last) {
            ([], last) => number(last).map(Self::Last),
            (first, []) => number(first).map(Self::From),
            (first, last) => {
                let (first, last) = (number(first)?, number(last)?);
                (first <= last).then_some(Self::FromTo(first, last))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_or_refused() {
        use ByteRange::{From, FromTo, Last};
        let bytes = |parts: &[ByteRange]| Some(Range::Bytes(parts.to_vec()));
        for (value, expected) in [
            ("bytes=0-1", bytes(&[FromTo(0, 1)])),
            ("Bytes=0-, -5 ,10-100", bytes(&[From(0), Last(5), FromTo(10, 100)])),
            ("bytes=000000000000000000000001-2", bytes(&[FromTo(1, 2)])),
            ("bytes=99999999999999999999999999-", bytes(&[From(u64::MAX)])),
            ("items=x", Some(Range::Other)),
            ("bytes 0-1", None),
            ("bytes=2-1", None),
            ("bytes=", None),
            ("bytes=-", None),
            ("bytes=0-1,,3-4", None),
            ("bytes=+1-2", None),
            ("=1-2", None),
            ("items=", None),
            ("items=a b", None),
            ("it ems=a", None),
        ] {
            assert_eq!(Range::parse(value.as_bytes()), expected, "{value}");
        }
        let ascends = |value: &str| Range::parse(value.as_bytes()).map(|range| range.ascends());
        for value in ["bytes=0-0", "bytes=0-1,2-3,9-", "bytes=-5,0-1", "bytes=5-,-1", "items=2,1"] {
            assert_eq!(ascends(value), Some(true), "{value}");
        }
        for value in ["bytes=0-1,1-2", "bytes=5-6,0-1", "bytes=0-,9-9", "bytes=0-1,-1,1-1"] {
            assert_eq!(ascends(value), Some(false), "{value}");
        }
        assert_eq!(Range::parse(b"bytes=0-1,2-3").and_then(|range| range.single()), None);
    }
}
