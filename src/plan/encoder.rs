//! The encodings of a form's part (`encoder=`, RFC 2045 §6): what curl offers,
//! line for line as curl breaks it; `--crlf` of an upload; and what `--data` and
//! `--data-urlencode` make of a file.

use std::io::{self, ErrorKind, Read};

use crate::http::base64;
use crate::wait::{Input, Live};

/// Longest encoded line (RFC 2045 §6.7, §6.8).
const MAX_LINE: usize = 76;
/// Bytes that make such a line in base64.
const BASE64_LINE: usize = MAX_LINE / 4 * 3;

/// How a part's content is encoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encoder {
    /// As it is.
    #[default]
    Identity,
    /// As it is, and no byte above 127.
    SevenBit,
    /// RFC 2045 §6.8.
    Base64,
    /// RFC 2045 §6.7.
    QuotedPrintable,
    /// CR LF for every LF that no CR precedes.
    CrLf,
    /// No CR, LF or NUL.
    Unbroken,
    /// As [`push_percent_encoded`].
    Percent,
}

impl Encoder {
    /// The encoder of that name, as curl has them.
    pub(super) fn named(name: &[u8]) -> Option<Self> {
        Some(match &name.to_ascii_lowercase()[..] {
            b"binary" | b"8bit" => Self::Identity,
            b"7bit" => Self::SevenBit,
            b"base64" => Self::Base64,
            b"quoted-printable" => Self::QuotedPrintable,
            _ => return None,
        })
    }

    /// How many bytes `length` bytes become; `None` where that depends on them.
    pub(super) fn length(self, length: u64) -> Option<u64> {
        match self {
            Self::Identity | Self::SevenBit => Some(length),
            Self::QuotedPrintable | Self::CrLf | Self::Unbroken | Self::Percent => (length == 0).then_some(0),
            Self::Base64 => {
                let text = length.div_ceil(3).checked_mul(4)?;
                let breaks = text.div_ceil(MAX_LINE as u64).saturating_sub(1);
                text.checked_add(2 * breaks)
            }
        }
    }
}

/// A byte, or a line end, as quoted-printable has it.
struct Quoted {
    text: [u8; 3],
    /// How many bytes of the text are so.
    length: usize,
    /// How many bytes of the input it stands for.
    taken: usize,
}

/// Encodes what it reads.
pub(super) struct EncodingReader<R> {
    inner: R,
    encoder: Encoder,
    input: Vec<u8>,
    encoded: Vec<u8>,
    given: usize,
    column: usize,
    /// The last byte was a CR.
    is_behind_cr: bool,
    is_ended: bool,
}

impl<R: Read> EncodingReader<R> {
    /// Encodes what `inner` gives.
    pub(super) fn new(inner: R, encoder: Encoder) -> Self {
        let (input, encoded) = (Vec::new(), Vec::new());
        Self { inner, encoder, input, encoded, given: 0, column: 0, is_behind_cr: false, is_ended: false }
    }

    fn refill(&mut self) -> io::Result<()> {
        let mut piece = [0; 8 * 1024];
        let length = self.inner.read(&mut piece)?;
        self.is_ended = length == 0;
        self.input.extend_from_slice(&piece[..length]);
        self.encoded.clear();
        self.given = 0;
        let used = match self.encoder {
            Encoder::Identity => self.copy(),
            Encoder::SevenBit if !self.input.is_ascii() => {
                return Err(io::Error::new(ErrorKind::InvalidData, "encoder=7bit: a byte is above 127"));
            }
            Encoder::SevenBit => self.copy(),
            Encoder::Base64 => self.base64_lines(),
            Encoder::QuotedPrintable => self.quoted_printable(),
            Encoder::CrLf => self.cr_lf(),
            Encoder::Unbroken => {
                let parts = self.input.split(|byte| matches!(byte, b'\r' | b'\n' | 0));
                parts.for_each(|part| self.encoded.extend_from_slice(part));
                self.input.len()
            }
            Encoder::Percent => {
                push_percent_encoded(&mut self.encoded, &self.input);
                self.input.len()
            }
        };
        self.input.drain(..used);
        Ok(())
    }

    fn copy(&mut self) -> usize {
        self.encoded.extend_from_slice(&self.input);
        self.input.len()
    }

    fn cr_lf(&mut self) -> usize {
        for &byte in &self.input {
            if byte == b'\n' && !self.is_behind_cr {
                self.encoded.push(b'\r');
            }
            self.encoded.push(byte);
            self.is_behind_cr = byte == b'\r';
        }
        self.input.len()
    }

    /// Whole lines; what is left over waits for more, or for the end.
    fn base64_lines(&mut self) -> usize {
        let whole = self.input.len() / BASE64_LINE * BASE64_LINE;
        let used = if self.is_ended { self.input.len() } else { whole };
        for line in self.input[..used].chunks(BASE64_LINE) {
            if self.column > 0 {
                self.encoded.extend_from_slice(b"\r\n");
            }
            self.encoded.extend_from_slice(base64::encode(line).as_bytes());
            self.column = MAX_LINE;
        }
        used
    }

    /// As far as what follows a byte is known: it decides how that is written.
    fn quoted_printable(&mut self) -> usize {
        let mut at = 0;
        while at < self.input.len() {
            let Some(Quoted { text, length, taken }) = self.quoted_printable_byte(at) else { break };
            let text = &text[..length];
            if text == b"\r\n" {
                self.column = 0;
            } else {
                let end = self.column + text.len();
                let Some(ends) = self.ends_line(at + taken) else { break };
                if end > MAX_LINE || end == MAX_LINE && !ends {
                    self.encoded.extend_from_slice(b"=\r\n");
                    self.column = 0;
                }
                self.column += text.len();
            }
            self.encoded.extend_from_slice(text);
            at += taken;
        }
        at
    }

