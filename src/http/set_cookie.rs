//! The value of a Set-Cookie line, taken apart (RFC 6265bis §5.6).
//!
//! Only what stands there: which attributes count, and whether a cookie is
//! kept, is for others to say.

use super::digits::saturating;
use super::syntax::{is_ows, trim_ows};

/// Name and value of a cookie over this many bytes together: it is dropped.
pub const MAX_PAIR: usize = 4096;
/// An attribute value over this many bytes: the attribute is dropped.
pub const MAX_ATTRIBUTE: usize = 1024;

/// A Set-Cookie line's value: `name=value; attribute; attribute=value`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetCookie<'a> {
    /// The name, empty where there is none.
    pub name: &'a [u8],
    /// The value, quotes and all.
    pub value: &'a [u8],
    /// All attributes in their order.
    pub attributes: Vec<CookieAttribute<'a>>,
}

/// An attribute of a cookie (RFC 6265bis §5.6.1 to §5.6.7), known or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CookieAttribute<'a> {
    /// All of it, from semicolon to semicolon, whitespace at its ends removed.
    pub text: &'a [u8],
    /// What stands before the first `=`.
    pub name: &'a [u8],
    /// What stands after it, empty where there is no `=`.
    pub value: &'a [u8],
}

impl CookieAttribute<'_> {
    /// Whether it has this name, in any case.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

impl<'a> SetCookie<'a> {
    /// Takes `value` apart.
    pub fn parse(value: &'a [u8]) -> Self {
        let mut pieces = value.split(|&byte| byte == b';');
        let pair = pieces.next().unwrap_or_default();
        // Without `=` all of it is the value of a cookie that has no name.
        let (name, value) = split_at_equals(pair).unwrap_or((&[], trim_ows(pair)));
        let attribute = |piece: &'a [u8]| {
            let text = trim_ows(piece);
            let (name, value) = split_at_equals(text).unwrap_or((text, &[]));
            CookieAttribute { text, name, value }
        };
        Self { name, value, attributes: pieces.map(attribute).collect() }
    }

    /// The attribute `name` that counts: of several the last, and none whose
    /// value is too long.
    pub fn attribute(&self, name: &str) -> Option<CookieAttribute<'a>> {
        let counts =
            |attribute: &&CookieAttribute<'a>| attribute.is(name) && attribute.value.len() <= MAX_ATTRIBUTE;
        self.attributes.iter().rev().find(counts).copied()
    }

    /// The last attribute `name` that `read` accepts, as read; others are ignored (§5.6).
    pub fn last<T>(&self, name: &str, read: fn(&[u8]) -> Option<T>) -> Option<T> {
        let all = self.attributes.iter().rev();
        let mut all = all.filter(|one| one.is(name) && one.value.len() <= MAX_ATTRIBUTE);
        all.find_map(|attribute| read(attribute.value))
    }

    /// Whether there is an attribute `name`.
    pub fn has(&self, name: &str) -> bool {
        self.attribute(name).is_some()
    }
}

/// The byte that makes the whole line ignored, if there is one: a control other
/// than HTAB (§5.6 step 1).
pub fn control_byte(value: &[u8]) -> Option<usize> {
    value.iter().position(|&byte| byte.is_ascii_control() && !is_ows(byte))
}

fn split_at_equals(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let equals = text.iter().position(|&byte| byte == b'=')?;
    Some((trim_ows(&text[..equals]), trim_ows(&text[equals + 1..])))
}

/// Max-Age in seconds, `"-"? 1*DIGIT` (§5.6.2); what does not fit is the largest there is.
pub fn max_age(value: &[u8]) -> Option<i64> {
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    let number = i64::try_from(saturating(digits)?).unwrap_or(i64::MAX);
    Some(if digits.len() < value.len() { -number } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_apart_at_semicolons_and_first_equals() {
        let cookie = SetCookie::parse(b" a = b=c ; Path = /x ;Secure;; path=/y");
        assert_eq!((cookie.name, cookie.value), (&b"a"[..], &b"b=c"[..]));
        let names: Vec<_> = cookie.attributes.iter().map(|attribute| attribute.name).collect();
        assert_eq!(names, [&b"Path"[..], b"Secure", b"", b"path"]);
        assert_eq!(cookie.attribute("Path").map(|path| path.value), Some(&b"/y"[..]));
        assert!(cookie.has("secure") && !cookie.has("HttpOnly"));
    }

    #[test]
    fn a_pair_may_lack_its_name() {
        for (line, name, value) in [("v; a=b", "", "v"), ("=v", "", "v"), ("", "", ""), ("n=", "n", "")] {
            let cookie = SetCookie::parse(line.as_bytes());
            assert_eq!((cookie.name, cookie.value), (name.as_bytes(), value.as_bytes()), "{line}");
        }
    }

    #[test]
    fn limits_and_controls() {
        for (length, counts) in [(MAX_ATTRIBUTE, true), (MAX_ATTRIBUTE + 1, false)] {
            let line = format!("a=b; Path=/; Path={}", "/".repeat(length));
            let length = SetCookie::parse(line.as_bytes()).attribute("path").map(|path| path.value.len());
            assert_eq!(length, Some(if counts { MAX_ATTRIBUTE } else { 1 }));
        }
        assert_eq!(control_byte(b"a=b\tc"), None);
        assert_eq!(control_byte(b"a=b\x01c"), Some(3));
        assert_eq!(control_byte(b"a=\x7F"), Some(2));
    }

    #[test]
    fn an_age_is_a_number_that_may_be_negative() {
        for (value, age) in [
            ("0", Some(0)),
            ("60", Some(60)),
            ("-60", Some(-60)),
            ("99999999999999999999", Some(i64::MAX)),
            ("-99999999999999999999", Some(-i64::MAX)),
            ("", None),
            ("-", None),
            ("--1", None),
            ("+1", None),
            ("1s", None),
        ] {
            assert_eq!(max_age(value.as_bytes()), age, "{value}");
        }
    }
}
