//! URI references (RFC 3986 §4.1) as bytes: taken apart, judged, and resolved
//! against a base (RFC 3986 §5).
//!
//! Taking apart and resolving never fail, whatever the bytes are, so that what
//! a server sent can be followed or shown as it is; [`Reference::is_valid`]
//! says if it matches the grammar. Nothing is normalised beyond the dot
//! segments that resolution removes.

/// A URI reference in its five components (RFC 3986 §3, Appendix B).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reference<'a> {
    /// What stands before the first colon, if it is a scheme.
    pub scheme: Option<&'a [u8]>,
    /// What stands after `//`.
    pub authority: Option<&'a [u8]>,
    /// The path, perhaps empty.
    pub path: &'a [u8],
    /// What stands after `?`.
    pub query: Option<&'a [u8]>,
    /// What stands after `#`.
    pub fragment: Option<&'a [u8]>,
}

/// An authority in its parts (RFC 3986 §3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authority<'a> {
    /// What stands before `@`.
    pub userinfo: Option<&'a [u8]>,
    /// The host; an IP literal with its brackets.
    pub host: &'a [u8],
    /// What stands after the colon behind the host, perhaps nothing.
    pub port: Option<&'a [u8]>,
}

impl<'a> Reference<'a> {
    /// Takes `bytes` apart.
    pub fn parse(bytes: &'a [u8]) -> Self {
        let (rest, fragment) = split(bytes, b'#');
        let (rest, query) = split(rest, b'?');
        let (scheme, rest) = match scheme_len(rest) {
            Some(length) => (Some(&rest[..length]), &rest[length + 1..]),
            None => (None, rest),
        };
        let Some(hierarchy) = rest.strip_prefix(b"//") else {
            return Self { scheme, authority: None, path: rest, query, fragment };
        };
        let end = position(hierarchy, b'/').unwrap_or(hierarchy.len());
        let (authority, path) = hierarchy.split_at(end);
        Self { scheme, authority: Some(authority), path, query, fragment }
    }

    /// Whether it matches the grammar of URI-reference.
    pub fn is_valid(&self) -> bool {
        let first_segment = &self.path[..position(self.path, b'/').unwrap_or(self.path.len())];
        // Without a scheme a colon here would make the segment look like one (§4.2).
        let has_odd_colon =
            self.scheme.is_none() && self.authority.is_none() && first_segment.contains(&b':');
        !has_odd_colon
            && self.authority.is_none_or(|authority| Authority::parse(authority).is_valid())
            && has_only(self.path, b":@/")
            && self.query.is_none_or(|query| has_only(query, b":@/?"))
            && self.fragment.is_none_or(|fragment| has_only(fragment, b":@/?"))
    }

    fn to_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::new();
        if let Some(scheme) = self.scheme {
            bytes.extend_from_slice(scheme);
            bytes.push(b':');
        }
        if let Some(authority) = self.authority {
            bytes.extend_from_slice(b"//");
            bytes.extend_from_slice(authority);
        }
        bytes.extend_from_slice(self.path);
        for (mark, component) in [(b'?', self.query), (b'#', self.fragment)] {
            if let Some(component) = component {
                bytes.push(mark);
                bytes.extend_from_slice(component);
            }
        }
        bytes
    }
}

impl<'a> Authority<'a> {
    /// Takes the bytes of an authority apart.
    pub fn parse(authority: &'a [u8]) -> Self {
        let at = authority.iter().rposition(|&byte| byte == b'@');
        let (userinfo, rest) = match at {
            Some(at) => (Some(&authority[..at]), &authority[at + 1..]),
            None => (None, authority),
        };
        // The colons of an IPv6 address stand inside its brackets.
        let host_end = if rest.first() == Some(&b'[') { position(rest, b']').unwrap_or(0) } else { 0 };
        match position(&rest[host_end..], b':') {
            Some(colon) => {
                let colon = host_end + colon;
                Self { userinfo, host: &rest[..colon], port: Some(&rest[colon + 1..]) }
            }
            None => Self { userinfo, host: rest, port: None },
        }
    }

