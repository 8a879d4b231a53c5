//! The findings: what is wrong, or could be better, in one exchange.
//!
//! One table, [`RULES`]: id, severity, citation, message and the function that
//! looks. Each file here holds the functions for one part of a message. Ids are
//! frozen once released. A function sees the [`Exchange`] and nothing else: no
//! clock, no second request.

mod auth;
mod charset;
mod coding;
mod content;
mod cookie;
mod cookie_scope;
mod cors;
mod csp;
mod digest;
mod disposition;
mod hsts;
mod request_fields;
mod request_framing;
mod request_line;
mod request_syntax;
mod security;
#[cfg(test)]
mod support2;

use super::exchange::Exchange;

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

/// One row of the table.
pub(crate) struct Rule {
    pub(crate) id: &'static str,
    pub(crate) severity: Severity,
    /// The documents and sections that say so.
    pub(crate) spec: &'static str,
    /// What is wrong and what it can cause, in one line, plain words.
    pub(crate) message: &'static str,
    pub(crate) check: fn(&Exchange, &mut Found<'_>),
}

/// A finding.
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
pub(crate) struct Found<'a> {
    rule: &'a Rule,
    findings: &'a mut Vec<Finding>,
}

impl Found<'_> {
    /// The rule's message holds at `offset`.
    pub(crate) fn at(&mut self, offset: u64) {
        self.push(offset, self.rule.message.to_owned());
    }

    /// The same, with what it is about: `message: detail`. Bytes of the peer are
    /// put into `detail` by [`quoted`] only.
    pub(crate) fn with(&mut self, offset: u64, detail: &str) {
        self.push(offset, format!("{}: {detail}", self.rule.message));
    }

    fn push(&mut self, offset: u64, message: String) {
        let Rule { id, severity, spec, .. } = *self.rule;
        let side = if id.starts_with("request-") { Side::Request } else { Side::Response };
        self.findings.push(Finding { id, severity, side, offset, message, spec });
    }
}

/// Bytes of the peer as text for a message: printable ASCII as it is, the rest
/// escaped, in quotes, at most 60 bytes.
pub(crate) fn quoted(bytes: &[u8]) -> String {
    let shown = &bytes[..bytes.len().min(60)];
    let more = if shown.len() < bytes.len() { "..." } else { "" };
    format!("\"{}{more}\"", shown.escape_ascii())
}

/// All findings of `exchange`: errors first, then by offset.
pub(crate) fn find(exchange: &Exchange) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in RULES.iter().flat_map(|group| group.iter()) {
        (rule.check)(exchange, &mut Found { rule, findings: &mut findings });
    }
    findings.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.offset));
    findings
}

/// The rules, by the part of the message they look at.
const RULES: &[&[Rule]] = &[
    content::RULES,
    charset::RULES,
    coding::RULES,
    digest::RULES,
    disposition::RULES,
    cookie::RULES,
    cookie_scope::RULES,
    hsts::RULES,
    csp::RULES,
    security::RULES,
    cors::RULES,
    auth::RULES,
    request_line::RULES,
    request_framing::RULES,
    request_fields::RULES,
    request_syntax::RULES,
];
