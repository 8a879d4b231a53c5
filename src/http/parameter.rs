//! Parameters and directives: `name [ "=" value ]`, between semicolons or commas
//! (RFC 9110 §5.6.6), and extended values (RFC 8187).
//!
//! Every piece is taken; what deviates is told by [`Parameter`], and the field's
//! own reader decides what it lets pass.

use super::syntax::{
    find_unquoted, is_token, quoted_string_len, split_unquoted, token_len, trim_ows_end, trim_ows_start,
    unquote,
};
use super::uri::percent_decode;

/// One piece, as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter<'a> {
    /// What stands before `=`, or all of it.
    pub name: &'a [u8],
    /// What stands behind `=`, quotes included.
    pub value: Option<&'a [u8]>,
    /// There is whitespace around `=`, which senders may not write (BWS, RFC 9110 §5.6.3).
    pub is_spaced: bool,
}

impl<'a> Parameter<'a> {
    /// Takes one piece apart, whitespace at its ends removed.
    pub fn of(piece: &'a [u8]) -> Self {
        let Some(equals) = piece.iter().position(|&byte| byte == b'=') else {
            return Self { name: piece, value: None, is_spaced: false };
        };
        let (before, after) = (&piece[..equals], &piece[equals + 1..]);
        let (name, value) = (trim_ows_end(before), trim_ows_start(after));
        let is_spaced = name.len() < before.len() || value.len() < after.len();
        Self { name, value: Some(value), is_spaced }
    }

    /// Whether it has this name, in any case.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    /// Whether it matches `token [ BWS "=" BWS ( token / quoted-string ) ]`.
    pub fn is_valid(&self) -> bool {
        is_token(self.name) && self.value.is_none_or(is_token_or_quoted)
    }

    /// Whether its value is one quoted string.
    pub fn is_quoted(&self) -> bool {
        self.value.is_some_and(|value| quoted_string_len(value) == Some(value.len()))
    }

    /// The value without quotes and escapes; empty where there is none.
    pub fn text(&self) -> Vec<u8> {
        self.value.map(unquote).unwrap_or_default()
    }

    /// Whether the name ends in `*`: its value has the extended form.
    pub fn is_extended(&self) -> bool {
        self.name.ends_with(b"*")
    }
}

/// The parameters in `text`, which begins where the value they belong to ends;
/// empty pieces are left out.
pub fn parameters(text: &[u8]) -> impl Iterator<Item = Parameter<'_>> {
    split_unquoted(text, b';').filter(|piece| !piece.is_empty()).map(Parameter::of)
}

/// Whether `value` is a token or one quoted string.
fn is_token_or_quoted(value: &[u8]) -> bool {
    let length = quoted_string_len(value).unwrap_or_else(|| token_len(value));
    length == value.len() && length > 0
}

/// An extended value, `charset'[language]'*( pct-encoded / attr-char )` (RFC 8187 §3.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtendedValue {
    /// The text, where the charset is UTF-8 or ISO-8859-1 and the bytes are in it.
    pub text: Option<String>,
    /// Whether a producer may write it: in UTF-8, well formed, with a language tag or none.
    pub is_valid: bool,
}

impl ExtendedValue {
    /// Reads `value`; `None` where its three parts are not there.
    pub fn parse(value: &[u8]) -> Option<Self> {
        let mut parts = value.splitn(3, |&byte| byte == b'\'');
        let (charset, language, coded) = (parts.next()?, parts.next()?, parts.next()?);
        let bytes = percent_decode(coded);
        let is_utf8 = charset.eq_ignore_ascii_case(b"utf-8");
        let text = if is_utf8 {
            String::from_utf8(bytes).ok()
        } else if charset.eq_ignore_ascii_case(b"iso-8859-1") {
            Some(bytes.iter().map(|&byte| char::from(byte)).collect())
        } else {
            None
        };
        let is_language = language.is_empty() || super::language::is_tag(language);
        let is_valid = is_utf8 && text.is_some() && is_language && is_coded(coded);
        Some(Self { text, is_valid })
    }
}

/// Whether `text` is `*( pct-encoded / attr-char )`.
fn is_coded(mut text: &[u8]) -> bool {
    loop {
        text = match text {
            [] => return true,
            [b'%', a, b, rest @ ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => rest,
            [byte, rest @ ..] if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(byte) => rest,
            _ => return false,
        };
    }
}

/// The value of the parameter `name` in `value`, which is `something *( ";" parameter )`,
/// quotes removed (RFC 9110 §5.6.6). The first of that name counts.
pub fn parameter(value: &[u8], name: &str) -> Option<Vec<u8>> {
    let first = find_unquoted(value, b';')? + 1;
    let mut pieces = split_unquoted(&value[first..], b';').map(Parameter::of);
    pieces.find(|piece| piece.value.is_some() && piece.is(name)).map(|piece| piece.text())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_taken_apart_and_judged() {
        let shown = |text: &str| {
            let pieces = parameters(text.as_bytes());
            let show = |piece: Parameter<'_>| {
                (String::from_utf8_lossy(&piece.text()).into_owned(), piece.is_spaced, piece.is_valid())
            };
            pieces.map(show).collect::<Vec<_>>()
        };
        let said = |text: &str, is_spaced, is_valid| (text.to_owned(), is_spaced, is_valid);
        assert_eq!(shown("; a=b;; c = \"d;\\\"e\""), [said("b", false, true), said("d;\"e", true, true)]);
        assert_eq!(shown("a"), [said("", false, true)]);
        for bad in ["a=", "=b", "a b", "a=b c", "a=\"b\"c", "a=\"b", "a:b"] {
            assert!(!Parameter::of(bad.as_bytes()).is_valid(), "{bad}");
        }
    }

    #[test]
    fn extended_values_are_decoded_and_judged() {
        let parsed = |value: &str| ExtendedValue::parse(value.as_bytes());
        let valid = |text: &str| Some(ExtendedValue { text: Some(text.to_owned()), is_valid: true });
        assert_eq!(parsed("UTF-8'en'%e2%82%ac%20x"), valid("\u{20ac} x"));
        assert_eq!(parsed("utf-8''a"), valid("a"));
        for odd in ["iso-8859-1''%E4", "utf-8''%ff", "utf-8''a b", "utf-8''%4", "utf-8'e_n'a", "koi8-r''x"] {
            assert!(parsed(odd).is_some_and(|value| !value.is_valid), "{odd}");
        }
        assert_eq!((parsed("Editor"), parsed("utf-8'x")), (None, None));
    }

    #[test]
    fn parameters_are_found_by_name_whatever_their_case() {
        assert_eq!(parameter(b"text/html; Charset=\"GBK\"", "charset").as_deref(), Some(&b"GBK"[..]));
        assert_eq!(parameter(b"text/html;a=b ; charset = utf-8", "charset").as_deref(), Some(&b"utf-8"[..]));
        assert_eq!(parameter(b"charset=utf-8", "charset"), None);
    }
}
