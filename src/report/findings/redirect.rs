//! Location: where a redirect leads (RFC 9110 §10.2.2, §15.4).

use super::field::has_conflicting_locations;
use super::rule::{Findings, Rule, rows};
use crate::http::excerpt::quoted;
use crate::http::field::FieldLine;
use crate::http::reference::{Authority, Reference, invalid_byte, resolve};
use crate::http::response::ResponseHead;
use crate::http::uri::{Scheme, no_server};
use crate::report::exchange::Exchange;

pub(super) const RULES: &[Rule] = rows![
    warn(
        "redirect-location-missing",
        "RFC 9110 §15.4, §10.2.2",
        "a redirect without Location: the client can't tell where to go",
        |exchange, found| {
            if let Some(head) = exchange.response()
                && matches!(head.status(), 301 | 302 | 303 | 307 | 308)
                && !head.fields.has("location")
            {
                found.at(head.status_line_offset());
            }
        },
    ),
    warn(
        "redirect-location-invalid",
        "RFC 9110 §10.2.2; RFC 3986 §2, §4.1",
        "Location is not a URI, or names no server: clients encode it differently, go elsewhere, or don't follow",
        |exchange, found| {
            let Some((_, line)) = location(exchange) else { return };
            if let Some(at) = invalid_byte(line.value) {
                found.with(line.value_offset(at), &quoted(line.value));
            } else if let Some(problem) = no_server(&Reference::parse(line.value)) {
                found.with(line.offset, &format!("{}: {problem}", quoted(line.value)));
            }
        },
    ),
    note(
        "redirect-location-fragment",
        "RFC 9110 §10.2.2",
        "the Location of 201 has a fragment: it names a place in the created resource, not the resource",
        |exchange, found| {
            if let Some((head, line)) = location(exchange)
                && head.status() == 201
                && Reference::parse(line.value).fragment.is_some()
            {
                found.lines([line]);
            }
        },
    ),
    error(
        "redirect-location-conflict",
        "RFC 9110 §5.3, §10.2.2",
        "several Location fields that differ: clients go to different places",
        |exchange, found| {
            if let Some(head) = exchange.response().filter(|head| has_conflicting_locations(&head.fields)) {
                found.lines(head.fields.all("location"));
            }
        },
    ),
    note(
        "redirect-location-relative",
        "RFC 9110 §10.2.2",
        "Location is a relative reference: it is resolved against the request's URL, which old clients \
         don't do",
        |exchange, found| {
            if let Some((line, reference)) = redirect(exchange)
                && reference.scheme.is_none()
            {
                let target = resolve(&exchange.url.to_bytes(), line.value);
                found.with(line.offset, &format!("{} leads to {}", quoted(line.value), quoted(&target)));
            }
        },
    ),
    note(
        "redirect-location-undefined",
        "RFC 9110 §10.2.2",
        "Location has no meaning with this status: clients ignore it",
        |exchange, found| {
            if let Some((head, line)) = location(exchange)
                // What 202 points to is the status of the work (RFC 9110 §15.3.3).
                && !matches!(head.status(), 201 | 202)
                && !is_redirect(head)
            {
                found.lines([line]);
            }
        },
    ),
    warn(
        "redirect-loop-self",
        "RFC 9110 §15.4",
        "the redirect leads to the requested URL: clients loop until they give up",
        |exchange, found| {
            let url = exchange.url.to_bytes();
            let url = Reference::parse(&url);
            let is_same = |target: &[u8]| is_same_resource(&Reference::parse(target), &url);
            // 301 to 303 turn other methods into GET; 307 and 308 keep them.
            let keeps_method = exchange.response().is_some_and(|head| matches!(head.status(), 307 | 308));
            if keeps_method || matches!(exchange.request.method.as_slice(), b"GET" | b"HEAD") {
                in_target(exchange, found, is_same);
            }
        },
    ),
    warn(
        "redirect-downgrade",
        "RFC 9110 §4.2.2",
        "the redirect leads from https to http: anyone on the path can read and change what follows",
        |exchange, found| {
            let is_http = |target: &[u8]| has_scheme(target, &[b"http"]);
            if exchange.url.scheme == Scheme::Https {
                in_target(exchange, found, is_http);
            }
        },
    ),
    warn(
        "redirect-target-unusual",
        "RFC 9110 §4.2.4, §15.4",
        "the redirect leads to a scheme other than http or https, or has credentials in it: clients don't \
         follow it, or end up in the wrong place",
        |exchange, found| {
            let has_userinfo = |target: &[u8]| {
                Reference::parse(target).authority.is_some_and(|authority| authority.contains(&b'@'))
            };
            in_target(exchange, found, |target| {
                !has_scheme(target, &[b"http", b"https"]) || has_userinfo(target)
            });
        },
    ),
];

/// The final head and its first Location line.
fn location(exchange: &Exchange) -> Option<(&ResponseHead, FieldLine<'_>)> {
    let head = exchange.response()?;
    Some((head, head.fields.first("location")?))
}

/// Whether the status lets a client follow Location.
fn is_redirect(head: &ResponseHead) -> bool {
    matches!(head.status(), 300 | 301 | 302 | 303 | 307 | 308)
}

/// A redirect's first Location line and what it says, if it is made of the
/// characters of a URI.
fn redirect(exchange: &Exchange) -> Option<(FieldLine<'_>, Reference<'_>)> {
    let (head, line) = location(exchange)?;
    let is_usable = invalid_byte(line.value).is_none() && no_server(&Reference::parse(line.value)).is_none();
    (is_redirect(head) && is_usable).then(|| (line, Reference::parse(line.value)))
}

/// Tells a redirect whose target, resolved, passes `check`.
fn in_target(exchange: &Exchange, found: &mut Findings<'_>, check: impl Fn(&[u8]) -> bool) {
    let Some((line, _)) = redirect(exchange) else { return };
    if check(&resolve(&exchange.url.to_bytes(), line.value)) {
        found.lines([line]);
    }
}

fn has_scheme(target: &[u8], schemes: &[&[u8]]) -> bool {
    let scheme = Reference::parse(target).scheme.unwrap_or_default();
    schemes.iter().any(|known| scheme.eq_ignore_ascii_case(known))
}

/// Whether two URIs lead to one place: the fragment is left out, the default
/// port and the empty path are filled in.
fn is_same_resource(a: &Reference<'_>, b: &Reference<'_>) -> bool {
    let path = |uri: &Reference<'_>| if uri.path.is_empty() { b"/".to_vec() } else { uri.path.to_vec() };
    origin(a) == origin(b) && path(a) == path(b) && a.query == b.query
}

/// Scheme, host with userinfo, and port, as they compare.
fn origin(uri: &Reference<'_>) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let scheme = uri.scheme.unwrap_or_default().to_ascii_lowercase();
    let Authority { userinfo, host, port } = Authority::parse(uri.authority.unwrap_or_default());
    let default: &[u8] = if scheme == b"https" { b"443" } else { b"80" };
    let port = port.filter(|port| !port.is_empty()).unwrap_or(default);
    let host = [userinfo.unwrap_or_default(), b"@", &host.to_ascii_lowercase()].concat();
    (scheme, host, port.iter().skip_while(|&&digit| digit == b'0').copied().collect())
}
