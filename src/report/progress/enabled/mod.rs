//! What is heard is only counted; a thread of its own draws, ten times a second,
//! so that a transfer is not held up and one that stalls is seen to.

mod look;
mod rate;

use std::env;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use console::Term;

use super::Drawing;
use crate::output::{Sink, SinkKind, errors};
use look::Figures;
use rate::Rate;

/// How `--version` lists it.
pub(crate) const NAME: &str = "+progress";

/// Between two drawings.
const TICK: Duration = Duration::from_millis(100);
/// How long a transfer lasts before it is drawn.
const PATIENCE: Duration = Duration::from_millis(500);
/// From this size on, a transfer is sure to last.
const LARGE: u64 = 64 << 20;

/// What is drawn of the transfer under way; all clones draw the same.
#[derive(Clone)]
pub(crate) struct Meter(Option<Arc<MeterState>>);

struct MeterState {
    drawing: Drawing,
    transfer: Mutex<Option<DrawnTransfer>>,
    /// A transfer has begun.
    begun: Condvar,
}

struct DrawnTransfer {
    began: Instant,
    /// How many bytes the file had before.
    there: u64,
    moved: u64,
    total: Option<u64>,
    name: String,
    rate: Rate,
    is_drawn: bool,
    was_drawn: bool,
}

/// A transfer that was drawn, and has ended.
pub(super) struct EndedTransfer {
    there: u64,
    moved: u64,
    took: Duration,
}

impl Meter {
    /// A meter on standard error, where that is a terminal.
    pub(crate) fn new(drawing: Drawing) -> Self {
        let is_dumb = env::var_os("TERM").is_none_or(|name| name.is_empty() || name == "dumb");
        let is_seen = || Sink::standard_error().is_ok_and(|sink| sink.kind() == SinkKind::Terminal);
        if drawing == Drawing::Nothing || is_dumb || !is_seen() {
            return Self(None);
        }
        let shared = Arc::new(MeterState { drawing, transfer: Mutex::default(), begun: Condvar::new() });
        let watched = Arc::clone(&shared);
        // Without a thread nothing is drawn, and all else works.
        let _ = thread::Builder::new().name("progress".into()).spawn(move || watched.draw_for_ever());
        Self(Some(shared))
    }

    /// Whether anything is drawn at all.
    pub(super) fn draws(&self) -> bool {
        self.0.is_some()
    }

    /// A transfer of this name begins: so many bytes are there, and so many come.
    pub(super) fn begin(&self, name: &str, there: u64, to_come: Option<u64>) {
        if let Some(shared) = &self.0 {
            shared.begin(name, there, to_come);
        }
    }

    /// Counts bytes that have been moved.
    pub(super) fn count(&self, moved: u64) {
        if let Some(shared) = &self.0 {
            shared.count(moved);
        }
    }

    /// The transfer, if there is one, is over; gives it where it was drawn.
    pub(super) fn end(&self) -> Option<EndedTransfer> {
        self.0.as_ref()?.end()
    }

    /// What remains on the screen of a download into `file` that has gone well.
    pub(super) fn conclude(&self, ended: &EndedTransfer, file: Option<&str>) {
        if self.0.as_ref().is_some_and(|shared| shared.drawing == Drawing::Bar) {
            return look::whole_bar();
        }
        let Some(file) = file else { return };
        let seconds = ended.took.as_secs_f64();
        let rate = (ended.moved as f64 / seconds.max(1e-3)) as u64;
        let (moved, rate) = (look::binary(ended.moved), look::binary(rate));
        let resumed = match ended.there {
            0 => String::new(),
            there => {
                let (there, total) = (look::binary(there), look::binary(there.saturating_add(ended.moved)));
                format!("{total} (resumed at {there}), ")
            }
        };
        errors::write(format!("{file}: {resumed}{moved} in {seconds:.1} s, {rate}/s\n").as_bytes());
    }

    /// Takes away what is drawn, before something else is written. It is drawn
    /// again if the transfer continues.
    pub(crate) fn hide(&self) {
        if let Some(shared) = &self.0 {
            shared.hide();
        }
    }
}

impl MeterState {
    fn transfer(&self) -> MutexGuard<'_, Option<DrawnTransfer>> {
        self.transfer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn draw_for_ever(&self) {
        let mut transfer = self.transfer();
        loop {
            transfer = match &mut *transfer {
                None => self.begun.wait(transfer).unwrap_or_else(PoisonError::into_inner),
                Some(current) => {
                    current.draw(self.drawing, Instant::now());
                    let waited = self.begun.wait_timeout(transfer, TICK);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    fn begin(&self, name: &str, there: u64, to_come: Option<u64>) {
        let total = to_come.map(|to_come| there.saturating_add(to_come));
        let (name, began) = (name.to_owned(), Instant::now());
        let (rate, is_drawn, was_drawn) = (Rate::new(began), false, false);
        *self.transfer() =
            Some(DrawnTransfer { began, there, moved: 0, total, name, rate, is_drawn, was_drawn });
        self.begun.notify_one();
    }

    fn count(&self, moved: u64) {
        if let Some(transfer) = &mut *self.transfer() {
            transfer.moved = transfer.moved.saturating_add(moved);
        }
    }

    fn hide(&self) {
        if let Some(transfer) = &mut *self.transfer() {
            transfer.hide();
        }
    }

    fn end(&self) -> Option<EndedTransfer> {
        let mut transfer = self.transfer().take()?;
        transfer.hide();
        let took = transfer.began.elapsed();
        transfer.was_drawn.then_some(EndedTransfer { there: transfer.there, moved: transfer.moved, took })
    }
}

impl DrawnTransfer {
    fn draw(&mut self, drawing: Drawing, now: Instant) {
        self.rate.count(self.moved, now);
        let passed = now.saturating_duration_since(self.began);
        let is_large = self.total.is_some_and(|total| total >= LARGE);
        if !self.is_drawn && passed < PATIENCE && !is_large {
            return;
        }
        (self.is_drawn, self.was_drawn) = (true, true);
        let figures = Figures {
            name: &self.name,
            there: self.there.saturating_add(self.moved),
            total: self.total,
            bytes_per_second: self.rate.bytes_per_second(),
            passed,
        };
        // The window may have got another width. If the terminal is gone, drawing does not matter.
        let _ = look::redraw(&look::line(drawing, look::width(), &figures));
    }

    fn hide(&mut self) {
        if self.is_drawn {
            self.is_drawn = false;
            // Where the terminal is gone, so is what was drawn.
            let _ = Term::stderr().clear_line();
        }
    }
}
