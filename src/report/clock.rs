//! The time of day of what happened, as dates are written in records: UTC,
//! which is the same for whoever reads them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::http::date::CivilTime;

const DAY: u64 = 86_400;

/// A moment, in the parts of its date and time.
pub(crate) struct Moment {
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

    /// Seconds since 1970 began.
    pub(crate) fn seconds(&self) -> i64 {
        i64::try_from(self.days * DAY + self.seconds).unwrap_or(i64::MAX)
    }

    /// The same with a fraction.
    #[allow(dead_code, reason = "read where there is JSON")]
    pub(super) fn epoch(&self) -> f64 {
        (self.days * DAY + self.seconds) as f64 + f64::from(self.micros) / 1e6
    }

    /// As ISO 8601 and HAR have it: `2026-01-02T03:04:05.678Z`.
    #[allow(dead_code, reason = "read where there is JSON")]
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
        assert_eq!(moment.iso8601(), "2000-02-29T12:34:56.123Z");
        assert_eq!(moment.time_of_day(), "12:34:56.123456");
        assert_eq!(
            moment.formatted("%F %T.%f %s%z %% %Q%"),
            "2000-02-29 12:34:56.123456 951827696+0000 % %Q%"
        );
    }
}
