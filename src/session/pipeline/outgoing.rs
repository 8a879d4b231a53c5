//! The bytes of a pipeline's requests on their way out: which of them the
//! server has taken, and whose they are.

use std::collections::VecDeque;
use std::time::Instant;

use super::Waiting;
use crate::connection::Connection;
use crate::plan::{Content, PlannedRequest};
use crate::session::asking::SEND_PIECE;

/// The requests of a round on their way out.
#[derive(Default)]
pub(super) struct Outgoing {
    /// How many they are, and of how many the bytes have been taken, are all
    /// out, and the response has come.
    pub(super) count: usize,
    pub(super) taken: usize,
    pub(super) sent: usize,
    pub(super) answered: usize,
    /// Bytes of those that have been taken, the first of which are out.
    buffer: Vec<u8>,
    start: usize,
    pub(super) written: u64,
    /// The offsets where the requests end whose last byte is still in the buffer.
    ends: VecDeque<u64>,
    /// When the requests were out that are not answered.
    pub(super) times: VecDeque<Instant>,
    /// Nothing more is sent.
    pub(super) is_done: bool,
}

impl Outgoing {
    /// For the first `count` requests that wait.
    pub(super) fn new(count: usize) -> Self {
        Self { count, ..Self::default() }
    }

    /// Sends as much as the server takes within a moment; how much that is.
    pub(super) fn send_some(
        &mut self,
        connection: &mut Connection<'_>,
        waiting: &mut VecDeque<Waiting>,
    ) -> anyhow::Result<usize> {
        if self.start == self.buffer.len() {
            if self.taken == self.count {
                self.is_done = connection.flush_some()?;
                return Ok(0);
            }
            self.fill(waiting);
        }
        let sent = connection.send_some(&self.buffer[self.start..])?;
        self.start += sent;
        self.written += sent as u64;
        while self.ends.front().is_some_and(|end| *end <= self.written) {
            self.ends.pop_front();
            self.sent += 1;
            self.times.push_back(Instant::now());
        }
        Ok(sent)
    }

    /// Takes the next requests, those that go out by one write. It ends where a
    /// request does: nginx keeps its answers back (TCP_CORK, 200 ms) while it
    /// waits for the rest of a request.
    fn fill(&mut self, waiting: &mut VecDeque<Waiting>) {
        self.buffer.clear();
        self.start = 0;
        for waiting in waiting.iter_mut().take(self.count - self.answered).skip(self.taken - self.answered) {
            if self.buffer.len() >= SEND_PIECE {
                break;
            }
            let PlannedRequest { head, content, .. } = &waiting.request;
            self.buffer.extend_from_slice(head);
            if let Content::Bytes(bytes) = content {
                self.buffer.extend_from_slice(bytes);
            }
            waiting.was_sent = true;
            self.taken += 1;
            self.ends.push_back(self.written + self.buffer.len() as u64);
        }
    }
}
