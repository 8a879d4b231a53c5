//! The beginning of a body, until it is known to be text, and in which charset.
//!
//! ASCII goes out as it comes, for it reads the same in each encoding that may
//! still turn out; the rest is held until a declaration is found or the limit is
//! reached. What is decided depends on the bytes alone, never on the pieces they
//! come in, but for [`Undecided::decide_now`].
//!
//! This knows which bytes may go out, not what becomes of the others.

use encoding_rs::{Encoding, ISO_2022_JP, UTF_8};

use super::prescan::{PRESCAN_LIMIT, meta, meta_anywhere, utf16_declaration, xml_declaration};
use super::sniff::Sniffer;
use super::{CharsetSource, Declared, Markup, bom, detect, encoding};
use crate::http::syntax::LOW_BITS;

/// How many bytes from the first that is not plain ASCII are held at most: enough
/// for any detector, little enough to hold.
pub(super) const HOLD_LIMIT: usize = 64 * 1024;

/// So far into HTML that is not UTF-8, a declaration beyond the prescan's limit is
/// believed rather than a guess. This much is kept though it has gone out.
const LATE_LIMIT: usize = 64 * 1024;

/// The detector looks at two bytes before the first that is not ASCII.
const CONTEXT: usize = 2;

/// What a body turns out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Text in a charset; so many of the held bytes are its byte order mark.
    Text { encoding: &'static Encoding, source: CharsetSource, mark: usize },
    /// Not text: nothing declares a charset, and a binary byte is among the first.
    Binary,
}

impl Decision {
    fn of(encoding: &'static Encoding, source: CharsetSource) -> Self {
        Self::Text { encoding, source, mark: 0 }
    }
}

/// What is known of a body whose charset is not.
#[derive(Debug)]
pub(super) struct Undecided {
    stage: DetectionStage,
    markup: Markup,
    /// What to believe when the body carries no byte order mark.
    parameter: Option<&'static Encoding>,
    /// What to believe when the body is not valid UTF-8.
    doubtful: Option<&'static Encoding>,
    /// Looks for binary bytes, where no charset is declared outside of the body.
    sniffer: Option<Sniffer>,
    /// The first bytes that are not ASCII decide, where they are UTF-8.
    expects_utf8: bool,
    /// The body so far, or its last bytes; the first `given` of them have gone
    /// out, the rest is held.
    kept: Vec<u8>,
    given: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DetectionStage {
    /// All bytes so far may be the start of a byte order mark or the like.
    Opening,
    /// Within the first 1,024 bytes of a body that may declare its charset there.
    Prescan,
    /// Beyond, where a declaration may still correct a guess.
    Late,
    /// Only the bytes' statistics can tell.
    Rest,
}

impl Undecided {
    pub(super) fn new(declared: &Declared<'_>) -> Self {
        let parameter = declared.parameter.and_then(encoding);
        // UTF-16 is nothing that JSON in UTF-8 could be taken for.
        let is_doubtful = |encoding: &&'static Encoding| {
            declared.json && encoding.is_ascii_compatible() && *encoding != UTF_8
        };
        Self {
            stage: DetectionStage::Opening,
            markup: declared.markup,
            parameter: parameter.filter(|encoding| !is_doubtful(encoding)),
            doubtful: parameter.filter(is_doubtful),
            sniffer: parameter.is_none().then(Sniffer::default),
            expects_utf8: declared.is_utf8 && parameter.is_none(),
            kept: Vec::new(),
            given: 0,
        }
    }

    /// The bytes that have come and not gone out.
    pub(super) fn held(&self) -> &[u8] {
        &self.kept[self.given..]
    }

    /// Takes bytes of `input` until the charset is known; gives how many, and
    /// the charset. Appends to `out` what reads the same in all charsets. Takes
    /// all of `input` when there is no verdict; there is one when `last`.
    pub(super) fn take(&mut self, input: &[u8], last: bool, out: &mut Vec<u8>) -> (usize, Option<Decision>) {
        let mut taken = 0;
        while taken < input.len() {
            let piece = &input[taken..];
            let (count, verdict) = match self.stage {
                DetectionStage::Opening => self.take_opening(piece, out),
                DetectionStage::Prescan => self.take_prescan(piece, out),
                DetectionStage::Late | DetectionStage::Rest => self.take_rest(piece, out),
            };
            taken += count;
            if verdict.is_some() {
                return (taken, verdict);
            }
        }
        if !last {
            return (taken, None);
        }
        let verdict = self.end_opening(out).unwrap_or_else(|| self.conclude(true));
        (taken, Some(verdict))
    }

