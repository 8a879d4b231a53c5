//! The parts of URLs that `%{url.host}` and its kin name.

use crate::http::reference::Reference;
use crate::http::uri::Uri;

/// The parts of a URL, as far as it has them.
#[derive(Debug, Default, PartialEq)]
pub(super) struct UrlParts {
    pub(super) scheme: Option<String>,
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    pub(super) host: Option<String>,
    /// The scheme's where none is given.
    pub(super) port: Option<String>,
    pub(super) path: Option<String>,
    pub(super) query: Option<String>,
    pub(super) fragment: Option<String>,
    /// The zone of an IPv6 address.
    pub(super) zone: Option<String>,
}

impl UrlParts {
    /// The parts of `uri`.
    pub(super) fn of(uri: &Uri) -> Self {
        let target = Reference::parse(uri.origin_form());
        let credentials = uri.credentials();
        let (user, password) = credentials
            .map_or((None, None), |(user, password)| (Some(text(&user)), password.as_deref().map(text)));
        Self {
            scheme: Some(uri.scheme.name().to_owned()),
            user,
            password,
            host: Some(uri.host_in_brackets()),
            port: Some(uri.port.to_string()),
            path: Some(text(target.path)),
            query: target.query.map(text),
            fragment: uri.fragment.as_deref().map(text),
            zone: uri.host.split_once('%').map(|(_, zone)| zone.to_owned()),
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
        let authority = text(reference.authority.unwrap_or_default());
        let (userinfo, place) = match authority.rsplit_once('@') {
            Some((userinfo, place)) => (Some(userinfo), place),
            None => (None, &*authority),
        };
        let (user, password) = match userinfo.map(|userinfo| userinfo.split_once(':')) {
            Some(Some((user, password))) => (Some(user), Some(password)),
            Some(None) => (userinfo, None),
            None => (None, None),
        };
        let (host, port) = match place.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, Some(port)),
            _ => (place, None),
        };
        Self {
            scheme: reference.scheme.map(text),
            user: user.map(str::to_owned),
            password: password.map(str::to_owned),
            host: Some(host.to_owned()),
            port: port.map(str::to_owned),
            path: Some(text(if reference.path.is_empty() { b"/" } else { reference.path })),
            query: reference.query.map(text),
            fragment: reference.fragment.map(text),
            zone: None,
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_what_is_no_target() {
        let parts = UrlParts::of_text(b"h55p://u:p@hello:1/a?b#c");
        let shown =
            [parts.scheme, parts.user, parts.password, parts.host, parts.port].map(Option::unwrap_or_default);
        assert_eq!(shown, ["h55p", "u", "p", "hello", "1"]);
        assert_eq!(
            [parts.path, parts.query, parts.fragment].map(Option::unwrap_or_default),
            ["/a", "b", "c"]
        );
        assert_eq!(UrlParts::of_text(b"local host"), UrlParts::default());
    }
}