    /// Whether it matches the grammar of an authority.
    pub fn is_valid(&self) -> bool {
        let literal = self.host.strip_prefix(b"[").and_then(|host| host.strip_suffix(b"]"));
        self.userinfo.is_none_or(|userinfo| has_only(userinfo, b":"))
            && match literal {
                Some(literal) => !literal.is_empty() && has_only(literal, b":") && !literal.contains(&b'%'),
                None => has_only(self.host, b""),
            }
            && self.port.is_none_or(|port| port.iter().all(u8::is_ascii_digit))
    }
}

/// Whether `value` is an origin: `scheme://host` with or without a port. A star
/// in the host, which only looks like a pattern, makes it none.
pub fn is_origin(value: &[u8]) -> bool {
    let reference = Reference::parse(value);
    let (Some(_), Some(authority)) = (reference.scheme, reference.authority) else { return false };
    let parts = Authority::parse(authority);
    let is_bare = reference.path.is_empty() && reference.query.is_none() && reference.fragment.is_none();
    let has_port = parts.port.is_none_or(|port| !port.is_empty());
    let has_host = !parts.host.is_empty() && !parts.host.iter().any(|byte| b"*,".contains(byte));
    is_bare && has_host && has_port && parts.userinfo.is_none() && reference.is_valid()
}

/// `reference` resolved against the absolute URI `base` (RFC 3986 §5.2).
pub fn resolve(base: &[u8], reference: &[u8]) -> Vec<u8> {
    let base = Reference::parse(base);
    let reference = Reference::parse(reference);
    let fragment = reference.fragment;
    let (scheme, authority) = match (reference.scheme, reference.authority) {
        (Some(scheme), authority) => (Some(scheme), authority),
        (None, Some(authority)) => (base.scheme, Some(authority)),
        (None, None) => return resolve_path(&base, &reference),
    };
    let path = remove_dot_segments(reference.path);
    Reference { scheme, authority, path: &path, query: reference.query, fragment }.to_bytes()
}

/// [`resolve`] for a reference that has neither scheme nor authority.
fn resolve_path(base: &Reference<'_>, reference: &Reference<'_>) -> Vec<u8> {
    let fragment = reference.fragment;
    if reference.path.is_empty() {
        let query = reference.query.or(base.query);
        return Reference { query, fragment, ..*base }.to_bytes();
    }
    let path = if reference.path.starts_with(b"/") {
        remove_dot_segments(reference.path)
    } else {
        remove_dot_segments(&merge(base, reference.path))
    };
    Reference { path: &path, query: reference.query, fragment, ..*base }.to_bytes()
}

/// RFC 3986 §5.2.3.
fn merge(base: &Reference<'_>, path: &[u8]) -> Vec<u8> {
    if base.authority.is_some() && base.path.is_empty() {
        return [b"/", path].concat();
    }
    let directory = base.path.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1);
    [&base.path[..directory], path].concat()
}

/// `path` without its dot segments (RFC 3986 §5.2.4). Each byte is moved once and dropped at most once.
pub fn remove_dot_segments(path: &[u8]) -> Vec<u8> {
    let mut rest = path;
    let mut output: Vec<u8> = Vec::with_capacity(path.len());
    while !rest.is_empty() {
        if let Some(tail) = rest.strip_prefix(b"../").or_else(|| rest.strip_prefix(b"./")) {
            rest = tail;
        } else if rest.starts_with(b"/./") {
            rest = &rest[2..];
        } else if rest == b"/." {
            rest = b"/";
        } else if rest.starts_with(b"/../") || rest == b"/.." {
            rest = if rest.len() > 3 { &rest[3..] } else { b"/" };
            output.truncate(output.iter().rposition(|&byte| byte == b'/').unwrap_or(0));
        } else if matches!(rest, b"." | b"..") {
            break;
        } else {
            let end = position(&rest[1..], b'/').map_or(rest.len(), |slash| slash + 1);
            output.extend_from_slice(&rest[..end]);
            rest = &rest[end..];
        }
    }
    output
}

