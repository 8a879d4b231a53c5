//! Caching and validators (RFC 9111, RFC 9110 §8.8).

use std::collections::BTreeSet;

use super::exchange_sections::response_with;
use super::lists::members;
use super::rule::{Findings, Rule, rows};
use crate::http::cache_control::{CacheControl, MAX_SECONDS};
use crate::http::cache_directives::{DirectiveScope, Directives};
use crate::http::date;
use crate::http::digits::saturating;
use crate::http::entity_tag::EntityTag;
use crate::http::field::{FieldLine, FieldSection};
use crate::http::response::ResponseHead;
use crate::report::exchange::Exchange;

pub(super) const RULES: &[Rule] = rows![
    note(
        "cache-date-missing",
        "RFC 9110 §6.6.1",
        "no Date: nobody can tell how old the response is, and caches count from when they received it",
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
            let is_age = |value: &[u8]| saturating(value).is_some_and(|age| age <= MAX_SECONDS);
            found.lines(head.fields.first("age").filter(|line| !is_age(line.value)));
        },
    ),
    warn(
        "cache-control-invalid",
        "RFC 9111 §5.2, §5.2.2, §4.2.1",
        "a cache directive is malformed, or has a value it may not have: caches ignore it or treat the \
         response as stale",
        |exchange, found| {
            told_once(exchange, found, |fields| {
                CacheControl::of(fields)
                    .iter()
                    .find(|given| !given.is_valid_in_response())
                    .map(|bad| bad.line)
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
                let given = CacheControl::of(fields);
                let mut all = given.iter().filter(|directive| directive.is_directive());
                all.find(|directive| !seen.insert(directive.parameter.name.to_ascii_lowercase()))
                    .map(|twice| twice.line)
            })
        },
    ),
    warn(
        "cache-control-conflict",
        "RFC 9111 §5.2.2",
        "cache directives contradict each other (public with private, or no-store with permission to store): \
         caches may obey either",
        |exchange, found| {
            told_once(exchange, found, |fields| {
                let given = CacheControl::of(fields);
                // private="…" is about these fields alone, and no-store beside must-understand for
                // caches alone that don't know it (RFC 9111 §5.2.2.3, §5.2.2.7).
                let is_private = Directives::of(fields).private == DirectiveScope::All;
                let is_conflict = given.has("public") && is_private
                    || given.has("no-store")
                        && !given.has("must-understand")
                        && (given.has("public")
                            || given.has("immutable")
                            || is_positive(&given, "max-age")
                            || is_positive(&given, "s-maxage"));
                fields.first("cache-control").filter(|_| is_conflict)
            })
        },
    ),
    note(
        "cache-control-meaningless",
        "RFC 9111 §5.2, §5.2.1, §5.2.3",
        "a cache directive that has no meaning in a response, or is not in lower case: caches ignore it, or \
         some do",
        |exchange, found| {
            told_once(exchange, found, |fields| {
                let given = CacheControl::of(fields);
                let is_odd = |name: &[u8]| {
                    name.iter().any(u8::is_ascii_uppercase) || is_meaningless(&name.to_ascii_lowercase())
                };
                let mut all = given.iter().filter(|directive| directive.is_directive());
                all.find(|directive| is_odd(directive.parameter.name)).map(|found| found.line)
            })
        },
    ),
    note(
        "cache-expires-invalid",
        "RFC 9111 §5.3",
        "Expires is not an HTTP date: caches treat the response as already expired",
        |exchange, found| {
            told_once(exchange, found, |fields| {
                let is_bad = |line: &FieldLine<'_>| date::parse(line.value).is_none();
                // A max-age makes recipients ignore Expires.
                fields
                    .first("expires")
                    .filter(|line| is_bad(line) && CacheControl::of(fields).seconds("max-age").is_none())
            })
        },
    ),
    warn(
        "cache-etag-invalid",
        "RFC 9110 §8.8.3",
        "ETag is not an entity tag (\"...\" or W/\"...\"): clients and caches may drop it, and conditional \
         requests fail",
        |exchange, found| {
            told_once(exchange, found, |fields| {
                fields.first("etag").filter(|line| EntityTag::parse(line.value).is_none())
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
                let is_shared = given.has("public") || is_positive(&given, "s-maxage");
                let is_kept = ["private", "no-store", "no-cache"].iter().any(|name| given.has(name));
                fields.first("set-cookie").filter(|_| is_shared && !is_kept)
            })
        },
    ),
    note(
        "cache-no-cache-without-validator",
        "RFC 9111 §5.2.2.4, §4.3",
        "no-cache without ETag or Last-Modified: caches must ask each time, and can't check whether it changed",
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

/// Whether the first directive `name` has a number above 0.
fn is_positive(given: &CacheControl<'_>, name: &str) -> bool {
    given.seconds(name).is_some_and(|seconds| seconds > 0)
}

/// Tells the line of the final head that `check` gives.
pub(super) fn told_once(
    exchange: &Exchange,
    found: &mut Findings<'_>,
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

fn is_meaningless(name: &[u8]) -> bool {
    matches!(name, b"max-stale" | b"min-fresh" | b"only-if-cached" | b"pre-check" | b"post-check")
}

fn vary_encoding_missing(exchange: &Exchange, found: &mut Findings<'_>) {
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
