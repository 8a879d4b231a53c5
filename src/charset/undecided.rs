//! The beginning of a body, until it is known to be text, and in which charset.
//!
//! ASCII goes out as it comes, for it reads the same in each encoding that may
//! still turn out; the rest is held until a declaration is found or the limit is
//! reached. What is decided depends on the bytes alone, never on the pieces they
//! come in, but for [`Undecided::decide_now`].
//!
//! This knows which bytes may go out, not what becomes of the others.

use encoding_rs::{Encoding, ISO_2022_JP, UTF_8};

use super::ascii::plain;
use super::prescan::{PRESCAN_LIMIT, css_charset, meta, meta_anywhere, utf16_declaration, xml_declaration};
use super::sniff::Sniffer;
use super::{CharsetSource, Declared, Markup, bom, detect};

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

/// What has become of a piece of the body.
pub(super) struct TakenPiece {
    /// How many of its bytes were taken; all, where there is no verdict.
    pub(super) count: usize,
    /// How many of them go out as they are: the first ones, and nothing before them.
    pub(super) given: usize,
    pub(super) verdict: Option<Decision>,
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
    /// An incomplete character at the end counts as cut off: more was to come, or the content is JSON or the like,
    /// which ends in ASCII.
    ends_midway: bool,
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
    pub(super) fn new(declared: &Declared) -> Self {
        let parameter = declared.parameter;
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
            ends_midway: declared.is_utf8,
            kept: Vec::new(),
            given: 0,
        }
    }

    /// The bytes that have come and not gone out.
    pub(super) fn held(&self) -> &[u8] {
        &self.kept[self.given..]
    }

    /// [`Self::held`], once the charset is known.
    pub(super) fn take_held(&mut self) -> Vec<u8> {
        self.kept.drain(..std::mem::take(&mut self.given));
        std::mem::take(&mut self.kept)
    }

    /// Takes bytes of `input` until the charset is known. What reads the same in all charsets
    /// goes out: where that is not the start of `input`, or `out` is not empty, it is appended
    /// to `out`. There is a verdict when `last`.
    pub(super) fn take(&mut self, input: &[u8], last: bool, out: &mut Vec<u8>) -> TakenPiece {
        let (mut count, mut given) = (0, 0);
        while count < input.len() {
            let piece = &input[count..];
            let taken = match self.stage {
                DetectionStage::Opening => self.take_opening(piece, out),
                DetectionStage::Prescan => self.take_prescan(piece),
                DetectionStage::Late | DetectionStage::Rest => self.take_rest(piece),
            };
            if given == count && out.is_empty() {
                given += taken.given;
            } else {
                out.extend_from_slice(&piece[..taken.given]);
            }
            count += taken.count;
            if taken.verdict.is_some() {
                return TakenPiece { count, given, ..taken };
            }
        }
        let verdict = last.then(|| self.end_opening(out).unwrap_or_else(|| self.conclude(!self.ends_midway)));
        TakenPiece { count, given, verdict }
    }

    /// Says that the body is cut off: its end is judged as if more were to follow.
    pub(super) fn cut_off(&mut self) {
        self.ends_midway = true;
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

    /// The verdict by what has come, without waiting longer. None if only the first bytes
    /// were waited for, and they are ASCII. With too little text to be sure, guesses no
    /// charset unless `may_guess`.
    pub(super) fn decide_now(&mut self, may_guess: bool, out: &mut Vec<u8>) -> Option<Decision> {
        let verdict =
            self.end_opening(out).or_else(|| (!self.held().is_empty()).then(|| self.conclude(false)))?;
        let is_early = self.sniffer.as_ref().is_some_and(|sniffer| !sniffer.may_tell());
        Some(match verdict {
            Decision::Text { source: CharsetSource::Detected, .. } if is_early && !may_guess => {
                Decision::Binary
            }
            verdict => verdict,
        })
    }

    /// One byte, of six at most, where the first ones may open what tells the charset. Most do not,
    /// which is seen before any is taken.
    fn take_opening(&mut self, piece: &[u8], out: &mut Vec<u8>) -> TakenPiece {
        if self.kept.is_empty() && !self.may_open(piece) {
            return TakenPiece { count: 0, given: 0, verdict: self.end_opening(out) };
        }
        self.kept.push(piece[0]);
        self.sniff(&piece[..1]);
        let verdict = match self.opening() {
            None if !self.may_open(&self.kept) => self.end_opening(out),
            verdict => verdict,
        };
        TakenPiece { count: 1, given: 0, verdict }
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

    /// Whether a body that begins with `first`, whatever follows, may be one of which [`Self::opening`] tells
    /// something.
    fn may_open(&self, first: &[u8]) -> bool {
        if !matches!(first.first(), Some(0 | b'<' | 0xEF | 0xFE | 0xFF)) {
            return false;
        }
        let marks: [&[u8]; 3] = [b"\xEF\xBB\xBF", b"\xFE\xFF", b"\xFF\xFE"];
        let declarations: [&[u8]; 2] = [b"<\0?\0x\0", b"\0<\0?\0x"];
        let declarations = declarations.iter().filter(|_| self.in_band_source().is_some());
        marks
            .iter()
            .chain(declarations)
            .any(|opening| opening.iter().zip(first).all(|(one, other)| one == other))
    }

    /// Where a declaration within the body may stand, unless one outside rules.
    fn in_band_source(&self) -> Option<CharsetSource> {
        match self.markup {
            _ if self.parameter.is_some() => None,
            Markup::Html | Markup::Unnamed => Some(CharsetSource::Meta),
            Markup::Xml => Some(CharsetSource::Xml),
            Markup::Css => Some(CharsetSource::Css),
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
    fn take_prescan(&mut self, piece: &[u8]) -> TakenPiece {
        if self.markup == Markup::Unnamed
            && let Some(&first) = self.kept.iter().chain(piece).find(|byte| !byte.is_ascii_whitespace())
        {
            self.markup = if first == b'<' { Markup::Html } else { Markup::Other };
            if self.markup == Markup::Other {
                self.stage = DetectionStage::Rest;
                return TakenPiece { count: 0, given: 0, verdict: self.binary() };
            }
        }
        // Of HTML what comes behind is kept too.
        let most = if self.markup == Markup::Html { LATE_LIMIT } else { PRESCAN_LIMIT };
        let room = piece.len().min(most - self.kept.len());
        let piece = &piece[..piece.len().min(PRESCAN_LIMIT - self.kept.len())];
        let given = if self.held().is_empty() { self.sniff_plain(piece) } else { 0 };
        self.sniff(&piece[given..]);
        self.kept.reserve(room);
        self.kept.extend_from_slice(piece);
        self.given += given;
        let is_whole = self.kept.len() == PRESCAN_LIMIT;
        let mut verdict = None;
        if is_whole || !self.held().is_empty() {
            verdict = self.prescan(is_whole);
            if is_whole {
                self.stage =
                    if self.markup == Markup::Html { DetectionStage::Late } else { DetectionStage::Rest };
            }
            verdict = verdict.or_else(|| self.binary());
        }
        TakenPiece { count: piece.len(), given, verdict }
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
            Markup::Css => css_charset(&self.kept).map(|encoding| Decision::of(encoding, CharsetSource::Css)),
            Markup::Unnamed | Markup::Other => None,
        }
    }

    /// ASCII goes out; from the first other byte on all is held up to the limit.
    fn take_rest(&mut self, piece: &[u8]) -> TakenPiece {
        if self.held().is_empty() {
            let room =
                if self.stage == DetectionStage::Late { LATE_LIMIT - self.kept.len() } else { piece.len() };
            let count = self.sniff_plain(&piece[..piece.len().min(room)]);
            if count > 0 {
                self.remember(&piece[..count]);
                return TakenPiece { count, given: count, verdict: self.binary() };
            }
        }
        let run = piece.iter().position(u8::is_ascii).filter(|_| self.expects_utf8);
        let count = run.map_or(piece.len(), |end| end + 1).min(HOLD_LIMIT - self.held().len());
        self.kept.extend_from_slice(&piece[..count]);
        self.sniff(&piece[..count]);
        let verdict = if run.is_some() && self.is_word() {
            Some(Decision::of(UTF_8, CharsetSource::Default))
        } else {
            let is_full = self.held().len() == HOLD_LIMIT;
            self.binary().or_else(|| is_full.then(|| self.conclude(false)))
        };
        TakenPiece { count, given: 0, verdict }
    }

    /// Whether what is held, one word or its end, is UTF-8; that is looked at once.
    fn is_word(&mut self) -> bool {
        self.expects_utf8 = false;
        let is_ascii = self.held().first().is_none_or(u8::is_ascii);
        !is_ascii && std::str::from_utf8(self.held()).is_ok()
    }

    fn sniff(&mut self, bytes: &[u8]) {
        if let Some(sniffer) = &mut self.sniffer {
            sniffer.push(bytes);
        }
    }

    /// How many bytes of `piece` are plain, which are sniffed.
    fn sniff_plain(&mut self, piece: &[u8]) -> usize {
        let text = self.sniffer.as_mut().map_or(0, |sniffer| sniffer.push_text(piece));
        let count = text + plain(&piece[text..]);
        self.sniff(&piece[text..count]);
        count
    }

    /// The verdict that this is no text, once no declaration can say otherwise.
    fn binary(&self) -> Option<Decision> {
        let is_open = matches!(self.stage, DetectionStage::Opening | DetectionStage::Prescan);
        let has_binary = self.sniffer.as_ref().is_some_and(Sniffer::has_binary);
        (has_binary && !is_open).then_some(Decision::Binary)
    }

    /// Keeps what may still be looked at of ASCII that goes out.
    fn remember(&mut self, ascii: &[u8]) {
        if self.stage == DetectionStage::Late {
            self.kept.extend_from_slice(ascii);
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
        if detect::may_be_utf8(held, last) {
            // Text in ISO-2022-JP is ASCII to look at.
            let guess = if detect::designates_kanji(held) { detect::guess(&self.kept, last) } else { None };
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
