//! Numbers as fields and options write them: 1*DIGIT, some with a fraction; no sign, no space.

/// Whether `bytes` is 1*DIGIT.
pub fn is_digits(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit)
}

/// The number that 1*DIGIT says; `None` where it is not that, or above `u64::MAX`.
pub fn exact(bytes: &[u8]) -> Option<u64> {
    let add = |sum: u64, digit: &u8| sum.checked_mul(10)?.checked_add(u64::from(digit - b'0'));
    is_digits(bytes).then(|| bytes.iter().try_fold(0, add))?
}

/// The number that 1*DIGIT says, `u64::MAX` where it is larger.
pub fn saturating(bytes: &[u8]) -> Option<u64> {
    is_digits(bytes).then(|| exact(bytes).unwrap_or(u64::MAX))
}

/// The number that digits with or without a fraction say: its whole part, `u64::MAX` where it is
/// larger, and billionths. Digits behind the ninth are cut.
pub fn decimal(bytes: &[u8]) -> Option<(u64, u32)> {
    let (whole, fraction) = match bytes.iter().position(|&byte| byte == b'.') {
        Some(point) => (&bytes[..point], &bytes[point + 1..]),
        None => (bytes, &b""[..]),
    };
    let are_digits = |part: &[u8]| part.is_empty() || is_digits(part);
    if !are_digits(whole) || !are_digits(fraction) || whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let nine = fraction.iter().chain(std::iter::repeat(&b'0')).take(9);
    let billionths = nine.fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    Some((saturating(whole).unwrap_or_default(), billionths))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_digits_are_a_number() {
        for text in ["", "+1", "-1", "1 ", " 1", "0x1", "1e3", "1_0", "\u{661}"] {
            assert_eq!((exact(text.as_bytes()), saturating(text.as_bytes())), (None, None), "{text}");
        }
        assert_eq!((exact(b"0012"), saturating(b"0012")), (Some(12), Some(12)));
    }

    #[test]
    fn what_does_not_fit_is_the_largest_or_none() {
        let largest = u64::MAX.to_string();
        assert_eq!(exact(largest.as_bytes()), Some(u64::MAX));
        let above = b"18446744073709551616";
        assert_eq!((exact(above), saturating(above)), (None, Some(u64::MAX)));
    }

    #[test]
    fn a_fraction_has_nine_digits_at_most() {
        for (text, number) in [
            ("1", Some((1, 0))),
            ("0.5", Some((0, 500_000_000))),
            (".25", Some((0, 250_000_000))),
            ("5.", Some((5, 0))),
            ("0.1234567899", Some((0, 123_456_789))),
            ("99999999999999999999.5", Some((u64::MAX, 500_000_000))),
            ("", None),
            (".", None),
            ("1.2.3", None),
            ("-1", None),
            ("1e3", None),
            ("inf", None),
        ] {
            assert_eq!(decimal(text.as_bytes()), number, "{text}");
        }
    }
}
