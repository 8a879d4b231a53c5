//! A body on its way to where it is printed or saved.
//!
//! Decided once, by the first bytes: unchanged, as UTF-8 text, as harmless text
//! for a terminal, or not at all but one line about it. Each piece is written
//! as it comes.

use std::time::{Duration, Instant};

use encoding_rs::{Encoding, UTF_8};

use super::escape::{Escaper, one_line};
use super::media::Media;
use super::pretty::Pretty;
use super::{Kind, Sink};
use crate::charset::{Sniffer, ToUtf8};
use crate::coding::{self, Chain};
use crate::failure::{self, Failure};
use crate::http::field::FieldSection;
use crate::http::framing::TransferCodings;

/// How long bytes may be held back while their charset is being found out.
const HOLD: Duration = Duration::from_secs(1);
/// So many bytes that decode in a coding without a mark of its own prove that they
/// are in it.
const PROOF: u64 = 256;
/// How much is converted at once.
const PIECE: usize = 64 * 1024;

/// How a body is to be printed, whatever the response says.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Style {
    /// Nothing is decoded.
    pub(crate) raw: bool,
    /// The body is saved, not read.
    pub(crate) saved: bool,
    /// Content codings are undone whatever becomes of the body.
    pub(crate) compressed: bool,
    /// The charset that the user named.
    pub(crate) charset: Option<&'static Encoding>,
    /// JSON is indented; whether in colour.
    pub(crate) pretty: Option<bool>,
    /// The most bytes that the body may have once its codings are undone.
    pub(crate) max_length: Option<u64>,
}

/// Prints or saves one body.
pub(crate) struct Printer {
    /// Undoes codings; none where there are none, or they stay.
    chain: Option<Chain>,
    /// The chain turned out not to be what the body is coded with: it is printed as it came.
    gave_up: bool,
    /// Why codings stay on that should go.
    unknown: Option<anyhow::Error>,
    /// Bytes of the body that have come.
    came: u64,
    /// The body as it came, until it is known to be in its codings.
    start: Vec<u8>,
    /// What came out of it meanwhile, where that is no proof.
    held: Vec<u8>,
    text: TextPrinter,
}

/// Prints or saves a body whose codings are undone.
struct TextPrinter {
    media: Media,
    style: Style,
    way: Way,
    /// How many more bytes there may be, where that has a limit.
    left: Option<u64>,
    is_terminal: bool,
    /// Some of the body has come here.
    has_taken: bool,
    /// How many bytes have come here.
    given: u64,
    /// How many bytes were taken for a terminal's text.
    taken: u64,
    /// The converted bytes of one piece.
    text: Vec<u8>,
    /// The same, made harmless.
    harmless: Vec<u8>,
    /// Until when bytes are held whose charset is not known.
    holds_until: Option<Instant>,
}

enum Way {
    /// Nothing has come yet.
    Undecided,
    Unchanged,
    Text(Box<ToUtf8>),
    TerminalText(Box<ToUtf8>, Escaper),
    Pretty(Box<ToUtf8>, Box<Pretty>),
    Harmless(Escaper),
    Withheld(u64),
    /// Nobody is shown it.
    Discarded,
}

impl Printer {
    /// A printer for the body of a response with these fields. An error where
    /// codings are to be undone that can't be.
    pub(crate) fn new(fields: &FieldSection, style: Style, kind: Kind) -> anyhow::Result<Self> {
        let media = Media::of(fields);
        let transfer = TransferCodings::of(fields);
        let unknown = match Chain::new(transfer.others()) {
            _ if style.raw => None,
            Err(error) => Some(error.to_string()),
            Ok(_) => transfer
                .is_chunked_before()
                .then(|| "chunked stands before another coding (--raw shows it all)".to_owned()),
        };
        let unknown = unknown.map(|reason| {
            Failure::ContentCoding.error(format!("the transfer coding cannot be undone: {reason}"))
        });
        let Undoing { chain, error, is_coded } = undoing(fields, &transfer, &media, style);
        // Who asks for decoded content is not to take coded content for it.
        let is_refused = style.compressed && error.is_some();
        let unknown = unknown.or(error);
        let chain = chain.filter(|_| unknown.is_none());
        let is_terminal = kind == Kind::Terminal;
        let way = match (is_coded, is_terminal) {
            _ if is_refused => Way::Discarded,
            _ if unknown.is_some() => as_it_came(is_terminal),
            (true, true) => Way::Withheld(0),
            (true, false) => Way::Unchanged,
            (false, false) if style.saved => Way::Unchanged,
            (false, _) => Way::Undecided,
        };
        let (text, harmless) = (Vec::new(), Vec::new());
        Ok(Self {
            chain,
            gave_up: false,
            unknown,
            came: 0,
            start: Vec::new(),
            held: Vec::new(),
            text: TextPrinter {
                given: 0,
                media,
                style,
                way,
                left: style.max_length,
                is_terminal,
                has_taken: false,
                taken: 0,
                text,
                harmless,
                holds_until: None,
            },
        })
    }

