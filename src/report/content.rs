//! Looks into the content as it passes: whether its codings can be undone,
//! whether its text is UTF-8, its digests. Fills a [`ContentRecord`], in constant
//! memory, and does nothing that no finding requests.

use encoding_rs::Encoding;

use super::exchange::{CodingResult, CodingStep, Completeness, ContentRecord, Digests};
use super::json::ContentStart;
use super::probe::Probe;
use super::utf8::Utf8;
use crate::coding::{self, Coding, CodingChain, CodingStage, Ending, MAX_CODINGS};
use crate::hash::{Algorithm, Hasher};
use crate::http::field::FieldSection;
use crate::http::json::JsonReader;
use crate::http::media_type::{MediaType, essence, is_textual};
use crate::http::multipart::PartReader;
use crate::http::syntax::trim_ows;
use crate::http::transfer_codings::TransferCodings;

/// How much of the decoded content is kept: as much as MIME sniffing looks at.
const PREFIX: usize = 1_445;

/// Takes a response's content, transfer codings removed, in any pieces.
pub(super) struct ContentInspector {
    /// A transfer coding that is unknown, or one too many, stands before the content.
    is_hidden: bool,
    /// How many stages of the chain undo transfer codings, before those of content codings.
    transfer_stages: usize,
    /// The codings as named, as far as is known of them before a byte comes.
    codings: Vec<CodingStep>,
    /// For each stage of the chain, which of `codings` it undoes.
    stage_of: Vec<usize>,
    chain: CodingChain,
    /// The chain failed, or was stopped: nothing more is given to it.
    is_done: bool,
    /// Codings are undone elsewhere: [`Self::push_decoded`] brings what comes of it.
    is_given: bool,
    /// How undoing them went.
    undone: Option<Undone>,
    bytes: u64,
    text: DecodedContent,
    digests: Vec<(Algorithm, Hasher)>,
    /// How many transfer codings are undone elsewhere, where content codings are undone here.
    given_transfer: Option<usize>,
    transfer_error: Option<String>,
    /// The beginning as it came, while nothing has been decoded.
    raw: ContentStart,
}

/// How undoing the codings went.
struct Undone {
    codings: Vec<CodingStep>,
    /// The content is not in the coding that was applied last.
    is_untouched: bool,
    /// Why it failed.
    error: Option<String>,
}

impl ContentInspector {
    /// For the content of a response with these fields.
    pub(super) fn new(fields: &FieldSection) -> Self {
        let mut inspector = Self {
            is_hidden: false,
            transfer_stages: 0,
            codings: codings_named(fields),
            stage_of: Vec::new(),
            chain: CodingChain::default(),
            is_done: false,
            is_given: false,
            undone: None,
            bytes: 0,
            text: DecodedContent::new(fields),
            digests: Vec::new(),
            given_transfer: None,
            transfer_error: None,
            raw: ContentStart::default(),
        };
        let transfer = TransferCodings::of(fields);
        let transfer = transfer.others().filter(|name| !coding::is_identity(name)).map(coding::find);
        let transfer: Option<Vec<_>> = transfer.collect();
        match transfer {
            Some(transfer) if transfer.len() <= MAX_CODINGS => {
                if transfer.is_empty() {
                    inspector.digests = hashers(fields);
                }
                inspector.open_chain(transfer);
            }
            _ => inspector.is_hidden = true,
        }
        inspector
    }

    /// Takes the content to be in this charset, whatever the fields say.
    pub(super) fn assuming(mut self, charset: Option<&'static Encoding>) -> Self {
        self.text.probe.assume(charset);
        self
    }

    /// Sets whether the beginning of the content is kept.
    pub(super) fn keeping(mut self, is_kept: bool) -> Self {
        self.text.is_kept = is_kept;
        self
    }

