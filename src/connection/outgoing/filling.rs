//! What is to be sent next: messages that wait, and what is read for them.

use std::io::ErrorKind;
use std::time::Instant;

use super::{Consent, Outgoing, Want};
use crate::connection::message::Message;
use crate::event::{Event, Events};
use crate::failure::Failure;
use crate::http::request_ends::announced_length;

/// How much of the content is read at once.
const PIECE: usize = 64 * 1024;
/// How much is read at once: a chunk of that much data, and what makes it a chunk.
const ROOM: usize = PIECE + 64;
/// The largest piece that is written at once where pieces are asked for: larger
/// ones would be no packet of their own anyway.
const MAX_PIECE: usize = 1 << 20;

/// What reading the next bytes came to.
pub(super) enum Refill {
    Filled,
    Wants(Want),
    End,
}

impl Outgoing {
    /// Whether what is ready is less than the piece that it is to be.
    pub(super) fn is_filling(&self) -> bool {
        let Some(cutter) = &self.cutter else { return false };
        let is_short = self.free() < cutter.left().min(MAX_PIECE);
        is_short && !self.is_dialogue && (self.input.is_some() || !self.waiting.is_empty())
    }

    /// Reads, or takes the next messages, those that go out by one write. It ends
    /// where a message does: nginx holds its responses back (TCP_CORK, 200 ms)
    /// while it waits for the rest of a request.
    pub(super) fn refill(&mut self, events: &Events) -> anyhow::Result<Refill> {
        if self.free() == 0 {
            self.ready.drain(..self.start);
            self.start = 0;
        }
        loop {
            if self.input.is_some() {
                if let Some(want) = self.read_input(events)? {
                    return Ok(Refill::Wants(want));
                }
            } else if let Some(message) = self.waiting.pop_front() {
                self.take(message, events);
            } else if self.start == self.ready.len() {
                return Ok(Refill::End);
            } else {
                return Ok(Refill::Filled);
            }
            let is_held = self.consent != Consent::Given;
            if self.start < self.ready.len() && (is_held || !self.could_hold_more()) {
                return Ok(Refill::Filled);
            }
        }
    }

    /// Whether more is to go out by one write with what is ready.
    fn could_hold_more(&self) -> bool {
        let here = self.free();
        let has_more = self.input.is_some() || !self.waiting.is_empty();
        match &self.cutter {
            Some(cutter) => has_more && !self.is_dialogue && here < cutter.left().min(MAX_PIECE),
            // Content that is read at once goes out with its head.
            None => has_more && here < PIECE && self.live().is_none() && !self.is_dialogue,
        }
    }

    fn take(&mut self, message: Message, events: &Events) {
        let Message { head, content, input, consent, is_dialogue } = message;
        self.taken += 1;
        let announced = if input.is_some() { announced_length(&head) } else { content.len() };
        self.announced += (head.len() as u64).saturating_add(announced as u64);
        self.ready.extend_from_slice(&head);
        self.ready.extend_from_slice(&content);
        self.head_left = if self.manner.has_no_head { 0 } else { head.len() };
        self.head = if events.are_heard() && !self.manner.is_silent { head } else { Vec::new() };
        if self.head.is_empty() {
            self.head_left = 0;
        }
        self.consent = consent.map_or(Consent::Given, Consent::Within);
        self.is_dialogue = is_dialogue;
        self.input = input;
        if self.input.is_none() {
            self.end_message();
        }
    }

    /// All of the message under way has been read.
    fn end_message(&mut self) {
        self.input = None;
        if self.start == self.ready.len() {
            self.sent += 1;
        } else {
            self.ends.push_back(self.written + (self.ready.len() - self.start) as u64);
        }
    }

    /// Reads once of the input; what it has to wait for, if it has to.
    fn read_input(&mut self, events: &Events) -> anyhow::Result<Option<Want>> {
        match self.consent {
            Consent::Given => {}
            Consent::Within(_) => return Ok(None),
            Consent::At(until) if Instant::now() < until => return Ok(Some(Want::time(until))),
            Consent::At(_) => {
                self.consent();
                let text = "no 100 (Continue) received: sending the content anyway";
                events.emit(&Event::Note(text));
            }
        }
        let here = self.free();
        let Some(input) = &mut self.input else { return Ok(None) };
        if input.live().is_some() && !std::mem::take(&mut self.has_input) {
            return Ok(Some(Want::INPUT));
        }
        let piece = self.cutter.as_ref().map_or(ROOM, |cutter| cutter.left().min(MAX_PIECE));
        let most = piece.saturating_sub(here);
        let before = self.ready.len();
        self.ready.resize(before + most.max(1), 0);
        let read = input.read(&mut self.ready[before..]);
        self.ready.truncate(before + read.as_ref().copied().unwrap_or(0));
        match read {
            Ok(0) => {
                self.end_message();
                Ok(None)
            }
            Ok(_) => Ok(None),
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(None),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(Some(Want::default())),
            Err(error) => Err(Failure::Read.because("cannot read the data to send", error)),
        }
    }
}
