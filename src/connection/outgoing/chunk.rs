//! A chunk that is as large as what a pipe holds, and is moved from there.

use super::{Outgoing, SendingStep, Want};

/// Less is read and written as quickly.
const LEAST: usize = 16 * 1024;

impl Outgoing {
    /// Whether what comes next is in a pipe, and goes out as chunks.
    pub(super) fn may_chunk(&self) -> bool {
        self.is_unpaced()
            && !self.is_dialogue
            && self
                .input
                .as_ref()
                .is_some_and(|input| input.pipe().is_some() && input.chunk_line(1).is_some())
    }

    /// What is to be done next for a chunk: what is ready comes first, its line among that.
    pub(super) fn chunk(&self) -> SendingStep<'_> {
        let Some(pipe) = self.input.as_ref().and_then(|input| input.pipe()) else {
            return SendingStep::Wait(Want::default());
        };
        match (self.chunk_left, &self.ready[self.start..]) {
            (0, _) => SendingStep::Look(pipe),
            (left, []) => SendingStep::Pass(pipe, left),
            (_, ready) => SendingStep::WriteOn(ready),
        }
    }

    /// The pipe holds so many bytes: a chunk begins, or they are read.
    pub(in crate::connection) fn has_found(&mut self, length: usize) {
        let line = self.input.as_ref().and_then(|input| input.chunk_line(length));
        let Some(line) = line.filter(|_| length >= LEAST) else {
            self.must_read = true;
            return;
        };
        self.ready.drain(..self.start);
        self.start = 0;
        self.ready.extend_from_slice(&line);
        self.chunk_left = length;
        // What was waited for is taken: a read would block.
        self.has_input = false;
    }

    /// So many bytes of the chunk were moved.
    pub(in crate::connection) fn has_passed(&mut self, count: usize) {
        self.written += count as u64;
        self.take_of_chunk(count);
    }

    /// These bytes of the chunk were read, since the kernel can't move them.
    pub(in crate::connection) fn has_read_of_chunk(&mut self, bytes: &[u8]) {
        self.ready.extend_from_slice(bytes);
        self.take_of_chunk(bytes.len());
    }

    fn take_of_chunk(&mut self, count: usize) {
        self.chunk_left -= count.min(self.chunk_left);
        if self.chunk_left == 0 {
            self.ready.extend_from_slice(b"\r\n");
        }
    }
}
