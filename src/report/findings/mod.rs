//! The findings: what is wrong, or could be better, in one exchange.
//!
//! Two tables, [`RESPONSE_RULES`] and [`REQUEST_RULES`]. A row is a [`rule`]: id, severity, citation, message and
//! the function that looks. The files here hold the rows and functions for one part of a
//! message each, and judge by what the parsers of [`crate::http`] noted. Ids are
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
mod exchange_sections;
mod field;
pub(in crate::report) mod finding;
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
mod rule;
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
pub(in crate::report) use cookie_scope::is_public_suffix;
use finding::{Finding, Side, sort};
use rule::{Findings, Rule};

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
pub(super) fn find(exchange: &Exchange) -> Vec<Finding> {
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

/// All rules.
pub(super) fn rules() -> impl Iterator<Item = &'static Rule> {
    RESPONSE_RULES.iter().chain(REQUEST_RULES).flat_map(|group| group.iter())
}

/// The names of all findings.
pub(super) fn ids() -> impl Iterator<Item = &'static str> {
    rules().map(Rule::id)
}
