//! The limits of an exchange, in one place: `--max-time`, `--speed-limit`,
//! `--limit-rate`. All that takes time asks here whether there is any left:
//! the connection while it waits, and those who undo codings or print.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use super::pace::{SpeedLimit, SpeedWatch, Throttle};
use crate::failure::{self, Failure};

/// When a run must have ended, and how the user said so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    pub(crate) at: Instant,
    /// The limit that the user gave.
    pub(crate) limit: Duration,
}

/// How fast bytes may move, and how fast they must.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pace {
    /// `--limit-rate`: the most bytes a second, each way.
    pub(crate) rate: Option<u64>,
    /// `--speed-limit`, `--speed-time`.
    pub(crate) speed_limit: Option<SpeedLimit>,
}

impl Pace {
    /// Whether a rate or a speed limit is set.
    pub(super) fn is_any(&self) -> bool {
        self.rate.is_some() || self.speed_limit.is_some()
    }
}

/// The limits of one exchange.
#[derive(Default)]
pub(crate) struct Limits {
    deadline: Option<Deadline>,
    pace: Pace,
    watch: RefCell<Option<SpeedWatch>>,
    down: RefCell<Option<Throttle>>,
    received: Cell<u64>,
}

impl Limits {
    /// The limits of an exchange that begins now.
    pub(crate) fn new(deadline: Option<Deadline>, pace: Pace) -> Self {
        let watch = pace.speed_limit.map(|limit| SpeedWatch::new(limit, Instant::now()));
        Self { deadline, pace, watch: RefCell::new(watch), ..Self::default() }
    }

    /// Whether there are any, that end something or slow it down.
    pub(super) fn are_any(&self) -> bool {
        !self.are_none() || self.has_rate()
    }

    /// Whether there are none that end anything.
    pub(super) fn are_none(&self) -> bool {
        self.deadline.is_none() && self.pace.speed_limit.is_none()
    }

    /// What keeps to `--limit-rate` from now on, where it is given.
    pub(super) fn throttle(&self) -> Option<Throttle> {
        self.pace.rate.map(|rate| Throttle::new(rate, Instant::now()))
    }

    /// A body begins, `here` bytes of which have come already.
    pub(super) fn throttle_body(&self, here: usize) {
        if !self.has_rate() {
            return;
        }
        let mut throttle = self.throttle();
        throttle.iter_mut().for_each(|throttle| throttle.count(here, Instant::now()));
        *self.down.borrow_mut() = throttle;
    }

    /// Bytes have come.
    pub(super) fn received(&self, bytes: usize) {
        self.received.set(self.received.get().saturating_add(bytes as u64));
        if self.has_pace() {
            let now = Instant::now();
            self.down.borrow_mut().iter_mut().for_each(|throttle| throttle.count(bytes, now));
            self.watch.borrow_mut().iter_mut().for_each(|watch| watch.count(bytes, now));
        }
    }

    /// Bytes have been sent.
    pub(super) fn sent(&self, bytes: usize) {
        if self.pace.speed_limit.is_some() {
            self.watch.borrow_mut().iter_mut().for_each(|watch| watch.count(bytes, Instant::now()));
        }
    }

    /// Since when more may be received, and how much at once.
    pub(super) fn turn_to_receive(&self, now: Instant) -> (Option<Instant>, usize) {
        let down = self.down.borrow();
        let Some(down) = down.as_ref() else {
            return (None, self.throttle().map_or(usize::MAX, |throttle| throttle.step()));
        };
        let delay = down.delay(now);
        ((!delay.is_zero()).then(|| now + delay), down.step())
    }

    /// Whether bytes are to move at a pace, so that they must be counted as they do.
    pub(super) fn has_pace(&self) -> bool {
        self.has_rate() || self.pace.speed_limit.is_some()
    }

    /// Whether `--limit-rate` is given.
    pub(super) fn has_rate(&self) -> bool {
        self.pace.rate.is_some()
    }

    /// When to look again whether a limit has passed.
    pub(super) fn until(&self, now: Instant) -> Option<Instant> {
        let watched = self.watch.borrow().as_ref().and_then(|watch| now.checked_add(watch.patience(now)));
        [self.deadline.map(|deadline| deadline.at), watched].into_iter().flatten().min()
    }

    /// Fails where a limit has passed; `during` is what goes on.
    pub(crate) fn check(&self, during: &str) -> anyhow::Result<()> {
        if self.are_none() {
            return Ok(());
        }
        let now = Instant::now();
        let received = || failure::bytes(self.received.get());
        if let Some(Deadline { limit, .. }) = self.deadline.filter(|deadline| now >= deadline.at) {
            let limit = limit.as_secs_f64();
            let message =
                format!("the {limit} s of --max-time ran out during {during}, {} received", received());
            return Err(Failure::TimedOut.error(message));
        }
        let mut watch = self.watch.borrow_mut();
        let Some(watch) = watch.as_mut() else { return Ok(()) };
        if !watch.is_too_slow(now) {
            return Ok(());
        }
        let SpeedLimit { rate, within } = watch.limit();
        Err(Failure::TimedOut.error(format!(
            "too slow: fewer than {} a second for {} s (--speed-limit, --speed-time), {} received",
            failure::bytes(rate),
            within.as_secs_f64(),
            received(),
        )))
    }
}
