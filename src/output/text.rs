//! Content whose codings are undone, on its way to a sink.
//!
//! Decided by its first bytes: unchanged, as UTF-8, or, where the sink is guarded, as
//! harmless text or a view of what is not text. Each piece is written as it comes,
//! but for what only its bytes can tell to be text.

use std::str::Utf8Chunk;
use std::time::{Duration, Instant};

use encoding_rs::UTF_8;

use super::Sink;
use super::escape::Escaper;
use super::hex::HexView;
use super::media::{Media, type_name};
use super::pretty::Pretty;
use super::style::Style;
use crate::charset::{Sniffer, ToUtf8};
use crate::failure;
use crate::http::field::FieldSection;

/// How long bytes may be held back while their charset is being found out.
pub(crate) const HOLD: Duration = Duration::from_secs(1);

/// Prints or saves a body whose codings are undone.
pub(super) struct TextPrinter {
    media: Media,
    /// The media type in harmless words, where the sink is guarded.
    type_name: String,
    style: Style,
    way: TextForm,
    /// How many more bytes there may be, where that has a limit.
    left: Option<u64>,
    /// Some of the body has come here.
    has_taken: bool,
    /// How many bytes have come here.
    came: u64,
    /// The first bytes taken for a guarded sink, as many as tell whether they are text.
    start: Vec<u8>,
    /// How many bytes of text they have become.
    given: usize,
    /// The converted bytes of one piece.
    text: Vec<u8>,
    /// The converted bytes of one piece, made harmless.
    harmless: Vec<u8>,
    /// Until when bytes are held whose charset is not known.
    holds_until: Option<Instant>,
}

/// What becomes of the content.
pub(super) enum TextForm {
    /// Nothing has come yet.
    Undecided,
    Unchanged,
    Text(Box<ToUtf8>),
    GuardedText(Box<ToUtf8>, Escaper),
    Pretty(Box<ToUtf8>, Box<Pretty>),
    /// As it is, but for what does harm.
    Harmless(Escaper),
    /// Held, until its bytes tell what it is.
    Sniffed(Vec<u8>, Escaper),
    Hex(HexView),
    /// The body is not shown.
    Discarded,
}

impl TextForm {
    /// How a body is printed that is not decoded though it should be.
    pub(super) fn as_it_came(is_guarded: bool) -> Self {
        if is_guarded { Self::Undecided } else { Self::Unchanged }
    }

    /// Not as text.
    pub(super) fn hex(style: Style) -> Self {
        Self::Hex(HexView::new(style.window))
    }
}

impl TextPrinter {
    pub(super) fn new(fields: &FieldSection, media: Media, style: Style, way: TextForm) -> Self {
        Self {
            media,
            type_name: if style.is_guarded { type_name(fields) } else { String::new() },
            style,
            way,
            left: style.max_filesize,
            has_taken: false,
            came: 0,
            start: Vec::new(),
            given: 0,
            text: Vec::new(),
            harmless: Vec::new(),
            holds_until: None,
        }
    }

    /// How many bytes have come here.
    pub(super) fn came(&self) -> u64 {
        self.came
    }

    /// Prints nothing.
    pub(super) fn discard(&mut self) {
        self.way = TextForm::Discarded;
    }

    /// From now on the body comes as it came, coded.
    pub(super) fn give_up(&mut self) {
        if !matches!(self.way, TextForm::Discarded) {
            self.way = TextForm::as_it_came(self.style.is_guarded);
        }
    }

    /// Whether some of the body has come here.
    pub(super) fn has_taken(&self) -> bool {
        self.has_taken
    }

    /// Whether content codings are undone whatever becomes of the body.
    pub(super) fn is_compressed(&self) -> bool {
        self.style.compressed
    }

    /// When [`Self::idle`] is due.
    pub(super) fn holds_until(&self) -> Option<Instant> {
        self.holds_until
    }

    /// Whether whatever comes goes out as it is, and without limit.
    pub(super) fn needs_nothing(&self) -> bool {
        self.left.is_none() && self.is_unchanged()
    }

    /// Whether whatever comes is shown nowhere, and without limit.
    pub(super) fn is_discarded(&self) -> bool {
        self.left.is_none() && matches!(self.way, TextForm::Discarded)
    }

    fn is_unchanged(&self) -> bool {
        match &self.way {
            TextForm::Unchanged => true,
            TextForm::Text(text) => text.is_passthrough(),
            _ => false,
        }
    }

    /// Prints the next bytes.
    pub(super) fn push(&mut self, bytes: &[u8], sink: &mut Sink) -> anyhow::Result<()> {
        let within = self.count(bytes);
        self.came += within as u64;
        self.push_counted(&bytes[..within], sink)?;
        if within < bytes.len() { Err(failure::too_large(self.style.max_filesize)) } else { Ok(()) }
    }

