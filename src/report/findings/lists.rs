//! Fields whose value is a comma-separated list, over all their lines.

use crate::http::field::{FieldLine, FieldSection};
use crate::http::syntax::{list_members, parameter, quoted_string_len, split_unquoted, token_len, trim_ows};

/// The members of the list field `name`, empty ones included, each with its line.
pub(super) fn members<'a>(
    fields: &'a FieldSection,
    name: &'a str,
) -> impl Iterator<Item = (FieldLine<'a>, &'a [u8])> {
    fields.all(name).flat_map(|line| list_members(line.value).map(move |member| (line, member)))
}

/// Whether `bytes` is 1*DIGIT.
pub(super) fn is_digits(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit)
}

/// The number that 1*DIGIT says, `u64::MAX` where it is larger.
pub(super) fn number(bytes: &[u8]) -> Option<u64> {
    let add = |sum: u64, digit: &u8| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
    is_digits(bytes).then(|| bytes.iter().fold(0, add))
}

/// Splits `token [ "=" ( token / quoted-string ) ]`; `None` where `member` is not that.
pub(super) fn directive(member: &[u8]) -> Option<(&[u8], Option<&[u8]>)> {
    let (name, rest) = member.split_at(token_len(member));
    match rest {
        _ if name.is_empty() => None,
        [] => Some((name, None)),
        [b'=', value @ ..] => is_token_or_quoted(value).then_some((name, Some(value))),
        _ => None,
    }
}

/// Whether `value` is a token or one quoted string.
pub(super) fn is_token_or_quoted(value: &[u8]) -> bool {
    let length = quoted_string_len(value).unwrap_or_else(|| token_len(value));
    length == value.len() && length > 0
}

/// Whether `fields` says that the content is multipart/byteranges.
pub(super) fn is_byteranges(fields: &FieldSection) -> bool {
    let value = fields.value("content-type").unwrap_or_default();
    let name = split_unquoted(value, b';').next().unwrap_or_default();
    name.eq_ignore_ascii_case(b"multipart/byteranges")
}

/// Whether the list field `name` of a request takes `wanted`: it is named, in
/// any case, and not with a weight of 0 (RFC 9110 §12.4.2).
pub(super) fn takes(fields: &FieldSection, name: &str, wanted: &[u8]) -> bool {
    fields.members(name).any(|member| {
        let coding = split_unquoted(member, b';').next().unwrap_or_default();
        let weight = parameter(member, "q");
        let is_zero =
            weight.is_some_and(|weight| trim_ows(&weight).iter().all(|byte| matches!(byte, b'0' | b'.')));
        coding.eq_ignore_ascii_case(wanted) && !is_zero
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_are_split() {
        assert_eq!(directive(b"max-age=5"), Some((&b"max-age"[..], Some(&b"5"[..]))));
        assert_eq!(directive(b"private=\"a, b\""), Some((&b"private"[..], Some(&b"\"a, b\""[..]))));
        assert_eq!(directive(b"no-store"), Some((&b"no-store"[..], None)));
        for bad in ["", "=5", "a=", "a b", "a=\"b", "a = 5", "a:5", "a=\"b\"c"] {
            assert_eq!(directive(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn numbers_do_not_overflow() {
        assert_eq!(number(b"0012"), Some(12));
        assert_eq!(number(b"99999999999999999999999"), Some(u64::MAX));
        assert_eq!((number(b""), number(b"+1"), number(b"1 ")), (None, None, None));
    }
}
