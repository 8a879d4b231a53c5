//! The explanation as text: sections of lines, 80 columns where the bytes allow it.

use super::{body, dialogue, fields, status, tls, websocket};
use crate::http::response::{BadHead, HeadProblem, ResponseHead};
use crate::output::escape::one_line;
use crate::report::findings::{Finding, Severity};
use crate::report::record::Record;

/// How wide a line is, where nothing in it is longer.
const WIDTH: usize = 80;
/// Where what a line decides is told.
const INDENT: &str = "          ";

/// What a piece of text is, and so how it is painted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paint {
    Plain,
    Title,
    Wire,
    Aside,
    Severity(Severity),
}

/// Text in pieces.
#[derive(Default)]
pub(super) struct Text(Vec<(Paint, String)>);

impl Text {
    pub(super) fn push(&mut self, paint: Paint, text: impl Into<String>) {
        self.0.push((paint, text.into()));
    }

    pub(super) fn title(&mut self, title: &str, rest: &str) {
        self.push(Paint::Title, title);
        self.push(Paint::Plain, format!("{}{rest}\n", if rest.is_empty() { "" } else { "  " }));
    }

    /// A line of the wire at its offset, made harmless.
    pub(super) fn wire(&mut self, offset: u64, bytes: &[u8]) {
        self.push(Paint::Aside, format!("{offset:>8}  "));
        self.push(Paint::Wire, one_line(bytes));
        self.push(Paint::Plain, "\n");
    }

    /// What the line above decides.
    pub(super) fn aside(&mut self, text: &str) {
        for line in wrapped(text, WIDTH - INDENT.len() - 2) {
            self.push(Paint::Aside, format!("{INDENT}  {line}\n"));
        }
    }

    /// `name  value`, the value wrapped under itself.
    pub(super) fn item(&mut self, name: &str, value: &str) {
        for (nth, line) in wrapped(value, WIDTH - 14).iter().enumerate() {
            let name = if nth == 0 { name } else { "" };
            self.push(Paint::Plain, format!("  {name:<11} {line}\n"));
        }
    }

    /// All of it, in colour or not.
    pub(super) fn render(&self, is_coloured: bool) -> String {
        let mut out = String::new();
        for (paint, text) in &self.0 {
            let colour = match paint {
                Paint::Plain => "",
                Paint::Title => "\x1b[1m",
                Paint::Wire => "\x1b[36m",
                Paint::Aside => "\x1b[2m",
                Paint::Severity(Severity::Error) => "\x1b[1;31m",
                Paint::Severity(Severity::Warn) => "\x1b[1;33m",
                Paint::Severity(Severity::Note) => "\x1b[1;34m",
            };
            if is_coloured && !colour.is_empty() {
                let (text, end) = text.strip_suffix('\n').map_or((&text[..], ""), |text| (text, "\n"));
                out.push_str(&format!("{colour}{text}\x1b[0m{end}"));
            } else {
                out.push_str(text);
            }
        }
        out
    }
}

/// Explains `record`, and tells what was found.
pub(super) fn explain(record: &Record) -> Text {
    let mut text = Text::default();
    text.title("EXCHANGE", &one_line(record.url().as_bytes()));
    request(&mut text, record);
    let exchange = &record.exchange;
    for head in &exchange.interim {
        text.title("\nINTERIM RESPONSE", "another response follows");
        response_head(&mut text, head, record);
    }
    match &exchange.head {
        Ok(head) => {
            text.title("\nRESPONSE", "");
            response_head(&mut text, head, record);
            match &exchange.websocket {
                Some(websocket) => websocket::explain(&mut text, websocket),
                None => body::explain(&mut text, record),
            }
        }
        Err(bad) => bad_head(&mut text, bad),
    }
    if let Some(said) = &record.dialogue {
        text.push(Paint::Plain, "\n");
        dialogue::explain(&mut text, record, said);
    }
    connection(&mut text, record);
    findings(&mut text, &record.findings);
    text
}

fn request(text: &mut Text, record: &Record) {
    let request = &record.exchange.request;
    if request.head.is_empty() {
        return;
    }
    let is_sent = record.connection.remote.is_some() || record.connection.is_reused;
    text.title("\nREQUEST", if is_sent { "" } else { "as it would be sent" });
    let mut walk = request.fields.iter().peekable();
    lines(text, &request.head, 0, |text, offset| {
        if let Some(line) = walk.next_if(|line| line.offset == offset)
            && let Some(note) = fields::of_request(line)
        {
            text.aside(&note);
        }
    });
    if request.body_bytes > 0 {
        text.item("content", &format!("{} bytes follow the head", request.body_bytes));
    }
}

