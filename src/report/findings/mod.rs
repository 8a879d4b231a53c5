//! The findings: what is wrong, or could be better, in one exchange.
//!
//! One table, [`RULES`]: id, severity, citation, message and the function that
//! looks. Each file here holds the rows and functions for one part of a
//! message, and judges by what the parsers of [`crate::http`] noted. Ids are
//! frozen once released. A function sees the [`Exchange`] and nothing else: no
//! clock, no second request.

mod auth;
mod cache;
mod cached;
mod charset;
mod chunk;
mod coding;
pub(in crate::report) mod comparing;
mod conditional;
mod connection;
mod content;
mod cookie;
mod cookie_scope;
mod cors;
mod csp;
mod digest;
mod disposition;
mod field;
mod framing;
mod hsts;
mod interim;
mod joined;
mod lists;
mod multipart;
mod range;
mod redirect;
mod request_content;
mod request_credentials;
mod request_fields;
mod request_framing;
mod request_line;
mod request_meaning;
mod request_syntax;
mod security;
mod start;
mod starttls;
mod status;
mod status_meaning;
mod structured;
mod undoing;
mod upgrade;
mod value;
mod websocket;

#[cfg(test)]
mod test_support;
#[cfg(test)]
mod tests;

use super::exchange::Exchange;
use crate::http::field::{FieldLine, FieldSection};
use crate::http::response::{BadHead, HeadProblem, ResponseHead};
use crate::http::{Deviation, Deviations};
use crate::sorting::sort_by_key;

/// The rules on responses, by the part of the message they look at.
const RESPONSE_RULES: &[&[Rule]] = &[
    start::RULES,
    field::RULES,
    value::RULES,
    structured::RULES,
    framing::RULES,
    chunk::RULES,
    interim::RULES,
    upgrade::RULES,
    websocket::RULES,
    connection::RULES,
    range::RULES,
    conditional::RULES,
    multipart::RULES,
    status::RULES,
    status_meaning::RULES,
    cache::RULES,
    cached::RULES,
    redirect::RULES,
    content::RULES,
    charset::RULES,
    coding::RULES,
    undoing::RULES,
    digest::RULES,
    disposition::RULES,
    cookie::RULES,
    cookie_scope::RULES,
    hsts::RULES,
    csp::RULES,
    security::RULES,
    cors::RULES,
    auth::RULES,
    starttls::RULES,
    comparing::RULES,
];

/// The rules on requests.
const REQUEST_RULES: &[&[Rule]] = &[
    request_line::RULES,
    request_framing::RULES,
    request_fields::RULES,
    request_syntax::RULES,
    request_meaning::RULES,
    request_content::RULES,
    request_credentials::RULES,
    structured::REQUEST_RULES,
    websocket::REQUEST_RULES,
    undoing::REQUEST_RULES,
];

/// All findings of `exchange`, sorted. The request is judged if its head was sent completely, and the
/// response if one came. Where no HTTP was spoken, the beginning of TLS is judged.
pub(crate) fn find(exchange: &Exchange) -> Vec<Finding> {
    let is_http = exchange.url.scheme.is_http();
    let on_responses = if is_http { RESPONSE_RULES } else { &[starttls::RULES] };
    let on_requests = if is_http && !exchange.request.is_head_cut() { REQUEST_RULES } else { &[] };
    let mut findings = Vec::new();
    for (side, groups) in [(Side::Response, on_responses), (Side::Request, on_requests)] {
        for rule in groups.iter().copied().flatten() {
            let found = &mut Findings { rule, side, spec: None, findings: &mut findings };
            (rule.check)(exchange, found);
        }
    }
    findings.retain(|finding| exchange.is_answered || !is_http || finding.side == Side::Request);
    sort(&mut findings);
    findings
}

/// Errors first, then by offset.
pub(crate) fn sort(findings: &mut [Finding]) {
    sort_by_key(findings, |finding| (std::cmp::Reverse(finding.severity), finding.offset));
}

/// All rules.
pub(crate) fn rules() -> impl Iterator<Item = &'static Rule> {
    RESPONSE_RULES.iter().chain(REQUEST_RULES).flat_map(|group| group.iter())
}

/// The names of all findings.
pub(crate) fn ids() -> impl Iterator<Item = &'static str> {
    rules().map(Rule::id)
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// Advice.
    Note,
    /// Recipients may differ, or a requirement is broken, without effect on framing.
    Warn,
    /// A recipient must or may reject the message, or two may disagree on where it ends or what it says.
    Error,
}

impl Severity {
    /// Its name in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// Which message a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// Offsets count from the request's first byte.
    Request,
    /// Offsets count from the first byte received on the connection.
    Response,
}

impl Side {
    /// Its name in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
        }
    }
}

/// One row of the table.
pub(crate) struct Rule {
    /// Severity, id, citation and message, a line each: in one text, since the loader adjusts every pointer of every
    /// table at every start.
    text: &'static str,
    check: RuleFunction,
}

