//! What a JSON string says, whichever way it is spelt (RFC 8259 §7).

use std::borrow::Cow;

/// `string` with escapes decoded; a lone surrogate is encoded like any code point (WTF-8).
pub fn unescaped(string: &[u8]) -> Cow<'_, [u8]> {
    if !string.contains(&b'\\') {
        return string.into();
    }
    let mut meant = Vec::with_capacity(string.len());
    let mut rest = string;
    while let Some(at) = rest.iter().position(|&byte| byte == b'\\') {
        meant.extend_from_slice(&rest[..at]);
        let escape = &rest[at + 1..];
        let length = match escape.first() {
            Some(b'u') => push_unit(escape, &mut meant),
            Some(&byte) => {
                meant.push(simple(byte));
                1
            }
            None => 0,
        };
        rest = &escape[length..];
    }
    meant.extend_from_slice(rest);
    meant.into()
}

fn simple(byte: u8) -> u8 {
    match byte {
        b'b' => 0x08,
        b'f' => 0x0C,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        other => other,
    }
}

/// Puts what `escape`, which begins with `u`, stands for at the end of `out`; gives its length.
fn push_unit(escape: &[u8], out: &mut Vec<u8>) -> usize {
    let Some(unit) = unit(escape) else { return 1 };
    let low = escape.get(5..).and_then(unit_after_backslash).filter(|low| is_low(*low));
    match low.filter(|_| (0xD800..0xDC00).contains(&unit)) {
        Some(low) => {
            push_code_point(0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00), out);
            11
        }
        None => {
            push_code_point(unit, out);
            5
        }
    }
}

fn is_low(unit: u32) -> bool {
    (0xDC00..0xE000).contains(&unit)
}

fn unit_after_backslash(text: &[u8]) -> Option<u32> {
    unit(text.strip_prefix(b"\\")?)
}

/// The number of `uXXXX`.
fn unit(text: &[u8]) -> Option<u32> {
    let digits = text.strip_prefix(b"u")?.get(..4)?;
    digits.iter().try_fold(0, |unit, &digit| Some(unit << 4 | char::from(digit).to_digit(16)?))
}

fn push_code_point(code: u32, out: &mut Vec<u8>) {
    match char::from_u32(code) {
        Some(character) => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        None => {
            out.extend([0xE0 | code >> 12, 0x80 | code >> 6 & 0x3F, 0x80 | code & 0x3F].map(|it| it as u8))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_says_the_same_however_it_is_spelt() {
        for (spelt, meant) in [
            (r#""plain""#, "\"plain\""),
            (r#""\u0041\/\"\\""#, "\"A/\"\\\""),
            (r#""\b\f\n\r\t""#, "\"\u{8}\u{c}\n\r\t\""),
            (r#""\u00E9 \ud83d\ude00""#, "\"é 😀\""),
        ] {
            assert_eq!(unescaped(spelt.as_bytes()), meant.as_bytes());
        }
        assert_eq!(*unescaped(br#""\ud83d""#), *b"\"\xED\xA0\xBD\"");
        assert_eq!(*unescaped(br#""\ud83d\u0041""#), *b"\"\xED\xA0\xBDA\"");
        assert_eq!(*unescaped(br"\"), *b"");
        assert_eq!(*unescaped(br"\u12"), *b"12");
    }
}
