//! The date of a response, in the one form that senders may use.

use std::time::{SystemTime, UNIX_EPOCH};

const DAY_NAMES: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [(&str, u64); 12] = [
    ("Jan", 31),
    ("Feb", 28),
    ("Mar", 31),
    ("Apr", 30),
    ("May", 31),
    ("Jun", 30),
    ("Jul", 31),
    ("Aug", 31),
    ("Sep", 30),
    ("Oct", 31),
    ("Nov", 30),
    ("Dec", 31),
];

/// The last second of the year 9999: the form has four digits for a year.
const LAST_SECOND: u64 = 253_402_300_799;

/// `time` as an IMF-fixdate (RFC 9110 §5.6.7); a time before 1970 becomes its
/// first second, one after 9999 its last.
pub(super) fn imf_fixdate(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs().min(LAST_SECOND));
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // 1 January 1970 was a Thursday.
    let day_name = DAY_NAMES[(days % 7) as usize];
    let (year, month, day) = calendar(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{day_name}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

/// Year, month's name and day of the month of the day `days` after 1 January 1970.
fn calendar(mut days: u64) -> (u64, &'static str, u64) {
    let mut year = 1970;
    while days >= 365 + leap_day(year) {
        days -= 365 + leap_day(year);
        year += 1;
    }
    for (month, length) in MONTHS {
        let length = length + if month == "Feb" { leap_day(year) } else { 0 };
        if days < length {
            return (year, month, days + 1);
        }
        days -= length;
    }
    (year, "Dec", 31)
}

fn leap_day(year: u64) -> u64 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    u64::from(leap)
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
    fn ends_of_time_and_of_february() {
        assert_eq!(at(0), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(at(951_782_400), "Tue, 29 Feb 2000 00:00:00 GMT");
        assert_eq!(at(951_868_799), "Tue, 29 Feb 2000 23:59:59 GMT");
        assert_eq!(at(951_868_800), "Wed, 01 Mar 2000 00:00:00 GMT");
        assert_eq!(at(4_107_542_399), "Sun, 28 Feb 2100 23:59:59 GMT");
        assert_eq!(at(4_107_542_400), "Mon, 01 Mar 2100 00:00:00 GMT");
        assert_eq!(at(LAST_SECOND), "Fri, 31 Dec 9999 23:59:59 GMT");
        assert_eq!(at(LAST_SECOND + 1), at(LAST_SECOND));
        assert_eq!(imf_fixdate(UNIX_EPOCH - Duration::from_secs(1)), at(0));
    }
}
