//! The explanation of one exchange: the verdict, what was found, and how that came about.

use super::text::{HeadLine, Layout, Paint, Text, note_column};
use super::{body, dialogue, fields, status, summary, tls, websocket};
use crate::failure::{self, Failure, counted};
use crate::http::response::{BadHead, HeadProblem, ResponseHead};
use crate::output::escape::one_line;
use crate::report::findings::finding::{Finding, Severity, Side};
use crate::report::millis::in_millis;
use crate::report::record::{EarlyEnd, Record};
use crate::sorting::sort_by_key;

/// What fails an exchange for a reason that stands in the bytes of its response.
const SAID_BY_FINDINGS: [Failure; 6] = [
    Failure::Protocol,
    Failure::DoubtfulHead,
    Failure::Truncated,
    Failure::EmptyReply,
    Failure::Receive,
    Failure::ContentCoding,
];

/// Explains `record`: the verdict, what was found, and how that came about.
pub(super) fn explain(record: &Record, layout: Layout) -> Text {
    let mut text = Text::new(layout);
    summary::explain(&mut text, record);
    request(&mut text, record);
    if record.is_dry_run {
        return text;
    }
    if record.is_unsent() {
        connection(&mut text, record);
        return text;
    }
    let exchange = &record.exchange;
    let found = by_offset(&record.findings, Side::Response);
    for head in &exchange.interim {
        text.title("\nINTERIM RESPONSE", "another response follows");
        response_head(&mut text, head, record, &found);
    }
    match &exchange.head {
        Ok(head) => {
            text.title("\nRESPONSE", "");
            response_head(&mut text, head, record, &found);
            match &exchange.websocket {
                Some(websocket) => websocket::explain(&mut text, websocket),
                None => body::explain(&mut text, record),
            }
        }
        Err(bad) => bad_head(&mut text, bad, &found),
    }
    if let Some(said) = &record.dialogue {
        text.push(Paint::Plain, "\n");
        dialogue::explain(&mut text, record, said);
    }
    connection(&mut text, record);
    text
}

fn request(text: &mut Text, record: &Record) {
    let request = &record.exchange.request;
    if request.head.is_empty() {
        return;
    }
    let remark = match record.connection.number {
        _ if record.is_unsent() => "not sent",
        Some(_) => "",
        None if record.is_dry_run => "as it would be sent",
        None => "not sent in this run",
    };
    text.title("\nREQUEST", remark);
    let mut walk = request.fields.iter().peekable();
    let found = by_offset(&record.findings, Side::Request);
    lines(text, &request.head, 0, &found, |offset| {
        walk.next_if(|line| line.offset == offset).and_then(fields::of_request)
    });
    for (name, why) in &record.withheld {
        text.item("withheld", &format!("the cookie {name}: {why}"));
    }
    if request.body_bytes > 0 {
        let rest = if request.is_left_off { "; the rest was not sent" } else { "" };
        text.item("content", &format!("{} after the head{rest}", failure::bytes(request.body_bytes)));
    }
}

fn response_head(text: &mut Text, head: &ResponseHead, record: &Record, found: &[&Finding]) {
    let exchange = &record.exchange;
    let mut walk = head.fields.iter().peekable();
    lines(text, head.raw(), head.offset(), found, |offset| {
        if offset == head.status_line_offset() {
            // What everybody knows is not told.
            return Some(status::meaning(head.status()).to_owned()).filter(|_| head.status() != 200);
        }
        let line = walk.next_if(|line| line.offset == offset)?;
        fields::of_response(line, &head.fields, exchange, record.received())
    });
}

/// What was found about one side's bytes, in their order.
fn by_offset(found: &[Finding], side: Side) -> Vec<&Finding> {
    let mut found: Vec<_> = found.iter().filter(|finding| finding.side == side).collect();
    sort_by_key(&mut found, |finding| finding.offset);
    found
}

