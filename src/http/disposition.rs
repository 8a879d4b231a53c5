//! The file name of a Content-Disposition field (RFC 6266, RFC 8187).

use super::parameter::{ExtendedValue, parameter};

/// The file name that `value` gives, as text: `filename*` counts before
/// `filename` (RFC 6266 §4.3). It is the server's word, and no path.
pub fn file_name(value: &[u8]) -> Option<String> {
    // The disposition type is left out by some: then a parameter comes first.
    let value = &[b";", value].concat();
    let extended = parameter(value, "filename*").and_then(|value| ExtendedValue::parse(&value)?.text);
    extended.or_else(|| parameter(value, "filename").map(|name| to_text(&name)))
}

/// UTF-8 where the bytes are that, and else ISO-8859-1, as the grammar had it once.
fn to_text(bytes: &[u8]) -> String {
    match str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|&byte| char::from(byte)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_and_decoded() {
        for (value, name) in [
            (&b"attachment; filename=a.txt"[..], Some("a.txt")),
            (b"attachment; FileName = \"a \\\"b;c.txt\"", Some("a \"b;c.txt")),
            (b"attachment; filename=a; filename*=UTF-8'en'%e2%82%ac%20x", Some("\u{20ac} x")),
            (b"attachment; filename*=iso-8859-1''%E4; filename=a", Some("\u{e4}")),
            (b"attachment; filename*=utf-8''%ff; filename=a", Some("a")),
            (b"attachment; filename*=koi8-r''x; filename=\xe4", Some("\u{e4}")),
            (b"attachment; filename*=broken", None),
            (b"filename=type-missing; x=y", Some("type-missing")),
            (b"attachment", None),
            (b"", None),
        ] {
            assert_eq!(file_name(value).as_deref(), name, "{}", value.escape_ascii());
        }
    }
}
