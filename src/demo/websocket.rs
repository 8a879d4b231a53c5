//! The page that becomes a WebSocket (RFC 6455): what is sent to it comes back.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use super::page::{Page, Then};
use super::request::ReceivedRequest;
use super::response::ResponseWriter;
use crate::http::websocket::close::{Close, TOO_BIG};
use crate::http::websocket::frame::{FrameHeader, Opcode, mask};
use crate::http::websocket::handshake::accept;

/// Most of a frame's payload: it is kept in memory.
const MAX_PAYLOAD: u64 = 1 << 20;

pub(super) const PAGES: &[Page] = &[Page::new("/websocket", answer).then(Then::Talk)];

fn answer(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    match key(request) {
        Some(key) => {
            let accept = accept(key);
            let head = format!(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                 Sec-WebSocket-Accept: {accept}\r\n\r\n"
            );
            out.write_all(head.as_bytes())
        }
        None => {
            let text = "This page is a WebSocket: rawget --demo --proto-default ws /websocket --send -\n";
            let response =
                ResponseWriter::text(426).field("Upgrade", "websocket").field("Connection", "Upgrade");
            response.send(request, out, text.as_bytes())
        }
    }
}

/// The key of a handshake; `None` where the request is none.
pub(super) fn key(request: &ReceivedRequest) -> Option<&[u8]> {
    let is_asked = request.list(b"upgrade").any(|name| name.eq_ignore_ascii_case(b"websocket"));
    request.field(b"sec-websocket-key").filter(|_| is_asked)
}

/// Sends back each frame until Close.
pub(super) fn talk(mut stream: &TcpStream) -> io::Result<()> {
    loop {
        let header = header(stream)?;
        if header.length > MAX_PAYLOAD {
            return reply(stream, Opcode::CLOSE, true, &Close::of(TOO_BIG).payload());
        }
        let mut payload = vec![0; header.length as usize];
        stream.read_exact(&mut payload)?;
        if let Some(key) = header.mask {
            mask(&mut payload, key, 0);
        }
        match header.opcode {
            Opcode::PONG => {}
            Opcode::PING => reply(stream, Opcode::PONG, true, &payload)?,
            opcode => reply(stream, opcode, header.is_final, &payload)?,
        }
        if header.opcode == Opcode::CLOSE {
            return Ok(());
        }
    }
}

fn header(mut stream: &TcpStream) -> io::Result<FrameHeader> {
    let mut bytes = Vec::new();
    loop {
        if let Some(header) = FrameHeader::parse(&bytes) {
            return Ok(header);
        }
        let mut next = [0];
        stream.read_exact(&mut next)?;
        bytes.extend(next);
    }
}

fn reply(mut stream: &TcpStream, opcode: Opcode, is_final: bool, payload: &[u8]) -> io::Result<()> {
    let header =
        FrameHeader { mask: None, ..FrameHeader::new(opcode, is_final, payload.len() as u64, [0; 4]) };
    stream.write_all(&[&header.to_bytes(), payload].concat())
}
