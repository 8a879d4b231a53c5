//! Connection options and hop-by-hop fields (RFC 9110 §7.6.1).

use super::lists::members;
use super::rule::{Findings, Rule, rows};
use crate::http::framing::Framing;
use crate::report::exchange::Exchange;

pub(super) const RULES: &[Rule] = rows![
    warn(
        "connection-close-and-keep-alive",
        "RFC 9112 §9.3",
        "Connection says both close and keep-alive: some clients close, others wait for more or send the \
         next request in vain",
        |exchange, found| {
            if let Some(head) = exchange.response()
                && head.fields.has_member("connection", "close")
                && head.fields.has_member("connection", "keep-alive")
            {
                found.lines(head.fields.all("connection"));
            }
        },
    ),
    warn(
        "connection-keep-alive-without-length",
        "RFC 9112 §6.3, §9.3",
        "Connection says keep-alive, but only the connection's end ends the body: clients wait until a \
         timeout",
        keep_alive_without_length,
    ),
    warn(
        "connection-nominates-end-to-end",
        "RFC 9110 §7.6.1",
        "Connection names a field that is meant for the other end: proxies remove it on the way",
        |exchange, found| {
            if let Some(head) = exchange.response() {
                let named = members(&head.fields, "connection");
                let mut bad = named.filter(|(_, member)| is_end_to_end(&member.to_ascii_lowercase()));
                found.lines(bad.next().map(|(line, _)| line));
            }
        },
    ),
    note(
        "connection-option-missing",
        "RFC 9110 §7.8, §7.6.1",
        "Upgrade or Keep-Alive without being named in Connection: proxies pass it on to those it is not \
         meant for",
        |exchange, found| {
            if let Some(head) = exchange.response() {
                let options = ["Upgrade", "Keep-Alive"];
                let missing = options.iter().filter(|option| !head.fields.has_member("connection", option));
                found.lines(missing.filter_map(|option| head.fields.first(option)));
            }
        },
    ),
    note(
        "connection-proxy-connection",
        "RFC 9112 App. C.2.2",
        "Proxy-Connection is not an HTTP field: clients ignore it, and old proxies may hang on it",
        |exchange, found| {
            if let Some(head) = exchange.response() {
                found.lines(head.fields.all("proxy-connection"));
            }
        },
    ),
];

fn keep_alive_without_length(exchange: &Exchange, found: &mut Findings<'_>) {
    let (Some(head), Some(framed)) = (exchange.response(), exchange.body.framed) else { return };
    if framed.framing == Framing::UntilClose && !framed.is_unreliable {
        let mut named = members(&head.fields, "connection");
        found.lines(
            named.find(|(_, member)| member.eq_ignore_ascii_case(b"keep-alive")).map(|(line, _)| line),
        );
    }
}

/// Whether a field, in lower case, is meant for all recipients (RFC 9110 §7.6.1).
pub(super) fn is_end_to_end(name: &[u8]) -> bool {
    matches!(
        name,
        b"cache-control"
            | b"content-type"
            | b"content-encoding"
            | b"content-range"
            | b"content-disposition"
            | b"content-language"
            | b"content-length"
            | b"set-cookie"
            | b"location"
            | b"etag"
            | b"last-modified"
            | b"expires"
            | b"date"
            | b"vary"
            | b"server"
            | b"age"
            | b"www-authenticate"
            | b"strict-transport-security"
            | b"content-security-policy"
            | b"access-control-allow-origin"
            | b"allow"
            | b"authorization"
            | b"cookie"
            | b"forwarded"
            | b"host"
            | b"link"
            | b"origin"
            | b"range"
            | b"referer"
            | b"user-agent"
            | b"via"
    ) || name.starts_with(b"accept")
        || name.starts_with(b"if-")
}
