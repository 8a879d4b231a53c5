//! HTTP dates (RFC 9110 §5.6.7), and the calendar behind them.
//!
//! Nothing here knows what time it is.

/// The names of the months, as HTTP writes them.
pub const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/// The days of the week, Monday first.
pub const LONG_DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Which of the three forms a date has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateForm {
    /// `Sun, 06 Nov 1994 08:49:37 GMT`: the only one to be sent.
    ImfFixdate,
    /// `Sunday, 06-Nov-94 08:49:37 GMT`: obsolete.
    Rfc850,
    /// `Sun Nov  6 08:49:37 1994`: obsolete.
    Asctime,
}

/// An HTTP-date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HttpDate {
    /// Seconds since 1970-01-01 00:00:00 UTC, leap seconds not counted.
    pub seconds: i64,
    /// The form it was written in.
    pub form: DateForm,
    /// The day of the week is that of the date.
    pub has_right_weekday: bool,
}

/// Reads an HTTP-date in any of its three forms. The weekday must be one; a
/// wrong one is only noted. Two-digit years below 70 are those of this
/// century: RFC 9110 would have a clock decide, which parsing must not ask.
pub fn parse(value: &[u8]) -> Option<HttpDate> {
    type Reader = fn(Cursor<'_>) -> Option<(u32, CivilTime)>;
    let forms: [(Reader, DateForm); 3] =
        [(imf_fixdate, DateForm::ImfFixdate), (rfc850, DateForm::Rfc850), (asctime, DateForm::Asctime)];
    forms.into_iter().find_map(|(read, form)| {
        let (weekday, time) = read(Cursor(value))?;
        // A leap second belongs to the day that it ends.
        let noon = CivilTime { hour: 12, ..time };
        let (seconds, noon) = (time.seconds()?, noon.seconds()?);
        Some(HttpDate { seconds, form, has_right_weekday: weekday == weekday_of(noon) })
    })
}

/// A day and a time of day (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CivilTime {
    /// The year, four digits at most.
    pub year: u32,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
    /// 0 to 23.
    pub hour: u32,
    /// 0 to 59.
    pub minute: u32,
    /// 0 to 60: a leap second is not told apart.
    pub second: u32,
}

impl CivilTime {
    /// Seconds since 1970-01-01 00:00:00 UTC; `None` where there is no such day
    /// or time.
    pub fn seconds(self) -> Option<i64> {
        let Self { year, month, day, hour, minute, second } = self;
        let exists = year <= 9999
            && (1..=12).contains(&month)
            && (1..=days_in(year, month)).contains(&day)
            && hour <= 23
            && minute <= 59
            && second <= 60;
        if !exists {
            return None;
        }
        let time = i64::from(hour * 3600 + minute * 60 + second);
        Some(days_since_epoch(year, month, day) * 86_400 + time)
    }

    /// The day and time that many seconds after 1970 began, or before it, within the
    /// years 1 to 9999: what lies beyond is their first second or their last.
    pub fn of(seconds: i64) -> Self {
        /// Days from 1 March of the year 0 to 1 January 1970: counted so, the leap day is
        /// the last of its year.
        const BEFORE_EPOCH: u32 = 719_468;
        let seconds = seconds.clamp(FIRST, LAST);
        let days = (seconds.div_euclid(86_400) + i64::from(BEFORE_EPOCH)) as u32;
        let time = seconds.rem_euclid(86_400) as u32;
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let leap_days = day_of_era / 1_460 - day_of_era / 36_524 + day_of_era / 146_096;
        let year_of_era = (day_of_era - leap_days) / 365;
        let day_of_year = day_of_era + year_of_era / 100 - 365 * year_of_era - year_of_era / 4;
        let month = (5 * day_of_year + 2) / 153;
        Self {
            year: era * 400 + year_of_era + u32::from(month >= 10),
            month: if month < 10 { month + 3 } else { month - 9 },
            day: day_of_year - (153 * month + 2) / 5 + 1,
            hour: time / 3600,
            minute: time / 60 % 60,
            second: time % 60,
        }
    }
}

