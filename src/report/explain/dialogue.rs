//! Explains what was no HTTP.

use std::time::Duration;

use super::text::{Paint, Text};
use super::wrapping::wrapped;
use crate::failure::{self, counted};
use crate::output::escape::one_line;
use crate::report::dialogue::{Dialogue, Turn};
use crate::report::millis::in_millis;
use crate::report::record::Record;

/// Most lines of one turn that are shown, and most bytes of one line.
const MAX_LINES: usize = 64;
const MAX_LINE: usize = 1000;

/// Who said what, and when; `record` has the connection.
pub(super) fn explain(text: &mut Text, record: &Record, dialogue: &Dialogue) {
    text.title("DIALOGUE", &one_line(record.url().trim_end_matches('/').as_bytes()));
    let link = &record.connection;
    if let Some(remote) = link.remote {
        let from = link.local.map(|local| format!(" from {local}")).unwrap_or_default();
        let at = record.timing.since_begin(record.timing.ready());
        text.push(Paint::Quiet, time(at));
        let room = text.layout.width.saturating_sub(margin().len());
        let lines = wrapped(&format!("connected to {remote}{from}"), room);
        text.push(Paint::Quiet, lines.join(&format!("\n{}", margin())) + "\n");
    }
    dialogue.turns.iter().for_each(|turn| said(text, turn));
    let told: u64 = dialogue.turns.iter().map(|turn| turn.length).sum();
    if told < dialogue.sent + dialogue.received {
        text.push(Paint::Quiet, format!("{}the rest of the dialogue is not kept\n", margin()));
    }
    if let Some((ended, at)) = link.ended {
        let at = time(record.timing.since_begin(Some(at)));
        text.push(Paint::Quiet, format!("{at}the connection was closed {}\n", ended.words()));
    }
    let [sent, received] = [dialogue.sent, dialogue.received].map(failure::bytes);
    text.push(Paint::Quiet, format!("{}{sent} sent, {received} received\n", margin()));
}

fn said(text: &mut Text, turn: &Turn) {
    let mark = if turn.is_ours { "> " } else { "< " };
    let lines = turn.bytes.split_inclusive(|&byte| byte == b'\n');
    for (number, line) in lines.clone().take(MAX_LINES).enumerate() {
        let time = if number == 0 { time(turn.at) } else { margin() };
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        text.push(Paint::Quiet, format!("{time}{mark}"));
        text.push(Paint::Wire, one_line(&line[..line.len().min(MAX_LINE)]));
        let more = line.len().saturating_sub(MAX_LINE);
        let more =
            if more > 0 { format!(" and {}", counted(more as u64, "more byte")) } else { String::new() };
        text.push(Paint::Quiet, more + "\n");
    }
    let more = turn.length - turn.bytes.len() as u64;
    if more > 0 {
        text.push(Paint::Quiet, format!("{}and {}\n", margin(), counted(more, "more byte")));
    }
    let more = lines.skip(MAX_LINES).count();
    if more > 0 {
        text.push(Paint::Quiet, format!("{}and {}\n", margin(), counted(more as u64, "more line")));
    }
}

fn time(time: Duration) -> String {
    format!("{:>13}  ", in_millis(time))
}

fn margin() -> String {
    " ".repeat(time(Duration::ZERO).len())
}
