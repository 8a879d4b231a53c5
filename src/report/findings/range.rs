//! Ranges: what was requested, what the head says came, and what came (RFC 9110 §14).

use super::exchange_sections::response_with;
use super::lists::{is_byteranges, members};
use super::rule::{Findings, Rule, rows};
use crate::failure;
use crate::http::content_range::ContentRange;
use crate::http::range::{ByteRange, Range};
use crate::http::response::ResponseHead;
use crate::report::exchange::{Completeness, Exchange};

pub(super) const RULES: &[Rule] = rows![
    error(
        "range-206-unrequested",
        "RFC 9110 §15.3.7",
        "206 (Partial Content) though the request has no Range: a client that takes the part for the whole \
         keeps a broken copy",
        |exchange, found| {
            if let Some(head) = response_with(exchange, 206).filter(|_| !exchange.request.fields.has("range"))
            {
                found.at(head.status_line_offset());
            }
        },
    ),
    error(
        "range-206-missing-content-range",
        "RFC 9110 §15.3.7.1",
        "206 (Partial Content) without Content-Range: nobody can tell which part of the whole this is",
        |exchange, found| {
            if let Some(head) = response_with(exchange, 206)
                && !is_byteranges(&head.fields)
                && !head.fields.has("content-range")
            {
                found.at(head.status_line_offset());
            }
        },
    ),
    error(
        "range-content-range-invalid",
        "RFC 9110 §14.4, §15.3.7.2",
        "Content-Range is not \"bytes FIRST-LAST/LENGTH\", or occurs with parts that each have their own: \
         the part may be put at the wrong place",
        |exchange, found| {
            let Some(head) = response_with(exchange, 206) else { return };
            let line = head.fields.first("content-range");
            let is_bad = |value| {
                is_byteranges(&head.fields)
                    || matches!(
                        ContentRange::parse(value),
                        ContentRange::Invalid | ContentRange::Unsatisfied(_)
                    )
            };
            found.lines(line.filter(|line| is_bad(line.value)));
        },
    ),
    warn(
        "range-content-range-meaningless",
        "RFC 9110 §14.4",
        "Content-Range on a response that is neither 206 nor 416: it has no meaning there, and clients ignore it",
        |exchange, found| {
            if let Some(head) = exchange.response().filter(|head| !matches!(head.status(), 206 | 416)) {
                found.lines(head.fields.first("content-range"));
            }
        },
    ),
    error(
        "range-length-mismatch",
        "RFC 9110 §14.4, §15.3.7",
        "the body is longer or shorter than the range that Content-Range says: what is put together from \
         such parts is broken",
        length_mismatch,
    ),
    warn(
        "range-not-as-requested",
        "RFC 9110 §14.2, §15.3.7",
        "the range received is not the one requested: a client that does not check puts it at the wrong \
         place",
        not_as_requested,
    ),
    note(
        "range-416-missing-content-range",
        "RFC 9110 §15.5.17",
        "416 without \"Content-Range: bytes */LENGTH\": the client can't tell how long the whole is",
        |exchange, found| {
            let Some(head) = response_with(exchange, 416) else { return };
            let is_length = |value: &[u8]| matches!(ContentRange::parse(value), ContentRange::Unsatisfied(_));
            match head.fields.first("content-range") {
                Some(line) if is_length(line.value) => {}
                Some(line) => found.lines([line]),
                None => found.at(head.status_line_offset()),
            }
        },
    ),
    note(
        "range-unit-unknown",
        "RFC 9110 §14.3",
        "Accept-Ranges names a unit other than bytes or none: clients won't ask for ranges",
        |exchange, found| {
            let Some(head) = exchange.response() else { return };
            let is_known = |unit: &[u8]| {
                unit.is_empty() || unit.eq_ignore_ascii_case(b"bytes") || unit.eq_ignore_ascii_case(b"none")
            };
            let mut units = members(&head.fields, "accept-ranges");
            found.lines(units.find(|(_, unit)| !is_known(unit)).map(|(line, _)| line));
        },
    ),
];

/// The valid byte range of a 206 with one part.
fn single_range(exchange: &Exchange) -> Option<(&ResponseHead, u64, u64, Option<u64>)> {
    let head = response_with(exchange, 206).filter(|head| !is_byteranges(&head.fields))?;
    match ContentRange::parse(head.fields.value("content-range")?) {
        ContentRange::Part { first, last, total } => Some((head, first, last, total)),
        _ => None,
    }
}

fn length_mismatch(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some((head, first, last, _)) = single_range(exchange) else { return };
    let body = &exchange.body;
    let is_coded = head.transfer_codings.others().next().is_some();
    if body.outcome != Completeness::Complete || body.bytes == 0 || is_coded {
        return;
    }
    let said = last - first + 1;
    if let Some(line) = head.fields.first("content-range").filter(|_| body.bytes != said) {
        found.with(line.offset, &format!("it says {}, {} came", failure::bytes(said), body.bytes));
    }
}

fn not_as_requested(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some((head, first, last, length)) = single_range(exchange) else { return };
    let is_other = match asked(exchange).and_then(|range| range.single()) {
        Some(ByteRange::FromTo(from, to)) => first != from || last > to,
        Some(ByteRange::From(from)) => first != from,
        Some(ByteRange::Last(suffix)) => length.is_some_and(|length| {
            first != length.saturating_sub(suffix) || last.checked_add(1) != Some(length)
        }),
        // Several ranges, or none that can be read.
        None => false,
    };
    found.lines(head.fields.first("content-range").filter(|_| is_other));
}

/// What the request's Range requests.
pub(super) fn asked(exchange: &Exchange) -> Option<Range> {
    Range::parse(exchange.request.fields.value("range")?)
}
