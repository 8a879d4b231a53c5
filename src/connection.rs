//! One connection: the place where bytes meet grammar.
//!
//! Sends a request, receives heads, and hands out a body piece by piece. Keeps
//! the one buffer there is, and the count of bytes received, from which every
//! offset is made. What the bytes mean is `http`'s affair, what to do next the
//! session's.

mod body;

pub(crate) use body::{Body, BodyEnd, Piece};

use std::io::{self, ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use crate::event::{Event, Events};
use crate::failure::Failure;
use crate::http::response::{
    self, BadHead, HeadProblem, HeadScanner, MAX_HEAD, ResponseHead, bad_head, problem_at_eof,
};
use crate::net;
use crate::stream::{Prefixed, Stream};

/// Size of the buffer: what makes a file or a device as quick as it gets. Pages
/// of it that nothing is read into are never made.
const BUFFER: usize = 256 * 1024;
/// How long silence must last before nothing more is expected after an end.
const LINGER: Duration = Duration::from_millis(250);
/// How long a write may stall before one looks whether the server has answered.
const STALL: Duration = Duration::from_millis(100);
/// How long bytes that have come may need to become part of the stream, as they
/// do below TLS.
const INCOMING: Duration = Duration::from_millis(1);
/// Most that is read after an answer that is not HTTP.
const MAX_STRAY: usize = MAX_HEAD;

/// A connection to a server.
pub(crate) struct Connection<'e> {
    stream: Box<dyn Stream>,
    events: &'e Events,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    received: u64,
    deadline: Option<Deadline>,
    is_timed: bool,
    is_cut: bool,
    write_timeout: Option<Duration>,
}

/// When a run must have ended, and how the user said so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    /// The moment.
    pub(crate) at: Instant,
    /// The limit that the user gave.
    pub(crate) limit: Duration,
}

/// The heads of one hop so far, in bytes, counted against [`MAX_HEAD`].
#[derive(Default)]
pub(crate) struct HeadBudget(usize);

/// No head came: what did, and why it ended there.
pub(crate) struct HeadFailure {
    pub(crate) bad: Box<BadHead>,
    pub(crate) error: anyhow::Error,
}

/// What a read gave.
enum Fill {
    Bytes,
    Eof,
    Idle,
}

impl<'e> Connection<'e> {
    /// A connection over `stream` that must be done by `deadline`.
    pub(crate) fn new(stream: Box<dyn Stream>, deadline: Option<Deadline>, events: &'e Events) -> Self {
        let buffer = Vec::new();
        Self {
            stream,
            events,
            buffer,
            start: 0,
            end: 0,
            received: 0,
            deadline,
            is_timed: false,
            is_cut: false,
            write_timeout: None,
        }
    }

    /// The stream below, for those who go on without HTTP.
    pub(crate) fn stream(&mut self) -> &mut dyn Stream {
        &mut *self.stream
    }

    /// The stream below, with what has been read from it and not been taken.
    pub(crate) fn into_stream(self) -> Box<dyn Stream> {
        match &self.buffer[self.start..self.end] {
            [] => self.stream,
            left => Box::new(Prefixed::new(left.to_vec(), self.stream)),
        }
    }

    /// Another deadline, for another exchange on the same connection.
    pub(crate) fn set_deadline(&mut self, deadline: Option<Deadline>) {
        self.deadline = deadline;
    }

    /// Whether bytes lie in the buffer that no message has taken.
    pub(crate) fn has_leftover(&self) -> bool {
        self.start < self.end
    }

    /// Whether the connection ended as anybody on the way could have ended it:
    /// TLS without a close_notify (RFC 8446 §6.1).
    pub(crate) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// The error of a connection that [`Self::is_cut`], where nothing else proves the end.
    pub(crate) fn cut_error(&self) -> anyhow::Error {
        Failure::Receive.error(format!(
            "the connection ended after {} bytes without TLS's close_notify: more may have been meant to come",
            self.received
        ))
    }

