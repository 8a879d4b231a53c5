//! A body on its way to where it is printed or saved.
//!
//! Its codings are undone here, where they are to be; what becomes of the content
//! then is decided by [`TextPrinter`].

use std::time::Instant;

use super::Sink;
use super::media::Media;
use super::style::Style;
pub(crate) use super::text::HOLD;
use super::text::{self, TextForm, TextPrinter};
use crate::coding::{self, CodingChain};
use crate::failure::{self, Failure};
use crate::http::field::FieldSection;
use crate::http::transfer_codings::TransferCodings;
use crate::wait::earlier;

/// How many bytes that decode in a coding without a mark of its own prove that they
/// are in it.
const PROOF: u64 = 256;
/// Most bytes held back while it is not known whether the body is in its codings.
const MAX_HELD: usize = 64 * 1024;

/// Prints or saves one body.
pub(crate) struct Printer {
    /// Undoes codings; none where there are none, or they stay.
    chain: Option<CodingChain>,
    /// The chain turned out not to be what the body is coded with: it is printed as it came.
    gave_up: bool,
    /// Why codings stay on that should go.
    unknown: Option<anyhow::Error>,
    /// Bytes of the body that have come.
    came: u64,
    /// The body as it came, until it is known to be in its codings.
    start: Vec<u8>,
    /// What came out of it meanwhile.
    held: Vec<u8>,
    /// The body is known to be in its codings.
    is_known: bool,
    /// When what is held is judged by what has come.
    judged_at: Option<Instant>,
    /// All of the content has come.
    is_ended: bool,
    text: TextPrinter,
}

impl Printer {
    /// A printer for the body of a response with these fields.
    pub(crate) fn new(fields: &FieldSection, style: Style) -> Self {
        let media = Media::of(fields);
        let Undoing { chain, unknown, is_refused, is_coded } = undoing(fields, media, style);
        let way = match (is_coded, style.is_guarded) {
            _ if is_refused => TextForm::Discarded,
            _ if unknown.is_some() => TextForm::as_it_came(style.is_guarded),
            (true, true) => TextForm::hex(style),
            (true, false) => TextForm::Unchanged,
            (false, false) if style.saved => TextForm::Unchanged,
            (false, _) => TextForm::Undecided,
        };
        Self {
            chain,
            gave_up: false,
            unknown,
            came: 0,
            start: Vec::new(),
            held: Vec::new(),
            is_known: false,
            judged_at: None,
            is_ended: false,
            text: TextPrinter::new(fields, media, style, way),
        }
    }

    /// Prints nothing: only whether the body decodes is of interest.
    pub(crate) fn discard(&mut self) {
        self.text.discard();
    }

    /// Whether codings stay on that should go.
    pub(crate) fn is_undecodable(&self) -> bool {
        self.unknown.is_some()
    }

    /// How many bytes have come out of the codings, where there are some that are undone.
    pub(crate) fn decoded(&self) -> Option<u64> {
        self.chain.as_ref().map(|_| self.text.came())
    }

    /// Whether whatever comes goes out as it is, so that it need not come here.
    pub(crate) fn is_unchanged(&self) -> bool {
        self.needs_no_look() && self.text.needs_nothing()
    }

    /// Whether whatever comes is shown nowhere, and nothing is to be told of it.
    pub(crate) fn is_discarded(&self) -> bool {
        self.needs_no_look() && self.text.is_discarded()
    }

    /// Whether nothing is decoded, and it is known that there is a body where an error depends on that.
    fn needs_no_look(&self) -> bool {
        (self.chain.is_none() || self.gave_up) && (self.unknown.is_none() || self.came > 0)
    }

    /// The codings that it undoes, and how far that came.
    pub(crate) fn undone(&self) -> Option<&CodingChain> {
        self.chain.as_ref()
    }

    /// When [`Self::idle`] is due: bytes have been held since a second before.
    pub(crate) fn holds_until(&self) -> Option<Instant> {
        earlier(self.judged_at, self.text.holds_until())
    }

    /// Prints the next bytes of the body. What is not in the codings that it is said
    /// to be in is printed as it came.
    pub(crate) fn push(&mut self, bytes: &[u8], sink: &mut Sink) -> anyhow::Result<()> {
        self.push_watched(bytes, sink, &mut |_| {})
    }

    /// [`Self::push`], with `watch` given what comes out where codings are undone.
    pub(crate) fn push_watched(
        &mut self,
        bytes: &[u8],
        sink: &mut Sink,
        watch: &mut dyn FnMut(&[u8]),
    ) -> anyhow::Result<()> {
        // What decides is the same however the bytes are cut into reads: each first byte is looked at.
        let mut rest = bytes;
        while self.chain.is_some() && !self.gave_up && !self.is_known && self.came < PROOF && rest.len() > 1 {
            let (first, left) = rest.split_at(1);
            self.push_piece(first, sink, watch)?;
            rest = left;
        }
        self.push_piece(rest, sink, watch)
    }

