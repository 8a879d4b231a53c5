//! One connection: the place where bytes meet grammar, and where a run waits.
//!
//! Sends a request, receives heads, and hands out a body piece by piece; both
//! directions go at once. Callers that want bytes wait in one loop
//! ([`Connection::turn`]), which sends meanwhile and keeps to all limits. What
//! the bytes mean is `http`'s affair, what to do next the session's.

mod body;
mod cutting;
mod head;
mod holding;
mod incoming;
mod limits;
mod linger;
mod message;
mod outgoing;
mod pace;
mod sending;
mod turn;
mod unfinished;
mod unsent;

pub(crate) use body::{Body, BodyPiece};
pub(crate) use cutting::Cutting;
pub(crate) use head::{HeadBudget, HeadFailure};
pub(crate) use limits::{Deadline, Limits, Pace};
pub(crate) use linger::Linger;
pub(crate) use message::{Message, SendingRules};
pub(crate) use outgoing::Outgoing;
pub(crate) use pace::SpeedLimit;
pub(crate) use turn::Beginning;
pub(crate) use unfinished::STANDSTILL;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::event::{By, ConnectionEnd, ConnectionFacts, Event, Events, How};
use crate::failure::{self, Failure, Trouble};
use crate::http::framing::Framed;
use crate::stream::{Prefixed, Stream};
use incoming::Incoming;
use outgoing::Want;
use unsent::UnsentLimit;

/// A connection to a server.
pub(crate) struct Connection<'e> {
    stream: Box<dyn Stream>,
    /// What errors call the peer where it is no server.
    proxy: Option<String>,
    events: &'e Events,
    incoming: Incoming,
    outgoing: Outgoing,
    limits: Rc<Limits>,
    is_nonblocking: bool,
    /// How often something was begun to be sent.
    rounds: usize,
    /// When that was last, until something came, and how long the peer took for it.
    asked: Option<Instant>,
    took: Option<Duration>,
    unsent_limit: UnsentLimit,
    /// What sending waited for last.
    want: Want,
    /// How the peer ended it, once that has been seen.
    ended: Option<ConnectionEnd>,
    is_cut: bool,
    /// What was sent met a reset: the system tells that once, and then of an orderly end.
    was_reset: bool,
    tells_late: bool,
    /// What is done whenever the connection is about to wait.
    at_pauses: Option<PauseTask>,
    /// How long a read blocks before the run counts as waiting.
    patience: Option<Duration>,
    facts: ConnectionFacts,
}

/// When something else may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pause {
    /// Something is about to be received.
    Short,
    /// Nothing has come for a while: what follows may take long.
    Long,
}

/// Something that is done at pauses.
pub(crate) type PauseTask = Rc<dyn Fn(Pause) -> anyhow::Result<()>>;

impl<'e> Connection<'e> {
    /// A connection over `stream` within these limits.
    pub(crate) fn new(stream: Box<dyn Stream>, limits: Limits, events: &'e Events) -> Self {
        Self {
            stream,
            proxy: None,
            events,
            incoming: Incoming::default(),
            outgoing: Outgoing::default(),
            limits: Rc::new(limits),
            is_nonblocking: false,
            rounds: 0,
            asked: None,
            took: None,
            unsent_limit: UnsentLimit::default(),
            want: Want::default(),
            ended: None,
            is_cut: false,
            was_reset: false,
            tells_late: false,
            at_pauses: None,
            patience: None,
            facts: ConnectionFacts::default(),
        }
    }

    /// Sets the facts that observers are told when the connection is reused.
    pub(crate) fn known_by(self, facts: ConnectionFacts) -> Self {
        Self { facts, ..self }
    }

    /// Makes errors call the peer `name`, a proxy.
    pub(crate) fn at_proxy(self, name: String) -> Self {
        Self { proxy: Some(name), ..self }
    }

    /// What is known of it since it was made.
    pub(crate) fn facts(&self) -> &ConnectionFacts {
        &self.facts
    }

