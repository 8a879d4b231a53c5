//! Base64 with padding (RFC 4648 §4), which credentials and encoded parts of
//! forms are written in.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// `bytes` in base64.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let number = (0..3).fold(0, |sum, at| sum << 8 | u32::from(group.get(at).copied().unwrap_or(0)));
        for place in 0..4 {
            let index = (number >> (18 - 6 * place)) as usize & 63;
            text.push(if place <= group.len() { ALPHABET[index] as char } else { '=' });
        }
    }
    text
}

/// The bytes that `text` stands for; `None` where it is no base64 with its padding.
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(4) {
        return None;
    }
    decode_lenient(text)
}

/// [`decode`] where all padding may be left out, as in structured fields (RFC 9651 §4.2.7).
pub fn decode_lenient(text: &[u8]) -> Option<Vec<u8>> {
    let padding = text.iter().rev().take(2).take_while(|&&byte| byte == b'=').count();
    let data = text.len() - padding;
    if padding > 0 && !text.len().is_multiple_of(4) || data % 4 == 1 {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    for group in text[..data].chunks(4) {
        let mut number = 0;
        for byte in group {
            number = number << 6 | ALPHABET.iter().position(|known| known == byte)?;
        }
        number <<= 6 * (4 - group.len());
        bytes
            .extend_from_slice(&[(number >> 16) as u8, (number >> 8) as u8, number as u8][..group.len() - 1]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padded_to_four() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(text.as_bytes()).as_deref(), Some(bytes.as_bytes()));
        }
        for (text, bytes) in [("Zg", "f"), ("Zm8", "fo"), ("Zg==", "f"), ("", "")] {
            assert_eq!(decode_lenient(text.as_bytes()).as_deref(), Some(bytes.as_bytes()), "{text}");
        }
        for text in ["Z", "Zg=", "Zm9v=", "=", "Zg===", "Z=g="] {
            assert_eq!(decode_lenient(text.as_bytes()), None, "{text}");
        }
        for text in ["Z", "Zg", "Zg=", "====", "Z===", "Zg==Zg==", "Zm9-", "Zm 9"] {
            assert_eq!(decode(text.as_bytes()), None, "{text}");
        }
    }
}