    /// Prints nothing: only whether the body decodes is of interest.
    pub(crate) fn discard(&mut self) {
        self.text.way = Way::Discarded;
    }

    /// Whether codings stay on that should go.
    pub(crate) fn is_undecodable(&self) -> bool {
        self.unknown.is_some()
    }

    /// How many bytes have come out of the codings, where there are some that are undone.
    pub(crate) fn decoded(&self) -> Option<u64> {
        self.chain.as_ref().map(|_| self.text.given)
    }

    /// Whether whatever comes goes out as it is, so that it need not come here.
    pub(crate) fn is_unchanged(&self) -> bool {
        let is_decoded = self.chain.is_some() && !self.gave_up;
        !is_decoded && self.text.left.is_none() && self.text.is_unchanged()
    }

    /// The codings that it undoes, and how far that came.
    pub(crate) fn undone(&self) -> Option<&Chain> {
        self.chain.as_ref()
    }

    /// When [`Self::idle`] is due: bytes have been held since a second before.
    pub(crate) fn holds_until(&self) -> Option<Instant> {
        self.text.holds_until
    }

    /// Prints the next bytes of the body. What is not in the codings that it is said
    /// to be in is printed as it came.
    pub(crate) fn push(&mut self, bytes: &[u8], sink: &mut Sink) -> anyhow::Result<()> {
        self.push_watched(bytes, sink, &mut |_| {})
    }

    /// The same; `watch` is given what comes out where codings are undone.
    pub(crate) fn push_watched(
        &mut self,
        bytes: &[u8],
        sink: &mut Sink,
        watch: &mut dyn FnMut(&[u8]),
    ) -> anyhow::Result<()> {
        self.came = self.came.saturating_add(bytes.len() as u64);
        let Self { chain: Some(chain), gave_up: false, text, start, held, .. } = self else {
            return self.text.push(bytes, sink);
        };
        if !chain.is_proven() {
            start.extend_from_slice(bytes);
        }
        let holds = !chain.is_proven() && self.came < PROOF;
        let decoded = chain.push(bytes, &mut |decoded| {
            watch(decoded);
            // One byte may become a gigabyte.
            sink.check()?;
            if holds && held.len() < PIECE {
                held.extend_from_slice(decoded);
                return Ok(());
            }
            text.push(&std::mem::take(held), sink)?;
            text.push(decoded, sink)
        });
        match decoded {
            Err(error) if failure::of(&error) == Some(Failure::ContentCoding) => self.give_up(error, sink),
            Err(error) => Err(error),
            Ok(()) => {
                if !holds {
                    start.clear();
                    text.push(&std::mem::take(held), sink)?;
                }
                Ok(())
            }
        }
    }

    /// Decoding failed: prints the body as it came where none of it was in its
    /// codings, and all of what still comes; else what had come out before. With
    /// `--compressed` nothing that is not decoded is printed.
    fn give_up(&mut self, error: anyhow::Error, sink: &mut Sink) -> anyhow::Result<()> {
        let has_output = self.text.has_taken || !self.held.is_empty();
        let is_applied = self.chain.as_ref().is_some_and(Chain::is_applied);
        let is_known_coded = self.start.is_empty() || self.text.has_taken || has_output && is_applied;
        if self.text.style.compressed && !is_known_coded {
            self.held.clear();
            return Err(error);
        }
        if is_known_coded {
            self.text.push(&std::mem::take(&mut self.held), sink)?;
            return Err(error);
        }
        (self.gave_up, self.unknown) = (true, Some(error));
        if !matches!(self.text.way, Way::Discarded) {
            self.text.way = as_it_came(self.text.is_terminal);
        }
        self.text.push(&std::mem::take(&mut self.start), sink)
    }

    /// Nothing has come for a while: what is held goes out.
    pub(crate) fn idle(&mut self, sink: &mut Sink) -> anyhow::Result<()> {
        self.text.idle(sink)
    }

