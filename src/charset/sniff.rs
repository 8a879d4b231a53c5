//! Text or not, by the first bytes (WHATWG MIME Sniffing, "distinguishing if a
//! resource is text or binary").

use super::ascii::text_len;
use crate::http::syntax::find_control;

/// Looks for a binary data byte in the first [`Sniffer::LENGTH`] bytes, in any pieces.
#[derive(Debug, Default)]
pub(crate) struct Sniffer {
    seen: usize,
    has_binary: bool,
}

impl Sniffer {
    /// How much of a body is looked at (WHATWG MIME Sniffing, "resource header").
    pub(crate) const LENGTH: usize = 1445;

    /// Whether all bytes that count have come.
    pub(super) fn is_done(&self) -> bool {
        self.seen == Self::LENGTH
    }

    /// Whether enough has come: 24 text bytes are enough to rule out binary when no more arrives.
    pub(super) fn may_tell(&self) -> bool {
        self.seen >= 24
    }

    /// Takes the next bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let looked_at = self.count(bytes);
        self.has_binary |= has_binary(looked_at);
    }

    /// Takes those bytes at the start of `bytes` that count and are certainly ASCII text; gives how many.
    pub(super) fn push_text(&mut self, bytes: &[u8]) -> usize {
        let counting = &bytes[..bytes.len().min(Self::LENGTH - self.seen)];
        self.count(&counting[..text_len(counting)]).len()
    }

    /// Counts the bytes at the start of `bytes` that are still to be looked at, and gives them.
    fn count<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let counting = &bytes[..bytes.len().min(Self::LENGTH - self.seen)];
        self.seen += counting.len();
        counting
    }

    /// Whether one was found so far.
    pub(crate) fn has_binary(&self) -> bool {
        self.has_binary
    }
}

/// Whether one of `bytes` is a binary data byte: a control, of which text has few.
fn has_binary(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(at) = find_control(rest) {
        if is_binary(rest[at]) {
            return true;
        }
        rest = &rest[at + 1..];
    }
    false
}

/// Whether `byte` is a binary data byte (WHATWG MIME Sniffing, §3).
pub(super) fn is_binary(byte: u8) -> bool {
    matches!(byte, 0..=8 | 0x0B | 0x0E..=0x1A | 0x1C..=0x1F)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has_binary(pieces: &[&[u8]]) -> bool {
        let mut sniffer = Sniffer::default();
        pieces.iter().for_each(|piece| sniffer.push(piece));
        sniffer.has_binary()
    }

    #[test]
    fn only_the_first_bytes_count_however_they_are_cut() {
        let text = vec![b'a'; Sniffer::LENGTH - 1];
        assert!(has_binary(&[&text, b"\0"]));
        assert!(!has_binary(&[&text, b"a\0"]));
        assert!(!has_binary(&[&text, b"a", b"\0"]));
        assert!(!has_binary(&[b"a\t\n\x0c\r\x1b\x7f\x80\xff"]));
        for byte in [0, 8, 0x0B, 0x0E, 0x1A, 0x1C, 0x1F] {
            assert!(has_binary(&[b"a", &[byte]]), "{byte:#x}");
        }
    }
}
