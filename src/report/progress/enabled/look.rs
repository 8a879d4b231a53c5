//! What the meter looks like, in windows of any width. Plain ASCII, since
//! nothing says what else the terminal can show.

use std::io;
use std::time::Duration;

use console::Term;

use super::Drawing;
use crate::output::columns::{columns, start};

/// From how many columns on there is room for a bar between the name and the numbers.
const WIDE: usize = 96;
/// From how many columns on there is room for the rate too.
const RATED: usize = 78;
/// From how many columns on there is room for the name and the time left.
const MEDIUM: usize = 60;
/// From how many columns on there is room for two numbers.
const NARROW: usize = 28;

/// What is shown of a transfer.
pub(super) struct Figures<'a> {
    pub(super) name: &'a str,
    /// Bytes, those among them that were there before.
    pub(super) there: u64,
    /// Bytes, where it is known how many there will be.
    pub(super) total: Option<u64>,
    pub(super) bytes_per_second: u64,
    /// Since the transfer began.
    pub(super) passed: Duration,
}

/// The width of the window.
pub(super) fn width() -> usize {
    usize::from(Term::stderr().size().1)
}

/// Puts `line` in place of what stands on the terminal's line.
pub(super) fn redraw(line: &str) -> io::Result<()> {
    // By one write, so that nothing flickers.
    let term = Term::buffered_stderr();
    term.clear_line()?;
    term.write_str(line)?;
    term.flush()
}

/// Leaves the bar of a whole transfer on a line of its own.
pub(super) fn whole_bar() {
    // If the terminal is gone, drawing does not matter.
    let _ = redraw(&format!("{}\n", bar_alone(1, 1, width())));
}

/// The line of a meter, at most `width` columns wide.
pub(super) fn line(drawing: Drawing, width: usize, figures: &Figures<'_>) -> String {
    let mut line = match figures.total {
        Some(total) if drawing == Drawing::Bar => bar_alone(figures.there, total, width),
        Some(total) => with_total(figures, total, width),
        None if drawing == Drawing::Bar || width < MEDIUM => binary(figures.there),
        None => {
            let (name, there, rate) = (figures.name, binary(figures.there), rate(figures));
            let passed = format!("{} so far", clock(figures.passed.as_secs()));
            format!("{} {there:>10} {rate:>12} {passed:>14}", in_columns(name))
        }
    };
    line.truncate(start(&line, width).len());
    line
}

fn with_total(figures: &Figures<'_>, total: u64, width: usize) -> String {
    let &Figures { name, there, .. } = figures;
    let name = in_columns(name);
    let percent = percent(there, total);
    let of = format!("{} of {}", binary(there), binary(total));
    let numbers = format!("{of:>24} {:>12} {:>12}", rate(figures), left(figures, total));
    match width {
        WIDE.. => {
            let before = format!("{name} {percent:>3}% [");
            let room = width.saturating_sub(columns(&before) + "] ".len() + numbers.len());
            format!("{before}{}] {numbers}", bar("=", ">", there, total, room))
        }
        RATED.. => format!("{name} {percent:>3}% {numbers}"),
        MEDIUM.. => format!("{name} {percent:>3}% {of:>24} {:>12}", left(figures, total)),
        NARROW.. => format!("{percent:>3}% {of}"),
        _ => format!("{percent:>3}%"),
    }
}

/// As much of `name` as fits into its columns, all of which are filled.
fn in_columns(name: &str) -> String {
    const NAME: usize = 16;
    let name = start(name, NAME);
    format!("{name}{:1$}", "", NAME - columns(name))
}

fn bar_alone(there: u64, total: u64, width: usize) -> String {
    let room = width.saturating_sub(" 100%".len());
    format!("{} {:>3}%", bar("#", "", there, total, room), percent(there, total))
}

/// A bar of `width` columns, full of `full` as far as it has come, with `tip` before the rest.
fn bar(full: &str, tip: &str, there: u64, total: u64, width: usize) -> String {
    let columns = share(there, total, width as u64);
    let filled = usize::try_from(columns).unwrap_or(width);
    let tip = if there > 0 && filled < width { tip } else { "" };
    format!("{:<width$}", full.repeat(filled) + tip)
}

fn percent(there: u64, total: u64) -> u64 {
    share(there, total, 100)
}

