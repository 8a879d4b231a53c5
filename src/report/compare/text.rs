//! Differences for people: as `diff` prints them, in colour on a terminal.

use super::content::MAX_KEPT;
use super::difference::{ContentDifference, Difference, What, block_offset};
use super::json_paths::Changes;
use super::lines::{Hunks, ShownHunk};
use super::response::ComparedResponse;
use super::{Compared, Finding};
use crate::event::ComparedAs;
use crate::failure::counted;
use crate::http::base16;
use crate::output::escape::push_whole;
use crate::report::explain::wrapped;
use crate::report::redact::Redaction;

/// SGR sequences.
const GONE: &str = "\x1b[31m";
const ADDED: &str = "\x1b[32m";
const PLACE: &str = "\x1b[35m";
const TITLE: &str = "\x1b[1m";
const FAINT: &str = "\x1b[2m";
const PLAIN: &str = "\x1b[0m";

/// How lines are written.
#[derive(Clone, Copy)]
pub(super) struct Look {
    pub(super) is_coloured: bool,
    /// Controls become visible escapes.
    pub(super) is_harmless: bool,
    /// Within how many columns notes are wrapped.
    pub(super) columns: usize,
    pub(super) redaction: Redaction,
}

pub(super) struct ReportLines {
    look: Look,
    out: Vec<u8>,
    /// The heading over the lines that were written last.
    heading: String,
}

/// What differs, and what it means.
pub(super) fn render(compared: &Compared<'_>, look: Look) -> Vec<u8> {
    let Compared { before, after, difference, .. } = *compared;
    let mut page = ReportLines { look, out: Vec::new(), heading: String::new() };
    page.line(TITLE, "--- ", before.title.as_bytes());
    page.line(TITLE, "+++ ", after.title.as_bytes());
    page.items(difference);
    page.content(difference);
    if difference.is_empty() {
        page.remark(&match (&before.error, before.status) {
            (Some(error), None) => format!("the same failure: {error}"),
            (Some(error), Some(_)) => format!("no difference, and the same failure: {error}"),
            (None, _) => "no difference".to_owned(),
        });
    }
    if !difference.left_out.is_empty() {
        let lines = |(name, count): (&String, &usize)| format!("{name} ({})", counted(*count as u64, "line"));
        let names: Vec<_> = difference.left_out.iter().map(lines).collect();
        page.remark(&format!("left out: {}", names.join(", ")));
    }
    page.remark(&times(before, after));
    let has_told = difference.is_empty() || difference.items.iter().any(|item| item.what == What::Failure);
    let undecoded = [before, after].into_iter().filter(|it| !(has_told && it.is_undecodable()));
    for problem in undecoded.filter_map(|it| it.content.as_ref()?.problem.as_ref()) {
        page.remark(&format!("not decoded to its end: {problem}"));
    }
    if matches!(after.part, ComparedAs::Variant(_)) && !compared.is_controlled {
        page.remark(
            "the unchanged request got no complete response: changes that occur without --vary are unknown",
        );
    }
    if let Some(Finding { id, severity, message, spec, .. }) = compared.finding() {
        page.note(TITLE, &format!("{id} ({}): {message} [{spec}]", severity.name()));
    }
    page.out
}

/// Both times, and whether one is much longer. They are told, and count for nothing.
fn times(before: &ComparedResponse, after: &ComparedResponse) -> String {
    let [first, second] = [before, after].map(|response| response.total().as_secs_f64() * 1e3);
    let class = match (first, second) {
        _ if (first - second).abs() < 300.0 || first.max(second) < 3.0 * first.min(second) => "",
        _ if first < second => "; much slower",
        _ => "; much faster",
    };
    format!("time: {first:.3} ms, {second:.3} ms{class}")
}

impl ReportLines {
    fn items(&mut self, difference: &Difference) {
        for item in &difference.items {
            self.heading(item.what.name(), item.is_by_itself);
            let is_line = matches!(item.what, What::Field(..) | What::Trailer(..) | What::Interim);
            for (mark, colour, value) in [("-", GONE, &item.before), ("+", ADDED, &item.after)] {
                let Some(value) = value else { continue };
                let starred = if is_line { self.look.redaction.head(value) } else { value.into() };
                for line in starred.split(|&byte| byte == b'\n') {
                    self.line(colour, mark, line);
                }
            }
        }
        if !difference.moved.is_empty() {
            let by_itself = if difference.moves_by_itself { ", by itself" } else { "" };
            self.remark(&format!("moved{by_itself}: {}", difference.moved.join(", ")));
        }
    }

