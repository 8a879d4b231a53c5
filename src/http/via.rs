//! Via: the intermediaries on the way (RFC 9110 §7.6.3).

use super::reference::Authority;
use super::syntax::{is_token, trim_ows, trim_ows_start};

/// Whether a member is `received-protocol RWS received-by [ RWS comment ]`.
pub fn is_member(member: &[u8]) -> bool {
    let Some((protocol, rest)) = split_space(member) else { return false };
    let (by, comment) = split_space(rest).unwrap_or((rest, &[]));
    is_protocol(protocol) && is_received_by(by) && (comment.is_empty() || is_comment(comment))
}

/// The members of a value, empty ones included: a comma in a comment separates nothing.
pub fn members(value: &[u8]) -> Vec<&[u8]> {
    let (mut members, mut depth, mut start, mut escaped) = (Vec::new(), 0_u64, 0, false);
    for (at, &byte) in value.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if depth > 0 => escaped = true,
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                members.push(trim_ows(&value[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    members.push(trim_ows(&value[start..]));
    members
}

/// `[ protocol-name "/" ] protocol-version`.
fn is_protocol(text: &[u8]) -> bool {
    text.splitn(2, |&byte| byte == b'/').all(is_token)
}

/// `pseudonym [ ":" port ]`, or a host with a port or none.
fn is_received_by(text: &[u8]) -> bool {
    let authority = Authority::parse(text);
    !text.is_empty() && authority.userinfo.is_none() && authority.is_valid() || {
        let name = text.split(|&byte| byte == b':').next().unwrap_or_default();
        is_token(name) && text[name.len()..].iter().skip(1).all(u8::is_ascii_digit)
    }
}

/// Whether `text` is one comment, nested ones inside it (RFC 9110 §5.6.5).
fn is_comment(text: &[u8]) -> bool {
    let (mut depth, mut escaped) = (0_u64, false);
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if depth > 0 => escaped = true,
            b'(' => depth += 1,
            b')' if depth > 0 => depth -= 1,
            _ if depth == 0 => return false,
            _ => {}
        }
        if depth == 0 {
            return at + 1 == text.len();
        }
    }
    false
}

/// Splits at the first run of whitespace.
fn split_space(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|byte| matches!(byte, b' ' | b'\t'))?;
    Some((&text[..at], trim_ows_start(&text[at..])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_judged() {
        for valid in [
            "1.1 vegur",
            "HTTP/1.1 a.example:8080 (Apache/2 (x, y))",
            "1.0 [::1]:3128",
            "1.1 _x|y",
            "1.1 a (b (c) \\) d)",
        ] {
            assert!(is_member(valid.as_bytes()), "{valid}");
        }
        for invalid in [
            "vegur",
            "1.1",
            "1.1 ",
            "1.1 a b",
            "1.1 a (b",
            "1.1 a (b) c",
            "/1.1 a",
            "1.1 a:b",
            "a b/c",
            "1.1 [::1%x]",
            "1.1 []",
        ] {
            assert!(!is_member(invalid.as_bytes()), "{invalid}");
        }
        assert_eq!(members(b"1.1 a (b, c), ,1.0 d").len(), 3);
        assert_eq!(members(b"1.1 a (b \\), c), 1.0 d").len(), 2);
    }
}
