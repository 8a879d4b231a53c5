//! The arithmetic of pace: how fast bytes may move, how fast they must, and
//! whether they move fast enough to be left to the kernel. Knows no clock: the
//! time is always an argument.

use std::time::{Duration, Instant};

/// `--limit-rate`: bytes move no faster than this.
#[derive(Clone, Debug)]
pub(super) struct Throttle {
    rate: u64,
    /// When all that has moved so far is within the rate.
    due: Instant,
}

/// How much a limited transfer may make up for a moment in which it did not run:
/// enough for a sleep that lasted too long, not for a server that paused.
const CREDIT: Duration = Duration::from_millis(200);
/// How much time's worth of bytes moves at once.
const STEPS_PER_SECOND: u64 = 10;
/// The most that moves at once, whatever the rate.
const MAX_STEP: usize = 256 * 1024;

impl Throttle {
    /// At most `rate` bytes a second, from `now` on.
    pub(super) fn new(rate: u64, now: Instant) -> Self {
        Self { rate: rate.max(1), due: now }
    }

    /// The most that may move at once.
    pub(super) fn step(&self) -> usize {
        usize::try_from(self.rate / STEPS_PER_SECOND).unwrap_or(MAX_STEP).clamp(1, MAX_STEP)
    }

    /// How long to wait at `now` before more may move.
    pub(super) fn delay(&self, now: Instant) -> Duration {
        self.due.saturating_duration_since(now)
    }

    /// Counts the bytes that have moved by `now`.
    pub(super) fn count(&mut self, bytes: usize, now: Instant) {
        let earliest = now.checked_sub(CREDIT).unwrap_or(now);
        let from = self.due.max(earliest);
        let worth = Duration::try_from_secs_f64(bytes as f64 / self.rate as f64).unwrap_or(Duration::MAX);
        // A time beyond the clock's range is not waited for: nothing so large moves at once.
        self.due = from.checked_add(worth).unwrap_or(from);
    }
}

/// `--speed-limit` and `--speed-time`: bytes move no slower than this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SpeedLimit {
    /// Bytes a second.
    pub(crate) rate: u64,
    /// For how long they may be fewer.
    pub(crate) within: Duration,
}

/// Parts that the time of a [`SpeedLimit`] is divided into: what has moved is
/// forgotten part by part.
const PARTS: u32 = 20;
/// As many parts as always cover that time, the one under way among them.
const SLOTS: usize = PARTS as usize + 1;

/// Whether a transfer keeps to its [`SpeedLimit`].
#[derive(Clone, Debug)]
pub(super) struct SpeedWatch {
    limit: SpeedLimit,
    start: Instant,
    /// What moved in each of the last parts; part `n` is at `n % SLOTS`.
    moved: [u64; SLOTS],
    /// The part under way, counted from the start.
    part: u64,
}

impl SpeedWatch {
    /// Watches from `now` on.
    pub(super) fn new(limit: SpeedLimit, now: Instant) -> Self {
        Self { limit, start: now, moved: [0; SLOTS], part: 0 }
    }

    /// What is watched for.
    pub(super) fn limit(&self) -> SpeedLimit {
        self.limit
    }

    /// Counts the bytes that have moved by `now`.
    pub(super) fn count(&mut self, bytes: usize, now: Instant) {
        self.go_on(now);
        let slot = &mut self.moved[(self.part % SLOTS as u64) as usize];
        *slot = slot.saturating_add(bytes as u64);
    }

    /// Whether at `now` too little has moved for too long.
    pub(super) fn is_too_slow(&mut self, now: Instant) -> bool {
        let lasted = now.saturating_duration_since(self.start);
        if lasted < self.limit.within {
            return false;
        }
        // What moved in the part that has just ended to count still counts.
        let moved = self.moved.iter().fold(0, |sum: u64, bytes| sum.saturating_add(*bytes));
        self.go_on(now);
        (moved as f64) < self.limit.rate as f64 * self.limit.within.as_secs_f64()
    }

    /// How long from `now` on until [`Self::is_too_slow`] may say something new.
    pub(super) fn patience(&self, now: Instant) -> Duration {
        let lasted = now.saturating_duration_since(self.start);
        let part = self.part_length();
        let until_first = self.limit.within.saturating_sub(lasted);
        until_first.max(part)
    }

    fn part_length(&self) -> Duration {
        (self.limit.within / PARTS).max(Duration::from_millis(1))
    }

    /// Forgets what moved before the last parts.
    fn go_on(&mut self, now: Instant) {
        let lasted = now.saturating_duration_since(self.start);
        let part = (lasted.as_nanos() / self.part_length().as_nanos()) as u64;
        let fresh = part.saturating_sub(self.part).min(SLOTS as u64);
        for offset in 0..fresh {
            self.moved[((part - offset) % SLOTS as u64) as usize] = 0;
        }
        self.part = self.part.max(part);
    }
}

