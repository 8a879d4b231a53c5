//! The record of an exchange under way: what each event adds to it.

use std::ffi::{OsStr, OsString};
use std::time::Instant;

use encoding_rs::Encoding;

use super::attempts::AddressAttempts;
use super::clock::Moment;
use super::content::ContentInspector;
use super::dialogue::Dialogue;
use super::exchange::{
    AfterEnd, BeforeTls, Completeness, Exchange, MAX_KEPT, ReceivedBody, SentRequest, keep,
};
use super::record::{ChunkSummary, Counts, EarlyEnd, Follows, Link, Record, Timing};
use super::request_reading::read_parts;
use super::unsent_content::is_not_due;
use super::wants::Wants;
use super::websocket::FrameFollower;
use crate::event::{BodyEnd, Event, ProxyRefusal, RequestBegins};
use crate::http::framing::Framed;
use crate::http::request_line::head_length;
use crate::http::response::{BadHead, HeadProblem, ResponseHead, bad_head};
use crate::http::uri::{Scheme, Uri};
use crate::output::escape::one_line;

/// The record of an exchange under way.
pub(super) struct Draft {
    wants: Wants,
    charset: Option<&'static Encoding>,
    uri: Uri,
    started: Moment,
    typed: Vec<u8>,
    is_sibling: bool,
    is_refused: bool,
    method: Vec<u8>,
    /// The head that is to be sent.
    planned_head: Vec<u8>,
    is_replayed: bool,
    sent_head: Vec<u8>,
    sent_body: Vec<u8>,
    sent_body_bytes: u64,
    is_left_off: bool,
    /// As `is_left_off`, of a request that was saved.
    was_left_off: bool,
    is_dry_run: bool,
    interim: Vec<ResponseHead>,
    head: Option<Result<ResponseHead, BadHead>>,
    framed: Option<Framed>,
    inspector: Option<ContentInspector>,
    content_bytes: u64,
    body: Option<ReceivedBody>,
    after: AfterEnd,
    frames: FrameFollower,
    chunks: ChunkSummary,
    connection: Link,
    timing: Timing,
    attempts: AddressAttempts,
    figures: Counts,
    file: Option<OsString>,
    before_tls: Option<BeforeTls>,
    dialogue: Option<Dialogue>,
    follows: Follows,
    withheld: Vec<(String, String)>,
    /// The head of the last request for a tunnel.
    proxy_request: Vec<u8>,
    /// The exchange with a proxy that refused it.
    refusal: Option<Box<Self>>,
}

impl Draft {
    pub(super) fn new(wants: Wants, charset: Option<&'static Encoding>, uri: Uri, connection: Link) -> Self {
        Self {
            wants,
            charset,
            uri,
            started: Moment::now(),
            typed: Vec::new(),
            is_sibling: false,
            is_refused: false,
            method: Vec::new(),
            planned_head: Vec::new(),
            is_replayed: false,
            sent_head: Vec::new(),
            sent_body: Vec::new(),
            sent_body_bytes: 0,
            is_left_off: false,
            was_left_off: false,
            is_dry_run: false,
            interim: Vec::new(),
            head: None,
            framed: None,
            inspector: None,
            content_bytes: 0,
            body: None,
            after: AfterEnd::default(),
            frames: FrameFollower::default(),
            chunks: ChunkSummary::default(),
            connection,
            timing: Timing::default(),
            attempts: AddressAttempts::default(),
            figures: Counts::default(),
            file: None,
            before_tls: None,
            dialogue: None,
            follows: Follows::Nothing,
            withheld: Vec::new(),
            proxy_request: Vec::new(),
            refusal: None,
        }
    }

    /// Of a target that is refused before anything is sent.
    pub(super) fn of_refused(typed: &[u8]) -> Box<Self> {
        let nowhere = Uri {
            scheme: Scheme::Http,
            userinfo: None,
            host: String::new(),
            port: 0,
            path_and_query: Vec::new(),
            fragment: None,
        };
        let draft = Self::new(Wants::default(), None, nowhere, Link::default());
        Box::new(Self { typed: typed.to_vec(), is_refused: true, ..draft })
    }

    /// The connection that it went over.
    pub(super) fn connection(&self) -> Link {
        self.connection.clone()
    }

    /// The exchange with a proxy that refused it.
    pub(super) fn take_refusal(&mut self) -> Option<Box<Self>> {
        self.refusal.take()
    }

