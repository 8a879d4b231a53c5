//! The codings of one response, undone from the last applied to the first.

use super::{CODINGS, Coding, Corrupt, Decode, Ending, MAX_CODINGS, find, is_identity};
use crate::failure::{Failure, counted};
use crate::http::excerpt::excerpt;

/// A chain with a limit is stopped where a coding makes more than this, and more
/// than [`MAX_RATIO`] times what came into the chain.
pub(super) const MAX_EXPANSION: u64 = 1 << 30;
/// See [`MAX_EXPANSION`].
const MAX_RATIO: u64 = 100;

/// Takes decoded bytes; its error ends the decoding. It is called also where
/// nothing came out of much input, with no bytes, so that it can look at the clock.
pub(crate) type TakeDecoded<'a> = dyn FnMut(&[u8]) -> anyhow::Result<()> + 'a;

/// Undoes the codings of one response.
#[derive(Default)]
pub(crate) struct CodingChain {
    /// In the order of undoing.
    stages: Vec<CodingStage>,
    has_limit: bool,
    input: u64,
}

/// What a coding is applied to: the representation (RFC 9110 §8.4), or the message that
/// transfers it (RFC 9112 §7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layer {
    Content,
    Transfer,
}

impl Layer {
    /// What its codings are called.
    fn coding(self) -> &'static str {
        match self {
            Self::Content => "content coding",
            Self::Transfer => "transfer coding",
        }
    }
}

/// One coding being undone.
pub(crate) struct CodingStage {
    coding: &'static Coding,
    layer: Layer,
    /// Made by the first byte, so that content without a body costs nothing.
    running: Option<RunningDecoder>,
    input: u64,
    output: u64,
    failed: Option<Corrupt>,
    is_stopped: bool,
}

/// Where what comes out of a stage goes in the end.
struct Out<'a, 'b> {
    sink: &'a mut TakeDecoded<'b>,
    /// Most bytes that may come out of a stage.
    limit: u64,
}

struct RunningDecoder {
    decoder: Box<dyn Decode>,
    buffer: Vec<u8>,
    has_ended: bool,
    has_trailing_data: bool,
}

