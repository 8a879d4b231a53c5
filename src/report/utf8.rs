//! Whether content is UTF-8, in pieces cut anywhere.

use encoding_rs::Encoding;

/// Finds the first byte that is not UTF-8.
#[derive(Default)]
pub(super) struct Utf8 {
    pub(super) has_non_ascii: bool,
    invalid: Option<u64>,
    /// Offset of the first byte not judged yet.
    offset: u64,
    /// The beginning of a sequence whose rest has not come: at most three bytes, at `offset`.
    carry: Vec<u8>,
}

impl Utf8 {
    /// Judges the next bytes, until some are not UTF-8.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while self.invalid.is_none() && !rest.is_empty() {
            rest = if self.carry.is_empty() { self.take_many(rest) } else { self.take_split(rest) };
        }
    }

    /// Judges `bytes`, which begin at a sequence; gives what is left.
    fn take_many<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let ascii = Encoding::ascii_valid_up_to(bytes);
        self.offset = self.offset.saturating_add(ascii as u64);
        let rest = &bytes[ascii..];
        if rest.is_empty() {
            return rest;
        }
        self.has_non_ascii = true;
        let valid = Encoding::utf8_valid_up_to(rest);
        self.offset = self.offset.saturating_add(valid as u64);
        let rest = &rest[valid..];
        // A sequence is four bytes at most: what is more is certain to be wrong.
        if rest.len() < 4 && is_beginning(rest) {
            self.carry.extend_from_slice(rest);
        } else if !rest.is_empty() {
            self.invalid = Some(self.offset);
        }
        &[]
    }

    /// Judges the sequence in `carry` with the bytes that follow; gives what is left.
    fn take_split<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        self.carry.push(bytes[0]);
        if std::str::from_utf8(&self.carry).is_ok() {
            self.offset = self.offset.saturating_add(self.carry.len() as u64);
            self.carry.clear();
        } else if !is_beginning(&self.carry) {
            self.invalid = Some(self.offset);
        }
        &bytes[1..]
    }

    /// Whether a byte is wrong whatever follows.
    pub(super) fn is_invalid(&self) -> bool {
        self.invalid.is_some()
    }

    /// The first offset that is wrong, where no more bytes follow.
    pub(super) fn first_invalid(&self) -> Option<u64> {
        self.invalid.or_else(|| (!self.carry.is_empty()).then_some(self.offset))
    }
}

/// Whether `bytes` may become one sequence of UTF-8 if others follow.
fn is_beginning(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::repeatable::Chance;

    #[test]
    fn any_pieces_are_judged_as_the_whole_is_by_the_standard_library() {
        let parts: [&[u8]; 12] = [
            b"a",
            b"text \n",
            "\u{e9}".as_bytes(),
            "\u{65e5}".as_bytes(),
            "\u{1f389}".as_bytes(),
            b"\xE6\x97",
            b"\xF0\x9F\x8E",
            b"\xC0\xAF",
            b"\xED\xA0\x80",
            b"\xF4\x90\x80\x80",
            b"\x80",
            b"\xFF",
        ];
        let mut chance = Chance(1);
        for _ in 0..20_000 {
            // Mostly valid, so that what is wrong stands anywhere.
            let known = if chance.below(2) == 0 { 5 } else { parts.len() };
            let text: Vec<u8> =
                (0..chance.below(8)).flat_map(|_| *chance.one_of(&parts[..known])).copied().collect();
            let mut judged = Utf8::default();
            let mut rest = &text[..];
            while !rest.is_empty() {
                let (piece, after) = rest.split_at(1 + chance.below(rest.len()));
                judged.push(piece);
                rest = after;
            }
            let error = std::str::from_utf8(&text).err();
            let expected = error.map(|error| error.valid_up_to() as u64);
            assert_eq!(judged.first_invalid(), expected, "{}", text.escape_ascii());
            let is_cut = error.is_some_and(|error| error.error_len().is_none());
            assert_eq!(judged.is_invalid(), error.is_some() && !is_cut, "{}", text.escape_ascii());
        }
    }
}
