//! What a redacted trace holds back of received data: the end of a body may
//! be a trailer section, and what follows a body may be another response. Only
//! once the end is known can their secrets be starred.

use std::collections::VecDeque;

use super::redact::Redaction;
use crate::http::chunked::MAX_TRAILERS;

/// Received data, in the pieces in which it was read.
#[derive(Default)]
pub(super) struct Held {
    pieces: VecDeque<Vec<u8>>,
    /// How many bytes the pieces have.
    length: usize,
    /// How many bytes have been given out before them since the head.
    gone: u64,
    /// The body has ended: what is held follows it.
    is_behind: bool,
}

impl Held {
    /// Takes a piece, and gives those that can be no part of a trailer section.
    pub(super) fn push(&mut self, piece: &[u8], redaction: Redaction) -> Vec<Vec<u8>> {
        self.length += piece.len();
        self.pieces.push_back(piece.to_vec());
        if self.is_behind {
            return if self.length > MAX_TRAILERS { self.starred_from(0, redaction) } else { Vec::new() };
        }
        let mut out = Vec::new();
        while let Some(first) = self.pieces.front()
            && self.length - first.len() > MAX_TRAILERS
            && let Some(first) = self.pieces.pop_front()
        {
            self.length -= first.len();
            self.gone += first.len() as u64;
            out.push(first);
        }
        out
    }

    /// The body has ended after `wire_bytes` since the head, the last `trailers`
    /// of them being its trailer section. Gives the pieces up to its end.
    pub(super) fn end(&mut self, wire_bytes: u64, trailers: usize, redaction: Redaction) -> Vec<Vec<u8>> {
        self.is_behind = true;
        let end =
            usize::try_from(wire_bytes.saturating_sub(self.gone)).unwrap_or(usize::MAX).min(self.length);
        // What follows the body stays until all of it is there.
        let behind = self.split_off(end);
        let body = self.starred_from(end.saturating_sub(trailers), redaction);
        self.length = behind.iter().map(Vec::len).sum();
        self.pieces = behind.into();
        body
    }

    /// Takes what stands behind the first `end` bytes.
    fn split_off(&mut self, end: usize) -> Vec<Vec<u8>> {
        let (mut behind, mut left) = (Vec::new(), end);
        for mut piece in std::mem::take(&mut self.pieces) {
            let rest = piece.split_off(left.min(piece.len()));
            left -= piece.len();
            if !piece.is_empty() {
                self.pieces.push_back(piece);
            }
            if !rest.is_empty() {
                behind.push(rest);
            }
        }
        self.length = end;
        behind
    }

    /// The exchange is over: gives what is left, all of it starred.
    pub(super) fn finish(&mut self, redaction: Redaction) -> Vec<Vec<u8>> {
        let pieces = self.starred_from(0, redaction);
        *self = Self::default();
        pieces
    }

    /// All pieces, what stands from `start` on starred as field lines are.
    fn starred_from(&mut self, start: usize, redaction: Redaction) -> Vec<Vec<u8>> {
        let mut pieces: Vec<_> = std::mem::take(&mut self.pieces).into();
        self.gone += std::mem::take(&mut self.length) as u64;
        let all = pieces.concat();
        let starred = [&all[..start], &redaction.head(&all[start..])].concat();
        let mut rest = &starred[..];
        for piece in &mut pieces {
            let (these, others) = rest.split_at(piece.len());
            piece.copy_from_slice(these);
            rest = others;
        }
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REDACTION: Redaction = Redaction(true);

    #[test]
    fn trailers_and_what_follows_are_starred_in_any_pieces() {
        let body = b"3\r\nCookie: a\r\n0\r\nCookie: b\r\n\r\nCookie: c\r\n";
        let wire_bytes = body.len() - 11;
        for size in 1..body.len() {
            let mut held = Held::default();
            let mut out: Vec<_> = body.chunks(size).flat_map(|piece| held.push(piece, REDACTION)).collect();
            out.extend(held.end(wire_bytes as u64, 13, REDACTION));
            out.extend(held.push(b"Set-Coo", REDACTION));
            out.extend(held.push(b"kie: d", REDACTION));
            out.extend(held.finish(REDACTION));
            let text = String::from_utf8(out.concat()).expect("text");
            let expected = "3\r\nCookie: a\r\n0\r\nCookie: *\r\n\r\nCookie: *\r\nSet-Cookie: *";
            assert_eq!(text, expected, "pieces of {size}");
        }
    }

    #[test]
    fn a_long_body_is_not_held() {
        let mut held = Held::default();
        let piece = vec![b'x'; MAX_TRAILERS];
        assert!(held.push(&piece, REDACTION).is_empty());
        assert_eq!(held.push(&piece, REDACTION).len(), 0);
        assert_eq!(held.push(&piece, REDACTION).len(), 1);
    }
}
