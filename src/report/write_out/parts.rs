//! The parts of URLs that `%{url.host}` and its kin name.

use crate::http::reference::Reference;
use crate::http::uri::Uri;

/// The parts of a URL, as far as it has them.
#[derive(Debug, Default, PartialEq)]
pub(super) struct UrlParts {
    pub(super) scheme: Option<Vec<u8>>,
    pub(super) user: Option<Vec<u8>>,
    pub(super) password: Option<Vec<u8>>,
    pub(super) host: Option<Vec<u8>>,
    /// The scheme's where none is given.
    pub(super) port: Option<Vec<u8>>,
    pub(super) path: Option<Vec<u8>>,
    pub(super) query: Option<Vec<u8>>,
    pub(super) fragment: Option<Vec<u8>>,
    /// The zone of an IPv6 address.
    pub(super) zone: Option<Vec<u8>>,
}

impl UrlParts {
    /// The parts of `uri`.
    pub(super) fn of(uri: &Uri) -> Self {
        let target = Reference::parse(uri.origin_form());
        let credentials = uri.credentials();
        let (user, password) = credentials.map_or((None, None), |(user, password)| (Some(user), password));
        Self {
            scheme: Some(uri.scheme.name().into()),
            user,
            password,
            host: Some(uri.host_in_brackets().into()),
            port: Some(uri.port.to_string().into()),
            path: Some(target.path.to_vec()),
            query: target.query.map(<[u8]>::to_vec),
            fragment: uri.fragment.clone(),
            zone: uri.host.split_once('%').map(|(_, zone)| zone.into()),
        }
    }

    /// The parts of what was typed as a URL, whatever its scheme; none where a byte stands in it
    /// that cannot stand in a URL.
    pub(super) fn of_text(typed: &[u8]) -> Self {
        if typed.is_empty() || typed.iter().any(|&byte| byte <= b' ' || byte == 0x7F) {
            return Self::default();
        }
        let has_scheme = typed.windows(3).any(|at| at == b"://");
        let whole = if has_scheme { typed.to_vec() } else { [b"http://", typed].concat() };
        let reference = Reference::parse(&whole);
        let authority = reference.authority.unwrap_or_default();
        let (userinfo, place) = match authority.iter().rposition(|&byte| byte == b'@') {
            Some(at) => (Some(&authority[..at]), &authority[at + 1..]),
            None => (None, authority),
        };
        let mut credentials =
            userinfo.into_iter().flat_map(|userinfo| userinfo.splitn(2, |&byte| byte == b':'));
        let (user, password) = (credentials.next(), credentials.next());
        let (host, port) = match place.iter().rposition(|&byte| byte == b':') {
            Some(at) if place[at + 1..].iter().all(u8::is_ascii_digit) => {
                (&place[..at], Some(&place[at + 1..]))
            }
            _ => (place, None),
        };
        let path = if reference.path.is_empty() { b"/" } else { reference.path };
        let owned = |part: Option<&[u8]>| part.map(<[u8]>::to_vec);
        Self {
            scheme: owned(reference.scheme),
            user: owned(user),
            password: owned(password),
            host: owned(Some(host)),
            port: owned(port),
            path: owned(Some(path)),
            query: owned(reference.query),
            fragment: owned(reference.fragment),
            zone: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_what_is_no_target() {
        let parts = UrlParts::of_text(b"h55p://u:p@hello:1/a?b#c");
        let shown =
            [parts.scheme, parts.user, parts.password, parts.host, parts.port].map(Option::unwrap_or_default);
        assert_eq!(shown, ["h55p", "u", "p", "hello", "1"].map(str::as_bytes));
        assert_eq!(
            [parts.path, parts.query, parts.fragment].map(Option::unwrap_or_default),
            ["/a", "b", "c"].map(str::as_bytes)
        );
        assert_eq!(UrlParts::of_text(b"local host"), UrlParts::default());
    }
}
