//! `--timing`: the phases of each exchange as a bar chart on standard error,
//! and the addresses tried on the way.

use std::time::Duration;

use super::attempts::AddressAttempt;
use super::explain::{Layout, wrapped};
use super::millis::millis;
use super::record::Record;
use super::recorder::ExchangeReport;
use crate::output::Sink;
use crate::output::colour::Colour;
use crate::output::escape::one_line;
use crate::output::window::StandardStream;

/// Columns of a phase's name and its length, blanks included.
const NAME: usize = 10;
const LENGTH: usize = 13;
/// The fewest columns of the bars.
const MIN_BAR: usize = 10;

/// SGR sequences: of each phase in its order (legible on black and on white), of a failure, and back to normal.
const COLOURS: [&str; 7] =
    ["\x1b[35m", "\x1b[34m", "\x1b[36m", "\x1b[35m", "\x1b[36m", "\x1b[34m", "\x1b[32m"];
const BRIGHT: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const BAD: &str = "\x1b[1;31m";
const PLAIN: &str = "\x1b[0m";

/// Draws the chart of each exchange as it ends.
pub(super) struct Chart {
    sink: Sink,
    layout: Layout,
    /// A chart was drawn: an empty line parts the next one from it.
    has_drawn: bool,
}

impl Chart {
    /// A chart on standard error.
    pub(super) fn new(colour: Colour) -> anyhow::Result<Self> {
        let sink = Sink::standard_error()?;
        let layout = Layout::of(&sink, colour, StandardStream::Errors);
        Ok(Self { sink, layout, has_drawn: false })
    }
}

impl ExchangeReport for Chart {
    fn tell(&mut self, record: &Record) -> anyhow::Result<()> {
        // If standard error is closed, there is no place to report to.
        let before = if std::mem::replace(&mut self.has_drawn, true) { "\n" } else { "" };
        let _ = self.sink.write_harmless(format!("{before}{}", draw(record, self.layout)).as_bytes());
        Ok(())
    }
}

fn draw(record: &Record, layout: Layout) -> String {
    let Layout { width, is_coloured, .. } = layout;
    let columns = width.saturating_sub(NAME + LENGTH).max(MIN_BAR);
    let [bright, dim, plain] = if is_coloured { [BRIGHT, DIM, PLAIN] } else { [""; 3] };
    let url = one_line(record.url().as_bytes());
    let status = record.status().map_or_else(|| "no response".to_owned(), |status| status.to_string());
    let mut out = format!("{dim}Timing:{plain} {bright}{url}, {status}{plain}\n");
    attempts(record, layout, &mut out);
    let timing = &record.timing;
    let total = timing.since_begin(timing.ended);
    let mut before = Duration::ZERO;
    for ((name, length), colour) in timing.phases().into_iter().zip(COLOURS) {
        // Where no connection was made, that is what the time went to.
        let is_lost =
            name == "connect" && timing.connected.is_none() && record.attempts.iter().next().is_some();
        let length = if is_lost { Some(total.saturating_sub(before)) } else { length };
        match length {
            Some(length) => {
                out.push_str(&format!("  {name:<8}{:>11}  ", shown(length)));
                let colour = if is_coloured { colour } else { "" };
                out.push_str(&bar(before, length, total, columns, colour));
                out.push('\n');
                before += length;
            }
            None if name == "connect" && record.connection.is_reused => {
                out.push_str(&format!("  {name:<8}{:>11}  the connection was open\n", "-"));
            }
            None => {}
        }
    }
    out.push_str(&format!("  {bright}{:<8}{:>11}{plain}\n", "total", shown(total)));
    out
}

/// A line for each address tried; where there was but one, it began when connecting did.
fn attempts(record: &Record, layout: Layout, out: &mut String) {
    let first = record.attempts.iter().next().map(|attempt| attempt.began);
    let is_alone = record.attempts.iter().count() == 1;
    for AddressAttempt { address, began, ended, failure, has_won } in record.attempts.iter() {
        let after = first.map(|first| began.saturating_duration_since(first)).unwrap_or_default();
        let took = ended.map(|ended| shown(ended.saturating_duration_since(*began)));
        let outcome = match (failure, has_won) {
            (Some(reason), _) => reason.clone(),
            (None, true) => "connected".to_owned(),
            (None, false) => "no response".to_owned(),
        };
        let took = took.map(|took| format!(" after {took}")).unwrap_or_default();
        let tried = if is_alone { String::new() } else { format!(" tried at {}", shown(after)) };
        let line = format!("{address}{tried}: {outcome}{took}");
        let [bad, plain] = if layout.is_coloured && failure.is_some() { [BAD, PLAIN] } else { [""; 2] };
        for (nth, part) in wrapped(&line, layout.width.saturating_sub(4)).iter().enumerate() {
            let before = if nth == 0 { "  " } else { "    " };
            out.push_str(&format!("{before}{bad}{part}{plain}\n"));
        }
    }
}

/// A bar of `length` behind the phases `before` it, where `total` has all `columns`.
fn bar(before: Duration, length: Duration, total: Duration, columns: usize, colour: &str) -> String {
    let scale = |time: Duration| {
        let part = time.as_secs_f64() / total.as_secs_f64().max(f64::MIN_POSITIVE);
        ((part * columns as f64).round() as usize).min(columns)
    };
    let start = scale(before).min(columns - 1);
    // What took place is seen, however short it was.
    let width = (scale(before + length).max(start) - start).max(1);
    let (on, off) = if colour.is_empty() { ("", "") } else { (colour, PLAIN) };
    format!("{}{on}{}{off}", " ".repeat(start), "#".repeat(width))
}

/// A time with a fitting unit.
fn shown(time: Duration) -> String {
    let millis = millis(time);
    if millis < 1000.0 { format!("{millis:.3} ms") } else { format!("{:.3} s", millis / 1e3) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BAR: usize = 57;

    #[test]
    fn bars_stand_behind_each_other_and_within_the_width() {
        let total = Duration::from_millis(100);
        let millis = Duration::from_millis;
        assert_eq!(bar(millis(0), millis(100), total, BAR, "").len(), BAR);
        assert_eq!(bar(millis(100), millis(0), total, BAR, ""), format!("{}#", " ".repeat(BAR - 1)));
        assert_eq!(bar(millis(0), millis(0), Duration::ZERO, BAR, ""), "#");
        let second = bar(millis(50), millis(50), total, BAR, "");
        assert_eq!((second.len(), second.trim_start().len()), (BAR, BAR - second.find('#').unwrap()));
        assert_eq!(
            (shown(millis(1500)), shown(Duration::from_micros(12))),
            ("1.500 s".into(), "0.012 ms".into())
        );
    }
}
