//! Messages made into frames, one after the other (RFC 6455 §5.4, §5.6).

use super::frame::{FrameHeader, Opcode, RSV1, mask};
use super::messages::MessageKind;

/// Compresses messages (RFC 7692 §7.2.1).
pub trait Compress {
    /// Appends to `out` what comes of the next bytes of a message, which may be nothing
    /// before its end; at the end without the four bytes that all of them end with.
    fn step(&mut self, bytes: &[u8], is_last: bool, out: &mut Vec<u8>);
}

/// Makes frames of messages of one kind.
pub struct MessageWriter {
    kind: MessageKind,
    /// A fragment of a message is out, and its last one is not.
    has_begun: bool,
    compress: Option<Box<dyn Compress>>,
    compressed: Vec<u8>,
}

impl MessageWriter {
    /// A writer of messages of this kind; `compress` where permessage-deflate has been agreed on.
    pub fn new(kind: MessageKind, compress: Option<Box<dyn Compress>>) -> Self {
        Self { kind, has_begun: false, compress, compressed: Vec::new() }
    }

    /// Whether a message has begun and not ended.
    pub fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Appends to `out` a frame with the next `payload` of the message, masked with `key`.
    pub fn push(&mut self, payload: &[u8], is_last: bool, key: [u8; 4], out: &mut Vec<u8>) {
        let (payload, reserved) = match &mut self.compress {
            None => (payload, 0),
            Some(compress) => {
                self.compressed.clear();
                compress.step(payload, is_last, &mut self.compressed);
                if self.compressed.is_empty() && !is_last {
                    return;
                }
                (&self.compressed[..], if self.has_begun { 0 } else { RSV1 })
            }
        };
        let opcode = match (self.has_begun, self.kind) {
            (true, _) => Opcode::CONTINUATION,
            (false, MessageKind::Text) => Opcode::TEXT,
            (false, MessageKind::Binary) => Opcode::BINARY,
        };
        self.has_begun = !is_last;
        let header = FrameHeader { reserved, ..FrameHeader::new(opcode, is_last, payload.len() as u64, key) };
        push_frame(header, payload, out);
    }
}

/// Appends to `out` a frame of `payload`, masked as its header says.
pub fn push_frame(header: FrameHeader, payload: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&header.to_bytes());
    let start = out.len();
    out.extend_from_slice(payload);
    if let Some(key) = header.mask {
        mask(&mut out[start..], key, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::super::frame::build;
    use super::*;

    #[test]
    fn only_the_first_fragment_says_the_kind() {
        let (key, mut out) = ([1, 2, 3, 4], Vec::new());
        let mut writer = MessageWriter::new(MessageKind::Text, None);
        for (payload, is_last) in
            [(&b"one"[..], true), (b"tw", false), (b"", false), (b"o", true), (b"", true)]
        {
            writer.push(payload, is_last, key, &mut out);
            assert_eq!(writer.has_begun(), !is_last);
        }
        let frames = [
            build(Opcode::TEXT, true, b"one", key),
            build(Opcode::TEXT, false, b"tw", key),
            build(Opcode::CONTINUATION, false, b"", key),
            build(Opcode::CONTINUATION, true, b"o", key),
            build(Opcode::TEXT, true, b"", key),
        ];
        assert_eq!(out, frames.concat());
    }
}
