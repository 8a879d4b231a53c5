//! The members of a JSON object (RFC 8259 §4), their values as they are written.

use super::json::is_json;

/// The names without quotes, and the values.
pub type Members<'a> = Vec<(&'a [u8], &'a [u8])>;

/// The members of the object that `text` is; `None` where it is none. Escapes stay.
pub fn members(text: &[u8]) -> Option<Members<'_>> {
    let text = text.trim_ascii();
    let inside = text.strip_prefix(b"{").filter(|_| is_json(text))?.strip_suffix(b"}")?;
    let mut members = Vec::new();
    for member in split(inside, b',') {
        // Nothing stands between the braces.
        let Some(colon) = find(member, b':') else { continue };
        let name = member[..colon].trim_ascii();
        let name = name.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        members.push((name, member[colon + 1..].trim_ascii()));
    }
    Some(members)
}

/// The value of the last member `name`.
pub fn get<'a>(members: &Members<'a>, name: &str) -> Option<&'a [u8]> {
    members.iter().rev().find(|(found, _)| *found == name.as_bytes()).map(|&(_, value)| value)
}

fn split(mut rest: &[u8], separator: u8) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    while let Some(at) = find(rest, separator) {
        pieces.push(&rest[..at]);
        rest = &rest[at + 1..];
    }
    pieces.push(rest);
    pieces
}

/// Where `wanted` first stands outside strings and brackets.
fn find(text: &[u8], wanted: u8) -> Option<usize> {
    let (mut depth, mut is_text, mut is_escaped) = (0_u64, false, false);
    text.iter().position(|&byte| {
        if is_text {
            is_text = byte != b'"' || is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            return false;
        }
        match byte {
            b'"' => is_text = true,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => return byte == wanted && depth == 0,
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_told_apart_whatever_their_values() {
        let text = br#" {"a": [1, {"b": 2}], "c,\"d": "}:,", "e":-1.5e3 ,"e" : null} "#;
        let read = members(text).expect("an object");
        assert_eq!(read.len(), 4);
        assert_eq!(get(&read, "a"), Some(&br#"[1, {"b": 2}]"#[..]));
        assert_eq!(get(&read, r#"c,\"d"#), Some(&br#""}:,""#[..]));
        assert_eq!(get(&read, "e"), Some(&b"null"[..]));
        assert_eq!(members(b"{}"), Some(Vec::new()));
        for none in [&b""[..], b"[]", b"{a:1}", b"{\"a\":}", b"{\"a\":1", b"1"] {
            assert_eq!(members(none), None);
        }
    }
}
