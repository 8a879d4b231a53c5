//! The parts of multipart content (RFC 2046 §5.1.1), looked at as they pass; the
//! parts' own content is not kept.

use super::content_range::ContentRange;
use super::syntax::trim_ows;

/// Most bytes of a line that are looked at: a boundary has 70 characters at most.
const MAX_LINE: usize = 1024;

/// What is known of the parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BodyParts {
    /// How many have begun.
    pub count: u64,
    /// The offset, in the content, of the first part without Content-Range.
    pub without_range: Option<u64>,
    /// The offset, in the content, of the first part without Content-Type.
    pub without_type: Option<u64>,
    /// The offset, in the content, of the first part whose Content-Range is malformed, or says another length
    /// than the part has.
    pub unlike_range: Option<u64>,
    /// The delimiter that closes the content was seen.
    pub is_closed: bool,
}

/// Takes multipart content in any pieces.
#[derive(Debug)]
pub struct PartReader {
    delimiter: Vec<u8>,
    parts: BodyParts,
    line: Vec<u8>,
    /// Offset of the line's first byte, and of the next byte.
    line_at: u64,
    at: u64,
    /// Length of the previous line's end (CRLF or LF); last byte of the current line.
    line_end: u64,
    last: u8,
    /// The fields of the part whose head is being read.
    head: Option<PartHead>,
    /// The part that is being read, where its Content-Range says how long it is.
    body: Option<PartBody>,
}

#[derive(Debug)]
struct PartBody {
    part_at: u64,
    at: u64,
    length: u64,
}

#[derive(Debug)]
struct PartHead {
    at: u64,
    /// The value of Content-Range, and whether its line was the last one, so that it may go on (RFC 2046 §5.1).
    range: Option<Vec<u8>>,
    is_open: bool,
    has_type: bool,
}

impl PartHead {
    /// Takes a line of the head.
    fn take(&mut self, line: &[u8]) {
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            if let Some(range) = self.range.as_mut().filter(|range| self.is_open && range.len() < MAX_LINE) {
                range.extend_from_slice(line);
            }
            return;
        }
        let mut parts = line.splitn(2, |&byte| byte == b':');
        let (name, value) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        self.is_open = name.eq_ignore_ascii_case(b"content-range");
        if self.is_open {
            self.range = Some(value.to_vec());
        }
        self.has_type |= name.eq_ignore_ascii_case(b"content-type");
    }
}

impl PartReader {
    /// For content whose Content-Type names `boundary`.
    pub fn new(boundary: &[u8]) -> Self {
        let delimiter = [b"--", boundary].concat();
        let parts = BodyParts::default();
        Self {
            delimiter,
            parts,
            line: Vec::new(),
            line_at: 0,
            at: 0,
            line_end: 0,
            last: 0,
            head: None,
            body: None,
        }
    }

