//! The loop in which a connection waits: it sends what it can, receives what has
//! come, and otherwise waits for whatever is first.

use std::io::{self, ErrorKind, Read};
use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use super::outgoing::Want;
use super::{Connection, Linger, Pause};
use crate::event::{By, Event, How};
use crate::failure::{self, Failure, Trouble, in_words};
use crate::interrupt;
use crate::net;
use crate::stream::Unreadable;
use crate::wait::{Awaited, Ready, earlier, wait, wait_while_read};

/// What receiving came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fill {
    Bytes,
    Eof,
    /// The time has come, and nothing else.
    Idle,
    /// The reader of what is printed has gone.
    Unread,
}

/// For what a turn lasts.
#[derive(Clone, Copy, Default)]
pub(super) struct Wish<'w> {
    pub(super) reads: bool,
    pub(super) sink: Option<BorrowedFd<'w>>,
    /// The pipe that is printed to.
    pub(super) reader: Option<BorrowedFd<'w>>,
    /// All is sent that is to be sent.
    pub(super) sent: bool,
    pub(super) until: Option<Instant>,
}

/// What a turn came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turned {
    Received(Fill),
    /// The sink takes something.
    Sink,
    /// Something may have gone out.
    Sent,
}

/// What waiting for the beginning of a response came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beginning {
    /// Something has come.
    Here,
    /// All is sent, or the connection has ended.
    Over,
    /// The input has it that something else is done first.
    Woken,
}

