//! The fields of WebDAV (RFC 4918 §10).

use super::digits::is_digits;
use super::reference::Reference;
use super::syntax::list_members;

/// Depth: how far below the target (§10.2).
pub fn is_depth(value: &[u8]) -> bool {
    matches!(value, b"0" | b"1") || value.eq_ignore_ascii_case(b"infinity")
}

/// Destination: a URI, or a path with or without a query (§10.3, §8.3).
pub fn is_destination(value: &[u8]) -> bool {
    let reference = Reference::parse(value);
    let is_place = reference.scheme.is_some() || reference.authority.is_none() && value.starts_with(b"/");
    is_place && reference.is_valid() && reference.fragment.is_none()
}

/// Lock-Token: a URI in angle brackets (§10.5).
pub fn is_lock_token(value: &[u8]) -> bool {
    let inside = value.strip_prefix(b"<").and_then(|value| value.strip_suffix(b">"));
    let reference = inside.map(Reference::parse);
    reference.is_some_and(|uri| uri.is_valid() && uri.scheme.is_some() && uri.fragment.is_none())
}

/// Overwrite (§10.6).
pub fn is_overwrite(value: &[u8]) -> bool {
    matches!(value, b"T" | b"F" | b"t" | b"f")
}

/// Timeout: how long a lock may last, most wanted first (§10.7).
pub fn is_timeout(value: &[u8]) -> bool {
    let is_time = |time: &[u8]| {
        let (name, digits) = time.split_at(time.len().min(b"Second-".len()));
        time.eq_ignore_ascii_case(b"infinite") || name.eq_ignore_ascii_case(b"second-") && is_digits(digits)
    };
    !value.is_empty() && list_members(value).all(|time| time.is_empty() || is_time(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_held_against_their_grammars() {
        type Matches = fn(&[u8]) -> bool;
        let cases: [(Matches, &[&str], &[&str]); 5] = [
            (is_depth, &["0", "1", "infinity", "Infinity"], &["2", "", "1,noroot", "-1"]),
            (is_destination, &["/a?b", "http://a.example/b"], &["a", "", "//a/b", "/a#b", "/a b"]),
            (
                is_lock_token,
                &["<urn:uuid:e71d4fae>", "<opaquelocktoken:a>"],
                &["urn:uuid:a", "<a>", "<>", "<a:b"],
            ),
            (is_overwrite, &["T", "F"], &["", "true", "TF"]),
            (
                is_timeout,
                &["Infinite, Second-4100000000", "second-1"],
                &["", "5", "Second-", "Second-x", "Minute-1"],
            ),
        ];
        for (matches, valid, bad) in cases {
            assert!(valid.iter().all(|value| matches(value.as_bytes())), "{valid:?}");
            assert!(!bad.iter().any(|value| matches(value.as_bytes())), "{bad:?}");
        }
    }
}
