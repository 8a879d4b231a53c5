//! A WebSocket explained: what was agreed on, and frame by frame who said what when.

use super::text::{Paint, Text};
use super::wrapping::wrapped;
use crate::failure::counted;
use crate::http::excerpt::quoted;
use crate::http::websocket::close::Close;
use crate::http::websocket::fault;
use crate::http::websocket::frame::Opcode;
use crate::report::frames::{Sender, agreement_words, close_words, header_words};
use crate::report::millis::in_millis;
use crate::report::websocket::{LoggedFrame, WebSocket};

/// Columns that stand before a frame, and before what it says.
const OFFSET: usize = 10;
const BELOW: usize = 12;

pub(super) fn explain(text: &mut Text, websocket: &WebSocket) {
    let count = websocket.frames.count();
    let summary = match &websocket.handshake {
        Ok(agreement) => format!("{}; {}", agreement_words(agreement), counted(count, "frame")),
        Err(_) => "none".to_owned(),
    };
    text.title("\nWEBSOCKET", &summary);
    if let Err(why) = &websocket.handshake {
        text.item("because", &why.to_string());
    }
    let (first, last) = websocket.frames.kept();
    first.iter().for_each(|frame| one(text, frame));
    if websocket.frames.left_out() > 0 {
        let left_out = counted(websocket.frames.left_out(), "frame");
        text.paragraph(Paint::Quiet, 12, &format!("{left_out} left out here"));
    }
    last.for_each(|frame| one(text, frame));
}

/// A frame: who sent it, where it begins, when, its header; what it says, and what is wrong with it.
fn one(text: &mut Text, frame: &LoggedFrame) {
    let mark = if frame.from == Sender::Client { '>' } else { '<' };
    text.push(Paint::Quiet, format!("{:>8}  ", frame.offset));
    let line = format!("{mark} {}, at {}", header_words(&frame.header), in_millis(frame.after));
    let lines = wrapped(&line, text.layout.width.saturating_sub(OFFSET));
    text.push(Paint::Wire, lines.join(&format!("\n{:BELOW$}", "")) + "\n");
    if frame.header.opcode == Opcode::CLOSE {
        text.paragraph(Paint::Quiet, 12, &close_words(&Close::parse(&frame.payload).0));
    } else if !frame.payload.is_empty() {
        text.paragraph(Paint::Quiet, 12, &quoted(&frame.payload));
    }
    for fault in &frame.faults {
        text.paragraph(Paint::Quiet, 12, &format!("wrong: {}", fault::words(*fault)));
    }
}
