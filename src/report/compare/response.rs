//! What is kept of a response to compare it with others, in bounded memory.

use std::ffi::OsStr;
use std::hash::RandomState;
use std::rc::Rc;
use std::time::{Duration, Instant};

use encoding_rs::Encoding;

use super::content::{ComparedContent, ContentKeeper};

use crate::event::{BodyEnd, ComparedAs, Event, RequestBegins};
use crate::http::field::FieldSection;
use crate::http::uri::Uri;
use crate::output::escape::one_line;
use crate::report::record::Timing;
use crate::report::redact::Redaction;

/// A response, or why there is none.
pub(in crate::report) struct ComparedResponse {
    /// The URL requested, where that has led, or the file that was read, and for a variant what was different.
    pub(in crate::report) title: String,
    /// The URL requested first.
    pub(in crate::report) requested: String,
    pub(in crate::report) part: ComparedAs,
    pub(in crate::report) method: Vec<u8>,
    /// The request's head.
    pub(in crate::report) request: Vec<u8>,
    /// The heads of interim responses, lines without their ends; 100 (Continue) depends on timing, and is none of them.
    pub(in crate::report) interim: Option<Vec<u8>>,
    /// The status line, or the first line of what came in its place.
    pub(in crate::report) status_line: Vec<u8>,
    pub(in crate::report) status: Option<u16>,
    pub(in crate::report) fields: FieldSection,
    pub(in crate::report) trailers: FieldSection,
    pub(in crate::report) framing: Option<&'static str>,
    pub(in crate::report) content: Option<ComparedContent>,
    /// What went wrong.
    pub(in crate::report) error: Option<String>,
    pub(in crate::report) timing: Timing,
    /// The exchanges that led here: redirects, challenges, attempts in vain.
    earlier: Vec<Timing>,
}

impl ComparedResponse {
    /// Whether it failed because a coding of its content could not be undone, and for no other reason.
    pub(in crate::report) fn is_undecodable(&self) -> bool {
        let problem = self.content.as_ref().and_then(|content| content.problem.as_ref());
        problem.is_some() && self.error.as_ref() == problem
    }

    /// How long it took, from the beginning of the first exchange to the last byte.
    pub(in crate::report) fn total(&self) -> Duration {
        let whole = Timing { began: self.began(), ..self.timing };
        whole.since_begin(whole.ended)
    }

    /// When the first exchange began.
    pub(in crate::report) fn began(&self) -> Option<Instant> {
        self.earlier.first().map_or(self.timing.began, |first| first.began)
    }

    /// The phases by name and length, those of all exchanges added up.
    pub(in crate::report) fn phases(&self) -> impl Iterator<Item = (&'static str, Option<Duration>)> {
        let mut phases = self.timing.phases();
        for (number, (name, length)) in phases.iter_mut().enumerate() {
            let earlier = self.earlier.iter().filter_map(|timing| timing.phases()[number].1);
            *length = match *name {
                "total" => length.and(Some(self.total())),
                _ => earlier.chain(*length).reduce(|sum, other| sum + other),
            };
        }
        phases.into_iter()
    }

    /// Its bytes come from the file of this name.
    fn is_read_from(&mut self, name: &OsStr) {
        let name = one_line(name.as_encoded_bytes());
        self.title = match &self.title[..] {
            // No URL was given.
            "http://localhost/" => name,
            url => format!("{url} from {name}"),
        };
    }

    /// Goes on where `passed` led.
    fn follow(&mut self, passed: Self) {
        if passed.requested != self.title {
            self.title = format!("{} -> {}", passed.requested, self.title);
        }
        self.requested = passed.requested;
        self.earlier = passed.earlier;
        self.earlier.push(passed.timing);
    }
}

/// Collects the response to one request after the other.
pub(in crate::report) struct Collector {
    option: Option<&'static Encoding>,
    redaction: Redaction,
    keys: Rc<RandomState>,
    /// Codings are not undone.
    is_raw: bool,
    under_way: Option<UnderWay>,
    /// Exchanges that another one follows for the same target.
    passed: Vec<ComparedResponse>,
}

/// Most exchanges that wait for the next one of their target: with `--pipeline` there are several.
const MAX_PASSED: usize = 5_000;

struct UnderWay {
    response: ComparedResponse,
    keeper: Option<ContentKeeper>,
    /// The response is not the one that was requested: another request follows.
    is_passed_over: bool,
    /// Its content is saved, as it was sent.
    is_saved: bool,
}

impl Collector {
    /// A collector whose hashes are made with `keys`; `option` is `--charset`.
    pub(in crate::report) fn new(
        option: Option<&'static Encoding>,
        redaction: Redaction,
        keys: Rc<RandomState>,
        is_raw: bool,
    ) -> Self {
        Self { option, redaction, keys, is_raw, under_way: None, passed: Vec::new() }
    }

