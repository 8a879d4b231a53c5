//! The date of a response.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::http::date;

/// `time` as an IMF-fixdate (RFC 9110 §5.6.7); a time before 1970 becomes its first second.
pub(super) fn imf_fixdate(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    date::format(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}