    /// Whether all of `input` goes out as it is, and whatever it is, only what follows can tell
    /// more. Then it counts as taken.
    pub(super) fn passes(&mut self, input: &[u8]) -> bool {
        let passes = self.stage == DetectionStage::Rest
            && self.held().is_empty()
            && self.sniffer.as_ref().is_none_or(Sniffer::is_done)
            && plain(input) == input.len();
        if passes {
            self.remember(input);
        }
        passes
    }

    /// Enough waited: the verdict by what has come. None if only the first bytes
    /// were waited for, and they are ASCII. Where a guess would turn into another
    /// charset what may still prove not to be text, that is not `may_guess`ed.
    pub(super) fn decide_now(&mut self, may_guess: bool, out: &mut Vec<u8>) -> Option<Decision> {
        let verdict =
            self.end_opening(out).or_else(|| (!self.held().is_empty()).then(|| self.conclude(false)))?;
        let is_early = self.sniffer.as_ref().is_some_and(|sniffer| !sniffer.is_done());
        Some(match verdict {
            Decision::Text { source: CharsetSource::Detected, .. } if is_early && !may_guess => {
                Decision::Binary
            }
            verdict => verdict,
        })
    }

    /// One byte; there are six at most.
    fn take_opening(&mut self, piece: &[u8], out: &mut Vec<u8>) -> (usize, Option<Decision>) {
        self.kept.push(piece[0]);
        self.sniff(&piece[..1]);
        let verdict = self.opening();
        if verdict.is_some() || self.may_open() {
            return (1, verdict);
        }
        (1, self.end_opening(out))
    }

    /// What the first bytes alone tell: a byte order mark, or a declaration in
    /// UTF-16 without one.
    fn opening(&self) -> Option<Decision> {
        if let Some((encoding, mark)) = bom(&self.kept) {
            return Some(Decision::Text { encoding, source: CharsetSource::Bom, mark });
        }
        let source = self.in_band_source()?;
        let encoding = utf16_declaration(&self.kept)?;
        Some(Decision::of(encoding, source))
    }

    /// Whether more bytes may make [`Self::opening`] tell something.
    fn may_open(&self) -> bool {
        let marks: [&[u8]; 3] = [b"\xEF\xBB\xBF", b"\xFE\xFF", b"\xFF\xFE"];
        let declarations: [&[u8]; 2] = [b"<\0?\0x\0", b"\0<\0?\0x"];
        let declarations = declarations.iter().filter(|_| self.in_band_source().is_some());
        marks.iter().chain(declarations).any(|opening| opening.starts_with(&self.kept))
    }

    /// Where a declaration within the body may stand, unless one outside rules.
    fn in_band_source(&self) -> Option<CharsetSource> {
        match self.markup {
            _ if self.parameter.is_some() => None,
            Markup::Html => Some(CharsetSource::Meta),
            Markup::Xml => Some(CharsetSource::Xml),
            Markup::Other => None,
        }
    }

    /// There is no byte order mark. Content-Type decides, or the search begins.
    fn end_opening(&mut self, out: &mut Vec<u8>) -> Option<Decision> {
        if self.stage != DetectionStage::Opening {
            return None;
        }
        if let Some(encoding) = self.parameter {
            return Some(Decision::of(encoding, CharsetSource::Header));
        }
        let is_markup = self.in_band_source().is_some();
        self.stage = if is_markup { DetectionStage::Prescan } else { DetectionStage::Rest };
        self.give_out(out);
        self.binary()
    }

