//! Does what [`Outgoing`](super::Outgoing) says is to be done next, as far as that
//! needs no waiting: writes, has the kernel move, reads what is to be sent, and tells
//! observers.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::time::Instant;

use super::Connection;
use super::outgoing::{SendingStep, Want};
use crate::event::Event;
use crate::failure::Failure;
use crate::net;
use crate::pipe::{CAN_MOVE, held, limit_unsent, pass_some, send_more, send_some};
use crate::wait::Input;

/// How much is sent before receiving has its turn.
const TURN: u64 = 512 * 1024;
/// How much is read at once of a pipe that the kernel can't move from.
const PIECE: usize = 64 * 1024;

/// Where one step leads.
enum Stepped {
    On,
    Waits(Want),
    /// The stream takes no more.
    Broken(io::Error),
}

impl Connection<'_> {
    /// Gives the stream what it takes now, and says what more depends on. An error is the
    /// input's; the stream's is kept, since a peer that takes no more may still have
    /// something to say.
    pub(super) fn push(&mut self) -> anyhow::Result<Want> {
        if self.outgoing.is_over() {
            return Ok(Want::default());
        }
        let before = self.outgoing.written();
        let mut now = Instant::now();
        while !self.outgoing.is_over() {
            if self.outgoing.written() - before >= TURN {
                return Ok(Want { again: true, ..Want::default() });
            }
            match self.step(&mut now)? {
                Stepped::On => {}
                Stepped::Waits(want) => return Ok(want),
                Stepped::Broken(error) => self.fail(&error),
            }
        }
        Ok(Want::default())
    }

    /// One step at `now`, which is set anew where it has taken time.
    fn step(&mut self, now: &mut Instant) -> anyhow::Result<Stepped> {
        let can_move = CAN_MOVE && self.stream.tcp().is_some() && !self.events.must_see_sent_content();
        Ok(match self.outgoing.step(*now, can_move) {
            SendingStep::Write(bytes) => {
                let written = self.stream.write(bytes);
                *now = Instant::now();
                self.take_written(written, *now)
            }
            SendingStep::Move(file, most) => {
                let moved = self.stream.tcp().map(|socket| {
                    let change = self.unsent_limit.change(self.rounds, self.incoming.received());
                    change.inspect(|&is_limited| limit_unsent(socket, is_limited));
                    send_some(file, socket, most)
                });
                self.take_moved(moved.unwrap_or(Ok(0)))
            }
            SendingStep::Look(pipe) => {
                let length = held(pipe);
                self.outgoing.has_found(length);
                Stepped::On
            }
            SendingStep::WriteOn(bytes) => {
                let written = self.stream.tcp().map(|socket| send_more(socket, bytes));
                *now = Instant::now();
                self.take_written(written.unwrap_or(Ok(0)), *now)
            }
            SendingStep::Pass(pipe, most) => {
                let passed = self.stream.tcp().map(|socket| pass_some(pipe, socket, most));
                *now = Instant::now();
                match passed.unwrap_or_else(|| Err(ErrorKind::Unsupported.into())) {
                    Err(error) if error.kind() == ErrorKind::Unsupported => {
                        let read = read_of_pipe(pipe, most.min(PIECE));
                        self.take_read_of_chunk(read)
                    }
                    passed => self.take_passed(passed),
                }
            }
            SendingStep::Read { input, into, most } => {
                let read = read_some(input, into, most);
                let told = input.take_told();
                if !told.is_empty() {
                    self.events.emit(&Event::SentBody(&told));
                }
                return self.take_read(read);
            }
            SendingStep::TellOverdue => {
                self.events.emit(&Event::Note("No 100 (Continue) received: sending the content anyway"));
                Stepped::On
            }
            SendingStep::Finish { closes } => self.finish(closes),
            SendingStep::Wait(want) => Stepped::Waits(self.flushed(want)),
        })
    }

    /// `want`, and room for what was written and is not on the socket yet.
    fn flushed(&mut self, want: Want) -> Want {
        let room = self.stream.has_unsent() && self.stream.flush().is_err();
        Want { room, ..want }
    }

    fn take_written(&mut self, written: io::Result<usize>, now: Instant) -> Stepped {
        match written {
            Ok(0) => Stepped::Broken(ErrorKind::WriteZero.into()),
            Ok(count) => {
                self.limits.sent(count);
                let sent = self.outgoing.has_written(count, now);
                if !sent.head.is_empty() {
                    self.events.emit(&Event::SentHead(sent.head));
                }
                if !sent.content.is_empty() {
                    self.events.emit(&Event::SentBody(sent.content));
                }
                Stepped::On
            }
            Err(error) => not_taken(error),
        }
    }

    fn take_moved(&mut self, moved: io::Result<usize>) -> Stepped {
        match moved {
            Ok(0) => self.outgoing.must_read(),
            Ok(count) => {
                self.limits.sent(count);
                self.outgoing.has_moved(count);
                self.events.emit(&Event::SentUnseen(count as u64));
            }
            Err(error) if error.kind() == ErrorKind::Unsupported => self.outgoing.must_read(),
            Err(error) => return self.not_moved(error),
        }
        Stepped::On
    }

    /// The kernel moves nothing more. A reset that it met behind the first bytes of a move is
    /// told by none: what comes next is the pipe that is broken.
    fn not_moved(&mut self, error: io::Error) -> Stepped {
        self.was_reset |= error.kind() == ErrorKind::BrokenPipe;
        not_taken(error)
    }

    fn take_passed(&mut self, passed: io::Result<usize>) -> Stepped {
        match passed {
            Ok(0) => Stepped::Broken(lost()),
            Ok(count) => {
                self.limits.sent(count);
                self.outgoing.has_passed(count);
                self.events.emit(&Event::SentUnseen(count as u64));
                Stepped::On
            }
            Err(error) => self.not_moved(error),
        }
    }

    fn take_read_of_chunk(&mut self, read: io::Result<Vec<u8>>) -> Stepped {
        match read {
            Ok(bytes) if bytes.is_empty() => Stepped::Broken(lost()),
            Ok(bytes) => {
                self.outgoing.has_read_of_chunk(&bytes);
                Stepped::On
            }
            Err(error) => not_taken(error),
        }
    }

    fn take_read(&mut self, read: io::Result<usize>) -> anyhow::Result<Stepped> {
        match read {
            Ok(count) => self.outgoing.has_read(count),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                if !self.outgoing.has_read_nothing() {
                    let input = self.outgoing.live().is_some();
                    return Ok(Stepped::Waits(self.flushed(Want { input, ..Want::default() })));
                }
            }
            Err(error) => return Err(Failure::Read.because("cannot read the data to send", error)),
        }
        Ok(Stepped::On)
    }

    fn finish(&mut self, closes: bool) -> Stepped {
        let mut finished = self.stream.flush();
        if closes && finished.is_ok() {
            finished = self.stream.shutdown_write();
        }
        match finished {
            // The peer has gone meanwhile: that is for those to tell who receive.
            Err(error) if closes && error.kind() == ErrorKind::NotConnected => {}
            Err(error) => return not_taken(error),
            Ok(()) => {}
        }
        for text in self.outgoing.has_finished() {
            self.events.emit(&Event::Note(&text));
        }
        Stepped::On
    }

    fn fail(&mut self, error: &io::Error) {
        self.stop_sending();
        self.was_reset |= error.kind() == ErrorKind::ConnectionReset;
        let reason = net::reason(error);
        self.outgoing.fail(Failure::Send.error(format!("cannot send the request: {reason}")));
    }

    /// What is not sent yet never is.
    pub(crate) fn stop_sending(&mut self) {
        let Some(part) = self.outgoing.stop() else { return };
        if !part.is_empty() {
            self.events.emit(&Event::SentHead(part));
        }
        self.events.emit(&Event::Unsent);
    }
}

/// What comes of something that the stream has not taken.
fn not_taken(error: io::Error) -> Stepped {
    match error.kind() {
        ErrorKind::Interrupted => Stepped::On,
        ErrorKind::WouldBlock => Stepped::Waits(Want::ROOM),
        _ => Stepped::Broken(error),
    }
}

/// Reads once, `most` bytes at most, behind what `into` holds. Compiled for size, a vector is filled with zeros byte
/// by byte, but made of zeros at once.
fn read_some(input: &mut dyn Input, into: &mut Vec<u8>, most: usize) -> io::Result<usize> {
    let mut room = vec![0; most];
    let count = input.read(&mut room)?;
    into.extend_from_slice(&room[..count]);
    Ok(count)
}

fn read_of_pipe(mut pipe: &File, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; most];
    let count = pipe.read(&mut bytes)?;
    bytes.truncate(count);
    Ok(bytes)
}

/// Another process has read of the pipe.
fn lost() -> io::Error {
    io::Error::other("another process has read some of standard input")
}
