//! Content-Length, Transfer-Encoding, and what they make of the bytes (RFC 9112 §6).

use super::exchange_sections::heads;
use super::lists::{members, takes};
use super::rule::{Findings, Rule, rows};
use crate::failure;
use crate::http::content_length::{ContentLength, TOO_LARGE, content_length};
use crate::http::digits::is_digits;
use crate::http::excerpt::quoted;
use crate::http::framing::Framing;
use crate::http::response::ResponseHead;
use crate::http::syntax::is_token;
use crate::http::transfer_codings::{TransferCodings, is_compression};
use crate::report::exchange::{Completeness, Exchange};

pub(super) const RULES: &[Rule] = rows![
    error(
        "framing-content-length-invalid",
        "RFC 9112 §6.3 item 5; RFC 9110 §8.6",
        "Content-Length is not a plain number: recipients may read different lengths out of it (request \
         smuggling)",
        |exchange, found| {
            in_lengths(exchange, found, |length| match length {
                ContentLength::Invalid(offset) => Some(offset),
                _ => None,
            });
        },
    ),
    error(
        "framing-content-length-conflict",
        "RFC 9112 §6.3 item 5",
        "Content-Length is given with different numbers: recipients that obey different ones split the \
         bytes at different places",
        |exchange, found| {
            in_lengths(exchange, found, |length| match length {
                ContentLength::Conflict(offset) => Some(offset),
                _ => None,
            });
        },
    ),
    error(
        "framing-content-length-repeated",
        "RFC 9110 §8.6",
        "Content-Length is given several times with one number: recipients may use it once or reject the \
         message",
        |exchange, found| {
            for head in heads(exchange) {
                if let ContentLength::Valid { members: 2.., .. } = content_length(&head.fields) {
                    found.lines(head.fields.all("content-length"));
                }
            }
        },
    ),
    warn(
        "framing-content-length-leading-zero",
        "RFC 9110 §8.6",
        "Content-Length has leading zeros: some parsers read such a number as octal and see another length",
        |exchange, found| {
            for head in heads(exchange) {
                let has_zero = |member: &[u8]| member.len() > 1 && member[0] == b'0' && is_digits(member);
                let mut padded =
                    members(&head.fields, "content-length").filter(|(_, member)| has_zero(member));
                found.lines(padded.next().map(|(line, _)| line));
            }
        },
    ),
    error(
        "framing-content-length-overflow",
        "RFC 9110 §8.6; RFC 9112 §6.3",
        "Content-Length is above 2^63-1: counters overflow, and some recipients read a small or negative \
         length",
        |exchange, found| {
            for head in heads(exchange) {
                if let ContentLength::Valid { length: TOO_LARGE, .. } = content_length(&head.fields) {
                    found.lines(head.fields.first("content-length"));
                }
            }
        },
    ),
    warn(
        "framing-length-on-1xx-204",
        "RFC 9110 §8.6; RFC 9112 §6.1",
        "Content-Length or Transfer-Encoding on a response that has no body (1xx, 204, or 2xx to CONNECT): \
         some clients wait for one",
        length_without_body,
    ),
    error(
        "framing-content-length-and-transfer-encoding",
        "RFC 9112 §6.1, §6.3 item 3",
        "both Content-Length and Transfer-Encoding: recipients that obey different ones split the bytes at \
         different places (request smuggling, response splitting)",
        |exchange, found| {
            for head in heads(exchange).filter(|head| head.fields.has("transfer-encoding")) {
                found.lines(head.fields.first("content-length"));
            }
        },
    ),
    error(
        "framing-transfer-encoding-syntax",
        "RFC 9112 §6.1, §7; RFC 9110 §5.6.1",
        "Transfer-Encoding has an empty member, a parameter, or a coding that is not a token: recipients \
         differ in whether it says chunked (request smuggling)",
        |exchange, found| in_codings(exchange, found, |codings| codings.has_bad_syntax),
    ),
    error(
        "framing-transfer-encoding-unknown",
        "RFC 9112 §6.1, §7",
        "Transfer-Encoding names a coding that is not registered: recipients can't decode the body, or \
         don't see that it is chunked",
        |exchange, found| {
            in_codings(exchange, found, |codings| {
                codings.others().any(|coding| is_token(coding) && !is_compression(coding))
            });
        },
    ),
    warn(
        "framing-transfer-encoding-unwanted",
        "RFC 9110 §10.1.4",
        "Transfer-Encoding compresses the body though the request's TE does not ask for it: most clients \
         can't decode it",
        |exchange, found| {
            in_codings(exchange, found, |codings| {
                codings.others().any(|coding| is_compression(coding) && !is_asked_for(exchange, coding))
            });
        },
    ),
    warn(
        "framing-transfer-encoding-identity",
        "RFC 9112 §7 (removed since RFC 7230)",
        "Transfer-Encoding names identity, which no longer exists: recipients may reject it or read the \
         body to the connection's end",
        |exchange, found| in_codings(exchange, found, |codings| count(codings, b"identity") > 0),
    ),
    error(
        "framing-transfer-encoding-chunked-repeated",
        "RFC 9112 §6.1",
        "Transfer-Encoding names chunked more than once: recipients may decode the chunks once, twice, or \
         reject them",
        |exchange, found| in_codings(exchange, found, |codings| count(codings, b"chunked") > 1),
    ),
    error(
        "framing-transfer-encoding-chunked-not-final",
        "RFC 9112 §6.3 item 4",
        "chunked is not the last transfer coding: some recipients unchunk the body, others read it to the \
         connection's end",
        |exchange, found| {
            in_codings(exchange, found, |codings| count(codings, b"chunked") > 0 && !codings.is_chunked());
        },
    ),
    error(
        "framing-transfer-encoding-http10",
        "RFC 9112 §6.1",
        "Transfer-Encoding where one side speaks HTTP/1.0, which does not know it: the chunk sizes may be \
         taken for content",
        |exchange, found| {
            for head in heads(exchange) {
                let is_old = head.status_line.version.is_below_11() || exchange.request.version.is_below_11();
                found.lines(head.fields.first("transfer-encoding").filter(|_| is_old));
            }
        },
    ),
    note(
        "framing-close-delimited",
        "RFC 9112 §6.3 items 4 and 8",
        "nothing but the end of the connection ends the body: a body that was cut short looks like a whole \
         one",
        close_delimited,
    ),
    error(
        "framing-body-truncated",
        "RFC 9112 §8",
        "the connection ended before the body had the length that Content-Length says: the rest is missing",
        |exchange, found| {
            if exchange.is_stopped {
                return;
            }
            if let (Framing::Length(length), Completeness::Truncated) =
                (exchange.framing(), exchange.body.outcome)
            {
                let said =
                    if length == TOO_LARGE { "more than 2^63-1".to_owned() } else { length.to_string() };
                found
                    .with(exchange.body.end_offset, &format!("{} of {said} bytes came", exchange.body.bytes));
            }
            if let Some(length) = ignored_length(exchange)
                && exchange.body.bytes < length
            {
                let detail = format!("{} of {length} bytes came", exchange.body.bytes);
                found.with(exchange.body.end_offset, &detail);
            }
        },
    ),
    error(
        "framing-body-forbidden",
        "RFC 9112 §6.3 item 1; RFC 9110 §9.3.2, §15.3.5, §15.4.5",
        "bytes follow a response that has no body (a response to HEAD, 204 or 304): on a kept connection \
         they are taken for the next response",
        |exchange, found| {
            after_end(exchange, found, |framing, after| framing == Framing::NoBody && after == After::Content)
        },
    ),
    error(
        "framing-trailing-bytes",
        "RFC 9112 §6.3, §9.2",
        "bytes follow the end of the message: on a kept connection they are taken for the beginning of the \
         next response",
        |exchange, found| {
            after_end(exchange, found, |framing, after| {
                framing != Framing::NoBody && after == After::Content
            });
            if let Some(length) = ignored_length(exchange)
                && exchange.body.bytes > length
            {
                let end = exchange.body.offset.saturating_add(length);
                found.with(end, &failure::bytes(exchange.body.bytes - length));
            }
        },
    ),
    note(
        "framing-trailing-crlf",
        "RFC 9112 §2.2",
        "line ends follow the end of the message: most clients skip them before the next response, strict \
         ones don't",
        |exchange, found| after_end(exchange, found, |_, after| after == After::LineEnds),
    ),
    error(
        "framing-unsolicited-response",
        "RFC 9112 §9.2, §11.1",
        "a second response follows though there was one request: on a kept connection it is taken for the \
         response to the next request (response splitting)",
        |exchange, found| after_end(exchange, found, |_, after| after == After::Response),
    ),
];

