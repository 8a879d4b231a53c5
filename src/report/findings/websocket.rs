//! WebSocket: the handshake, frames and Close (RFC 6455, RFC 7692).

use super::request_line::start;
use super::rule::{Findings, Rule, rows};
use crate::http::field::FieldLine;
use crate::http::response::ResponseHead;
use crate::http::websocket::fault::words;
use crate::http::websocket::handshake::{self, Disagreement};
use crate::http::{Deviation, base64};
use crate::report::exchange::{Completeness, Exchange, SentRequest};

pub(super) const RULES: &[Rule] = rows![
    error(
        "ws-connection-invalid",
        "RFC 6455 §4.1",
        "101 to WebSocket without Upgrade in Connection: clients close the connection",
        |exchange, found| {
            if let Some(offset) = disagreement(exchange, |why| matches!(why, Disagreement::Connection)) {
                found.at(offset);
            }
        },
    ),
    error(
        "ws-accept-missing",
        "RFC 6455 §4.1",
        "101 to WebSocket without Sec-WebSocket-Accept: clients close the connection",
        |exchange, found| {
            if let Some(offset) = disagreement(exchange, |why| matches!(why, Disagreement::NoAccept)) {
                found.at(offset);
            }
        },
    ),
    error(
        "ws-accept-invalid",
        "RFC 6455 §4.1",
        "Sec-WebSocket-Accept does not match the key that was sent: the server has not read the request",
        |exchange, found| {
            tell(exchange, found, "sec-websocket-accept", |why| matches!(why, Disagreement::Accept(..)))
        },
    ),
    error(
        "ws-subprotocol-not-offered",
        "RFC 6455 §4.1",
        "a subprotocol that the request did not offer: clients close the connection",
        |exchange, found| {
            tell(exchange, found, "sec-websocket-protocol", |why| matches!(why, Disagreement::Protocol(_)))
        },
    ),
    error(
        "ws-extension-not-offered",
        "RFC 6455 §4.1, §9.1",
        "an extension that the request did not offer: clients close the connection",
        |exchange, found| {
            tell(exchange, found, "sec-websocket-extensions", |why| matches!(why, Disagreement::Extension(_)))
        },
    ),
    error(
        "ws-extension-invalid",
        "RFC 7692 §7.1",
        "invalid parameters of permessage-deflate: clients close the connection",
        |exchange, found| {
            tell(exchange, found, "sec-websocket-extensions", |why| {
                matches!(why, Disagreement::Parameters(_))
            })
        },
    ),
    error("ws-frame-masked", "RFC 6455 §5.1", words(Deviation::FrameMasked), |exchange, found| {
        found.noted(exchange, Deviation::FrameMasked);
    }),
    error("ws-reserved-bits", "RFC 6455 §5.2", words(Deviation::FrameReservedBits), |exchange, found| {
        found.noted(exchange, Deviation::FrameReservedBits);
    }),
    error("ws-opcode-reserved", "RFC 6455 §5.2", words(Deviation::FrameOpcode), |exchange, found| {
        found.noted(exchange, Deviation::FrameOpcode);
    }),
    error(
        "ws-control-fragmented",
        "RFC 6455 §5.5",
        words(Deviation::FrameControlFragmented),
        |exchange, found| {
            found.noted(exchange, Deviation::FrameControlFragmented);
        },
    ),
    error(
        "ws-control-too-long",
        "RFC 6455 §5.5",
        words(Deviation::FrameControlTooLong),
        |exchange, found| {
            found.noted(exchange, Deviation::FrameControlTooLong);
        },
    ),
    error(
        "ws-length-not-shortest",
        "RFC 6455 §5.2",
        words(Deviation::FrameLengthForm),
        |exchange, found| {
            found.noted(exchange, Deviation::FrameLengthForm);
        },
    ),
    error(
        "ws-length-overflow",
        "RFC 6455 §5.2",
        words(Deviation::FrameLengthOverflow),
        |exchange, found| {
            found.noted(exchange, Deviation::FrameLengthOverflow);
        },
    ),
    error(
        "ws-continuation-stray",
        "RFC 6455 §5.4",
        words(Deviation::FrameContinuation),
        |exchange, found| {
            found.noted(exchange, Deviation::FrameContinuation);
        },
    ),
    error(
        "ws-message-interrupted",
        "RFC 6455 §5.4",
        words(Deviation::FrameInterrupts),
        |exchange, found| {
            found.noted(exchange, Deviation::FrameInterrupts);
        },
    ),
    error("ws-text-invalid", "RFC 6455 §8.1", words(Deviation::FrameText), |exchange, found| {
        found.noted(exchange, Deviation::FrameText);
    }),
    error("ws-deflate-corrupt", "RFC 7692 §7.2.2", words(Deviation::FrameCompression), |exchange, found| {
        found.noted(exchange, Deviation::FrameCompression);
    }),
    error(
        "ws-frame-after-close",
        "RFC 6455 §5.5.1",
        words(Deviation::FrameAfterClose),
        |exchange, found| {
            found.noted(exchange, Deviation::FrameAfterClose);
        },
    ),
    error(
        "ws-message-cut",
        "RFC 6455 §5.4, §5.5.1",
        words(Deviation::CloseInMessage),
        |exchange, found| {
            found.noted(exchange, Deviation::CloseInMessage);
        },
    ),
    error("ws-close-cut", "RFC 6455 §5.5.1", words(Deviation::CloseCut), |exchange, found| {
        found.noted(exchange, Deviation::CloseCut);
    }),
    error("ws-close-code-invalid", "RFC 6455 §7.4", words(Deviation::CloseCode), |exchange, found| {
        found.noted(exchange, Deviation::CloseCode);
    }),
    error("ws-close-reason-invalid", "RFC 6455 §5.5.1", words(Deviation::CloseReason), |exchange, found| {
        found.noted(exchange, Deviation::CloseReason);
    }),
    error(
        "ws-close-missing",
        "RFC 6455 §7.1.1, §7.1.5",
        "the server ended the connection without Close: nobody can tell whether all messages arrived",
        |exchange, found| {
            let Some(websocket) = &exchange.websocket else { return };
            let is_open = websocket.handshake.is_ok() && websocket.close.is_none();
            if is_open && websocket.is_ended_by_server && exchange.body.outcome != Completeness::Complete {
                found.at(exchange.body.end_offset);
            }
        },
    ),
];

