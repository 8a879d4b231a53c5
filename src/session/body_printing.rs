//! Content on its way to where it is printed: piece by piece, each when it comes, or moved by the kernel.

use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::connection::{Body, BodyPiece, Connection};
use crate::event::{Event, Events};
use crate::failure::{self, Failure};
use crate::interrupt;
use crate::output::body::{HOLD, Printer};
use crate::output::{ReaderGone, Sink};
use crate::wait::earlier;

/// How long a body's bytes may be held before interrupts are watched for.
const UNWATCHED: Duration = Duration::from_millis(50);

/// A body on its way to where it is printed.
pub(super) struct Printing<'p> {
    /// None where it is shown nowhere.
    pub(super) printer: Option<&'p mut Printer>,
    /// The transfer coding stays.
    pub(super) raw: bool,
    pub(super) sink: &'p mut Sink,
    pub(super) events: &'p Events,
    /// How long to read on once all is sent, where the peer's end is not waited for.
    pub(super) linger: Option<Duration>,
    /// Why a coding failed, where the rest of the body is received for reports alone.
    pub(super) failed: Option<anyhow::Error>,
}

impl Printing<'_> {
    /// Prints what has come before the body's own bytes.
    pub(super) fn begin(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.printer.as_mut().map_or(Ok(()), |printer| printer.push(bytes, self.sink))
    }

    /// Prints the body piece by piece, each when it comes. Where that fails, what the printer still
    /// holds can be printed.
    pub(super) fn all(&mut self, body: &mut Body<'_, '_>) -> anyhow::Result<()> {
        let ended = self.each_piece(body);
        if ended.is_err() {
            self.sink.end_shared_time();
        }
        ended
    }

    fn each_piece(&mut self, body: &mut Body<'_, '_>) -> anyhow::Result<()> {
        let mut end = None;
        if self.sink.ends_lines() {
            body.show_end();
        }
        if self.linger.is_some() {
            body.wake_when_sent();
        }
        loop {
            if let (Some(linger), None, true) = (self.linger, end, body.is_request_sent()) {
                end = Instant::now().checked_add(linger);
            }
            if end.is_some_and(|end| Instant::now() >= end) {
                body.end_here();
                return Ok(());
            }
            give_time(body, self.sink)?;
            if self.move_unseen(body)? {
                return Ok(());
            }
            let holds_back = self.printer.as_ref().and_then(|printer| printer.holds_until());
            if holds_back.is_some_and(|until| Instant::now() >= until) {
                self.idle()?;
                continue;
            }
            let watches = watch_while_holding(holds_back);
            let until = earlier(watches.or(holds_back), end);
            match body.next_for(self.sink.pipe(), until, self.raw)? {
                BodyPiece::Data(bytes) => self.print(bytes)?,
                BodyPiece::Idle if holds_back.is_none_or(|until| Instant::now() < until) => {}
                BodyPiece::Idle => self.idle()?,
                BodyPiece::Unread => return Err(ReaderGone.into()),
                BodyPiece::End => return Ok(()),
            }
            if self.events.want_content() {
                tell_chunks(body, self.events);
            }
        }
    }

    /// Prints a piece of the body, and tells observers of it.
    fn print(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        let mut watch = |decoded: &[u8]| self.events.emit(&Event::Decoded(decoded));
        let printed = match &mut self.printer {
            Some(printer) => printer.push_watched(bytes, self.sink, &mut watch),
            None => Ok(()),
        };
        if !self.raw {
            self.events.emit(&Event::Content(bytes));
        }
        self.keep_on(printed)
    }

    /// Lets reports have the rest of a body whose coding failed.
    fn keep_on(&mut self, printed: anyhow::Result<()>) -> anyhow::Result<()> {
        match printed {
            Err(error)
                if failure::of(&error) == Some(Failure::ContentCoding) && self.events.want_content() =>
            {
                (self.printer, self.failed) = (None, Some(error));
                Ok(())
            }
            printed => printed,
        }
    }

    fn idle(&mut self) -> anyhow::Result<()> {
        self.printer.as_mut().map_or(Ok(()), |printer| printer.idle(self.sink))
    }

    /// Lets the kernel move what it can of what comes next; whether that was the rest of the body.
    fn move_unseen(&mut self, body: &mut Body<'_, '_>) -> anyhow::Result<bool> {
        let is_unchanged =
            self.linger.is_none() && self.printer.as_ref().is_some_and(|printer| printer.is_unchanged());
        if (is_unchanged || self.is_discarded()) && body.can_relay() {
            let before = body.movable();
            let relayed = self.relay(body);
            if body.movable() < before && !self.is_discarded() {
                self.sink.leave_line_open();
            }
            if relayed? {
                return Ok(true);
            }
        }
        if is_unchanged && !self.raw && body.can_relay_chunks() {
            self.relay_chunks(body)?;
        }
        Ok(false)
    }

    /// Whether the rest of the body is shown nowhere, and only its end ends the reading.
    fn is_discarded(&self) -> bool {
        self.linger.is_none() && self.printer.as_ref().is_some_and(|printer| printer.is_discarded())
    }

    /// Lets the kernel move the rest of the body to the sink, and to the file of an observer that keeps
    /// what is received. `false`: some of it, or all, has to be read.
    fn relay(&self, body: &mut Body<'_, '_>) -> anyhow::Result<bool> {
        self.sink.write_gathered()?;
        let is_discarded = self.is_discarded();
        let Some(copy) = self.events.copy() else {
            let Some(mut mover) = self.sink.mover(is_discarded) else { return Ok(false) };
            return body.relay(&mut mover, self.sink.pipe())?.map_err(|error| self.sink.write_error(error));
        };
        let Ok(copy) = copy else { return Ok(false) };
        let Some(mut fork) = self.sink.fork(copy, is_discarded) else { return Ok(false) };
        body.relay_copied(&mut fork, self.sink.pipe())?.map_err(|error| self.sink.write_error(error))?;
        Ok(false)
    }

    /// Lets the kernel move large chunks to the sink, until one comes that is not large.
    fn relay_chunks(&self, body: &mut Body<'_, '_>) -> anyhow::Result<()> {
        self.sink.write_gathered()?;
        let Some(mut sieve) = self.sink.sieve() else { return Ok(()) };
        body.relay_chunks(&mut sieve, self.sink.pipe())?.map_err(|error| self.sink.write_error(error))
    }
}

