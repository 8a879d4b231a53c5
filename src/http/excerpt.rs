//! Bytes of a peer, as messages quote them.

/// Most bytes of a name or value that a message quotes: a peer may send 100 KiB of it.
const LONGEST: usize = 60;

/// `bytes` for a message, without quotes: printable ASCII as it is, the rest escaped, and `...` in
/// place of what follows the first 60 bytes.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    let shown = &bytes[..bytes.len().min(LONGEST)];
    let more = if shown.len() < bytes.len() { "..." } else { "" };
    format!("{}{more}", shown.escape_ascii())
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
        assert_eq!(quoted(b"it's \""), "\"it's \\\"\"");
    }
}