    fn content(&mut self, difference: &Difference) {
        let Some(content) = &difference.content else { return };
        let by_itself = difference.content_by_itself;
        match content {
            ContentDifference::Lines(hunks) => self.hunks(hunks, by_itself),
            ContentDifference::Values(changes) => self.changes(changes, by_itself),
            ContentDifference::Spelling(what, first) => {
                self.heading("content", by_itself);
                self.remark(&format!("the same {what}, written differently from byte {first} on"));
            }
            ContentDifference::Bytes(first) => {
                self.heading("content", by_itself);
                self.remark(&format!("differs from byte {first} on"));
            }
            ContentDifference::FirstLine(line) => {
                self.heading("content", by_itself);
                self.remark(&format!("too many lines to compare each; differs from line {} on", line + 1));
            }
            ContentDifference::Blocks { first, sha256 } => {
                self.heading("content", by_itself);
                for (mark, colour, hash) in [("-", GONE, &sha256[0]), ("+", ADDED, &sha256[1])] {
                    if let Some(hash) = hash {
                        let hex: String = base16::encode(hash);
                        self.line(colour, mark, format!("SHA-256 {hex}").as_bytes());
                    }
                }
                let first = first.map_or("beyond the blocks whose hashes are kept".to_owned(), |first| {
                    format!("in the block of 64 KiB that begins at byte {}", block_offset(first))
                });
                let limit = MAX_KEPT >> 20;
                self.remark(&format!(
                    "over {limit} MiB, compared by blocks: the first difference is {first}"
                ));
            }
        }
    }

    fn hunks(&mut self, hunks: &Hunks, by_itself: bool) {
        for hunk in &hunks.kept {
            self.hunk(hunk, by_itself || hunk.is_by_itself);
        }
        if hunks.left_out > 0 {
            let Hunks { taken, added, left_out, .. } = hunks;
            self.remark(&format!(
                "{} not shown; in all {} gone, {added} added",
                counted(*left_out as u64, "more difference"),
                counted(*taken as u64, "line"),
            ));
        }
    }

    fn hunk(&mut self, hunk: &ShownHunk, by_itself: bool) {
        let around = hunk.lead.len() + hunk.trail.len();
        let place = |start: usize, count: usize| {
            let start = start - hunk.lead.len();
            format!("{},{}", if count > 0 { start + 1 } else { start }, count)
        };
        let [own, other] = [&hunk.before, &hunk.after].map(|range| place(range.start, range.len() + around));
        let mark = if by_itself { " content, changes by itself" } else { " content" };
        self.line(PLACE, "", format!("@@ -{own} +{other} @@{mark}").as_bytes());
        self.heading.clear();
        for (mark, colour, lines) in [
            (" ", FAINT, &hunk.lead),
            ("-", GONE, &hunk.removed),
            ("+", ADDED, &hunk.added),
            (" ", FAINT, &hunk.trail),
        ] {
            for line in lines {
                self.text_line(colour, mark, line);
            }
        }
    }

    fn changes(&mut self, changes: &Changes, by_itself: bool) {
        for change in &changes.kept {
            self.heading("content, JSON", by_itself || change.is_by_itself);
            for (mark, colour, value) in [("-", GONE, &change.before), ("+", ADDED, &change.after)] {
                if let Some(value) = value {
                    let line = [change.path.as_bytes(), b": ", &value[..]].concat();
                    let line = line.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
                    self.line(colour, mark, &line.collect::<Vec<_>>().join(&b' '));
                }
            }
        }
        let left = changes.count - changes.kept.len();
        if left > 0 {
            self.remark(&format!("{} not shown", counted(left as u64, "more difference")));
        }
    }

    fn heading(&mut self, name: &str, by_itself: bool) {
        let heading = if by_itself { format!("{name}, changes by itself") } else { name.to_owned() };
        if self.heading != heading {
            self.line(PLACE, "", format!("@@ {heading} @@").as_bytes());
            self.heading = heading;
        }
    }

    fn remark(&mut self, text: &str) {
        self.note(FAINT, text);
    }

    fn note(&mut self, colour: &str, text: &str) {
        let mut mark = "* ";
        for line in wrapped(text, self.look.columns.saturating_sub(mark.len())) {
            self.line(colour, mark, line.as_bytes());
            mark = "  ";
        }
    }

    /// A line of content; one without an end is told.
    fn text_line(&mut self, colour: &str, mark: &str, line: &[u8]) {
        let whole = line.strip_suffix(b"\n");
        self.line(colour, mark, whole.unwrap_or(line));
        if whole.is_none() {
            self.line(FAINT, "", b"\\ No newline at end of file");
        }
    }

    fn line(&mut self, colour: &str, mark: &str, text: &[u8]) {
        let colour = if self.look.is_coloured { colour } else { "" };
        self.out.extend_from_slice(colour.as_bytes());
        self.out.extend_from_slice(mark.as_bytes());
        if self.look.is_harmless {
            push_whole(text, &mut self.out);
        } else {
            self.out.extend_from_slice(text);
        }
        if !colour.is_empty() {
            self.out.extend_from_slice(PLAIN.as_bytes());
        }
        self.out.push(b'\n');
    }
}