    /// Takes an event; gives the response once it is over.
    pub(in crate::report) fn on(&mut self, at: Instant, event: &Event<'_>) -> Option<ComparedResponse> {
        if let Event::Begin(uri) = event {
            self.under_way = Some(UnderWay::new(&self.title(uri)));
        }
        let under_way = self.under_way.as_mut()?;
        under_way.response.timing.on(at, event);
        let keeper = |fields: &FieldSection| {
            ContentKeeper::new(fields, self.option, Rc::clone(&self.keys), self.is_raw)
        };
        match event {
            Event::RequestBegins(asking) => self.begin(asking),
            Event::Replays { name, .. } => under_way.response.is_read_from(name),
            Event::Interim(head) if head.status() != 100 => {
                let lines = head.raw().trim_ascii().split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_end);
                let lines = under_way.response.interim.iter().map(|before| &before[..]).chain(lines);
                under_way.response.interim = Some(lines.collect::<Vec<_>>().join(&b'\n'));
            }
            Event::Head(head, framed) => {
                under_way.keeper = Some(keeper(&head.fields));
                let response = &mut under_way.response;
                response.fields = head.fields.clone();
                response.status = Some(head.status());
                response.framing = Some(framed.framing.name());
                let from = usize::try_from(head.status_line_offset() - head.offset()).unwrap_or(0);
                response.status_line = first_line(head.raw().get(from..).unwrap_or_default());
            }
            Event::BadHead(bad) => {
                under_way.response.fields = bad.fields.clone();
                under_way.response.status = bad.status_line.map(|line| line.status);
                under_way.response.status_line = first_line(&bad.raw);
                // To --http0.9 it is the beginning of the content.
                under_way.keeper.insert(keeper(&bad.fields)).push(&bad.raw);
            }
            // What a tcp:// target sends has no head.
            Event::Switched | Event::Content(_) => {
                let keeper = under_way.keeper.get_or_insert_with(|| keeper(&FieldSection::default()));
                if let Event::Content(bytes) = event {
                    keeper.push(bytes);
                }
            }
            Event::End(end) => under_way.end(end),
            Event::SavedAs { .. } => under_way.is_saved = true,
            Event::GoesOn | Event::Again => under_way.is_passed_over = true,
            Event::Done(error) => return self.done(*error),
            _ => {}
        }
        None
    }

    /// The exchange under way is over: its response, unless another request follows.
    fn done(&mut self, error: Option<&anyhow::Error>) -> Option<ComparedResponse> {
        let mut done = self.under_way.take()?;
        if error.is_none() {
            done.end_without_head();
        }
        if done.is_passed_over {
            let ComparedResponse { requested, part, timing, earlier, .. } = done.response;
            let empty = UnderWay::new("").response;
            let passed = ComparedResponse { requested, part, timing, earlier, ..empty };
            self.passed.extend(Some(passed).filter(|_| self.passed.len() < MAX_PASSED));
            return None;
        }
        let error = error.map(|error| self.redaction.text(&format!("{error:#}")).into_owned());
        // Content that --repeat saves stays coded; compared content is decoded.
        let is_kept = done.is_saved && matches!(done.response.part, ComparedAs::Repeat { .. });
        let content = done.response.content.as_ref().filter(|_| !is_kept);
        let error = error.or_else(|| content?.problem.clone());
        Some(ComparedResponse { error, ..done.response })
    }

    fn begin(&mut self, asking: &RequestBegins<'_>) {
        let requested = self.title(asking.first);
        let Some(UnderWay { response, .. }) = &mut self.under_way else { return };
        response.part = asking.part.clone();
        response.method = asking.method.to_vec();
        response.request = asking.head.to_vec();
        // What leads nowhere, since the next request cannot be made, stays here.
        let leads_here =
            |passed: &ComparedResponse| passed.part == *asking.part && passed.requested == requested;
        if asking.is_continued
            && let Some(place) = self.passed.iter().position(leads_here)
        {
            response.follow(self.passed.remove(place));
        }
        if let ComparedAs::Variant(line) = asking.part {
            let lines = self.redaction.head(line.as_bytes());
            let lines = String::from_utf8_lossy(&lines).replace('\n', " and ");
            response.title = format!("{} with {lines}", response.title);
        }
    }

    /// A URL as it is shown.
    pub(in crate::report) fn title(&self, uri: &Uri) -> String {
        let target = String::from_utf8_lossy(uri.origin_form()).into_owned();
        let url = format!("{}://{}{target}", uri.scheme.name(), uri.authority());
        self.redaction.text(&url).into_owned()
    }
}

impl UnderWay {
    fn new(title: &str) -> Self {
        let response = ComparedResponse {
            title: title.to_owned(),
            requested: title.to_owned(),
            part: ComparedAs::Alone,
            method: Vec::new(),
            request: Vec::new(),
            interim: None,
            status_line: Vec::new(),
            status: None,
            fields: FieldSection::default(),
            trailers: FieldSection::default(),
            framing: None,
            content: None,
            error: None,
            timing: Timing::default(),
            earlier: Vec::new(),
        };
        Self { response, keeper: None, is_passed_over: false, is_saved: false }
    }

    /// What came without a head was content from the first line on.
    fn end_without_head(&mut self) {
        if let (Some(keeper), None) = (self.keeper.take(), self.response.framing) {
            self.response.content = Some(keeper.finish());
            self.response.status_line.clear();
        }
    }

    fn end(&mut self, end: &BodyEnd) {
        self.response.content = self.keeper.take().map(ContentKeeper::finish);
        if let Some(decoder) = &end.chunked {
            self.response.trailers = decoder.trailers_parsed().0;
        }
    }
}

/// The first line, without its end.
fn first_line(raw: &[u8]) -> Vec<u8> {
    let line = raw.split(|&byte| byte == b'\n').next().unwrap_or_default();
    line.strip_suffix(b"\r").unwrap_or(line).to_vec()
}