    /// Writes `bytes` to the server.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.set_write_timeout(None)?;
        let sent = self.stream.write_all(bytes).and_then(|()| self.stream.flush());
        sent.map_err(|error| self.send_error(error))
    }

    /// Writes as many of `bytes` as the server takes within a moment: perhaps none.
    pub(crate) fn send_some(&mut self, bytes: &[u8]) -> anyhow::Result<usize> {
        self.set_write_timeout(Some(STALL))?;
        if bytes.is_empty() {
            return Ok(0);
        }
        match self.stream.write(bytes) {
            Ok(0) => Err(self.send_error(ErrorKind::WriteZero.into())),
            Ok(count) => Ok(count),
            Err(error) => match error.kind() {
                ErrorKind::Interrupted | ErrorKind::WouldBlock | ErrorKind::TimedOut => Ok(0),
                _ => Err(self.send_error(error)),
            },
        }
    }

    /// Whether the server takes within a moment what was written.
    pub(crate) fn flush_some(&mut self) -> anyhow::Result<bool> {
        self.set_write_timeout(Some(STALL))?;
        match self.stream.flush() {
            Ok(()) => Ok(true),
            Err(error) => match error.kind() {
                ErrorKind::Interrupted | ErrorKind::WouldBlock | ErrorKind::TimedOut => Ok(false),
                _ => Err(self.send_error(error)),
            },
        }
    }

    fn send_error(&self, error: io::Error) -> anyhow::Error {
        match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => self.timed_out("sending the request"),
            _ => Failure::Send.because("cannot send the request", error),
        }
    }

    fn set_write_timeout(&mut self, patience: Option<Duration>) -> anyhow::Result<()> {
        let left = self.deadline.map(|deadline| self.time_left(deadline)).transpose()?;
        let wait = shorter(left, patience);
        if wait != self.write_timeout {
            self.write_timeout = wait;
            self.stream
                .set_write_timeout(wait)
                .map_err(|error| Failure::Send.because("cannot set a time limit on the socket", error))?;
        }
        Ok(())
    }

    /// Whether something comes within `patience`; the end of the connection is something.
    pub(crate) fn awaits(&mut self, patience: Duration) -> anyhow::Result<bool> {
        if self.has_leftover() {
            return Ok(true);
        }
        Ok(!matches!(self.fill(Some(patience))?, Fill::Idle))
    }

    /// Whether something has come by now.
    pub(crate) fn has_incoming(&mut self) -> anyhow::Result<bool> {
        Ok(self.has_leftover() || self.stream.has_incoming() && self.awaits(INCOMING)?)
    }

    /// Says that nothing more will be sent.
    pub(crate) fn shut_down_sending(&mut self) -> anyhow::Result<()> {
        self.stream
            .shutdown_write()
            .map_err(|error| Failure::Send.because("cannot close the sending side", error))
    }

    /// Receives the next head, interim or final.
    pub(crate) fn receive_head(&mut self, budget: &mut HeadBudget) -> Result<ResponseHead, HeadFailure> {
        let mut scanner = HeadScanner::default();
        loop {
            let bytes = &self.buffer[self.start..self.end];
            let scanned = match scanner.scan(bytes) {
                Ok(None) if bytes.len() + budget.0 > MAX_HEAD => Err(HeadProblem::TooLarge),
                Ok(Some(length)) if length + budget.0 > MAX_HEAD => Err(HeadProblem::TooLarge),
                other => other,
            };
            match scanned {
                Ok(Some(length)) => {
                    budget.0 += length;
                    let parsed = response::parse_whole(&bytes[..length], self.offset());
                    return match parsed {
                        Ok(head) => {
                            self.start += length;
                            Ok(head)
                        }
                        Err(bad) => Err(self.no_head(bad.problem)),
                    };
                }
                Ok(None) => {}
                Err(problem) => return Err(self.no_head(problem)),
            }
            match self.fill(None) {
                Ok(Fill::Bytes | Fill::Idle) => {}
                Ok(Fill::Eof) => {
                    let problem = problem_at_eof(&self.buffer[self.start..self.end]);
                    return Err(self.head_failure(problem, None));
                }
                Err(error) => return Err(self.head_failure(HeadProblem::Truncated, Some(error))),
            }
        }
    }

    /// The body that `head` announced.
    pub(crate) fn body(&mut self, framed: crate::http::framing::Framed, records: bool) -> Body<'_, 'e> {
        Body::new(self, framed, records)
    }

    /// Reads on past the end of a message: the next bytes, until the server
    /// closes, or where `linger` is set until it has been silent for a moment.
    pub(crate) fn read_after_end(&mut self, linger: bool) -> anyhow::Result<Option<&[u8]>> {
        while self.start == self.end {
            match self.fill(linger.then_some(LINGER))? {
                Fill::Bytes => {}
                Fill::Idle | Fill::Eof => return Ok(None),
            }
        }
        let piece = self.start..self.end;
        self.start = self.end;
        Ok(Some(&self.buffer[piece]))
    }

    /// Bytes that are no head: what still comes within a moment is part of them.
    fn no_head(&mut self, problem: HeadProblem) -> HeadFailure {
        if !matches!(problem, HeadProblem::TooLarge | HeadProblem::TooManyLines) {
            while self.end - self.start < MAX_STRAY {
                match self.fill(Some(LINGER)) {
                    Ok(Fill::Bytes) => {}
                    _ => break,
                }
            }
        }
        self.head_failure(problem, None)
    }

    fn head_failure(&mut self, problem: HeadProblem, error: Option<anyhow::Error>) -> HeadFailure {
        let bytes = &self.buffer[self.start..self.end];
        let bad = Box::new(bad_head(bytes, self.offset(), problem));
        self.start = self.end;
        let error = error.unwrap_or_else(|| head_error(&bad));
        HeadFailure { bad, error }
    }

    /// Offset of the first byte in the buffer that nothing has taken yet.
    fn offset(&self) -> u64 {
        self.received - (self.end - self.start) as u64
    }

    /// Reads once into the buffer. With `patience`, gives [`Fill::Idle`] after so
    /// long a silence.
    fn fill(&mut self, patience: Option<Duration>) -> anyhow::Result<Fill> {
        self.make_room();
        self.set_read_timeout(patience)?;
        loop {
            match self.stream.read(&mut self.buffer[self.end..]) {
                Ok(0) => return Ok(Fill::Eof),
                Ok(count) => {
                    let fresh = self.end..self.end + count;
                    self.end += count;
                    self.received += count as u64;
                    self.events.emit(&Event::Received(&self.buffer[fresh]));
                    return Ok(Fill::Bytes);
                }
                Err(error) => match error.kind() {
                    ErrorKind::Interrupted => {}
                    // What the framing says of the end decides whether that is an error.
                    ErrorKind::UnexpectedEof => {
                        self.is_cut = true;
                        return Ok(Fill::Eof);
                    }
                    ErrorKind::WouldBlock | ErrorKind::TimedOut => {
                        if self.deadline.is_some_and(|deadline| Instant::now() >= deadline.at) {
                            return Err(self.timed_out("receiving the response"));
                        }
                        return Ok(Fill::Idle);
                    }
                    _ => return Err(self.receive_error(error)),
                },
            }
        }
    }

    fn receive_error(&self, error: io::Error) -> anyhow::Error {
        let reason = net::reason(&error);
        Failure::Receive.error(format!("the connection broke after {} bytes: {reason}", self.received))
    }

    fn make_room(&mut self) {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
        if self.buffer.is_empty() {
            self.buffer = vec![0; BUFFER];
        }
        if self.end == self.buffer.len() {
            if self.start > 0 {
                self.buffer.copy_within(self.start..self.end, 0);
                self.end -= self.start;
                self.start = 0;
            } else {
                self.buffer.resize(self.buffer.len() * 2, 0);
            }
        }
    }

    /// Sets the socket's time limit only where there is one: nothing is paid otherwise.
    fn set_read_timeout(&mut self, patience: Option<Duration>) -> anyhow::Result<()> {
        let left = self.deadline.map(|deadline| self.time_left(deadline)).transpose()?;
        let wait = shorter(left, patience);
        if wait.is_some() || self.is_timed {
            self.is_timed = wait.is_some();
            self.stream
                .set_read_timeout(wait)
                .map_err(|error| Failure::Receive.because("cannot set a time limit on the socket", error))?;
        }
        Ok(())
    }

    fn time_left(&self, deadline: Deadline) -> anyhow::Result<Duration> {
        let left = deadline.at.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(self.timed_out("the exchange")) } else { Ok(left) }
    }

    fn timed_out(&self, during: &str) -> anyhow::Error {
        let limit = self.deadline.map_or(0.0, |deadline| deadline.limit.as_secs_f64());
        let received = self.received;
        Failure::TimedOut
            .error(format!("{during} took longer than {limit} s (--max-time), {received} bytes received"))
    }
}

