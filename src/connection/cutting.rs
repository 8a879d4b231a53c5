//! Into which pieces a request is cut on its way out: `--split`, `--segment`,
//! `--pause`. Counts bytes and time; writes nothing.

use std::fmt::Write;
use std::time::{Duration, Instant};

/// How many pieces a summary names one by one.
const NAMED: usize = 8;

/// How what is sent is cut.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cutting {
    /// A piece ends at each of these offsets: none is 0, each is larger than the one before.
    pub(crate) offsets: Vec<u64>,
    /// No piece is larger.
    pub(crate) size: Option<u64>,
    /// How long after a piece the next one follows at the earliest.
    pub(crate) pause: Duration,
}

/// Cuts one request, or several that are sent as one.
#[derive(Clone, Debug)]
pub(super) struct Cutter {
    cutting: Cutting,
    /// How many of the offsets have been passed.
    passed: usize,
    sent: u64,
    in_piece: u64,
    /// When the piece before was out.
    ended: Option<Instant>,
    pieces: u64,
    first_sizes: Vec<u64>,
}

impl Cutter {
    /// A cutter at the beginning of what it is to cut.
    pub(super) fn new(cutting: Cutting) -> Self {
        Self { cutting, passed: 0, sent: 0, in_piece: 0, ended: None, pieces: 0, first_sizes: Vec::new() }
    }

    /// How many bytes the piece that is being sent still takes.
    pub(super) fn left(&self) -> usize {
        let to_offset = self.cutting.offsets.get(self.passed).map(|offset| offset - self.sent);
        let to_size = self.cutting.size.map(|size| size - self.in_piece);
        let left = [to_offset, to_size].into_iter().flatten().min();
        left.map_or(usize::MAX, |left| usize::try_from(left).unwrap_or(usize::MAX))
    }

    /// How long to wait before sending on.
    pub(super) fn wait(&self, now: Instant) -> Duration {
        match self.ended {
            Some(ended) if self.in_piece == 0 => {
                self.cutting.pause.saturating_sub(now.saturating_duration_since(ended))
            }
            _ => Duration::ZERO,
        }
    }

    /// `count` bytes, no more than were [`Self::left`], are out at `now`.
    pub(super) fn advance(&mut self, count: usize, now: Instant) {
        self.sent += count as u64;
        self.in_piece += count as u64;
        let is_at_offset = self.cutting.offsets.get(self.passed) == Some(&self.sent);
        self.passed += usize::from(is_at_offset);
        if is_at_offset || self.cutting.size == Some(self.in_piece) {
            self.end_piece();
            self.ended = Some(now);
        }
    }

    fn end_piece(&mut self) {
        if self.in_piece > 0 {
            self.pieces += 1;
            if self.first_sizes.len() < NAMED {
                self.first_sizes.push(self.in_piece);
            }
            self.in_piece = 0;
        }
    }

    /// What became of it, once all is sent.
    pub(super) fn summary(mut self) -> String {
        self.end_piece();
        let mut text = match self.pieces {
            1 => "Sent in one piece".to_owned(),
            pieces => format!("Sent in {pieces} pieces, {} ms apart", self.cutting.pause.as_millis()),
        };
        for (number, size) in self.first_sizes.iter().enumerate() {
            let separator = if number == 0 { ": " } else { ", " };
            // Writing to a string can't fail.
            let _ = write!(text, "{separator}{size}");
        }
        text.push_str(if self.pieces > NAMED as u64 { ", ... bytes" } else { " bytes" });
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sizes of the pieces that `total` bytes make.
    fn cut(offsets: &[u64], size: Option<u64>, total: usize) -> Vec<usize> {
        let cutting = Cutting { offsets: offsets.to_vec(), size, pause: Duration::ZERO };
        let mut cutter = Cutter::new(cutting);
        let mut sizes = Vec::new();
        let mut left = total;
        while left > 0 {
            let count = cutter.left().min(left);
            cutter.advance(count, Instant::now());
            sizes.push(count);
            left -= count;
        }
        sizes
    }

    #[test]
    fn pieces_end_at_offsets_and_are_no_larger_than_the_size() {
        assert_eq!(cut(&[3, 5], None, 10), [3, 2, 5]);
        assert_eq!(cut(&[3, 50], None, 10), [3, 7]);
        assert_eq!(cut(&[], Some(4), 10), [4, 4, 2]);
        assert_eq!(cut(&[5], Some(4), 10), [4, 1, 4, 1]);
        assert_eq!(cut(&[4, 8], Some(4), 8), [4, 4]);
        assert_eq!(cut(&[], None, 10), [10]);
    }

    #[test]
    fn a_piece_may_go_out_bit_by_bit() {
        let mut cutter = Cutter::new(Cutting { size: Some(4), ..Cutting::default() });
        let now = Instant::now();
        cutter.advance(1, now);
        assert_eq!(cutter.left(), 3);
        cutter.advance(3, now);
        assert_eq!(cutter.left(), 4);
        cutter.advance(1, now);
        assert_eq!(cutter.summary(), "Sent in 2 pieces, 0 ms apart: 4, 1 bytes");
    }

    #[test]
    fn the_pause_stands_between_pieces_alone() {
        let pause = Duration::from_millis(30);
        let mut cutter = Cutter::new(Cutting { size: Some(2), pause, ..Cutting::default() });
        let now = Instant::now();
        assert_eq!(cutter.wait(now), Duration::ZERO);
        cutter.advance(1, now);
        assert_eq!(cutter.wait(now), Duration::ZERO);
        cutter.advance(1, now);
        assert_eq!(cutter.wait(now), pause);
        assert_eq!(cutter.wait(now + pause / 3), pause * 2 / 3);
        assert_eq!(cutter.wait(now + pause), Duration::ZERO);
    }

    #[test]
    fn long_lists_of_pieces_are_cut_short() {
        let mut cutter = Cutter::new(Cutting { size: Some(1), ..Cutting::default() });
        (0..100).for_each(|_| cutter.advance(1, Instant::now()));
        let expected = "Sent in 100 pieces, 0 ms apart: 1, 1, 1, 1, 1, 1, 1, 1, ... bytes";
        assert_eq!(cutter.summary(), expected);
    }
}
