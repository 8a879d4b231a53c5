//! UTF-8 that comes in pieces, cut anywhere.

use std::str::Utf8Error;

/// Checks text as it comes.
#[derive(Clone, Debug, Default)]
pub struct TextCheck {
    /// The first bytes of a character that is not yet whole.
    begun: Vec<u8>,
    is_invalid: bool,
}

impl TextCheck {
    /// Takes the next bytes; gives the place in them of the first byte that can't
    /// belong to UTF-8, once, where there is one.
    pub fn push(&mut self, bytes: &[u8]) -> Option<usize> {
        if self.is_invalid {
            return None;
        }
        let before = self.begun.len();
        let (whole, rest) = bytes.split_at(self.missing().min(bytes.len()));
        self.begun.extend_from_slice(whole);
        if before > 0 {
            if let Some(at) = self.look_at_begun() {
                return Some(self.invalid(at.saturating_sub(before)));
            }
            if !self.begun.is_empty() {
                return None;
            }
        }
        match str::from_utf8(rest) {
            Ok(_) => None,
            Err(error) if error.error_len().is_none() => {
                self.begun = rest[error.valid_up_to()..].to_vec();
                None
            }
            Err(error) => Some(self.invalid(whole.len() + first_wrong(rest, error))),
        }
    }

    /// Whether the text would end within a character, and is valid up to there.
    pub fn is_cut(&self) -> bool {
        !self.is_invalid && !self.begun.is_empty()
    }

    /// How many bytes the begun character lacks.
    fn missing(&self) -> usize {
        let length = match self.begun.first() {
            None => 0,
            Some(0xC0..=0xDF) => 2,
            Some(0xE0..=0xEF) => 3,
            Some(_) => 4,
        };
        length - self.begun.len().min(length)
    }

    /// Empties `begun` where it is a whole character; gives the place in it that
    /// makes it none.
    fn look_at_begun(&mut self) -> Option<usize> {
        match str::from_utf8(&self.begun) {
            Ok(_) => {
                self.begun.clear();
                None
            }
            Err(error) => error.error_len().map(|_| first_wrong(&self.begun, error)),
        }
    }

    fn invalid(&mut self, at: usize) -> usize {
        self.is_invalid = true;
        at
    }
}

/// Where the byte stands that breaks a character: one that begins none, or the
/// one after those that do.
fn first_wrong(bytes: &[u8], error: Utf8Error) -> usize {
    let start = error.valid_up_to();
    match bytes.get(start) {
        Some(0xC2..=0xF4) => start + error.error_len().unwrap_or(0),
        _ => start,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where `text` is invalid, and whether it is cut, when it comes in pieces of `size`.
    fn check(text: &[u8], size: usize) -> (Option<usize>, bool) {
        let mut check = TextCheck::default();
        let mut invalid = None;
        for (number, piece) in text.chunks(size).enumerate() {
            if let Some(at) = check.push(piece) {
                assert!(at < piece.len() && invalid.is_none(), "{text:?} {size}");
                invalid = Some(number * size + at);
            }
        }
        (invalid, check.is_cut())
    }

    #[test]
    fn every_split_finds_the_same() {
        for text in [
            &b""[..],
            b"plain",
            "grün, 漢字, 🦀".as_bytes(),
            b"ab\xffcd",
            b"\xe6\xbc",
            b"\xc0\xaf",
            b"\xed\xa0\x80",
            b"\xf4\x90\x80\x80",
            b"ok \xe6\xbc\x28",
            b"\xe6\xbcx\xe6",
            b"\xcf5\xcf\xcf",
            b"\xf0\x9f\xa6",
        ] {
            let is_valid = str::from_utf8(text).is_ok();
            let whole = check(text, text.len().max(1));
            assert_eq!(whole.0.is_none() && !whole.1, is_valid, "{text:?}");
            for size in 1..text.len() {
                assert_eq!(check(text, size), whole, "{text:?} {size}");
            }
        }
    }
}