pub(super) const REQUEST_RULES: &[Rule] = rows![note(
    "request-ws-invalid",
    "RFC 6455 §4.1, §4.2.1",
    "a request for WebSocket without what it must have: servers respond with an error",
    |exchange, found| {
        let request = &exchange.request;
        if request.fields.has_member("upgrade", "websocket")
            && let Some(what) = lacking(request)
        {
            found.with(start(request), what);
        }
    },
)];

/// Where the response begins, if the handshake failed for such a reason.
fn disagreement(exchange: &Exchange, is_it: fn(&Disagreement) -> bool) -> Option<u64> {
    let head = exchange.response()?;
    let why = match &exchange.websocket {
        Some(websocket) => websocket.handshake.as_ref().err().cloned(),
        None => of_typed(&exchange.request, head),
    };
    why.filter(is_it).map(|_| head.status_line_offset())
}

/// Why the handshake failed of a request to an http URL that asks for WebSocket.
fn of_typed(request: &SentRequest, head: &ResponseHead) -> Option<Disagreement> {
    let is_asked = head.status() == 101 && request.fields.has(KEY);
    is_asked.then(|| handshake::check(&request.head, head, true).err())?
}

const KEY: &str = "sec-websocket-key";

/// What a request to upgrade to WebSocket lacks (RFC 6455 §4.1).
fn lacking(request: &SentRequest) -> Option<&'static str> {
    let fields = &request.fields;
    let is_key = |line: FieldLine<'_>| base64::decode(line.value).is_some_and(|key| key.len() == 16);
    let mut keys = fields.all(KEY);
    let has_key = keys.next().is_some_and(is_key) && keys.next().is_none();
    Some(if request.method != b"GET" {
        "the method is not GET"
    } else if request.version.is_below_11() {
        "the version is below HTTP/1.1"
    } else if !has_key {
        "no Sec-WebSocket-Key of 16 bytes in base64"
    } else if fields.value("sec-websocket-version") != Some(b"13") {
        "no Sec-WebSocket-Version: 13"
    } else {
        return None;
    })
}

/// Tells of the lines of the field `name`, if the handshake failed for such a reason.
fn tell(exchange: &Exchange, found: &mut Findings<'_>, name: &str, is_it: fn(&Disagreement) -> bool) {
    if disagreement(exchange, is_it).is_some()
        && let Some(head) = exchange.response()
    {
        found.lines(head.fields.all(name));
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{check, check_with, sent};
    use super::*;

    #[test]
    fn a_typed_handshake_is_judged() {
        let asked = "GET http://x/|Upgrade: websocket|Connection: Upgrade\
             |Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ== > 101|Upgrade: websocket";
        let with = |fields: &str| &*format!("{asked}|{fields}").leak();
        let right = with("Connection: Upgrade|Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        check(
            &RULES[..5],
            &[
                ("ws-accept-invalid", with("Connection: Upgrade|Sec-WebSocket-Accept: x"), right),
                ("ws-accept-missing", with("Connection: Upgrade"), right),
                ("ws-connection-invalid", with("A: b"), "GET http://x/|Upgrade: websocket > 101|A: b"),
                (
                    "ws-extension-not-offered",
                    with(
                        "Connection: Upgrade|Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=|Sec-WebSocket-Extensions: a",
                    ),
                    right,
                ),
                (
                    "ws-subprotocol-not-offered",
                    with(
                        "Connection: Upgrade|Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=|Sec-WebSocket-Protocol: a",
                    ),
                    right,
                ),
            ],
        );
    }

    #[test]
    fn a_request_is_held_against_what_it_must_have() {
        let id = "request-ws-invalid";
        let right = "GET HTTP/1.1|Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==|Sec-WebSocket-Version: 13";
        check_with(
            REQUEST_RULES,
            &[
                (id, "GET HTTP/1.1|Sec-WebSocket-Version: 13", right),
                (id, "GET HTTP/1.1|Sec-WebSocket-Key: YWJj|Sec-WebSocket-Version: 13", right),
                (id, "GET HTTP/1.1|Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", right),
                (
                    id,
                    "POST HTTP/1.1|Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==|Sec-WebSocket-Version: 13",
                    right,
                ),
            ],
            |text| {
                let (line, lines) = text.split_once('|').expect("a request line");
                let (line, lines) = (line.replace(' ', " / "), lines.replace('|', "\r\n"));
                sent("http://x/", &format!("{line}\r\nUpgrade: WebSocket\r\n{lines}\r\n\r\n"))
            },
        );
    }
}
