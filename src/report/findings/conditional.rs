//! What became of the request's conditions (RFC 9110 §13, §14).

use super::exchange_sections::response_with;
use super::lists::is_byteranges;
use super::range::asked;
use super::rule::{Findings, Rule, rows};
use super::value::joined;
use crate::http::date;
use crate::http::entity_tag::{EntityTag, EntityTags};
use crate::http::excerpt::quoted;
use crate::http::field::{FieldLine, FieldSection};
use crate::report::exchange::Exchange;

pub(super) const RULES: &[Rule] = rows![
    warn(
        "condition-if-none-match-ignored",
        "RFC 9110 §13.1.2, §13.2.2",
        "the response sends the very representation that If-None-Match excludes: 304 (Not Modified) would do",
        none_match_ignored,
    ),
    note(
        "condition-if-modified-since-ignored",
        "RFC 9110 §13.1.3",
        "the response sends content unchanged since If-Modified-Since: 304 (Not Modified) would do",
        modified_since_ignored,
    ),
    warn(
        "condition-if-match-ignored",
        "RFC 9110 §13.1.1, §13.1.4",
        "the response sends a representation that If-Match or If-Unmodified-Since rules out: the server \
         must not perform the method, and responds with 412 (Precondition Failed)",
        match_ignored,
    ),
    warn(
        "condition-if-range-ignored",
        "RFC 9110 §13.1.5, §15.3.7",
        "206 (Partial Content) of a representation other than the one in If-Range: joined with the first \
         part, it makes a corrupt file",
        if_range_ignored,
    ),
    warn(
        "status-304-method",
        "RFC 9110 §15.4.5, §13.2.2",
        "304 (Not Modified) to a method that does more than retrieve: a failed precondition is 412 there",
        |exchange, found| {
            if let Some(head) = response_with(exchange, 304).filter(|_| !is_retrieval(exchange)) {
                found.at(head.status_line_offset());
            }
        },
    ),
    warn(
        "status-304-other",
        "RFC 9110 §13.1.2, §13.1.3, §15.4.5",
        "304 (Not Modified) names a representation that the client does not have: the client goes on using an \
         outdated one",
        |exchange, found| {
            if let Some(head) = response_with(exchange, 304).filter(|_| is_retrieval(exchange)) {
                found.lines(other_than_held(&exchange.request.fields, &head.fields));
            }
        },
    ),
    warn(
        "status-412-condition-void",
        "RFC 9110 §13.1.3, §13.2.1",
        "412 (Precondition Failed) though servers must ignore preconditions with this method",
        |exchange, found| {
            let asked = &exchange.request.fields;
            let names_tag =
                ["if-match", "if-none-match", "if-unmodified-since"].iter().any(|name| asked.has(name));
            let is_void = selects_nothing(exchange)
                || asked.has("if-modified-since") && !names_tag && !is_retrieval(exchange);
            let has_condition = names_tag || asked.has("if-modified-since");
            if let Some(head) = response_with(exchange, 412).filter(|_| is_void && has_condition) {
                found.at(head.status_line_offset());
            }
        },
    ),
    note(
        "status-412-retrieval",
        "RFC 9110 §13.1.2, §13.2.2",
        "412 (Precondition Failed) to GET or HEAD, of whose conditions none leads to it: 304 (Not Modified) \
         is the response to what has not changed",
        |exchange, found| {
            let asked = &exchange.request.fields;
            let has = |names: [&str; 2]| names.iter().any(|name| asked.has(name));
            let is_meant = has(["if-match", "if-unmodified-since"]);
            // To QUERY, which RFC 9110 does not know, 412 is no less right.
            let is_odd = is_retrieval(exchange)
                && exchange.request.method != b"QUERY"
                && !is_meant
                && has(["if-none-match", "if-modified-since"]);
            if let Some(head) = response_with(exchange, 412).filter(|_| is_odd) {
                found.at(head.status_line_offset());
            }
        },
    ),
    warn(
        "range-206-method",
        "RFC 9110 §14.2",
        "206 (Partial Content) to a method for which servers must ignore Range",
        |exchange, found| {
            if let Some(head) = response_with(exchange, 206).filter(|_| !is_retrieval(exchange)) {
                found.at(head.status_line_offset());
            }
        },
    ),
    note(
        "range-206-repeats-fields",
        "RFC 9110 §15.3.7",
        "206 to If-Range repeats fields of the representation, which the client already has",
        |exchange, found| {
            let Some(head) = response_with(exchange, 206) else { return };
            let is_same = other_representation(exchange).is_none();
            if exchange.request.fields.has("if-range") && is_same && !is_byteranges(&head.fields) {
                let names = ["Content-Type", "Content-Encoding", "Content-Language", "Last-Modified"];
                found.lines(names.iter().filter_map(|name| head.fields.first(name)));
            }
        },
    ),
];

