//! A body on its way to UTF-8.
//!
//! This knows the states (undecided, decoding, unchanged) and the conversion; how
//! a charset is decided is the business of [`Undecided`].

use std::mem;

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8};

use super::undecided::{Decision, TakenPiece, Undecided};
use super::{CharsetSource, Declared};

/// Converts a body to UTF-8, in pieces of any size: the output is the same.
pub(crate) struct ToUtf8 {
    state: State,
    lossless: bool,
    is_binary: bool,
    charset: Option<(&'static Encoding, CharsetSource)>,
    /// How many malformed sequences became U+FFFD so far; those of a body that goes out
    /// unchanged are not counted.
    pub(crate) replaced: u64,
}

enum State {
    Undecided(Undecided),
    Decoding(Box<Decoder>),
    Unchanged,
    /// The body is no text, and only text is wanted.
    Dropped,
    /// The body has ended, and its decoder may not be called any more.
    Ended,
}

impl ToUtf8 {
    /// Most bytes to feed at once: each malformed sequence costs a pass over a part of
    /// the output's capacity.
    pub(crate) const PIECE: usize = 64 * 1024;

    /// `lossless`: a body in UTF-8 is given out as it is, with its byte order
    /// mark and what is malformed in it. Otherwise the output is valid UTF-8
    /// without the mark.
    ///
    /// Where nothing tells a charset, the bytes count as UTF-8. Where nothing
    /// declares one and the first bytes are not text, what came stays as it is,
    /// or, unless `lossless`, no more comes out: [`Self::is_binary`].
    pub(crate) fn new(declared: &Declared, lossless: bool) -> Box<Self> {
        let mut new = Box::new(Self {
            state: State::Undecided(Undecided::new(declared)),
            lossless,
            is_binary: false,
            charset: None,
            replaced: 0,
        });
        if let Some(encoding) = declared.option {
            new.decide(encoding, CharsetSource::Option);
        }
        new
    }

    /// Feeds `input` and appends to `out` what can be given out. `last`: the body
    /// has ended, and nothing may follow.
    ///
    /// Decoding is quickest into an `out` that is empty and was used before, and
    /// grows it by three times `input` at most. Feed at most [`Self::PIECE`] at once.
    pub(crate) fn push(&mut self, input: &[u8], last: bool, out: &mut Vec<u8>) {
        let unchanged = self.pass(input, last, out);
        out.extend_from_slice(&input[..unchanged]);
    }

    /// Feeds `input` as [`Self::push`] does, without copying what goes out as it is: gives how many
    /// bytes at the start of `input` go out unchanged, before what is appended to `out`, or 0.
    pub(crate) fn pass(&mut self, input: &[u8], last: bool, out: &mut Vec<u8>) -> usize {
        match &mut self.state {
            State::Undecided(undecided) => {
                let is_first_out = undecided.held().is_empty() && out.is_empty();
                let TakenPiece { count, given, verdict } = undecided.take(input, last, out);
                let Some(verdict) = verdict else { return given };
                if is_first_out && self.leaves(verdict) {
                    self.settle(verdict);
                    out.clear();
                    return input.len();
                }
                out.extend_from_slice(&input[..given]);
                self.conclude(verdict, out);
                self.push(&input[count..], last, out);
            }
            State::Unchanged if out.is_empty() => return input.len(),
            State::Unchanged => out.extend_from_slice(input),
            State::Decoding(_) => self.decode(input, last, out),
            State::Dropped | State::Ended => {}
        }
        0
    }

    /// Whether all of `input` goes out as it is. Then it counts as pushed.
    pub(crate) fn passes(&mut self, input: &[u8]) -> bool {
        if let State::Undecided(undecided) = &mut self.state { undecided.passes(input) } else { false }
    }

    /// Whether the body is no text, by its first bytes.
    pub(crate) fn is_binary(&self) -> bool {
        self.is_binary
    }

