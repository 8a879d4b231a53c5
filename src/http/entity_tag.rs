//! Entity tags (RFC 9110 §8.8.3), and the lists and conditions made of them (§13.1).

use super::syntax::trim_ows_start;

/// `[ "W/" ] DQUOTE *etagc DQUOTE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntityTag<'a> {
    /// Whether `W/` stands before it.
    pub is_weak: bool,
    /// What stands between the quotes.
    pub opaque: &'a [u8],
}

impl<'a> EntityTag<'a> {
    /// Reads a value that is one entity tag and nothing else.
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        Self::read(value).and_then(|(tag, rest)| rest.is_empty().then_some(tag))
    }

    /// Reads the tag that `bytes` begins with; gives what follows it. No byte of a
    /// tag escapes another.
    fn read(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let unmarked = bytes.strip_prefix(b"W/");
        let inside = unmarked.unwrap_or(bytes).strip_prefix(b"\"")?;
        let end = inside.iter().position(|&byte| !matches!(byte, 0x21 | 0x23..=0x7E | 0x80..))?;
        let (opaque, rest) = inside.split_at(end);
        Some((Self { is_weak: unmarked.is_some(), opaque }, rest.strip_prefix(b"\"")?))
    }

    /// Weak comparison: the same between the quotes (§8.8.3.2).
    fn is_alike(&self, other: &Self) -> bool {
        self.opaque == other.opaque
    }

    /// Strong comparison: the same, and neither is weak (§8.8.3.2).
    pub fn is_same(&self, other: &Self) -> bool {
        !self.is_weak && !other.is_weak && self.is_alike(other)
    }
}

/// The value of If-Match or If-None-Match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntityTags<'a> {
    /// `*`: any representation there is.
    Any,
    /// Representations with these tags.
    List(Vec<EntityTag<'a>>),
}

impl<'a> EntityTags<'a> {
    /// Reads `*` or tags with commas between them, empty members among them skipped (§5.6.1.2);
    /// `None` where `value` is neither.
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        if value == b"*" {
            return Some(Self::Any);
        }
        let (mut tags, mut rest) = (Vec::new(), value);
        loop {
            rest = match trim_ows_start(rest) {
                [] => return (!tags.is_empty()).then_some(Self::List(tags)),
                [b',', tail @ ..] => tail,
                tail => {
                    let (tag, after) = EntityTag::read(tail)?;
                    tags.push(tag);
                    let after = trim_ows_start(after);
                    if !matches!(after, [] | [b',', ..]) {
                        return None;
                    }
                    after
                }
            };
        }
    }

    /// The tags; none for `*`.
    pub fn tags(&self) -> &[EntityTag<'a>] {
        match self {
            Self::Any => &[],
            Self::List(tags) => tags,
        }
    }

    /// Whether a representation with this tag is one of those named, by weak comparison (§13.1.2).
    pub fn matches(&self, tag: &EntityTag<'_>) -> bool {
        *self == Self::Any || self.tags().iter().any(|named| named.is_alike(tag))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_or_refused() {
        let strong = EntityTag { is_weak: false, opaque: b"v1" };
        assert_eq!(EntityTag::parse(b"\"v1\""), Some(strong));
        let weak = EntityTag::parse(b"W/\"v1\"").expect("a tag");
        assert!(weak.is_weak && weak.is_alike(&strong));
        assert_eq!(EntityTag::parse(b"\"a\\\"").map(|tag| tag.opaque), Some(&b"a\\"[..]));
        for bad in ["", "v1", "w/\"v1\"", "\"v1", "v1\"", "\"a b\"", "\"a\"b", "\"a\x7F\"", "W/", "*"] {
            assert_eq!(EntityTag::parse(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn strong_comparison_wants_two_strong_tags_that_are_alike() {
        let tag = |is_weak, opaque| EntityTag { is_weak, opaque };
        let (strong, weak) = (tag(false, &b"v1"[..]), tag(true, &b"v1"[..]));
        assert!(strong.is_same(&strong));
        assert!(!strong.is_same(&weak) && !weak.is_same(&strong) && !weak.is_same(&weak));
        assert!(!strong.is_same(&tag(false, b"v2")));
    }

    #[test]
    fn lists_are_not_lists_of_quoted_strings() {
        let count = |value: &[u8]| EntityTags::parse(value).map(|tags| tags.tags().len());
        assert_eq!(count(b"\"v1\", W/\"a\\\" ,\"\xE9\""), Some(3));
        assert_eq!(count(b",\"a\", ,\"b\","), Some(2));
        assert_eq!((count(b"*"), count(b"\"a,b\"")), (Some(0), Some(1)));
        for bad in ["", ",", "\"a\" \"b\"", "\"a\", *", "v1"] {
            assert_eq!(EntityTags::parse(bad.as_bytes()), None, "{bad}");
        }
    }
}