    /// Takes more of the content.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        // What something came out of may still turn out not to be in its coding.
        if self.text.is_kept && (self.is_hidden || !self.chain.is_empty()) {
            self.raw.push(bytes);
        }
        if self.is_hidden {
            return;
        }
        for (_, hasher) in &mut self.digests {
            hasher.update(bytes);
        }
        if !self.is_given && self.given_transfer.is_none() {
            self.push_coded(bytes);
        }
    }

    /// Takes content in the codings that are undone here.
    fn push_coded(&mut self, bytes: &[u8]) {
        if self.is_done {
            return;
        }
        let Self { chain, text, .. } = self;
        if chain.is_empty() {
            text.push(bytes);
            return;
        }
        // An error is the chain's own; what it was is read from the stages.
        let result = chain.push(bytes, &mut |decoded| {
            text.push(decoded);
            Ok(())
        });
        self.is_done = result.is_err();
    }

    /// Whether more of the content can tell nothing but how long it is.
    pub(super) fn knows_all(&self) -> bool {
        let is_as_it_came = !self.is_hidden && !self.is_given && self.chain.is_empty();
        is_as_it_came && self.digests.is_empty() && self.text.knows_all()
    }

    /// Counts content that went by unseen, where [`Self::knows_all`] said so.
    pub(super) fn count_unseen(&mut self, count: u64) {
        self.bytes = self.bytes.saturating_add(count);
        self.text.bytes = self.text.bytes.saturating_add(count);
    }

    /// Says that `count` codings are undone elsewhere: [`Self::push_decoded`] brings the result.
    pub(super) fn expect_decoded(&mut self, count: usize) {
        if count < self.chain.stages().len() && count == self.transfer_stages {
            self.chain = std::mem::take(&mut self.chain).without_first(count);
            (self.transfer_stages, self.given_transfer) = (0, Some(count));
        } else {
            self.is_given = true;
        }
    }

    /// Takes content whose codings are undone, or the first of them.
    pub(super) fn push_decoded(&mut self, bytes: &[u8]) {
        match self.given_transfer {
            _ if self.is_hidden => {}
            Some(_) => self.push_coded(bytes),
            None => self.text.push(bytes),
        }
    }

    /// Takes how undoing them went.
    pub(super) fn undone(&mut self, chain: &CodingChain) {
        let count = self.given_transfer.unwrap_or(self.transfer_stages);
        self.transfer_error = chain.finish_first(count).err().map(|error| format!("{error:#}"));
        if !self.is_hidden && self.given_transfer.is_none() {
            self.undone = Some(self.judge(chain));
        }
    }

    fn judge(&self, chain: &CodingChain) -> Undone {
        let mut codings = self.codings.clone();
        let stages = chain.stages().get(self.transfer_stages..).unwrap_or_default();
        record(&mut codings, &self.stage_of, stages);
        let is_first = self.transfer_stages == 0 && self.given_transfer.is_none();
        let is_untouched =
            stages.first().is_some_and(|stage| is_first && stage.ending() == Ending::NotApplied);
        Undone { codings, is_untouched, error: chain.failure().map(|error| format!("{error:#}")) }
    }

    /// What there is to know of the content, its last byte having come. Unless
    /// the response is complete, its content is not judged.
    pub(super) fn finish(mut self, outcome: Completeness) -> ContentRecord {
        let is_whole = outcome == Completeness::Complete && self.bytes > 0;
        let is_given = self.undone.is_some();
        let undone = self.undone.take().unwrap_or_else(|| self.judge(&self.chain));
        let own_end = || self.chain.finish_first(self.transfer_stages).err().filter(|_| !is_given);
        let transfer_error = self.transfer_error.or_else(|| own_end().map(|error| format!("{error:#}")));
        let transfer_error = transfer_error.filter(|_| is_whole);
        let is_judged = is_whole && !self.is_hidden && transfer_error.is_none();
        let codings = if is_judged { undone.codings } else { self.codings };
        let is_fully_decoded = is_judged && codings.iter().all(CodingStep::is_undone);
        let is_untouched = undone.is_untouched;
        let mut text = self.text;
        let start = if is_untouched || self.is_hidden { self.raw } else { text.start };
        let mut record = ContentRecord {
            start,
            charset: text.probe.finish(is_fully_decoded),
            codings,
            decoded_bytes: if is_untouched || self.is_hidden { self.bytes } else { text.bytes },
            first_invalid_utf8: if is_fully_decoded { text.utf8.first_invalid() } else { None },
            has_non_ascii: is_fully_decoded && text.utf8.has_non_ascii,
            prefix: text.prefix,
            not_json: text.json.filter(|_| is_fully_decoded).and_then(|json| json.finish()),
            parts: text.parts.filter(|_| is_fully_decoded).map(PartReader::finish),
            transfer_error,
            digests: if is_judged { finish_digests(self.digests) } else { Digests::default() },
        };
        record.start.end(undone.error);
        record
    }

    /// Makes the chain that undoes all of `transfer`, in the order in which they were applied, and
    /// then the content codings from the last on, as far as they are known.
    fn open_chain(&mut self, transfer: Vec<&'static Coding>) {
        let is_coding = |step: &&CodingStep| !coding::is_identity(&step.name);
        if transfer.len() + self.codings.iter().filter(is_coding).count() > MAX_CODINGS {
            self.text.is_wanted = false;
            self.is_done = true;
            self.is_hidden = !transfer.is_empty();
            return;
        }
        self.transfer_stages = transfer.len();
        let mut found = Vec::new();
        for (at, step) in self.codings.iter_mut().enumerate().rev() {
            if coding::is_identity(&step.name) {
                step.result = CodingResult::Decoded;
            } else if let Some(coding) = coding::find(&step.name) {
                found.push(coding);
                self.stage_of.push(at);
            } else {
                step.result = CodingResult::Unsupported;
                self.text.is_wanted = false;
                break;
            }
        }
        self.chain = CodingChain::of(transfer.into_iter().rev(), found).limited();
    }
}

