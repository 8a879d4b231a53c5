//! Repetitions for people.

use std::collections::HashSet;

use super::{Distinct, Phases, Series};
use crate::failure::{self, counted};
use crate::http::base16;
use crate::output::escape::one_line;
use crate::report::explain::wrapped;

/// How wide the chart is at most, and what it is drawn with.
const WIDTH: usize = 70;
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// What the repetitions came to; on a terminal of so many `columns`, with a chart of how long each took.
pub(super) fn render(series: &Series, columns: Option<usize>) -> String {
    let Series { title, count, of, phases, responses, .. } = series;
    let requests = if count < of { format!("{count} of {of} requests") } else { counted(*count, "request") };
    let title = one_line(title.as_bytes());
    let width = columns.unwrap_or(usize::MAX);
    let summary = format!("{title}: {requests} in {:.3} ms", series.took());
    let mut out = format!("{}\n", wrapped(&summary, width.saturating_sub(2)).join("\n  "));
    if let Some(spread) = series.spread {
        out.push_str(&format!("  a race: the last bytes went out within {} us\n", spread.as_micros()));
    }
    out.push_str(&table(phases, width));
    if let Some(columns) = columns.filter(|_| *count > 1) {
        out.push_str(&format!("  totals  {}\n", chart(series, columns.saturating_sub(10).clamp(1, WIDTH))));
    }
    let kinds = responses.distinct.iter().filter(|distinct| distinct.has_come()).count();
    let kinds = counted(kinds as u64, "distinct response");
    out.push_str(&format!("  {kinds}, {} failed\n", responses.failed));
    let mut told = HashSet::new();
    for distinct in &responses.distinct {
        let mut what = line(distinct);
        if !told.insert(what.clone()) {
            let rest = if distinct.sha256.is_some() { "fields" } else { "fields or content" };
            what.push_str(&format!(", differs in {rest}"));
        }
        what.push_str(&format!("; first at {}", distinct.first));
        let lines = wrapped(&what, columns.map_or(usize::MAX, |columns| columns.saturating_sub(BEFORE)));
        out.push_str(&format!("  {:>6} x {}\n", distinct.count, lines.join(&format!("\n{:BEFORE$}", ""))));
    }
    if responses.others > 0 {
        out.push_str(&format!("  {:>6} x other responses, each unlike those above\n", responses.others));
    }
    out
}

/// A line for each phase; in a narrow window without the quantiles that are not the median.
fn table(phases: &Phases, width: usize) -> String {
    let names = ["min", "median", "p90", "p99", "max"];
    let is_narrow = width < 10 * (names.len() + 1);
    let is_shown = |at: &usize| !is_narrow || ![2, 3].contains(at);
    let line = |name: &str, cell: &dyn Fn(usize) -> String| {
        let cells = (0..names.len()).filter(is_shown).map(|at| format!(" {:>9}", cell(at)));
        format!("  {name:<8}{}\n", cells.collect::<String>())
    };
    let head = line("ms", &|at| names[at].to_owned());
    let lines = phases.spreads().map(|(name, spread)| {
        let values = [spread.min, spread.median, spread.p90, spread.p99, spread.max];
        line(name, &|at| format!("{:.3}", values[at]))
    });
    std::iter::once(head).chain(lines).collect()
}

/// What stands before a distinct response.
const BEFORE: usize = "  123456 x ".len();

fn line(distinct: &Distinct) -> String {
    let Distinct { status_line, bytes, sha256, error, .. } = distinct;
    let mut parts = Vec::new();
    if !status_line.is_empty() {
        parts.push(one_line(&status_line[..status_line.len().min(200)]));
    }
    parts.extend(bytes.map(failure::bytes));
    parts.extend(sha256.as_ref().map(|hash| {
        let hex: String = base16::encode(&hash[..hash.len().min(6)]);
        format!("SHA-256 {hex}...")
    }));
    parts.extend(error.as_ref().map(|error| one_line(error.as_bytes())));
    parts.join(", ")
}

/// A bar for each repetition, or for several the longest of them.
fn chart(series: &Series, width: usize) -> String {
    let totals = series.phases.totals();
    let most = totals.iter().max().copied().unwrap_or_default().as_secs_f64().max(f64::MIN_POSITIVE);
    let share = totals.len().div_ceil(width).max(1);
    let bars = totals.chunks(share).map(|some| {
        let longest = some.iter().max().copied().unwrap_or_default().as_secs_f64();
        let height = (longest / most * (BARS.len() - 1) as f64).round() as usize;
        BARS[height.min(BARS.len() - 1)]
    });
    bars.collect()
}
