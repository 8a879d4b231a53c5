//! Findings on the field lines of the request as sent.

use super::field::deprecated_in_request;
use super::request_line::start;
use super::rule::{Findings, Rule, rows};
use crate::http::Deviation;
use crate::http::excerpt::quoted;
use crate::http::reference::{Authority, Reference};
use crate::http::syntax::token_len;
use crate::report::exchange::{Exchange, SentRequest};

pub(super) const RULES: &[Rule] = rows![
    error(
        "request-obs-fold",
        "RFC 9112 §5.2, §2.2",
        "a field line begins with whitespace: servers must refuse it or join it to the line before, and some take it for a field",
        obs_fold,
    ),
    error(
        "request-field-invalid",
        "RFC 9112 §5, §5.1; RFC 9110 §5.5",
        "a field line without a colon, with a space before it, with an invalid name or a control in its \
         value: servers may refuse it or read another field",
        field_invalid,
    ),
    warn(
        "request-connection-option-missing",
        "RFC 9110 §10.1.4, §7.8",
        "a field for this connection alone that Connection does not name: a proxy may pass it on, and servers ignore it",
        connection_option_missing,
    ),
    note(
        "request-field-misplaced",
        "RFC 9110 §10.2; RFC 9111 §5.2.2",
        "a field or cache directive for responses only: servers ignore it",
        field_misplaced,
    ),
    note(
        "request-field-deprecated",
        "IANA HTTP Field Name Registry (obsoleted)",
        "a field that is no longer in use: servers ignore it",
        |exchange, found| {
            for line in exchange.request.fields.iter() {
                if let Some(spec) = deprecated_in_request(line.name, line.value) {
                    found.citing(spec).with(line.offset, &quoted(line.name));
                }
            }
        },
    ),
    warn(
        "request-cookie-multiple",
        "RFC 6265 §5.4",
        "more than one Cookie line: servers may see the first or the last one only",
        cookie_multiple,
    ),
    note(
        "request-user-agent-missing",
        "RFC 9110 §10.1.5",
        "no User-Agent: some servers refuse such requests",
        user_agent_missing,
    ),
    warn(
        "request-credentials-exposed",
        "RFC 9110 §17.16.1, §10.1.3, §4.2.4",
        "credentials or the address of a secure page go where others can read them",
        credentials_exposed,
    ),
];

fn obs_fold(exchange: &Exchange, found: &mut Findings<'_>) {
    for kind in [Deviation::LeadingWhitespace, Deviation::ObsFold] {
        if let Some(noted) = exchange.request.deviations.get(kind) {
            found.at(noted.offset);
        }
    }
}

fn field_invalid(exchange: &Exchange, found: &mut Findings<'_>) {
    let request = &exchange.request;
    for (kind, what) in [
        (Deviation::NoColon, "no colon"),
        (Deviation::SpaceBeforeColon, "space before the colon"),
        (Deviation::NameInvalid, "the name is not a token"),
    ] {
        if let Some(noted) = request.deviations.get(kind) {
            found.with(noted.offset, what);
        }
    }
    let control = request.fields.iter().find_map(|line| {
        let at = line.value.iter().position(|byte| byte.is_ascii_control() && *byte != b'\t')?;
        Some((line, at))
    });
    if let Some((line, at)) = control {
        found.with(line.value_offset(at), &format!("a control in the value of {}", quoted(line.name)));
    }
}

fn connection_option_missing(exchange: &Exchange, found: &mut Findings<'_>) {
    let fields = &exchange.request.fields;
    for name in ["TE", "Upgrade", "Keep-Alive"] {
        if let Some(line) = fields.first(name)
            && !fields.has_member("connection", name)
        {
            found.with(line.offset, name);
        }
    }
}

/// Fields that have a meaning in responses only.
const RESPONSE_FIELDS: &str = "\
    Accept-CH Accept-Patch Accept-Post Accept-Ranges Access-Control-Allow-Credentials \
    Access-Control-Allow-Headers Access-Control-Allow-Methods Access-Control-Allow-Origin \
    Access-Control-Expose-Headers Access-Control-Max-Age Age Allow Alt-Svc Authentication-Info Cache-Status \
    Clear-Site-Data Content-Security-Policy Content-Security-Policy-Report-Only Cross-Origin-Embedder-Policy \
    Cross-Origin-Opener-Policy Cross-Origin-Resource-Policy Deprecation ETag Expires Location NEL \
    Optional-WWW-Authenticate Permissions-Policy Preference-Applied Proxy-Authenticate Proxy-Authentication-Info Proxy-Status \
    Referrer-Policy Refresh Retry-After Server Server-Timing Set-Cookie Strict-Transport-Security Sunset \
    Timing-Allow-Origin Vary WWW-Authenticate X-Content-Type-Options X-Frame-Options";
/// Cache directives that have a meaning in responses only (RFC 9111 §5.2.2;
/// stale-if-error is defined for both).
const RESPONSE_DIRECTIVES: &str = "\
    immutable must-revalidate must-understand private proxy-revalidate public s-maxage \
    stale-while-revalidate";