/// The request requests a representation, and does nothing else. Conditions and ranges mean with QUERY
/// what they do with GET (RFC 10008).
pub(super) fn is_retrieval(exchange: &Exchange) -> bool {
    matches!(exchange.request.method.as_slice(), b"GET" | b"HEAD" | b"QUERY")
}

/// The request's method neither selects nor changes a representation (RFC 9110 §13.2.1).
pub(super) fn selects_nothing(exchange: &Exchange) -> bool {
    matches!(exchange.request.method.as_slice(), b"CONNECT" | b"OPTIONS" | b"TRACE")
}

fn none_match_ignored(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some(head) = exchange.response().filter(|head| matches!(head.status(), 200 | 206)) else { return };
    let asked = joined(&exchange.request.fields, "if-none-match");
    let named = EntityTags::parse(&asked);
    let tag = head.fields.first("etag").and_then(|line| Some((line, EntityTag::parse(line.value)?)));
    if let (Some(named), Some((line, tag))) = (named, tag)
        && is_retrieval(exchange)
        && named.matches(&tag)
    {
        found.lines([line]);
    }
}

/// The line of a response that names another representation than the request requires. A cache is
/// right to pass these conditions by (RFC 9110 §13.1.1).
fn match_ignored(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some(head) = exchange.response().filter(|head| matches!(head.status(), 200 | 206)) else { return };
    if !is_retrieval(exchange) || head.fields.has("age") {
        return;
    }
    let asked = &exchange.request.fields;
    if asked.has("if-match") {
        found.lines(other_tag(asked, "if-match", &head.fields));
    } else if is_later(&head.fields, asked, "if-unmodified-since") {
        found.lines(head.fields.first("last-modified"));
    }
}

/// The line of a 304 that names another representation than the conditions of the request do.
fn other_than_held<'a>(asked: &FieldSection, sent: &'a FieldSection) -> Option<FieldLine<'a>> {
    if asked.has("if-none-match") {
        return other_tag(asked, "if-none-match", sent);
    }
    sent.first("last-modified").filter(|_| is_later(sent, asked, "if-modified-since"))
}

/// The line of ETag with a tag that the request's field `condition` does not name. Compares
/// weakly: an intermediary may have weakened the tag.
fn other_tag<'a>(asked: &FieldSection, condition: &str, sent: &'a FieldSection) -> Option<FieldLine<'a>> {
    let value = joined(asked, condition);
    let named = EntityTags::parse(&value)?;
    let line = sent.first("etag")?;
    (!named.matches(&EntityTag::parse(line.value)?)).then_some(line)
}

/// Whether Last-Modified is later than the date in the request's field `condition`.
fn is_later(sent: &FieldSection, asked: &FieldSection, condition: &str) -> bool {
    let times = (seconds(sent, "last-modified"), seconds(asked, condition));
    matches!(times, (Some(modified), Some(since)) if modified > since)
}

