//! What lies below TLS, read through a buffer of our own: rustls asks for 4 KiB
//! at a time.

use std::io::{self, Read};
use std::time::Instant;

use crate::stream::{Stream, Timed};

/// First size of the buffer: room for most handshakes, and for a whole record.
const FIRST: usize = 17 * 1024;
/// Size of the buffer once a read has filled it.
const LATER: usize = 256 * 1024;

/// A stream and what has been read from it, and not yet been taken.
pub(super) struct Below {
    stream: Box<dyn Stream>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

impl Below {
    pub(super) fn new(stream: Box<dyn Stream>) -> Self {
        Self { stream, buffer: vec![0; FIRST], start: 0, end: 0 }
    }

    pub(super) fn stream(&self) -> &dyn Stream {
        &*self.stream
    }

    pub(super) fn stream_mut(&mut self) -> &mut dyn Stream {
        &mut *self.stream
    }

    /// Whether a read would have to wait for the peer.
    pub(super) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// What is there, read now if nothing is; empty where the peer has closed.
    pub(super) fn fill(&mut self) -> io::Result<&[u8]> {
        self.fill_until(None)
    }

    /// The same within a time limit.
    pub(super) fn fill_until(&mut self, until: Option<Instant>) -> io::Result<&[u8]> {
        if self.is_empty() {
            if self.end == self.buffer.len() && self.end < LATER {
                self.buffer = vec![0; LATER];
            }
            (self.start, self.end) = (0, 0);
            self.end = match until {
                None => self.stream.read(&mut self.buffer)?,
                Some(_) => Timed::new(&mut *self.stream, until)?.read(&mut self.buffer)?,
            };
        }
        Ok(&self.buffer[self.start..self.end])
    }

    /// The first `count` bytes of what is there have been taken.
    pub(super) fn consume(&mut self, count: usize) {
        self.start = self.end.min(self.start + count);
    }
}