    /// Notes what happened.
    pub(super) fn on(&mut self, at: Instant, event: &Event<'_>) {
        self.timing.on(at, event);
        self.connection.on(at, event);
        self.figures.on(event, self.is_replayed);
        if let Some(dialogue) = &mut self.dialogue {
            dialogue.on(at, self.timing.began, event);
        }
        let after = at.saturating_duration_since(self.timing.began.unwrap_or(at));
        self.frames.on(after, event, self.wants);
        match event {
            Event::BeforeTls(said) => self.before_tls.get_or_insert_default().on(*said),
            Event::RequestBegins(asking) => self.asking(asking),
            Event::Dial(event) => self.attempts.on(at, event),
            Event::ProxySent(bytes) => self.proxy_request = bytes.to_vec(),
            Event::ProxyRefused(refusal) if self.wants.refusals => self.refused(at, refusal),
            Event::SentHead(bytes) => self.sent_head(bytes),
            Event::Agreed(_) | Event::Disagreed(_) => self.inspector = None,
            Event::SentBody(bytes) => self.sent_body(bytes),
            Event::SentUnseen(count) => self.count_sent_body(*count),
            Event::Unsent => self.is_left_off = true,
            Event::Replays { is_left_off, .. } => self.was_left_off = *is_left_off,
            Event::DryRun => self.is_dry_run = true,
            Event::Interim(head) => self.interim.push((*head).clone()),
            Event::Head(head, framed) => self.final_head(head, *framed),
            Event::BadHead(bad) => self.head = Some(Err((*bad).clone())),
            Event::Chunk(chunk) => {
                let sent = self.timing.sent.unwrap_or(at);
                self.chunks.push(chunk, at.saturating_duration_since(sent));
            }
            Event::Undoing(count) => self.inspect(|it| it.expect_decoded(*count)),
            Event::Decoded(bytes) => self.inspect(|it| it.push_decoded(bytes)),
            Event::Undone(chain) => self.inspect(|it| it.undone(chain)),
            Event::Content(bytes) => self.content(bytes),
            Event::Relayed(count) => {
                self.content_bytes += count;
                self.inspect(|it| it.count_unseen(*count));
            }
            Event::SavedAs { path, .. } => self.file = Some((*path).to_owned()),
            Event::Withheld { name, why } => {
                self.withheld.push((one_line(name), one_line(why.as_bytes())));
            }
            Event::End(end) => self.body = Some(self.ended(end)),
            Event::After(bytes) => self.after.extend(bytes),
            Event::Switched if self.wants_content() => self.dialogue = Some(Dialogue::default()),
            Event::GoesOn => self.follows = Follows::Next,
            Event::Again => self.follows = Follows::Retry,
            _ => {}
        }
    }

    fn refused(&mut self, at: Instant, refusal: &ProxyRefusal<'_>) {
        let mut draft = Self::new(self.wants, self.charset, self.uri.clone(), self.connection.clone());
        draft.timing = self.timing;
        draft.method = b"CONNECT".to_vec();
        for event in [
            Event::SentHead(&self.proxy_request),
            Event::Head(refusal.head, refusal.framed),
            Event::Content(refusal.content),
            Event::End(refusal.end),
        ] {
            draft.on(at, &event);
        }
        self.refusal = Some(Box::new(draft));
    }

    fn asking(&mut self, asking: &RequestBegins<'_>) {
        self.method = asking.method.to_vec();
        self.typed = asking.typed.to_vec();
        self.is_sibling = asking.is_sibling;
        self.planned_head = asking.head.to_vec();
        self.is_replayed = asking.is_replayed;
        self.file = asking.path.map(OsStr::to_owned);
    }

    /// A request's head was sent; a second one begins the exchange again, on another connection.
    fn sent_head(&mut self, bytes: &[u8]) {
        self.sent_head = bytes.to_vec();
        self.sent_body.clear();
        self.sent_body_bytes = 0;
        self.is_left_off = false;
    }

    fn sent_body(&mut self, bytes: &[u8]) {
        if self.frames.websocket.is_none() && self.wants_content() {
            keep(&mut self.sent_body, bytes);
        }
        self.count_sent_body(bytes.len() as u64);
    }

    fn count_sent_body(&mut self, count: u64) {
        if self.frames.websocket.is_none() {
            self.sent_body_bytes += count;
        }
    }

    fn wants_content(&self) -> bool {
        self.wants.content || self.wants.kept
    }

    /// Whether more of the received content can add anything but its length.
    pub(super) fn must_see_content(&self) -> bool {
        let knows_all = self.inspector.as_ref().is_some_and(ContentInspector::knows_all);
        self.wants_content() && (self.dialogue.is_some() || !knows_all)
    }

    /// Whether more of the sent content is kept: only its beginning is.
    pub(super) fn must_see_sent_content(&self) -> bool {
        let is_http = self.dialogue.is_none() && self.frames.websocket.is_none();
        self.wants_content() && !(is_http && self.sent_body.len() == MAX_KEPT)
    }

    fn final_head(&mut self, head: &ResponseHead, framed: Framed) {
        if self.wants_content() {
            let inspector = ContentInspector::new(&head.fields).assuming(self.charset);
            self.inspector = Some(inspector.keeping(self.wants.kept));
        }
        self.head = Some(Ok(head.clone()));
        self.framed = Some(framed);
    }

    fn content(&mut self, bytes: &[u8]) {
        self.content_bytes += bytes.len() as u64;
        if let Some(inspector) = &mut self.inspector {
            inspector.push(bytes);
        }
    }

