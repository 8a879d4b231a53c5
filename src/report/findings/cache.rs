//! Caching and validators (RFC 9111, RFC 9110 §8.8).

use std::collections::BTreeSet;

use super::lists::{directive, members, number};
use super::{Found, Rule, note, response_with, warn};
use crate::http::date;
use crate::http::field::{FieldLine, FieldSection};
use crate::http::response::ResponseHead;
use crate::report::exchange::Exchange;

pub(super) const RULES: &[Rule] = &[
    note(
        "cache-date-missing",
        "RFC 9110 §6.6.1",
        "no Date: nobody can tell how old the response is, and caches reckon from when they got it",
        |exchange, found| {
            if let Some(head) = exchange.response()
                && (200..500).contains(&head.status())
                && !head.fields.has("date")
            {
                found.at(head.status_line_offset());
            }
        },
    ),
    warn(
        "cache-last-modified-future",
        "RFC 9110 §8.8.2.1",
        "Last-Modified is later than Date: conditional requests may never see a change",
        |exchange, found| {
            let Some(head) = exchange.response() else { return };
            let date = |name| Some(date::parse(head.fields.value(name)?)?.seconds);
            if let (Some(modified), Some(sent)) = (date("last-modified"), date("date"))
                && modified > sent
            {
                found.lines(head.fields.first("last-modified"));
            }
        },
    ),
    warn(
        "cache-age-invalid",
        "RFC 9111 §5.1, §1.2.2",
        "Age is not a number of seconds, or above 2^31: caches may serve a stale response as fresh",
        |exchange, found| {
            let Some(head) = exchange.response() else { return };
            let is_age = |value: &[u8]| number(value).is_some_and(|age| age <= MAX_SECONDS);
            found.lines(head.fields.first("age").filter(|line| !is_age(line.value)));
        },
    ),
    warn(
        "cache-control-invalid",
        "RFC 9111 §5.2, §5.2.2, §4.2.1",
        "a cache directive is malformed, or has a value it may not have: caches ignore it or take the \
         response for stale",
        |exchange, found| {
            told_once(exchange, found, |fields| {
                let mut all = members(fields, "cache-control").filter(|(_, member)| !member.is_empty());
                all.find(|(_, member)| directive(member).is_none_or(|(name, value)| !is_valid(name, value)))
                    .map(|(line, _)| line)
            })
        },
    ),
    warn(
        "cache-control-duplicate",
        "RFC 9111 §4.2.1",
        "a cache directive is given twice: caches may obey either",
        |exchange, found| {
            told_once(exchange, found, |fields| {
                let mut seen = BTreeSet::new();
                directives(fields)
                    .into_iter()
                    .find(|directive| !seen.insert(directive.name.clone()))
                    .map(|twice| twice.line)
            })
        },
    ),
    warn(
        "cache-control-conflict",
        "RFC 9111 §5.2.2",
        "cache directives contradict each other (public with private, or no-store with leave to store): \
         caches may obey either",
        |exchange, found| {
            told_once(exchange, found, |fields| {
                let given = CacheControl::of(fields);
                let is_conflict = given.has("public") && given.has("private")
                    || given.has("no-store")
                        && (given.has("public")
                            || given.has("immutable")
                            || given.is_positive("max-age")
                            || given.is_positive("s-maxage"));
                fields.first("cache-control").filter(|_| is_conflict)
            })
        },
    ),
    note(
        "cache-control-meaningless",
        "RFC 9111 §5.2.1",
        "a cache directive that means nothing in a response, or is not in lower case: caches ignore it, or \
         some do",
        |exchange, found| {
            told_once(exchange, found, |fields| {
                let mut all = directives(fields).into_iter();
                all.find(|directive| directive.is_miscased || is_meaningless(&directive.name))
                    .map(|found| found.line)
            })
        },
    ),
    note(
        "cache-expires-invalid",
        "RFC 9111 §5.3",
        "Expires is no HTTP date: caches take the response for already expired",
        |exchange, found| {
            told_once(exchange, found, |fields| {
                let is_bad = |line: &FieldLine<'_>| date::parse(line.value).is_none();
                // A max-age makes recipients ignore Expires.
                fields.first("expires").filter(|line| is_bad(line) && !CacheControl::of(fields).has_age())
            })
        },
    ),
    warn(
        "cache-etag-invalid",
        "RFC 9110 §8.8.3",
        "ETag is no entity tag (\"...\" or W/\"...\"): clients and caches may drop it, and conditional \
         requests fail",
        |exchange, found| {
            told_once(exchange, found, |fields| {
                fields.first("etag").filter(|line| !is_entity_tag(line.value))
            })
        },
    ),
    note(
        "cache-vary-unhelpful",
        "RFC 9110 §12.5.5; RFC 9111 §4.1",
        "Vary names *, Host or User-Agent: caches can hardly ever reuse the response",
        |exchange, found| {
            told_once(exchange, found, |fields| {
                let is_unhelpful = |name: &[u8]| {
                    name == b"*"
                        || name.eq_ignore_ascii_case(b"host")
                        || name.eq_ignore_ascii_case(b"user-agent")
                };
                members(fields, "vary").find(|(_, name)| is_unhelpful(name)).map(|(line, _)| line)
            })
        },
    ),
    warn(
        "cache-vary-encoding-missing",
        "RFC 9110 §12.5.5",
        "a coded response whose Vary does not name Accept-Encoding: caches may give it to clients that \
         can't decode it",
        vary_encoding_missing,
    ),
    warn(
        "cache-set-cookie-shared",
        "RFC 9111 §7.3",
        "Set-Cookie on a response that shared caches may store: one user's cookie may reach others",
        |exchange, found| {
            told_once(exchange, found, |fields| {
                let given = CacheControl::of(fields);
                let is_shared = given.has("public") || given.is_positive("s-maxage");
                let is_kept = ["private", "no-store", "no-cache"].iter().any(|name| given.has(name));
                fields.first("set-cookie").filter(|_| is_shared && !is_kept)
            })
        },
    ),
    note(
        "cache-no-cache-without-validator",
        "RFC 9111 §5.2.2.4, §4.3",
        "no-cache without ETag or Last-Modified: caches must ask each time, and can't ask whether it changed",
        |exchange, found| {
            let Some(head) = ok_to_get(exchange) else { return };
            let given = CacheControl::of(&head.fields);
            let has_validator = head.fields.has("etag") || head.fields.has("last-modified");
            if given.has_plain("no-cache") && !given.has("no-store") && !has_validator {
                found.lines(head.fields.first("cache-control"));
            }
        },
    ),
];