    /// The body has ended, well or not: prints what is left to be printed. An
    /// error where a coded stream has not ended with it. `is_proven`: the framing
    /// proves the end, so that a body of no bytes is one.
    pub(crate) fn finish(&mut self, is_proven: bool, sink: &mut Sink) -> anyhow::Result<()> {
        let chain = self.chain.as_ref().filter(|_| !self.gave_up);
        let ended = chain.map_or(Ok(()), Chain::finish);
        match ended {
            Err(error) if !self.start.is_empty() && (self.held.is_empty() || !self.is_applied()) => {
                self.give_up(error, sink)?;
                self.text.finish(sink)?;
            }
            ended => {
                self.text.push(&std::mem::take(&mut self.held), sink)?;
                self.text.finish(sink)?;
                ended?;
            }
        }
        let has_come = self.came > 0 || !is_proven;
        if let Some(error) = self.unknown.take().filter(|_| has_come) {
            return Err(error);
        }
        if self.chain.is_some() && !self.gave_up && self.came == 0 && !is_proven {
            let text = "the content is empty, though it is said to be coded, and only the connection's end says that it is whole";
            return Err(Failure::ContentCoding.error(text));
        }
        Ok(())
    }

    fn is_applied(&self) -> bool {
        self.chain.as_ref().is_some_and(Chain::is_applied)
    }
}

/// How a body is printed that is not decoded though it should be.
fn as_it_came(is_terminal: bool) -> Way {
    if is_terminal { Way::Undecided } else { Way::Unchanged }
}

/// What is to be done about a body's codings.
#[derive(Default)]
struct Undoing {
    chain: Option<Chain>,
    /// Why they can't be undone, though they are to be.
    error: Option<anyhow::Error>,
    /// Content codings stay on, and nobody asked for anything else.
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
/// read as text or the user asks for it.
fn undoing(fields: &FieldSection, transfer: &TransferCodings, media: &Media, style: Style) -> Undoing {
    let content: Vec<_> = content_codings(fields).collect();
    if style.raw || content.is_empty() && transfer.others().next().is_none() {
        return Undoing::default();
    }
    let is_wanted = style.compressed || !style.saved && media.may_be_text();
    let is_coded = !content.is_empty();
    let content = if is_wanted { &content[..] } else { &[] };
    match Chain::new(content.iter().copied().chain(transfer.others())) {
        Ok(chain) => Undoing {
            chain: Some(chain).filter(|chain| !chain.is_empty()),
            error: None,
            is_coded: !is_wanted && is_coded,
        },
        Err(error) => Undoing { error: Some(error), ..Undoing::default() },
    }
}

impl TextPrinter {
    fn is_unchanged(&self) -> bool {
        match &self.way {
            Way::Unchanged => true,
            Way::Text(text) => text.is_passthrough(),
            _ => false,
        }
    }

    fn push(&mut self, bytes: &[u8], sink: &mut Sink) -> anyhow::Result<()> {
        let within = self.count(bytes);
        self.given += within as u64;
        self.push_counted(&bytes[..within], sink)?;
        if within < bytes.len() { Err(too_large(self.style.max_length)) } else { Ok(()) }
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
        if let Way::Undecided = self.way {
            self.way = self.decide(bytes);
        }
        if self.is_unchanged() {
            return sink.write(bytes);
        }
        for piece in bytes.chunks(PIECE) {
            self.push_piece(piece, false, sink)?;
        }
        let is_holding = match &self.way {
            Way::Text(text) | Way::TerminalText(text, _) | Way::Pretty(text, _) => text.is_holding(),
            _ => false,
        };
        self.holds_until = match self.holds_until {
            _ if !is_holding => None,
            None => Some(Instant::now() + HOLD),
            since => since,
        };
        Ok(())
    }

    fn idle(&mut self, sink: &mut Sink) -> anyhow::Result<()> {
        self.text.clear();
        if let Way::Text(text) | Way::TerminalText(text, _) | Way::Pretty(text, _) = &mut self.way {
            text.decide_now(&mut self.text);
        }
        self.holds_until = None;
        self.write_text(sink)
    }

