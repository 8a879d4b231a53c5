//! Bytes of a peer, as messages quote them.

/// Most bytes of a name or value that a message quotes: a peer may send 100 KiB of it.
const LONGEST: usize = 60;

/// `bytes` for a message, without quotes: printable ASCII as it is, and other printable characters if
/// all of it is UTF-8; the rest escaped, and `...` in place of what follows the first 60 bytes.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    let shown = &bytes[..bytes.len().min(LONGEST)];
    let more = if shown.len() < bytes.len() { "..." } else { "" };
    let text = match str::from_utf8(shown) {
        Ok(text) => text,
        // Cut within a character.
        Err(error) if !more.is_empty() && error.error_len().is_none() => {
            str::from_utf8(&shown[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return format!("{}{more}", shown.escape_ascii()),
    };
    let mut out = String::with_capacity(text.len() + more.len());
    for c in text.chars() {
        match u8::try_from(c).ok().filter(u8::is_ascii) {
            Some(byte) => out.extend(std::ascii::escape_default(byte).map(char::from)),
            None => out.extend(c.escape_debug()),
        }
    }
    out + more
}

/// [`excerpt`] in double quotes.
pub(crate) fn quoted(bytes: &[u8]) -> String {
    // Each ' in escaped text has a backslash of its own, which does not help between double quotes.
    format!("\"{}\"", excerpt(bytes).replace("\\'", "'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_long_is_cut_and_what_is_no_text_escaped() {
        assert_eq!(excerpt(b"gzip\x1b\""), "gzip\\x1b\\\"");
        assert_eq!(excerpt(&[b'x'; LONGEST]), "x".repeat(LONGEST));
        assert_eq!(excerpt(&[b'x'; LONGEST + 1]), "x".repeat(LONGEST) + "...");
        let wide = "日本語".repeat(9);
        assert_eq!(excerpt(&wide.as_bytes()[..27]), "日本語日本語日本語");
        assert_eq!(excerpt(format!("a{wide}").as_bytes()), format!("a{}...", &wide[..57]));
        assert_eq!(excerpt("é\u{202e}\u{9b}\u{200b}".as_bytes()), "é\\u{202e}\\u{9b}\\u{200b}");
        assert_eq!(
            excerpt("é".as_bytes().iter().chain(b"\xe9").copied().collect::<Vec<_>>().as_slice()),
            "\\xc3\\xa9\\xe9"
        );
        assert_eq!(quoted(b"it's \""), "\"it's \\\"\"");
    }
}
