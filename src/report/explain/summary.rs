//! The verdict on an exchange in one line, and what was found.

use super::text::{Paint, Text};
use crate::failure::{self, counted};
use crate::http::framing::Framing;
use crate::http::response::HeadProblem;
use crate::output::columns::columns;
use crate::output::escape::one_line;
use crate::report::exchange::Completeness;
use crate::report::findings::finding::{Finding, Severity};
use crate::report::millis::in_millis;
use crate::report::record::Record;

/// Columns that stand before what a finding says.
const INDENT: usize = 9;

pub(super) fn explain(text: &mut Text, record: &Record) {
    verdict(text, record, &record.findings);
    findings(text, &record.findings);
}

/// One line about the exchange, in which all this was `found`.
pub(super) fn verdict(text: &mut Text, record: &Record, found: &[Finding]) {
    let method = one_line(&record.exchange.request.method);
    let url = one_line(record.url().as_bytes());
    let title = if method.is_empty() { url } else { format!("{method} {url}") };
    let mut taken = columns(&title);
    text.push(Paint::Title, title);
    for (nth, (paint, part)) in parts(record, found).into_iter().enumerate() {
        let length = columns(&part);
        let between = match nth {
            0 => ": ",
            _ => ", ",
        };
        if taken + 2 + length + 1 > text.layout.width {
            text.push(Paint::Plain, format!("{}\n  ", between.trim_end()));
            taken = 2 + length;
        } else {
            text.push(Paint::Plain, between);
            taken += 2 + length;
        }
        text.push(paint, part);
    }
    text.push(Paint::Plain, "\n");
}

/// Status, size, framing, end, time, and how much was found.
fn parts(record: &Record, found: &[Finding]) -> Vec<(Paint, String)> {
    let mut parts = Vec::new();
    if record.is_dry_run {
        parts.push((Paint::Plain, "not sent".to_owned()));
    } else if record.exchange.url.scheme.is_http() {
        response(record, &mut parts);
    }
    if record.connection.remote.is_some() {
        parts.push((Paint::Plain, in_millis(record.timing.since_begin(record.timing.ended))));
    }
    let kinds = [(Severity::Error, "error"), (Severity::Warn, "warning"), (Severity::Note, "note")];
    for (severity, one) in kinds {
        let count = found.iter().filter(|finding| finding.severity == severity).count();
        if count > 0 {
            parts.push((Paint::Severity(severity), counted(count as u64, one)));
        }
    }
    if found.is_empty() {
        parts.push((Paint::Plain, "no findings".to_owned()));
    }
    parts
}

fn response(record: &Record, parts: &mut Vec<(Paint, String)>) {
    let body = &record.exchange.body;
    let bad = Paint::Severity(Severity::Error);
    if record.is_unsent() {
        return parts.push((bad, "NOT SENT".to_owned()));
    }
    match &record.exchange.head {
        Ok(head) => {
            let reason = one_line(&head.reason());
            parts.push((Paint::Title, format!("{} {reason}", head.status()).trim_end().to_owned()));
        }
        Err(head) => return parts.push((bad, failing(head.problem, record.exchange.is_stopped).to_owned())),
    }
    if record.exchange.websocket.is_some() {
        // Its frames have a section of their own, and no end that framing proves.
        return;
    }
    if let Some(framed) = body.framed {
        let size = match (framed.framing, body.bytes) {
            (Framing::NoBody, _) => "no content".to_owned(),
            (framing, bytes) => format!("{} {}", failure::bytes(bytes), by(framing)),
        };
        parts.push((Paint::Plain, size));
    }
    parts.push(match body.outcome {
        Completeness::Complete => (Paint::Plain, "complete".to_owned()),
        Completeness::Truncated if record.exchange.is_stopped => (bad, "INCOMPLETE".to_owned()),
        Completeness::Truncated => (bad, "CUT SHORT".to_owned()),
        Completeness::Error => (bad, "MALFORMED".to_owned()),
    });
}

/// What became of a response whose head could not be read.
fn failing(problem: HeadProblem, is_stopped: bool) -> &'static str {
    match problem {
        HeadProblem::Truncated if is_stopped => "HEAD INCOMPLETE",
        HeadProblem::Empty => "NO RESPONSE",
        HeadProblem::NotHttp | HeadProblem::StatusSyntax => "NOT HTTP/1",
        HeadProblem::Truncated => "HEAD CUT SHORT",
        HeadProblem::TooLarge | HeadProblem::LineTooLong | HeadProblem::TooManyLines => "HEAD TOO LARGE",
    }
}

fn by(framing: Framing) -> &'static str {
    match framing {
        Framing::NoBody => "",
        Framing::Chunked => "in chunks",
        Framing::Length(_) => "by Content-Length",
        Framing::UntilClose => "until close",
    }
}

/// Each finding: how grave, where, what, and what says so.
pub(super) fn findings(text: &mut Text, found: &[Finding]) {
    if !found.is_empty() {
        text.push(Paint::Plain, "\n");
    }
    for finding in found {
        text.push(Paint::Severity(finding.severity), format!("  {:<6}", finding.severity.name()));
        text.push(Paint::Title, format!(" {}", finding.id));
        let place = format!("{} byte {}", finding.side.name(), finding.offset);
        match INDENT + finding.id.len() + 2 + place.len() <= text.layout.width {
            true => text.push(Paint::Quiet, format!(", {place}\n")),
            false => text.push(Paint::Quiet, format!("\n{:INDENT$}{place}\n", "")),
        }
        text.paragraph(Paint::Plain, INDENT, &one_line(finding.message.as_bytes()));
        text.paragraph(Paint::Quiet, INDENT, finding.spec);
    }
}