impl CodingChain {
    /// The chain for the members of Content-Encoding, given in their order
    /// (RFC 9110 §8.4). Empty members and `identity` are passed over; a coding
    /// that can't be undone, and more than [`MAX_CODINGS`], are errors.
    pub(crate) fn new<'a>(members: impl IntoIterator<Item = &'a [u8]>) -> anyhow::Result<Self> {
        Self::with_transfer(members, [])
    }

    /// The chain for the members of Content-Encoding and the codings of Transfer-Encoding. The
    /// latter are undone first.
    pub(crate) fn with_transfer<'a>(
        content: impl IntoIterator<Item = &'a [u8]>,
        transfer: impl IntoIterator<Item = &'a [u8]>,
    ) -> anyhow::Result<Self> {
        let content = content.into_iter().map(|name| (name, Layer::Content));
        let named = content.chain(transfer.into_iter().map(|name| (name, Layer::Transfer)));
        let mut codings = Vec::new();
        for (name, layer) in named.filter(|(name, _)| !name.is_empty() && !is_identity(name)) {
            let Some(coding) = find(name) else { return Err(unknown(name, layer)) };
            if codings.len() == MAX_CODINGS {
                let text = format!("the response has more than {MAX_CODINGS} {}s", layer.coding());
                return Err(Failure::ContentCoding.error(text));
            }
            codings.push((coding, layer));
        }
        Ok(Self::of_layers(codings.into_iter().rev()))
    }

    /// The chain that undoes these transfer codings, and then these content codings, in this order.
    pub(crate) fn of(
        transfer: impl IntoIterator<Item = &'static Coding>,
        content: impl IntoIterator<Item = &'static Coding>,
    ) -> Self {
        let transfer = transfer.into_iter().map(|coding| (coding, Layer::Transfer));
        Self::of_layers(transfer.chain(content.into_iter().map(|coding| (coding, Layer::Content))))
    }

    /// The chain without its first `count` stages, which are done elsewhere. Nothing may have been
    /// pushed yet.
    pub(crate) fn without_first(self, count: usize) -> Self {
        Self { stages: self.stages.into_iter().skip(count).collect(), ..self }
    }

    fn of_layers(codings: impl IntoIterator<Item = (&'static Coding, Layer)>) -> Self {
        let stages = codings
            .into_iter()
            .map(|(coding, layer)| CodingStage {
                coding,
                layer,
                running: None,
                input: 0,
                output: 0,
                failed: None,
                is_stopped: false,
            })
            .collect();
        Self { stages, has_limit: false, input: 0 }
    }

    /// Stops with an error where a coding expands beyond [`MAX_EXPANSION`].
    pub(crate) fn limited(self) -> Self {
        Self { has_limit: true, ..self }
    }

    /// Whether there is nothing to undo: what goes in comes out.
    pub(crate) fn is_empty(&self) -> bool {
        self.stages.is_empty()
    }

    /// Undoes `input`; what comes out is given to `sink`, also what came out
    /// before an error. An error is the sink's own, or that of a coding
    /// ([`Failure::ContentCoding`]); either way nothing more can be pushed.
    pub(crate) fn push(&mut self, input: &[u8], sink: &mut TakeDecoded<'_>) -> anyhow::Result<()> {
        if input.is_empty() {
            return Ok(());
        }
        if let Some(error) = self.failure() {
            return Err(error);
        }
        self.input = self.input.saturating_add(input.len() as u64);
        let expanded = self.input.saturating_mul(MAX_RATIO).max(MAX_EXPANSION);
        let limit = if self.has_limit { expanded } else { u64::MAX };
        feed(&mut self.stages, input, &mut Out { sink, limit })
    }

    /// The error that decoding ended with.
    pub(crate) fn failure(&self) -> Option<anyhow::Error> {
        self.stages.iter().find_map(CodingStage::error)
    }

    /// The input has ended: an error where a coded stream has not. Bytes after
    /// a stream's end are no error; [`CodingStage::ending`] tells of them.
    pub(crate) fn finish(&self) -> anyhow::Result<()> {
        self.finish_first(self.stages.len())
    }

    /// [`Self::finish`] for the `count` codings that are undone first.
    pub(crate) fn finish_first(&self, count: usize) -> anyhow::Result<()> {
        // What one that failed took no more of is cut for no other reason.
        let first = || self.stages.iter().take(count);
        let error = first().find_map(CodingStage::error).or_else(|| first().find_map(CodingStage::cut));
        error.map_or(Ok(()), Err)
    }

    /// Whether the first coding to be undone may have no mark to tell it by, so that
    /// anything may decode for a while.
    pub(crate) fn is_markless(&self) -> bool {
        self.stages.first().is_some_and(|stage| matches!(stage.coding.name, "br" | "deflate"))
    }

    /// Whether the first coding to be undone has no mark, and ended before its input.
    pub(crate) fn has_more_than_ended(&self) -> bool {
        let ends_early = self.stages.first().is_some_and(|stage| stage.ending() == Ending::TrailingData);
        self.is_markless() && ends_early
    }

    /// Ends the decoding, since the content is not in its outermost coding; gives the error.
    pub(crate) fn refuse(&mut self, what: &'static str) -> anyhow::Error {
        if let Some(stage) = self.stages.first_mut() {
            stage.failed = Some(Corrupt::not_applied(what));
        }
        self.failure().unwrap_or_else(|| Failure::ContentCoding.error(what.to_owned()))
    }

    /// Whether no coding has turned out not to be applied.
    pub(crate) fn is_applied(&self) -> bool {
        self.stages.iter().all(|stage| stage.ending() != Ending::NotApplied)
    }

    /// The codings in the order of undoing.
    pub(crate) fn stages(&self) -> &[CodingStage] {
        &self.stages
    }
}

impl CodingStage {
    /// Bytes that came in.
    pub(crate) fn input(&self) -> u64 {
        self.input
    }

    /// Bytes that came out.
    pub(crate) fn output(&self) -> u64 {
        self.output
    }

    /// How it went, if no input follows. A stream of no bytes is whole: the
    /// field may describe content that is empty.
    pub(crate) fn ending(&self) -> Ending {
        if self.is_stopped {
            return Ending::Stopped;
        }
        match (&self.failed, &self.running) {
            (Some(corrupt), _) => corrupt.ending,
            (None, None) => Ending::Decoded,
            (None, Some(running)) => running.ending(),
        }
    }

    /// Whether it failed or was stopped, so that nothing more was decoded.
    pub(crate) fn is_over(&self) -> bool {
        self.is_stopped || self.failed.is_some()
    }

    /// Takes all of `input`, gives what it makes to the stages in `rest`.
    fn take(&mut self, input: &[u8], rest: &mut [Self], out: &mut Out<'_, '_>) -> anyhow::Result<()> {
        self.input = self.input.saturating_add(input.len() as u64);
        let mut left = input;
        loop {
            let running = self.running.get_or_insert_with(|| RunningDecoder::new(self.coding));
            let filled = running.fill(&mut left);
            let (produced, is_full) = match &filled {
                Ok(produced) => (*produced, *produced == running.buffer.len()),
                Err(corrupt) => (corrupt.produced, false),
            };
            self.output = self.output.saturating_add(produced as u64);
            feed(rest, &running.buffer[..produced], out)?;
            self.failed = filled.err();
            self.is_stopped = self.output > out.limit;
            if let Some(error) = self.error() {
                return Err(error);
            }
            if !is_full {
                return Ok(());
            }
        }
    }

