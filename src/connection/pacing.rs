//! A connection at the pace that the user wants: reads and writes that wait for
//! their turn, and give up what is too slow. Without such a wish nothing of this
//! runs.

use std::thread;
use std::time::{Duration, Instant};

use super::pace::{SpeedLimit, SpeedWatch, Throttle};
use super::sending::STALL;
use super::{Connection, Fill, shorter};
use crate::failure::Failure;

/// How fast bytes may move, and how fast they must.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pace {
    /// `--limit-rate`: the most bytes a second, each way.
    pub(crate) rate: Option<u64>,
    /// `--speed-limit`, `--speed-time`.
    pub(crate) speed_limit: Option<SpeedLimit>,
}

impl Pace {
    /// Where a rate is not to be passed: what keeps to it, from now on.
    pub(crate) fn throttle(&self) -> Option<Throttle> {
        self.rate.map(|rate| Throttle::new(rate, Instant::now()))
    }
}

/// The pace of one exchange.
pub(super) struct Pacing {
    pace: Pace,
    down: Option<Throttle>,
    up: Option<Throttle>,
    watch: Option<SpeedWatch>,
}

impl Pacing {
    /// `None` where nothing is wished.
    pub(super) fn new(pace: Pace) -> Option<Box<Self>> {
        let Pace { rate, speed_limit } = pace;
        let is_free = rate.is_none() && speed_limit.is_none();
        let watch = speed_limit.map(|limit| SpeedWatch::new(limit, Instant::now()));
        (!is_free).then(|| Box::new(Self { pace, down: None, up: pace.throttle(), watch }))
    }

    /// Bytes have come.
    pub(super) fn received(&mut self, bytes: usize) {
        let now = Instant::now();
        self.down.iter_mut().for_each(|throttle| throttle.count(bytes, now));
        self.watch.iter_mut().for_each(|watch| watch.count(bytes, now));
    }

    fn sent(&mut self, bytes: usize) {
        let now = Instant::now();
        self.up.iter_mut().for_each(|throttle| throttle.count(bytes, now));
        self.watch.iter_mut().for_each(|watch| watch.count(bytes, now));
    }
}

impl Connection<'_> {
    /// Makes the connection keep to `pace`.
    pub(crate) fn set_pace(&mut self, pace: Pace) {
        self.pacing = Pacing::new(pace);
    }

    /// Another exchange begins, whose pace is its own.
    pub(super) fn restart_pace(&mut self) {
        self.pacing = self.pacing.take().and_then(|pacing| Pacing::new(pacing.pace));
    }

    /// Whether what is sent must not be sent too fast.
    pub(crate) fn is_throttled(&self) -> bool {
        self.pacing.as_ref().is_some_and(|pacing| pacing.up.is_some())
    }

    /// A body begins, part of which may have come with the head.
    pub(super) fn throttle_body(&mut self) {
        let here = self.end - self.start;
        if let Some(pacing) = &mut self.pacing {
            pacing.down = pacing.pace.throttle();
            pacing.down.iter_mut().for_each(|throttle| throttle.count(here, Instant::now()));
        }
    }

    /// Reads as [`Connection::fill`] does, when it is its turn.
    pub(super) fn fill_in_turn(&mut self, patience: Option<Duration>) -> anyhow::Result<Fill> {
        let until = patience.and_then(|patience| Instant::now().checked_add(patience));
        loop {
            self.refuse_slow()?;
            let now = Instant::now();
            let left = until.map(|until| until.saturating_duration_since(now));
            if left.is_some_and(|left| left.is_zero()) {
                return Ok(Fill::Idle);
            }
            let Some(pacing) = &self.pacing else { return Ok(Fill::Idle) };
            let watched = pacing.watch.as_ref().map(|watch| watch.patience(now));
            let wait = shorter(left, watched);
            let delay = pacing.down.as_ref().map_or(Duration::ZERO, |throttle| throttle.delay(now));
            if !delay.is_zero() {
                self.sleep(wait.map_or(delay, |wait| wait.min(delay)))?;
                continue;
            }
            let step = pacing.up.as_ref().map_or(usize::MAX, Throttle::step);
            self.set_read_timeout(wait)?;
            match self.read(step)? {
                Fill::Idle => {}
                other => return Ok(other),
            }
        }
    }

    /// Sends `bytes` as [`Connection::send`] does, unless that gets too slow.
    pub(super) fn send_watched(&mut self, mut bytes: &[u8]) -> anyhow::Result<()> {
        while !bytes.is_empty() {
            self.refuse_slow()?;
            let sent = self.write_some(bytes)?;
            self.pacing.iter_mut().for_each(|pacing| pacing.sent(sent));
            bytes = &bytes[sent..];
        }
        while !self.flush_some()? {
            self.refuse_slow()?;
        }
        Ok(())
    }

    /// Sends as [`Connection::send_some`] does, when it is its turn.
    pub(super) fn send_in_turn(&mut self, bytes: &[u8]) -> anyhow::Result<usize> {
        self.refuse_slow()?;
        let now = Instant::now();
        let up = self.pacing.as_ref().and_then(|pacing| pacing.up.as_ref());
        let (delay, step) = up.map_or((Duration::ZERO, usize::MAX), |up| (up.delay(now), up.step()));
        self.sleep(delay.min(STALL))?;
        if delay > STALL {
            return Ok(0);
        }
        let sent = self.write_some(&bytes[..bytes.len().min(step)])?;
        self.pacing.iter_mut().for_each(|pacing| pacing.sent(sent));
        Ok(sent)
    }

    /// Sleeps, but not past the deadline.
    fn sleep(&self, time: Duration) -> anyhow::Result<()> {
        let left = self.deadline.map(|deadline| self.time_left(deadline)).transpose()?;
        thread::sleep(left.map_or(time, |left| left.min(time)));
        Ok(())
    }

    /// Fails where too little has moved for too long.
    fn refuse_slow(&mut self) -> anyhow::Result<()> {
        let watch = self.pacing.as_mut().and_then(|pacing| pacing.watch.as_mut());
        let Some(watch) = watch else { return Ok(()) };
        if !watch.is_too_slow(Instant::now()) {
            return Ok(());
        }
        let SpeedLimit { rate, within } = watch.limit();
        Err(Failure::TimedOut.error(format!(
            "too slow: fewer than {rate} byte{} a second for {} s (--speed-limit, --speed-time), {} bytes received",
            if rate == 1 { "" } else { "s" },
            within.as_secs_f64(),
            self.received
        )))
    }
}
