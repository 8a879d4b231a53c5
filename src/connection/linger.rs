//! How long a connection reads on behind the end of a message.

use std::time::{Duration, Instant};

use super::Connection;
use crate::wait::earlier;

/// How long silence must last before nothing more is expected after an end.
const SILENCE: Duration = Duration::from_millis(250);
/// The least of it behind a later response on a connection: longer than a network takes to bring what
/// was sent together.
const MIN_SILENCE: Duration = Duration::from_millis(20);
/// How long that may be put off by bytes that come one by one.
const MAX_SILENCE: Duration = Duration::from_secs(1);

/// How long silence lasts where what was sent together has come, and how long that is looked for at most.
const BURST: Duration = Duration::from_millis(10);
const MAX_BURST: Duration = Duration::from_millis(100);

/// How long to read on after an end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Linger {
    silence: Option<Duration>,
    until: Option<Instant>,
}

impl Linger {
    /// Until the peer closes.
    pub(crate) const FOR_EVER: Self = Self { silence: None, until: None };

    /// Until nothing comes for a quarter of a second, a second at most.
    pub(crate) fn silence() -> Self {
        Self { silence: Some(SILENCE), until: Instant::now().checked_add(MAX_SILENCE) }
    }

    /// [`Self::silence`] behind a response on `connection`. A server that left the connection silent
    /// behind the first one is watched behind later ones for no longer than twice what a response
    /// takes, so that many requests do not take many times as long for being explained.
    pub(crate) fn behind(connection: &Connection<'_>) -> Self {
        let again = connection.took.filter(|_| connection.rounds > 1);
        let silence = again.map_or(SILENCE, |took| (took * 2).clamp(MIN_SILENCE, SILENCE));
        Self { silence: Some(silence), ..Self::silence() }
    }

    /// Until what was sent together with something that has come is there.
    pub(super) fn burst() -> Self {
        Self { silence: Some(BURST), until: Instant::now().checked_add(MAX_BURST) }
    }

    /// For so long.
    pub(crate) fn lasting(time: Duration) -> Self {
        Self { silence: None, until: Instant::now().checked_add(time) }
    }

    /// The same, but no longer than until `until`.
    pub(crate) fn at_latest(&self, until: Option<Instant>) -> Self {
        Self { silence: self.silence, until: earlier(self.until, until) }
    }

    /// When to stop, if nothing comes from now on.
    pub(super) fn until(&self) -> Option<Instant> {
        let silent = self.silence.map(|silence| Instant::now() + silence);
        earlier(silent, self.until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::Limits;
    use crate::event::Events;
    use crate::stream::Replay;

    #[test]
    fn later_responses_are_followed_by_less_silence() {
        let events = Events::default();
        let mut connection = Connection::new(Box::new(Replay(&b""[..])), Limits::default(), &events);
        for (rounds, took, expected) in
            [(1, Some(5), 250), (2, Some(5), 20), (2, Some(50), 100), (9, Some(500), 250), (2, None, 250)]
        {
            (connection.rounds, connection.took) = (rounds, took.map(Duration::from_millis));
            assert_eq!(Linger::behind(&connection).silence, Some(Duration::from_millis(expected)));
        }
    }
}