    /// Decides by what has come, if bytes are held: a second has passed. A body that
    /// is `lossless` and of which too little has come to tell that it is text goes out
    /// as it is, unless it is UTF-8 or declares its charset.
    pub(crate) fn decide_now(&mut self, out: &mut Vec<u8>) {
        if let State::Undecided(undecided) = &mut self.state
            && let Some(verdict) = undecided.decide_now(!self.lossless, out)
        {
            self.conclude(verdict, out);
        }
    }

    /// Says, before the last piece is pushed, that the body is cut off: it may end within a character.
    pub(crate) fn cut_off(&mut self) {
        if let State::Undecided(undecided) = &mut self.state {
            undecided.cut_off();
        }
    }

    /// Whether bytes are waiting for the charset to be decided.
    pub(crate) fn is_holding(&self) -> bool {
        matches!(&self.state, State::Undecided(undecided) if !undecided.held().is_empty())
    }

    /// Whether all later input goes out unchanged, and need not come this way.
    pub(crate) fn is_passthrough(&self) -> bool {
        matches!(self.state, State::Unchanged)
    }

    /// The charset once it is decided, and what decided it.
    pub(crate) fn charset(&self) -> Option<(&'static Encoding, CharsetSource)> {
        self.charset
    }

    /// Whether all goes out as it came after this verdict.
    fn leaves(&self, verdict: Decision) -> bool {
        self.lossless
            && match verdict {
                Decision::Text { encoding, .. } => encoding == UTF_8,
                Decision::Binary => true,
            }
    }

    /// The verdict has been found: what is held is given out.
    fn conclude(&mut self, verdict: Decision, out: &mut Vec<u8>) {
        let State::Undecided(undecided) = &mut self.state else { return };
        let held = undecided.take_held();
        self.settle(verdict);
        let mark = if let Decision::Text { mark, .. } = verdict { mark } else { 0 };
        match self.state {
            State::Unchanged => out.extend_from_slice(&held),
            _ => self.decode(&held[mark..], false, out),
        }
    }

    /// Goes on by the verdict.
    fn settle(&mut self, verdict: Decision) {
        match verdict {
            Decision::Text { encoding, source, .. } => self.decide(encoding, source),
            Decision::Binary => {
                self.is_binary = true;
                self.state = if self.lossless { State::Unchanged } else { State::Dropped };
            }
        }
    }

    /// Sets the charset.
    fn decide(&mut self, encoding: &'static Encoding, source: CharsetSource) {
        self.charset = Some((encoding, source));
        self.state = if self.lossless && encoding == UTF_8 {
            State::Unchanged
        } else if source == CharsetSource::Option {
            // Only here the body's start has not been looked at.
            State::Decoding(Box::new(encoding.new_decoder_with_bom_removal()))
        } else {
            State::Decoding(Box::new(encoding.new_decoder_without_bom_handling()))
        };
    }

    fn decode(&mut self, input: &[u8], last: bool, out: &mut Vec<u8>) {
        let State::Decoding(decoder) = &mut self.state else {
            return;
        };
        // A string takes the decoder's output without being zeroed first. What is
        // in `out` already is most often nothing, or a little ASCII.
        let (mut text, before) = match String::from_utf8(mem::take(out)) {
            Ok(text) => (text, Vec::new()),
            Err(error) => (String::new(), error.into_bytes()),
        };
        let mut rest = input;
        loop {
            text.reserve(decoder.max_utf8_buffer_length(rest.len()).unwrap_or(rest.len()));
            let (result, read) = decoder.decode_to_string_without_replacement(rest, &mut text, last);
            rest = &rest[read..];
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => {
                    text.push(char::REPLACEMENT_CHARACTER);
                    self.replaced = self.replaced.saturating_add(1);
                }
            }
        }
        *out = text.into_bytes();
        if !before.is_empty() {
            out.splice(..0, before);
        }
        if last {
            self.state = State::Ended;
        }
    }
}

#[cfg(test)]
#[path = "convert_tests.rs"]
mod tests;
