//! The time of day of what happened, as dates are written in records: UTC,
//! which is the same for all readers.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::http::date::{CivilTime, LONG_DAYS};

const DAY: u64 = 86_400;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A moment, in the parts of its date and time.
pub(crate) struct Moment {
    days: u64,
    seconds: u64,
    pub(super) micros: u32,
}

impl Moment {
    pub(super) fn now() -> Self {
        Self::since_epoch(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
    }

    /// The time that is `since` after the beginning of 1970.
    pub(super) fn since_epoch(since: Duration) -> Self {
        let seconds = since.as_secs();
        Self { days: seconds / DAY, seconds: seconds % DAY, micros: since.subsec_micros() }
    }

    /// Seconds since 1970 began.
    pub(super) fn seconds(&self) -> i64 {
        i64::try_from(self.days * DAY + self.seconds).unwrap_or(i64::MAX)
    }

    /// The time of day: `03:04:05.678901`.
    pub(super) fn time_of_day(&self) -> String {
        let (hour, minute, second) = self.time();
        format!("{hour:02}:{minute:02}:{second:02}.{:06}", self.micros)
    }

    /// The moment as strftime(3) writes it in the C locale, in UTC; `%f` is the microseconds.
    /// Other conversions stay as they are.
    pub(super) fn formatted(&self, format: &str) -> String {
        let mut out = String::new();
        let mut rest = format.chars();
        while let Some(character) = rest.next() {
            if character != '%' {
                out.push(character);
                continue;
            }
            // E and O are for forms that the C locale does not have.
            let mut conversion = rest.next();
            if matches!(conversion, Some('E' | 'O')) && rest.as_str().starts_with(char::is_alphabetic) {
                conversion = rest.next();
            }
            match conversion.and_then(|conversion| self.converted(conversion)) {
                Some(text) => out.push_str(&text),
                None => {
                    out.push('%');
                    out.extend(conversion);
                }
            }
        }
        out
    }

    fn converted(&self, conversion: char) -> Option<String> {
        let (year, month, day) = self.date();
        let (hour, minute, second) = self.time();
        let weekday = self.weekday();
        let of_year = self.day_of_year();
        let half = if hour < 12 { "AM" } else { "PM" };
        let twelve = if hour % 12 == 0 { 12 } else { hour % 12 };
        let (week_year, week) = self.iso_week();
        Some(match conversion {
            'a' => self.weekday_name()[..3].to_owned(),
            'A' => self.weekday_name().to_owned(),
            'b' | 'h' => self.month_name()[..3].to_owned(),
            'B' => self.month_name().to_owned(),
            'c' => self.formatted("%a %b %e %H:%M:%S %Y"),
            'C' => format!("{:02}", year / 100),
            'd' => format!("{day:02}"),
            'D' | 'x' => self.formatted("%m/%d/%y"),
            'e' => format!("{day:2}"),
            'f' => format!("{:06}", self.micros),
            'F' => format!("{year:04}-{month:02}-{day:02}"),
            'g' => format!("{:02}", week_year % 100),
            'G' => format!("{week_year:04}"),
            'H' => format!("{hour:02}"),
            'I' => format!("{twelve:02}"),
            'j' => format!("{of_year:03}"),
            'k' => format!("{hour:2}"),
            'l' => format!("{twelve:2}"),
            'm' => format!("{month:02}"),
            'M' => format!("{minute:02}"),
            'n' => "\n".to_owned(),
            'p' => half.to_owned(),
            'P' => half.to_lowercase(),
            'r' => self.formatted("%I:%M:%S %p"),
            'R' => format!("{hour:02}:{minute:02}"),
            's' => (self.days * DAY + self.seconds).to_string(),
            'S' => format!("{second:02}"),
            't' => "\t".to_owned(),
            'T' | 'X' => format!("{hour:02}:{minute:02}:{second:02}"),
            'u' => (if weekday == 0 { 7 } else { weekday }).to_string(),
            'U' => format!("{:02}", (of_year + 6 - weekday as u64) / 7),
            'V' => format!("{week:02}"),
            'w' => weekday.to_string(),
            'W' => format!("{:02}", (of_year + 6 - (weekday as u64 + 6) % 7) / 7),
            'y' => format!("{:02}", year % 100),
            'Y' => format!("{year:04}"),
            'z' => "+0000".to_owned(),
            'Z' => "UTC".to_owned(),
            '%' => "%".to_owned(),
            _ => return None,
        })
    }

    /// 0 is Sunday; 1970 began on a Thursday.
    fn weekday(&self) -> usize {
        usize::try_from((self.days + 4) % 7).unwrap_or_default()
    }

    fn weekday_name(&self) -> &'static str {
        LONG_DAYS[(self.weekday() + 6) % 7]
    }

    /// From 1 on.
    fn day_of_year(&self) -> u64 {
        let year = self.date().0;
        let first = CivilTime { year, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
        let first = first.seconds().and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or_default();
        self.days - first / DAY + 1
    }

    fn month_name(&self) -> &'static str {
        usize::try_from(self.date().1)
            .ok()
            .and_then(|month| MONTHS.get(month.checked_sub(1)?))
            .unwrap_or(&"???")
    }

    /// The year and the week by ISO 8601: a week is the year's that its Thursday is in.
    fn iso_week(&self) -> (u32, u64) {
        let since_monday = (self.days + 3) % 7;
        let thursday = Self { days: self.days + 3 - since_monday, seconds: 0, micros: 0 };
        (thursday.date().0, thursday.day_of_year().div_ceil(7))
    }

    fn time(&self) -> (u64, u64, u64) {
        (self.seconds / 3600, self.seconds / 60 % 60, self.seconds % 60)
    }

    /// Year, month and day.
    fn date(&self) -> (u32, u32, u32) {
        let time = CivilTime::of(i64::try_from(self.days * DAY).unwrap_or(i64::MAX));
        (time.year, time.month, time.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_as_records_have_it() {
        let moment = Moment::since_epoch(Duration::new(951_827_696, 123_456_789));
        assert_eq!(moment.time_of_day(), "12:34:56.123456");
        assert_eq!(
            moment.formatted("%F %T.%f %s%z %% %Q%"),
            "2000-02-29 12:34:56.123456 951827696+0000 % %Q%"
        );
    }

    #[test]
    fn all_conversions_of_strftime_are_known() {
        let moment = Moment::since_epoch(Duration::new(951_827_696, 0));
        assert_eq!(
            moment.formatted(
                "%a %A %b %B|%c|%C %D %e %g %G %h %I %j %k %l %n%t%p %P %r %R %u %U %V %w %W %x %X %y %Ey"
            ),
            "Tue Tuesday Feb February|Tue Feb 29 12:34:56 2000|20 02/29/00 29 00 2000 Feb 12 060 12 12 \n\tPM pm \
             12:34:56 PM 12:34 2 09 09 2 09 02/29/00 12:34:56 00 00"
        );
        // 1 January 2021 was a Friday, of the last week of 2020.
        let first = Moment::since_epoch(Duration::from_secs(1_609_459_200));
        assert_eq!(first.formatted("%G-W%V-%u %j %U %W %e %I%p"), "2020-W53-5 001 00 00  1 12AM");
    }
}