impl Connection<'_> {
    /// Receives something, or nothing by `until`; what is to be sent goes out meanwhile.
    pub(super) fn fill(&mut self, until: Option<Instant>) -> anyhow::Result<Fill> {
        self.fill_for(None, until, false)
    }

    /// [`Self::fill`], as long as the pipe of `reader` has one, and with `until_sent` as long as
    /// something is to be sent.
    pub(super) fn fill_for(
        &mut self,
        reader: Option<BorrowedFd<'_>>,
        until: Option<Instant>,
        until_sent: bool,
    ) -> anyhow::Result<Fill> {
        let sent = until_sent && !self.outgoing.is_over();
        match self.turn(Wish { reads: true, reader, sent, until, ..Wish::default() })? {
            Turned::Received(fill) => Ok(fill),
            Turned::Sink | Turned::Sent => Ok(Fill::Idle),
        }
    }

    /// Sends what is to be sent until something comes, or the input wakes the waiting caller.
    pub(crate) fn await_beginning(&mut self) -> anyhow::Result<Beginning> {
        while !self.has_leftover() {
            if self.outgoing.is_over() {
                return Ok(Beginning::Over);
            }
            match self.fill_for(None, None, true)? {
                Fill::Eof => return Ok(Beginning::Over),
                Fill::Idle if self.outgoing.until().is_some() => return Ok(Beginning::Woken),
                Fill::Bytes | Fill::Idle | Fill::Unread => {}
            }
        }
        Ok(Beginning::Here)
    }

    /// Sends what the peer takes at once.
    pub(crate) fn send_now(&mut self) -> anyhow::Result<()> {
        if !self.outgoing.is_small() {
            self.set_nonblocking()?;
        }
        self.push().map(|_| ())
    }

    /// Sends what is to be sent until something has come, and leaves that where it is.
    /// Whether that is so; otherwise the reader of the pipe has gone.
    pub(super) fn await_incoming(&mut self, reader: Option<BorrowedFd<'_>>) -> anyhow::Result<bool> {
        self.pause(Pause::Long)?;
        loop {
            self.check_limits()?;
            let want = self.push()?;
            let wish = Wish { reads: true, reader, ..Wish::default() };
            let now = self.needs_clock(&wish).then(Instant::now);
            let ready = self.wait(&wish, want, None, now)?;
            if ready.reads || ready.is_reader_gone {
                return Ok(ready.reads);
            }
        }
    }

    /// Sends what is to be sent while `sink` takes nothing.
    pub(crate) fn await_sink(&mut self, sink: BorrowedFd<'_>) -> anyhow::Result<()> {
        let wish = Wish { sink: Some(sink), ..Wish::default() };
        while self.turn(wish)? != Turned::Sink {}
        Ok(())
    }

    /// Reads on past the end of a message: the next bytes, if any come.
    pub(crate) fn read_after_end(&mut self, linger: &Linger) -> anyhow::Result<Option<&[u8]>> {
        while !self.has_leftover() {
            let Fill::Bytes = self.fill(linger.until())? else { return Ok(None) };
        }
        let count = self.incoming.bytes().len();
        self.take(count);
        Ok(Some(self.incoming.taken(count)))
    }

    /// Receives what was sent together with the bytes that no message has taken, up to `most` bytes, so that
    /// what is told of them does not depend on packets.
    pub(crate) fn complete_leftover(&mut self, most: usize) {
        // Line ends that a server sends behind its content are often all.
        if self.incoming.bytes().iter().all(|byte| b"\r\n".contains(byte)) {
            return;
        }
        let linger = Linger::burst();
        while self.incoming.bytes().len() < most {
            let Ok(Fill::Bytes) = self.fill(linger.until()) else { return };
        }
    }

    /// Whether unrequested bytes are ready, or arrive within `patience`, the
    /// connection's end among it: then it can carry no other request (RFC 9112 §9.2).
    pub(crate) fn is_stale(&mut self, patience: Duration) -> bool {
        if self.has_leftover() || self.ended.is_some() {
            return true;
        }
        // TLS may have something to say that is no content: then one looks on.
        self.has_incoming(patience) && !matches!(self.fill(Some(Instant::now() + patience)), Ok(Fill::Idle))
    }

    fn has_incoming(&self, patience: Duration) -> bool {
        let Some(ends) = self.stream.ends() else { return false };
        if self.stream.has_received() || ends.have_received() {
            return true;
        }
        let until = Some(Instant::now() + patience);
        let awaited = Awaited { ends: Some(ends), reads: true, until, ..Awaited::default() };
        !patience.is_zero() && wait(&awaited).is_ok_and(|ready| ready.reads)
    }

    /// One turn: sends what the peer takes, receives what has come, and where
    /// there is neither waits, for the first thing of all that can happen.
    pub(super) fn turn(&mut self, wish: Wish<'_>) -> anyhow::Result<Turned> {
        // Without patience a read may block for long.
        self.pause(if self.patience.is_some() { Pause::Short } else { Pause::Long })?;
        loop {
            self.check_limits()?;
            if self.needs_nonblocking(&wish) {
                self.set_nonblocking()?;
            }
            let written = self.outgoing.written();
            let want = self.push()?;
            self.want = want;
            let until = earlier(wish.until, self.outgoing.until());
            let wish = Wish { until, ..wish };
            let only_sends = !wish.reads && wish.sink.is_none();
            let has_moved = only_sends && self.outgoing.written() > written;
            if has_moved || (only_sends || wish.sent) && self.outgoing.is_over() {
                return Ok(Turned::Sent);
            }
            let now = self.needs_clock(&wish).then(Instant::now);
            let (turn, most) = match now {
                Some(now) if wish.reads => self.limits.turn_to_receive(now),
                _ => (None, usize::MAX),
            };
            let reads = wish.reads && turn.is_none();
            if reads {
                if self.ended.is_some() {
                    return Ok(Turned::Received(Fill::Eof));
                }
                if let Some(fill) = self.read(most)? {
                    return Ok(Turned::Received(fill));
                }
            }
            if now.zip(wish.until).is_some_and(|(now, until)| now >= until) {
                return Ok(Turned::Received(Fill::Idle));
            }
            self.pause(Pause::Long)?;
            let ready = self.wait(&wish, want, turn, now)?;
            if ready.sink {
                return Ok(Turned::Sink);
            }
            if ready.is_reader_gone {
                return Ok(Turned::Received(Fill::Unread));
            }
        }
    }

    fn pause(&self, pause: Pause) -> anyhow::Result<()> {
        self.at_pauses.as_ref().map_or(Ok(()), |task| task(pause))
    }

    /// Waits for the first thing that can happen; not at all where something is
    /// only held up by taking turns.
    fn wait(
        &mut self,
        wish: &Wish<'_>,
        want: Want,
        turn: Option<Instant>,
        now: Option<Instant>,
    ) -> anyhow::Result<Ready> {
        if self.stream.ends().is_none() {
            return Ok(Ready { reads: wish.reads, ..Ready::default() });
        }
        let limit = now.and_then(|now| self.limits.until(now));
        let at_once = want.again.then(Instant::now);
        let until = [wish.until, want.until, turn, limit, at_once].into_iter().flatten().min();
        let awaited = Awaited {
            ends: self.stream.ends(),
            reads: wish.reads && turn.is_none(),
            writes: want.room,
            input: if want.input { self.outgoing.live() } else { None },
            sink: wish.sink,
            until,
        };
        let ready = match wait_while_read(&awaited, wish.reader) {
            Ok(ready) => ready,
            Err(error) => return Err(self.broken(&error)),
        };
        if ready.input {
            self.outgoing.input_is_ready();
        }
        Ok(ready)
    }

    /// Whether more than one thing can happen, so that nothing may block.
    fn needs_nonblocking(&self, wish: &Wish<'_>) -> bool {
        let is_alone = wish.reads
            && wish.sink.is_none()
            && wish.reader.is_none()
            && wish.until.is_none()
            && self.limits.are_none()
            && !self.limits.has_rate()
            && (self.outgoing.is_over() || self.outgoing.is_small())
            && !interrupt::is_watched();
        !is_alone
    }

    fn needs_clock(&self, wish: &Wish<'_>) -> bool {
        wish.until.is_some() || !self.limits.are_none() || self.limits.has_rate()
    }

    /// Makes the stream nonblocking, once.
    pub(super) fn set_nonblocking(&mut self) -> anyhow::Result<()> {
        if std::mem::replace(&mut self.is_nonblocking, true) {
            return Ok(());
        }
        let set = self.stream.set_nonblocking(true);
        set.map_err(|error| Failure::Receive.because("cannot make the socket nonblocking", error))
    }

    /// Fails after an interrupt, and where a time or speed limit has been passed.
    pub(super) fn check_limits(&mut self) -> anyhow::Result<()> {
        interrupt::check()?;
        let during = match self.outgoing.is_over() {
            _ if self.outgoing.is_talk() => "the dialogue",
            true => "the response",
            false => "the request",
        };
        let checked = self.limits.check(during);
        if checked.is_err() && self.ended.is_none() {
            self.end(By::Limit, How::Timeout);
        }
        checked
    }

    /// Reads once, where something has come.
    pub(super) fn read(&mut self, most: usize) -> anyhow::Result<Option<Fill>> {
        match self.incoming.read(&mut *self.stream, most) {
            Ok([]) => {
                let how = if self.stream.is_sealed() { How::CloseNotify } else { How::Fin };
                self.end_of_stream(how)?;
                Ok(Some(Fill::Eof))
            }
            Ok(fresh) => {
                self.limits.received(fresh.len());
                if let Some(asked) = self.asked.take() {
                    self.took = Some(asked.elapsed());
                }
                if !self.tells_late {
                    self.events.emit(&Event::Received(fresh));
                }
                Ok(Some(Fill::Bytes))
            }
            Err(error) => match error.kind() {
                ErrorKind::Interrupted | ErrorKind::WouldBlock => Ok(None),
                // What the framing says of the end decides whether that is an error.
                ErrorKind::UnexpectedEof => {
                    self.is_cut = true;
                    self.end_of_stream(How::Fin)?;
                    Ok(Some(Fill::Eof))
                }
                _ => Err(self.broken(&error)),
            },
        }
    }

    /// Reads `most` bytes at most of what the kernel has moved to `from`.
    pub(super) fn read_moved(&mut self, from: &mut impl Read, most: usize) -> io::Result<()> {
        let fresh = self.incoming.read(from, most)?;
        self.limits.received(fresh.len());
        if !self.tells_late {
            self.events.emit(&Event::Received(fresh));
        }
        Ok(())
    }

    /// The error of a connection that is there no longer.
    pub(super) fn broken(&mut self, error: &io::Error) -> anyhow::Error {
        if error.get_ref().is_some_and(|inner| inner.is::<Unreadable>()) {
            return Failure::Read.error(format!("--read: cannot read the response: {}", in_words(error)));
        }
        self.end(By::Peer, How::Reset);
        let reason = net::reason(error);
        let received = failure::bytes(self.incoming.received());
        let to = self.proxy.as_ref().map(|proxy| format!(" to {proxy}")).unwrap_or_default();
        let message = format!("the connection{to} broke after {received}: {reason}");
        Failure::Receive.with_trouble(Trouble::Lost, message)
    }

    /// Counts bytes that went past the buffer.
    pub(super) fn count_unseen(&mut self, count: u64) {
        self.incoming.count_unseen(count);
        self.limits.received(usize::try_from(count).unwrap_or(usize::MAX));
        self.events.emit(&Event::Relayed(count));
    }
}