    fn inspect(&mut self, look: impl FnOnce(&mut ContentInspector)) {
        if let Some(inspector) = &mut self.inspector {
            look(inspector);
        }
    }

    /// What the content came to.
    fn ended(&mut self, end: &BodyEnd) -> ReceivedBody {
        let chunked = end.chunked.as_deref();
        let chunk_problem = chunked.and_then(|decoder| decoder.failure());
        let is_unreliable = self.framed.is_some_and(|framed| framed.is_unreliable);
        let is_faulty = self.frames.websocket.as_ref().is_some_and(|websocket| websocket.is_faulty());
        let is_wrong = is_unreliable || is_faulty || chunk_problem.is_some();
        let outcome = match (is_wrong, end.is_complete) {
            (true, _) => Completeness::Error,
            (false, true) => Completeness::Complete,
            (false, false) => Completeness::Truncated,
        };
        let mut body = self.body(outcome, end.bytes, end.wire_bytes);
        if let Some(decoder) = chunked {
            body.chunk_deviations = decoder.deviations().clone();
            body.chunk_problem = chunk_problem;
            body.chunks_cut = !decoder.has_last_chunk() && chunk_problem.is_none();
            (body.trailers, body.trailer_deviations) = decoder.trailers_parsed();
        }
        // How much a decoder took before it failed depends on how the bytes came.
        body.end_offset = chunk_problem.map_or(body.end_offset, |(_, at)| at);
        body
    }

    /// The body that followed the head.
    fn body(&mut self, outcome: Completeness, bytes: u64, wire_bytes: u64) -> ReceivedBody {
        let offset = match &self.head {
            Some(Ok(head)) => head.offset() + head.raw().len() as u64,
            Some(Err(bad)) => bad.offset + bad.raw.len() as u64,
            None => 0,
        };
        let inspector = self.inspector.take();
        ReceivedBody {
            framed: self.framed,
            outcome,
            bytes,
            offset,
            end_offset: offset + wire_bytes,
            content: inspector.map(|inspector| inspector.finish(outcome)).unwrap_or_default(),
            ..ReceivedBody::none()
        }
    }

    /// The content of what has no end, or no head.
    fn unended(&mut self) -> ReceivedBody {
        let is_cut = match &self.head {
            Some(Err(bad)) => match bad.problem {
                HeadProblem::Truncated => true,
                HeadProblem::Empty => !self.interim.is_empty(),
                _ => false,
            },
            Some(Ok(_)) => true,
            None => false,
        };
        let outcome = if is_cut { Completeness::Truncated } else { Completeness::Error };
        self.body(outcome, self.content_bytes, self.content_bytes)
    }

    /// The record, the exchange having ended; `error` is what ended it early.
    pub(super) fn finish(mut self: Box<Self>, number: u64, error: Option<&anyhow::Error>) -> Record {
        let is_answered = self.body.is_some() || matches!(self.head, Some(Err(_)));
        let body = self.body.take().unwrap_or_else(|| self.unended());
        let request = self.request();
        let head = match self.head {
            Some(head) => head,
            None => Err(bad_head(&[], 0, HeadProblem::Empty)),
        };
        let exchange = Exchange {
            url: self.uri,
            request,
            interim: self.interim,
            head,
            body,
            websocket: self.frames.websocket,
            after: self.after,
            before_tls: self.before_tls,
            is_answered,
            is_stopped: !self.connection.is_ended_by_server(),
        };
        Record {
            number,
            started: self.started,
            typed: self.typed,
            target: 0,
            url: 0,
            is_sibling: self.is_sibling,
            is_refused: self.is_refused,
            method: self.method,
            exchange,
            findings: Vec::new(),
            chunks: self.chunks,
            connection: self.connection,
            timing: self.timing,
            attempts: self.attempts,
            figures: self.figures,
            file: self.file,
            dialogue: self.dialogue,
            error: error.map(EarlyEnd::of),
            follows: self.follows,
            is_dry_run: self.is_dry_run,
            withheld: self.withheld,
            is_redacted: false,
        }
    }

    /// The request as it was sent, or was to be sent.
    fn request(&self) -> SentRequest {
        if self.sent_head.is_empty() && self.sent_body_bytes == 0 {
            return SentRequest { is_left_off: true, ..read_parts(&self.planned_head, &[], 0) };
        }
        // A head that was sent only in part is judged as it was to be sent.
        let is_cut = self.is_left_off && self.planned_head.starts_with(&self.sent_head);
        let bytes = if is_cut { &self.planned_head } else { &self.sent_head };
        // Raw bytes are sent without regard to where their head ends.
        let (head, rest) = bytes.split_at(head_length(bytes));
        let mut body = Vec::new();
        [rest, &self.sent_body].into_iter().for_each(|bytes| keep(&mut body, bytes));
        let mut request = read_parts(head, &body, rest.len() as u64 + self.sent_body_bytes);
        request.is_left_off = self.is_left_off
            || self.was_left_off
            || matches!(&self.head, Some(Ok(head)) if is_not_due(&request, &self.interim, head, self.is_replayed));
        request
    }
}