/// Each line of `raw` at its offset, and what `note` says that it decides. Those that
/// something was `found` about have its colour.
fn lines(
    text: &mut Text,
    raw: &[u8],
    base: u64,
    found: &[&Finding],
    mut note: impl FnMut(u64) -> Option<String>,
) {
    let before = found.partition_point(|finding| finding.offset < base);
    let mut found = found[before..].iter().peekable();
    let mut offset = base;
    let mut lines = Vec::new();
    for line in raw.split_inclusive(|&byte| byte == b'\n') {
        let end = offset + line.len() as u64;
        let content = line.strip_suffix(b"\n").unwrap_or(line);
        let content = content.strip_suffix(b"\r").unwrap_or(content);
        let note = note(offset);
        let mut gravest: Option<Severity> = None;
        while let Some(finding) = found.next_if(|finding| finding.offset < end) {
            let here = Some(finding.severity).filter(|_| finding.offset >= offset);
            gravest = gravest.max(here);
        }
        let paint = match gravest {
            Some(severity @ (Severity::Error | Severity::Warn)) => Paint::Severity(severity),
            _ if note.is_some() || lines.is_empty() => Paint::Wire,
            _ => Paint::Quiet,
        };
        lines.push(HeadLine { offset, wire: one_line(content), note, paint });
        offset = end;
    }
    let column = note_column(&lines, text.layout.width);
    lines.iter().for_each(|line| text.line(line, column));
}

fn bad_head(text: &mut Text, bad: &BadHead, found: &[&Finding]) {
    let why = match bad.problem {
        HeadProblem::Empty => "none came",
        HeadProblem::NotHttp => "the response is not HTTP/1",
        HeadProblem::StatusSyntax => "its first line has no status code",
        HeadProblem::Truncated => "its head is cut off",
        HeadProblem::TooLarge | HeadProblem::LineTooLong | HeadProblem::TooManyLines => {
            "its head is too large"
        }
    };
    text.title("\nRESPONSE", why);
    let shown = &bad.raw[..bad.raw.len().min(2048)];
    lines(text, shown, bad.offset, found, |_| None);
    if shown.len() < bad.raw.len() {
        text.item("", &format!("and {}", counted((bad.raw.len() - shown.len()) as u64, "more byte")));
    }
}

fn connection(text: &mut Text, record: &Record) {
    let link = &record.connection;
    if let (Some(local), Some(remote)) = (link.local, link.remote) {
        let same = if link.is_reused { ", one of an earlier request" } else { "" };
        text.title("\nCONNECTION", &format!("{local} to {remote}{same}"));
    } else {
        let remark = match link.number {
            None => "none: the response was read from a file",
            Some(_) if record.timing.connected.is_none() && !link.is_reused => "none",
            Some(_) => "by a local socket or a command",
        };
        text.title("\nCONNECTION", remark);
        if link.number.is_none() || remark == "none" {
            return error(text, record);
        }
    }
    if let Some(proxy) = &link.proxy {
        // A tunnel that is refused leads nowhere.
        let onward = if record.method == b"CONNECT" { "" } else { ", over its own connection to the server" };
        text.item("proxy", &format!("{proxy}{onward}"));
    }
    if let Some(secured) = &link.tls {
        tls::explain(text, secured);
    }
    if let Some(left) = &link.left {
        text.item("afterwards", left);
    }
    if let Some((ended, at)) = link.ended {
        let after = in_millis(record.timing.since_begin(Some(at)));
        text.item("ended", &format!("{}, after {after}", ended.words()));
    }
    let phases: Vec<_> = record
        .timing
        .phases()
        .iter()
        .filter_map(|(name, length)| Some(format!("{name} {}", in_millis((*length)?))))
        .collect();
    if !phases.is_empty() {
        text.items("timing", &phases);
    }
    error(text, record);
}

/// Why the exchange failed, where no finding says so.
pub(super) fn error(text: &mut Text, record: &Record) {
    let is_found =
        by_offset(&record.findings, Side::Response).iter().any(|finding| finding.severity == Severity::Error);
    let is_told = |error: &EarlyEnd| is_found && SAID_BY_FINDINGS.iter().any(|it| it.code() == error.code);
    if let Some(error) = record.error.as_ref().filter(|error| !is_told(error)) {
        text.item("error", &one_line(error.message.as_bytes()));
    }
}