    /// Bytes up to the prescan's limit. Once some are held, each piece is looked
    /// into anew: 1,024 times 1,024 bytes at the very worst.
    fn take_prescan(&mut self, piece: &[u8], out: &mut Vec<u8>) -> (usize, Option<Decision>) {
        let count = piece.len().min(PRESCAN_LIMIT - self.kept.len());
        let was_holding = !self.held().is_empty();
        self.kept.extend_from_slice(&piece[..count]);
        self.sniff(&piece[..count]);
        if !was_holding {
            self.give_out(out);
        }
        let is_whole = self.kept.len() == PRESCAN_LIMIT;
        if !is_whole && self.held().is_empty() {
            return (count, None);
        }
        let verdict = self.prescan(is_whole);
        if is_whole {
            self.stage =
                if self.markup == Markup::Html { DetectionStage::Late } else { DetectionStage::Rest };
        }
        (count, verdict.or_else(|| self.binary()))
    }

    /// What the body declares. An XML declaration in HTML counts only after all
    /// of the prescan has found nothing.
    fn prescan(&self, is_whole: bool) -> Option<Decision> {
        let xml = || xml_declaration(&self.kept).map(|encoding| Decision::of(encoding, CharsetSource::Xml));
        match self.markup {
            Markup::Html => meta(&self.kept)
                .map(|encoding| Decision::of(encoding, CharsetSource::Meta))
                .or_else(|| if is_whole { xml() } else { None }),
            Markup::Xml => xml(),
            Markup::Other => None,
        }
    }

    /// ASCII goes out; from the first other byte on all is held up to the limit.
    fn take_rest(&mut self, piece: &[u8], out: &mut Vec<u8>) -> (usize, Option<Decision>) {
        if self.held().is_empty() {
            let count = plain(piece);
            if count > 0 {
                let count = self.remember(&piece[..count]);
                self.sniff(&piece[..count]);
                out.extend_from_slice(&piece[..count]);
                return (count, self.binary());
            }
        }
        let run = piece.iter().position(u8::is_ascii).filter(|_| self.expects_utf8);
        let count = run.map_or(piece.len(), |end| end + 1).min(HOLD_LIMIT - self.held().len());
        self.kept.extend_from_slice(&piece[..count]);
        self.sniff(&piece[..count]);
        if run.is_some() && self.is_word() {
            return (count, Some(Decision::of(UTF_8, CharsetSource::Default)));
        }
        let is_full = self.held().len() == HOLD_LIMIT;
        (count, self.binary().or_else(|| is_full.then(|| self.conclude(false))))
    }

    /// Whether what is held, one word or its end, is UTF-8; that is looked at once.
    fn is_word(&mut self) -> bool {
        self.expects_utf8 = false;
        let is_ascii = self.held().first().is_none_or(u8::is_ascii);
        !is_ascii && std::str::from_utf8(self.held()).is_ok()
    }

    fn sniff(&mut self, bytes: &[u8]) {
        self.sniffer.iter_mut().for_each(|sniffer| sniffer.push(bytes));
    }

    /// The verdict that this is no text, once no declaration can say otherwise.
    fn binary(&self) -> Option<Decision> {
        let is_open = matches!(self.stage, DetectionStage::Opening | DetectionStage::Prescan);
        let has_binary = self.sniffer.as_ref().is_some_and(Sniffer::has_binary);
        (has_binary && !is_open).then_some(Decision::Binary)
    }

    /// Keeps what may still be looked at of ASCII that goes out; gives how much
    /// may go out now.
    fn remember(&mut self, ascii: &[u8]) -> usize {
        let mut count = ascii.len();
        if self.stage == DetectionStage::Late {
            count = count.min(LATE_LIMIT - self.kept.len());
            self.kept.extend_from_slice(&ascii[..count]);
            if self.kept.len() == LATE_LIMIT {
                self.stage = DetectionStage::Rest;
            }
        } else {
            self.kept.extend_from_slice(&ascii[ascii.len().saturating_sub(CONTEXT)..]);
        }
        if self.stage == DetectionStage::Rest {
            self.kept.drain(..self.kept.len().saturating_sub(CONTEXT));
        }
        self.given = self.kept.len();
        count
    }

    fn give_out(&mut self, out: &mut Vec<u8>) {
        let count = plain(self.held());
        out.extend_from_slice(&self.kept[self.given..self.given + count]);
        self.given += count;
    }

