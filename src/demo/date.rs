//! The date of a response, in the one form that senders may use.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::http::date;

/// `time` as an IMF-fixdate (RFC 9110 §5.6.7); a time before 1970 becomes its
/// first second, one after 9999 its last.
pub(super) fn imf_fixdate(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    date::format(i64::try_from(seconds).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn at(seconds: u64) -> String {
        imf_fixdate(UNIX_EPOCH + Duration::from_secs(seconds))
    }

    #[test]
    fn the_rfcs_own_example() {
        assert_eq!(at(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
    }

    #[test]
    fn ends_of_time() {
        assert_eq!(at(0), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(at(u64::MAX / 4), "Fri, 31 Dec 9999 23:59:59 GMT");
        assert_eq!(imf_fixdate(UNIX_EPOCH - Duration::from_secs(1)), at(0));
    }
}
