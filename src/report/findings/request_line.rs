//! Findings on the request line and the lines of the head as sent.

use super::rule::{Findings, Rule, rows};
use crate::http::Deviation;
use crate::http::excerpt::quoted;
use crate::http::reference::{Authority, Reference, invalid_byte};
use crate::http::request_line::{LineParts, TargetForm, line_offset, registered_method};
use crate::http::syntax::is_token;
use crate::report::exchange::{Exchange, SentRequest};

pub(super) const RULES: &[Rule] = rows![
    error(
        "request-line-ending",
        "RFC 9112 §2.2; RFC 9110 §5.5",
        "a line ends in LF alone, or holds CR or NUL: servers and proxies may split the lines differently",
        line_ending,
    ),
    error(
        "request-line-whitespace",
        "RFC 9112 §3",
        "the request line's parts are not separated by one space each: servers may refuse it or take another target",
        line_whitespace,
    ),
    error(
        "request-method-invalid",
        "RFC 9110 §9.1, §5.6.2",
        "the method is not a token: servers refuse it",
        method_invalid,
    ),
    note(
        "request-method-case",
        "RFC 9110 §9.1",
        "methods are case-sensitive: this is not the registered one",
        method_case,
    ),
    error(
        "request-target-invalid",
        "RFC 9112 §3.2",
        "the target holds a byte that no URI may hold, a # or a % without two hexadecimal digits: servers may refuse it",
        target_invalid,
    ),
    error(
        "request-target-form",
        "RFC 9112 §3.2.1-3.2.4",
        "the target does not have the form that its method needs: / or a URL, * for OPTIONS, host:port for CONNECT",
        target_form,
    ),
    note(
        "request-target-long",
        "RFC 9112 §3",
        "a target over 8000 bytes: servers may respond with 414",
        target_long,
    ),
    error(
        "request-version-invalid",
        "RFC 9112 §2.3",
        "the version is not written HTTP/1.DIGIT: servers may refuse it, or respond as HTTP/0.9",
        version_invalid,
    ),
];

/// Targets up to this length should be taken everywhere (RFC 9112 §3).
const LONG_TARGET: usize = 8000;

/// Offset of the request line.
pub(super) fn start(request: &SentRequest) -> u64 {
    line_offset(&request.head) as u64
}

fn line_ending(exchange: &Exchange, found: &mut Findings<'_>) {
    let deviations = &exchange.request.deviations;
    for (kind, what) in
        [(Deviation::BareLf, "bare LF"), (Deviation::BareCr, "bare CR"), (Deviation::Nul, "NUL")]
    {
        if let Some(noted) = deviations.get(kind) {
            found.with(noted.offset, &format!("{what}, {} times", noted.count));
        }
    }
}

fn line_whitespace(exchange: &Exchange, found: &mut Findings<'_>) {
    let line = &exchange.request.line;
    let parts = LineParts::of(line);
    let mut expected = [parts.method, b" ", parts.target()].concat();
    if let Some(version) = parts.version {
        expected.push(b' ');
        expected.extend_from_slice(version);
    }
    if *line != expected || parts.targets.is_empty() {
        found.with(start(&exchange.request), &quoted(line));
    }
}

fn method_invalid(exchange: &Exchange, found: &mut Findings<'_>) {
    let method = &exchange.request.method;
    if !is_token(method) {
        found.with(start(&exchange.request), &quoted(method));
    }
}

fn method_case(exchange: &Exchange, found: &mut Findings<'_>) {
    let method = &exchange.request.method;
    let registered = registered_method(method);
    if let Some(registered) = registered
        && method != registered.as_bytes()
    {
        found.with(start(&exchange.request), &format!("{} and not {registered}", quoted(method)));
    }
}

fn target_invalid(exchange: &Exchange, found: &mut Findings<'_>) {
    let request = &exchange.request;
    let is_bad = |target: &&[u8]| invalid_byte(target).is_some() || target.contains(&b'#');
    if let Some(target) = LineParts::of(&request.line).targets.into_iter().find(is_bad) {
        found.with(start(request), &quoted(target));
    }
}