/// Tells reports of the chunks that have come since the last call.
pub(super) fn tell_chunks(body: &mut Body<'_, '_>, events: &Events) {
    body.take_chunks().iter().for_each(|chunk| events.emit(&Event::Chunk(chunk)));
}

/// What is held for a while is not lost by an interrupt; when one is to be watched for, where that
/// is later. It is held until `until`.
pub(super) fn watch_while_holding(until: Option<Instant>) -> Option<Instant> {
    let watches = until.filter(|_| !interrupt::is_watched())?.checked_sub(HOLD - UNWATCHED)?;
    if watches > Instant::now() {
        return Some(watches);
    }
    interrupt::watch();
    None
}

/// Waits until the sink has taken what it holds, while the connection goes on. From now on the sink keeps
/// what it can't give away at once, where something else may happen meanwhile.
pub(super) fn give_time(body: &mut Body<'_, '_>, sink: &mut Sink) -> anyhow::Result<()> {
    if body.shares_time() && !sink.shares_time() {
        let limits = body.limits();
        sink.share_time(Rc::new(move || {
            interrupt::check()?;
            limits.check("the response")
        }));
    }
    drain(body.connection(), sink)
}

/// Waits until the sink has taken what it holds.
pub(super) fn drain(connection: &mut Connection<'_>, sink: &mut Sink) -> anyhow::Result<()> {
    while let Some(room) = sink.held() {
        connection.await_sink(room)?;
        sink.drain()?;
    }
    Ok(())
}

/// Waits until the sink has taken what it holds, and lets it block again once it has.
pub(super) fn settle(connection: &mut Connection<'_>, sink: &mut Sink) -> anyhow::Result<()> {
    drain(connection, sink)?;
    sink.take_time();
    Ok(())
}
