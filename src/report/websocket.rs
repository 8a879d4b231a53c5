//! The record of a WebSocket: what was agreed on, and the frames of both sides,
//! in bounded memory.

use std::collections::VecDeque;
use std::time::Duration;

use super::frames::{Frames, Sender};
use super::json::MessageLog;
use super::wants::Wants;
use crate::event::{By, Event};
use crate::http::websocket::close::Close;
use crate::http::websocket::frame::FrameHeader;
use crate::http::websocket::handshake::{Agreement, Disagreement};
use crate::http::websocket::messages::Heard;
use crate::http::{Deviation, Deviations};

/// How many frames are kept from the beginning, and as many from the end.
const KEPT: usize = 500;
/// Most bytes kept of a frame's payload.
const BEGINNING: usize = 64;

/// Follows the frames of an exchange.
#[derive(Default)]
pub(super) struct FrameFollower {
    frames: Frames,
    /// What followed the handshake, if there was one.
    pub(super) websocket: Option<Box<WebSocket>>,
}

impl FrameFollower {
    /// Takes what happened so long after the beginning; frames if it `wants` them.
    pub(super) fn on(&mut self, after: Duration, event: &Event<'_>, wants: Wants) {
        let handshake = match event {
            Event::Agreed(agreement) => Some(Ok((*agreement).clone())),
            Event::Disagreed(why) => Some(Err((*why).clone())),
            _ => None,
        };
        if let Some(handshake) = handshake {
            self.websocket = Some(Box::new(WebSocket::new(handshake, wants.kept)));
        }
        if !wants.content && !wants.kept {
            return;
        }
        let Self { frames, websocket } = self;
        frames.on(event, &mut |from, heard| {
            websocket.iter_mut().for_each(|websocket| websocket.on(from, heard, after));
        });
        if let (Event::Ended(ended), Some(websocket)) = (event, websocket) {
            websocket.is_ended_by_server = ended.by == By::Peer;
        }
    }
}

/// What followed the handshake.
#[derive(Clone, Debug)]
pub(crate) struct WebSocket {
    /// What was agreed on, or why nothing was.
    pub(crate) handshake: Result<Agreement, Disagreement>,
    pub(crate) frames: FrameLog,
    /// What is wrong with the server's.
    pub(crate) deviations: Deviations,
    /// What the server's Close said.
    pub(crate) close: Option<Close>,
    /// The server ended the connection.
    pub(crate) is_ended_by_server: bool,
    /// The messages, if they are wanted.
    pub(crate) messages: Option<MessageLog>,
}

impl WebSocket {
    /// `keeps_messages`: the beginning of what was said is kept too.
    pub(super) fn new(handshake: Result<Agreement, Disagreement>, keeps_messages: bool) -> Self {
        Self {
            handshake,
            frames: FrameLog::default(),
            deviations: Deviations::default(),
            close: None,
            is_ended_by_server: false,
            messages: keeps_messages.then(MessageLog::default),
        }
    }

    /// Whether the server has not kept to the protocol.
    pub(super) fn is_faulty(&self) -> bool {
        self.handshake.is_err() || self.deviations.iter().next().is_some()
    }

    /// Takes what is heard of one side, so long after the beginning.
    pub(super) fn on(&mut self, from: Sender, heard: Heard<'_>, after: Duration) {
        self.frames.on(from, heard, after);
        if let Some(messages) = &mut self.messages {
            messages.on(from, heard, after);
        }
        match heard {
            Heard::Wrong(kind, offset) if from == Sender::Server => self.deviations.note(kind, offset),
            Heard::Close(close) if from == Sender::Server => {
                self.close.get_or_insert_with(|| close.clone());
            }
            _ => {}
        }
    }
}

/// A frame, as far as it is kept.
#[derive(Clone, Debug)]
pub(super) struct LoggedFrame {
    pub(super) from: Sender,
    pub(super) header: FrameHeader,
    /// Counted from the first byte that its side has sent on the connection.
    pub(super) offset: u64,
    /// How long after the beginning of the exchange it began.
    pub(super) after: Duration,
    /// What is wrong with it, each once.
    pub(super) faults: Vec<Deviation>,
    /// The beginning of its payload, decompressed.
    pub(super) payload: Vec<u8>,
}

/// The first frames and the last, and how many there were.
#[derive(Clone, Debug, Default)]
pub(crate) struct FrameLog {
    first: Vec<LoggedFrame>,
    last: VecDeque<LoggedFrame>,
    count: u64,
}

impl FrameLog {
    /// The frames that are kept: the first ones, and the last ones.
    pub(super) fn kept(&self) -> (&[LoggedFrame], impl Iterator<Item = &LoggedFrame>) {
        (&self.first, self.last.iter())
    }

    /// How many there were.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// How many were left out between the first and the last.
    pub(super) fn left_out(&self) -> u64 {
        self.count - (self.first.len() + self.last.len()) as u64
    }

    fn on(&mut self, from: Sender, heard: Heard<'_>, after: Duration) {
        match heard {
            Heard::Frame(header, offset) => {
                self.push(LoggedFrame {
                    from,
                    header,
                    offset,
                    after,
                    faults: Vec::new(),
                    payload: Vec::new(),
                });
            }
            Heard::Wrong(fault, _) => {
                if let Some(frame) = self.newest(from).filter(|frame| !frame.faults.contains(&fault)) {
                    frame.faults.push(fault);
                }
            }
            Heard::Data(_, bytes) | Heard::Ping(bytes) | Heard::Pong(bytes) => self.payload(from, bytes),
            Heard::Close(close) => self.payload(from, &close.payload()),
            Heard::MessageEnd(_) => {}
        }
    }

    fn push(&mut self, frame: LoggedFrame) {
        self.count += 1;
        if self.first.len() < KEPT {
            self.first.push(frame);
            return;
        }
        if self.last.len() == KEPT {
            self.last.pop_front();
        }
        self.last.push_back(frame);
    }

    fn payload(&mut self, from: Sender, bytes: &[u8]) {
        if let Some(frame) = self.newest(from) {
            let room = BEGINNING.saturating_sub(frame.payload.len());
            frame.payload.extend_from_slice(&bytes[..bytes.len().min(room)]);
        }
    }

    /// The newest frame of one side.
    fn newest(&mut self, from: Sender) -> Option<&mut LoggedFrame> {
        let all = self.first.iter_mut().chain(&mut self.last);
        all.rev().find(|frame| frame.from == from)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::http::websocket::frame::Opcode;
    use super::*;

    #[test]
    fn of_many_frames_the_first_and_the_last_are_kept() {
        let mut log = FrameLog::default();
        for number in 0..3 * KEPT as u64 {
            let header = FrameHeader::new(Opcode::TEXT, true, number, [0; 4]);
            log.on(Sender::Server, Heard::Frame(header, number), Duration::ZERO);
            log.on(Sender::Server, Heard::Ping(&[b'x'; 2 * BEGINNING]), Duration::ZERO);
        }
        let (first, mut last) = log.kept();
        assert_eq!((first.len(), log.count(), log.left_out()), (KEPT, 3 * KEPT as u64, KEPT as u64));
        assert_eq!(last.next().map(|frame| frame.offset), Some(2 * KEPT as u64));
        assert_eq!(first[0].payload.len(), BEGINNING);
    }
}
