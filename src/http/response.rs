//! Response heads (RFC 9112 §4), read leniently: what can be shown is kept,
//! what deviates is noted, and only what leaves no status code is an error.

mod scanning;

use std::ops::Range;

pub use scanning::HeadScanner;

use super::content_length::{ContentLength, content_length};
use super::deviation::{Deviation, Deviations};
use super::field::{self, FieldSection, SectionKind};
use super::syntax::{is_ows, is_same_name, trim_ows_end};
use super::transfer_codings::TransferCodings;

/// Longest line of a head: that of curl.
pub const MAX_LINE: usize = 100 * 1024;
/// Most lines in one head: that of curl.
pub const MAX_LINES: usize = 5_000;
/// Most bytes in the heads of one hop, interim responses included: that of curl.
pub const MAX_HEAD: usize = 300 * 1024;

/// An HTTP version: major and minor (RFC 9110 §2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32);

impl Default for Version {
    fn default() -> Self {
        Self::HTTP_11
    }
}

impl Version {
    /// HTTP/1.1.
    pub const HTTP_11: Self = Self(1, 1);
    /// HTTP/1.0.
    pub const HTTP_10: Self = Self(1, 0);

    /// Whether chunked and persistent connections can't be expected.
    pub fn is_below_11(self) -> bool {
        self < Self::HTTP_11
    }
}

/// A status line (RFC 9112 §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusLine {
    /// The version it says, 1.1 where it can't be read.
    pub version: Version,
    /// The status code: three digits, 000 to 999.
    pub status: u16,
}

impl StatusLine {
    /// Whether another response to the same request follows: 1xx but 101 (RFC 9110 §15.2).
    pub fn is_interim(&self) -> bool {
        (100..200).contains(&self.status) && self.status != 101
    }
}

/// A response's head: status line and field section, with their exact bytes.
#[derive(Clone, Debug)]
pub struct ResponseHead {
    /// The bytes as they came, where the text of the fields differs from them.
    original: Option<Vec<u8>>,
    length: usize,
    offset: u64,
    start: usize,
    reason: Range<usize>,
    /// The status line, its reason phrase apart.
    pub status_line: StatusLine,
    /// The field lines, in the order and spelling in which they came.
    pub fields: FieldSection,
    /// What the Content-Length lines say together (RFC 9110 §8.6).
    pub content_length: ContentLength,
    /// What the Transfer-Encoding lines say together (RFC 9112 §6.1).
    pub transfer_codings: TransferCodings,
    /// What differs from the grammar.
    pub deviations: Deviations,
}

impl ResponseHead {
    /// The bytes as they came: empty lines before the status line, the status
    /// line, the field lines and the empty line.
    pub fn raw(&self) -> &[u8] {
        self.original.as_deref().unwrap_or_else(|| self.fields.text(self.length))
    }

    /// Offset of the first raw byte on the connection.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Offset of the status line on the connection.
    pub fn status_line_offset(&self) -> u64 {
        self.offset + self.start as u64
    }

    /// The status code.
    pub fn status(&self) -> u16 {
        self.status_line.status
    }

    /// The reason phrase, as it came but for CR and NUL.
    pub fn reason(&self) -> Vec<u8> {
        let mut ignored = Deviations::default();
        field::clean(&self.raw()[self.reason.clone()], 0, &mut ignored)
    }
}

/// Why there is no response head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadProblem {
    /// The connection ended before a status line, but for empty lines.
    Empty,
    /// The first line does not begin with `HTTP/`.
    NotHttp,
    /// The second token of the status line is not three digits.
    StatusSyntax,
    /// The connection ended inside the head.
    Truncated,
    /// The head is over [`MAX_HEAD`].
    TooLarge,
    /// A line of the head is over [`MAX_LINE`].
    LineTooLong,
    /// The head has more than [`MAX_LINES`] lines.
    TooManyLines,
}

/// A head that is none, with what could be read of it.
#[derive(Clone, Debug)]
pub struct BadHead {
    /// What is wrong.
    pub problem: HeadProblem,
    /// The bytes as they came.
    pub raw: Vec<u8>,
    /// Offset of the first raw byte on the connection.
    pub offset: u64,
    /// The status line, where it was whole.
    pub status_line: Option<StatusLine>,
    /// The whole field lines.
    pub fields: FieldSection,
    /// What else differs from the grammar.
    pub deviations: Deviations,
}

