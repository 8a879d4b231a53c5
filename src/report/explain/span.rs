//! Lengths of time for reading.

/// `seconds` in its two largest units, `1 h 30 min`.
pub(super) fn span(seconds: u64) -> String {
    const UNITS: [(u64, &str, &str); 4] =
        [(86_400, "day", "days"), (3_600, "h", "h"), (60, "min", "min"), (1, "s", "s")];
    if seconds < 120 {
        return if seconds == 0 { "no time".to_owned() } else { format!("{seconds} s") };
    }
    let first = UNITS.iter().position(|(unit, ..)| seconds >= *unit).unwrap_or(UNITS.len() - 1);
    let mut rest = seconds;
    let mut told = Vec::new();
    for (unit, one, many) in &UNITS[first..UNITS.len().min(first + 2)] {
        let count = rest / unit;
        rest %= unit;
        if count > 0 {
            told.push(format!("{count} {}", if count == 1 { one } else { many }));
        }
    }
    told.join(" ")
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn spans_are_said_in_their_largest_units() {
        for (seconds, told) in [
            (0, "no time"),
            (1, "1 s"),
            (119, "119 s"),
            (125, "2 min 5 s"),
            (3_600, "1 h"),
            (5_400, "1 h 30 min"),
            (86_400, "1 day"),
            (90_061, "1 day 1 h"),
            (31_536_000, "365 days"),
            (86_461, "1 day"),
        ] {
            assert_eq!(span(seconds), told);
        }
        assert!(span(u64::MAX).ends_with(" h"));
    }
}