/// Tells each head for which `check` gives an offset.
fn in_lengths(exchange: &Exchange, found: &mut Findings<'_>, check: fn(ContentLength) -> Option<u64>) {
    for head in heads(exchange) {
        if let Some(offset) = check(content_length(&head.fields)) {
            let values: Vec<_> =
                head.fields.all("content-length").map(|line| quoted(line.value)).take(3).collect();
            found.with(offset, &values.join(", "));
        }
    }
}

/// Tells each head whose transfer codings pass `check`.
fn in_codings(exchange: &Exchange, found: &mut Findings<'_>, check: impl Fn(&TransferCodings) -> bool) {
    for head in heads(exchange) {
        if check(&head.transfer_codings) {
            found.lines(head.fields.all("transfer-encoding"));
        }
    }
}

fn count(codings: &TransferCodings, name: &[u8]) -> usize {
    codings.codings.iter().filter(|coding| *coding == name).count()
}

/// Whether the request's TE takes `coding`, by either of its names.
fn is_asked_for(exchange: &Exchange, coding: &[u8]) -> bool {
    let plain = coding.strip_prefix(b"x-").unwrap_or(coding);
    let fields = &exchange.request.fields;
    takes(fields, "te", plain) || takes(fields, "te", &[b"x-", plain].concat())
}

