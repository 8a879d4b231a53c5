//! Responses that a cache gave out (RFC 9111 §4, §5.1), and entity tags that caches misread.

use super::cache::told_once;
use super::rule::{Rule, rows};
use crate::http::cache_control::MAX_SECONDS;
use crate::http::cache_directives::Directives;
use crate::http::caching::{LifetimeSource, Obstacle, StoredAs, Validation, said_age};
use crate::report::exchange::Exchange;

pub(super) const RULES: &[Rule] = rows![
    warn(
        "cache-age-no-store",
        "RFC 9111 §5.1, §5.2.2.5, §3",
        "Age says that a cache stored the response, which no-store forbids",
        |exchange, found| {
            if aged(exchange) {
                told_once(exchange, found, |fields| {
                    // A cache may have been told apart from the others (RFC 9213).
                    let is_targeted = fields.has("cdn-cache-control") || fields.has("surrogate-control");
                    let said = Directives::of(fields);
                    let is_forbidden = said.no_store && !said.must_understand && !is_targeted;
                    fields.first("age").filter(|_| is_forbidden)
                });
            }
        },
    ),
    note(
        "cache-age-unlikely",
        "RFC 9111 §3, §4, §5.2.2.2; RFC 9110 §9.3.3; RFC 6585 §3, §4, §5, §6",
        "Age says that a cache stored the response, or served it stale, which the response forbids",
        |exchange, found| {
            let Some(head) = exchange.response().filter(|_| aged(exchange)) else { return };
            if cached_wrongly(exchange) {
                found.lines(head.fields.first("age"));
            }
        },
    ),
    note(
        "cache-etag-backslash",
        "RFC 9110 §8.8.3",
        "ETag has a backslash, which some recipients drop: servers ought to avoid it",
        |exchange, found| {
            told_once(exchange, found, |fields| {
                fields.first("etag").filter(|line| line.value.contains(&b'\\'))
            });
        },
    ),
];

/// Whether a cache has kept the response for a second or longer.
fn aged(exchange: &Exchange) -> bool {
    let age = exchange.response().and_then(|head| said_age(head.fields.value("age")?));
    // One that is cut to the largest number is not to be believed.
    age.is_some_and(|age| (1..MAX_SECONDS).contains(&age))
}

/// Whether a response from a cache should not have come from there: it may not be stored,
/// or not be given out as old as it is.
fn cached_wrongly(exchange: &Exchange) -> bool {
    let Some(verdict) = exchange.caching(None) else { return false };
    let leave = verdict.targeted.as_ref().unwrap_or(&verdict.shared);
    let is_unfit =
        |obstacle| matches!(obstacle, Obstacle::Method | Obstacle::Status | Obstacle::NothingAllows);
    let is_stale = leave.lifetime.seconds.is_some_and(|fresh| fresh < verdict.age.seconds())
        && leave.lifetime.source != LifetimeSource::Heuristic;
    // A stored response to POST may be given to GET, but to no other POST (RFC 9110 §9.3.3).
    let is_for_get = verdict.role == StoredAs::StoredForGet;
    is_for_get
        || leave.storing.is_err_and(is_unfit)
        || is_stale && matches!(leave.validation, Validation::OnceStale(_))
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{check_with, exchange};
    use super::*;

    #[test]
    fn cases() {
        let (store, unlikely) = ("cache-age-no-store", "cache-age-unlikely");
        check_with(
            RULES,
            &[
                (store, "200|Age: 1|Cache-Control: no-store", "200|Age: 0|Cache-Control: no-store"),
                (
                    store,
                    "200|Age: 1|Cache-Control: no-store",
                    "200|Age: 1|Cache-Control: no-store|CDN-Cache-Control: max-age=9",
                ),
                (
                    store,
                    "200|Age: 1|Cache-Control: no-store",
                    "200|Age: 1|Cache-Control: no-store, must-understand",
                ),
                (unlikely, "PUT http://x/ > 200|Age: 1", "GET http://x/ > 200|Age: 1"),
                (
                    unlikely,
                    "POST http://x/ > 200|Age: 1|Cache-Control: max-age=9",
                    "POST http://x/ > 200|Age: 0",
                ),
                (unlikely, "PUT http://x/ > 200|Age: 1, 2", "GET http://x/ > 200|Age: 1, 2"),
                (unlikely, "429|Age: 1|Cache-Control: max-age=9", "404|Age: 1"),
                (unlikely, "302|Age: 1", "302|Age: 1|Cache-Control: max-age=9"),
                (
                    unlikely,
                    "200|Age: 9|Cache-Control: max-age=8, must-revalidate",
                    "200|Age: 9|Cache-Control: max-age=8",
                ),
                ("cache-etag-backslash", "200|ETag: \"a\\b\"", "200|ETag: \"a/b\""),
            ],
            exchange,
        );
    }
}