/// The shorter of two limits; `None` is none.
fn shorter(one: Option<Duration>, other: Option<Duration>) -> Option<Duration> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// The error of bytes that are no head.
fn head_error(bad: &BadHead) -> anyhow::Error {
    let count = bad.raw.len();
    match bad.problem {
        HeadProblem::Empty if count == 0 => {
            Failure::EmptyReply.error("the server closed the connection without an answer")
        }
        HeadProblem::Empty => {
            Failure::EmptyReply.error("the server closed the connection after nothing but empty lines")
        }
        HeadProblem::NotHttp => {
            let begin = &bad.raw[..count.min(20)];
            Failure::Protocol.error(format!(
                "the answer is not HTTP/1: it begins with \"{}\" (--http0.9 takes it as it is)",
                begin.escape_ascii()
            ))
        }
        HeadProblem::StatusSyntax => {
            Failure::Protocol.error("the answer is not HTTP/1: its first line has no three-digit status code")
        }
        HeadProblem::Truncated => {
            Failure::Truncated.error(format!("the head is cut off after {count} bytes"))
        }
        HeadProblem::TooLarge => Failure::Receive.error(format!(
            "the head is too large: the limits are {} KiB and {} KiB a line",
            MAX_HEAD / 1024,
            response::MAX_LINE / 1024
        )),
        HeadProblem::TooManyLines => Failure::HeadTooLarge
            .error(format!("the head has too many lines: the limit is {}", response::MAX_LINES)),
    }
}