/// The first second of the year 1.
const FIRST: i64 = -62_135_596_800;
/// The last second of the year 9999: dates have four digits for a year.
pub const LAST: i64 = 253_402_300_799;

/// A time as an IMF-fixdate, the one form that is sent; one outside of the years 1 to
/// 9999 becomes their first second or their last.
pub fn format(seconds: i64) -> String {
    let seconds = seconds.clamp(FIRST, LAST);
    let CivilTime { year, month, day, hour, minute, second } = CivilTime::of(seconds);
    let (name, month) = (DAYS[weekday_of(seconds) as usize], MONTHS[month as usize - 1]);
    format!("{name}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

/// The day of the week, Monday being 0: 1 January 1970 was a Thursday.
fn weekday_of(seconds: i64) -> u32 {
    (seconds.div_euclid(86_400) + 3).rem_euclid(7) as u32
}

fn is_leap(year: u32) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a day of the Gregorian calendar.
fn days_since_epoch(year: u32, month: u32, day: u32) -> i64 {
    // Leap days before the year: those of years 1 to year - 1, and year 0's own.
    let leap_days = |before: i64| before / 4 - before / 100 + before / 400 + 1;
    let of_year = |year: u32| match year {
        0 => 0,
        year => i64::from(year) * 365 + leap_days(i64::from(year) - 1),
    };
    let of_months: u32 = (1..month).map(|month| days_in(year, month)).sum();
    of_year(year) - of_year(1970) + i64::from(of_months + day) - 1
}

/// What is left to read.
#[derive(Clone, Copy)]
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn literal(&mut self, text: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(text.as_bytes())?;
        Some(())
    }

    /// Exactly `count` digits.
    fn digits(&mut self, count: usize) -> Option<u32> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        digits
            .iter()
            .try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0')))
    }

    /// One of `names`: its place among them.
    fn name(&mut self, names: &[&str]) -> Option<u32> {
        let (at, name) = names.iter().enumerate().find(|(_, name)| self.0.starts_with(name.as_bytes()))?;
        self.0 = &self.0[name.len()..];
        u32::try_from(at).ok()
    }

    fn month(&mut self) -> Option<u32> {
        self.name(&MONTHS).map(|at| at + 1)
    }

    /// `08:49:37`.
    fn time(&mut self) -> Option<(u32, u32, u32)> {
        let hour = self.digits(2)?;
        self.literal(":")?;
        let minute = self.digits(2)?;
        self.literal(":")?;
        Some((hour, minute, self.digits(2)?))
    }

    fn end(self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

fn imf_fixdate(mut text: Cursor<'_>) -> Option<(u32, CivilTime)> {
    let weekday = text.name(&DAYS)?;
    text.literal(", ")?;
    let day = text.digits(2)?;
    text.literal(" ")?;
    let month = text.month()?;
    text.literal(" ")?;
    let year = text.digits(4)?;
    text.literal(" ")?;
    let (hour, minute, second) = text.time()?;
    text.literal(" GMT")?;
    text.end()?;
    Some((weekday, CivilTime { year, month, day, hour, minute, second }))
}

fn rfc850(mut text: Cursor<'_>) -> Option<(u32, CivilTime)> {
    let weekday = text.name(&LONG_DAYS)?;
    text.literal(", ")?;
    let day = text.digits(2)?;
    text.literal("-")?;
    let month = text.month()?;
    text.literal("-")?;
    let short = text.digits(2)?;
    let year = if short < 70 { 2000 + short } else { 1900 + short };
    text.literal(" ")?;
    let (hour, minute, second) = text.time()?;
    text.literal(" GMT")?;
    text.end()?;
    Some((weekday, CivilTime { year, month, day, hour, minute, second }))
}

fn asctime(mut text: Cursor<'_>) -> Option<(u32, CivilTime)> {
    let weekday = text.name(&DAYS)?;
    text.literal(" ")?;
    let month = text.month()?;
    text.literal(" ")?;
    let day = match text.literal(" ") {
        Some(()) => text.digits(1)?,
        None => text.digits(2)?,
    };
    text.literal(" ")?;
    let (hour, minute, second) = text.time()?;
    text.literal(" ")?;
    let year = text.digits(4)?;
    text.end()?;
    Some((weekday, CivilTime { year, month, day, hour, minute, second }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_forms_of_the_rfc_name_one_moment() {
        for (text, form) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", DateForm::ImfFixdate),
            ("Sunday, 06-Nov-94 08:49:37 GMT", DateForm::Rfc850),
            ("Sun Nov  6 08:49:37 1994", DateForm::Asctime),
        ] {
            let expected = HttpDate { seconds: 784_111_777, form, has_right_weekday: true };
            assert_eq!(parse(text.as_bytes()), Some(expected), "{text}");
        }
    }

    #[test]
    fn the_calendar_is_the_gregorian_one() {
        for (text, seconds) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Wed, 31 Dec 1969 23:59:59 GMT", -1),
            ("Tue, 29 Feb 2000 00:00:00 GMT", 951_782_400),
            ("Tue, 19 Jan 2038 03:14:08 GMT", 1 << 31),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
            ("Sat, 01 Jan 0000 00:00:00 GMT", -62_167_219_200),
            ("Sat, 01 Jan 0001 00:00:00 GMT", -62_135_596_800),
        ] {
            assert_eq!(parse(text.as_bytes()).map(|date| date.seconds), Some(seconds), "{text}");
        }
        let century = |text: &str| parse(text.as_bytes()).map(|date| date.seconds > 1_500_000_000);
        assert_eq!(century("Monday, 01-Jan-69 00:00:00 GMT"), Some(true));
        assert_eq!(century("Monday, 01-Jan-70 00:00:00 GMT"), Some(false));
    }

    #[test]
    fn days_and_seconds_are_each_others() {
        for seconds in (FIRST..LAST).step_by(8_640_001).chain([LAST]) {
            assert_eq!(CivilTime::of(seconds).seconds(), Some(seconds));
        }
    }

    #[test]
    fn a_wrong_weekday_is_noted() {
        let is_right = |text: &str| parse(text.as_bytes()).map(|date| date.has_right_weekday);
        assert_eq!(is_right("Mon, 06 Nov 1994 08:49:37 GMT"), Some(false));
        assert_eq!(is_right("Saturday, 06-Nov-94 08:49:37 GMT"), Some(false));
        assert_eq!(is_right("Wed, 31 Dec 1969 23:59:59 GMT"), Some(true));
        // The last second of 2016 was a leap second.
        assert_eq!(is_right("Sat, 31 Dec 2016 23:59:60 GMT"), Some(true));
        assert_eq!(is_right("Sun, 31 Dec 2016 23:59:60 GMT"), Some(false));
        assert_eq!(is_right("Noday, 06 Nov 1994 08:49:37 GMT"), None);
    }

    #[test]
    fn moments_are_written_in_one_form() {
        for (seconds, written) in [
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"),
            (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
            (i64::MAX, "Fri, 31 Dec 9999 23:59:59 GMT"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
        ] {
            assert_eq!(format(seconds), written);
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "0",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 06 Nov 1994 08:49:37 GMT ",
            "sun, 06 Nov 1994 08:49:37 GMT",
            "Sun, 31 Feb 1994 08:49:37 GMT",
            "Sun, 29 Feb 1900 08:49:37 GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 08:49:61 GMT",
            "Sun, 06-Nov-94 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT ",
            "Sunday, 06-Nov-94 08:49:37",
            "Sunday, 06 Nov-94 08:49:37 GMT",
            "Sun Nov 6 08:49:37 1994",
            "Sun Nov 06 08:49:37 1994 GMT",
            "1994-11-06T08:49:37Z",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }
}
