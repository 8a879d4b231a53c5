//! Field lines and sections (RFC 9112 §5): ordered, with their case, spacing
//! and duplicates, each at its offset.

mod reading;

use std::ops::Range;

pub(crate) use reading::{SectionKind, clean, content_length, line_length, parse};
pub(super) use reading::{is_empty_line, run_of_cr};

use super::syntax::{is_same_name, list_members};

/// A field section: the field lines of a head or of a trailer section.
#[derive(Clone, Debug, Default)]
pub struct FieldSection {
    /// The bytes that the ranges point into: what stands before the lines, the lines, with CR and NUL inside
    /// them replaced by SP, and behind them the values that were folded.
    text: Vec<u8>,
    lines: Vec<LineSpan>,
    /// Bit N is set where [`tag`] of a line's name is N.
    tags: u64,
    /// Offset of the first byte of `text` on the connection.
    base: u64,
}

#[derive(Clone, Debug)]
struct LineSpan {
    /// The line begins with its name.
    name: Range<usize>,
    value: Range<usize>,
    is_folded: bool,
    /// [`tag`] of the name.
    tag: u8,
}

/// One field line, or several that were folded into one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldLine<'a> {
    /// The name as it came, whitespace before the colon removed.
    pub name: &'a [u8],
    /// The value, whitespace at its ends removed.
    pub value: &'a [u8],
    /// Offset of the line's first byte, counted from the connection's first byte.
    pub offset: u64,
    /// Whitespace stood between the name and the colon.
    pub has_space_before_colon: bool,
    /// Offset of the value's first byte; none where lines were folded, whose
    /// bytes don't stand together.
    value_offset: Option<u64>,
}

impl FieldLine<'_> {
    /// Whether this field has `name`, in any case.
    pub fn is(&self, name: &str) -> bool {
        is_same_name(self.name, name.as_bytes())
    }

    /// Whether the field is made of several lines (RFC 9112 §5.2).
    pub fn is_folded(&self) -> bool {
        self.value_offset.is_none()
    }

    /// Offset of the value's byte `at`; of the line, where lines were folded.
    pub fn value_offset(&self, at: usize) -> u64 {
        self.value_offset.map_or(self.offset, |start| start + at as u64)
    }
}

impl FieldSection {
    /// All field lines in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = FieldLine<'_>> + ExactSizeIterator {
        self.lines.iter().map(|line| self.line(line))
    }

    fn line(&self, line: &LineSpan) -> FieldLine<'_> {
        FieldLine {
            name: &self.text[line.name.clone()],
            value: &self.text[line.value.clone()],
            offset: self.base + line.name.start as u64,
            has_space_before_colon: self.text.get(line.name.end) != Some(&b':'),
            value_offset: (!line.is_folded).then_some(self.base + line.value.start as u64),
        }
    }

    /// The first `length` bytes of what was read.
    pub(super) fn text(&self, length: usize) -> &[u8] {
        &self.text[..length.min(self.text.len())]
    }

    /// The lines of the field `name`, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> FieldLines<'a> {
        let tag = tag(name.as_bytes());
        // Heads are searched a dozen times, most often for what is not there.
        let left = if self.tags & 1 << tag == 0 { &[][..] } else { &self.lines };
        FieldLines { section: self, name: name.as_bytes(), tag, left }
    }

    /// The first line of the field `name`.
    pub fn first<'a>(&'a self, name: &'a str) -> Option<FieldLine<'a>> {
        self.all(name).next_span().map(|line| self.line(line))
    }

    /// The value of the first line of the field `name`.
    pub fn value<'a>(&'a self, name: &'a str) -> Option<&'a [u8]> {
        self.all(name).next_span().map(|line| &self.text[line.value.clone()])
    }

    /// Whether there is a field `name`.
    pub fn has(&self, name: &str) -> bool {
        self.all(name).next_span().is_some()
    }

    /// The list members of all lines of the field `name`, empty ones included
    /// (RFC 9110 §5.6.1).
    pub fn members<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.all(name).flat_map(|line| list_members(line.value))
    }

    /// Whether `member` is in the list of the field `name`, in any case.
    pub fn has_member(&self, name: &str, member: &str) -> bool {
        let mut lines = self.all(name);
        while let Some(line) = lines.next_span() {
            for found in list_members(&self.text[line.value.clone()]) {
                if is_same_name(found, member.as_bytes()) {
                    return true;
                }
            }
        }
        false
    }

    /// Gives each name and value to `star`, which may put stars in the value's
    /// place. Gives whether that changed anything.
    pub(crate) fn star(&mut self, star: impl Fn(&[u8], &mut [u8])) -> bool {
        let before = self.text.clone();
        for line in &self.lines {
            let name = &before[line.name.clone()];
            star(name, &mut self.text[line.value.clone()]);
        }
        self.text != before
    }

    /// How many field lines there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is no field line.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

/// The lines of one field, in order.
pub struct FieldLines<'a> {
    section: &'a FieldSection,
    name: &'a [u8],
    /// [`tag`] of the name.
    tag: u8,
    /// The lines that have not been looked at.
    left: &'a [LineSpan],
}

impl<'a> FieldLines<'a> {
    fn next_span(&mut self) -> Option<&'a LineSpan> {
        while let [line, left @ ..] = self.left {
            self.left = left;
            if self.is(line) {
                return Some(line);
            }
        }
        None
    }

    fn is(&self, line: &LineSpan) -> bool {
        line.tag == self.tag && is_same_name(&self.section.text[line.name.clone()], self.name)
    }
}

impl<'a> Iterator for FieldLines<'a> {
    type Item = FieldLine<'a>;

    fn next(&mut self) -> Option<FieldLine<'a>> {
        self.next_span().map(|line| self.section.line(line))
    }
}

/// A hash below 64 of a name, the same in any case.
fn tag(name: &[u8]) -> u8 {
    // A letter's case is one bit.
    let letter = |byte: Option<&u8>| byte.map_or(0, |byte| byte | 0x20);
    let length = name.len() as u8;
    length.wrapping_mul(5).wrapping_add(letter(name.first())).wrapping_add(letter(name.last())) % 64
}