/// Parses one head that begins at `input`'s first byte; gives it with its
/// length, or `None` where its end has not come.
pub fn parse_head(input: &[u8]) -> Result<Option<(usize, ResponseHead)>, Box<BadHead>> {
    match HeadScanner::default().scan(input) {
        Ok(Some(length)) => parse_whole(&input[..length], 0).map(|head| Some((length, *head))),
        Ok(None) => Ok(None),
        Err(problem) => Err(Box::new(bad_head(input, 0, problem))),
    }
}

/// Parses the bytes of a whole head, as [`HeadScanner`] delimits it; `offset`
/// is that of its first byte on the connection.
pub fn parse_whole(raw: &[u8], offset: u64) -> Result<Box<ResponseHead>, Box<BadHead>> {
    let (start, mut deviations) = leading_blanks(raw, offset);
    let mut fields = FieldSection::of_text(raw, offset);
    let Some((status_line, reason)) = read_lines(&mut fields, start, offset, &mut deviations) else {
        return Err(Box::new(BadHead {
            problem: HeadProblem::StatusSyntax,
            raw: raw.to_vec(),
            offset,
            status_line: None,
            fields: FieldSection::default(),
            deviations,
        }));
    };
    let is_altered = deviations.has(Deviation::Nul) || deviations.has(Deviation::BareCr);
    Ok(Box::new(ResponseHead {
        original: is_altered.then(|| raw.to_vec()),
        length: raw.len(),
        offset,
        start,
        reason: start + reason.start..start + reason.end,
        status_line,
        content_length: content_length(&fields),
        transfer_codings: TransferCodings::of(&fields),
        fields,
        deviations,
    }))
}

/// What can be read of bytes that hold no whole head: only their whole lines
/// are looked at.
pub fn bad_head(raw: &[u8], offset: u64, problem: HeadProblem) -> BadHead {
    let (start, mut deviations) = leading_blanks(raw, offset);
    let whole = raw.iter().rposition(|&byte| byte == b'\n').map_or(start, |last| (last + 1).max(start));
    let mut bad = BadHead {
        problem,
        raw: raw.to_vec(),
        offset,
        status_line: None,
        fields: FieldSection::default(),
        deviations: Deviations::default(),
    };
    let has_begun =
        matches!(problem, HeadProblem::Truncated | HeadProblem::TooLarge | HeadProblem::TooManyLines);
    if has_begun && whole > start {
        let mut fields = FieldSection::of_text(&raw[..whole], offset);
        match read_lines(&mut fields, start, offset, &mut deviations) {
            Some((status_line, _)) => (bad.status_line, bad.fields) = (Some(status_line), fields),
            None => bad.problem = HeadProblem::StatusSyntax,
        }
    }
    bad.deviations = deviations;
    bad
}

/// What bytes are that end, with the connection, before a head was whole.
pub fn problem_at_eof(bytes: &[u8]) -> HeadProblem {
    let (start, _) = leading_blanks(bytes, 0);
    let rest = &bytes[start..];
    if rest.iter().all(|&byte| byte == b'\r') {
        HeadProblem::Empty
    } else if rest.contains(&b'\n') && !is_http(rest) || !may_become_http(rest) {
        HeadProblem::NotHttp
    } else {
        HeadProblem::Truncated
    }
}

/// Reads the status line that begins at `start` in `fields`, and the field lines after it; `None` where the line
/// holds no status code: then nothing behind it is judged. `base` is the offset of the first byte.
fn read_lines(
    fields: &mut FieldSection,
    start: usize,
    base: u64,
    deviations: &mut Deviations,
) -> Option<(StatusLine, Range<usize>)> {
    let (line, next) = fields.clean_first(start, deviations);
    let parsed = status_line(line, base + start as u64, deviations)?;
    fields.read(next, SectionKind::Header, deviations);
    Some(parsed)
}

