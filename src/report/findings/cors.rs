//! Findings on the fields of cross-origin requests (Fetch).

use super::rule::{Findings, Rule, rows};
use crate::http::digits::is_digits;
use crate::http::excerpt::quoted;
use crate::http::field::FieldSection;
use crate::http::reference::is_origin;
use crate::http::response::ResponseHead;
use crate::report::exchange::Exchange;

pub(super) const RULES: &[Rule] = rows![
    warn(
        "cors-wildcard-credentials",
        "Fetch (CORS protocol and credentials; CORS check)",
        "Access-Control-Allow-Origin: * together with Allow-Credentials: requests with credentials fail in browsers",
        wildcard_credentials,
    ),
    warn(
        "cors-origin-invalid",
        "Fetch (CORS protocol: HTTP responses)",
        "Access-Control-Allow-Origin is not *, null or one scheme://host[:port]: scripts of other origins can't read the response",
        origin_invalid,
    ),
    note(
        "cors-origin-mismatch",
        "Fetch (CORS check)",
        "Access-Control-Allow-Origin names an origin other than the request's: its scripts can't read the \
         response",
        origin_mismatch,
    ),
    warn(
        "cors-credentials-invalid",
        "Fetch (CORS protocol: HTTP responses)",
        "Access-Control-Allow-Credentials is anything but true: it counts as absent",
        credentials_invalid,
    ),
    warn(
        "cors-vary-origin-missing",
        "Fetch (CORS protocol and HTTP caches)",
        "the request's own origin is allowed but Vary does not name Origin: unless every request gets this origin, a cache may give the response to another one",
        vary_origin_missing,
    ),
    note(
        "cors-preflight-field",
        "Fetch (CORS protocol: HTTP responses)",
        "a field for preflight responses only, or a Max-Age that is not a number: it has no effect",
        preflight_field,
    ),
];

const ALLOW_ORIGIN: &str = "access-control-allow-origin";
const ALLOW_CREDENTIALS: &str = "access-control-allow-credentials";
const MAX_AGE: &str = "access-control-max-age";

/// The first Access-Control-Allow-Origin with its offset.
fn allowed_origin(head: &ResponseHead) -> Option<(&[u8], u64)> {
    head.fields.first(ALLOW_ORIGIN).map(|line| (line.value, line.offset))
}

fn names_any(fields: &FieldSection, name: &str, members: [&str; 2]) -> bool {
    members.into_iter().any(|member| fields.has_member(name, member))
}

fn wildcard_credentials(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some(head) = exchange.response() else { return };
    if let Some((b"*", offset)) = allowed_origin(head)
        && head.fields.value(ALLOW_CREDENTIALS) == Some(b"true")
    {
        found.at(offset);
    }
}

fn origin_invalid(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some((value, offset)) = exchange.response().and_then(allowed_origin) else { return };
    if !matches!(value, b"*" | b"null") && !is_origin(value) {
        found.with(offset, &quoted(value));
    }
}

fn origin_mismatch(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some((value, offset)) = exchange.response().and_then(allowed_origin) else { return };
    let is_single = value == b"null" || is_origin(value);
    if let Some(origin) = exchange.request.fields.value("origin")
        && is_single
        && value != origin
    {
        found.with(offset, &format!("{} and not {}", quoted(value), quoted(origin)));
    }
}

fn credentials_invalid(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some(head) = exchange.response() else { return };
    if let Some(line) = head.fields.first(ALLOW_CREDENTIALS)
        && line.value != b"true"
    {
        found.with(line.offset, &quoted(line.value));
    }
}

fn vary_origin_missing(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some(head) = exchange.response() else { return };
    // An origin that is not the request's is the same for every request, and what is
    // stored nowhere is reused nowhere.
    if let Some((value, offset)) = allowed_origin(head)
        && is_origin(value)
        && exchange.request.fields.value("origin") == Some(value)
        && exchange.caching(None).is_some_and(|verdict| verdict.is_stored())
        && !names_any(&head.fields, "vary", ["origin", "*"])
    {
        found.at(offset);
    }
}

