//! Multipart content (RFC 2046 §5.1.1), and the parts of a multipart/byteranges (RFC 9110 §14.6).

use super::content::{media_type, type_offset};
use super::exchange_sections::response_with;
use super::lists::is_byteranges;
use super::range::asked;
use super::rule::{Findings, Rule, rows};
use crate::http::media_type::MediaType;
use crate::http::multipart::{BodyParts, is_boundary};
use crate::http::response::ResponseHead;
use crate::report::exchange::{Completeness, Exchange};

pub(super) const RULES: &[Rule] = rows![
    warn(
        "multipart-boundary-missing",
        "RFC 2046 §5.1.1",
        "a multipart type without a boundary parameter: nobody can tell the parts apart",
        |exchange, found| {
            let Some(head) = exchange.response() else { return };
            if media_type(head).is_some_and(|kind| kind.is_multipart() && kind.boundary().is_none()) {
                found.at(type_offset(head));
            }
        },
    ),
    warn(
        "multipart-boundary-invalid",
        "RFC 2046 §5.1.1",
        "a boundary of over 70 characters, or with one that boundaries may not have: some recipients find no parts",
        |exchange, found| {
            let Some(head) = exchange.response() else { return };
            let is_bad = |kind: MediaType| kind.boundary().is_some_and(|boundary| !is_boundary(boundary));
            if media_type(head).is_some_and(is_bad) {
                found.at(type_offset(head));
            }
        },
    ),
    warn(
        "multipart-boundary-unused",
        "RFC 2046 §5.1.1",
        "the boundary that Content-Type names does not occur in the content: nobody can tell the parts apart",
        |exchange, found| {
            let Some(head) = exchange.response() else { return };
            if exchange.body.content.parts.as_ref().is_some_and(|parts| parts.count == 0 && !parts.is_closed)
            {
                found.at(type_offset(head));
            }
        },
    ),
    warn(
        "range-multipart-for-one",
        "RFC 9110 §15.3.7.2",
        "multipart/byteranges though one range was requested: clients that request one do not read parts",
        |exchange, found| {
            let Some(head) = byteranges(exchange) else { return };
            if asked(exchange).is_some_and(|range| range.single().is_some()) {
                found.at(type_offset(head));
            }
        },
    ),
    warn(
        "range-part-without-range",
        "RFC 9110 §15.3.7.2",
        "a part of multipart/byteranges without Content-Range: nobody can tell which part of the whole it is",
        |exchange, found| in_part(exchange, found, |parts| parts.without_range),
    ),
    warn(
        "range-part-mismatch",
        "RFC 9110 §14.4, §15.3.7.2",
        "Content-Range of a part is malformed, or its length differs from the part's: joining the parts corrupts the file",
        |exchange, found| in_part(exchange, found, |parts| parts.unlike_range),
    ),
    warn(
        "multipart-unclosed",
        "RFC 2046 §5.1.1",
        "the content ends without the closing delimiter (--boundary--): parts may be missing",
        |exchange, found| {
            let Some(head) = exchange.response() else { return };
            // x-mixed-replace streams (cameras) never close.
            let is_endless = media_type(head).is_some_and(|kind| kind.is("multipart/x-mixed-replace"));
            let is_open = |parts: &BodyParts| parts.count > 0 && !parts.is_closed;
            let body = &exchange.body;
            let is_whole = body.outcome == Completeness::Complete && body.content.is_decoded() && !is_endless;
            if is_whole && exchange.body.content.parts.as_ref().is_some_and(is_open) {
                found.at(type_offset(head));
            }
        },
    ),
    note(
        "range-part-without-type",
        "RFC 9110 §15.3.7.2",
        "a part of multipart/byteranges without the Content-Type that the whole has",
        |exchange, found| in_part(exchange, found, |parts| parts.without_type),
    ),
];

/// The head of a 206 with multipart/byteranges.
fn byteranges(exchange: &Exchange) -> Option<&ResponseHead> {
    response_with(exchange, 206).filter(|head| is_byteranges(&head.fields))
}

/// Tells the part that `wanted` finds, where the body begins.
fn in_part(exchange: &Exchange, found: &mut Findings<'_>, wanted: fn(&BodyParts) -> Option<u64>) {
    if byteranges(exchange).is_some()
        && let Some(at) = exchange.body.content.parts.as_ref().and_then(wanted)
    {
        found.with(exchange.body.offset, &format!("the part at byte {at} of the content"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::check;
    use super::*;

    #[test]
    fn cases() {
        let one = "GET http://x/|Range: bytes=0-1 > 206|Content-Type: multipart/byteranges; boundary=b";
        let two = "GET http://x/|Range: bytes=0-1,3-4 > 206|Content-Type: multipart/byteranges; boundary=b";
        let with = |fields: &str| &*format!("{two}||--b\r\n{fields}\r\nx\r\n--b--").leak();
        let whole = with("Content-Type: a/b\r\nContent-Range: bytes 0-0/9\r\n");
        check(
            RULES,
            &[
                (
                    "multipart-boundary-missing",
                    "200|Content-Type: multipart/mixed",
                    "200|Content-Type: multipart/mixed; boundary=x",
                ),
                (
                    "multipart-boundary-invalid",
                    "200|Content-Type: multipart/mixed; boundary=\"a b \"",
                    "200|Content-Type: multipart/mixed; boundary=\"a b:=?(')+_,-./\"",
                ),
                (
                    "multipart-boundary-invalid",
                    "200|Content-Type: multipart/mixed; boundary=\"a@b\"",
                    "200|Content-Type: multipart/mixed",
                ),
                (
                    "multipart-boundary-unused",
                    "200|Content-Type: multipart/mixed; boundary=x||--y\r\n\r\n--y--",
                    "200|Content-Type: multipart/mixed; boundary=y||--y\r\n\r\n--y--",
                ),
                ("range-multipart-for-one", one, two),
                ("range-part-without-range", with("Content-Type: a/b\r\n"), whole),
                ("range-part-mismatch", with("Content-Type: a/b\r\nContent-Range: bytes 0-1/9\r\n"), whole),
                (
                    "multipart-unclosed",
                    "200|Content-Type: multipart/mixed; boundary=y||--y\r\n\r\nx\r\n--y\r\n\r\nx",
                    "200|Content-Type: multipart/mixed; boundary=y||--y\r\n\r\nx\r\n--y--",
                ),
                (
                    "multipart-unclosed",
                    "200|Content-Type: multipart/mixed; boundary=y||--y\r\n\r\nx",
                    "200|Content-Type: multipart/x-mixed-replace; boundary=y||--y\r\n\r\nx",
                ),
                ("range-part-without-type", with("Content-Range: bytes 0-0/9\r\n"), whole),
            ],
        );
    }
}
