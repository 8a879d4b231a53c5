//! Findings on what the parts of a request as sent mean together.

use super::conditional::{is_retrieval, selects_nothing};
use super::connection;
use super::lists::members;
use super::request_line::start;
use super::rule::{Findings, Rule, rows};
use super::upgrade::is_http2;
use super::value::{escapes, has_wide_whitespace, links_invalid};
use crate::http::cache_control::CacheControl;
use crate::http::date::{self, DateForm};
use crate::http::entity_tag::{EntityTag, EntityTags};
use crate::http::excerpt::quoted;
use crate::http::field::FieldLine;
use crate::http::range::Range;
use crate::http::reference::Reference;
use crate::http::syntax::list_members;
use crate::http::{link, via};
use crate::report::exchange::Exchange;

pub(super) const RULES: &[Rule] = rows![
    warn(
        "request-field-duplicate",
        "RFC 9110 §5.3",
        "a field that may occur only once occurs on several lines: servers may use either, or refuse",
        duplicate,
    ),
    warn(
        "request-if-range-invalid",
        "RFC 9110 §13.1.5",
        "If-Range without Range, or with a weak entity tag: servers ignore it and send the whole",
        |exchange, found| {
            let fields = &exchange.request.fields;
            let is_weak = |value: &[u8]| EntityTag::parse(value).is_some_and(|tag| tag.is_weak);
            let is_bad = |line: &FieldLine<'_>| !fields.has("range") || is_weak(line.value);
            found.lines(fields.first("if-range").filter(is_bad));
        },
    ),
    warn(
        "request-condition-void",
        "RFC 9110 §13, §14",
        "a range or condition that servers must ignore with this method, or that can never be met",
        condition_void,
    ),
    warn(
        "request-te-chunked",
        "RFC 9112 §7.4",
        "TE names chunked, which every recipient of HTTP/1.1 takes anyway",
        |exchange, found| {
            found.lines(member_line(exchange, "te", |name| name.eq_ignore_ascii_case(b"chunked")))
        },
    ),
    warn(
        "request-connection-nominates-end-to-end",
        "RFC 9110 §7.6.1",
        "Connection names a field that is meant for the other end: proxies remove it on the way",
        |exchange, found| {
            let is_bad = |name: &[u8]| connection::is_end_to_end(&name.to_ascii_lowercase());
            found.lines(member_line(exchange, "connection", is_bad));
        },
    ),
    warn(
        "request-cache-control-invalid",
        "RFC 9111 §5.2, §5.2.1",
        "a cache directive is malformed, or has a value it may not have: caches ignore it",
        |exchange, found| {
            for bad in
                CacheControl::of(&exchange.request.fields).iter().filter(|one| !one.is_valid_in_request())
            {
                found.with(bad.line.value_offset(bad.at), &quoted(bad.parameter.name));
            }
        },
    ),
    note(
        "request-list-malformed",
        "RFC 9110 §5.6.1",
        "a list has an empty member: servers skip it, but strict ones refuse the field",
        |exchange, found| {
            for name in LISTS.split(' ') {
                for line in exchange.request.fields.all(name) {
                    let mut members = match name {
                        "via" => via::members(line.value),
                        "link" => link::members(line.value),
                        _ => list_members(line.value).collect(),
                    };
                    // A list without any member is said by an empty value.
                    members.retain(|_| !line.value.is_empty());
                    if members.iter().any(|member| member.is_empty()) {
                        found.lines([line]);
                    }
                }
            }
        },
    ),
    note(
        "request-target-brackets",
        "RFC 3986 §3.2.2, §3.3, §3.4",
        "a bracket in the path or query, where it must be percent-encoded: some servers refuse it",
        |exchange, found| {
            let target = &exchange.request.target;
            // Two slashes at the beginning of a path introduce no host.
            let reference = Reference::parse(target);
            let is_path = target.starts_with(b"/");
            let parts =
                if is_path { [Some(&target[..]), None] } else { [Some(reference.path), reference.query] };
            if parts.into_iter().flatten().any(|part| part.iter().any(|byte| b"[]".contains(byte))) {
                found.with(start(&exchange.request), &quoted(&exchange.request.target));
            }
        },
    ),
    note(
        "request-host-not-first",
        "RFC 9110 §7.2",
        "Host is not the first field: servers read further before they know which site is meant",
        |exchange, found| {
            let fields = &exchange.request.fields;
            let is_first = fields.iter().next().is_some_and(|line| line.is("host"));
            found.lines(fields.first("host").filter(|_| !is_first));
        },
    ),
    note(
        "request-upgrade-http2",
        "RFC 9113 §3.1, §3.2",
        "Upgrade does not lead to HTTP/2: h2 is for TLS alone, and h2c is no longer used",
        |exchange, found| found.lines(member_line(exchange, "upgrade", is_http2)),
    ),
    warn(
        "request-date-invalid",
        "RFC 9110 §5.6.7",
        "a date is in none of the HTTP forms, or does not exist: servers act as if the field were absent",
        |exchange, found| {
            let lines = date_lines(exchange).filter(|line| date::parse(line.value).is_none());
            // If-Range may have an entity tag instead, or what looks like neither.
            found.lines(lines.filter(|line| !line.is("if-range")));
        },
    ),
    warn(
        "request-link-invalid",
        "RFC 8288 §3",
        "a link can't be used as written: servers skip it, or the parameter",
        |exchange, found| links_invalid(found, &exchange.request.fields),
    ),
    note(
        "request-cache-control-conflict",
        "RFC 9111 §5.2.1",
        "cache directives that exclude each other: caches follow one of them, or respond with 504",
        cache_control_conflict,
    ),
    note(
        "request-date-obsolete",
        "RFC 9110 §5.6.7",
        "a date is in an obsolete form (two-digit year, or asctime): some servers don't read it",
        |exchange, found| found.lines(dates(exchange, |date| date.form != DateForm::ImfFixdate)),
    ),
    warn(
        "request-date-weekday",
        "RFC 9110 §5.6.7; RFC 5322 §3.3",
        "the day of the week is not that of the date: servers that compare the two reject the date",
        |exchange, found| found.lines(dates(exchange, |date| !date.has_right_weekday)),
    ),
    note(
        "request-range-order",
        "RFC 9110 §14.2",
        "ranges that overlap or are not in ascending order: servers may refuse them or send the whole",
        |exchange, found| {
            let asked = exchange.request.fields.first("range");
            found.lines(asked.filter(|line| Range::parse(line.value).is_some_and(|range| !range.ascends())));
        },
    ),
    note(
        "request-escape-needless",
        "RFC 9110 §5.6.4",
        "a backslash before a character that needs none: servers that don't remove it read another value",
        |exchange, found| {
            let names = [
                "accept",
                "authorization",
                "cache-control",
                "content-disposition",
                "content-type",
                "user-agent",
                "via",
            ];
            let lines = exchange.request.fields.iter().filter(|line| names.iter().any(|name| line.is(name)));
            escapes(found, lines);
        },
    ),
    note(
        "request-whitespace-wide",
        "RFC 9110 §5.6.3",
        "more than one space where one is expected",
        |exchange, found| {
            let lines = exchange.request.fields.iter().filter(|line| line.is("user-agent") || line.is("via"));
            found.lines(lines.filter(|line| has_wide_whitespace(line.value)));
        },
    ),
    note(
        "request-etag-backslash",
        "RFC 9110 §8.8.3",
        "an entity tag with a backslash, which some recipients drop",
        |exchange, found| {
            let names = ["if-match", "if-none-match", "if-range"];
            let lines = exchange.request.fields.iter().filter(|line| names.iter().any(|name| line.is(name)));
            found.lines(lines.filter(|line| line.value.contains(&b'\\')));
        },
    ),
];

