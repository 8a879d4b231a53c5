//! One frame: its header read and built, its payload masked (RFC 6455 §5.2, §5.3).

use std::fmt;

/// The longest payload of a control frame (RFC 6455 §5.5).
pub const MAX_CONTROL: u64 = 125;
/// The bit of RSV1 in [`FrameHeader::reserved`]: with permessage-deflate, a message
/// that is compressed (RFC 7692 §6).
pub const RSV1: u8 = 0b100;

/// What a frame is, four bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opcode(pub u8);

impl Opcode {
    /// The next fragment of a message.
    pub const CONTINUATION: Self = Self(0);
    /// A text message begins.
    pub const TEXT: Self = Self(1);
    /// A binary message begins.
    pub const BINARY: Self = Self(2);
    /// The peer sends no more.
    pub const CLOSE: Self = Self(8);
    /// Wants a Pong.
    pub const PING: Self = Self(9);
    /// The reply to a Ping.
    pub const PONG: Self = Self(10);

    /// Its name; empty where RFC 6455 §5.2 has none.
    pub fn name(self) -> &'static str {
        match self {
            Self::CONTINUATION => "continuation",
            Self::TEXT => "text",
            Self::BINARY => "binary",
            Self::CLOSE => "close",
            Self::PING => "ping",
            Self::PONG => "pong",
            _ => "",
        }
    }

    /// Whether it controls the connection, and may stand between fragments.
    pub fn is_control(self) -> bool {
        self.0 >= 8
    }
}

impl fmt::Display for Opcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            "" => write!(f, "{} (reserved)", self.0),
            name => write!(f, "{} ({name})", self.0),
        }
    }
}

/// A frame's header (RFC 6455 §5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    /// FIN: the message ends with this frame.
    pub is_final: bool,
    /// RSV1, RSV2 and RSV3, from the highest of three bits.
    pub reserved: u8,
    /// What the payload is: text, bytes, a control frame.
    pub opcode: Opcode,
    /// The masking key, where the MASK bit is set.
    pub mask: Option<[u8; 4]>,
    /// The payload's length in bytes.
    pub length: u64,
    /// The header's own length in bytes.
    pub size: usize,
}

impl FrameHeader {
    /// The header that `bytes` begin with; `None` where it is not yet whole.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let &[first, second, ..] = bytes else { return None };
        let extended = match second & 0x7F {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let length = match extended {
            0 => u64::from(second & 0x7F),
            _ => big_endian(bytes.get(2..2 + extended)?),
        };
        let mut size = 2 + extended;
        let mask = if second & 0x80 == 0 {
            None
        } else {
            let key = bytes.get(size..size + 4)?;
            size += 4;
            Some([key[0], key[1], key[2], key[3]])
        };
        Some(Self {
            is_final: first & 0x80 != 0,
            reserved: first >> 4 & 0b111,
            opcode: Opcode(first & 0x0F),
            mask,
            length,
            size,
        })
    }

    /// A header for a payload of `length` bytes, masked with `key`.
    pub fn new(opcode: Opcode, is_final: bool, length: u64, key: [u8; 4]) -> Self {
        let size = 6 + extended_size(length);
        Self { is_final, reserved: 0, opcode, mask: Some(key), length, size }
    }

    /// Its bytes, the length in its shortest form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let first = u8::from(self.is_final) << 7 | self.reserved << 4 | self.opcode.0 & 0x0F;
        let mask_bit = u8::from(self.mask.is_some()) << 7;
        let mut bytes = vec![first];
        let length = self.length.to_be_bytes();
        match extended_size(self.length) {
            0 => bytes.push(mask_bit | length[7]),
            2 => bytes.extend_from_slice(&[mask_bit | 126, length[6], length[7]]),
            _ => {
                bytes.push(mask_bit | 127);
                bytes.extend_from_slice(&length);
            }
        }
        bytes.extend(self.mask.into_iter().flatten());
        bytes
    }

    /// Whether its length stands in the shortest form there is (RFC 6455 §5.2).
    pub fn is_shortest(&self) -> bool {
        let mask = if self.mask.is_some() { 4 } else { 0 };
        self.size == 2 + extended_size(self.length) + mask
    }
}

/// How many bytes hold a length after the seven bits of the second byte.
fn extended_size(length: u64) -> usize {
    match length {
        0..=125 => 0,
        126..=0xFFFF => 2,
        _ => 8,
    }
}

fn big_endian(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, &byte| number << 8 | u64::from(byte))
}

/// A whole frame that a client sends: `payload`, masked with `key`.
pub fn build(opcode: Opcode, is_final: bool, payload: &[u8], key: [u8; 4]) -> Vec<u8> {
    let mut bytes = FrameHeader::new(opcode, is_final, payload.len() as u64, key).to_bytes();
    let start = bytes.len();
    bytes.extend_from_slice(payload);
    mask(&mut bytes[start..], key, 0);
    bytes
}

/// Masks `payload`, or takes the mask off; `offset` bytes of it came before.
pub fn mask(payload: &mut [u8], key: [u8; 4], offset: u64) {
    let turn = (offset % 4) as usize;
    let key = std::array::from_fn(|at| key[(turn + at) % 4]);
    let word = u32::from_ne_bytes(key);
    let mut groups = payload.chunks_exact_mut(4);
    for group in &mut groups {
        let bytes = [group[0], group[1], group[2], group[3]];
        group.copy_from_slice(&(u32::from_ne_bytes(bytes) ^ word).to_ne_bytes());
    }
    for (byte, key) in groups.into_remainder().iter_mut().zip(key) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_is_read() {
        for length in [0, 1, 125, 126, 0xFFFF, 0x1_0000, u64::MAX >> 1] {
            for opcode in [Opcode::TEXT, Opcode::CLOSE, Opcode(3)] {
                let header = FrameHeader::new(opcode, length % 2 == 0, length, [1, 2, 3, 4]);
                let bytes = header.to_bytes();
                assert_eq!((bytes.len(), FrameHeader::parse(&bytes)), (header.size, Some(header)));
                assert!(header.is_shortest() && bytes.len() <= 14);
                assert!((0..bytes.len()).all(|end| FrameHeader::parse(&bytes[..end]).is_none()));
            }
        }
    }

    #[test]
    fn reads_the_examples_of_rfc_6455() {
        let masked = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
        assert_eq!(build(Opcode::TEXT, true, b"Hello", [0x37, 0xfa, 0x21, 0x3d]), masked);
        let header = FrameHeader::parse(b"\x01\x03Hel").unwrap();
        assert_eq!((header.is_final, header.opcode, header.length), (false, Opcode::TEXT, 3));
        let header = FrameHeader::parse(b"\x82\x7f\0\0\0\0\0\x01\0\0").unwrap();
        assert_eq!((header.opcode, header.length, header.size), (Opcode::BINARY, 65536, 10));
        assert!(!FrameHeader::parse(b"\x82\x7e\0\x7d").unwrap().is_shortest());
    }

    #[test]
    fn masking_does_not_care_for_pieces() {
        let mut whole: Vec<u8> = (0..23).collect();
        mask(&mut whole, [9, 8, 7, 6], 0);
        for size in 1..23 {
            let mut pieces: Vec<u8> = (0..23).collect();
            let mut offset = 0;
            for piece in pieces.chunks_mut(size) {
                mask(piece, [9, 8, 7, 6], offset);
                offset += piece.len() as u64;
            }
            assert_eq!(pieces, whole);
        }
    }
}