fn field_misplaced(exchange: &Exchange, found: &mut Findings<'_>) {
    let fields = &exchange.request.fields;
    for line in fields.iter() {
        if RESPONSE_FIELDS.split(' ').any(|name| line.is(name)) {
            found.with(line.offset, &quoted(line.name));
        }
    }
    let directive = fields
        .members("cache-control")
        .map(|member| &member[..token_len(member)])
        .find(|name| RESPONSE_DIRECTIVES.split(' ').any(|known| name.eq_ignore_ascii_case(known.as_bytes())));
    if let Some(line) = fields.first("cache-control")
        && let Some(name) = directive
    {
        found.with(line.offset, &quoted(name));
    }
}

fn cookie_multiple(exchange: &Exchange, found: &mut Findings<'_>) {
    if let Some(second) = exchange.request.fields.all("cookie").nth(1) {
        found.at(second.offset);
    }
}

fn user_agent_missing(exchange: &Exchange, found: &mut Findings<'_>) {
    let request = &exchange.request;
    if !request.fields.has("user-agent") {
        found.at(start(request));
    }
}

fn credentials_exposed(exchange: &Exchange, found: &mut Findings<'_>) {
    let request = &exchange.request;
    // What goes to a loopback address leaves the machine by no network.
    if !exchange.url.is_trustworthy() {
        // Digest shows a listener no password.
        let is_digest = |value: &[u8]| value[..token_len(value)].eq_ignore_ascii_case(b"digest");
        if let Some(line) = request.fields.first("authorization").filter(|line| !is_digest(line.value)) {
            found.with(line.offset, "Authorization over http");
        }
        let is_secure = |value: &[u8]| {
            Reference::parse(value).scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"https"))
        };
        if let Some(line) = request.fields.first("referer")
            && is_secure(line.value)
        {
            found.with(line.offset, "a Referer of https over http");
        }
    }
    if has_userinfo(request) {
        found.with(start(request), "userinfo in the target");
    }
}

/// Whether the target, in absolute or authority form, holds userinfo.
fn has_userinfo(request: &SentRequest) -> bool {
    let target = Reference::parse(&request.target);
    let is_connect = request.method == b"CONNECT";
    let authority = target.scheme.and(target.authority).or(is_connect.then_some(&request.target));
    authority.is_some_and(|authority| Authority::parse(authority).userinfo.is_some())
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{check_with, ids, sent};
    use super::*;

    /// Field lines behind those of a clean request for http://a.example/, or
    /// `METHOD TARGET|lines`.
    fn fields(text: &str) -> Exchange {
        let (line, lines) = text.split_once('|').unwrap_or(("GET /", text));
        let lines = lines.replace('|', "\r\n");
        sent(
            "http://a.example/",
            &format!("{line} HTTP/1.1\r\nHost: a.example\r\nUser-Agent: x\r\n{lines}\r\n\r\n"),
        )
    }

    #[test]
    fn cases() {
        let (invalid, option) = ("request-field-invalid", "request-connection-option-missing");
        let (misplaced, exposed) = ("request-field-misplaced", "request-credentials-exposed");
        check_with(
            &RULES[..6],
            &[
                ("request-obs-fold", "A: b\r\n c", "A: b\r\nc:d"),
                (invalid, "A", "A:"),
                (invalid, "A : b", "A: b :c"),
                (invalid, ": b", "!#$: b"),
                (invalid, "A(: b", "A: (\t\u{E9}"),
                (invalid, "A: b\u{7F}", "A: b\r\n\tc"),
                (option, "TE: gzip", "TE: gzip\r\nConnection: close, te"),
                (option, "Upgrade: x\r\nConnection: keep-alive", "upgrade: x\r\nConnection: Upgrade"),
                (option, "Keep-Alive: 5", "Connection: keep-alive"),
                (misplaced, "set-cookie: a=b", "Cookie: a=b"),
                (misplaced, "Cache-Control: no-cache, Private=\"x\"", "Cache-Control: no-cache, max-age=0"),
                (misplaced, "Vary: x", "Last-Modified: x"),
                ("request-field-deprecated", "Accept-Charset: utf-8", "Pragma: no-cache\r\nDNT: 1"),
                ("request-field-deprecated", "warning: 199 - \"x\"", "Accept-Language: en"),
                ("request-cookie-multiple", "Cookie: a=b\r\ncookie: c=d", "Cookie: a=b; c=d"),
            ],
            |text| fields(&format!("GET /|{text}")),
        );
        check_with(
            &RULES[7..],
            &[
                (exposed, "Authorization: Basic x", "Proxy-Authorization: Basic x"),
                (exposed, "Authorization: Bearer x", "Authorization: Digest username=x"),
                (exposed, "Referer: HTTPS://b.example/", "Referer: http://b.example/"),
                (exposed, "GET http://u@a.example/|A: b", "GET /u@a.example|A: b"),
                (exposed, "CONNECT u:p@a.example:80|A: b", "CONNECT a.example:80|A: b"),
            ],
            fields,
        );
        let tls = |lines: &str| {
            sent("https://a.example/", &format!("GET / HTTP/1.1\r\nHost: a.example\r\n{lines}\r\n"))
        };
        let found = ids(RULES, &tls("User-Agent: x\r\nAuthorization: x\r\nReferer: https://a\r\n"));
        assert_eq!(found, [""; 0]);
        assert_eq!(ids(&RULES[6..7], &tls("")), ["request-user-agent-missing"]);
        let first_line = sent("http://a/", "GET / HTTP/1.1\r\n Host: a\r\n\r\n");
        assert_eq!(ids(&RULES[..1], &first_line), ["request-obs-fold"]);
    }
}
