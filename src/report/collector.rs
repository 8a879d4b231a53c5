//! Listens to an exchange and makes its [`Record`], in bounded memory.

use std::time::Instant;

use encoding_rs::Encoding;

use super::content::ContentInspector;
use super::exchange::{AfterEnd, Content, Exchange, Outcome, ReceivedBody};
use super::record::{Chunks, Link, Record, Timing};
use super::request_reading::{MAX_KEPT_BODY, read_parts};
use crate::connection::BodyEnd;
use crate::event::Event;
use crate::http::Deviations;
use crate::http::field::FieldSection;
use crate::http::framing::Framed;
use crate::http::request_line::head_length;
use crate::http::response::{BadHead, HeadProblem, ResponseHead};
use crate::http::uri::Uri;

/// Collects the events of one exchange after the other.
#[derive(Default)]
pub(crate) struct Collector {
    /// `--charset`.
    charset: Option<&'static Encoding>,
    url: Option<Uri>,
    sent_head: Vec<u8>,
    sent_body: Vec<u8>,
    sent_body_bytes: u64,
    is_left_off: bool,
    interim: Vec<ResponseHead>,
    head: Option<Result<ResponseHead, BadHead>>,
    framed: Option<Framed>,
    inspector: Option<ContentInspector>,
    body: Option<ReceivedBody>,
    after: AfterEnd,
    chunks: Chunks,
    connection: Link,
    timing: Timing,
}

impl Collector {
    /// A collector; `charset` is what the user said of the content.
    pub(crate) fn new(charset: Option<&'static Encoding>) -> Self {
        Self { charset, ..Self::default() }
    }

    /// Takes an event; gives the record once the exchange is over and something
    /// was received.
    pub(crate) fn on(&mut self, at: Instant, event: &Event<'_>) -> Option<Record> {
        if let Event::Begin(uri) = event {
            let connection = std::mem::take(&mut self.connection);
            *self = Self { charset: self.charset, url: Some((*uri).clone()), connection, ..Self::default() };
        }
        self.timing.on(at, event);
        self.connection.on(at, event);
        match event {
            Event::SentHead(bytes) => {
                self.sent_head = bytes.to_vec();
                self.sent_body.clear();
                self.sent_body_bytes = 0;
                self.is_left_off = false;
            }
            Event::SentBody(bytes) => self.sent_body(bytes),
            Event::Unsent => self.is_left_off = true,
            Event::Interim(head) => self.interim.push((*head).clone()),
            Event::Head(head, framed) => {
                self.inspector = Some(ContentInspector::new(&head.fields).assuming(self.charset));
                self.head = Some(Ok((*head).clone()));
                self.framed = Some(*framed);
            }
            Event::BadHead(bad) => self.head = Some(Err((*bad).clone())),
            Event::Chunk(chunk) => {
                let after =
                    self.timing.sent.map(|sent| at.saturating_duration_since(sent)).unwrap_or_default();
                self.chunks.push(chunk, after);
            }
            Event::Content(bytes) => {
                if let Some(inspector) = &mut self.inspector {
                    inspector.push(bytes);
                }
            }
            Event::End(end) => {
                self.body = Some(self.ended(end));
            }
            Event::After(bytes) => self.after.extend(bytes),
            Event::Done(error) => return self.done(*error),
            _ => {}
        }
        None
    }

    fn sent_body(&mut self, bytes: &[u8]) {
        let room = MAX_KEPT_BODY - self.sent_body.len();
        self.sent_body.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.sent_body_bytes += bytes.len() as u64;
    }

    /// What the content came to.
    fn ended(&mut self, end: &BodyEnd) -> ReceivedBody {
        let chunk_problem = end.chunked.as_ref().and_then(|decoder| decoder.failure());
        let is_unreliable = self.framed.is_some_and(|framed| framed.is_unreliable);
        let outcome = match (is_unreliable || chunk_problem.is_some(), end.is_complete) {
            (true, _) => Outcome::Error,
            (false, true) => Outcome::Complete,
            (false, false) => Outcome::Truncated,
        };
        let offset = match &self.head {
            Some(Ok(head)) => head.offset() + head.raw().len() as u64,
            _ => 0,
        };
        let content = self.inspector.take().map(|inspector| inspector.finish(outcome)).unwrap_or_default();
        let (trailers, trailer_deviations) =
            end.chunked.as_ref().map(|decoder| decoder.trailers_parsed()).unwrap_or_default();
        ReceivedBody {
            framed: self.framed,
            outcome,
            bytes: end.bytes,
            offset,
            // How much a decoder took before it failed depends on how the bytes came.
            end_offset: chunk_problem.map_or(offset + end.wire_bytes, |(_, at)| at),
            chunk_deviations: end
                .chunked
                .as_ref()
                .map(|decoder| decoder.deviations().clone())
                .unwrap_or_default(),
            chunk_problem,
            chunks_cut: end.chunked.as_ref().is_some_and(|decoder| !decoder.has_last_chunk())
                && chunk_problem.is_none(),
            trailers,
            trailer_deviations,
            content,
        }
    }

    fn done(&mut self, error: Option<&anyhow::Error>) -> Option<Record> {
        let collected = std::mem::replace(self, Self::new(self.charset));
        self.connection = collected.connection.clone();
        let uri = collected.url?;
        let head = collected.head?;
        let body = match (collected.body, &head) {
            (Some(body), _) => body,
            (None, Err(bad)) => no_body(bad, &collected.interim),
            (None, Ok(_)) => return None,
        };
        // Raw bytes are sent without regard to where their head ends.
        let (sent_head, rest) = collected.sent_head.split_at(head_length(&collected.sent_head));
        let body_start = [rest, &collected.sent_body].concat();
        let mut request = read_parts(sent_head, &body_start, rest.len() as u64 + collected.sent_body_bytes);
        request.is_left_off = collected.is_left_off;
        let target = String::from_utf8_lossy(uri.origin_form()).into_owned();
        Some(Record {
            url: format!("{}://{}{target}", uri.scheme.name(), uri.authority()),
            exchange: Exchange {
                url: uri,
                request,
                interim: collected.interim,
                head,
                body,
                after: collected.after,
            },
            chunks: collected.chunks,
            connection: collected.connection,
            timing: collected.timing,
            error: error.map(|error| format!("{error:#}")),
        })
    }
}

/// The content of what has no head: none.
fn no_body(bad: &BadHead, interim: &[ResponseHead]) -> ReceivedBody {
    let is_cut = match bad.problem {
        HeadProblem::Truncated => true,
        HeadProblem::Empty => !interim.is_empty(),
        _ => false,
    };
    let offset = bad.offset + bad.raw.len() as u64;
    ReceivedBody {
        framed: None,
        outcome: if is_cut { Outcome::Truncated } else { Outcome::Error },
        bytes: 0,
        offset,
        end_offset: offset,
        chunk_deviations: Deviations::default(),
        chunk_problem: None,
        chunks_cut: false,
        trailers: FieldSection::default(),
        trailer_deviations: Deviations::default(),
        content: Content::default(),
    }
}