fn response_head(text: &mut Text, head: &ResponseHead, record: &Record) {
    let exchange = &record.exchange;
    let mut walk = head.fields.iter().peekable();
    lines(text, head.raw(), head.offset(), |text, offset| {
        if offset == head.status_line_offset() {
            let version = head.status_line.version;
            text.aside(&format!("HTTP/{}.{}: {}", version.0, version.1, status::meaning(head.status())));
        } else if let Some(line) = walk.next_if(|line| line.offset == offset)
            && let Some(note) = fields::of_response(line, &head.fields, exchange, record.received())
        {
            text.aside(&note);
        }
    });
}

/// Each line of `raw` at its offset, and after it what `aside` has to say.
fn lines(text: &mut Text, raw: &[u8], base: u64, mut aside: impl FnMut(&mut Text, u64)) {
    let mut offset = base;
    for line in raw.split_inclusive(|&byte| byte == b'\n') {
        let content = line.strip_suffix(b"\n").unwrap_or(line);
        let content = content.strip_suffix(b"\r").unwrap_or(content);
        match content {
            [] => text.push(Paint::Aside, format!("{offset:>8}  (empty line)\n")),
            content => text.wire(offset, content),
        }
        aside(text, offset);
        offset += line.len() as u64;
    }
}

fn bad_head(text: &mut Text, bad: &BadHead) {
    let why = match bad.problem {
        HeadProblem::Empty => "none came",
        HeadProblem::NotHttp => "what came is not HTTP/1",
        HeadProblem::StatusSyntax => "its first line has no status code",
        HeadProblem::Truncated => "its head is cut off",
        HeadProblem::TooLarge | HeadProblem::TooManyLines => "its head is too large",
    };
    text.title("\nRESPONSE", why);
    let shown = &bad.raw[..bad.raw.len().min(2048)];
    lines(text, shown, bad.offset, |_, _| {});
    if shown.len() < bad.raw.len() {
        text.item("", &format!("and {} more bytes", bad.raw.len() - shown.len()));
    }
}

fn connection(text: &mut Text, record: &Record) {
    let link = &record.connection;
    if let (Some(local), Some(remote)) = (link.local, link.remote) {
        let same = if link.is_reused { ", the one of the request before" } else { "" };
        text.title("\nCONNECTION", &format!("{local} to {remote}{same}"));
    } else {
        text.title("\nCONNECTION", "none: the response was read from a file");
        return error(text, record);
    }
    if let Some(proxy) = &link.proxy {
        text.item("proxy", &format!("{proxy}, whose own connection leads on"));
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
        text.item("timing", &phases.join(", "));
    }
    error(text, record);
}

fn error(text: &mut Text, record: &Record) {
    if let Some(error) = &record.error {
        text.item("error", &one_line(error.message.as_bytes()));
    }
}

fn findings(text: &mut Text, found: &[Finding]) {
    let count = |severity| found.iter().filter(|finding| finding.severity == severity).count();
    let counts = [
        (Severity::Error, "error", "errors"),
        (Severity::Warn, "warning", "warnings"),
        (Severity::Note, "note", "notes"),
    ];
    let counts = counts.map(|(severity, one, many)| (count(severity), one, many));
    let told: Vec<_> = counts
        .iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| format!("{count} {}", if *count == 1 { one } else { many }))
        .collect();
    text.title("\nFINDINGS", &if told.is_empty() { "none".to_owned() } else { told.join(", ") });
    for finding in found {
        text.push(Paint::Severity(finding.severity), format!("  {:<6}", finding.severity.name()));
        let place = format!("{} byte {}", finding.side.name(), finding.offset);
        text.push(Paint::Plain, format!(" {}, {place}\n", finding.id));
        for line in wrapped(&one_line(finding.message.as_bytes()), WIDTH - 9) {
            text.push(Paint::Plain, format!("         {line}\n"));
        }
        text.push(Paint::Aside, format!("         {}\n", finding.spec));
    }
}

/// `text` in lines of at most `width` characters, where its words allow it.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.len() - 1;
        let length = lines[last].chars().count();
        if length > 0 && length + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if length > 0 {
                lines[last].push(' ');
            }
            lines[last].push_str(word);
        }
    }
    lines
}
