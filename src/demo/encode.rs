//! Text in another charset, by what the decoder makes of each byte and of each pair of bytes. The encoder of encoding_rs
//! would be 24 KB of the program, for these few pages.

use encoding_rs::Encoding;

use crate::sorting::sort_by_key;

/// A character, and its bytes once they are found.
type KnownCharacter = (char, Option<(u8, u8)>);

/// `text` in a charset that has ASCII as it is, and at most two bytes a character. A character that it does not have
/// becomes a question mark.
pub(super) fn encode(text: &str, encoding: &'static Encoding) -> Vec<u8> {
    let known = characters_in(text, encoding);
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        match place_of(character, &known).and_then(|place| known[place].1) {
            Some((0, byte)) => bytes.push(byte),
            Some((lead, trail)) => bytes.extend([lead, trail]),
            _ => bytes.push(if character.is_ascii() { character as u8 } else { b'?' }),
        }
    }
    bytes
}

/// The bytes of the characters of `text` beyond ASCII, as far as there are any; the first of two is 0 where there is one.
fn characters_in(text: &str, encoding: &'static Encoding) -> Vec<KnownCharacter> {
    let characters = text.chars().filter(|character| !character.is_ascii());
    let mut known: Vec<KnownCharacter> = characters.map(|character| (character, None)).collect();
    sort_by_key(&mut known, |(character, _)| *character);
    known.dedup();
    for byte in 0x80..=0xff {
        note(encoding, &[byte], &mut known);
        for trail in 0x40..=0xff {
            note(encoding, &[byte, trail], &mut known);
        }
    }
    known
}

/// Adds `bytes`, where they are a character of `known` that has none.
fn note(encoding: &'static Encoding, bytes: &[u8], known: &mut [KnownCharacter]) {
    let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(bytes) else { return };
    let mut characters = text.chars();
    if let (Some(character), None) = (characters.next(), characters.next())
        && let Some(place) = place_of(character, known)
        && let found @ None = &mut known[place].1
    {
        *found = Some(match bytes {
            [lead, trail] => (*lead, *trail),
            _ => (0, bytes[0]),
        });
    }
}

/// Where `character` stands in `known`.
fn place_of(character: char, known: &[KnownCharacter]) -> Option<usize> {
    known.binary_search_by_key(&character, |(known, _)| *known).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    use encoding_rs::{BIG5, GBK, WINDOWS_1252};

    #[test]
    fn the_bytes_are_those_of_the_encoder() {
        for (text, encoding) in
            [("ASCII, 許功蓋。", BIG5), ("你好，€!", GBK), ("\u{e9}t\u{e9} €", WINDOWS_1252)]
        {
            assert_eq!(encode(text, encoding), *encoding.encode(text).0, "{text}");
        }
        assert_eq!(encode("\u{1f600}x", GBK), b"?x");
    }
}
