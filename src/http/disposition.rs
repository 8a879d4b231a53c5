//! The file name of a Content-Disposition field (RFC 6266, RFC 8187).

use super::parameter::{ExtendedValue, parameter};

/// The file name that `value` gives: `filename*`, converted to UTF-8, outranks `filename` (RFC 6266
/// §4.3), whose bytes may be in any charset. It is the server's word, and no path.
pub fn file_name(value: &[u8]) -> Option<Vec<u8>> {
    // The disposition type is left out by some: then a parameter comes first.
    let value = &[b";", value].concat();
    let extended = parameter(value, "filename*").and_then(|value| ExtendedValue::parse(&value)?.text);
    extended.map(String::into_bytes).or_else(|| parameter(value, "filename"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_and_decoded() {
        for (value, name) in [
            (&b"attachment; filename=a.txt"[..], Some(&b"a.txt"[..])),
            (b"attachment; FileName = \"a \\\"b;c.txt\"", Some(b"a \"b;c.txt")),
            (b"attachment; filename=a; filename*=UTF-8'en'%e2%82%ac%20x", Some("\u{20ac} x".as_bytes())),
            (b"attachment; filename*=iso-8859-1''%E4; filename=a", Some("\u{e4}".as_bytes())),
            (b"attachment; filename*=utf-8''%ff; filename=a", Some(b"a")),
            (b"attachment; filename*=koi8-r''x; filename=\xe4", Some(b"\xe4")),
            (b"attachment; filename*=broken", None),
            (b"filename=type-missing; x=y", Some(b"type-missing")),
            (b"attachment", None),
            (b"", None),
        ] {
            assert_eq!(file_name(value).as_deref(), name, "{}", value.escape_ascii());
        }
    }
}