/// Fields of requests that may stand there once.
const SINGLETONS: &str = "\
    Access-Control-Request-Method Authorization Content-Disposition Content-Location Content-Range \
    Content-Type Date From If-Modified-Since If-Range If-Unmodified-Since Max-Forwards Proxy-Authorization \
    Range Referer Sec-WebSocket-Key User-Agent";

/// Fields of requests whose value is a list.
const LISTS: &str = "\
    accept accept-charset accept-encoding accept-language cache-control connection content-encoding \
    content-language expect forwarded if-match if-none-match link pragma prefer te trailer upgrade via";

fn duplicate(exchange: &Exchange, found: &mut Findings<'_>) {
    let mut seen = Vec::new();
    for line in exchange.request.fields.iter() {
        let Some(name) = SINGLETONS.split(' ').find(|name| line.is(name)) else { continue };
        if seen.contains(&name) {
            // The value may be a secret.
            found.with(line.offset, &quoted(line.name));
        } else {
            seen.push(name);
        }
    }
}

/// The first line of the list field `name` with a member that is `wanted`.
fn member_line<'a>(
    exchange: &'a Exchange,
    name: &'a str,
    wanted: impl Fn(&[u8]) -> bool,
) -> Option<FieldLine<'a>> {
    let fields = &exchange.request.fields;
    let head = |member: &'a [u8]| member.split(|&byte| byte == b';').next().unwrap_or_default();
    let mut found = members(fields, name).filter(|(_, member)| wanted(head(member).trim_ascii()));
    found.next().map(|(line, _)| line)
}

