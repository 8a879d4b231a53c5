//! The explanation as text: sections of lines, as wide as the terminal, or 80 columns
//! where the bytes allow it.

use super::wrapping::{pieces, wrapped};
use super::{body, dialogue, fields, status, summary, tls, websocket};
use crate::failure::{self, Failure, counted};
use crate::http::response::{BadHead, HeadProblem, ResponseHead};
use crate::output::escape::one_line;
use crate::report::findings::{Finding, Severity, Side};
use crate::report::record::{EarlyEnd, Record};
use crate::sorting::sort_by_key;

/// Columns of an offset, blanks included.
const OFFSET: usize = 10;
/// The column of a note that does not fit on its line.
const BELOW: usize = 12;

/// What fails an exchange for a reason that stands in the bytes of its response.
const SAID_BY_FINDINGS: [Failure; 6] = [
    Failure::Protocol,
    Failure::DoubtfulHead,
    Failure::Truncated,
    Failure::EmptyReply,
    Failure::Receive,
    Failure::ContentCoding,
];

/// What a piece of text is, and so how it is painted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paint {
    Plain,
    Title,
    /// A line of the wire that decides something.
    Wire,
    /// What few look for.
    Quiet,
    Severity(Severity),
}

/// How text is laid out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    /// Columns of a line, where nothing in it is longer.
    pub(crate) width: usize,
    /// Lines of the wire are broken too, at their blanks.
    pub(crate) breaks_wire: bool,
    pub(crate) is_coloured: bool,
}

/// Text in pieces.
pub(super) struct Text {
    pieces: Vec<(Paint, String)>,
    pub(super) layout: Layout,
}

struct HeadLine {
    offset: u64,
    /// Made harmless; empty for the line that ends the head.
    wire: String,
    /// What the line decides; empty where the line itself says so.
    note: Option<String>,
    paint: Paint,
}

impl Text {
    pub(super) fn new(layout: Layout) -> Self {
        Self { pieces: Vec::new(), layout }
    }

    pub(super) fn push(&mut self, paint: Paint, text: impl Into<String>) {
        self.pieces.push((paint, text.into()));
    }

    pub(super) fn title(&mut self, title: &str, rest: &str) {
        self.push(Paint::Title, title);
        self.push(Paint::Plain, format!("{}{rest}\n", if rest.is_empty() { "" } else { "  " }));
    }

    /// A line of the wire at its offset, made harmless, and what it decides.
    pub(super) fn wire(&mut self, offset: u64, bytes: &[u8], note: Option<String>) {
        self.line(&HeadLine { offset, wire: one_line(bytes), note, paint: Paint::Wire }, 0);
    }

    /// A line and its note: on the same line, at `column` if the line is shorter, or below it.
    fn line(&mut self, line: &HeadLine, column: usize) {
        self.push(Paint::Quiet, format!("{:>8}  ", line.offset));
        if line.wire.is_empty() {
            return self.push(Paint::Quiet, "(empty line)\n");
        }
        let room = self.layout.width.saturating_sub(OFFSET);
        let broken = match self.layout.breaks_wire {
            true => wrapped(&line.wire, room),
            false => vec![line.wire.clone()],
        };
        for (nth, part) in broken.iter().enumerate() {
            let before = if nth == 0 { String::new() } else { format!("\n{:OFFSET$}", "") };
            self.push(line.paint, format!("{before}{part}"));
        }
        let Some(note) = line.note.as_ref().filter(|note| !note.is_empty()) else {
            return self.push(Paint::Plain, "\n");
        };
        let end = OFFSET + broken.last().map_or(0, |part| width_of(part));
        let at = column.max(end + 2);
        if at + width_of(note) <= self.layout.width && broken.len() == 1 {
            self.push(Paint::Plain, format!("{:1$}{note}\n", "", at - end));
            return;
        }
        for part in wrapped(note, self.layout.width.saturating_sub(BELOW)) {
            self.push(Paint::Plain, format!("\n{:BELOW$}{part}", ""));
        }
        self.push(Paint::Plain, "\n");
    }

