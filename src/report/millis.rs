//! Lengths of time in milliseconds, the unit of reports.

use std::time::Duration;

/// `length` in milliseconds.
pub(super) fn millis(length: Duration) -> f64 {
    length.as_secs_f64() * 1e3
}

/// `length` as text has it: `12.3 ms`.
pub(super) fn in_millis(length: Duration) -> String {
    format!("{:.1} ms", millis(length))
}