fn seconds(fields: &FieldSection, name: &str) -> Option<i64> {
    Some(date::parse(fields.value(name)?)?.seconds)
}

fn modified_since_ignored(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some(head) = response_with(exchange, 200).filter(|_| is_retrieval(exchange)) else { return };
    let asked = &exchange.request.fields;
    let times = (seconds(asked, "if-modified-since"), seconds(&head.fields, "last-modified"));
    // Where If-None-Match is there, too, it alone counts.
    if let (Some(since), Some(modified)) = times
        && modified <= since
        && !asked.has("if-none-match")
    {
        found.lines(head.fields.first("last-modified"));
    }
}

fn if_range_ignored(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some(wanted) = exchange.request.fields.value("if-range") else { return };
    if let Some(line) = other_representation(exchange) {
        found.with(line.offset, &format!("{} and not {}", quoted(line.value), quoted(wanted)));
    }
}

/// The line of a 206 that names another representation than If-Range does.
fn other_representation(exchange: &Exchange) -> Option<FieldLine<'_>> {
    let head = response_with(exchange, 206).filter(|_| asked(exchange).is_some())?;
    let wanted = exchange.request.fields.value("if-range")?;
    let named = EntityTag::parse(wanted);
    let is_other_tag = |value| {
        let sent = EntityTag::parse(value);
        named.zip(sent).is_some_and(|(named, sent)| !named.is_same(&sent))
    };
    let since = date::parse(wanted).map(|date| date.seconds);
    let is_other_date =
        |value| since.zip(date::parse(value)).is_some_and(|(since, date)| since != date.seconds);
    let tag = head.fields.first("etag").filter(|line| is_other_tag(line.value));
    let modified = head.fields.first("last-modified").filter(|line| is_other_date(line.value));
    tag.or(modified)
}

#[cfg(test)]
mod tests {
    use super::super::test_support::check;
    use super::*;

