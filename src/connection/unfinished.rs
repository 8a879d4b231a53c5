//! What is still to be sent once the peer has responded, or has ended its side.

use std::time::{Duration, Instant};

use super::Connection;
use super::turn::{Fill, Turned, Wish};
use crate::failure::{self, Failure};
use crate::wait::earlier;

/// How long a peer may take nothing once its whole response is there, or with `--half-close` its end.
pub(crate) const STANDSTILL: Duration = Duration::from_secs(5);

impl Connection<'_> {
    /// Sends the rest, the response being whole, as long as the peer takes some of it every now and then.
    pub(crate) fn finish_sending(&mut self) -> anyhow::Result<()> {
        self.send_rest("the request", "its complete response", None, None).map(|_| ())
    }

    /// Sends the rest of `what`, once the peer has sent `after`. Gives up with an error if the peer reads nothing for
    /// [`STANDSTILL`]; returns false once live input has been silent for `patience` (`None`: it may take any time), or at
    /// `until`, which holds for live input alone.
    pub(crate) fn send_rest(
        &mut self,
        what: &str,
        after: &str,
        patience: Option<Duration>,
        until: Option<Instant>,
    ) -> anyhow::Result<bool> {
        let mut since = Instant::now();
        while !self.outgoing.is_over() {
            let (written, is_waiting) = (self.outgoing.written(), self.awaits_input());
            let until = until.filter(|_| self.outgoing.live().is_some());
            if until.is_some_and(|until| Instant::now() >= until) {
                return Ok(false);
            }
            let limit = if is_waiting { patience } else { Some(STANDSTILL) };
            let limit = limit.and_then(|limit| since.checked_add(limit));
            let turned = self.turn(Wish { until: earlier(limit, until), ..Wish::default() })?;
            let is_paced = self.want.until.is_some() && !self.want.room;
            if is_paced || self.outgoing.written() > written || self.awaits_input() != is_waiting {
                since = Instant::now();
            } else if turned == Turned::Received(Fill::Idle)
                && limit.is_some_and(|limit| Instant::now() >= limit)
            {
                return if is_waiting { Ok(false) } else { Err(self.stopped_reading(what, after)) };
            }
        }
        Ok(true)
    }

    /// Whether all that the input has given is sent, and more may come.
    fn awaits_input(&self) -> bool {
        self.want.input && !self.want.room
    }

    /// The error of a peer that reads no more of `what` after what has come of it; nothing more is sent.
    fn stopped_reading(&mut self, what: &str, after: &str) -> anyhow::Error {
        let sent = self.sent_in_words();
        self.stop_sending();
        let seconds = STANDSTILL.as_secs();
        Failure::Send.error(format!(
            "the server stopped reading {what}: it read nothing for {seconds} s after {after}; {sent}"
        ))
    }

    /// What to say of a peer that closed before it took all of `what`, where it did.
    pub(crate) fn closed_before_all(&mut self, what: &str) -> Option<String> {
        let problem = format!("the server closed the connection before it took all of {what}");
        self.outgoing.take_error().map(|_| format!("{problem}; {}", self.sent_in_words()))
    }

    fn sent_in_words(&self) -> String {
        let left = self.outgoing.left().map(|left| format!(", {} not sent", failure::bytes(left)));
        format!("{} sent{}", failure::bytes(self.outgoing.written()), left.unwrap_or_default())
    }
}
