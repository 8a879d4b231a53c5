//! What is to be sent, on its way out.
//!
//! Never waits: it gives the stream as much as that takes, and says what it
//! wants next: room, something of the input, or a time.

mod filling;
mod moving;

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use super::cutting::Cutter;
use super::limits::Limits;
use super::message::{Message, SendingRules};
use super::pace::Throttle;
use crate::event::{Event, Events};
use crate::failure::Failure;
use crate::net;
use crate::stream::Stream;
use crate::wait::{Input, Live};
use filling::Refill;

/// How much is written before reading has its turn.
const TURN: usize = 512 * 1024;
/// Requests that are no larger are taken by any socket at once.
const SMALL: usize = 16 * 1024;

/// What must happen before more can be sent; nothing where all is out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Want {
    /// The stream must take something.
    pub(super) room: bool,
    /// The input must have something.
    pub(super) input: bool,
    /// This time must come.
    pub(super) until: Option<Instant>,
    /// Nothing: it is only that others have their turn.
    pub(super) again: bool,
}

impl Want {
    const ROOM: Self = Self { room: true, input: false, until: None, again: false };
    const INPUT: Self = Self { room: false, input: true, until: None, again: false };

    fn time(until: Instant) -> Self {
        Self { until: Some(until), ..Self::default() }
    }
}

/// How far it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// There is something to send.
    #[default]
    Sending,
    /// All has been written; some of it may not be on the socket.
    Flushing,
    /// All is out.
    Out,
    /// The rest is not sent.
    Stopped,
}

/// Whether the content of the message under way may go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Consent {
    Given,
    /// Once the head is out, after this time at the latest.
    Within(Duration),
    At(Instant),
}

/// Messages on their way out, one behind the other.
pub(crate) struct Outgoing {
    waiting: VecDeque<Message>,
    /// The head under way, for observers, and how much of it is not out.
    head: Vec<u8>,
    head_left: usize,
    input: Option<Box<dyn Input>>,
    has_input: bool,
    is_dialogue: bool,
    consent: Consent,
    ready: Vec<u8>,
    start: usize,
    manner: SendingRules,
    cutter: Option<Cutter>,
    throttle: Option<Throttle>,
    written: u64,
    /// How many bytes the messages so far have, as far as they announce it.
    announced: u64,
    /// The offsets where messages end whose last byte is not out.
    ends: VecDeque<u64>,
    /// When the messages were out, until asked.
    times: VecDeque<Instant>,
    taken: usize,
    sent: usize,
    state: State,
    failed: Option<anyhow::Error>,
}

impl Default for Outgoing {
    fn default() -> Self {
        Self {
            waiting: VecDeque::new(),
            head: Vec::new(),
            head_left: 0,
            input: None,
            has_input: false,
            is_dialogue: false,
            consent: Consent::Given,
            ready: Vec::new(),
            start: 0,
            manner: SendingRules::default(),
            cutter: None,
            throttle: None,
            written: 0,
            announced: 0,
            ends: VecDeque::new(),
            times: VecDeque::new(),
            taken: 0,
            sent: 0,
            state: State::Out,
            failed: None,
        }
    }
}

impl Outgoing {
    /// `messages`, to be sent in this manner.
    pub(super) fn new(messages: VecDeque<Message>, manner: SendingRules, limits: &Limits) -> Self {
        let cutter = manner.cutting.clone().map(Cutter::new);
        let throttle = limits.throttle();
        Self { waiting: messages, manner, cutter, throttle, state: State::Sending, ..Self::default() }
    }

