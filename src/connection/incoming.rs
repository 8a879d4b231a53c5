//! What has come and has not been taken: the one buffer there is, and the count
//! from which every offset is made.

use std::io::{self, Read};

/// Size of the buffer: what makes a file or a device as quick as it gets. Pages
/// of it that nothing is read into are never made.
const BUFFER: usize = 512 * 1024;

/// Bytes received.
#[derive(Default)]
pub(super) struct Incoming {
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    received: u64,
}

impl Incoming {
    /// What no message has taken.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// What no message has taken, to be decoded in place.
    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.buffer[self.start..self.end]
    }

    /// What was taken last: the `count` bytes before what is left.
    pub(super) fn taken(&self, count: usize) -> &[u8] {
        &self.buffer[self.start - count..self.start]
    }

    /// The bytes between two places of [`Self::position`].
    pub(super) fn between(&self, places: std::ops::Range<usize>) -> &[u8] {
        &self.buffer[places]
    }

    /// Where in the buffer the first byte stands that nothing has taken.
    pub(super) fn position(&self) -> usize {
        self.start
    }

    /// Takes the first `count` bytes.
    pub(super) fn take(&mut self, count: usize) {
        self.start = self.end.min(self.start + count);
    }

    /// How many bytes have come in all.
    pub(super) fn received(&self) -> u64 {
        self.received
    }

    /// Counts bytes that came without being in the buffer.
    pub(super) fn count_unseen(&mut self, count: u64) {
        self.received += count;
    }

    /// Offset of the first byte that nothing has taken yet.
    pub(super) fn offset(&self) -> u64 {
        self.received - (self.end - self.start) as u64
    }

    /// Reads once, `most` bytes at most; gives what came.
    pub(super) fn read(&mut self, from: &mut (impl Read + ?Sized), most: usize) -> io::Result<&[u8]> {
        self.make_room();
        let room = self.end..self.end.saturating_add(most).min(self.buffer.len());
        let count = from.read(&mut self.buffer[room])?;
        let fresh = self.end..self.end + count;
        self.end = fresh.end;
        self.received += count as u64;
        Ok(&self.buffer[fresh])
    }

    fn make_room(&mut self) {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
        if self.buffer.is_empty() {
            self.buffer = vec![0; BUFFER];
        }
        if self.end == self.buffer.len() {
            if self.start > 0 {
                self.buffer.copy_within(self.start..self.end, 0);
                self.end -= self.start;
                self.start = 0;
            } else {
                self.buffer.resize(self.buffer.len() * 2, 0);
            }
        }
    }
}