fn condition_void(exchange: &Exchange, found: &mut Findings<'_>) {
    let request = &exchange.request;
    let fields = &request.fields;
    let is_retrieval = is_retrieval(exchange);
    let is_tagged_weakly = |line: &FieldLine<'_>| {
        EntityTags::parse(line.value).is_some_and(|tags| tags.tags().iter().any(|tag| tag.is_weak))
    };
    if let Some(line) = fields.first("range").filter(|_| !is_retrieval || request.method == b"HEAD") {
        found.citing("RFC 9110 §14.2").with(line.offset, "Range without GET or QUERY");
    }
    if let Some(line) = fields.first("if-modified-since").filter(|_| !is_retrieval) {
        found.citing("RFC 9110 §13.1.3").with(line.offset, "If-Modified-Since without GET, HEAD or QUERY");
    }
    if let Some(line) = fields.all("if-match").find(is_tagged_weakly) {
        found.citing("RFC 9110 §13.1.1").with(line.offset, "a weak entity tag matches nothing in If-Match");
    }
    let names = ["if-match", "if-none-match", "if-unmodified-since"];
    if let Some(line) = names.iter().find_map(|name| fields.first(name)).filter(|_| selects_nothing(exchange))
    {
        found
            .citing("RFC 9110 §13.2.1")
            .with(line.offset, "a precondition with a method that selects nothing");
    }
}

/// The lines of the request with a date that is `wanted`.
fn dates(exchange: &Exchange, wanted: fn(date::HttpDate) -> bool) -> impl Iterator<Item = FieldLine<'_>> {
    date_lines(exchange).filter(move |line| date::parse(line.value).is_some_and(wanted))
}

fn date_lines(exchange: &Exchange) -> impl Iterator<Item = FieldLine<'_>> {
    let names = ["date", "if-modified-since", "if-range", "if-unmodified-since"];
    exchange.request.fields.iter().filter(move |line| names.iter().any(|name| line.is(name)))
}

