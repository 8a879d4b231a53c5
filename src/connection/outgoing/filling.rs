//! What is to be sent next: messages that wait, and what is read or moved for them.

use std::time::Instant;

use super::{Consent, Cutter, MOVED, Outgoing, SendingStep, Throttle, Want};
use crate::connection::message::Message;
use crate::http::request_ends::announced_length;

/// How much of the content is read at once.
const PIECE: usize = 64 * 1024;
/// How much is read at once: a chunk of that much data, and what makes it a chunk.
const ROOM: usize = PIECE + 64;
/// The largest piece that is written at once where pieces are requested: larger
/// ones would be no packet of their own anyway.
const MAX_PIECE: usize = 1 << 20;

/// What the next bytes depend on.
pub(super) enum Refill {
    Filled,
    Wants(Want),
    /// The server has not asked for the content in time.
    Overdue,
    /// So many bytes at most of the input are to be read.
    Read(usize),
    End,
}

impl Outgoing {
    /// Whether what is ready is less than the piece that it is to be.
    pub(super) fn is_filling(&self) -> bool {
        let Some(cutter) = &self.cutter else { return false };
        let is_short = self.free() < cutter.left().min(MAX_PIECE);
        is_short && !self.is_dialogue && !self.is_all_ready()
    }

    /// Whether nothing comes behind what is ready.
    pub(super) fn is_all_ready(&self) -> bool {
        self.input.is_none() && self.waiting.is_empty()
    }

    /// Asks for input, or takes the next messages, those that go out by one write. It ends
    /// where a message does: nginx holds its responses back (TCP_CORK, 200 ms)
    /// while it waits for the rest of a request.
    pub(super) fn refill(&mut self, now: Instant) -> Refill {
        if self.free() == 0 {
            self.ready.drain(..self.start);
            self.start = 0;
        }
        self.is_refilling = false;
        loop {
            if self.has_enough() {
                return Refill::Filled;
            }
            if self.input.is_some() {
                return self.ask_for_input(now);
            }
            match self.waiting.pop_front() {
                Some(message) => self.take(message),
                None if self.start == self.ready.len() => return Refill::End,
                None => return Refill::Filled,
            }
        }
    }

    /// Whether nothing more is to go out by one write with what is ready.
    fn has_enough(&self) -> bool {
        let here = self.free();
        if here == 0 || self.is_all_ready() {
            return here > 0;
        }
        match &self.cutter {
            _ if self.consent != Consent::Given || self.is_dialogue => true,
            Some(cutter) => here >= cutter.left().min(MAX_PIECE),
            // Content that is read at once goes out with its head.
            None => here >= PIECE || self.live().is_some() || self.throttle.is_some(),
        }
    }

    fn take(&mut self, message: Message) {
        let Message { head, content, input, consent, is_dialogue } = message;
        self.taken += 1;
        let announced = if input.is_some() { announced_length(&head) } else { content.len() };
        // How much an input without a head has is not known.
        if input.is_none() || !self.rules.has_no_head {
            self.announced =
                self.announced.saturating_add(head.len() as u64).saturating_add(announced as u64);
        }
        let is_told = self.tells_heads && !self.rules.is_silent && !self.rules.has_no_head;
        self.head = if is_told { head.clone() } else { Vec::new() };
        self.head_left = self.head.len();
        if !self.rules.has_no_head {
            self.head_end = self.written + head.len() as u64;
        }
        if self.ready.is_empty() {
            self.ready = head;
        } else {
            self.ready.extend_from_slice(&head);
        }
        self.ready.extend_from_slice(&content);
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

    /// What the next bytes of the input depend on.
    fn ask_for_input(&mut self, now: Instant) -> Refill {
        match self.consent {
            Consent::Given => {}
            Consent::Within(patience) => match now.checked_add(patience) {
                Some(until) => return Refill::Wants(Want::time(until)),
                None => self.consent(),
            },
            Consent::At(until) if now < until => return Refill::Wants(Want::time(until)),
            Consent::At(_) => {
                self.consent();
                return Refill::Overdue;
            }
        }
        if self.live().is_some() && !std::mem::take(&mut self.has_input) {
            return Refill::Wants(Want::INPUT);
        }
        let piece = self.cutter.as_ref().map_or(ROOM, |cutter| cutter.left().min(MAX_PIECE));
        Refill::Read(piece.saturating_sub(self.free()).max(1))
    }

    /// The step that reads up to `most` bytes more of the input.
    pub(super) fn read(&mut self, most: usize) -> SendingStep<'_> {
        self.is_refilling = true;
        match &mut self.input {
            Some(input) => SendingStep::Read { input: &mut **input, into: &mut self.ready, most },
            None => SendingStep::Wait(Want::default()),
        }
    }

    /// So many bytes were read behind those that are ready; none: the input has ended.
    pub(in crate::connection) fn has_read(&mut self, count: usize) {
        if count == 0 {
            self.end_message();
        }
    }

    /// The input has nothing now. Whether there is something to send all the same.
    pub(in crate::connection) fn has_read_nothing(&mut self) -> bool {
        self.is_refilling = false;
        self.free() > 0 && !self.is_filling()
    }

    /// Whether the file may be moved that comes next: all before it is out, no pace is kept,
    /// and observers are told of what is sent.
    pub(super) fn may_move(&self) -> bool {
        self.start == self.ready.len()
            && self.is_unpaced()
            && self.input.as_ref().and_then(|input| input.file()).is_some_and(|(_, left)| left > 0)
    }

    /// Whether content may go out that is not read here.
    pub(super) fn is_unpaced(&self) -> bool {
        !self.must_read
            && self.consent == Consent::Given
            && self.cutter.is_none()
            && self.throttle.is_none()
            && !self.rules.is_silent
            && !self.rules.holds_last
    }

    /// What goes out by the next write.
    pub(super) fn next_piece(&self) -> &[u8] {
        let left = self.cutter.as_ref().map_or(usize::MAX, Cutter::left);
        let step = match self.unthrottled(usize::MAX) {
            0 => self.throttle.as_ref().map_or(usize::MAX, Throttle::step),
            head => head,
        };
        &self.ready[self.start..self.start + self.free().min(left).min(step)]
    }

    /// How many of the next `count` bytes are not throttled: those of a head, as with curl, or all where there is no
    /// limit.
    pub(super) fn unthrottled(&self, count: usize) -> usize {
        match self.throttle {
            Some(_) => {
                count.min(usize::try_from(self.head_end.saturating_sub(self.written)).unwrap_or(count))
            }
            None => count,
        }
    }

    /// The step that has the kernel move what is left of a file, up to [`MOVED`] bytes.
    pub(super) fn move_file(&self) -> SendingStep<'_> {
        match self.input.as_ref().and_then(|input| input.file()) {
            Some((file, left)) => {
                SendingStep::Move(file, usize::try_from(left.min(MOVED)).unwrap_or(usize::MAX))
            }
            None => SendingStep::Wait(Want::default()),
        }
    }

    /// So many bytes of the file were moved.
    pub(in crate::connection) fn has_moved(&mut self, count: usize) {
        self.written += count as u64;
        self.input.iter_mut().for_each(|input| input.has_moved(count as u64));
    }

    /// The kernel can't move what comes next, or the file has become shorter, of which
    /// reading tells.
    pub(in crate::connection) fn must_read(&mut self) {
        self.must_read = true;
    }
}