fn preflight_field(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some(head) = exchange.response() else { return };
    if let Some(line) = head.fields.first(MAX_AGE)
        && !is_digits(line.value)
    {
        found.with(line.offset, &quoted(line.value));
    } else if exchange.request.method != b"OPTIONS" {
        let names = ["access-control-allow-methods", "access-control-allow-headers", MAX_AGE];
        if let Some(line) = names.into_iter().find_map(|name| head.fields.first(name)) {
            found.with(line.offset, &quoted(line.name));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::check;
    use super::*;

    #[test]
    fn cases() {
        let (invalid, mismatch) = ("cors-origin-invalid", "cors-origin-mismatch");
        let (vary, preflight) = ("cors-vary-origin-missing", "cors-preflight-field");
        check(
            RULES,
            &[
                (
                    "cors-wildcard-credentials",
                    "200|Access-Control-Allow-Origin: *|Access-Control-Allow-Credentials: true",
                    "200|Access-Control-Allow-Origin: *|Access-Control-Allow-Credentials: True",
                ),
                (
                    invalid,
                    "200|Access-Control-Allow-Origin: https://a.example/",
                    "200|Access-Control-Allow-Origin: https://a.example",
                ),
                (
                    invalid,
                    "200|Access-Control-Allow-Origin: a.example",
                    "200|Access-Control-Allow-Origin: http://[::1]:8080",
                ),
                (
                    invalid,
                    "200|Access-Control-Allow-Origin: https://a.example, https://b.example",
                    "200|Access-Control-Allow-Origin: null",
                ),
                (
                    invalid,
                    "200|Access-Control-Allow-Origin: https://a.example https://b.example",
                    "200|Access-Control-Allow-Origin: *",
                ),
                (
                    invalid,
                    "200|Access-Control-Allow-Origin: https://u@a.example",
                    "200|Access-Control-Allow-Origin: app://x",
                ),
                (
                    invalid,
                    "200|Access-Control-Allow-Origin: https://*.a.example",
                    "200|Access-Control-Allow-Origin: http://a.example:1",
                ),
                (
                    mismatch,
                    "GET http://x/|Origin: https://z.example > 200|Access-Control-Allow-Origin: https://a.example",
                    "GET http://x/|Origin: https://z.example > 200|Access-Control-Allow-Origin: https://z.example",
                ),
                (
                    mismatch,
                    "GET http://x/|Origin: https://z.example > 200|Access-Control-Allow-Origin: null",
                    "GET http://x/|Origin: https://z.example > 200|Access-Control-Allow-Origin: *",
                ),
                (
                    mismatch,
                    "GET http://x/|Origin: https://z.example > 200|Access-Control-Allow-Origin: https://z.example:443",
                    "200|Access-Control-Allow-Origin: https://a.example",
                ),
                (
                    "cors-credentials-invalid",
                    "200|Access-Control-Allow-Credentials: TRUE",
                    "200|Access-Control-Allow-Credentials: true",
                ),
                (
                    vary,
                    "GET http://x/|Origin: https://a.example > 200|Access-Control-Allow-Origin: https://a.example|Vary: Accept",
                    "GET http://x/|Origin: https://a.example > 200|Access-Control-Allow-Origin: https://a.example|Vary: Accept, origin",
                ),
                (
                    vary,
                    "GET http://x/|Origin: https://a.example > 200|Access-Control-Allow-Origin: https://a.example",
                    "GET http://x/|Origin: https://a.example > 200|Access-Control-Allow-Origin: https://a.example|Vary: *",
                ),
                (
                    vary,
                    "GET http://x/|Origin: https://a.example > 200|Access-Control-Allow-Origin: https://a.example",
                    "GET http://x/|Origin: https://a.example > 200|Access-Control-Allow-Origin: https://static.example",
                ),
                (
                    vary,
                    "GET http://x/|Origin: https://a.example > 200|Access-Control-Allow-Origin: https://a.example",
                    "200|Access-Control-Allow-Origin: https://a.example",
                ),
                (
                    vary,
                    "GET http://x/|Origin: https://a.example > 200|Access-Control-Allow-Origin: https://a.example",
                    "GET http://x/|Origin: https://a.example > 200|Access-Control-Allow-Origin: https://a.example|Cache-Control: no-store",
                ),
                (
                    vary,
                    "GET http://x/|Origin: https://a.example > 200|Access-Control-Allow-Origin: https://a.example",
                    "OPTIONS http://x/|Origin: https://a.example > 200|Access-Control-Allow-Origin: https://a.example",
                ),
                (
                    preflight,
                    "OPTIONS http://x/ > 200|Access-Control-Max-Age: 1d",
                    "OPTIONS http://x/ > 200|Access-Control-Max-Age: 1|Access-Control-Allow-Methods: PUT",
                ),
                (preflight, "200|Access-Control-Allow-Methods: PUT", "200|Access-Control-Expose-Headers: X"),
                (preflight, "200|Access-Control-Max-Age: 1", "200|Access-Control-Allow-Origin: *"),
            ],
        );
    }
}
