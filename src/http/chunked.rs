//! The chunked transfer coding (RFC 9112 §7.1), decoded in place.
//!
//! [`ChunkedDecoder::decode`] takes a buffer of wire bytes and moves the data
//! in it to the front, so that one read becomes one write however small the
//! chunks are. It keeps at most one chunk-size line and the trailer section,
//! both bounded.

pub use super::chunk_line::ChunkProblem;
use super::chunk_line::{
    begins_with_size, extensions_are_valid, hex_digits, hex_value, plain_size_line, size_line_content,
};
use super::deviation::{Deviation, Deviations};
use super::field::{self, FieldSection, SectionKind};
use super::syntax::{is_ows, trim_ows_start};

/// Longest chunk-size line, extensions and line end included.
pub const MAX_SIZE_LINE: usize = 4 * 1024;
/// How much longer than the data all size lines together may be: Go's rule, so that
/// a byte of data can't cost a kilobyte of extension for ever.
pub const MAX_EXTENSIONS: u64 = 16 * 1024;
/// Longest trailer section.
pub const MAX_TRAILERS: usize = 64 * 1024;
/// Size lines up to this length are not counted against [`MAX_EXTENSIONS`]: a
/// size of 16 digits and its line end.
const PLAIN_SIZE_LINE: usize = 18;

/// How far a call to [`ChunkedDecoder::decode`] came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// All input was taken, more is needed.
    NeedMore,
    /// The body and its trailer section have ended.
    End,
    /// The body is malformed; at this offset, counted like the decoder's.
    Failed(ChunkProblem, u64),
}

/// What a call to [`ChunkedDecoder::decode`] made of the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// How many bytes at the front of the buffer are data now.
    pub data: usize,
    /// How many wire bytes were taken; fewer than given only at the end or on failure.
    pub consumed: usize,
    /// What comes next.
    pub progress: Progress,
}

/// A chunk's size line (RFC 9112 §7.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkLine {
    /// The offset of its first byte, counted like the decoder's.
    pub offset: u64,
    /// The chunk's size in bytes.
    pub size: u64,
    /// What follows the size on its line, line end removed: the extensions.
    pub extensions: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    SizeLine,
    Data(u64),
    DataEnd { seen_cr: bool },
    Trailers,
    End,
    Failed(ChunkProblem, u64),
}

/// Decodes one chunked body, given in any pieces.
#[derive(Clone, Debug)]
pub struct ChunkedDecoder {
    state: State,
    /// The size line or the trailer section as far as it came.
    line: Vec<u8>,
    /// Where the trailer section's last line begins in `line`.
    trailer_line: usize,
    offset: u64,
    line_offset: u64,
    extensions: u64,
    data: u64,
    /// Of the chunk under way or, between two, of the one before: its size, how long its size line
    /// is, and where its data ends.
    size: u64,
    size_line_length: usize,
    data_end: u64,
    records: bool,
    chunks: Vec<ChunkLine>,
    deviations: Deviations,
}

impl ChunkedDecoder {
    /// A decoder for a body whose first byte is at `offset` on the connection.
    /// With `records` each chunk's size line is kept for [`Self::take_chunks`].
    pub fn new(offset: u64, records: bool) -> Self {
        Self {
            state: State::SizeLine,
            line: Vec::new(),
            trailer_line: 0,
            offset,
            line_offset: offset,
            extensions: 0,
            data: 0,
            size: 0,
            size_line_length: 0,
            data_end: offset,
            records,
            chunks: Vec::new(),
            deviations: Deviations::default(),
        }
    }