    fn finish(&mut self, sink: &mut Sink) -> anyhow::Result<()> {
        if !self.is_unchanged() {
            self.push_piece(&[], true, sink)?;
        }
        let mut rest = Vec::new();
        match &mut self.way {
            Way::TerminalText(_, escaper) | Way::Harmless(escaper) => escaper.finish(&mut rest),
            Way::Pretty(_, pretty) => pretty.finish(&mut rest),
            Way::Withheld(bytes) if *bytes > 0 => rest = notice(&self.media, *bytes).into_bytes(),
            _ => {}
        }
        sink.write(&rest)
    }

    fn decide(&self, first: &[u8]) -> Way {
        let is_text = self.media.may_be_text();
        let is_odd_text = self.is_terminal && self.media.essence.is_some() && is_text && has_controls(first);
        if self.style.raw {
            let mut sniffer = Sniffer::default();
            sniffer.push(first);
            let is_text = is_text && (is_odd_text || !sniffer.has_binary());
            return match (self.is_terminal, is_text) {
                (false, _) => Way::Unchanged,
                (true, true) => Way::Harmless(Escaper::default()),
                (true, false) => Way::Withheld(0),
            };
        }
        if !is_text && self.style.charset.is_none() {
            return if self.is_terminal { Way::Withheld(0) } else { Way::Unchanged };
        }
        // On a terminal the controls in what is said to be text are shown as escapes.
        let assumed = is_odd_text.then_some(UTF_8).filter(|_| self.media.charset.is_none());
        let declared = self.media.declared(self.style.charset.or(assumed));
        let text = Box::new(ToUtf8::new(&declared, !self.is_terminal));
        if let Some(colours) =
            self.style.pretty.filter(|_| self.media.is_json() || self.media.is_json_lines())
        {
            return Way::Pretty(text, Box::new(Pretty::new(self.is_terminal, colours)));
        }
        if self.is_terminal { Way::TerminalText(text, Escaper::default()) } else { Way::Text(text) }
    }

    fn push_piece(&mut self, piece: &[u8], last: bool, sink: &mut Sink) -> anyhow::Result<()> {
        self.text.clear();
        match &mut self.way {
            Way::Undecided | Way::Unchanged => return Ok(()),
            Way::Text(text) | Way::Pretty(text, _) => text.push(piece, last, &mut self.text),
            Way::TerminalText(text, _) => {
                text.push(piece, last, &mut self.text);
                let before = self.taken;
                self.taken += piece.len() as u64;
                if text.is_binary() {
                    return self.withhold(before > 0, sink);
                }
            }
            Way::Discarded => return Ok(()),
            Way::Harmless(_) => self.text.extend_from_slice(piece),
            Way::Withheld(bytes) => {
                *bytes += piece.len() as u64;
                return Ok(());
            }
        }
        self.write_text(sink)
    }

    /// A terminal's text turns out to be none: no more of it is shown.
    fn withhold(&mut self, has_shown: bool, sink: &mut Sink) -> anyhow::Result<()> {
        self.way = Way::Withheld(self.taken);
        if has_shown { sink.end_line() } else { Ok(()) }
    }

    fn write_text(&mut self, sink: &mut Sink) -> anyhow::Result<()> {
        match &mut self.way {
            Way::TerminalText(_, escaper) | Way::Harmless(escaper) => {
                self.harmless.clear();
                escaper.push(&self.text, &mut self.harmless);
                sink.write(&self.harmless)
            }
            Way::Pretty(_, pretty) => {
                self.harmless.clear();
                pretty.push(&self.text, &mut self.harmless);
                sink.write(&self.harmless)
            }
            _ => sink.write(&self.text),
        }
    }
}

/// Whether these first bytes are UTF-8 with binary bytes in it that are no NUL.
fn has_controls(first: &[u8]) -> bool {
    let mut sniffer = Sniffer::default();
    sniffer.push(first);
    let is_utf8 = str::from_utf8(first).map_or_else(|error| error.error_len().is_none(), |_| true);
    sniffer.has_binary() && is_utf8 && !first.contains(&0)
}

/// The error of a body that is larger than `limit`.
pub(crate) fn too_large(limit: Option<u64>) -> anyhow::Error {
    let limit = limit.unwrap_or_default();
    Failure::TooLarge.error(format!("the body is larger than the {limit} bytes of --max-filesize"))
}

/// What stands on a terminal in place of a body that is not text.
fn notice(media: &Media, bytes: u64) -> String {
    let kind =
        media.essence.as_deref().map_or_else(|| "unnamed type".to_owned(), |kind| one_line(kind.as_bytes()));
    format!("[{bytes} bytes of {kind}, not printed: save them with -o FILE, or with --raw > FILE]\n")
}
