//! Frames from a stream that comes in any pieces.
//!
//! [`FrameReader::next`] keeps at most one header, 14 bytes: payloads pass
//! through as they come, however long they say they are.

use std::mem;

use super::frame::{FrameHeader, mask};

/// What [`FrameReader::next`] finds in the bytes it is given.
#[derive(Debug, PartialEq, Eq)]
pub enum FramePart<'a> {
    /// A frame begins: its header, and the offset of its first byte.
    Begin(FrameHeader, u64),
    /// Some of its payload, its mask taken off.
    Payload(&'a mut [u8]),
    /// The frame ends: all of its payload was given out.
    End,
}

/// Reads frames.
#[derive(Clone, Debug)]
pub struct FrameReader {
    /// The header as far as it came, where none is whole.
    begun: Vec<u8>,
    /// The frame whose payload is read, and how much of that has come.
    frame: Option<(FrameHeader, u64)>,
    offset: u64,
}

impl FrameReader {
    /// A reader of frames, the first of which begins at `offset`.
    pub fn new(offset: u64) -> Self {
        Self { begun: Vec::new(), frame: None, offset }
    }

    /// The next part of what `input` begins with, which is taken from it; `None`
    /// where more is needed.
    pub fn next<'a>(&mut self, input: &mut &'a mut [u8]) -> Option<FramePart<'a>> {
        let Some((header, done)) = &mut self.frame else { return self.header(input) };
        let left = header.length - *done;
        if left == 0 {
            self.frame = None;
            return Some(FramePart::End);
        }
        if input.is_empty() {
            return None;
        }
        let here = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
        let (payload, rest) = mem::take(input).split_at_mut(here);
        *input = rest;
        if let Some(key) = header.mask {
            mask(payload, key, *done);
        }
        *done += here as u64;
        self.offset += here as u64;
        Some(FramePart::Payload(payload))
    }

    /// Where the next byte to come stands.
    pub fn offset(&self) -> u64 {
        self.offset + self.begun.len() as u64
    }

    /// Whether the stream may end here: no frame is under way.
    pub fn is_between_frames(&self) -> bool {
        self.begun.is_empty() && self.frame.is_none()
    }

    fn header<'a>(&mut self, input: &mut &'a mut [u8]) -> Option<FramePart<'a>> {
        loop {
            if let Some(header) = FrameHeader::parse(&self.begun) {
                let offset = self.offset;
                self.offset += self.begun.len() as u64;
                self.begun.clear();
                self.frame = Some((header, 0));
                return Some(FramePart::Begin(header, offset));
            }
            let (first, rest) = mem::take(input).split_first_mut()?;
            self.begun.push(*first);
            *input = rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::frame::{Opcode, build};
    use super::*;

    fn read(bytes: &[u8], size: usize) -> Vec<String> {
        let mut reader = FrameReader::new(7);
        let mut parts: Vec<String> = Vec::new();
        for piece in bytes.to_vec().chunks_mut(size) {
            let mut input = piece;
            while let Some(part) = reader.next(&mut input) {
                match part {
                    FramePart::Begin(header, offset) => {
                        parts.push(format!("{} at {offset}: ", header.opcode))
                    }
                    FramePart::Payload(payload) => {
                        parts.last_mut().unwrap().push_str(str::from_utf8(payload).unwrap())
                    }
                    FramePart::End => parts.push("end".to_owned()),
                }
            }
        }
        assert_eq!(reader.offset(), 7 + bytes.len() as u64);
        parts
    }

    #[test]
    fn every_split_gives_the_same_frames() {
        let frames = [
            build(Opcode::TEXT, false, b"Hel", [1, 2, 3, 4]),
            b"\x89\0".to_vec(),
            b"\x80\x02lo".to_vec(),
            b"\x88\x7e\0\x03abc".to_vec(),
        ];
        let bytes = frames.concat();
        let whole = read(&bytes, bytes.len());
        let expected = ["1 (text) at 7: Hel", "end", "9 (ping) at 16: ", "end"];
        assert_eq!(whole[..4], expected);
        assert_eq!(whole[4..], ["0 (continuation) at 18: lo", "end", "8 (close) at 22: abc", "end"]);
        for size in 1..bytes.len() {
            assert_eq!(read(&bytes, size), whole);
        }
    }
}
