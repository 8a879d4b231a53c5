//! The bodies of the `-d` family, put together as curl does.

use std::ffi::{OsStr, OsString};

use super::input_file;
use crate::cli::sending::DataKind;

/// The pieces in their order, joined.
pub(super) fn joined(pieces: &[(DataKind, OsString)]) -> anyhow::Result<Vec<u8>> {
    let mut body = Vec::new();
    for (index, (kind, value)) in pieces.iter().enumerate() {
        if index > 0 && *kind != DataKind::Json {
            body.push(b'&');
        }
        body.extend_from_slice(&piece(*kind, value)?);
    }
    Ok(body)
}

fn piece(kind: DataKind, value: &OsStr) -> anyhow::Result<Vec<u8>> {
    let bytes = value.as_encoded_bytes();
    let file = value.to_str().and_then(|text| text.strip_prefix('@')).map(OsString::from);
    match (kind, file) {
        (DataKind::Ascii, Some(path)) => {
            let mut content = input_file::read(&path, "--data")?;
            content.retain(|byte| !b"\r\n\0".contains(byte));
            Ok(content)
        }
        (DataKind::Binary, Some(path)) => input_file::read(&path, "--data-binary"),
        (DataKind::Json, Some(path)) => input_file::read(&path, "--json"),
        (DataKind::UrlEncode, _) => url_encoded(value),
        _ => Ok(bytes.to_vec()),
    }
}

/// What `--data-urlencode` makes of `CONTENT`, `=CONTENT`, `NAME=CONTENT`,
/// `@FILE` and `NAME@FILE`: the content percent-encoded, the name as it is.
pub(super) fn url_encoded(value: &OsStr) -> anyhow::Result<Vec<u8>> {
    let bytes = value.as_encoded_bytes();
    let Some(at) = bytes.iter().position(|byte| b"=@".contains(byte)) else {
        return Ok(percent_encode(bytes));
    };
    let (name, rest) = bytes.split_at(at);
    let content = if rest[0] == b'@' {
        input_file::read(&input_file::path_of(&rest[1..]), "--data-urlencode")?
    } else {
        rest[1..].to_vec()
    };
    let mut encoded = name.to_vec();
    if !name.is_empty() {
        encoded.push(b'=');
    }
    encoded.extend_from_slice(&percent_encode(&content));
    Ok(encoded)
}

/// What `--url-query` adds: as `--data-urlencode`, but `+DATA` goes in as it is.
pub(super) fn query_piece(value: &OsStr) -> anyhow::Result<Vec<u8>> {
    match value.as_encoded_bytes().strip_prefix(b"+") {
        Some(verbatim) => Ok(verbatim.to_vec()),
        None => url_encoded(value),
    }
}

/// As [`escaped`], and a space as `+`, which is what forms do and curl does.
fn percent_encode(bytes: &[u8]) -> Vec<u8> {
    let words: Vec<_> = bytes.split(|&byte| byte == b' ').map(escaped).collect();
    words.join(&b'+')
}

/// Everything but the unreserved characters as `%XX` (RFC 3986 §2.3).
pub(crate) fn escaped(bytes: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(bytes.len());
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(byte);
        } else {
            encoded.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_urlencode() {
        for (value, expected) in
            [("a b&c", "a+b%26c"), ("=a=b", "a%3Db"), ("n m=a b", "n m=a+b"), ("é~._-", "%C3%A9~._-")]
        {
            assert_eq!(url_encoded(OsStr::new(value)).expect("no file"), expected.as_bytes());
        }
        assert_eq!(query_piece(OsStr::new("+a b")).expect("no file"), b"a b");
    }

    #[test]
    fn json_is_joined_by_nothing() {
        let pieces = |kind| [(kind, OsString::from("a")), (kind, OsString::from("b"))];
        assert_eq!(joined(&pieces(DataKind::Raw)).expect("no file"), b"a&b");
        assert_eq!(joined(&pieces(DataKind::Json)).expect("no file"), b"ab");
    }
}
