//! Words as a shell reads them.

use super::escape::is_harmful;

/// `bytes` as one word: as it is, in single quotes, or by `$'…'` where a byte could do harm to a terminal.
/// A NUL, which no argument holds, ends the word there.
pub(crate) fn quote(bytes: &[u8]) -> Vec<u8> {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_@%+:,./-".contains(byte);
    if !bytes.is_empty() && bytes.iter().all(is_plain) {
        return bytes.to_vec();
    }
    if str::from_utf8(bytes).is_ok_and(|text| text.chars().all(|c| !is_harmful(c) && !c.is_control())) {
        let inside = bytes.iter().flat_map(|byte| match byte {
            b'\'' => b"'\\''".as_slice(),
            byte => std::slice::from_ref(byte),
        });
        return [b"'", &inside.copied().collect::<Vec<_>>()[..], b"'"].concat();
    }
    [b"$'", &escaped(bytes, b'\'', b"\\'")[..], b"'"].concat()
}

/// A command whose output `bytes` are, NULs among them.
pub(crate) fn printf(bytes: &[u8]) -> Vec<u8> {
    let format = escaped(bytes, b'%', b"%%");
    let format = format.iter().flat_map(|byte| match byte {
        b'\'' => b"\\047".as_slice(),
        byte => std::slice::from_ref(byte),
    });
    [b"printf -- '", &format.copied().collect::<Vec<_>>()[..], b"'"].concat()
}

/// `bytes` in escapes of C, and `special` as `instead`.
fn escaped(bytes: &[u8], special: u8, instead: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            b'\\' => text.extend_from_slice(b"\\\\"),
            b'\n' => text.extend_from_slice(b"\\n"),
            b'\r' => text.extend_from_slice(b"\\r"),
            b'\t' => text.extend_from_slice(b"\\t"),
            byte if byte == special => text.extend_from_slice(instead),
            b' '..=b'~' => text.push(byte),
            // Three octal digits always: a digit may follow.
            byte => text.extend_from_slice(format!("\\{byte:03o}").as_bytes()),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_as_little_as_they_need() {
        for (word, quoted) in [
            (&b"http://h:80/a-b_c.d"[..], &b"http://h:80/a-b_c.d"[..]),
            (b"", b"''"),
            (b"a b", b"'a b'"),
            (b"~", b"'~'"),
            (b"it's", b"'it'\\''s'"),
            (b"$HOME `x` \"y\" \\ !", b"'$HOME `x` \"y\" \\ !'"),
            ("é".as_bytes(), "'é'".as_bytes()),
            (b"a\nb\r\tc", b"$'a\\nb\\r\\tc'"),
            (b"\x011'\\", b"$'\\0011\\'\\\\'"),
            (b"\xff%", b"$'\\377%'"),
            ("\u{202e}".as_bytes(), b"$'\\342\\200\\256'"),
        ] {
            assert_eq!(String::from_utf8_lossy(&quote(word)), String::from_utf8_lossy(quoted));
        }
    }

    #[test]
    fn printf_is_given_what_it_prints() {
        assert_eq!(printf(b"-a\x001%\\'\n\xff"), b"printf -- '-a\\0001%%\\\\\\047\\n\\377'");
    }
}
