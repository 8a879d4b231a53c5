//! How field lines are read: cleaned, unfolded, and kept whatever their grammar, each deviation
//! noted (RFC 9112 §5).

use std::ops::Range;

use super::{FieldSection, LineSpan, tag};
use crate::http::deviation::{Deviation, Deviations};
use crate::http::syntax::{
    find_byte, find_control, is_token, token_len, trim_ows, trim_ows_end, trim_ows_start,
};

/// How long a field line usually is at least, so that room for all can be made at once.
const USUAL_LINE: usize = 24;

/// Reads the field lines of `raw` from `start` on, up to the empty line or the
/// last whole line, each cleaned as by [`clean`]. `base` is the offset of `raw`'s
/// first byte on the connection.
pub(crate) fn parse(
    raw: &[u8],
    start: usize,
    base: u64,
    kind: SectionKind,
    deviations: &mut Deviations,
) -> FieldSection {
    let whole = raw.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1);
    let mut section = FieldSection::of_text(&raw[..whole.max(start)], base);
    section.read(start, kind, deviations);
    section
}

/// Which of a message's two field sections is read (RFC 9110 §6.3, §6.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SectionKind {
    /// Whitespace that its first line begins with would continue the start line: such lines are dropped
    /// (RFC 9112 §2.2).
    Header,
    /// Nothing stands before its first line.
    Trailer,
}

/// What a line that begins with whitespace would continue.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Previous {
    StartLine,
    Dropped,
    Field,
}

impl FieldSection {
    /// The section in `raw`, whose lines have not been read yet; `base` is the offset of its first byte.
    pub(in crate::http) fn of_text(raw: &[u8], base: u64) -> Self {
        Self { text: raw.to_vec(), lines: Vec::new(), tags: 0, base }
    }

    /// Reads the field lines from `start` on, as [`parse`] does.
    pub(in crate::http) fn read(&mut self, start: usize, kind: SectionKind, deviations: &mut Deviations) {
        self.lines.reserve_exact(self.text.len() / USUAL_LINE);
        let mut previous = match kind {
            SectionKind::Header => Previous::StartLine,
            SectionKind::Trailer => Previous::Dropped,
        };
        let mut at = start;
        while let Some((end, next)) = self.clean_line(at, deviations) {
            if end == at {
                break;
            }
            previous = self.take_line(at..end, previous, deviations);
            at = next;
        }
    }

    /// Cleans the line that begins at `start`, as by [`clean`]; gives its content and where the next one
    /// begins.
    pub(in crate::http) fn clean_first(
        &mut self,
        start: usize,
        deviations: &mut Deviations,
    ) -> (&[u8], usize) {
        let whole = self.text.len();
        let (end, next) = self.clean_line(start, deviations).unwrap_or((whole, whole));
        (&self.text[start..end], next)
    }

    /// Replaces NUL, and CR that ends no line, in the line that begins at `start`. All
    /// CRs before an LF belong to the line's end; each but the last is noted.
    /// Gives where its content ends and where the next one begins; `None` where
    /// it is not whole.
    #[inline(always)]
    fn clean_line(&mut self, start: usize, deviations: &mut Deviations) -> Option<(usize, usize)> {
        let at = start + find_control(self.text.get(start..)?)?;
        match self.text.get(at..at + 2) {
            Some(b"\r\n") => Some((at, at + 2)),
            _ => self.clean_from(at, deviations),
        }
    }

    /// [`Self::clean_line`] of a line whose first control stands at `at`.
    fn clean_from(&mut self, mut at: usize, deviations: &mut Deviations) -> Option<(usize, usize)> {
        loop {
            let offset = self.base + at as u64;
            match self.text[at] {
                b'\n' => {
                    deviations.note(Deviation::BareLf, offset);
                    return Some((at, at + 1));
                }
                b'\r' => {
                    let run = run_of_cr(&self.text[at..]);
                    let ends_line = self.text.get(at + run) == Some(&b'\n');
                    let bare = run - usize::from(ends_line);
                    (0..bare as u64).for_each(|cr| deviations.note(Deviation::BareCr, offset + cr));
                    if ends_line {
                        return Some((at, at + run + 1));
                    }
                    self.text[at..at + run].fill(b' ');
                    at += run - 1;
                }
                0 => {
                    deviations.note(Deviation::Nul, offset);
                    self.text[at] = b' ';
                }
                _ => {}
            }
            at += 1;
            at += find_control(&self.text[at..])?;
        }
    }