/// Where the first byte stands that no URI may hold: one outside the characters
/// of RFC 3986 §2, or a `%` that two hexadecimal digits don't follow.
pub fn invalid_byte(bytes: &[u8]) -> Option<usize> {
    (0..bytes.len()).find(|&at| match bytes[at] {
        b'%' => !is_percent_encoded(&bytes[at..]),
        byte => !is_unreserved_or_sub_delim(byte) && !b":/?#[]@".contains(&byte),
    })
}

/// The length of the scheme that `bytes` begins with (RFC 3986 §3.1), its colon left out.
fn scheme_len(bytes: &[u8]) -> Option<usize> {
    let colon = position(bytes, b':')?;
    let is_scheme_byte = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let scheme = &bytes[..colon];
    let is_scheme = scheme.first()?.is_ascii_alphabetic() && scheme.iter().all(is_scheme_byte);
    is_scheme.then_some(colon)
}

/// Whether `bytes` holds only unreserved bytes, sub-delims, `%` with its digits,
/// and those of `others`.
fn has_only(bytes: &[u8], others: &[u8]) -> bool {
    (0..bytes.len()).all(|at| match bytes[at] {
        b'%' => is_percent_encoded(&bytes[at..]),
        byte => is_unreserved_or_sub_delim(byte) || others.contains(&byte),
    })
}

fn is_percent_encoded(bytes: &[u8]) -> bool {
    matches!(bytes, [b'%', a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit())
}

fn is_unreserved_or_sub_delim(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte)
}

fn position(bytes: &[u8], wanted: u8) -> Option<usize> {
    bytes.iter().position(|&byte| byte == wanted)
}

/// What stands before the first `mark`, and behind it.
pub(super) fn split(bytes: &[u8], mark: u8) -> (&[u8], Option<&[u8]>) {
    match position(bytes, mark) {
        Some(at) => (&bytes[..at], Some(&bytes[at + 1..])),
        None => (bytes, None),
    }
}

