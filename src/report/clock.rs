//! The time of day of what happened, as dates are written in records: UTC,
//! which is the same for whoever reads them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

const DAY: u64 = 86_400;

/// A moment, in the parts of its date and time.
pub(super) struct Moment {
    days: u64,
    seconds: u64,
    micros: u32,
}

impl Moment {
    /// Now.
    pub(super) fn now() -> Self {
        Self::since_epoch(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
    }

    /// So long after 1970 began.
    pub(super) fn since_epoch(since: Duration) -> Self {
        let seconds = since.as_secs();
        Self { days: seconds / DAY, seconds: seconds % DAY, micros: since.subsec_micros() }
    }

    /// As ISO 8601 and HAR have it: `2026-01-02T03:04:05.678Z`.
    pub(super) fn iso8601(&self) -> String {
        let (year, month, day) = self.date();
        let (hour, minute, second) = self.time();
        let millis = self.micros / 1000;
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
    }

    /// The time of day: `03:04:05.678901`.
    pub(super) fn time_of_day(&self) -> String {
        let (hour, minute, second) = self.time();
        format!("{hour:02}:{minute:02}:{second:02}.{:06}", self.micros)
    }

    /// The moment as strftime(3) writes it; conversions that are not among the
    /// numeric ones stay as they are. `%f` is the microseconds.
    pub(super) fn formatted(&self, format: &str) -> String {
        let (year, month, day) = self.date();
        let (hour, minute, second) = self.time();
        let mut out = String::new();
        let mut rest = format.chars();
        while let Some(character) = rest.next() {
            let conversion = if character == '%' { rest.next() } else { None };
            match (character, conversion) {
                ('%', Some('Y')) => out.push_str(&format!("{year:04}")),
                ('%', Some('m')) => out.push_str(&format!("{month:02}")),
                ('%', Some('d')) => out.push_str(&format!("{day:02}")),
                ('%', Some('H')) => out.push_str(&format!("{hour:02}")),
                ('%', Some('M')) => out.push_str(&format!("{minute:02}")),
                ('%', Some('S')) => out.push_str(&format!("{second:02}")),
                ('%', Some('F')) => out.push_str(&format!("{year:04}-{month:02}-{day:02}")),
                ('%', Some('T')) => out.push_str(&format!("{hour:02}:{minute:02}:{second:02}")),
                ('%', Some('f')) => out.push_str(&format!("{:06}", self.micros)),
                ('%', Some('s')) => out.push_str(&(self.days * DAY + self.seconds).to_string()),
                ('%', Some('z')) => out.push_str("+0000"),
                ('%', Some('Z')) => out.push_str("UTC"),
                ('%', Some('%')) => out.push('%'),
                (character, conversion) => {
                    out.push(character);
                    out.extend(conversion);
                }
            }
        }
        out
    }

    fn time(&self) -> (u64, u64, u64) {
        (self.seconds / 3600, self.seconds / 60 % 60, self.seconds % 60)
    }

    /// Year, month and day (proleptic Gregorian calendar): years are counted
    /// from March, so that the leap day is the last of its year.
    fn date(&self) -> (u64, u64, u64) {
        /// Days from 1 March of the year 0 to 1 January 1970.
        const BEFORE_EPOCH: u64 = 719_468;
        let days = self.days + BEFORE_EPOCH;
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let leap_days = day_of_era / 1_460 - day_of_era / 36_524 + day_of_era / 146_096;
        let year_of_era = (day_of_era - leap_days) / 365;
        let day_of_year = day_of_era + year_of_era / 100 - 365 * year_of_era - year_of_era / 4;
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let year = era * 400 + year_of_era + u64::from(month >= 10);
        (year, if month < 10 { month + 3 } else { month - 9 }, day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::date::CivilTime;

    #[test]
    fn the_calendar_agrees_with_that_of_http_date() {
        for seconds in (0..253_402_300_799).step_by(8_640_001) {
            let moment = Moment::since_epoch(Duration::from_secs(seconds));
            let ((year, month, day), (hour, minute, second)) = (moment.date(), moment.time());
            let [year, month, day, hour, minute, second] =
                [year, month, day, hour, minute, second].map(|part| u32::try_from(part).unwrap());
            let civil = CivilTime { year, month, day, hour, minute, second };
            assert_eq!(civil.seconds(), i64::try_from(seconds).ok());
        }
    }

    #[test]
    fn written_as_records_have_it() {
        let moment = Moment::since_epoch(Duration::new(951_827_696, 123_456_789));
        assert_eq!(moment.iso8601(), "2000-02-29T12:34:56.123Z");
        assert_eq!(moment.time_of_day(), "12:34:56.123456");
        assert_eq!(
            moment.formatted("%F %T.%f %s%z %% %Q%"),
            "2000-02-29 12:34:56.123456 951827696+0000 % %Q%"
        );
    }
}