    /// How many of `bytes` are within the limit; they are counted.
    fn count(&mut self, bytes: &[u8]) -> usize {
        let Some(left) = &mut self.left else { return bytes.len() };
        let within = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
        *left -= within as u64;
        within
    }

    fn push_counted(&mut self, bytes: &[u8], sink: &mut Sink) -> anyhow::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.has_taken = true;
        if let TextForm::Undecided = self.way {
            self.way = self.decide();
        }
        if self.is_unchanged() {
            return sink.write(bytes);
        }
        if let TextForm::Text(text) = &mut self.way
            && text.passes(bytes)
        {
            self.holds_until = None;
            return sink.write(bytes);
        }
        for piece in bytes.chunks(ToUtf8::PIECE) {
            self.push_piece(piece, false, sink)?;
        }
        let is_holding = match &self.way {
            TextForm::Text(text) | TextForm::GuardedText(text, _) | TextForm::Pretty(text, _) => {
                text.is_holding()
            }
            TextForm::Sniffed(held, _) => !held.is_empty(),
            TextForm::Hex(view) => view.is_waiting(),
            _ => false,
        };
        self.holds_until = match self.holds_until {
            _ if !is_holding => None,
            None => Some(Instant::now() + HOLD),
            since => since,
        };
        Ok(())
    }

    /// Nothing has come for a while: what is held goes out.
    pub(super) fn idle(&mut self, sink: &mut Sink) -> anyhow::Result<()> {
        self.holds_until = None;
        self.settle(sink)?;
        self.text.clear();
        match &mut self.way {
            TextForm::Text(text) | TextForm::GuardedText(text, _) | TextForm::Pretty(text, _) => {
                text.decide_now(&mut self.text);
            }
            TextForm::Hex(view) => return sink.write_harmless(view.idle().as_bytes()),
            _ => {}
        }
        self.write_text(sink)
    }

    /// Says that the body is cut off, before [`Self::finish`].
    pub(super) fn cut_off(&mut self) {
        if let TextForm::Text(text) | TextForm::GuardedText(text, _) | TextForm::Pretty(text, _) =
            &mut self.way
        {
            text.cut_off();
        }
    }

    /// The body has ended: prints what is left.
    pub(super) fn finish(&mut self, sink: &mut Sink) -> anyhow::Result<()> {
        self.settle(sink)?;
        if !self.is_unchanged() {
            self.push_piece(&[], true, sink)?;
        }
        let mut rest = Vec::new();
        match &mut self.way {
            TextForm::GuardedText(_, escaper) | TextForm::Harmless(escaper) => escaper.finish(&mut rest),
            TextForm::Pretty(_, pretty) => pretty.finish(&mut rest),
            TextForm::Hex(view) => rest = view.finish(&self.type_name).into_bytes(),
            _ if sink.is_guarded() => {}
            _ => return Ok(()),
        }
        sink.write_harmless(&rest)
    }

    fn decide(&self) -> TextForm {
        let is_text = self.media.may_be_text();
        if self.style.is_guarded && (self.style.raw || !is_text && self.style.charset.is_none()) {
            return TextForm::Sniffed(Vec::new(), Escaper::of_text());
        }
        if self.style.raw
            || self.style.saved && !self.style.is_guarded
            || !is_text && self.style.charset.is_none()
        {
            return TextForm::Unchanged;
        }
        let declared = self.media.declared(self.style.charset);
        let text = ToUtf8::new(&declared, !self.style.is_guarded);
        if let Some(colours) =
            self.style.pretty.filter(|_| self.media.is_json() || self.media.is_json_lines())
        {
            return TextForm::Pretty(text, Box::new(Pretty::new(self.style.is_guarded, colours)));
        }
        if self.style.is_guarded {
            TextForm::GuardedText(text, Escaper::of_text())
        } else {
            TextForm::Text(text)
        }
    }

    fn push_piece(&mut self, piece: &[u8], last: bool, sink: &mut Sink) -> anyhow::Result<()> {
        self.text.clear();
        match &mut self.way {
            TextForm::Undecided | TextForm::Unchanged | TextForm::Discarded => return Ok(()),
            TextForm::Text(text) => {
                let unchanged = text.pass(piece, last, &mut self.text);
                if unchanged > 0 {
                    sink.write(&piece[..unchanged])?;
                }
            }
            TextForm::Pretty(text, _) => text.push(piece, last, &mut self.text),
            TextForm::GuardedText(text, _) => {
                text.push(piece, last, &mut self.text);
                if text.is_binary() {
                    self.start.extend_from_slice(piece);
                    return self.turn(last, sink);
                }
                let room = Sniffer::LENGTH.saturating_sub(self.start.len());
                self.start.extend_from_slice(&piece[..piece.len().min(room)]);
                self.given += self.text.len();
            }
            TextForm::Harmless(_) => self.text.extend_from_slice(piece),
            TextForm::Sniffed(held, _) => {
                held.extend_from_slice(piece);
                return if self.is_text().is_some() { self.settle(sink) } else { Ok(()) };
            }
            TextForm::Hex(view) => return sink.write_harmless(view.push(piece).as_bytes()),
        }
        self.write_text(sink)
    }

    /// Whether what is held to be looked at is text, once no byte that follows can change that.
    fn is_text(&self) -> Option<bool> {
        let TextForm::Sniffed(held, _) = &self.way else { return None };
        let is_text = self.seems_text(held);
        let may_change = held.len() < Sniffer::LENGTH;
        // No more can make text of what is none.
        if is_text && may_change { None } else { Some(is_text) }
    }

    /// Whether a body that begins with `held` is text. Where its type says so, controls are shown as escapes.
    fn seems_text(&self, held: &[u8]) -> bool {
        let first = &held[..held.len().min(Sniffer::LENGTH)];
        match self.media.may_be_text() {
            false => looks_like_text(first),
            true => !has_binary(first) || self.media.is_named && has_controls(first),
        }
    }

    /// What is held to be looked at is judged by what has come.
    fn settle(&mut self, sink: &mut Sink) -> anyhow::Result<()> {
        let TextForm::Sniffed(held, escaper) = &mut self.way else { return Ok(()) };
        let (held, escaper) = (std::mem::take(held), std::mem::replace(escaper, Escaper::of_text()));
        let is_text = self.seems_text(&held);
        let given = std::mem::take(&mut self.given);
        self.way = match (is_text, self.style.raw) {
            (false, _) => TextForm::hex(self.style),
            (true, true) => TextForm::Harmless(escaper),
            (true, false) => {
                let declared = self.media.declared(Some(UTF_8));
                TextForm::GuardedText(ToUtf8::new(&declared, false), escaper)
            }
        };
        if !is_text && given > 0 && !sink.is_at_line_start() {
            sink.write_harmless(b"\n")?;
        }
        // What has been shown is ASCII, and the same in UTF-8.
        let left = if is_text { &held[given.min(held.len())..] } else { &held };
        left.chunks(ToUtf8::PIECE).try_for_each(|piece| self.push_piece(piece, false, sink))
    }

    /// A guarded sink's text turns out to be none, by its first bytes: what they are is told by
    /// more of them.
    fn turn(&mut self, last: bool, sink: &mut Sink) -> anyhow::Result<()> {
        let before = std::mem::replace(&mut self.way, TextForm::Discarded);
        let escaper =
            if let TextForm::GuardedText(_, escaper) = before { escaper } else { Escaper::of_text() };
        self.way = TextForm::Sniffed(std::mem::take(&mut self.start), escaper);
        if !last {
            return if self.is_text().is_some() { self.settle(sink) } else { Ok(()) };
        }
        self.settle(sink)?;
        self.push_piece(&[], true, sink)
    }

    fn write_text(&mut self, sink: &mut Sink) -> anyhow::Result<()> {
        match &mut self.way {
            TextForm::GuardedText(_, escaper) | TextForm::Harmless(escaper) => {
                self.harmless.clear();
                escaper.push(&self.text, &mut self.harmless);
                sink.write_harmless(&self.harmless)
            }
            TextForm::Pretty(_, pretty) => {
                self.harmless.clear();
                pretty.push(&self.text, &mut self.harmless);
                sink.write_harmless(&self.harmless)
            }
            _ if self.text.is_empty() => Ok(()),
            _ => sink.write(&self.text),
        }
    }
}