/// The content codings that the fields name, none tried yet.
fn codings_named(fields: &FieldSection) -> Vec<CodingStep> {
    let named = fields.members("content-encoding").filter(|name| !name.is_empty());
    let step = |name: &[u8]| CodingStep {
        name: name.to_ascii_lowercase(),
        result: CodingResult::NotTried,
        input: 0,
        output: 0,
    };
    named.map(step).collect()
}

/// Writes into `codings` how each stage went. Where one failed or was stopped, nothing is known of
/// the ends of the others; where no byte came out of one that was cut, nothing of those after it.
fn record(codings: &mut [CodingStep], stage_of: &[usize], stages: &[CodingStage]) {
    let is_over = stages.iter().any(CodingStage::is_over);
    let mut is_cut = false;
    for (&at, stage) in stage_of.iter().zip(stages) {
        let step = &mut codings[at];
        (step.input, step.output) = (stage.input(), stage.output());
        if is_cut && step.input == 0 {
            break;
        }
        step.result = match stage.ending() {
            _ if is_over && !stage.is_over() => CodingResult::NotTried,
            Ending::Decoded => CodingResult::Decoded,
            Ending::DecodedRaw => CodingResult::DecodedRaw,
            Ending::TrailingData => CodingResult::TrailingData,
            Ending::Truncated => CodingResult::Truncated,
            Ending::NotApplied => CodingResult::NotApplied,
            Ending::Corrupt => CodingResult::Corrupt,
            Ending::Stopped => CodingResult::NotTried,
        };
        is_cut |= step.result == CodingResult::Truncated;
        if stage.is_over() {
            break;
        }
    }
}

/// A hasher for each digest that a field gives (RFC 9530 §2, §3; RFC 1864).
fn hashers(fields: &FieldSection) -> Vec<(Algorithm, Hasher)> {
    let keys: Vec<&[u8]> = ["content-digest", "repr-digest"]
        .iter()
        .flat_map(|name| fields.members(name))
        .filter_map(|member| member.split(|&byte| byte == b'=').next().map(trim_ows))
        .collect();
    let asks = |key: &str| keys.iter().any(|found| found.eq_ignore_ascii_case(key.as_bytes()));
    let asked = [
        (Algorithm::Md5, fields.has("content-md5") || asks("md5")),
        (Algorithm::Sha256, asks("sha-256")),
        (Algorithm::Sha512, asks("sha-512")),
    ];
    let asked = asked.into_iter().filter(|&(_, is_asked)| is_asked);
    asked.filter_map(|(algorithm, _)| Some((algorithm, Hasher::new(algorithm)?))).collect()
}

fn finish_digests(hashers: Vec<(Algorithm, Hasher)>) -> Digests {
    let mut digests = Digests::default();
    for (algorithm, hasher) in hashers {
        let digest = hasher.finish();
        match algorithm {
            Algorithm::Md5 => digests.md5 = digest.try_into().ok(),
            Algorithm::Sha256 => digests.sha256 = digest.try_into().ok(),
            Algorithm::Sha512 => digests.sha512 = digest.try_into().ok(),
            // No digest field's: Digest authentication's alone.
            Algorithm::Sha512_256 => {}
        }
    }
    digests
}

/// What is noted of the decoded content.
#[derive(Default)]
struct DecodedContent {
    /// The type says that it is text.
    is_wanted: bool,
    /// Its beginning is kept.
    is_kept: bool,
    bytes: u64,
    prefix: Vec<u8>,
    start: ContentStart,
    utf8: Utf8,
    probe: Probe,
    json: Option<JsonReader>,
    parts: Option<PartReader>,
}

impl DecodedContent {
    fn new(fields: &FieldSection) -> Self {
        let media_type = fields.value("content-type").and_then(MediaType::parse);
        let boundary = media_type.as_ref().and_then(MediaType::boundary);
        Self {
            json: media_type.as_ref().filter(|kind| kind.is_json()).map(|_| JsonReader::default()),
            parts: boundary.map(PartReader::new),
            is_wanted: fields.value("content-type").is_some_and(|value| is_textual(&essence(value))),
            probe: Probe::new(fields),
            ..Self::default()
        }
    }

    fn knows_all(&self) -> bool {
        let is_judged = !self.is_wanted || self.utf8.is_invalid();
        self.prefix.len() == PREFIX
            && (!self.is_kept || self.start.is_full())
            && is_judged
            && self.json.is_none()
            && self.parts.is_none()
            && self.probe.knows_all()
    }

    fn push(&mut self, bytes: &[u8]) {
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        let missing = PREFIX - self.prefix.len();
        self.prefix.extend_from_slice(&bytes[..bytes.len().min(missing)]);
        if self.is_kept {
            self.start.push(bytes);
        }
        if self.is_wanted {
            self.utf8.push(bytes);
        }
        if let Some(json) = &mut self.json {
            json.push(bytes);
        }
        if let Some(parts) = &mut self.parts {
            parts.push(bytes);
        }
        self.probe.push(bytes);
    }
}

#[cfg(test)]
#[path = "content_tests.rs"]
mod tests;