/// The length of the empty lines that `raw` begins with (RFC 9112 §2.2).
fn leading_blanks(raw: &[u8], offset: u64) -> (usize, Deviations) {
    let mut deviations = Deviations::default();
    let mut at = 0;
    loop {
        let run = field::run_of_cr(&raw[at..]);
        if raw.get(at + run) != Some(&b'\n') {
            return (at, deviations);
        }
        let offset = offset + at as u64;
        deviations.note(Deviation::LeadingBlank, offset);
        (0..run.saturating_sub(1) as u64).for_each(|cr| deviations.note(Deviation::BareCr, offset + cr));
        at += run + 1;
    }
}

/// `line` without what may wrongly stand before `HTTP/`.
fn after_whitespace(line: &[u8]) -> &[u8] {
    let start = line.iter().position(|&byte| !is_ows(byte) && byte != b'\r' && byte != 0);
    &line[start.unwrap_or(line.len())..]
}

fn is_http(line: &[u8]) -> bool {
    after_whitespace(line).get(..5).is_some_and(|prefix| is_same_name(prefix, b"HTTP/"))
}

fn may_become_http(line: &[u8]) -> bool {
    let line = after_whitespace(line);
    let known = line.len().min(5);
    line[..known].eq_ignore_ascii_case(&b"HTTP/"[..known])
}

/// Splits a status line at runs of whitespace; `None` where no three-digit
/// status code follows the version. `base` is the line's offset.
fn status_line(line: &[u8], base: u64, deviations: &mut Deviations) -> Option<(StatusLine, Range<usize>)> {
    let version_start = line.iter().position(|&byte| !is_ows(byte))?;
    let version_end = end_of_token(line, version_start);
    let version = version(&line[version_start..version_end], base, deviations);
    let code_start = version_end + line[version_end..].iter().position(|&byte| !is_ows(byte)).unwrap_or(0);
    let code_end = end_of_token(line, code_start);
    let &[a, b, c] = &line[code_start..code_end] else { return None };
    if ![a, b, c].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let status = [a, b, c].iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
    if version_start > 0 || &line[version_end..code_start] != b" " || line.get(code_end) == Some(&b'\t') {
        deviations.note(Deviation::StatusLineWhitespace, base);
    }
    if !(100..600).contains(&status) {
        deviations.note(Deviation::StatusRange, base + code_start as u64);
    }
    let reason = if code_end == line.len() {
        deviations.note(Deviation::ReasonNoSpace, base + code_end as u64);
        code_end..code_end
    } else {
        code_end + 1..code_end + 1 + trim_ows_end(&line[code_end + 1..]).len()
    };
    let odd = line[reason.clone()].iter().position(|&byte| byte != b'\t' && !(0x20..0x7F).contains(&byte));
    if let Some(at) = odd {
        deviations.note(Deviation::ReasonChars, base + (reason.start + at) as u64);
    }
    Some((StatusLine { version, status }, reason))
}

fn end_of_token(line: &[u8], start: usize) -> usize {
    let mut end = start;
    while line.get(end).is_some_and(|&byte| !is_ows(byte)) {
        end += 1;
    }
    end
}

/// Reads an HTTP-version (RFC 9112 §2.3) as far as it can be read.
fn version(token: &[u8], base: u64, deviations: &mut Deviations) -> Version {
    if let &[b'H', b'T', b'T', b'P', b'/', major @ b'0'..=b'9', b'.', minor @ b'0'..=b'9'] = token {
        let version = Version((major - b'0').into(), (minor - b'0').into());
        if version.0 != 1 {
            deviations.note(Deviation::VersionUnsupported, base);
        }
        return version;
    }
    deviations.note(Deviation::VersionSyntax, base);
    let numbers = token.get(5..).unwrap_or_default();
    let dot = numbers.iter().position(|&byte| byte == b'.').unwrap_or(numbers.len());
    let minor = numbers.get(dot + 1..).map_or(Some(0), decimal);
    let major = decimal(&numbers[..dot]);
    match major {
        None => deviations.note(Deviation::VersionMissing, base),
        Some(1) => {}
        Some(_) => deviations.note(Deviation::VersionUnsupported, base),
    }
    major.zip(minor).map_or(Version::HTTP_11, |(major, minor)| Version(major, minor))
}

fn decimal(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
#[path = "response_tests.rs"]
mod tests;
