//! Which domains and paths belong together (RFC 6265bis §5.1.3, §5.1.4).

use core::net::IpAddr;

/// Whether `host` is `domain` or below it; both in lower case. An address is
/// below nothing.
pub fn domain_matches(host: &str, domain: &str) -> bool {
    host == domain
        || (!is_address(host)
            && host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.') && !domain.is_empty()))
}

/// Whether `host` is an IP address, with or without brackets.
pub fn is_address(host: &str) -> bool {
    host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok()
}

/// The domain that a Domain attribute names: without a dot before it and, as hosts are kept, an IPv6
/// address without its brackets.
pub fn attribute_domain(value: &[u8]) -> &[u8] {
    match value.strip_prefix(b".").unwrap_or(value) {
        [b'[', address @ .., b']'] if address.contains(&b':') => address,
        domain => domain,
    }
}

/// Whether the path of a request is `cookie_path` or below it.
pub fn path_matches(path: &[u8], cookie_path: &[u8]) -> bool {
    path.strip_prefix(cookie_path)
        .is_some_and(|rest| rest.is_empty() || cookie_path.ends_with(b"/") || rest.starts_with(b"/"))
}

/// The path of a cookie that names none: the request's, without its last segment.
pub fn default_path(path: &[u8]) -> &[u8] {
    match path.iter().rposition(|&byte| byte == b'/') {
        Some(last) if path.starts_with(b"/") && last > 0 => &path[..last],
        _ => b"/",
    }
}

/// What the prefix of a cookie's name promises of its attributes (RFC 6265bis §4.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamePrefix {
    /// `__Secure-`
    Secure,
    /// `__Host-`
    Host,
    /// `__Http-`
    Http,
    /// `__Host-Http-`
    HostHttp,
}

impl NamePrefix {
    /// The prefix of `name`, in any case, since servers may not see the difference.
    pub fn of(name: &[u8]) -> Option<Self> {
        let prefixes: [(&[u8], Self); 4] = [
            (b"__Host-Http-", Self::HostHttp),
            (b"__Host-", Self::Host),
            (b"__Http-", Self::Http),
            (b"__Secure-", Self::Secure),
        ];
        let begins =
            |prefix: &[u8]| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
        prefixes.into_iter().find(|(prefix, _)| begins(prefix)).map(|(_, prefix)| prefix)
    }

    /// Whether a cookie with these attributes is what the prefix promises; `is_for_host`: it has
    /// Path=/ and no Domain.
    pub fn holds(self, is_secure: bool, is_http_only: bool, is_for_host: bool) -> bool {
        is_secure
            && (is_http_only || matches!(self, Self::Secure | Self::Host))
            && (is_for_host || matches!(self, Self::Secure | Self::Http))
    }

    /// What is wrong with a cookie for which that does not hold.
    pub fn asks(self) -> &'static str {
        match self {
            Self::Secure => "its name asks for Secure",
            Self::Host => "its name asks for Secure, Path=/ and no Domain",
            Self::Http => "its name asks for Secure and HttpOnly",
            Self::HostHttp => "its name asks for Secure, HttpOnly, Path=/ and no Domain",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_match_at_dots() {
        for (host, domain) in [("a.b", "a.b"), ("x.a.b", "a.b"), ("::1", "::1"), ("127.0.0.1", "127.0.0.1")] {
            assert!(domain_matches(host, domain), "{host} {domain}");
        }
        for (host, domain) in [
            ("xa.b", "a.b"),
            ("a.b", "x.a.b"),
            ("127.0.0.1", "0.0.1"),
            ("a.b", ""),
            ("a.", ""),
            ("a.b.", "b"),
        ] {
            assert!(!domain_matches(host, domain), "{host} {domain}");
        }
    }

    #[test]
    fn paths_match_at_slashes() {
        for (path, cookie_path) in [("/foo", "/foo"), ("/foo/x", "/foo"), ("/foo/", "/foo/"), ("/x", "/")] {
            assert!(path_matches(path.as_bytes(), cookie_path.as_bytes()), "{path} {cookie_path}");
        }
        for (path, cookie_path) in [("/foobar", "/foo"), ("/foo", "/foo/"), ("/FOO", "/foo"), ("/", "/foo")] {
            assert!(!path_matches(path.as_bytes(), cookie_path.as_bytes()), "{path} {cookie_path}");
        }
    }

    #[test]
    fn the_default_path_is_the_directory() {
        for (path, expected) in
            [("/a/b/c", "/a/b"), ("/a/", "/a"), ("/a", "/"), ("/", "/"), ("*", "/"), ("", "/")]
        {
            assert_eq!(default_path(path.as_bytes()), expected.as_bytes(), "{path}");
        }
    }
}
