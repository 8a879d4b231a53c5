//! The dates of cookies (RFC 6265bis §5.1.1), which are read far more loosely
//! than those of other fields.

use super::date::{CivilTime, MONTHS};

/// Reads a cookie-date: seconds since 1970-01-01 00:00:00 UTC. `None` where the
/// algorithm fails: the attribute is then as if absent.
pub fn parse(value: &[u8]) -> Option<i64> {
    let mut time = None;
    let mut day = None;
    let mut month = None;
    let mut year = None;
    for token in value.split(|&byte| is_delimiter(byte)).filter(|token| !token.is_empty()) {
        // Each token is taken by the first of these that still looks for one.
        if time.is_none() && take(&mut time, hms(token)) {
            continue;
        }
        if day.is_none() && take(&mut day, number(token, 1, 2)) {
            continue;
        }
        if month.is_none() && take(&mut month, month_number(token)) {
            continue;
        }
        if year.is_none() {
            take(&mut year, number(token, 2, 4));
        }
    }
    let (hour, minute, second) = time?;
    let year = match year? {
        short @ 70..=99 => 1900 + short,
        short @ 0..=69 => 2000 + short,
        year => year,
    };
    if year < 1601 || second > 59 {
        return None;
    }
    CivilTime { year, month: month?, day: day?, hour, minute, second }.seconds()
}

fn take<T>(slot: &mut Option<T>, found: Option<T>) -> bool {
    *slot = found;
    slot.is_some()
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'\t' | 0x20..=0x2F | 0x3B..=0x40 | 0x5B..=0x60 | 0x7B..=0x7E)
}

/// `least` to `most` digits and then no digit: the number, whatever follows.
fn number(token: &[u8], least: usize, most: usize) -> Option<u32> {
    let digits = token.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(least..=most).contains(&digits) {
        return None;
    }
    Some(token[..digits].iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0')))
}

/// Three numbers of one or two digits with colons between them.
fn hms(token: &[u8]) -> Option<(u32, u32, u32)> {
    let mut parts = token.splitn(3, |&byte| byte == b':');
    let hour = exact(parts.next()?)?;
    let minute = exact(parts.next()?)?;
    Some((hour, minute, number(parts.next()?, 1, 2)?))
}

fn exact(digits: &[u8]) -> Option<u32> {
    digits.iter().all(u8::is_ascii_digit).then(|| number(digits, 1, 2))?
}

fn month_number(token: &[u8]) -> Option<u32> {
    let start = token.get(..3)?;
    let at = MONTHS.iter().position(|name| start.eq_ignore_ascii_case(name.as_bytes()))?;
    u32::try_from(at + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_in_whatever_order_it_comes() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "8:49:37 6 november 94",
            "06th Nov. 1994AD 08:49:37.123",
            // Four digits are no day of the month: they wait for the year's turn.
            "1994/06 nov; 08:49:37 PDT",
        ] {
            assert_eq!(parse(text.as_bytes()), Some(784_111_777), "{text}");
        }
    }

    #[test]
    fn a_part_that_is_missing_or_impossible_fails() {
        for text in [
            "",
            "0",
            "tomorrow",
            "06 Nov 1994",
            "06 Nov 1994 08:49",
            "Nov 1994 08:49:37",
            "06 1994 08:49:37",
            "06 Nov 08:49:37",
            "06 Nov 1600 08:49:37",
            "32 Nov 1994 08:49:37",
            "31 Feb 1994 08:49:37",
            "00 Nov 1994 08:49:37",
            "06 Nov 1994 24:49:37",
            "06 Nov 1994 08:60:37",
            "06 Nov 1994 08:49:60",
            "06 Nov 19945 08:49:37",
            "006 Nov 94 08:49:37",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn short_years_turn_at_seventy() {
        assert_eq!(parse(b"01 Jan 70 00:00:00"), Some(0));
        assert_eq!(parse(b"01 Jan 00 00:00:00"), Some(946_684_800));
        assert!(parse(b"01 Jan 69 00:00:00") > Some(3_000_000_000));
    }

    #[test]
    fn the_first_and_the_last_of_each_part_are_read() {
        assert_eq!(parse(b"1 Jan 1601 0:0:0"), Some(-11_644_473_600));
        assert_eq!(parse(b"31 Dec 1999 23:59:59"), Some(946_684_799));
    }
}
