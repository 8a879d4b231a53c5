//! Language tags and ranges (RFC 5646 §2.1, RFC 4647 §2.1): their form, not their registry.

/// Whether `bytes` has the form of a language tag: subtags of one to eight letters
/// and digits, the first of them letters alone.
pub fn is_tag(bytes: &[u8]) -> bool {
    let is_subtag = |(at, subtag): (usize, &[u8])| {
        let is_fit = |byte: &u8| byte.is_ascii_alphabetic() || at > 0 && byte.is_ascii_digit();
        (1..=8).contains(&subtag.len()) && subtag.iter().all(is_fit)
    };
    bytes.split(|&byte| byte == b'-').enumerate().all(is_subtag)
}

/// Whether `bytes` is a basic language range: a tag, or `*`.
pub fn is_range(bytes: &[u8]) -> bool {
    bytes == b"*" || is_tag(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_have_subtags_of_one_to_eight() {
        for valid in ["en", "de-CH-1996", "zh-Hant-TW", "i-klingon", "x-a"] {
            assert!(is_tag(valid.as_bytes()) && is_range(valid.as_bytes()), "{valid}");
        }
        for invalid in ["", "en_US", "en-", "-en", "1a", "en-abcdefghi", "en US", "*"] {
            assert!(!is_tag(invalid.as_bytes()), "{invalid}");
        }
        assert!(is_range(b"*") && !is_range(b"*-CH"));
    }
}
