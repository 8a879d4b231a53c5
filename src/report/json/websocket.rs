//! A WebSocket as JSON.

use super::object::object;
use serde_json::{Value, json};

use super::verbatim::{LoggedMessage, MessageLog};
use super::{millis, text};
use crate::http::base16;
use crate::http::base64;
use crate::http::websocket::fault;
use crate::http::websocket::handshake::Agreement;
use crate::http::websocket::messages::MessageKind;
use crate::report::frames::Sender;
use crate::report::websocket::{LoggedFrame, WebSocket};

/// The agreement, the frames of both sides in the order in which they went, and Close.
pub(super) fn object(websocket: &WebSocket) -> Value {
    let (first, last) = websocket.frames.kept();
    let agreement = websocket.handshake.as_ref().ok();
    object!({
        "subprotocol": agreement.and_then(|agreement| agreement.protocol.as_deref()).map(text),
        "permessage_deflate": agreement.and_then(deflate),
        "refused": websocket.handshake.as_ref().err().map(ToString::to_string),
        "close": websocket.close.as_ref().map(|close| object!({
            "code": close.code,
            "reason": text(&close.reason),
        })),
        "frames": first.iter().chain(last).map(frame).collect::<Vec<_>>(),
        "frames_left_out": websocket.frames.left_out(),
    })
}

fn deflate(agreement: &Agreement) -> Option<Value> {
    let deflate = agreement.deflate?;
    Some(object!({
        "server_no_context_takeover": deflate.server_forgets,
        "client_no_context_takeover": deflate.client_forgets,
        "client_max_window_bits": deflate.client_window,
    }))
}

/// The messages as browsers' developer tools write them into HAR, `since` being the second at
/// which the exchange began; binary ones in base64.
pub(super) fn messages(log: &MessageLog, since: f64) -> Value {
    let message = |message: &LoggedMessage| {
        let data = match (message.kind, str::from_utf8(&message.kept)) {
            (MessageKind::Text, Ok(text)) => text.to_owned(),
            (MessageKind::Text, Err(_)) => String::from_utf8_lossy(&message.kept).into_owned(),
            (MessageKind::Binary, _) => base64::encode(&message.kept),
        };
        let mut object = object!({
            "type": if message.from == Sender::Client { "send" } else { "receive" },
            "time": since + message.after.as_secs_f64(),
            "opcode": if message.kind == MessageKind::Text { 1 } else { 2 },
            "data": data,
        });
        if (message.kept.len() as u64) < message.bytes {
            object["comment"] = json!(format!("the first {} of {} bytes", message.kept.len(), message.bytes));
        }
        object
    };
    log.kept().iter().map(message).collect()
}

fn frame(frame: &LoggedFrame) -> Value {
    let header = &frame.header;
    let mask = header.mask.map(|key| base16::encode(&key));
    let name = header.opcode.name();
    let faults: Vec<_> = frame.faults.iter().map(|fault| fault::words(*fault)).collect();
    object!({
        "from": if frame.from == Sender::Client { "client" } else { "server" },
        "offset": frame.offset,
        "at": millis(frame.after),
        "fin": header.is_final,
        "rsv": header.reserved,
        "opcode": header.opcode.0,
        "name": (!name.is_empty()).then_some(name),
        "mask": mask,
        "length": header.length,
        "payload": text(&frame.payload),
        "faults": faults,
    })
}
