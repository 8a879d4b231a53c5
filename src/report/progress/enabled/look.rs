//! What the meter looks like, in windows of any width. Plain ASCII, since
//! nothing says what else the terminal can show.

use std::fmt::Write;
use std::time::Duration;

use console::Term;
use indicatif::{BinaryBytes, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::Drawing;

/// From how many columns on there is room for a bar beside the name and the numbers.
const WIDE: u16 = 96;
/// From how many columns on there is room for the name beside the numbers.
const NAMED: u16 = 78;
/// From how many columns on there is room for all numbers.
const MEDIUM: u16 = 60;
/// From how many columns on there is room for two numbers.
const NARROW: u16 = 28;

/// The width of the window.
pub(super) fn width() -> u16 {
    Term::stderr().size().1
}

/// The style of a meter that is `width` columns wide.
pub(super) fn style(drawing: Drawing, width: u16, is_length_known: bool) -> ProgressStyle {
    let template = template(drawing, width, is_length_known);
    // The templates are ours, and all are tested.
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let chars = if drawing == Drawing::Bar { "# " } else { "=> " };
    style
        .progress_chars(chars)
        .with_key("of", write_of)
        .with_key("left", write_left)
        .with_key("passed", write_passed)
}

fn template(drawing: Drawing, width: u16, is_length_known: bool) -> &'static str {
    match (drawing, is_length_known) {
        (Drawing::Bar, true) => "{wide_bar} {percent:>3}%",
        (Drawing::Bar, false) => "{binary_bytes}",
        (_, true) if width >= WIDE => {
            "{msg:16!} {percent:>3}% [{wide_bar}] {of:>24} {binary_bytes_per_sec:>12} {left:>12}"
        }
        (_, true) if width >= NAMED => {
            "{msg:16!} {percent:>3}% {of:>24} {binary_bytes_per_sec:>12} {left:>12}"
        }
        (_, true) if width >= MEDIUM => "{percent:>3}% {of:>24} {binary_bytes_per_sec:>12} {left:>12}",
        (_, true) if width >= NARROW => "{percent:>3}% {of}",
        (_, true) => "{percent:>3}%",
        (_, false) if width >= MEDIUM => {
            "{msg:16!} {binary_bytes:>10} {binary_bytes_per_sec:>12} {passed:>14}"
        }
        (_, false) => "{binary_bytes}",
    }
}

/// How much there is, of how much.
fn write_of(state: &ProgressState, out: &mut dyn Write) {
    let (there, all) = (BinaryBytes(state.pos()), BinaryBytes(state.len().unwrap_or_default()));
    let _ = write!(out, "{there} of {all}");
}

/// The time left, as far as the rate tells.
fn write_left(state: &ProgressState, out: &mut dyn Write) {
    // Nobody can be told that a text can't be written to memory.
    let _ = match state.per_sec() {
        rate if rate > 0.0 => write!(out, "{} left", clock(state.eta())),
        _ => out.write_str("-:-- left"),
    };
}

/// The time since the transfer began.
fn write_passed(state: &ProgressState, out: &mut dyn Write) {
    let _ = write!(out, "{} so far", clock(state.elapsed()));
}

/// Minutes and seconds, and hours where there are.
fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        1..1000 => format!("{hours}:{minutes:02}:{seconds:02}"),
        _ => "-:--".to_owned(),
    }
}

/// Leaves the bar of a whole transfer on a line of its own.
pub(super) fn whole_bar() {
    let bar = ProgressBar::with_draw_target(Some(1), ProgressDrawTarget::stderr());
    bar.set_style(style(Drawing::Bar, width(), true));
    bar.finish();
    let _ = Term::stderr().write_line("");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_templates_can_be_read() {
        for drawing in [Drawing::Meter, Drawing::Bar] {
            for (width, is_length_known) in (0..100).flat_map(|width| [(width, true), (width, false)]) {
                let template = template(drawing, width, is_length_known);
                assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
            }
        }
    }

    #[test]
    fn times_are_told_as_a_clock_does() {
        let told = |seconds| clock(Duration::from_secs(seconds));
        assert_eq!([told(0), told(61), told(3600), told(90_061)], ["0:00", "1:01", "1:00:00", "25:01:01"]);
        assert_eq!(told(u64::MAX), "-:--");
    }
}
