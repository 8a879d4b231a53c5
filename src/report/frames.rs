//! The frames of a WebSocket, both directions, as reports tell them.

use std::convert::Infallible;

use crate::coding;
use crate::event::Event;
use crate::failure;
use crate::http::Deviation;
use crate::http::base16;
use crate::http::websocket::close::{Close, meaning};
use crate::http::websocket::frame::FrameHeader;
use crate::http::websocket::handshake::{Agreement, PermessageDeflate};
use crate::http::websocket::messages::{Heard, Messages};
use crate::output::escape::one_line;

/// Which side a frame is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sender {
    Client,
    Server,
}

/// Follows the frames of an exchange.
#[derive(Default)]
pub(super) struct Frames {
    /// How many bytes of the exchange have been sent before frames.
    sent: u64,
    /// Reads back what is sent, once that is frames.
    client: Option<Messages>,
}

impl Frames {
    /// Whether frames are exchanged.
    pub(super) fn have_begun(&self) -> bool {
        self.client.is_some()
    }

    /// Takes an event; tells `on` what it means in frames.
    pub(super) fn on(&mut self, event: &Event<'_>, on: &mut dyn FnMut(Sender, Heard<'_>)) {
        match event {
            Event::Begin(_) => *self = Self::default(),
            Event::SentHead(bytes) => *self = Self { sent: bytes.len() as u64, client: None },
            Event::Agreed(agreement) => {
                let own = agreement.deflate.map(PermessageDeflate::turned);
                let inflate = own.and_then(coding::permessage_deflate::inflate);
                self.client = Some(Messages::new(self.sent, inflate));
            }
            Event::SentBody(bytes) => match &mut self.client {
                None => self.sent += bytes.len() as u64,
                Some(client) => {
                    let Ok(()) = client.push::<Infallible>(&mut bytes.to_vec(), &mut |heard| {
                        match heard {
                            // Every client masks; what else there is the user wants.
                            Heard::Wrong(Deviation::FrameMasked, _) => {}
                            heard => on(Sender::Client, heard),
                        }
                        Ok(())
                    });
                }
            },
            Event::Heard(heard) => on(Sender::Server, *heard),
            _ => {}
        }
    }
}

/// A frame's header in words.
pub(super) fn header_words(header: &FrameHeader) -> String {
    let FrameHeader { is_final, reserved, opcode, mask, length, .. } = header;
    let mask = mask.map_or("no mask".to_owned(), |key| {
        let digits: String = base16::encode(&key);
        format!("mask {digits}")
    });
    let fin = u8::from(*is_final);
    let length = failure::bytes(*length);
    format!("FIN {fin}, RSV {reserved:03b}, opcode {opcode}, {mask}, {length}")
}

/// What a Close frame says.
pub(super) fn close_words(close: &Close) -> String {
    let Some(code) = close.code else { return "no code".to_owned() };
    let meaning = meaning(code);
    let meaning = if meaning.is_empty() { String::new() } else { format!(" ({meaning})") };
    let reason = one_line(&close.reason);
    if reason.is_empty() {
        format!("code {code}{meaning}")
    } else {
        format!("code {code}{meaning}: {reason}")
    }
}

/// What both sides have agreed on.
pub(super) fn agreement_words(agreement: &Agreement) -> String {
    let protocol = match &agreement.protocol {
        None => "no subprotocol".to_owned(),
        Some(name) => format!("subprotocol {}", one_line(name)),
    };
    let Some(deflate) = agreement.deflate else { return format!("{protocol}, no extension") };
    let forgets = match (deflate.server_forgets, deflate.client_forgets) {
        (true, true) => ", each message by itself",
        (true, false) => ", each message of the server by itself",
        (false, true) => ", each message of the client by itself",
        (false, false) => "",
    };
    format!("{protocol}, permessage-deflate{forgets}")
}