    /// Whether nothing will be sent any more.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.state, State::Out | State::Stopped)
    }

    /// Whether no request is sent, but whatever there is to say.
    pub(super) fn is_talk(&self) -> bool {
        self.manner.has_no_head
    }

    /// Why not all was sent, where the stream did not take it.
    pub(crate) fn take_error(&mut self) -> Option<anyhow::Error> {
        self.failed.take()
    }

    /// Whether all is out but the last byte, which may go at once.
    pub(super) fn is_held(&self) -> bool {
        let is_read = self.input.is_none() && self.waiting.is_empty();
        self.manner.holds_last
            && is_read
            && self.ready.len() - self.start <= 1
            && self.turn_to_send().is_none()
    }

    /// The last byte waits no more.
    pub(super) fn release(&mut self) {
        self.manner.holds_last = false;
    }

    /// How many bytes the stream has taken.
    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    /// How many bytes the stream has not taken, where what is sent announces that.
    pub(super) fn left(&self) -> Option<u64> {
        self.announced.checked_sub(self.written).filter(|&left| left > 0)
    }

    /// How many messages have been begun, and how many are out.
    pub(crate) fn begun_and_sent(&self) -> (usize, usize) {
        (self.taken, self.sent)
    }

    /// When the first message was out that has not been asked about.
    pub(crate) fn take_time(&mut self) -> Option<Instant> {
        self.times.pop_front()
    }

    /// What is read to be sent, where that takes time.
    pub(super) fn live(&self) -> Option<&Live> {
        self.input.as_ref().and_then(|input| input.live())
    }

    /// When the waiting caller is to be woken to read the input.
    pub(super) fn until(&self) -> Option<Instant> {
        self.input.as_ref().and_then(|input| input.until())
    }

    /// The input has something.
    pub(super) fn input_is_ready(&mut self) {
        self.has_input = true;
    }

    /// The server wants the content.
    pub(crate) fn consent(&mut self) {
        self.consent = Consent::Given;
    }

    /// Whether the server has not been heard on whether it wants the content.
    pub(crate) fn awaits_consent(&self) -> bool {
        self.consent != Consent::Given && !self.is_over()
    }

    /// Whether any socket takes all of it at once.
    pub(super) fn is_small(&self) -> bool {
        let is_plain = self.cutter.is_none() && self.throttle.is_none() && self.input.is_none();
        let waiting = || self.waiting.iter().map(|message| message.head.len() + message.content.len());
        let has_input = || self.waiting.iter().any(|message| message.input.is_some());
        is_plain && !has_input() && self.ready.len() - self.start + waiting().sum::<usize>() <= SMALL
    }

    /// Observers are told elsewhere of what is sent from now on.
    pub(crate) fn tell_nothing(&mut self) {
        self.manner.is_silent = true;
    }

    /// Observers are told of all that is sent from now on.
    pub(crate) fn tell_all(&mut self) {
        if std::mem::replace(&mut self.manner.is_silent, false) {
            // Silent readers have read this, and others have reported it.
            self.head_left = self.ready.len() - self.start;
            self.head = Vec::new();
        }
    }

    /// The rest is not sent.
    pub(crate) fn stop(&mut self, events: &Events) {
        if !self.is_over() {
            self.tell_part(events);
            events.emit(&Event::Unsent);
            self.state = State::Stopped;
            self.input = None;
            self.consent = Consent::Given;
        }
    }

    /// Gives `stream` what it takes now, and says what more depends on. An error
    /// of the input's; the stream's is kept, since a peer that takes no more may
    /// still have something to say.
    pub(super) fn push(
        &mut self,
        stream: &mut dyn Stream,
        limits: &Limits,
        events: &Events,
    ) -> anyhow::Result<Want> {
        let before = self.written;
        while !self.is_over() {
            if self.written - before >= TURN as u64 {
                return Ok(Want { again: true, ..Want::default() });
            }
            let moved = if self.is_held() { None } else { self.move_file(stream, limits, events) };
            if moved.is_none() && (self.free() == 0 || self.is_filling()) {
                match self.refill(events)? {
                    Refill::Filled => {}
                    Refill::Wants(want) => return Ok(self.flushed(want, stream)),
                    Refill::End => self.state = State::Flushing,
                }
            }
            if self.holds_all() {
                return Ok(self.flushed(self.turn_to_send().map(Want::time).unwrap_or_default(), stream));
            }
            let done = match (moved, self.state) {
                (Some(done), _) => done,
                (None, State::Sending) => self.write(stream, limits, events),
                (None, _) => self.finish(stream, events),
            };
            match done {
                Ok(None) => {}
                Ok(Some(want)) => return Ok(want),
                Err(error) => self.fail(error, events),
            }
        }
        Ok(Want::default())
    }

    /// How many bytes that are ready may go out.
    fn free(&self) -> usize {
        (self.ready.len() - self.start).saturating_sub(usize::from(self.manner.holds_last))
    }

    /// Whether what is ready is the byte that waits.
    fn holds_all(&self) -> bool {
        self.manner.holds_last && self.state == State::Sending && self.start + 1 == self.ready.len()
    }

    /// `want`, and room for what was written and is not on the socket yet.
    fn flushed(&self, want: Want, stream: &mut dyn Stream) -> Want {
        let room = stream.has_unsent() && stream.flush().is_err();
        Want { room, ..want }
    }

    fn write(
        &mut self,
        stream: &mut dyn Stream,
        limits: &Limits,
        events: &Events,
    ) -> io::Result<Option<Want>> {
        if let Some(at) = self.turn_to_send() {
            return Ok(Some(self.flushed(Want::time(at), stream)));
        }
        let left = self.cutter.as_ref().map_or(usize::MAX, Cutter::left);
        let step = self.throttle.as_ref().map_or(usize::MAX, Throttle::step);
        let most = self.free().min(left).min(step);
        match stream.write(&self.ready[self.start..self.start + most]) {
            Ok(0) => Err(ErrorKind::WriteZero.into()),
            Ok(count) => {
                self.has_written(count, limits, events);
                Ok(None)
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(None),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(Some(Want::ROOM)),
            Err(error) => Err(error),
        }
    }

    /// When the next piece may go out, where that is not now.
    fn turn_to_send(&self) -> Option<Instant> {
        if self.cutter.is_none() && self.throttle.is_none() {
            return None;
        }
        let now = Instant::now();
        let pause = self.cutter.as_ref().map_or(Duration::ZERO, |cutter| cutter.wait(now));
        let delay = self.throttle.as_ref().map_or(Duration::ZERO, |throttle| throttle.delay(now));
        let wait = pause.max(delay);
        if wait.is_zero() { None } else { now.checked_add(wait) }
    }

    fn has_written(&mut self, count: usize, limits: &Limits, events: &Events) {
        self.written += count as u64;
        limits.sent(count);
        if self.cutter.is_some() || self.throttle.is_some() {
            let now = Instant::now();
            self.cutter.iter_mut().for_each(|cutter| cutter.advance(count, now));
            self.throttle.iter_mut().for_each(|throttle| throttle.count(count, now));
        }
        self.tell(self.start..self.start + count, events);
        self.start += count;
        while self.ends.front().is_some_and(|end| *end <= self.written) {
            self.ends.pop_front();
            self.sent += 1;
            if self.manner.is_silent {
                self.times.push_back(Instant::now());
            }
        }
        if let Consent::Within(patience) = self.consent
            && self.start == self.ready.len()
        {
            let now = Instant::now();
            self.consent = now.checked_add(patience).map_or(Consent::Given, Consent::At);
        }
    }

    /// Tells observers that these bytes of what was ready are out.
    fn tell(&mut self, out: std::ops::Range<usize>, events: &Events) {
        if self.manner.is_silent {
            return;
        }
        let of_head = out.len().min(self.head_left);
        self.head_left -= of_head;
        if of_head > 0 && self.head_left == 0 && !self.head.is_empty() {
            events.emit(&Event::SentHead(&self.head));
        }
        if of_head < out.len() {
            events.emit(&Event::SentBody(&self.ready[out.start + of_head..out.end]));
        }
    }

    /// Tells of a head of which not all will be sent.
    fn tell_part(&mut self, events: &Events) {
        let out = self.head.len() - self.head_left;
        if self.head_left > 0 && out > 0 && !self.manner.is_silent {
            events.emit(&Event::SentHead(&self.head[..out]));
        }
        self.head_left = 0;
    }

    fn finish(&mut self, stream: &mut dyn Stream, events: &Events) -> io::Result<Option<Want>> {
        let flushed = stream.flush().and_then(|()| match self.manner.half_close {
            true => stream.shutdown_write(),
            false => Ok(()),
        });
        match flushed {
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Some(Want::ROOM)),
            // The peer has gone meanwhile: that is for those to tell who receive.
            Err(error) if self.manner.half_close && error.kind() == ErrorKind::NotConnected => {}
            other => other?,
        }
        self.state = State::Out;
        if self.manner.is_silent && self.taken > 1 {
            let text = format!("{} requests sent in a pipeline, {} bytes", self.taken, self.written);
            events.emit(&Event::Note(&text));
        }
        if let Some(cutter) = self.cutter.take() {
            events.emit(&Event::Note(&cutter.summary()));
        }
        Ok(None)
    }

    fn fail(&mut self, error: io::Error, events: &Events) {
        self.stop(events);
        let reason = net::reason(&error);
        self.failed = Some(Failure::Send.error(format!("cannot send the request: {reason}")));
    }
}
