//! What a status code asks of the rest of its message (RFC 9110 §15).

use super::exchange_sections::response_with;
use super::lists::members;
use super::rule::{Findings, Rule, rows};
use crate::http::date;
use crate::http::digits::is_digits;
use crate::http::field::FieldSection;
use crate::http::request_line::is_safe;
use crate::report::exchange::Exchange;

pub(super) const RULES: &[Rule] = rows![
    note(
        "status-201-location",
        "RFC 9110 §15.3.2, §9.3.3, §9.2.1",
        "201 (Created) in response to POST lacks a Location that identifies the new resource, or the method is safe and creates nothing",
        |exchange, found| {
            let Some(head) = response_with(exchange, 201) else { return };
            // Without Location, it is the target that was created, as with PUT (RFC 9110 §9.3.4).
            let method = &exchange.request.method;
            if is_safe(method) || method == b"POST" && !head.fields.has("location") {
                found.at(head.status_line_offset());
            }
        },
    ),
    warn(
        "status-205-content",
        "RFC 9110 §15.3.6",
        "205 (Reset Content) with a body: clients that expect none take it for the beginning of the next \
         response",
        |exchange, found| {
            if let Some(head) = response_with(exchange, 205).filter(|_| exchange.body.bytes > 0) {
                found.at(head.status_line_offset());
            }
        },
    ),
    note(
        "status-304-content-fields",
        "RFC 9110 §15.4.5",
        "304 (Not Modified) with fields that describe a body: caches may overwrite what they know of the \
         stored one",
        |exchange, found| {
            let Some(head) = response_with(exchange, 304) else { return };
            let names = ["Content-Type", "Content-Encoding", "Content-Language", "Content-Range"];
            found.lines(names.iter().filter_map(|name| head.fields.first(name)));
        },
    ),
    warn(
        "status-405-allow",
        "RFC 9110 §15.5.6, §10.2.1",
        "405 (Method Not Allowed) without an Allow that names the allowed methods, or with one that names \
         this method",
        |exchange, found| {
            let Some(head) = response_with(exchange, 405) else { return };
            match members(&head.fields, "allow").find(|&(_, method)| method == exchange.request.method) {
                Some((line, _)) => found.lines([line]),
                None if head.fields.has("allow") => {}
                None => found.at(head.status_line_offset()),
            }
        },
    ),
    warn(
        "status-426-missing-upgrade",
        "RFC 9110 §15.5.22",
        "426 (Upgrade Required) without an Upgrade that says to what: the client can't do that",
        |exchange, found| {
            if let Some(head) = response_with(exchange, 426).filter(|head| !head.fields.has("upgrade")) {
                found.at(head.status_line_offset());
            }
        },
    ),
    warn(
        "status-unprompted",
        "RFC 9110 §15",
        "the status responds to a field that the request does not have: the client can't interpret it",
        unprompted,
    ),
    warn(
        "status-retry-after-invalid",
        "RFC 9110 §10.2.3",
        "Retry-After is neither a number of seconds nor an HTTP date: clients retry when they like",
        |exchange, found| {
            let Some(head) = exchange.response() else { return };
            let is_valid = |value: &[u8]| is_digits(value) || date::parse(value).is_some();
            found.lines(head.fields.first("retry-after").filter(|line| !is_valid(line.value)));
        },
    ),
];

fn unprompted(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some(head) = exchange.response() else { return };
    let asked = &exchange.request.fields;
    let (missing, spec) = match head.status() {
        304 if !asked.has("if-none-match") && !asked.has("if-modified-since") => {
            ("304 without If-None-Match or If-Modified-Since", "RFC 9110 §15.4.5, §13.1")
        }
        406 if !has_prefix(asked, b"accept") => ("406 without any Accept field", "RFC 9110 §15.5.7"),
        412 if !has_prefix(asked, b"if-") => ("412 without any If- field", "RFC 9110 §15.5.13, §13.1"),
        416 if !asked.has("range") => ("416 without Range", "RFC 9110 §15.5.17"),
        417 if !asked.has("expect") => ("417 without Expect", "RFC 9110 §15.5.18"),
        _ => return,
    };
    found.citing(spec).with(head.status_line_offset(), missing);
}

/// Whether a field's name begins with `prefix`, in any case.
pub(super) fn has_prefix(fields: &FieldSection, prefix: &[u8]) -> bool {
    fields
        .iter()
        .any(|line| line.name.get(..prefix.len()).is_some_and(|name| name.eq_ignore_ascii_case(prefix)))
}
