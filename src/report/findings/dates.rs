//! HTTP-date in its three forms (RFC 9110 §5.6.7).

/// A date and time in UTC; dates compare by what they name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct HttpDate {
    year: u16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
}

/// How a date is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `Sun, 06 Nov 1994 08:49:37 GMT`, the one to send.
    ImfFixdate,
    /// `Sunday, 06-Nov-94 08:49:37 GMT`.
    Rfc850,
    /// `Sun Nov  6 08:49:37 1994`.
    Asctime,
}

const DAYS: [&[u8]; 7] =
    [b"Monday", b"Tuesday", b"Wednesday", b"Thursday", b"Friday", b"Saturday", b"Sunday"];
const MONTHS: [&[u8]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

/// Reads an HTTP-date; `None` where it has none of the forms or names a day or
/// time that does not exist. The name of the day is not compared with the date.
pub(super) fn parse(value: &[u8]) -> Option<(HttpDate, Form)> {
    imf_fixdate(value)
        .map(|date| (date, Form::ImfFixdate))
        .or_else(|| rfc850(value).map(|date| (date, Form::Rfc850)))
        .or_else(|| asctime(value).map(|date| (date, Form::Asctime)))
}

fn imf_fixdate(value: &[u8]) -> Option<HttpDate> {
    let rest = short_day(value)?.strip_prefix(b", ")?;
    let (day, rest) = digits(rest, 2)?;
    let (month, rest) = month(rest.strip_prefix(b" ")?)?;
    let (year, rest) = digits(rest.strip_prefix(b" ")?, 4)?;
    let (time, rest) = time(rest.strip_prefix(b" ")?)?;
    if rest == b" GMT" { date(year, month, day, time) } else { None }
}

fn rfc850(value: &[u8]) -> Option<HttpDate> {
    let rest = DAYS.iter().find_map(|day| value.strip_prefix(*day))?.strip_prefix(b", ")?;
    let (day, rest) = digits(rest, 2)?;
    let (month, rest) = month(rest.strip_prefix(b"-")?)?;
    let (year, rest) = digits(rest.strip_prefix(b"-")?, 2)?;
    let (time, rest) = time(rest.strip_prefix(b" ")?)?;
    // Without a clock a fixed pivot stands for the RFC's "more than 50 years in the future".
    let year = if year < 70 { 2000 + year } else { 1900 + year };
    if rest == b" GMT" { date(year, month, day, time) } else { None }
}

fn asctime(value: &[u8]) -> Option<HttpDate> {
    let (month, rest) = month(short_day(value)?.strip_prefix(b" ")?)?;
    let rest = rest.strip_prefix(b" ")?;
    let (day, rest) = match rest.strip_prefix(b" ") {
        Some(rest) => digits(rest, 1)?,
        None => digits(rest, 2)?,
    };
    let (time, rest) = time(rest.strip_prefix(b" ")?)?;
    let (year, rest) = digits(rest.strip_prefix(b" ")?, 4)?;
    if rest.is_empty() { date(year, month, day, time) } else { None }
}

fn short_day(value: &[u8]) -> Option<&[u8]> {
    DAYS.iter().find_map(|day| value.strip_prefix(&day[..3]))
}

fn month(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let months = MONTHS.iter().zip(1..);
    months.into_iter().find_map(|(name, number)| Some((number, bytes.strip_prefix(*name)?)))
}

fn digits(bytes: &[u8], count: usize) -> Option<(u16, &[u8])> {
    let (digits, rest) = bytes.split_at_checked(count)?;
    let add = |sum: u16, digit: &u8| digit.is_ascii_digit().then(|| sum * 10 + u16::from(digit - b'0'));
    Some((digits.iter().try_fold(0, add)?, rest))
}

/// Hour, minute and second; a leap second is one.
fn time(bytes: &[u8]) -> Option<([u8; 3], &[u8])> {
    let (hour, rest) = digits(bytes, 2)?;
    let (minute, rest) = digits(rest.strip_prefix(b":")?, 2)?;
    let (second, rest) = digits(rest.strip_prefix(b":")?, 2)?;
    let exists = hour < 24 && minute < 60 && second <= 60;
    exists.then_some(([hour as u8, minute as u8, second as u8], rest))
}

fn date(year: u16, month: u8, day: u16, [hour, minute, second]: [u8; 3]) -> Option<HttpDate> {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let exists = (1..=days).contains(&day);
    exists.then_some(HttpDate { year, month, day: day as u8, hour, minute, second })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_forms_name_the_same_moment() {
        let (imf, form) = parse(b"Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        assert_eq!(form, Form::ImfFixdate);
        assert_eq!(parse(b"Sunday, 06-Nov-94 08:49:37 GMT"), Some((imf, Form::Rfc850)));
        assert_eq!(parse(b"Sun Nov  6 08:49:37 1994"), Some((imf, Form::Asctime)));
        assert_eq!(parse(b"Sun Nov 06 08:49:37 1994"), Some((imf, Form::Asctime)));
        let later = parse(b"Mon, 07 Nov 1994 08:49:36 GMT").unwrap().0;
        assert!(later > imf);
    }

    #[test]
    fn what_does_not_exist_is_no_date() {
        for bad in [
            "",
            "0",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 06 Nov 1994 08:49:37 +0000",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "sun, 06 nov 1994 08:49:37 gmt",
            "Sun, 31 Nov 1994 08:49:37 GMT",
            "Sun, 29 Feb 1900 08:49:37 GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 08:60:00 GMT",
            "Sun,  06 Nov 1994 08:49:37 GMT",
            "Sun, 06-Nov-1994 08:49:37 GMT",
            "Sun, 06-Nov-94 08:49:37 GMT",
            "1994-11-06T08:49:37Z",
            "Sun Nov 6 08:49:37 1994",
        ] {
            assert_eq!(parse(bad.as_bytes()), None, "{bad}");
        }
        assert!(parse(b"Tue, 29 Feb 2000 23:59:60 GMT").is_some());
    }
}