    /// Prints what follows the content's end, where its codings end too.
    pub(crate) fn push_after_end(&mut self, bytes: &[u8], sink: &mut Sink) -> anyhow::Result<()> {
        match self.end_content(sink) {
            Err(error) if failure::of(&error) == Some(Failure::ContentCoding) => {
                self.unknown.get_or_insert(error);
            }
            ended => ended?,
        }
        self.text.push(bytes, sink)
    }

    fn push_piece(
        &mut self,
        bytes: &[u8],
        sink: &mut Sink,
        watch: &mut dyn FnMut(&[u8]),
    ) -> anyhow::Result<()> {
        self.came = self.came.saturating_add(bytes.len() as u64);
        let Self { chain: Some(chain), gave_up: false, text, start, held, is_known, .. } = self else {
            return self.text.push(bytes, sink);
        };
        if !*is_known {
            start.extend_from_slice(bytes);
        }
        let decoded = chain.push(bytes, &mut |decoded| {
            watch(decoded);
            // One byte may become a gigabyte.
            sink.check()?;
            if !*is_known && held.len() < MAX_HELD {
                held.extend_from_slice(decoded);
                return Ok(());
            }
            text.push(&std::mem::take(held), sink)?;
            text.push(decoded, sink)
        });
        match decoded.and_then(|()| self.judge(sink)) {
            Err(error) if failure::of(&error) == Some(Failure::ContentCoding) => self.give_up(error, sink),
            judged => judged,
        }
    }

    /// Looks whether what has come is in its codings, where that is not known yet: an error
    /// where it is not.
    fn judge(&mut self, sink: &mut Sink) -> anyhow::Result<()> {
        let Some(chain) = self.chain.as_mut().filter(|_| !self.is_known) else { return Ok(()) };
        let is_certain = !chain.is_markless() || !text::looks_like_text(&self.start);
        let has_proof = self.start.len() as u64 >= PROOF;
        if has_proof && chain.is_markless() && is_never_coded(&self.start, &self.held) {
            return Err(chain.refuse("it is text"));
        }
        if has_proof && self.held.is_empty() && chain.has_more_than_ended() {
            return Err(chain.refuse("bytes follow an empty stream"));
        }
        let reads_well = !self.held.is_empty() && (!chain.is_markless() || text::looks_like_text(&self.held));
        let is_enough =
            has_proof && chain.is_markless() && !self.held.is_empty() || self.start.len() >= MAX_HELD;
        self.is_known = is_enough || is_certain && reads_well;
        if self.is_known {
            self.start = Vec::new();
            self.text.push(&std::mem::take(&mut self.held), sink)?;
        }
        self.judged_at = match self.judged_at {
            _ if self.held.is_empty() => None,
            None => Some(Instant::now() + HOLD),
            since => since,
        };
        Ok(())
    }

    /// Decoding failed: prints the body as it came where none of it was in its
    /// codings, and all of what still comes; else what had come out before. With
    /// `--compressed` nothing that is not decoded is printed.
    fn give_up(&mut self, error: anyhow::Error, sink: &mut Sink) -> anyhow::Result<()> {
        let is_known_coded = self.is_known_coded();
        if self.text.is_compressed() && !is_known_coded {
            self.held.clear();
            return Err(error);
        }
        if is_known_coded {
            self.text.push(&std::mem::take(&mut self.held), sink)?;
            return Err(error);
        }
        (self.gave_up, self.unknown) = (true, Some(error));
        self.held.clear();
        self.text.give_up();
        self.text.push(&std::mem::take(&mut self.start), sink)
    }

    /// Nothing has come for a while: what is held goes out.
    pub(crate) fn idle(&mut self, sink: &mut Sink) -> anyhow::Result<()> {
        if self.judged_at.take().is_some() && self.is_known_coded() {
            self.is_known = true;
            self.start = Vec::new();
            self.text.push(&std::mem::take(&mut self.held), sink)?;
        }
        self.text.idle(sink)
    }

    /// Says that the body is cut off, before [`Self::finish`].
    pub(crate) fn cut_off(&mut self) {
        self.text.cut_off();
    }

    /// The body has ended, well or not: prints what is left to be printed. An
    /// error where a coded stream has not ended with it. `is_proven`: the framing
    /// proves the end, so that a body of no bytes is one.
    pub(crate) fn finish(&mut self, is_proven: bool, sink: &mut Sink) -> anyhow::Result<()> {
        let ended = self.end_content(sink);
        if ended.is_err() {
            self.text.cut_off();
        }
        self.text.finish(sink)?;
        ended?;
        let has_come = self.came > 0 || !is_proven;
        if let Some(error) = self.unknown.take().filter(|_| has_come) {
            return Err(error);
        }
        if self.chain.is_some() && !self.gave_up && self.came == 0 && !is_proven {
            let text = "the content is empty although Content-Encoding names a coding, and only the end of the connection marks it complete";
            return Err(Failure::ContentCoding.error(text));
        }
        Ok(())
    }

