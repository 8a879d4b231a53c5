//! WebSocket: the handshake, frames and Close (RFC 6455, RFC 7692).

use super::{Rule, rows};
use crate::http::Deviation;
use crate::http::websocket::fault::words;
use crate::http::websocket::handshake::Disagreement;
use crate::report::exchange::{Completeness, Exchange};

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

/// Where the response begins, if the handshake failed for such a reason.
fn disagreement(exchange: &Exchange, is_it: fn(&Disagreement) -> bool) -> Option<u64> {
    let websocket = exchange.websocket.as_ref()?;
    websocket.handshake.as_ref().err().filter(|why| is_it(why))?;
    exchange.response().map(|head| head.status_line_offset())
}

/// Tells of the lines of the field `name`, if the handshake failed for such a reason.
fn tell(exchange: &Exchange, found: &mut super::Findings<'_>, name: &str, is_it: fn(&Disagreement) -> bool) {
    if disagreement(exchange, is_it).is_some()
        && let Some(head) = exchange.response()
    {
        found.lines(head.fields.all(name));
    }
}
