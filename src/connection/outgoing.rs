//! What is to be sent, on its way out.
//!
//! Pure: it is told the time, what was read for it and how much the stream has
//! taken, and says what is to be done next. `sending` does that.

mod chunk;
mod filling;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::fs::File;
use std::mem;
use std::time::{Duration, Instant};

use super::cutting::Cutter;
use super::message::{Message, SendingRules};
use super::pace::Throttle;
use crate::wait::{Input, Live};
use filling::Refill;

/// Requests that are no larger are taken by any socket at once.
const SMALL: usize = 16 * 1024;
/// How much of a file is moved at once.
const MOVED: u64 = 2 * 1024 * 1024;

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
    pub(super) const ROOM: Self = Self { room: true, input: false, until: None, again: false };
    const INPUT: Self = Self { room: false, input: true, until: None, again: false };

    fn time(until: Instant) -> Self {
        Self { until: Some(until), ..Self::default() }
    }
}

/// What is to be done next.
pub(super) enum SendingStep<'a> {
    /// To write some of these bytes; then [`Outgoing::has_written`].
    Write(&'a [u8]),
    /// To move so many bytes of the file at most; then [`Outgoing::has_moved`] or
    /// [`Outgoing::must_read`].
    Move(&'a File, usize),
    /// To look how much the pipe holds; then [`Outgoing::has_found`].
    Look(&'a File),
    /// As `Write`, where more follows at once.
    WriteOn(&'a [u8]),
    /// To move so many bytes of the pipe at most; then [`Outgoing::has_passed`] or
    /// [`Outgoing::has_read_of_chunk`].
    Pass(&'a File, usize),
    /// To read so many bytes at most, behind those that are there; then [`Outgoing::has_read`].
    Read {
        input: &'a mut dyn Input,
        into: &'a mut Vec<u8>,
        most: usize,
    },
    /// To tell that content goes out which the server has not asked for in time.
    TellOverdue,
    /// To get out what was written, and with `closes` to say that nothing follows; then
    /// [`Outgoing::has_finished`].
    Finish {
        closes: bool,
    },
    Wait(Want),
}

/// What observers are to be told of what has been written.
#[derive(Default)]
pub(super) struct SentBytes<'a> {
    /// A head, once it is whole.
    pub(super) head: &'a [u8],
    pub(super) content: &'a [u8],
}

/// How far it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// There is something to send.
    Sending,
    /// All has been written; some of it may not be on the socket.
    Flushing,
    /// All is out.
    #[default]
    Out,
    /// The rest is not sent.
    Stopped,
}

/// Whether the content of the message under way may go out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Consent {
    #[default]
    Given,
    /// Once the head is out, after this time at the latest.
    Within(Duration),
    At(Instant),
}

/// Messages on their way out, one behind the other.
#[derive(Default)]
pub(crate) struct Outgoing {
    waiting: VecDeque<Message>,
    /// Observers are told of heads.
    tells_heads: bool,
    /// The head under way, for observers, and how much of it is not out.
    head: Vec<u8>,
    head_left: usize,
    input: Option<Box<dyn Input>>,
    has_input: bool,
    is_dialogue: bool,
    consent: Consent,
    /// A response in the place of 100 (Continue) had the content sent.
    is_unasked: bool,
    /// More is read before what is ready is written.
    is_refilling: bool,
    /// What comes next can't be moved, and is read.
    must_read: bool,
    /// How much of a chunk is in a pipe still; its end is not in `ready`.
    chunk_left: usize,
    ready: Vec<u8>,
    start: usize,
    rules: SendingRules,
    cutter: Option<Cutter>,
    throttle: Option<Throttle>,
    /// Where the head being sent ends, counted as `written` is. Heads are not throttled.
    head_end: u64,
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

impl Outgoing {
    /// Begins to send `messages` by `rules`, whatever was sent before. With `tells_heads` each head is
    /// kept until it is out.
    pub(super) fn begin(
        &mut self,
        messages: impl IntoIterator<Item = Message>,
        rules: SendingRules,
        throttle: Option<Throttle>,
        tells_heads: bool,
    ) {
        // The memory of what was sent before is used again: most messages follow others.
        let Self { mut waiting, mut head, mut ready, mut ends, mut times, .. } = mem::take(self);
        waiting.clear();
        waiting.extend(messages);
        [&mut head, &mut ready].into_iter().for_each(Vec::clear);
        ends.clear();
        times.clear();
        let cutter = rules.cutting.clone().map(Cutter::new);
        let state = State::Sending;
        *self = Self {
            waiting,
            head,
            ready,
            ends,
            times,
            rules,
            cutter,
            throttle,
            tells_heads,
            state,
            ..Self::default()
        };
    }

    /// Whether nothing will be sent any more.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.state, State::Out | State::Stopped)
    }

    /// Whether no request is sent, but whatever there is to say.
    pub(super) fn is_talk(&self) -> bool {
        self.rules.has_no_head
    }

    /// Why not all was sent, where the stream did not take it.
    pub(crate) fn take_error(&mut self) -> Option<anyhow::Error> {
        self.failed.take()
    }

    /// The stream takes no more, for this reason.
    pub(super) fn fail(&mut self, error: anyhow::Error) {
        self.failed = Some(error);
    }

    /// Whether at `now` all is out but the last byte, which may go at once.
    pub(super) fn is_held(&self, now: Instant) -> bool {
        self.rules.holds_last
            && self.is_all_ready()
            && self.ready.len() - self.start <= 1
            && self.turn_to_send(now).is_none()
    }

    /// The last byte waits no more.
    pub(super) fn release(&mut self) {
        self.rules.holds_last = false;
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
        self.must_read = false;
    }

    /// The server wants the content.
    pub(crate) fn consent(&mut self) {
        self.consent = Consent::Given;
    }

    /// The server responds without having asked for the content, which a response that is no refusal does not keep back.
    pub(crate) fn consent_by_response(&mut self) {
        self.is_unasked |= self.awaits_consent();
        self.consent();
    }

    /// Whether the server had responded before it was sent the content.
    pub(crate) fn is_unasked(&self) -> bool {
        self.is_unasked
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

    /// Observers are told of all that is sent from now on.
    pub(crate) fn tell_all(&mut self) {
        if mem::replace(&mut self.rules.is_silent, false) {
            // Silent readers have read this, and others have reported it.
            self.head_left = self.ready.len() - self.start;
            self.head = Vec::new();
        }
    }

    /// The rest is not sent. What is out of a head that is cut off by that; `None` where
    /// there is no rest.
    pub(super) fn stop(&mut self) -> Option<&[u8]> {
        if self.is_over() {
            return None;
        }
        self.state = State::Stopped;
        self.input = None;
        self.consent = Consent::Given;
        let left = mem::take(&mut self.head_left);
        let is_cut = left > 0 && !self.rules.is_silent;
        Some(if is_cut { &self.head[..self.head.len().saturating_sub(left)] } else { &[] })
    }

    /// What is to be done next at `now`; `can_move`: the kernel may move what comes
    /// from a file.
    pub(super) fn step(&mut self, now: Instant, can_move: bool) -> SendingStep<'_> {
        match self.state {
            State::Out | State::Stopped => return SendingStep::Wait(Want::default()),
            State::Flushing => return self.finish(),
            State::Sending => {}
        }
        if can_move && self.may_move() {
            return self.move_file();
        }
        if self.chunk_left > 0 || can_move && self.may_chunk() {
            return self.chunk();
        }
        if self.free() == 0 || self.is_refilling || self.is_filling() {
            match self.refill(now) {
                Refill::Filled => {}
                Refill::Wants(want) => return SendingStep::Wait(want),
                Refill::Overdue => return SendingStep::TellOverdue,
                Refill::Read(most) => return self.read(most),
                Refill::End => return self.finish(),
            }
        }
        let at = self.turn_to_send(now);
        match at {
            _ if self.free() == 0 => SendingStep::Wait(at.map(Want::time).unwrap_or_default()),
            Some(at) => SendingStep::Wait(Want::time(at)),
            None => SendingStep::Write(self.next_piece()),
        }
    }

    fn finish(&mut self) -> SendingStep<'_> {
        self.state = State::Flushing;
        SendingStep::Finish { closes: self.rules.half_close }
    }

    /// How many bytes that are ready may go out.
    fn free(&self) -> usize {
        (self.ready.len() - self.start).saturating_sub(usize::from(self.rules.holds_last))
    }

    /// When the next piece may go out, where that is not `now`.
    fn turn_to_send(&self, now: Instant) -> Option<Instant> {
        let pause = self.cutter.as_ref().map_or(Duration::ZERO, |cutter| cutter.wait(now));
        let throttle = self.throttle.as_ref().filter(|_| self.unthrottled(1) == 0);
        let delay = throttle.map_or(Duration::ZERO, |throttle| throttle.delay(now));
        let wait = pause.max(delay);
        if wait.is_zero() { None } else { now.checked_add(wait) }
    }

    /// The stream has taken so many bytes by `now`.
    pub(super) fn has_written(&mut self, count: usize, now: Instant) -> SentBytes<'_> {
        let out = self.start..self.start + count;
        let content = count - self.unthrottled(count);
        self.start = out.end;
        self.written += count as u64;
        self.must_read = false;
        self.cutter.iter_mut().for_each(|cutter| cutter.advance(count, now));
        self.throttle.iter_mut().for_each(|throttle| throttle.count(content, now));
        while self.ends.front().is_some_and(|end| *end <= self.written) {
            self.ends.pop_front();
            self.sent += 1;
            if self.rules.is_silent {
                self.times.push_back(now);
            }
        }
        if let Consent::Within(patience) = self.consent
            && self.start == self.ready.len()
        {
            self.consent = now.checked_add(patience).map_or(Consent::Given, Consent::At);
        }
        self.tell(out)
    }

    /// What observers are to be told of these bytes of what was ready.
    fn tell(&mut self, out: std::ops::Range<usize>) -> SentBytes<'_> {
        if self.rules.is_silent {
            return SentBytes::default();
        }
        let of_head = out.len().min(self.head_left);
        self.head_left -= of_head;
        let is_whole = of_head > 0 && self.head_left == 0;
        SentBytes {
            head: if is_whole { &self.head } else { &[] },
            content: &self.ready[out.start + of_head..out.end],
        }
    }

    /// All is out, whatever was to be done for that. Gives what is worth a line of `-v`.
    pub(super) fn has_finished(&mut self) -> Vec<String> {
        self.state = State::Out;
        let (count, bytes) = (self.taken, self.written);
        let is_pipeline = self.rules.is_silent && count > 1;
        let pipeline = is_pipeline.then(|| format!("{count} requests sent in a pipeline, {bytes} bytes"));
        let cut = self.cutter.take().map(Cutter::summary);
        pipeline.into_iter().chain(cut).collect()
    }
}
