//! Products and comments, as Server and User-Agent have them (RFC 9110 §10.1.5, §10.2.4).

use super::syntax::{token_len, trim_ows_start};

/// Whether `value` is `product *( RWS ( product / comment ) )`.
pub fn is_products(value: &[u8]) -> bool {
    let Some(mut rest) = after_product(value) else { return false };
    loop {
        let next = trim_ows_start(rest);
        if next.is_empty() {
            return true;
        }
        if next.len() == rest.len() {
            return false;
        }
        let after = if next.first() == Some(&b'(') { after_comment(next) } else { after_product(next) };
        match after {
            Some(after) => rest = after,
            None => return false,
        }
    }
}

/// What follows `token [ "/" token ]`.
fn after_product(text: &[u8]) -> Option<&[u8]> {
    let after = |text: &'_ [u8]| -> Option<usize> { Some(token_len(text)).filter(|&length| length > 0) };
    let name = after(text)?;
    match text.get(name) {
        Some(b'/') => Some(&text[name + 1 + after(&text[name + 1..])?..]),
        _ => Some(&text[name..]),
    }
}

/// What follows the comment that `text` begins with (RFC 9110 §5.6.5).
fn after_comment(text: &[u8]) -> Option<&[u8]> {
    let (mut depth, mut is_escaped) = (0_u64, false);
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(&text[at + 1..]);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::is_products;

    #[test]
    fn products_and_comments_with_space_between() {
        for valid in [
            "nginx",
            "Apache/2.4.1 (Unix) OpenSSL/1.0",
            "a (b (c) \\) d) e",
            "Microsoft-IIS/10.0",
            "BaseHTTP/0.6  Python/3.11 ",
        ] {
            assert!(is_products(valid.as_bytes()), "{valid}");
        }
        for invalid in ["", "(a)", "a/", "a(b)", "a (b", "a/b/c", "a; b", "a (b)c"] {
            assert!(!is_products(invalid.as_bytes()), "{invalid}");
        }
    }
}
