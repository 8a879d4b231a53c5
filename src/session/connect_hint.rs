//! What may help where a server cannot be reached: a name may have been meant as a path or a method, and a
//! link-local address needs its zone. Knows what was typed, and nothing of connections.

use std::net::Ipv6Addr;

use crate::failure::{self, Failure};
use crate::http::request_line::method_for_host;
use crate::http::uri::Uri;
use crate::net::Endpoint;

/// Whether the user or a server named the host of a URL, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HostSource {
    /// The user typed it without a scheme and without a port.
    TypedAlone,
    /// The user typed it in a URL, or with a port.
    Typed,
    /// A redirect.
    Redirect,
}

impl HostSource {
    /// Of the host in `typed`, the target as the user wrote it.
    pub(super) fn of(typed: &[u8]) -> Self {
        // In the query may stand another URL.
        let before = typed.split(|byte| b"/?#".contains(byte)).next().unwrap_or_default();
        if before.contains(&b':') { Self::Typed } else { Self::TypedAlone }
    }
}

/// `error`, with what may help where the server of `endpoint`, the one of `uri` or a proxy, cannot be reached.
pub(super) fn with_hint(
    error: anyhow::Error,
    uri: &Uri,
    source: HostSource,
    endpoint: &Endpoint,
) -> anyhow::Error {
    let Some(failure) = failure::of(&error) else { return error };
    let hint = match (failure, source) {
        (Failure::ResolveHost, HostSource::TypedAlone) => scheme_hint(uri).or_else(|| name_hint(&uri.host)),
        (Failure::Connect, _) if failure::trouble(&error).is_none() => zone_hint(&endpoint.host, source),
        _ => None,
    };
    match hint {
        Some(hint) => failure.error(format!("{error:#} ({hint})")),
        None => error,
    }
}

/// `http//host` has lost its colon.
fn scheme_hint(uri: &Uri) -> Option<String> {
    let is_scheme = ["http", "https", "ws", "wss"].iter().any(|name| uri.host.eq_ignore_ascii_case(name));
    let rest = str::from_utf8(uri.path_and_query.strip_prefix(b"//")?).ok()?;
    let host = rest.split(['/', '?', '@']).next().filter(|_| is_scheme)?;
    Some(format!("a scheme ends with a colon: {}://{host}", uri.host))
}

/// A method or a file's name is no host.
fn name_hint(host: &str) -> Option<String> {
    const FILES: [&str; 10] = ["html", "htm", "php", "txt", "json", "xml", "js", "css", "png", "jpg"];
    if let Some(method) = method_for_host(host.as_bytes()) {
        let option = if method == "HEAD" { "-I".to_owned() } else { format!("-X {method}") };
        return Some(format!("set the method with {option}"));
    }
    let looks_like_file = host.rsplit_once('.').is_none_or(|(_, extension)| FILES.contains(&extension));
    looks_like_file.then(|| format!("a path begins with a slash: /{host}"))
}

/// A link-local address says which interface it is of (RFC 4007 §11). Nobody typed the one in a Location, so advice
/// on typing it is left out.
fn zone_hint(host: &str, source: HostSource) -> Option<String> {
    let is_link_local = host.parse::<Ipv6Addr>().is_ok_and(|address| address.is_unicast_link_local());
    is_link_local.then(|| match source {
        HostSource::Redirect => "a link-local address without a zone".to_owned(),
        HostSource::Typed | HostSource::TypedAlone => format!(
            "a link-local address needs the interface that leads to it: [{host}%25eth0], or --interface"
        ),
    })
}
