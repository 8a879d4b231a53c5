//! The gzip coding (RFC 9110 §8.4.1.3): the members of a gzip file (RFC 1952),
//! each with its checksum and length checked.
//!
//! The headers are read here, and not by zlib, so that a stream that is no gzip
//! can be told from a broken one, and bytes after the last member from a member.

use flate2::{Crc, Decompress};

use super::super::{Corrupt, Decode, Step};
use super::deflate::inflate;

/// What a member begins with: two bytes of identification and the method, deflate.
const MAGIC: [u8; 3] = [0x1F, 0x8B, 8];
/// The header's fixed part.
const FIXED_HEADER: usize = 10;

const FLAG_HEADER_CRC: u8 = 1 << 1;
const FLAG_EXTRA: u8 = 1 << 2;
const FLAG_NAME: u8 = 1 << 3;
const FLAG_COMMENT: u8 = 1 << 4;
const FLAGS_RESERVED: u8 = 0b1110_0000;

/// A gzip decoder.
pub(super) struct Gzip {
    state: State,
    /// Raw deflate; its count of output bytes is the member's length.
    inflate: Decompress,
    crc: Crc,
    is_first_member: bool,
}

enum State {
    Header(MemberHeader),
    Body,
    Trailer(Vec<u8>),
    /// After a member; with `has_1f` the first byte of another may have come.
    Between {
        has_1f: bool,
    },
    Ended,
}

impl Gzip {
    pub(super) fn new() -> Self {
        let inflate = Decompress::new(false);
        Self {
            state: State::Header(MemberHeader::default()),
            inflate,
            crc: Crc::new(),
            is_first_member: true,
        }
    }

    fn body(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, Corrupt> {
        let step = inflate(&mut self.inflate, input, output)?;
        self.crc.update(&output[..step.produced]);
        if step.ended {
            self.state = State::Trailer(Vec::with_capacity(8));
        }
        Ok(Step { ended: false, ..step })
    }

    /// Checks the member's CRC32 and ISIZE (RFC 1952 §2.3.1).
    fn check(&self, trailer: [u8; 8]) -> Result<(), Corrupt> {
        let number = |at: usize| u32::from_le_bytes([0, 1, 2, 3].map(|byte| trailer[at + byte]));
        if number(0) != self.crc.sum() {
            return Err(Corrupt::new("the checksum does not match", 0));
        }
        // The length is stored modulo 2^32.
        if number(4) != self.inflate.total_out() as u32 {
            return Err(Corrupt::new("the length does not match", 0));
        }
        Ok(())
    }

    /// Looks for another member; gives how many bytes were taken.
    fn between(&mut self, input: &[u8], has_1f: bool) -> usize {
        let (next, consumed) = match (has_1f, input) {
            (false, [0x1F]) => (State::Between { has_1f: true }, 1),
            (false, [0x1F, 0x8B, ..]) => (State::Header(MemberHeader::after_identification()), 2),
            (true, [0x8B, ..]) => (State::Header(MemberHeader::after_identification()), 1),
            _ => (State::Ended, 0),
        };
        if matches!(next, State::Header(_)) {
            self.inflate.reset(false);
            self.crc.reset();
            self.is_first_member = false;
        }
        self.state = next;
        consumed
    }
}

impl Decode for Gzip {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, Corrupt> {
        if let State::Body = self.state {
            return self.body(input, output);
        }
        let mut consumed = 0;
        if !input.is_empty() {
            match &mut self.state {
                State::Header(header) => {
                    consumed = header.take(input, self.is_first_member)?;
                    if header.part == GzipPart::Done {
                        self.state = State::Body;
                    }
                }
                State::Trailer(trailer) => {
                    consumed = input.len().min(8 - trailer.len());
                    trailer.extend_from_slice(&input[..consumed]);
                    if let Ok(whole) = <[u8; 8]>::try_from(&trailer[..]) {
                        self.check(whole)?;
                        self.state = State::Between { has_1f: false };
                    }
                }
                &mut State::Between { has_1f } => consumed = self.between(input, has_1f),
                State::Body | State::Ended => {}
            }
        }
        Ok(Step { consumed, produced: 0, ended: matches!(self.state, State::Ended) })
    }

    fn is_whole(&self) -> bool {
        // 1F begins another member, since nothing else follows it.
        matches!(self.state, State::Between { has_1f: false } | State::Ended)
    }