    /// `name  value`, the value wrapped under itself.
    pub(super) fn item(&mut self, name: &str, value: &str) {
        let room = self.layout.width.saturating_sub(14);
        let mut lines = wrapped(value, room);
        if self.layout.breaks_wire {
            // A digest has no blanks: it continues on the next line.
            lines = lines.iter().flat_map(|line| pieces(line, room)).collect();
        }
        for (nth, line) in lines.iter().enumerate() {
            self.push(Paint::Quiet, format!("  {:<11} ", if nth == 0 { name } else { "" }));
            self.push(Paint::Plain, format!("{line}\n"));
        }
    }

    /// `name  part, part, …`, broken between parts.
    fn items(&mut self, name: &str, parts: &[String]) {
        let room = self.layout.width.saturating_sub(14);
        let mut lines = vec![String::new()];
        for (nth, part) in parts.iter().enumerate() {
            let part = if nth + 1 < parts.len() { format!("{part},") } else { part.clone() };
            match lines.last_mut() {
                Some(line) if line.is_empty() => line.push_str(&part),
                Some(line) if width_of(line) + 1 + width_of(&part) <= room => *line += &format!(" {part}"),
                _ => lines.push(part),
            }
        }
        for (nth, line) in lines.iter().enumerate() {
            self.item(if nth == 0 { name } else { "" }, line);
        }
    }

    /// `text` in lines behind `indent` blanks.
    pub(super) fn paragraph(&mut self, paint: Paint, indent: usize, text: &str) {
        for line in wrapped(text, self.layout.width.saturating_sub(indent)) {
            self.push(paint, format!("{:indent$}{line}\n", ""));
        }
    }

    /// All of it, in colour or not.
    pub(super) fn render(&self) -> String {
        let mut out = String::new();
        for (paint, text) in &self.pieces {
            let colour = match paint {
                Paint::Plain => "",
                Paint::Title => "\x1b[1m",
                Paint::Wire => "\x1b[1m",
                Paint::Quiet => "\x1b[2m",
                Paint::Severity(Severity::Error) => "\x1b[1;31m",
                Paint::Severity(Severity::Warn) => "\x1b[1;35m",
                Paint::Severity(Severity::Note) => "\x1b[1m",
            };
            if self.layout.is_coloured && !colour.is_empty() {
                let (text, end) = text.strip_suffix('\n').map_or((&text[..], ""), |text| (text, "\n"));
                out.push_str(&format!("{colour}{text}\x1b[0m{end}"));
            } else {
                out.push_str(text);
            }
        }
        out
    }
}

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
        text.item("content", &format!("{} after the head", failure::bytes(request.body_bytes)));
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

/// The column at which most notes stand below each other: behind the longest line that
/// leaves room for its note.
fn note_column(lines: &[HeadLine], width: usize) -> usize {
    let ends = lines.iter().filter_map(|line| {
        let end = OFFSET + width_of(&line.wire) + 2;
        let note = line.note.as_deref().filter(|note| !note.is_empty())?;
        (end + width_of(note) <= width && end <= width / 2 + 4).then_some(end)
    });
    ends.max().unwrap_or_default()
}

/// How many columns `text` takes, each character one.
fn width_of(text: &str) -> usize {
    text.chars().count()
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
        text.item("proxy", &format!("{proxy}, over its own connection to the server"));
    }
    if let Some(secured) = &link.tls {
        tls::explain(text, secured);
    }
    if let Some(left) = &link.left {
        text.item("afterwards", left);
    }
    if let Some((ended, at)) = link.ended {
        let after = record.timing.since_begin(Some(at)).as_secs_f64() * 1e3;
        text.item("ended", &format!("{}, after {after:.1} ms", ended.words()));
    }
    let phases: Vec<_> = record
        .timing
        .phases()
        .iter()
        .filter_map(|(name, length)| Some(format!("{name} {:.1} ms", (*length)?.as_secs_f64() * 1e3)))
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