/// Largest number of seconds that caches must be able to hold (RFC 9111 §1.2.2).
const MAX_SECONDS: u64 = 1 << 31;

/// Tells the line of the final head that `check` gives.
fn told_once(
    exchange: &Exchange,
    found: &mut Found<'_>,
    check: for<'a> fn(&'a FieldSection) -> Option<FieldLine<'a>>,
) {
    if let Some(head) = exchange.response() {
        found.lines(check(&head.fields));
    }
}

/// The head of a 200 to GET.
fn ok_to_get(exchange: &Exchange) -> Option<&ResponseHead> {
    response_with(exchange, 200).filter(|_| exchange.request.method == b"GET")
}

/// A member of Cache-Control that matches the grammar.
struct Directive<'a> {
    line: FieldLine<'a>,
    /// In lower case.
    name: Vec<u8>,
    is_miscased: bool,
    value: Option<&'a [u8]>,
}

fn directives(fields: &FieldSection) -> Vec<Directive<'_>> {
    members(fields, "cache-control")
        .filter_map(|(line, member)| {
            let (name, value) = directive(member)?;
            let is_miscased = name.iter().any(u8::is_ascii_uppercase);
            Some(Directive { line, name: name.to_ascii_lowercase(), is_miscased, value })
        })
        .collect()
}

/// The directives that match the grammar, asked for by name.
struct CacheControl<'a>(Vec<Directive<'a>>);

impl<'a> CacheControl<'a> {
    fn of(fields: &'a FieldSection) -> Self {
        Self(directives(fields))
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|directive| directive.name == name.as_bytes())
    }

    /// Whether `name` is there without a value.
    fn has_plain(&self, name: &str) -> bool {
        self.0.iter().any(|directive| directive.name == name.as_bytes() && directive.value.is_none())
    }

    /// Whether max-age says how long the response stays fresh.
    fn has_age(&self) -> bool {
        self.0.iter().any(|given| given.name == b"max-age" && given.value.and_then(number).is_some())
    }

    /// Whether the first `name` has a number above 0.
    fn is_positive(&self, name: &str) -> bool {
        let first = self.0.iter().find(|directive| directive.name == name.as_bytes());
        first.and_then(|directive| number(directive.value?)).is_some_and(|seconds| seconds > 0)
    }
}

/// Whether a response directive may have this value (RFC 9111 §5.2.2, RFC 5861, RFC 8246).
fn is_valid(name: &[u8], value: Option<&[u8]>) -> bool {
    match name.to_ascii_lowercase().as_slice() {
        b"max-age" | b"s-maxage" | b"stale-while-revalidate" | b"stale-if-error" => {
            value.and_then(number).is_some_and(|seconds| seconds <= MAX_SECONDS)
        }
        b"no-store" | b"must-revalidate" | b"proxy-revalidate" | b"public" | b"must-understand"
        | b"no-transform" | b"immutable" => value.is_none(),
        b"no-cache" | b"private" => value.is_none_or(|value| value.starts_with(b"\"")),
        _ => true,
    }
}

fn is_meaningless(name: &[u8]) -> bool {
    matches!(name, b"max-stale" | b"min-fresh" | b"only-if-cached" | b"pre-check" | b"post-check")
}

/// `[ "W/" ] DQUOTE *etagc DQUOTE` (RFC 9110 §8.8.3).
fn is_entity_tag(value: &[u8]) -> bool {
    let opaque = value.strip_prefix(b"W/").unwrap_or(value);
    let inside = opaque.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
    inside.is_some_and(|tag| tag.iter().all(|&byte| byte == 0x21 || byte >= 0x23 && byte != 0x7F))
}

fn vary_encoding_missing(exchange: &Exchange, found: &mut Found<'_>) {
    let Some(head) = ok_to_get(exchange) else { return };
    let fields = &head.fields;
    let is_coding = |coding: &[u8]| !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity");
    let coded = members(fields, "content-encoding").find(|(_, coding)| is_coding(coding));
    let Some((line, _)) = coded else { return };
    let varies = fields.has_member("vary", "accept-encoding") || fields.has_member("vary", "*");
    let given = CacheControl::of(fields);
    if !varies && !given.has("no-store") && !given.has("private") {
        found.lines([line]);
    }
}
