//! Text in sections of lines, as wide as the terminal, or 80 columns where the bytes allow it.

use super::wrapping::{pieces, wrapped};
use crate::output::columns::columns;
use crate::output::escape::one_line;
use crate::report::findings::finding::Severity;

/// Columns of an offset, blanks included.
const OFFSET: usize = 10;
/// The column of a note that does not fit on its line.
const BELOW: usize = 12;

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

/// A line of a head.
pub(super) struct HeadLine {
    pub(super) offset: u64,
    /// Made harmless; empty for the line that ends the head.
    pub(super) wire: String,
    /// What the line decides; empty where the line itself says so.
    pub(super) note: Option<String>,
    pub(super) paint: Paint,
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
        if rest.is_empty() {
            return self.push(Paint::Plain, "\n");
        }
        let name = title.trim_start();
        let lines = wrapped(&format!("{name} {rest}"), self.layout.width.saturating_sub(2)).join("\n  ");
        let rest = lines[name.len()..].trim_start_matches(' ');
        let between = if rest.starts_with('\n') { "" } else { "  " };
        self.push(Paint::Plain, format!("{between}{rest}\n"));
    }

    /// A line of the wire at its offset, made harmless, and what it decides.
    pub(super) fn wire(&mut self, offset: u64, bytes: &[u8], note: Option<String>) {
        self.line(&HeadLine { offset, wire: one_line(bytes), note, paint: Paint::Wire }, 0);
    }

    /// A line and its note: on the same line, at `column` if the line is shorter, or below it.
    pub(super) fn line(&mut self, line: &HeadLine, column: usize) {
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
        let end = OFFSET + broken.last().map_or(0, |part| columns(part));
        let at = column.max(end + 2);
        if at + columns(note) <= self.layout.width && broken.len() == 1 {
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
    pub(super) fn items(&mut self, name: &str, parts: &[String]) {
        let room = self.layout.width.saturating_sub(14);
        let mut lines = vec![String::new()];
        for (nth, part) in parts.iter().enumerate() {
            let part = if nth + 1 < parts.len() { format!("{part},") } else { part.clone() };
            match lines.last_mut() {
                Some(line) if line.is_empty() => line.push_str(&part),
                Some(line) if columns(line) + 1 + columns(&part) <= room => *line += &format!(" {part}"),
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

/// The column at which most notes stand below each other: behind the longest line that
/// leaves room for its note.
pub(super) fn note_column(lines: &[HeadLine], width: usize) -> usize {
    let ends = lines.iter().filter_map(|line| {
        let end = OFFSET + columns(&line.wire) + 2;
        let note = line.note.as_deref().filter(|note| !note.is_empty())?;
        (end + columns(note) <= width && end <= width / 2 + 4).then_some(end)
    });
    ends.max().unwrap_or_default()
}
