//! `--har`: the exchanges in HAR 1.2, as browsers' developer tools read it.
//!
//! The file is a whole document after each exchange, so that a run that is
//! interrupted leaves one. Content is kept up to a bound; the exact bytes that
//! HAR has no place for are the affair of `--save`.

#![cfg_attr(not(feature = "json"), allow(dead_code, reason = "the build with JSON writes it"))]

use std::ffi::OsStr;
use std::io::{Seek, SeekFrom};
use std::time::Instant;

use encoding_rs::Encoding;

use super::clock::Moment;
use super::json;
use super::redact::Redaction;
use super::tally::Tally;
use crate::charset::ToUtf8;
use crate::coding::Chain;
use crate::event::{Event, Observer};
use crate::failure::Failure;
use crate::http::field::FieldSection;
use crate::output::Sink;
use crate::output::media::Media;

/// So much of a request's and of a response's content is kept: more than pages
/// and API answers have, and little enough to hold.
const MAX_KEPT: usize = 1 << 20;
/// What stands behind the last entry.
const END: &str = "\n]}}\n";

/// Writes a HAR file.
pub(crate) struct Har {
    sink: Sink,
    /// The file has no end that could be gone back to.
    is_stream: bool,
    entries: u64,
    collected: Entry,
    charset: Option<&'static Encoding>,
    failed: Option<anyhow::Error>,
}

/// One exchange, as HAR tells it.
#[allow(dead_code, reason = "read where there is JSON")]
pub(crate) struct Entry {
    /// Its figures and heads.
    pub(super) tally: Tally,
    /// When it began.
    pub(super) started: String,
    /// The beginning of the request's content.
    pub(super) request_body: Vec<u8>,
    /// The response's content.
    pub(super) content: Kept,
    /// Which secrets are starred.
    pub(super) redaction: Redaction,
}

/// Content, its codings undone, as far as it is kept.
#[allow(dead_code, reason = "read where there is JSON")]
#[derive(Default)]
pub(crate) struct Kept {
    chain: Chain,
    fields: FieldSection,
    bytes: Vec<u8>,
    /// How much there was, codings undone.
    pub(super) size: u64,
    /// Why what is kept is not the content as it is.
    pub(super) comment: Option<String>,
}

impl Har {
    /// A HAR file of this name, `-` for standard output; `charset` is what the
    /// user said of the content.
    pub(crate) fn new(
        path: &OsStr,
        charset: Option<&'static Encoding>,
        redaction: Redaction,
    ) -> anyhow::Result<Self> {
        let mut sink = Sink::private(path)?;
        let is_stream = !sink.file().metadata().is_ok_and(|metadata| metadata.is_file()) || path == "-";
        Ok(Self { sink, is_stream, entries: 0, collected: Entry::new(redaction), charset, failed: None })
    }

    fn write(&mut self) -> anyhow::Result<()> {
        self.collected.redaction.tally(&mut self.collected.tally);
        let entry = json::har_entry(&self.collected, self.charset);
        let before = if self.entries == 0 { beginning() } else { ",\n".to_owned() };
        self.sink.write(format!("{before}{entry}").as_bytes())?;
        self.entries += 1;
        if !self.is_stream {
            self.end()?;
            // What follows goes where the end stands now.
            let back = SeekFrom::Current(-(END.len() as i64));
            self.sink.file().seek(back).map_err(|error| self.sink.write_error(error))?;
        }
        Ok(())
    }

    fn end(&mut self) -> anyhow::Result<()> {
        self.sink.write(END.as_bytes())
    }
}

/// What stands before the first entry.
fn beginning() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let creator = format!("{{\"name\":\"rawget\",\"version\":\"{version}\"}}");
    format!("{{\"log\":{{\"version\":\"1.2\",\"creator\":{creator},\"pages\":[],\"entries\":[\n")
}

impl Observer for Har {
    fn on(&mut self, at: Instant, event: &Event<'_>) {
        self.collected.on(at, event);
        let is_http = self.collected.tally.url.as_ref().is_some_and(|url| url.scheme.is_http());
        if matches!(event, Event::Done(_)) && is_http && self.failed.is_none() {
            self.failed = self.write().err();
        }
    }

    fn finish(&mut self) -> anyhow::Result<Option<Failure>> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        if self.entries == 0 {
            self.sink.write(beginning().as_bytes())?;
        }
        self.end()?;
        Ok(None)
    }
}

impl Entry {
    fn new(redaction: Redaction) -> Self {
        Self {
            tally: Tally::default(),
            started: String::new(),
            request_body: Vec::new(),
            content: Kept::default(),
            redaction,
        }
    }

    fn on(&mut self, at: Instant, event: &Event<'_>) {
        self.tally.on(at, event);
        match event {
            Event::Begin(_) => {
                self.started = Moment::now().iso8601();
                self.request_body.clear();
                self.content = Kept::default();
            }
            Event::SentBody(bytes) => keep(&mut self.request_body, bytes),
            Event::Head(head, _) => self.content = Kept::of(&head.fields),
            Event::Content(bytes) => self.content.push(bytes),
            Event::End(end) if !end.is_complete => {
                self.content.comment.get_or_insert_with(|| "the content was cut off".to_owned());
            }
            _ => {}
        }
    }
}

#[allow(dead_code, reason = "read where there is JSON")]
impl Kept {
    fn of(fields: &FieldSection) -> Self {
        let (chain, comment) = match Chain::new(fields.members("content-encoding")) {
            Ok(chain) => (chain.limited(), None),
            Err(error) => (Chain::default(), Some(format!("{error:#}"))),
        };
        Self { chain, fields: fields.clone(), comment, ..Self::default() }
    }

    fn push(&mut self, input: &[u8]) {
        let Self { chain, bytes, size, .. } = self;
        if chain.is_empty() {
            keep(bytes, input);
            *size += input.len() as u64;
            return;
        }
        let pushed = chain.push(input, &mut |output| {
            keep(bytes, output);
            *size += output.len() as u64;
            Ok(())
        });
        if let Err(error) = pushed {
            self.comment.get_or_insert_with(|| format!("{error:#}"));
        }
    }

    /// What is kept, as text; none where it is not text.
    pub(super) fn text(&self, charset: Option<&'static Encoding>) -> Option<String> {
        let media = Media::of(&self.fields);
        if !media.may_be_text() {
            return None;
        }
        let mut converter = ToUtf8::new(&media.declared(charset), false);
        let mut out = Vec::new();
        // Where the rest is not kept, a character that is cut is left out.
        converter.push(&self.bytes, !self.is_cut(), &mut out);
        if self.is_cut() {
            converter.decide_now(&mut out);
        }
        if converter.is_binary() || converter.replaced() > 0 { None } else { String::from_utf8(out).ok() }
    }

    /// What is kept.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether there was more than is kept.
    pub(super) fn is_cut(&self) -> bool {
        self.size > self.bytes.len() as u64
    }
}

/// Appends as much of `bytes` as may be kept.
fn keep(kept: &mut Vec<u8>, bytes: &[u8]) {
    let room = MAX_KEPT.saturating_sub(kept.len());
    kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
}
