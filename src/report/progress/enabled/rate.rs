//! How many bytes a second have moved of late.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Over which time the rate is told.
const SPAN: Duration = Duration::from_secs(4);
/// Between two counts that are kept.
const STEP: Duration = Duration::from_millis(250);

/// The rate of a transfer, over the last seconds of it.
pub(super) struct Rate {
    /// When so many bytes had moved, the oldest first.
    counts: VecDeque<(Instant, u64)>,
    bytes_per_second: u64,
}

impl Rate {
    /// Of a transfer of which nothing has moved by `began`.
    pub(super) fn new(began: Instant) -> Self {
        Self { counts: VecDeque::from([(began, 0)]), bytes_per_second: 0 }
    }

    /// Records how many bytes have moved in all by `now`.
    pub(super) fn count(&mut self, moved: u64, now: Instant) {
        while self.counts.get(1).is_some_and(|(at, _)| now.saturating_duration_since(*at) >= SPAN) {
            self.counts.pop_front();
        }
        if let Some((at, before)) = self.counts.front() {
            let millis = now.saturating_duration_since(*at).as_millis().max(1);
            let rate = u128::from(moved.saturating_sub(*before)) * 1000 / millis;
            self.bytes_per_second = u64::try_from(rate).unwrap_or(u64::MAX);
        }
        if self.counts.back().is_none_or(|(at, _)| now.saturating_duration_since(*at) >= STEP) {
            self.counts.push_back((now, moved));
        }
    }

    pub(super) fn bytes_per_second(&self) -> u64 {
        self.bytes_per_second
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        let began = Instant::now();
        let mut rate = Rate::new(began);
        assert_eq!(rate.bytes_per_second(), 0);
        let mut told = |moved, millis| {
            rate.count(moved, began + Duration::from_millis(millis));
            rate.bytes_per_second()
        };
        assert_eq!([told(500, 500), told(2000, 1000)], [1000, 2000]);
        assert_eq!(told(4000, 4000), 1000);
        // What came before the last four seconds counts no more.
        assert_eq!(told(4000, 8000), 0);
    }

    #[test]
    fn few_counts_are_kept() {
        let began = Instant::now();
        let mut rate = Rate::new(began);
        (0..100_000).for_each(|millis| rate.count(millis, began + Duration::from_millis(millis)));
        assert_eq!(rate.bytes_per_second(), 1000);
        assert!(rate.counts.len() <= 20, "{}", rate.counts.len());
    }
}