    /// What observers are told where it serves another exchange.
    pub(crate) fn reused(&self) -> Event<'_> {
        let (local, remote) = self.addresses();
        Event::Reused { local, remote, facts: &self.facts }
    }

    /// Our end and the peer's.
    pub(crate) fn addresses(&self) -> (Option<SocketAddr>, Option<SocketAddr>) {
        self.stream.addresses()
    }

    /// The stream below, blocking, with what has been read from it and not been taken.
    pub(crate) fn into_stream(self) -> std::io::Result<Box<dyn Stream>> {
        if self.is_nonblocking {
            self.stream.set_nonblocking(false)?;
        }
        Ok(match self.incoming.bytes() {
            [] => self.stream,
            left => Box::new(Prefixed::new(left.to_vec(), self.stream)),
        })
    }

    /// Another exchange on the same connection, with limits of its own.
    pub(crate) fn set_limits(&mut self, deadline: Option<Deadline>, pace: Pace) {
        // Where there are none, there is nothing to begin anew.
        if deadline.is_some() || pace.is_any() || self.limits.are_any() {
            self.limits = Rc::new(Limits::new(deadline, pace));
        }
    }

    /// The limits, for those who take time elsewhere.
    pub(crate) fn limits(&self) -> Rc<Limits> {
        Rc::clone(&self.limits)
    }

    /// Begins to send `messages`; they go out while something is received.
    pub(crate) fn send(&mut self, messages: impl IntoIterator<Item = Message>, rules: SendingRules) {
        let is_heard = self.events.are_heard();
        self.outgoing.begin(messages, rules, self.limits.throttle(), is_heard);
        self.rounds += 1;
        self.asked = is_heard.then(Instant::now);
    }

    /// How often something was begun to be sent: exchanges, and pipelines of them.
    pub(crate) fn rounds(&self) -> usize {
        self.rounds
    }

    /// What is being sent.
    pub(crate) fn outgoing(&self) -> &Outgoing {
        &self.outgoing
    }

    /// What is being sent.
    pub(crate) fn outgoing_mut(&mut self) -> &mut Outgoing {
        &mut self.outgoing
    }

    /// Responses to several requests come: observers are told of bytes when a
    /// response takes them, so that they know whose they are.
    pub(crate) fn tell_late(&mut self) {
        self.tells_late = true;
    }

    /// From now on `task` is done at pauses, of which one counts as long after `patience`.
    pub(crate) fn at_pauses(&mut self, task: Option<PauseTask>, patience: Duration) {
        if task.is_some() && self.patience != Some(patience) {
            self.patience = self.stream.set_patience(patience).is_ok().then_some(patience);
        }
        self.at_pauses = task;
    }

    /// Takes the first `count` bytes out of the buffer.
    fn take(&mut self, count: usize) {
        self.incoming.take(count);
        if self.tells_late && count > 0 {
            self.events.emit(&Event::Received(self.incoming.taken(count)));
        }
    }

    /// Whether bytes lie in the buffer that no message has taken.
    pub(crate) fn has_leftover(&self) -> bool {
        !self.incoming.bytes().is_empty()
    }

    /// The offset of the first byte that no message has taken.
    pub(crate) fn offset(&self) -> u64 {
        self.incoming.offset()
    }

    /// What has been received and not been taken.
    pub(crate) fn leftover(&self) -> &[u8] {
        self.incoming.bytes()
    }

    /// How the peer ended it, as far as that has been seen.
    pub(crate) fn ended(&self) -> Option<ConnectionEnd> {
        self.ended
    }

    /// Whether the connection ended as anybody on the way could have ended it:
    /// TLS without a close_notify (RFC 8446 §6.1).
    pub(crate) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// The error of a connection that [`Self::is_cut`], where nothing else proves the end.
    fn cut_error(&self) -> anyhow::Error {
        let message = format!(
            "the connection ended after {} without a TLS close_notify: data may be missing",
            failure::bytes(self.incoming.received())
        );
        Failure::Receive.with_trouble(Trouble::Lost, message)
    }

    /// The body that comes next, and ends as it is `framed`; `records`: its chunks are kept for
    /// [`Body::take_chunks`].
    pub(crate) fn body(&mut self, framed: Framed, records: bool) -> Body<'_, 'e> {
        Body::new(self, framed, records)
    }

    /// Notes how the connection has ended.
    fn end(&mut self, by: By, how: How) {
        let ended = ConnectionEnd { by, how };
        self.ended = Some(ended);
        self.events.emit(&Event::Ended(ended));
    }

    /// The peer sends nothing more: an error where it has reset the connection.
    fn end_of_stream(&mut self, how: How) -> anyhow::Result<()> {
        if self.was_reset && how == How::Fin {
            return Err(self.broken(&ErrorKind::ConnectionReset.into()));
        }
        self.end(By::Peer, how);
        Ok(())
    }

    /// Closes the connection; where the peer has done so before, it has.
    pub(crate) fn close(mut self) {
        self.stop_sending();
        if self.ended.is_none() {
            let how = if self.stream.is_secure() { How::CloseNotify } else { How::Fin };
            self.end(By::Us, how);
        }
    }
}

#[cfg(test)]
mod tests;
