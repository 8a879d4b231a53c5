//! Numbers as fields write them: 1*DIGIT, no sign, no space.

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
}
