//! The deflate coding (RFC 9110 §8.4.1.2): a zlib stream (RFC 1950), or, as
//! some servers send it, the raw deflate stream (RFC 1951) without the zlib
//! format around it. The first two bytes decide.

use flate2::{Decompress, FlushDecompress, Status};

use super::super::{Corrupt, Decode, Ending, Step};

/// How many bytes that decode show a raw stream to be one.
const PROOF: u64 = 256;

/// A deflate decoder.
#[derive(Default)]
pub(super) struct Deflate {
    /// The first bytes, until there are two.
    start: Vec<u8>,
    /// Made when the first two bytes are there.
    stream: Option<Inflating>,
}

struct Inflating {
    inflate: Decompress,
    is_raw: bool,
    has_ended: bool,
}

impl Decode for Deflate {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, Corrupt> {
        if let Some(stream) = &mut self.stream {
            return stream.step(input, output);
        }
        let consumed = input.len().min(2 - self.start.len());
        self.start.extend_from_slice(&input[..consumed]);
        let &[first, second] = &self.start[..] else { return Ok(Step { consumed, ..Step::default() }) };
        let is_raw = !is_zlib_header(first, second);
        let stream = Inflating { inflate: Decompress::new(!is_raw), is_raw, has_ended: false };
        // Two bytes are always taken whole: no stream is shorter.
        let step = self.stream.insert(stream).step(&self.start, output)?;
        Ok(Step { consumed, ..step })
    }

    fn is_whole(&self) -> bool {
        self.stream.as_ref().is_some_and(|stream| stream.has_ended)
    }

    fn is_applied(&self) -> bool {
        self.stream.as_ref().is_some_and(Inflating::is_applied)
    }

    fn is_raw(&self) -> bool {
        self.stream.as_ref().is_some_and(|stream| stream.is_raw)
    }
}

impl Inflating {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, Corrupt> {
        // A raw stream has no mark of its own: that it decodes is all that shows it to be one.
        let result = inflate(&mut self.inflate, input, output);
        let is_proven = !self.is_raw || self.inflate.total_in() >= PROOF;
        let ending = if is_proven { Ending::Corrupt } else { Ending::NotApplied };
        let step = result.map_err(|corrupt| Corrupt { ending, ..corrupt })?;
        self.has_ended |= step.ended;
        Ok(step)
    }

    /// A raw stream shows only by what comes of it.
    fn is_applied(&self) -> bool {
        self.has_ended || !self.is_raw || self.inflate.total_out() > 0
    }
}

/// Whether these bytes are a zlib header: method 8, and a multiple of 31 (RFC 1950 §2.2).
fn is_zlib_header(first: u8, second: u8) -> bool {
    first & 0x0F == 8 && (u16::from(first) << 8 | u16::from(second)) % 31 == 0
}

/// One step of `stream`.
pub(super) fn inflate(stream: &mut Decompress, input: &[u8], output: &mut [u8]) -> Result<Step, Corrupt> {
    let (before_in, before_out) = (stream.total_in(), stream.total_out());
    let result = stream.decompress(input, output, FlushDecompress::None);
    let (consumed, produced) = (stream.total_in() - before_in, stream.total_out() - before_out);
    // Both are bounded by the slices' lengths.
    let (consumed, produced) = (consumed as usize, produced as usize);
    match result {
        Ok(status) => Ok(Step { consumed, produced, ended: status == Status::StreamEnd }),
        Err(error) if error.needs_dictionary().is_some() => {
            Err(Corrupt::new("it needs a preset dictionary", produced))
        }
        Err(error) => {
            // In the midst of a block, the library keeps its own reason only where the input comes in small pieces.
            let is_kept = |text: &&str| {
                !["repeated call", "invalid distance ", "invalid literal/length code"]
                    .iter()
                    .any(|lost| text.starts_with(lost))
            };
            let reason = error.message().filter(is_kept);
            Err(Corrupt::new(reason.unwrap_or("invalid data").to_owned(), produced))
        }
    }
}