/// Whether the final response makes the connection a tunnel.
fn is_tunnel(exchange: &Exchange, head: &ResponseHead) -> bool {
    exchange.request.method == b"CONNECT" && (200..300).contains(&head.status())
}

fn length_without_body(exchange: &Exchange, found: &mut Findings<'_>) {
    for head in heads(exchange) {
        let status = head.status();
        if (100..200).contains(&status) || status == 204 || is_tunnel(exchange, head) {
            let is_length = |name: &[u8]| {
                name.eq_ignore_ascii_case(b"content-length")
                    || name.eq_ignore_ascii_case(b"transfer-encoding")
            };
            found.lines(head.fields.iter().filter(|line| is_length(line.name)));
        }
    }
}

/// The length that Content-Length says, where the user had it ignored: the body
/// was read until the connection ended, and the head does not request that.
fn ignored_length(exchange: &Exchange) -> Option<u64> {
    let (head, framed) = (exchange.response()?, exchange.body.framed?);
    let is_coded = head.fields.value("transfer-encoding").is_some();
    match content_length(&head.fields) {
        ContentLength::Valid { length, .. } if framed.framing == Framing::UntilClose && !is_coded => {
            Some(length)
        }
        _ => None,
    }
}

fn close_delimited(exchange: &Exchange, found: &mut Findings<'_>) {
    let (Some(head), Some(framed)) = (exchange.response(), exchange.body.framed) else { return };
    // Where chunked is named but not last, that is told, and worse.
    let names_chunked = count(&head.transfer_codings, b"chunked") > 0;
    if framed.framing == Framing::UntilClose
        && !framed.is_unreliable
        && !names_chunked
        && ignored_length(exchange).is_none()
    {
        found.at(head.status_line_offset());
    }
}

/// What follows the end of a message.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    LineEnds,
    Response,
    Content,
}

/// Tells the bytes after the message's end if `check` wants them. What follows
/// 101 or a tunnel's head is another protocol's.
fn after_end(exchange: &Exchange, found: &mut Findings<'_>, check: fn(Framing, After) -> bool) {
    let Some(head) = exchange.response() else { return };
    let after = &exchange.after;
    let is_other_protocol = head.status() == 101 || is_tunnel(exchange, head);
    if after.bytes == 0 || is_other_protocol || exchange.body.outcome != Completeness::Complete {
        return;
    }
    let kind = match (after.is_blank, after.is_response) {
        (true, _) => After::LineEnds,
        (false, true) => After::Response,
        (false, false) => After::Content,
    };
    if check(exchange.framing(), kind) {
        let after = format!("{}, {}", failure::bytes(after.bytes), quoted(&after.prefix));
        found.with(exchange.body.end_offset, &after);
    }
}