    /// No byte of the content follows: what its codings hold back is printed.
    fn end_content(&mut self, sink: &mut Sink) -> anyhow::Result<()> {
        if std::mem::replace(&mut self.is_ended, true) {
            return Ok(());
        }
        match self.end_codings() {
            Err(error) if !self.is_known_coded() => self.give_up(error, sink),
            ended => {
                self.text.push(&std::mem::take(&mut self.held), sink)?;
                ended
            }
        }
    }

    /// An error where the codings have not come to their end with the body, or where one without
    /// a mark ended within what is text.
    fn end_codings(&mut self) -> anyhow::Result<()> {
        let Some(chain) = self.chain.as_mut().filter(|_| !self.gave_up) else { return Ok(()) };
        if !self.is_known && chain.has_more_than_ended() {
            if self.held.is_empty() {
                return Err(chain.refuse("bytes follow an empty stream"));
            }
            if is_never_coded(&self.start, &self.held) {
                return Err(chain.refuse("it is text"));
            }
        }
        chain.finish()
    }

    /// Whether what came out is what the body says: text that came, and decodes to
    /// something by chance, was never coded.
    fn is_known_coded(&self) -> bool {
        if self.start.is_empty() || self.text.has_taken() {
            return true;
        }
        let has_failed = self.chain.as_ref().is_some_and(|chain| chain.failure().is_some());
        if self.held.is_empty() && !has_failed && !text::looks_like_text(&self.start) {
            return true;
        }
        let is_applied = self.chain.as_ref().is_some_and(CodingChain::is_applied);
        let is_little = self.held.len() < self.start.len() / 2 || !text::has_binary(&self.start);
        let is_text = is_never_coded(&self.start, &self.held) || !is_applied && is_little;
        !self.held.is_empty() && !is_text
    }
}

/// Whether a body that begins with `start` reads better as it came than as what a decoder made of it.
fn is_never_coded(start: &[u8], decoded: &[u8]) -> bool {
    // A block that is not compressed is text in both, and hardly shorter in one.
    let is_less = decoded.len() < start.len() / 2 || !text::looks_like_text(decoded);
    !start.is_empty() && (text::looks_like_text(start) || is_less && text::is_mostly_text(start))
}

/// What is to be done about a body's codings.
#[derive(Default)]
struct Undoing {
    chain: Option<CodingChain>,
    /// Why they can't be undone, though they are to be.
    unknown: Option<anyhow::Error>,
    /// Coded content must not be taken for the decoded content that was requested.
    is_refused: bool,
    /// Content codings are kept, and nothing else was requested.
    is_coded: bool,
}

/// Whether content with these fields is in a coding.
pub(crate) fn is_coded(fields: &FieldSection) -> bool {
    content_codings(fields).next().is_some()
}

/// The content codings in the order in which they were applied.
fn content_codings(fields: &FieldSection) -> impl Iterator<Item = &[u8]> {
    let names = fields.members("content-encoding");
    names.filter(|name| !name.is_empty() && !coding::is_identity(name))
}

/// Transfer codings go whatever becomes of the body, content codings where it is
/// read as text or the user requests it.
fn undoing(fields: &FieldSection, media: Media, style: Style) -> Undoing {
    if style.raw || !fields.has("transfer-encoding") && !fields.has("content-encoding") {
        return Undoing::default();
    }
    let transfer = TransferCodings::of(fields);
    let content: Vec<_> = content_codings(fields).collect();
    let unknown = unknown_transfer(&transfer)
        .map(|reason| Failure::ContentCoding.error(format!("the body cannot be decoded: {reason}")));
    // Where it is shown only its bytes may tell what it is.
    let is_wanted = style.compressed || !style.saved && (style.is_guarded || media.may_be_text());
    let is_coded = !is_wanted && !content.is_empty();
    let content = if is_wanted { &content[..] } else { &[] };
    match CodingChain::with_transfer(content.iter().copied(), transfer.others()) {
        Ok(chain) => {
            let chain = Some(chain).filter(|chain| unknown.is_none() && !chain.is_empty());
            Undoing { chain, unknown, is_refused: false, is_coded }
        }
        Err(error) => Undoing {
            chain: None,
            unknown: unknown.or(Some(error)),
            is_refused: style.compressed,
            is_coded: false,
        },
    }
}

/// Why transfer codings can't be undone.
fn unknown_transfer(transfer: &TransferCodings) -> Option<String> {
    match CodingChain::with_transfer([], transfer.others()) {
        Err(error) => Some(error.to_string()),
        Ok(_) => transfer
            .is_chunked_before()
            .then(|| "chunked is not the last transfer coding (use --raw to get it undecoded)".to_owned()),
    }
}