    fn take_line(&mut self, line: Range<usize>, previous: Previous, deviations: &mut Deviations) -> Previous {
        let offset = self.base + line.start as u64;
        let bytes = &self.text[line.clone()];
        if matches!(bytes, [b' ' | b'\t', ..]) {
            let kind = match previous {
                Previous::StartLine => Deviation::LeadingWhitespace,
                Previous::Dropped | Previous::Field => Deviation::ObsFold,
            };
            deviations.note(kind, offset);
            if previous == Previous::Field {
                self.fold(line);
            }
            return previous;
        }
        let token = token_len(bytes);
        let field = match bytes.get(token..) {
            Some([b':', value @ ..]) if token > 0 => Some((token, value)),
            _ => odd_field(bytes, offset, deviations),
        };
        let Some((name, value)) = field else { return Previous::Dropped };
        let value = trim_ows_start(value);
        let value_start = line.end - value.len();
        let value = value_start..value_start + trim_ows_end(value).len();
        let tag = tag(&bytes[..name]);
        self.tags |= 1 << tag;
        let name = line.start..line.start + name;
        self.lines.push(LineSpan { name, value, is_folded: false, tag });
        Previous::Field
    }

    /// Joins a folded line to the value before it with one SP (RFC 9112 §5.2).
    /// The joined value stands behind all lines; a value that already stands
    /// there is continued in place, so that folding stays linear.
    fn fold(&mut self, line: Range<usize>) {
        let Some(last) = self.lines.last_mut() else { return };
        if last.value.end != self.text.len() {
            let start = self.text.len();
            self.text.extend_from_within(last.value.clone());
            last.value = start..self.text.len();
        }
        last.is_folded = true;
        let content = trim_ows(&self.text[line.clone()]);
        let from = line.start + line.len() - trim_ows_start(&self.text[line]).len();
        let content = from..from + content.len();
        if !last.value.is_empty() && !content.is_empty() {
            self.text.push(b' ');
        }
        self.text.extend_from_within(content);
        last.value.end = self.text.len();
    }
}

/// The length of a name that is no token or does not end at the colon, and what stands
/// behind the colon; `None` where there is none. `offset` is the line's.
fn odd_field<'a>(line: &'a [u8], offset: u64, deviations: &mut Deviations) -> Option<(usize, &'a [u8])> {
    let Some(colon) = find_byte(line, b':') else {
        deviations.note(Deviation::NoColon, offset);
        return None;
    };
    let name = trim_ows_end(&line[..colon]);
    if name.len() < colon {
        deviations.note(Deviation::SpaceBeforeColon, offset + name.len() as u64);
    }
    if !is_token(name) {
        deviations.note(Deviation::NameInvalid, offset);
    }
    Some((name.len(), &line[colon + 1..]))
}

/// The length of the line that `bytes` begins with, its LF included; `None`
/// where no LF has come yet.
pub(crate) fn line_length(bytes: &[u8]) -> Option<usize> {
    find_byte(bytes, b'\n').map(|end| end + 1)
}

/// The length of a line without its end: LF, and all CRs before it.
pub(crate) fn content_length(line: &[u8]) -> usize {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.iter().rposition(|&byte| byte != b'\r').map_or(0, |last| last + 1)
}

/// Whether a line has no content.
pub(in crate::http) fn is_empty_line(line: &[u8]) -> bool {
    // What most lines begin with tells already.
    matches!(line.first(), None | Some(b'\r' | b'\n')) && content_length(line) == 0
}

/// How many CRs `bytes` begins with.
pub(in crate::http) fn run_of_cr(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|&&byte| byte == b'\r').count()
}

/// The whole lines of `raw` with every NUL, and every CR that does not end a
/// line, replaced by SP; each is noted, and so is each line end without CR.
/// `base` is the offset of the first byte.
pub(crate) fn clean(raw: &[u8], base: u64, deviations: &mut Deviations) -> Vec<u8> {
    let mut section = FieldSection { text: raw.to_vec(), base, ..FieldSection::default() };
    let mut start = 0;
    while let Some((_, next)) = section.clean_line(start, deviations) {
        start = next;
    }
    section.text
}