    fn is_applied(&self) -> bool {
        !matches!(&self.state, State::Header(header) if self.is_first_member && header.has_only_magic())
    }
}

/// A member's header (RFC 1952 §2.3), read in any pieces. Its name, comment and
/// extra field are passed over, so none of it is kept.
#[derive(Default)]
struct MemberHeader {
    part: GzipPart,
    /// Bytes of the present part that have come.
    seen: usize,
    flags: u8,
    extra: u16,
    crc: Crc,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum GzipPart {
    #[default]
    Fixed,
    ExtraLength,
    Extra,
    Name,
    Comment,
    HeaderCrc,
    Done,
}

impl MemberHeader {
    /// A header whose first two bytes have been taken already.
    fn after_identification() -> Self {
        let mut header = Self { seen: 2, ..Self::default() };
        header.crc.update(&MAGIC[..2]);
        header
    }

    /// Whether fewer bytes have come than tell gzip from something else.
    fn has_only_magic(&self) -> bool {
        self.part == GzipPart::Fixed && self.seen < MAGIC.len()
    }

    /// Takes bytes of the header; gives how many.
    fn take(&mut self, input: &[u8], is_first: bool) -> Result<usize, Corrupt> {
        let mut at = 0;
        while at < input.len() && self.part != GzipPart::Done {
            let rest = &input[at..];
            let part = self.part;
            let taken = match part {
                GzipPart::Fixed => self.fixed(rest[0], is_first)?,
                GzipPart::ExtraLength => {
                    self.extra |= u16::from(rest[0]) << (8 * self.seen);
                    self.count(1, 2)
                }
                GzipPart::Extra => {
                    let length = usize::from(self.extra);
                    self.count(rest.len().min(length - self.seen), length)
                }
                GzipPart::Name | GzipPart::Comment => self.text(rest),
                GzipPart::HeaderCrc => self.header_crc(rest[0])?,
                GzipPart::Done => 0,
            };
            if part != GzipPart::HeaderCrc {
                self.crc.update(&rest[..taken]);
            }
            at += taken;
        }
        Ok(at)
    }

    fn fixed(&mut self, byte: u8, is_first: bool) -> Result<usize, Corrupt> {
        if MAGIC.get(self.seen).is_some_and(|&expected| byte != expected) {
            return Err(if is_first {
                Corrupt::not_applied("it does not begin with 1F 8B 08")
            } else {
                Corrupt::new("unknown compression method", 0)
            });
        }
        if self.seen == MAGIC.len() {
            self.flags = byte;
            if byte & FLAGS_RESERVED != 0 {
                return Err(Corrupt::new("reserved header flags are set", 0));
            }
        }
        Ok(self.count(1, FIXED_HEADER))
    }

    /// Takes bytes of a text that ends with NUL.
    fn text(&mut self, rest: &[u8]) -> usize {
        match rest.iter().position(|&byte| byte == 0) {
            Some(end) => {
                self.advance();
                end + 1
            }
            None => rest.len(),
        }
    }

    /// The low half of the CRC32 of all header bytes before it.
    fn header_crc(&mut self, byte: u8) -> Result<usize, Corrupt> {
        if byte != self.crc.sum().to_le_bytes()[self.seen] {
            return Err(Corrupt::new("the header's checksum does not match", 0));
        }
        Ok(self.count(1, 2))
    }

    /// Counts bytes of a part of known length.
    fn count(&mut self, taken: usize, length: usize) -> usize {
        self.seen += taken;
        if self.seen == length {
            self.advance();
        }
        taken
    }

    /// Goes on to the next part that the flags name.
    fn advance(&mut self) {
        const OPTIONAL: [(u8, GzipPart); 4] = [
            (FLAG_EXTRA, GzipPart::ExtraLength),
            (FLAG_NAME, GzipPart::Name),
            (FLAG_COMMENT, GzipPart::Comment),
            (FLAG_HEADER_CRC, GzipPart::HeaderCrc),
        ];
        self.seen = 0;
        let next = match self.part {
            GzipPart::ExtraLength => return self.part = GzipPart::Extra,
            GzipPart::Fixed => 0,
            GzipPart::Extra => 1,
            GzipPart::Name => 2,
            GzipPart::Comment => 3,
            GzipPart::HeaderCrc | GzipPart::Done => 4,
        };
        let next = OPTIONAL[next..].iter().find(|(flag, _)| self.flags & flag != 0);
        self.part = next.map_or(GzipPart::Done, |&(_, part)| part);
    }
}