fn target_form(exchange: &Exchange, found: &mut Findings<'_>) {
    let request = &exchange.request;
    let reference = Reference::parse(&request.target);
    let is_web = reference.scheme.is_some_and(|scheme| {
        ["http", "https"].iter().any(|one| scheme.eq_ignore_ascii_case(one.as_bytes()))
    });
    // A URL without a host is invalid (RFC 9110 §4.2.1).
    let is_hostless =
        is_web && reference.authority.is_none_or(|authority| Authority::parse(authority).host.is_empty());
    if is_hostless || !TargetForm::of(&request.target).fits(&request.method) {
        found.with(start(request), &format!("{} for {}", quoted(&request.target), quoted(&request.method)));
    }
}

fn target_long(exchange: &Exchange, found: &mut Findings<'_>) {
    let request = &exchange.request;
    if request.target.len() > LONG_TARGET {
        found.with(start(request), &format!("{} bytes", request.target.len()));
    }
}

fn version_invalid(exchange: &Exchange, found: &mut Findings<'_>) {
    let request = &exchange.request;
    match LineParts::of(&request.line).version {
        // A server takes a higher minor version for its own (RFC 9110 §2.5).
        Some([b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'0'..=b'9']) => {}
        Some(version) => found.with(start(request), &quoted(version)),
        None => found.with(start(request), "there is none"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{check_with, ids, sent};
    use super::*;

    /// The exchange of a request with the end that a `$` stands for.
    fn line(text: &str) -> Exchange {
        sent("http://a.example/", &text.replace('$', " HTTP/1.1\r\nHost: a.example\r\n\r\n"))
    }

    #[test]
    fn cases() {
        let (ending, space) = ("request-line-ending", "request-line-whitespace");
        let (target, form) = ("request-target-invalid", "request-target-form");
        let version = "request-version-invalid";
        let long = |length: usize| &*format!("GET /{}$", "x".repeat(length)).leak();
        check_with(
            RULES,
            &[
                (ending, "GET / HTTP/1.1\nHost: x\r\n\r\n", "GET /$"),
                (ending, "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", "\r\n\nGET /$\r\0\n"),
                (ending, "GET /\0$", "GET /%00$"),
                (space, "GET  /$", "GET /$"),
                (space, "GET /\t HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"),
                (space, " GET /$", "GET /"),
                (space, "GET / HTTP/1.1 \r\n\r\n", "G(T /$"),
                (space, "GET /a b$", "GET /a%20b$"),
                (space, "GET$", "GET * x\r\n\r\n"),
                ("request-method-invalid", "G(T /$", "get /$"),
                ("request-method-invalid", "\r\n", "X! /$"),
                ("request-method-case", "Get /$", "gets /$"),
                ("request-method-case", "propfind /$", "PROPFIND /$"),
                (target, "GET /\u{E9}$", "GET /%e9[]$"),
                (target, "GET /a#b$", "GET /a%23b$"),
                (target, "GET /%4$", "GET /%4f$"),
                (target, "GET /\\$", "GET /a b$"),
                (form, "GET *$", "OPTIONS *$"),
                (form, "GET a.example:80$", "CONNECT a.example:80$"),
                (form, "CONNECT /$", "CONNECT [::1]:443$"),
                (form, "CONNECT a.example$", "GET http://a.example:80$"),
                (form, "GET a.example/x$", "GET http://u@a.example/x$"),
                (form, "GET$", "GET /a:80$"),
                ("request-target-long", long(8000), long(7999)),
                (version, "GET /", "GET / HTTP/1.0\r\n\r\n"),
                (version, "GET / http/1.1\r\n\r\n", "GET /$"),
                (version, "GET / HTTP/2.0\r\n\r\n", "GET / HTTP/1.2\r\nHost: a.example\r\n\r\n"),
            ],
            line,
        );
        assert_eq!(ids(RULES, &line("GET /$")), [""; 0]);
    }
}