    /// The verdict on what has come; `last` if the body ends here.
    fn conclude(&self, last: bool) -> Decision {
        let declared = if self.stage == DetectionStage::Prescan { self.prescan(true) } else { None };
        declared.unwrap_or_else(|| {
            if self.sniffer.as_ref().is_some_and(Sniffer::has_binary) {
                return Decision::Binary;
            }
            let (encoding, source) = self.undeclared(last);
            Decision::of(encoding, source)
        })
    }

    fn undeclared(&self, last: bool) -> (&'static Encoding, CharsetSource) {
        let held = self.held();
        if may_be_utf8(held, last) {
            // Text in ISO-2022-JP is ASCII to look at.
            let guess = if designates_kanji(held) { detect::guess(&self.kept, last) } else { None };
            return match guess {
                Some(guess) if guess == ISO_2022_JP => (guess, CharsetSource::Detected),
                _ => (UTF_8, CharsetSource::Default),
            };
        }
        if let Some(encoding) = self.doubtful {
            return (encoding, CharsetSource::Header);
        }
        let late = if self.stage == DetectionStage::Late { meta_anywhere(&self.kept) } else { None };
        if let Some(encoding) = late {
            return (encoding, CharsetSource::Meta);
        }
        match detect::guess(&self.kept, last) {
            Some(guess) => (guess, CharsetSource::Detected),
            None => (UTF_8, CharsetSource::Default),
        }
    }
}

/// How many bytes at the start read the same in every encoding that can still
/// turn out: ASCII without the three controls that ISO-2022-JP takes for itself.
fn plain(bytes: &[u8]) -> usize {
    let is_special = |byte: &u8| !byte.is_ascii() || matches!(byte, 0x0E | 0x0F | 0x1B);
    let (chunks, rest) = bytes.as_chunks();
    for (index, chunk) in chunks.iter().enumerate() {
        if may_have_special(chunk)
            && let Some(at) = chunk.iter().position(is_special)
        {
            return index * chunk.len() + at;
        }
    }
    bytes.len() - rest.len() + rest.iter().position(is_special).unwrap_or(rest.len())
}

/// Whether a byte is beyond ASCII or from 0x0E to 0x1F, of which text has hardly any. It looks at
/// eight bytes at once, since the program is compiled for size, without vectors.
fn may_have_special(chunk: &[u8; 32]) -> bool {
    let (words, _) = chunk.as_chunks();
    let &[first, second, third, fourth] = words else { return true };
    // Its top bit is set in each such byte, and in others only behind one beyond ASCII.
    let marks = |word: [u8; 8]| {
        let word = u64::from_ne_bytes(word);
        let is_from_0e = word.wrapping_add(LOW_BITS * (0x80 - 0x0E));
        let is_from_20 = word.wrapping_add(LOW_BITS * (0x80 - 0x20));
        word | is_from_0e & !is_from_20
    };
    (marks(first) | marks(second) | marks(third) | marks(fourth)) & (LOW_BITS << 7) != 0
}

/// Whether `bytes` are UTF-8 that may be cut short. At the body's end that is
/// believed only after another character beyond ASCII: a lone byte there is more
/// likely a letter of a one-byte encoding.
fn may_be_utf8(bytes: &[u8], last: bool) -> bool {
    match str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => {
            let is_cut = error.error_len().is_none();
            is_cut && (!last || !bytes[..error.valid_up_to()].is_ascii())
        }
    }
}

/// Whether an escape sequence of ISO-2022-JP for two-byte characters occurs. The
/// others also occur in text for terminals.
fn designates_kanji(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|window| window == b"\x1B$")
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn plain_ends_at_the_first_byte_that_encodings_read_differently() {
        for length in 0..80 {
            for at in 0..length {
                for byte in 0..=u8::MAX {
                    let mut bytes = vec![b'a'; length];
                    bytes[at] = byte;
                    let is_plain = byte < 0x80 && ![0x0E, 0x0F, 0x1B].contains(&byte);
                    assert_eq!(
                        plain(&bytes),
                        if is_plain { length } else { at },
                        "{byte:#x} at {at} of {length}"
                    );
                }
            }
        }
    }
}