    /// What the byte at `at` is written as; `None` where more input must tell.
    fn quoted_printable_byte(&self, at: usize) -> Option<Quoted> {
        let byte = self.input[at];
        let is_literal = match byte {
            b'\r' if self.ends_line(at)? => return Some(Quoted { text: *b"\r\n ", length: 2, taken: 2 }),
            b' ' | b'\t' => !self.ends_line(at + 1)?,
            b'=' => false,
            _ => byte.is_ascii_graphic(),
        };
        Some(match is_literal {
            true => Quoted { text: [byte; 3], length: 1, taken: 1 },
            false => Quoted { text: escape(b'=', byte), length: 3, taken: 1 },
        })
    }

    /// Whether a line, or all, ends at `at`; `None` where more input must tell.
    fn ends_line(&self, at: usize) -> Option<bool> {
        match self.input.get(at..) {
            Some([b'\r', b'\n', ..]) => Some(true),
            Some([_, _, ..]) => Some(false),
            Some([_]) if self.is_ended => Some(false),
            None | Some([]) if self.is_ended => Some(true),
            _ => None,
        }
    }
}

impl<R: Input> Input for EncodingReader<R> {
    fn live(&self) -> Option<&Live> {
        let must_read = self.given == self.encoded.len() && !self.is_ended;
        if must_read { self.inner.live() } else { None }
    }
}

impl<R: Read> Read for EncodingReader<R> {
    /// `Interrupted` where what was read makes nothing yet: more has to be read, and may have to be waited for.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.encoded.len() && !self.is_ended {
            self.refill()?;
            if self.encoded.is_empty() && !self.is_ended {
                return Err(ErrorKind::Interrupted.into());
            }
        }
        let count = (&self.encoded[self.given..]).read(buffer)?;
        self.given += count;
        Ok(count)
    }
}

/// As [`push_escaped`], and a space as `+`, which is what forms do and curl does.
pub(super) fn push_percent_encoded(encoded: &mut Vec<u8>, bytes: &[u8]) {
    for (index, word) in bytes.split(|&byte| byte == b' ').enumerate() {
        if index > 0 {
            encoded.push(b'+');
        }
        push_escaped(encoded, word);
    }
}

/// Everything but the unreserved characters as `%XX` (RFC 3986 §2.3).
pub(super) fn push_escaped(encoded: &mut Vec<u8>, bytes: &[u8]) {
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(byte);
        } else {
            encoded.extend_from_slice(&escape(b'%', byte));
        }
    }
}

/// `mark` and two digits, A to F among them.
fn escape(mark: u8, byte: u8) -> [u8; 3] {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |half: u8| DIGITS[usize::from(half)];
    [mark, digit(byte >> 4), digit(byte & 15)]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time.
    struct Slowly<'a>(&'a [u8]);

    impl Read for Slowly<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let most = buffer.len().min(1);
            self.0.read(&mut buffer[..most])
        }
    }

    fn encode(encoder: Encoder, input: &str) -> String {
        let mut whole = String::new();
        EncodingReader::new(input.as_bytes(), encoder).read_to_string(&mut whole).expect("text");
        let mut slow = String::new();
        EncodingReader::new(Slowly(input.as_bytes()), encoder).read_to_string(&mut slow).expect("text");
        assert_eq!(whole, slow, "any split gives the same");
        whole
    }

    #[test]
    fn base64_has_lines_of_76_and_a_known_length() {
        for count in [0, 1, 56, 57, 58, 114, 200] {
            let text = encode(Encoder::Base64, &"x".repeat(count));
            assert!(text.split("\r\n").all(|line| line.len() <= MAX_LINE));
            assert!(!text.ends_with("\r\n"));
            assert_eq!(Encoder::Base64.length(count as u64), Some(text.len() as u64), "{count}");
        }
    }

    #[test]
    fn quoted_printable_escapes_what_lines_cannot_carry() {
        for (input, encoded) in [
            ("a=b \r\nc\t\r\n", "a=3Db=20\r\nc=09\r\n"),
            ("a b\n\rc ", "a b=0A=0Dc=20"),
            ("\u{e9}", "=C3=A9"),
            ("", ""),
        ] {
            assert_eq!(encode(Encoder::QuotedPrintable, input), encoded);
        }
        let long = "x".repeat(76);
        assert_eq!(encode(Encoder::QuotedPrintable, &long), long);
        let longer = encode(Encoder::QuotedPrintable, &"x".repeat(77));
        assert_eq!(longer, format!("{}=\r\nxx", "x".repeat(75)));
    }

    #[test]
    fn line_feeds_alone_get_their_carriage_return() {
        assert_eq!(encode(Encoder::CrLf, "a\nb\r\n\n\r\rc\n"), "a\r\nb\r\n\r\n\r\rc\r\n");
    }

    #[test]
    fn data_loses_line_ends_or_is_percent_encoded() {
        assert_eq!(encode(Encoder::Unbroken, "a\r\nb\0c\n"), "abc");
        assert_eq!(encode(Encoder::Percent, " a b=\n"), "+a+b%3D%0A");
    }

    #[test]
    fn seven_bits_are_seven() {
        let mut text = String::new();
        let mut reader = EncodingReader::new("\u{e9}".as_bytes(), Encoder::SevenBit);
        assert!(reader.read_to_string(&mut text).is_err());
        assert_eq!(encode(Encoder::SevenBit, "abc"), "abc");
    }
}