    /// The error, if decoding failed or was stopped.
    fn error(&self) -> Option<anyhow::Error> {
        if self.is_stopped {
            let text = format!("the content expands too much when decoded as {}", self.coding.name);
            return Some(Failure::ContentCoding.error(text));
        }
        let Corrupt { ending, what, is_counted, .. } = self.failed.as_ref()?;
        let (name, kind) = (self.coding.name, self.layer.coding());
        let text = match ending {
            Ending::NotApplied => format!("{}: {what} (use --raw to get it undecoded)", self.not_applied()),
            Ending::Stopped => format!("cannot decode the {kind} {name}: {what}"),
            _ if !is_counted => format!("the {kind} {name} is corrupt: {what}"),
            _ => format!("the {kind} {name} is corrupt after {}: {what}", self.decoded()),
        };
        Some(Failure::ContentCoding.error(text))
    }

    /// The error, if the stream has not come to its end.
    fn cut(&self) -> Option<anyhow::Error> {
        let (name, kind) = (self.coding.name, self.layer.coding());
        let text = match self.ending() {
            Ending::Decoded | Ending::DecodedRaw | Ending::TrailingData => return None,
            Ending::Truncated | Ending::Corrupt | Ending::Stopped => {
                format!("the {kind} {name} is cut short after {}", self.decoded())
            }
            // What came may be the beginning of what marks the coding.
            Ending::NotApplied => {
                let came = counted(self.input, "byte");
                format!(
                    "{}, or is cut short after {came} (use --raw to get it undecoded)",
                    self.not_applied()
                )
            }
        };
        Some(Failure::ContentCoding.error(text))
    }

    /// How much was decoded, for messages.
    fn decoded(&self) -> String {
        counted(self.output, "decoded byte")
    }

    fn not_applied(&self) -> String {
        let what = match self.layer {
            Layer::Content => "content",
            Layer::Transfer => "message body",
        };
        format!("the {what} is declared as {} but is not", self.coding.name)
    }
}

impl RunningDecoder {
    fn new(coding: &Coding) -> Self {
        let decoder = (coding.open)();
        Self { decoder, buffer: vec![0; coding.piece], has_ended: false, has_trailing_data: false }
    }

    /// What the stream amounts to if its input ends here.
    fn ending(&self) -> Ending {
        let decoder = &self.decoder;
        match (decoder.is_whole(), decoder.is_raw()) {
            _ if !decoder.is_applied() => Ending::NotApplied,
            (false, _) => Ending::Truncated,
            (true, true) => Ending::DecodedRaw,
            (true, false) if self.has_trailing_data => Ending::TrailingData,
            (true, false) => Ending::Decoded,
        }
    }

    /// Fills the buffer from `left`, as far as that goes; gives how far. Only
    /// where the buffer is full may more come.
    fn fill(&mut self, left: &mut &[u8]) -> Result<usize, Corrupt> {
        let mut filled = 0;
        while !self.has_ended && filled < self.buffer.len() {
            let step = self
                .decoder
                .step(left, &mut self.buffer[filled..])
                .map_err(|corrupt| Corrupt { produced: filled + corrupt.produced, ..corrupt })?;
            filled += step.produced;
            *left = &left[step.consumed..];
            self.has_ended = step.ended;
            let is_stuck = step.consumed == 0 && step.produced == 0;
            if is_stuck && !left.is_empty() && !step.ended {
                return Err(Corrupt::new("the decoder accepts no more input", filled));
            }
            if left.is_empty() && filled < self.buffer.len() {
                break;
            }
        }
        self.has_trailing_data |= self.has_ended && !left.is_empty();
        if self.has_ended {
            *left = &[];
        }
        Ok(filled)
    }
}

/// Gives `input` to the first of `stages`, or, where there is none, to the sink.
fn feed(stages: &mut [CodingStage], input: &[u8], out: &mut Out<'_, '_>) -> anyhow::Result<()> {
    match stages.split_first_mut() {
        Some((_, rest)) if input.is_empty() => feed(rest, input, out),
        Some((stage, rest)) => stage.take(input, rest, out),
        None => (out.sink)(input),
    }
}

fn unknown(name: &[u8], layer: Layer) -> anyhow::Error {
    let (name, kind) = (excerpt(name), layer.coding());
    let text = if CODINGS.is_empty() {
        format!(
            "this build cannot decode the {kind} \"{name}\" (feature `decompress`); use --raw to get the content undecoded"
        )
    } else {
        format!("unknown {kind} \"{name}\" (use --raw to get the content undecoded)")
    };
    Failure::ContentCoding.error(text)
}