/// What a rule does: looks at the exchange and tells what it found.
type RuleFunction = fn(&Exchange, &mut Findings<'_>);

/// Rows of the table: `severity(id, citation, message, function)`.
macro_rules! rows {
    ($($severity:ident($id:expr, $spec:expr, $message:expr, $check:expr $(,)?)),+ $(,)?) => {
        &[$(crate::report::findings::Rule {
            text: crate::report::findings::joined::joined!(stringify!($severity), "\n", $id, "\n", $spec, "\n", $message),
            check: $check,
        }),+]
    };
}
use crate::http::excerpt::excerpt;
use rows;

impl Rule {
    pub(crate) fn severity(&self) -> Severity {
        match self.line(0) {
            "error" => Severity::Error,
            "warn" => Severity::Warn,
            _ => Severity::Note,
        }
    }

    pub(crate) fn id(&self) -> &'static str {
        self.line(1)
    }

    /// The documents and sections that say so.
    pub(crate) fn spec(&self) -> &'static str {
        self.line(2)
    }

    /// What is wrong and what it can cause, in one line, plain words.
    pub(crate) fn message(&self) -> &'static str {
        self.line(3)
    }

    fn line(&self, number: usize) -> &'static str {
        self.text.split('\n').nth(number).unwrap_or_default()
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) id: &'static str,
    pub(crate) severity: Severity,
    pub(crate) side: Side,
    pub(crate) offset: u64,
    /// One line; bytes of the peer in it are escaped.
    pub(crate) message: String,
    pub(crate) spec: &'static str,
}

/// Where a rule's function puts what it finds.
pub(crate) struct Findings<'a> {
    rule: &'a Rule,
    side: Side,
    /// What is cited in place of what the rule cites.
    spec: Option<&'static str>,
    findings: &'a mut Vec<Finding>,
}

/// How many field lines are shown in one message; the others are counted.
const SHOWN_LINES: usize = 3;

impl Findings<'_> {
    /// The rule's findings, citing `spec` in place of the rule's own citation.
    pub(crate) fn citing(&mut self, spec: &'static str) -> Findings<'_> {
        Findings { rule: self.rule, side: self.side, spec: Some(spec), findings: self.findings }
    }

    /// The rule's message holds at `offset`.
    pub(crate) fn at(&mut self, offset: u64) {
        self.push(offset, self.rule.message().to_owned());
    }

    /// Adds a finding at `offset`, told as `message [detail]`. Use [`quoted`] to put a peer's bytes
    /// into `detail`.
    pub(crate) fn with(&mut self, offset: u64, detail: &str) {
        self.push(offset, format!("{} [{detail}]", self.rule.message()));
    }

    /// The rule's message holds for these lines of one section, if there are
    /// any: told once, at the first of them.
    pub(crate) fn lines<'a>(&mut self, lines: impl IntoIterator<Item = FieldLine<'a>>) {
        self.collected(lines.into_iter().collect());
    }

    /// Apart from [`Self::lines`], of which each caller has a copy.
    fn collected(&mut self, mut lines: Vec<FieldLine<'_>>) {
        sort_by_key(&mut lines, |line| line.offset);
        let Some(first) = lines.first() else { return };
        let shown = lines.iter().take(SHOWN_LINES);
        let shown: Vec<_> =
            shown.map(|line| format!("{}: {}", excerpt(line.name), quoted(line.value))).collect();
        let mut detail = shown.join(", ");
        if lines.len() > SHOWN_LINES {
            detail += &format!(" and {} more", lines.len() - SHOWN_LINES);
        }
        self.with(first.offset, &detail);
    }

    /// The parser noted `kind`: told once for each section where it did.
    fn noted(&mut self, exchange: &Exchange, kind: Deviation) {
        for deviations in deviations(exchange) {
            match deviations.get(kind) {
                Some(noted) if noted.count > 1 => self.with(noted.offset, &format!("{} times", noted.count)),
                Some(noted) => self.at(noted.offset),
                None => {}
            }
        }
    }

    fn push(&mut self, offset: u64, message: String) {
        let spec = self.spec.unwrap_or_else(|| self.rule.spec());
        let (id, severity) = (self.rule.id(), self.rule.severity());
        self.findings.push(Finding { id, severity, side: self.side, offset, message, spec });
    }
}

/// Bytes of the peer as text for a message: printable ASCII as it is, the rest
/// escaped, in quotes, at most 60 bytes.
pub(crate) fn quoted(bytes: &[u8]) -> String {
    // Each ' in escaped text has a backslash of its own, which does not help between double quotes.
    format!("\"{}\"", excerpt(bytes).replace("\\'", "'"))
}

/// What the parsers noted, section by section: interim heads, the final head or
/// what there is of it, the chunks, the trailer section, the server's frames.
fn deviations(exchange: &Exchange) -> impl Iterator<Item = &Deviations> {
    let head = match &exchange.head {
        Ok(head) => Some(&head.deviations),
        // No head has begun.
        Err(BadHead { problem: HeadProblem::Empty | HeadProblem::NotHttp, .. }) => None,
        Err(bad) => Some(&bad.deviations),
    };
    let body = &exchange.body;
    let interim = exchange.interim.iter().map(|head| &head.deviations);
    let frames = exchange.websocket.iter().map(|websocket| &websocket.deviations);
    interim.chain(head).chain([&body.chunk_deviations, &body.trailer_deviations]).chain(frames)
}

/// The field lines, section by section: interim heads, the final head or what
/// there is of it, the trailer section.
fn sections(exchange: &Exchange) -> impl Iterator<Item = &FieldSection> {
    let head = match &exchange.head {
        Ok(head) => &head.fields,
        Err(bad) => &bad.fields,
    };
    let interim = exchange.interim.iter().map(|head| &head.fields);
    interim.chain([head, &exchange.body.trailers])
}

/// The whole heads: interim ones and the final one.
fn heads(exchange: &Exchange) -> impl Iterator<Item = &ResponseHead> {
    exchange.interim.iter().chain(exchange.response())
}

/// The final head, if it came whole and has this status code.
fn response_with(exchange: &Exchange, status: u16) -> Option<&ResponseHead> {
    exchange.response().filter(|head| head.status() == status)
}