    /// Decodes `buffer` in place. After an end or a failure nothing more is taken.
    pub fn decode(&mut self, buffer: &mut [u8]) -> Decoded {
        let (mut read, mut written) = (0, 0);
        while read < buffer.len() {
            match self.state {
                State::SizeLine => read += self.size_line(&buffer[read..]),
                State::Data(left) => {
                    let here = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len() - read);
                    if read != written {
                        buffer.copy_within(read..read + here, written);
                    }
                    read += here;
                    written += here;
                    self.take_data(left, here as u64);
                }
                State::DataEnd { seen_cr: false } if buffer[read..].starts_with(b"\r\n") => {
                    self.state = State::SizeLine;
                    self.offset += 2;
                    read += 2;
                }
                State::DataEnd { seen_cr } => read += self.data_end(buffer[read], seen_cr),
                State::Trailers => read += self.trailers(&buffer[read..]),
                State::End | State::Failed(..) => break,
            }
        }
        let progress = match self.state {
            State::End => Progress::End,
            State::Failed(problem, at) => Progress::Failed(problem, at),
            _ => Progress::NeedMore,
        };
        Decoded { data: written, consumed: read, progress }
    }

    /// The size of the chunk under way or, between two, of the one before; 0 where no data follows.
    pub fn chunk_size(&self) -> u64 {
        match self.state {
            State::SizeLine | State::Data(_) | State::DataEnd { .. } => self.size,
            State::Trailers | State::End | State::Failed(..) => 0,
        }
    }

    /// How many bytes of the chunk's data have not come.
    pub fn data_left(&self) -> u64 {
        match self.state {
            State::Data(left) => left,
            _ => 0,
        }
    }

    /// How many bytes stand before the next chunk's data, if its size line is as long as the last
    /// one; 1 at least.
    pub fn usual_gap(&self) -> usize {
        let here = usize::try_from(self.offset.saturating_sub(self.data_end)).unwrap_or(usize::MAX);
        (self.size_line_length + 2).saturating_sub(here).max(1)
    }

    /// Counts bytes of the chunk's data that were not decoded here: [`Self::data_left`] at most.
    pub fn take_unseen(&mut self, count: u64) {
        if let State::Data(left) = self.state {
            self.take_data(left, count.min(left));
        }
    }

    /// Why and where decoding failed, if it did.
    pub fn failure(&self) -> Option<(ChunkProblem, u64)> {
        match self.state {
            State::Failed(problem, at) => Some((problem, at)),
            _ => None,
        }
    }

    /// Whether the last chunk's size line has come whole: what follows it can
    /// change nothing in the content.
    pub fn has_last_chunk(&self) -> bool {
        matches!(self.state, State::Trailers | State::End)
    }

    /// Whether the connection may end here without loss but of the empty line
    /// at the trailer section's end; if so, that is noted, and whole trailer
    /// lines count.
    pub fn end_of_connection(&mut self) -> bool {
        if self.state == State::Trailers {
            self.deviations.note(Deviation::ChunkUnterminated, self.offset);
        }
        self.has_last_chunk()
    }

    /// The size lines since the last call, where they are recorded.
    pub fn take_chunks(&mut self) -> Vec<ChunkLine> {
        std::mem::take(&mut self.chunks)
    }

    /// The bytes of the trailer section as far as they came, final line end included.
    pub fn trailer_bytes(&self) -> &[u8] {
        if self.has_last_chunk() { &self.line } else { &[] }
    }

    /// The trailer section's fields (RFC 9112 §7.1.2); what deviates in it is
    /// noted in the second value.
    pub fn trailers_parsed(&self) -> (FieldSection, Deviations) {
        let mut deviations = Deviations::default();
        let bytes = self.trailer_bytes();
        let whole = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1);
        let base = self.line_offset;
        (field::parse(&bytes[..whole], 0, base, SectionKind::Trailer, &mut deviations), deviations)
    }

    /// What deviates in the chunks.
    pub fn deviations(&self) -> &Deviations {
        &self.deviations
    }

    /// Takes bytes of a size line; gives how many.
    fn size_line(&mut self, input: &[u8]) -> usize {
        if self.line.is_empty() {
            self.line_offset = self.offset;
            if let Some((size, length)) = plain_size_line(input) {
                self.offset += length as u64;
                self.begin_chunk(size, &input[..length]);
                return length;
            }
        }
        let found = field::line_length(input);
        let taken = found.unwrap_or(input.len());
        let room = MAX_SIZE_LINE - self.line.len();
        if found.is_some() && self.line.is_empty() && taken <= room && invalid_at(&input[..taken]).is_none() {
            self.offset += taken as u64;
            self.size_line_end(&input[..taken]);
            return taken;
        }
        let before = self.line.len();
        self.line.extend_from_slice(&input[..taken.min(room)]);
        // A line that can't become valid is not waited for, and taken up to the byte that shows it.
        let shown = invalid_at(&self.line).map(|at| at + 1 - before);
        let taken_here = shown.unwrap_or(taken.min(room));
        self.offset += taken_here as u64;
        match shown {
            Some(_) => self.fail(ChunkProblem::SizeInvalid, self.line_offset),
            None if taken > room => self.fail(ChunkProblem::SizeLineTooLong, self.line_offset),
            None if found.is_some() => {
                let line = std::mem::take(&mut self.line);
                self.size_line_end(&line);
            }
            None => {}
        }
        taken_here
    }

    fn size_line_end(&mut self, line: &[u8]) {
        match self.read_size(line) {
            Ok(size) => self.begin_chunk(size, line),
            Err(problem) => self.fail(problem, self.line_offset),
        }
    }

    /// A chunk of that size follows its line.
    fn begin_chunk(&mut self, size: u64, line: &[u8]) {
        self.count_extension(line.len());
        if self.records {
            let content = size_line_content(line);
            let extensions = content[hex_digits(content)..].to_vec();
            self.chunks.push(ChunkLine { offset: self.line_offset, size, extensions });
        }
        if let State::SizeLine = self.state {
            self.state = if size == 0 { State::Trailers } else { State::Data(size) };
        }
        (self.size, self.size_line_length) = (size, line.len());
        self.data_end = self.offset.saturating_add(size);
        if size == 0 {
            self.line_offset = self.offset;
        }
    }

    /// Reads a whole size line: 1*HEXDIG, whitespace, extensions, line end.
    fn read_size(&mut self, line: &[u8]) -> Result<u64, ChunkProblem> {
        let content = size_line_content(line);
        let digits = hex_digits(content);
        let rest = &content[digits..];
        if begins_with_size(trim_ows_start(rest)) {
            return Err(ChunkProblem::SizeInvalid);
        }
        if content.contains(&b'\r') {
            return Err(ChunkProblem::BareCr);
        }
        if digits > 16 {
            self.deviations.note(Deviation::ChunkSizeOverflow, self.line_offset);
        }
        let zeros = content[..digits].iter().position(|&byte| byte != b'0').unwrap_or(digits);
        if digits - zeros > 16 {
            return Err(ChunkProblem::SizeOverflow);
        }
        let size = content[zeros..digits].iter().fold(0, |sum, &byte| sum << 4 | hex_value(byte));
        if content.len() + 1 == line.len() {
            self.deviations.note(Deviation::ChunkBareLf, self.line_offset + content.len() as u64);
        }
        if !rest.is_empty() && rest.iter().copied().all(is_ows) {
            self.deviations.note(Deviation::ChunkSizeWhitespace, self.line_offset + digits as u64);
        } else if !extensions_are_valid(rest) {
            self.deviations.note(Deviation::ChunkExtInvalid, self.line_offset + digits as u64);
        }
        Ok(size)
    }

    fn count_extension(&mut self, line: usize) {
        self.extensions += line.saturating_sub(PLAIN_SIZE_LINE) as u64;
        if self.extensions > self.data.saturating_add(MAX_EXTENSIONS) {
            self.fail(ChunkProblem::ExtensionsTooLong, self.line_offset);
        }
    }

    fn take_data(&mut self, left: u64, taken: u64) {
        self.offset += taken;
        self.data = self.data.saturating_add(taken);
        self.state = match left - taken {
            0 => State::DataEnd { seen_cr: false },
            left => State::Data(left),
        };
    }

    /// Takes one byte of the line end after chunk data, if it is one.
    fn data_end(&mut self, byte: u8, seen_cr: bool) -> usize {
        match (byte, seen_cr) {
            (b'\n', _) => {
                if !seen_cr {
                    self.deviations.note(Deviation::ChunkBareLf, self.offset);
                }
                self.state = State::SizeLine;
            }
            (b'\r', false) => self.state = State::DataEnd { seen_cr: true },
            _ => {
                let at = self.offset - u64::from(seen_cr);
                self.fail(ChunkProblem::DataTerminator, at);
                return 0;
            }
        }
        self.offset += 1;
        1
    }

    /// Takes bytes of the trailer section, up to its empty line or the first byte that is too many.
    fn trailers(&mut self, input: &[u8]) -> usize {
        let input = &input[..input.len().min(MAX_TRAILERS + 1 - self.line.len())];
        let mut taken = 0;
        while let Some(length) = field::line_length(&input[taken..]) {
            self.line.extend_from_slice(&input[taken..taken + length]);
            taken += length;
            if field::content_length(&self.line[self.trailer_line..]) == 0 {
                self.state = State::End;
                break;
            }
            self.trailer_line = self.line.len();
        }
        if self.state == State::Trailers {
            self.line.extend_from_slice(&input[taken..]);
            taken = input.len();
        }
        self.offset += taken as u64;
        if self.line.len() > MAX_TRAILERS {
            self.fail(ChunkProblem::TrailersTooLong, self.line_offset);
        }
        taken
    }

    fn fail(&mut self, problem: ChunkProblem, at: u64) {
        self.state = State::Failed(problem, at);
    }
}

/// Where a size line, as far as it has come, shows that it begins with no size.
fn invalid_at(line: &[u8]) -> Option<usize> {
    let digits = hex_digits(line);
    let &byte = line.get(digits)?;
    let may_follow = matches!(byte, b' ' | b'\t' | b';' | b'\r' | b'\n');
    (digits == 0 || !may_follow).then_some(digits)
}

#[cfg(test)]
#[path = "chunked_tests.rs"]
mod tests;
