//! What is heard is only counted; a thread of its own draws, ten times a second,
//! so that a transfer is not held up and one that stalls is seen to.

mod look;
mod rate;

use std::env;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use console::Term;

use super::{Drawing, StandardStream};
use crate::event::{Event, Observer};
use crate::failure::Failure;
use crate::http::framing::Framing;
use crate::http::uri::Uri;
use crate::output::escape::one_line;
use crate::output::{Sink, SinkKind, errors};
use look::Figures;
use rate::Rate;

/// How `--version` lists it.
pub(crate) const NAME: &str = "+progress";

/// How many columns the window behind `stream` has.
pub(crate) fn columns(stream: StandardStream) -> Option<usize> {
    let term = match stream {
        StandardStream::Output => Term::stdout(),
        StandardStream::Errors => Term::stderr(),
    };
    term.size_checked().map(|(_, columns)| usize::from(columns)).filter(|&columns| columns > 0)
}

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
    /// So much was there before.
    there: u64,
    moved: u64,
    total: Option<u64>,
    name: String,
    rate: Rate,
    is_drawn: bool,
    was_drawn: bool,
}

/// A transfer that was drawn, and has ended.
struct EndedTransfer {
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

    /// What tells the meter of the transfers; `None` where nothing is drawn.
    pub(crate) fn observer(&self) -> Option<Box<dyn Observer>> {
        let shared = Arc::clone(self.0.as_ref()?);
        Some(Box::new(TransferObserver::new(shared)))
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

    /// A transfer of this name begins: so many bytes are there, and so many come.
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

/// Finds the transfers in what happens.
struct TransferObserver {
    shared: Arc<MeterState>,
    phase: Phase,
    /// Nothing is to be drawn: the output is read, or the input typed.
    is_attended: bool,
    /// What the server calls what is sent.
    target: String,
    /// How much content the request has, where that is known.
    to_send: Option<u64>,
    /// How much content comes, where that is known.
    to_come: Option<u64>,
    /// The file that the content goes to, and how much of it was there.
    file: Option<String>,
    there: u64,
    ended: Option<EndedTransfer>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing is counted.
    Other,
    /// The request is being sent.
    Asking,
    /// Its content is.
    Sending,
    /// The final head has come.
    Answered,
    /// Content is coming.
    Receiving,
}

impl TransferObserver {
    fn new(shared: Arc<MeterState>) -> Self {
        Self {
            shared,
            phase: Phase::Other,
            is_attended: true,
            target: String::new(),
            to_send: None,
            to_come: None,
            file: None,
            there: 0,
            ended: None,
        }
    }

    fn sent(&mut self, count: u64) {
        if self.phase == Phase::Asking && self.to_send != Some(count) {
            self.phase = Phase::Sending;
            self.shared.begin(&self.target, 0, self.to_send);
        }
        if self.phase == Phase::Sending {
            self.shared.count(count);
        }
    }

    fn receive(&mut self) {
        if self.phase == Phase::Answered {
            self.phase = Phase::Receiving;
            let name = self.file.as_deref().unwrap_or(&self.target);
            self.shared.begin(name, self.there, self.to_come);
        }
    }

    fn received(&mut self, count: u64) {
        self.receive();
        if self.phase == Phase::Receiving {
            self.shared.count(count);
        }
    }

    /// What remains on the screen of a download that has gone well.
    fn conclude(&self, ended: &EndedTransfer) {
        if self.shared.drawing == Drawing::Bar {
            return look::whole_bar();
        }
        let Some(file) = &self.file else { return };
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
}

impl Observer for TransferObserver {
    fn on(&mut self, _at: Instant, event: &Event<'_>) -> anyhow::Result<()> {
        match event {
            Event::SentBody(bytes) => self.sent(bytes.len() as u64),
            Event::SentUnseen(count) => self.sent(*count),
            Event::Content(bytes) => self.received(bytes.len() as u64),
            Event::Relayed(count) => self.received(*count),
            Event::Received(_) | Event::Chunk(_) => {}
            Event::Begin(uri) => {
                let shared = Arc::clone(&self.shared);
                *self = Self { target: name_of(uri), ..Self::new(shared) };
            }
            Event::RequestBegins(asking) => {
                self.is_attended = !asking.is_unattended;
                self.to_send = content_length(asking.head);
                if !asking.is_replayed && !self.is_attended {
                    self.phase = Phase::Asking;
                }
            }
            Event::Head(_, framed) => {
                self.shared.end();
                self.to_come = match framed.framing {
                    Framing::Length(length) if length < u64::MAX => Some(length),
                    _ => None,
                };
                self.phase = if self.is_attended { Phase::Other } else { Phase::Answered };
            }
            Event::SavedAs { path, there } => {
                (self.file, self.there) = (Some(one_line(path.as_encoded_bytes())), *there);
                self.receive();
            }
            Event::Printing => self.receive(),
            Event::End(_) => {
                self.phase = Phase::Other;
                self.ended = self.shared.end();
            }
            Event::Done(error) => {
                self.shared.end();
                if let (None, Some(ended)) = (error, self.ended.take()) {
                    self.conclude(&ended);
                }
            }
            // Other observers may write now.
            _ => self.shared.hide(),
        }
        Ok(())
    }

    fn wants_content(&self) -> bool {
        false
    }

    fn wants_counts(&self) -> bool {
        true
    }

    fn finish(&mut self) -> anyhow::Result<Option<Failure>> {
        self.shared.end();
        Ok(None)
    }
}

/// What a transfer is called that no file has a name for.
fn name_of(uri: &Uri) -> String {
    let segment = uri.path().rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    if segment.is_empty() { uri.host.clone() } else { one_line(segment) }
}

/// The Content-Length of a request that was made here.
fn content_length(head: &[u8]) -> Option<u64> {
    const NAME: &[u8] = b"content-length:";
    let mut lines = head.split(|&byte| byte == b'\n');
    let line =
        lines.find(|line| line.get(..NAME.len()).is_some_and(|name| name.eq_ignore_ascii_case(NAME)))?;
    std::str::from_utf8(&line[NAME.len()..]).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_what_is_sent_is_in_its_head() {
        assert_eq!(content_length(b"PUT / HTTP/1.1\r\nHost: a\r\ncontent-length: 12\r\n\r\n"), Some(12));
        assert_eq!(content_length(b"GET / HTTP/1.1\r\nX-Content-Length: 12\r\n\r\n"), None);
        assert_eq!(content_length(b"\xff"), None);
    }
}