/// `there` of `total` as so many of `whole`, rounded down.
fn share(there: u64, total: u64, whole: u64) -> u64 {
    if there >= total {
        return whole;
    }
    let share = u128::from(there) * u128::from(whole) / u128::from(total);
    u64::try_from(share).unwrap_or(whole)
}

fn rate(figures: &Figures<'_>) -> String {
    format!("{}/s", binary(figures.bytes_per_second))
}

/// The time left, as far as the rate tells.
fn left(figures: &Figures<'_>, total: u64) -> String {
    match figures.bytes_per_second {
        0 => "-:-- left".to_owned(),
        rate => format!("{} left", clock(total.saturating_sub(figures.there).div_ceil(rate))),
    }
}

/// A number of bytes in the largest unit of which there is one.
pub(super) fn binary(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let mut number = bytes as f64;
    let mut named = None;
    for unit in UNITS {
        if number < 1024.0 {
            break;
        }
        number /= 1024.0;
        named = Some(unit);
    }
    named.map_or_else(|| format!("{bytes} B"), |unit| format!("{number:.2} {unit}"))
}

/// Minutes and seconds, and hours where there are.
fn clock(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        1..1000 => format!("{hours}:{minutes:02}:{seconds:02}"),
        _ => "-:--".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: Figures<'_> = Figures {
        name: "a-name-that-is-too-long",
        there: 1024,
        total: Some(2048),
        bytes_per_second: 512,
        passed: Duration::from_secs(61),
    };

    #[test]
    fn a_meter_tells_what_there_is_room_for() {
        let numbers = "    1.00 KiB of 2.00 KiB      512 B/s    0:02 left";
        let half = |width| line(Drawing::Meter, width, &HALF);
        assert_eq!(half(10), " 50%");
        assert_eq!(half(28), " 50% 1.00 KiB of 2.00 KiB");
        assert_eq!(half(60), "a-name-that-is-t  50%     1.00 KiB of 2.00 KiB    0:02 left");
        assert_eq!(half(78), format!("a-name-that-is-t  50% {numbers}"));
        assert_eq!(half(96), format!("a-name-that-is-t  50% [==========>          ] {numbers}"));
    }

    #[test]
    fn a_meter_of_unknown_length_tells_the_time() {
        let figures = Figures { total: None, ..HALF };
        let told = "a-name-that-is-t   1.00 KiB      512 B/s    1:01 so far";
        assert_eq!(line(Drawing::Meter, 80, &figures), told);
        assert_eq!(line(Drawing::Meter, 20, &figures), "1.00 KiB");
        assert_eq!(line(Drawing::Bar, 80, &figures), "1.00 KiB");
    }

    #[test]
    fn a_bar_is_as_full_as_the_transfer_has_come() {
        let bar = |there, total| line(Drawing::Bar, 15, &Figures { there, total: Some(total), ..HALF });
        assert_eq!(bar(0, 10), "             0%");
        assert_eq!(bar(5, 10), "#####       50%");
        assert_eq!([bar(10, 10), bar(11, 10), bar(0, 0)], ["########## 100%"; 3]);
    }

    #[test]
    fn no_line_is_wider_than_the_window() {
        for drawing in [Drawing::Meter, Drawing::Bar] {
            for (width, total) in (0..200).flat_map(|width| [(width, Some(u64::MAX)), (width, None)]) {
                let figures = Figures { there: u64::MAX - 1, total, bytes_per_second: u64::MAX, ..HALF };
                let line = line(drawing, width, &figures);
                assert!(columns(&line) <= width, "{width}: {line}");
            }
        }
    }

    #[test]
    fn bytes_are_told_in_units_of_1024() {
        let told = [15, 1023, 1500, 1_500_000, 1 << 30, u64::MAX].map(binary);
        assert_eq!(told, ["15 B", "1023 B", "1.46 KiB", "1.43 MiB", "1.00 GiB", "16.00 EiB"]);
    }

    #[test]
    fn times_are_told_as_a_clock_does() {
        assert_eq!([0, 61, 3600, 90_061].map(clock), ["0:00", "1:01", "1:00:00", "25:01:01"]);
        assert_eq!(clock(u64::MAX), "-:--");
    }
}
