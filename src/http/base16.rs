//! Base16 (RFC 4648 §8), in small letters as digests are shown.

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Two digits for each of `bytes`.
pub fn encode(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|&byte| digits(byte)).map(char::from).collect()
}

/// The two digits of `byte`.
pub fn digits(byte: u8) -> [u8; 2] {
    let digit = |half: u8| DIGITS[usize::from(half)];
    [digit(byte >> 4), digit(byte & 15)]
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn each_byte_is_two_digits() {
        assert_eq!(encode(b"\x00\x0f\xa0\xff"), "000fa0ff");
        assert_eq!(encode(b""), "");
    }
}