    /// Takes more of the content.
    pub fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && !self.parts.is_closed {
            let end = super::syntax::find_byte(bytes, b'\n');
            let piece = &bytes[..end.unwrap_or(bytes.len())];
            let room = MAX_LINE - self.line.len();
            self.line.extend_from_slice(&piece[..piece.len().min(room)]);
            self.last = piece.last().copied().unwrap_or(self.last);
            let taken = end.map_or(bytes.len(), |end| end + 1);
            self.at = self.at.saturating_add(taken as u64);
            bytes = &bytes[taken..];
            if end.is_some() {
                self.line_ended();
            }
        }
    }

    /// What there is to know, the content having ended.
    pub fn finish(mut self) -> BodyParts {
        self.line_ended();
        self.end_head();
        self.parts
    }

    fn line_ended(&mut self) {
        let line = std::mem::take(&mut self.line);
        let start = std::mem::replace(&mut self.line_at, self.at);
        let line_end = if std::mem::take(&mut self.last) == b'\r' { 2 } else { 1 };
        let line_end_before = std::mem::replace(&mut self.line_end, line_end);
        let line = line.strip_suffix(b"\r").unwrap_or(&line);
        if let Some(rest) = line.strip_prefix(&self.delimiter[..]) {
            let is_last = rest.starts_with(b"--");
            if trim_ows(rest.strip_prefix(b"--").unwrap_or(rest)).is_empty() {
                self.end_head();
                self.end_body(start.saturating_sub(line_end_before));
                self.parts.is_closed = is_last;
                self.parts.count += u64::from(!is_last);
                let head = PartHead { at: start, range: None, is_open: false, has_type: false };
                self.head = (!is_last).then_some(head);
                return;
            }
        }
        if line.is_empty() {
            self.end_head();
        } else if let Some(head) = &mut self.head {
            head.take(line);
        }
    }

    fn end_head(&mut self) {
        if let Some(head) = self.head.take() {
            let parts = &mut self.parts;
            parts.without_range = parts.without_range.or(head.range.is_none().then_some(head.at));
            parts.without_type = parts.without_type.or((!head.has_type).then_some(head.at));
            match head.range.map(|value| ContentRange::parse(trim_ows(&value))) {
                Some(ContentRange::Part { first, last, .. }) => {
                    let length = (last - first).saturating_add(1);
                    self.body = Some(PartBody { part_at: head.at, at: self.at, length });
                }
                Some(ContentRange::Invalid | ContentRange::Unsatisfied(_)) => {
                    parts.unlike_range = parts.unlike_range.or(Some(head.at));
                }
                Some(ContentRange::OtherUnit) | None => {}
            }
        }
    }

    /// A part ended before the byte at `end`.
    fn end_body(&mut self, end: u64) {
        if let Some(body) = self.body.take().filter(|body| end.saturating_sub(body.at) != body.length) {
            self.parts.unlike_range = self.parts.unlike_range.or(Some(body.part_at));
        }
    }
}

/// Whether `bytes` may be a boundary: 1 to 70 characters of those that mail lets pass, no space at the end.
pub fn is_boundary(bytes: &[u8]) -> bool {
    let is_allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(byte);
    (1..=70).contains(&bytes.len()) && bytes.iter().all(is_allowed) && !bytes.ends_with(b" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(content: &str, piece: usize) -> BodyParts {
        let mut reader = PartReader::new(b"b");
        content.as_bytes().chunks(piece).for_each(|bytes| reader.push(bytes));
        reader.finish()
    }

    #[test]
    fn parts_are_counted_and_their_fields_seen() {
        let content = "preamble\r\n--b\r\nContent-Type: a/b\r\ncontent-range: bytes 0-0/2\r\n\r\n--bb\r\n--b \r\n\r\n\
                       x\r\n--b--\r\n--b\r\n";
        let second = content.find("--b \r").map(|at| at as u64);
        let expected = BodyParts {
            count: 2,
            without_range: second,
            without_type: second,
            unlike_range: Some(10),
            is_closed: true,
        };
        for piece in 1..content.len() {
            assert_eq!(parts(content, piece), expected, "{piece}");
        }
        for (range, body, is_alike) in [
            ("bytes 0-2/9", "a\r\n", true),
            ("bytes 0-2/9", "abc", true),
            ("bytes 0-2/9", "ab", false),
            ("bytes 0-2/9", "abcd", false),
            ("\r\n bytes 0-2/9", "abc", true),
            ("bytes 0-9/9", "abcdefghij", false),
            ("bytes 2-0/9", "", false),
            ("items 0-1/9", "abc", true),
        ] {
            let content = format!("--b\r\nContent-Range: {range}\r\n\r\n{body}\r\n--b--");
            for content in [content.replace("\r\n--b--", "\n--b--"), content] {
                for piece in [1, 2, 3, 99] {
                    assert_eq!(parts(&content, piece).unlike_range.is_none(), is_alike, "{content}");
                }
            }
        }
        assert_eq!(parts("--c\r\n\r\n", 3), BodyParts::default());
        assert_eq!(parts("--b--", 9), BodyParts { is_closed: true, ..BodyParts::default() });
        assert_eq!(parts(&format!("{}\n--b", "x".repeat(9_999)), 7).count, 1);
    }
}