/// Whether these first bytes, whose type says nothing, are those of a text: UTF-8, though
/// it may be cut, and no binary byte among those that are looked at.
pub(super) fn looks_like_text(first: &[u8]) -> bool {
    let looked_at = &first[..first.len().min(Sniffer::LENGTH)];
    is_utf8(looked_at) && !has_binary(looked_at)
}

/// Whether hardly any of these first bytes is none of a text in UTF-8: one in 16 at most.
pub(super) fn is_mostly_text(first: &[u8]) -> bool {
    let looked_at = &first[..first.len().min(Sniffer::LENGTH)];
    let foreign = |chunk: Utf8Chunk<'_>| {
        let binary = chunk.valid().bytes().filter(|&byte| has_binary(&[byte])).count();
        binary + chunk.invalid().len()
    };
    looked_at.utf8_chunks().map(foreign).sum::<usize>() <= looked_at.len() / 16
}

/// Whether these first bytes are UTF-8 with binary bytes in it that are no NUL.
fn has_controls(first: &[u8]) -> bool {
    has_binary(first) && is_utf8(first) && !first.contains(&0)
}

/// Whether one of these first bytes is a binary one.
pub(super) fn has_binary(first: &[u8]) -> bool {
    let mut sniffer = Sniffer::default();
    sniffer.push(first);
    sniffer.has_binary()
}

fn is_utf8(first: &[u8]) -> bool {
    str::from_utf8(first).map_or_else(|error| error.error_len().is_none(), |_| true)
}