/// `location` with what no URI may hold percent-encoded behind the authority:
/// SP as `%20`, in the query as `+`, and all bytes that are not ASCII.
pub fn encoded(location: &[u8]) -> Vec<u8> {
    let reference = Reference::parse(location);
    let authority = reference.authority.map_or(0, |authority| authority.len() + b"//".len());
    let scheme = reference.scheme.map_or(0, |scheme| scheme.len() + b":".len());
    let (start, rest) = location.split_at(scheme + authority);
    let mut encoded = start.to_vec();
    let mut in_query = false;
    for &byte in rest {
        in_query |= byte == b'?';
        match byte {
            b' ' if in_query => encoded.push(b'+'),
            b' ' | 0x80.. => encoded.extend_from_slice(format!("%{byte:02X}").as_bytes()),
            _ => encoded.push(byte),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(reference: &str) -> String {
        String::from_utf8(resolve(b"http://a/b/c/d;p?q", reference.as_bytes())).unwrap()
    }

    /// The examples of RFC 3986 §5.4.1.
    #[test]
    fn resolves_the_normal_examples() {
        for (reference, expected) in [
            ("g:h", "g:h"),
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g"),
            ("?y", "http://a/b/c/d;p?y"),
            ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q#s"),
            ("g#s", "http://a/b/c/g#s"),
            ("g?y#s", "http://a/b/c/g?y#s"),
            (";x", "http://a/b/c/;x"),
            ("g;x?y#s", "http://a/b/c/g;x?y#s"),
            ("", "http://a/b/c/d;p?q"),
            (".", "http://a/b/c/"),
            ("./", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../g", "http://a/b/g"),
            ("../..", "http://a/"),
            ("../../g", "http://a/g"),
        ] {
            assert_eq!(resolved(reference), expected, "{reference}");
        }
    }

    /// The examples of RFC 3986 §5.4.2.
    #[test]
    fn resolves_the_abnormal_examples() {
        for (reference, expected) in [
            ("../../../../g", "http://a/g"),
            ("/./g", "http://a/g"),
            ("/../g", "http://a/g"),
            ("g.", "http://a/b/c/g."),
            ("..g", "http://a/b/c/..g"),
            ("./../g", "http://a/b/g"),
            ("./g/.", "http://a/b/c/g/"),
            ("g/./h", "http://a/b/c/g/h"),
            ("g/../h", "http://a/b/c/h"),
            ("g;x=1/../y", "http://a/b/c/y"),
            ("g?y/../x", "http://a/b/c/g?y/../x"),
            ("g#s/../x", "http://a/b/c/g#s/../x"),
            ("http:g", "http:g"),
        ] {
            assert_eq!(resolved(reference), expected, "{reference}");
        }
    }

    #[test]
    fn a_base_without_a_path_gets_one() {
        assert_eq!(resolve(b"http://a", b"g"), b"http://a/g");
        assert_eq!(resolve(b"http://a?q", b"#f"), b"http://a?q#f");
    }

    #[test]
    fn components_keep_their_bytes() {
        let parsed = Reference::parse(b"HTTP://u:p@[::1]:80/a%20\xFF?b?c#d#e");
        assert_eq!(parsed.scheme, Some(&b"HTTP"[..]));
        let authority = Authority::parse(parsed.authority.unwrap());
        assert_eq!(authority, Authority { userinfo: Some(b"u:p"), host: b"[::1]", port: Some(b"80") });
        assert_eq!((parsed.path, parsed.query), (&b"/a%20\xFF"[..], Some(&b"b?c"[..])));
        assert_eq!(parsed.fragment, Some(&b"d#e"[..]));
        assert_eq!(Reference::parse(b"1a:b").scheme, None);
        assert_eq!(Reference::parse(b"/a:b").scheme, None);
    }

    #[test]
    fn the_grammar_is_known() {
        for valid in ["", "a", "/a?b#c", "//h:80/", "http://[::1]/", "a/b:c", "mailto:x@y", "?a=/?", "%41"] {
            assert!(Reference::parse(valid.as_bytes()).is_valid(), "{valid}");
        }
        for invalid in ["a b", "%4", "%zz", "1a:b", ":a", "//h:x/", "//[::1", "a\\b", "#a#b", "/[", "<a>"] {
            assert!(!Reference::parse(invalid.as_bytes()).is_valid(), "{invalid}");
        }
        for origin in ["https://a.example", "http://[::1]:8080", "app://x"] {
            assert!(is_origin(origin.as_bytes()), "{origin}");
        }
        for other in ["https://a.example/", "a.example", "https://u@a", "https://*.a", "https://a:", "null"] {
            assert!(!is_origin(other.as_bytes()), "{other}");
        }
        assert_eq!(invalid_byte(b"/a[b]#%41"), None);
        assert_eq!(invalid_byte(b"/a b"), Some(2));
        assert_eq!(invalid_byte(b"/a%4g"), Some(2));
    }

    #[test]
    fn nothing_panics() {
        let pieces: [&[u8]; 9] = [b"/", b"..", b".", b":", b"//", b"[", b"@", b"%", b"a?#"];
        for a in pieces {
            for b in pieces {
                for c in pieces {
                    let bytes = [a, b, c].concat();
                    let _ = resolve(&bytes, &[c, b].concat());
                    let parsed = Reference::parse(&bytes);
                    let _ = (parsed.is_valid(), parsed.authority.map(Authority::parse), invalid_byte(&bytes));
                }
            }
        }
    }
}