/// How much has to come quickly before the kernel may continue alone, and how much
/// it moves before its progress is looked at.
pub(super) const SLICE: u64 = 512 * 1024;
/// Quickly.
const QUICK: Duration = Duration::from_millis(200);

/// Whether content comes so quickly that a [`SLICE`] of it is no time at all.
#[derive(Clone, Debug)]
pub(super) struct Swiftness {
    since: Instant,
    moved: u64,
    is_swift: bool,
}

impl Swiftness {
    /// Watches from `now` on.
    pub(super) fn new(now: Instant) -> Self {
        Self { since: now, moved: 0, is_swift: false }
    }

    /// Counts the bytes that have moved by `now`.
    pub(super) fn count(&mut self, bytes: u64, now: Instant) {
        self.moved = self.moved.saturating_add(bytes);
        let took = now.saturating_duration_since(self.since);
        if self.moved >= SLICE || took > QUICK {
            *self = Self { since: now, moved: 0, is_swift: self.moved >= SLICE && took <= QUICK };
        }
    }

    /// Whether the last slice came quickly.
    pub(super) fn is_swift(&self) -> bool {
        self.is_swift
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn millis(number: u64) -> Duration {
        Duration::from_millis(number)
    }

    #[test]
    fn a_throttle_lets_bytes_through_at_its_rate() {
        let start = Instant::now();
        let mut throttle = Throttle::new(1000, start);
        assert_eq!((throttle.step(), throttle.delay(start)), (100, Duration::ZERO));
        let mut now = start;
        for _ in 0..50 {
            throttle.count(throttle.step(), now);
            now += throttle.delay(now);
        }
        assert_eq!(now - start, millis(5000));
    }

    #[test]
    fn a_throttle_forgives_a_long_sleep_but_not_a_pause() {
        let start = Instant::now();
        let mut throttle = Throttle::new(1000, start);
        throttle.count(100, start);
        throttle.count(100, start + millis(150));
        assert_eq!(throttle.delay(start + millis(150)), millis(50));
        throttle.count(1000, start + millis(60_000));
        assert_eq!(throttle.delay(start + millis(60_000)), millis(800));
    }

    #[test]
    fn a_throttle_moves_something_at_any_rate() {
        let now = Instant::now();
        for (rate, step) in [(0, 1), (1, 1), (9, 1), (25, 2), (u64::MAX, MAX_STEP)] {
            let mut throttle = Throttle::new(rate, now);
            assert_eq!(throttle.step(), step);
            throttle.count(usize::MAX, now);
            let _ = throttle.delay(now);
        }
    }

    const LIMIT: SpeedLimit = SpeedLimit { rate: 100, within: Duration::from_secs(2) };

    #[test]
    fn silence_is_too_slow_when_the_time_is_over() {
        let start = Instant::now();
        let mut watch = SpeedWatch::new(LIMIT, start);
        assert!(!watch.is_too_slow(start + millis(1999)));
        assert_eq!(watch.patience(start + millis(500)), millis(1500));
        assert!(watch.is_too_slow(start + millis(2000)));
    }

    #[test]
    fn what_keeps_to_the_limit_is_not_too_slow() {
        let start = Instant::now();
        for gap in [10, 100, 500, 1000] {
            let mut watch = SpeedWatch::new(LIMIT, start);
            for at in (0..20_000).step_by(gap) {
                let now = start + millis(at as u64);
                assert!(!watch.is_too_slow(now), "{gap} {at}");
                // A tenth more than the limit.
                watch.count(gap * 110 / 1000, now);
            }
        }
    }

    #[test]
    fn a_drip_is_too_slow_and_so_is_what_has_become_one() {
        let start = Instant::now();
        let mut watch = SpeedWatch::new(LIMIT, start);
        watch.count(1_000_000, start);
        let slow_at = (0..10_000u64).step_by(50).find(|&at| {
            watch.count(1, start + millis(at));
            watch.is_too_slow(start + millis(at))
        });
        let slow_at = slow_at.unwrap();
        assert!((2000..=2100).contains(&slow_at), "{slow_at}");
    }

    #[test]
    fn odd_limits_do_no_harm() {
        let start = Instant::now();
        for rate in [0, 1, u64::MAX] {
            for within in [Duration::ZERO, Duration::from_nanos(1), Duration::MAX] {
                let mut watch = SpeedWatch::new(SpeedLimit { rate, within }, start);
                watch.count(usize::MAX, start + millis(3));
                let _ = (watch.is_too_slow(start + millis(5)), watch.patience(start + millis(9)));
            }
        }
    }

    #[test]
    fn swift_is_a_slice_in_a_moment() {
        let start = Instant::now();
        let mut swiftness = Swiftness::new(start);
        swiftness.count(SLICE - 1, start + millis(100));
        assert!(!swiftness.is_swift());
        swiftness.count(1, start + millis(150));
        assert!(swiftness.is_swift());
        swiftness.count(SLICE, start + millis(300));
        assert!(swiftness.is_swift());
        swiftness.count(1, start + millis(900));
        assert!(!swiftness.is_swift());
    }
}