/// Of what a cache holds, one directive asks for more than the other allows.
fn cache_control_conflict(exchange: &Exchange, found: &mut Findings<'_>) {
    let directives = CacheControl::of(&exchange.request.fields);
    let pairs = [("only-if-cached", "no-cache"), ("only-if-cached", "no-store"), ("max-stale", "no-cache")];
    for (one, other) in pairs {
        if let (Some(first), Some(_)) = (directives.get(one), directives.get(other)) {
            found.with(first.line.value_offset(first.at), &format!("{one} and {other}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{check_with, sent};
    use super::*;

    /// Field lines, or `METHOD TARGET|lines`.
    fn request(text: &str) -> Exchange {
        let (line, lines) = text.split_once('|').unwrap_or(("GET /", text));
        sent("http://a.example/", &format!("{line} HTTP/1.1\r\n{}\r\n\r\n", lines.replace('|', "\r\n")))
    }

    #[test]
    fn cases() {
        let (void, control, range) =
            ("request-condition-void", "request-cache-control-invalid", "request-if-range-invalid");
        let (list, date) = ("request-list-malformed", "Sun, 06 Nov 1994 08:49:37 GMT");
        let dated = |text: &str| &*text.replace("DATE", date).leak();
        check_with(
            RULES,
            &[
                ("request-field-duplicate", "GET /|Referer: /a|referer: /a", "GET /|A: a|a: a"),
                (range, "GET /|If-Range: \"a\"", "GET /|Range: bytes=0-|If-Range: \"a\""),
                (
                    range,
                    "GET /|Range: bytes=0-|If-Range: W/\"a\"",
                    dated("GET /|Range: bytes=0-|If-Range: DATE"),
                ),
                (void, "PUT /|Range: bytes=0-", "GET /|Range: bytes=0-"),
                (void, "HEAD /|Range: bytes=0-", "QUERY /|Range: bytes=0-"),
                (void, dated("POST /|If-Modified-Since: DATE"), dated("QUERY /|If-Modified-Since: DATE")),
                (void, dated("PUT /|If-Modified-Since: DATE"), dated("HEAD /|If-Modified-Since: DATE")),
                (void, "PUT /|If-Match: \"a\"|If-Match: W/\"b\"", "PUT /|If-Match: \"a\"|If-Match: \"b\""),
                (void, "PUT /|If-Match: \"a\", W/\"b\"", "GET /|If-None-Match: W/\"b\""),
                (void, "OPTIONS /|If-None-Match: *", "PUT /|If-None-Match: *"),
                ("request-te-chunked", "GET /|TE: gzip, Chunked;q=1", "GET /|TE: gzip, trailers"),
                (
                    "request-connection-nominates-end-to-end",
                    "GET /|Connection: close, Cookie",
                    "GET /|Connection: close, TE, X-Hop",
                ),
                (control, "GET /|Cache-Control: max-age=\"9\"", "GET /|Cache-Control: max-age=9, max-stale"),
                (control, "GET /|Cache-Control: no-store=x", "GET /|Cache-Control: x=\"y z\", no-cache=x"),
                (control, "GET /|Cache-Control: \"a\"", "GET /|Cache-Control:"),
                (list, "GET /|Accept: a/b,, c/d", "GET /|Accept:"),
                (list, "GET /|Via: 1.1 a,", "GET /|Via: 1.1 a (b,,c)"),
                ("request-target-brackets", "GET /?a[]=b|A: b", "GET http://[::1]/?a=b|A: b"),
                ("request-host-not-first", "GET /|A: b|Host: a", "GET /|Host: a|A: b"),
                ("request-upgrade-http2", "GET /|Upgrade: x, h2c", "GET /|Upgrade: websocket"),
                ("request-date-invalid", "GET /|If-Modified-Since: yesterday", dated("GET /|Date: DATE")),
                ("request-date-invalid", "GET /|Date: Thu, 29 Feb 2015 10:00:00 GMT", "GET /|If-Range: x"),
                ("request-link-invalid", "GET /|Link: a", "GET /|Link: </a>; rel=next,"),
                ("request-link-invalid", "GET /|Link: </a>; rel=x; rel=y", "GET /|A: </a>"),
                (
                    "request-cache-control-conflict",
                    "GET /|Cache-Control: no-cache|Cache-Control: only-if-cached",
                    "GET /|Cache-Control: no-cache, no-store, max-age=0",
                ),
                (list, "GET /|Link: ,</a>; rel=x", "GET /|Link: </a,,b>; rel=x"),
                ("request-target-brackets", "GET //[::1/|A: b", "GET //a|A: b"),
                (
                    "request-date-obsolete",
                    "GET /|If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT",
                    dated("GET /|If-Modified-Since: DATE"),
                ),
                (
                    "request-date-weekday",
                    "GET /|If-Modified-Since: Mon, 06 Nov 1994 08:49:37 GMT",
                    dated("GET /|If-Modified-Since: DATE"),
                ),
                ("request-range-order", "GET /|Range: bytes=5-6,0-1", "GET /|Range: bytes=0-1, 5-6, -1"),
                (
                    "request-escape-needless",
                    "GET /|Accept: a/b;c=\"\\d\"",
                    "GET /|Accept: a/b;c=\"\\\"\\\\\"",
                ),
                ("request-whitespace-wide", "GET /|User-Agent: a  b", "GET /|User-Agent: a b (c  d)"),
                ("request-etag-backslash", "GET /|If-None-Match: \"a\\b\"", "GET /|If-None-Match: \"a/b\""),
            ],
            request,
        );
    }
}