    #[test]
    fn cases() {
        let (tag, since) = ("condition-if-none-match-ignored", "condition-if-modified-since-ignored");
        let (matching, other) = ("condition-if-match-ignored", "status-304-other");
        let (range, void) = ("condition-if-range-ignored", "status-412-condition-void");
        check(
            RULES,
            &[
                (
                    tag,
                    "GET http://x/|If-None-Match: \"a\", W/\"b\" > 200|ETag: \"b\"",
                    "GET http://x/|If-None-Match: \"a\" > 200|ETag: \"b\"",
                ),
                (
                    tag,
                    "GET http://x/|If-None-Match: \"a\"|If-None-Match: \"b\" > 200|ETag: \"b\"",
                    "GET http://x/|If-None-Match: \"a\"|If-None-Match: \"c\" > 200|ETag: \"b\"",
                ),
                (
                    tag,
                    "HEAD http://x/|If-None-Match: * > 200|ETag: \"b\"",
                    "PUT http://x/|If-None-Match: * > 200|ETag: \"b\"",
                ),
                (
                    since,
                    "GET http://x/|If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT > 200|Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT",
                    "GET http://x/|If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT > 200|Last-Modified: Thu, 01 Jan 2026 00:00:01 GMT",
                ),
                (
                    matching,
                    "GET http://x/|If-Match: \"a\", \"b\" > 200|ETag: \"c\"",
                    "GET http://x/|If-Match: \"a\", \"b\" > 200|ETag: \"b\"",
                ),
                (
                    matching,
                    "GET http://x/|If-Match: \"a\" > 206|ETag: \"c\"",
                    "GET http://x/|If-Match: \"a\" > 200|ETag: \"c\"|Age: 1",
                ),
                (
                    matching,
                    "HEAD http://x/|If-Match: \"a\" > 200|ETag: \"c\"",
                    "PUT http://x/|If-Match: \"a\" > 200|ETag: \"c\"",
                ),
                (
                    matching,
                    "GET http://x/|If-Unmodified-Since: Thu, 01 Jan 2026 00:00:00 GMT > 200|Last-Modified: Thu, 01 Jan 2026 00:00:01 GMT",
                    "GET http://x/|If-Match: *|If-Unmodified-Since: Thu, 01 Jan 2026 00:00:00 GMT > 200|Last-Modified: Thu, 01 Jan 2026 00:00:01 GMT",
                ),
                (
                    other,
                    "GET http://x/|If-None-Match: \"a\", \"b\" > 304|ETag: \"c\"",
                    "GET http://x/|If-None-Match: \"a\", \"b\" > 304|ETag: W/\"b\"",
                ),
                (
                    other,
                    "GET http://x/|If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT > 304|Last-Modified: Thu, 01 Jan 2026 00:00:01 GMT",
                    "GET http://x/|If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT|If-None-Match: \"a\" > 304|Last-Modified: Thu, 01 Jan 2026 00:00:01 GMT",
                ),
                (
                    other,
                    "GET http://x/|If-None-Match: \"a\" > 304|ETag: \"\"",
                    "GET http://x/|If-None-Match: * > 304|ETag: \"c\"",
                ),
                (
                    range,
                    "GET http://x/|Range: bytes=0-1|If-Range: \"a\" > 206|ETag: \"b\"",
                    "GET http://x/|Range: bytes=0-1|If-Range: \"a\" > 206|ETag: \"a\"",
                ),
                (
                    range,
                    "GET http://x/|Range: bytes=0-1|If-Range: Thu, 01 Jan 2026 00:00:00 GMT > 206|Last-Modified: Fri, 02 Jan 2026 00:00:00 GMT",
                    "GET http://x/|Range: bytes=0-1|If-Range: Thu, 01 Jan 2026 00:00:00 GMT > 206|Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT",
                ),
                (
                    "status-412-retrieval",
                    "GET http://x/|If-None-Match: \"a\" > 412",
                    "PUT http://x/|If-None-Match: * > 412",
                ),
                (
                    "status-412-retrieval",
                    "HEAD http://x/|If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT > 412",
                    "GET http://x/|If-None-Match: \"a\"|If-Unmodified-Since: Thu, 01 Jan 2026 00:00:00 GMT > 412",
                ),
                (
                    "status-304-method",
                    "PUT http://x/|If-None-Match: * > 304",
                    "GET http://x/|If-None-Match: * > 304",
                ),
                (
                    "status-304-method",
                    "POST http://x/|If-None-Match: \"a\" > 304",
                    "QUERY http://x/|If-None-Match: \"a\" > 304",
                ),
                (
                    "status-412-retrieval",
                    "GET http://x/|If-None-Match: \"a\" > 412",
                    "QUERY http://x/|If-None-Match: \"a\" > 412",
                ),
                (
                    "range-206-method",
                    "POST http://x/|Range: bytes=0- > 206",
                    "QUERY http://x/|Range: bytes=0- > 206",
                ),
                (
                    void,
                    "PUT http://x/|If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT > 412",
                    "PUT http://x/|If-Unmodified-Since: Thu, 01 Jan 2026 00:00:00 GMT > 412",
                ),
                (void, "OPTIONS http://x/|If-Match: * > 412", "OPTIONS http://x/ > 412"),
                (
                    "range-206-method",
                    "POST http://x/|Range: bytes=0- > 206",
                    "HEAD http://x/|Range: bytes=0- > 206",
                ),
                (
                    "range-206-repeats-fields",
                    "GET http://x/|If-Range: \"a\" > 206|Content-Type: a/b",
                    "GET http://x/ > 206|Content-Type: a/b",
                ),
                (
                    "range-206-repeats-fields",
                    "GET http://x/|Range: bytes=0-1|If-Range: \"a\" > 206|ETag: \"a\"|Content-Type: a/b",
                    "GET http://x/|Range: bytes=0-1|If-Range: \"a\" > 206|ETag: \"b\"|Content-Type: a/b",
                ),
            ],
        );
    }
}
