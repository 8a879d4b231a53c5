//! Base16 (RFC 4648 §8), in small letters as digests are shown.

use core::fmt::Write;

/// Two digits for each of `bytes`.
pub fn encode(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut digits, byte| {
        // A text in memory takes what is written.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
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
