//! Connections that wait for another request: a few of them, each looked at
//! before it carries one (RFC 9112 §9.3, §9.5).

use std::collections::VecDeque;
use std::io::Read;
use std::rc::Rc;
use std::time::Duration;

use super::Session;
use super::connection_key::ConnectionKey;
use super::delivery::Delivery;
use super::job::Job;
use super::resending::can_come_twice;
use crate::connection::{Connection, Limits, Pause, PauseTask};
use crate::event::Event;
use crate::output::GATHERING_TIME;
use crate::plan::{Destination, PlannedRequest, RequestContent, ResponseSource, SavedResponse};
use crate::stream::{CutOff, Replay, Stream};

/// Most connections that wait at a time, as with curl.
const MAX_IDLE: usize = 5;
/// How long an idle connection is looked at before it carries a request that must
/// not, or cannot, be sent twice: a server that closes behind its response has done so by then.
const LOOK: Duration = Duration::from_millis(2);
/// [`LOOK`] behind the first response on a connection. A server that keeps the connection after that
/// one keeps it after the next ones too, or says otherwise in a field.
const FIRST_LOOK: Duration = Duration::from_millis(30);

/// The connections that can carry another request, the longest idle first. No two
/// of them are of one identity.
#[derive(Default)]
pub(super) struct IdleConnections<'e>(VecDeque<IdleConnection<'e>>);

struct IdleConnection<'e> {
    identity: Rc<ConnectionKey>,
    connection: Box<Connection<'e>>,
    /// Its last response was of HTTP/1.0.
    is_10: bool,
}

impl<'e> IdleConnections<'e> {
    /// Adds a connection; gives the one that makes room for it, where it has to.
    fn add(&mut self, idle: IdleConnection<'e>) -> Option<Box<Connection<'e>>> {
        self.0.push_back(idle);
        if self.0.len() > MAX_IDLE { self.0.pop_front().map(|oldest| oldest.connection) } else { None }
    }

    /// Whether there is one of this identity.
    pub(super) fn has(&self, identity: &Rc<ConnectionKey>) -> bool {
        self.0.iter().any(|idle| idle.identity == *identity)
    }

    /// Whether there is one of this identity whose last response was of HTTP/1.0.
    fn has_10(&self, identity: &Rc<ConnectionKey>) -> bool {
        self.0.iter().any(|idle| idle.is_10 && idle.identity == *identity)
    }

    /// The one of this identity, not looked at.
    pub(super) fn take(&mut self, identity: &Rc<ConnectionKey>) -> Option<Box<Connection<'e>>> {
        let place = self.0.iter().position(|idle| idle.identity == *identity)?;
        self.0.remove(place).map(|idle| idle.connection)
    }
}

impl<'e> Session<'e, '_> {
    /// The connection stays for a request like the job's.
    pub(super) fn keep_connection(&mut self, job: &Job, connection: Box<Connection<'e>>) {
        let identity = self.identity(&job.chain.hop.uri, job.chain.hop.standing);
        let idle = IdleConnection { identity, connection, is_10: job.chain.is_10 };
        if let Some(oldest) = self.idle.add(idle)
            && let (Some(from), Some(to)) = oldest.addresses()
        {
            let text = format!("Closing the connection to {to} from {from}: more than {MAX_IDLE} are idle");
            self.note(&text);
        }
    }

    /// Whether, by curl's rules, the job's next request is of HTTP/1.0: a connection waits for it on
    /// which the server responded so.
    pub(super) fn waits_by_10(&mut self, job: &Job) -> bool {
        if !self.rules.manners.as_curl || self.idle.0.is_empty() {
            return false;
        }
        let identity = self.identity(&job.chain.hop.uri, job.chain.hop.standing);
        self.idle.has_10(&identity)
    }

    /// What standard output is given from now on, by responses on `connection`, is gathered, where
    /// nothing else is told meanwhile.
    pub(super) fn gather_on(&mut self, connection: &mut Connection<'e>) {
        if self.events.are_heard() {
            return;
        }
        let task = self.console.gather().map(|gathered| -> PauseTask {
            Rc::new(move |pause| match pause {
                Pause::Short => gathered.write_late(),
                Pause::Long => gathered.write(),
            })
        });
        connection.at_pauses(task, GATHERING_TIME);
    }

    /// The idle connection for a request like the job's, not looked at.
    pub(super) fn take_connection(&mut self, job: &Job) -> Option<Box<Connection<'e>>> {
        let identity = self.identity(&job.chain.hop.uri, job.chain.hop.standing);
        self.idle.take(&identity)
    }

    /// `--read`: what stands in for a connection.
    pub(super) fn replay(&mut self) -> anyhow::Result<Option<Box<Connection<'e>>>> {
        let ResponseSource::Saved(saved) = &mut self.source else { return Ok(None) };
        let SavedResponse { name, bytes, is_left_off, is_cut } = saved.next()?;
        self.events.emit(&Event::Replays { name: &name, is_left_off });
        let stream: Box<dyn Stream> =
            if is_cut { Box::new(Replay(bytes.chain(CutOff))) } else { Box::new(Replay(bytes)) };
        Ok(Some(Box::new(Connection::new(stream, Limits::default(), self.events))))
    }

    /// An idle connection for the job's next request, or a new one; and whether it was idle.
    pub(super) fn connect(
        &mut self,
        job: &mut Job,
        request: &PlannedRequest,
    ) -> anyhow::Result<(Box<Connection<'e>>, bool)> {
        if let Some(replay) = self.replay()? {
            return Ok((replay, false));
        }
        if let Some(mut connection) = self.take_connection(job) {
            let patience = match connection.rounds() {
                _ if can_come_twice(request) => Duration::ZERO,
                1 => FIRST_LOOK,
                _ => LOOK,
            };
            if !connection.is_stale(patience) {
                connection.set_limits(job.deadline, self.rules.wire.pace);
                if self.events.are_heard() {
                    self.events.emit(&connection.reused());
                }
                match gathers(request, &job.delivery) {
                    true => self.gather_on(&mut connection),
                    false => self.console.end_gathering()?,
                }
                return Ok((connection, true));
            }
            if connection.has_leftover() {
                self.tell_late(&job.chain.hop.uri, &mut connection);
            }
            let why = match connection.ended() {
                Some(_) => "the server has closed it",
                None => "bytes arrived on it without a request",
            };
            self.events.emit(&Event::Left(&format!("closing the connection: {why}")));
        }
        Ok((self.dial(job)?, false))
    }
}

/// Whether what the response brings may wait for the next one: it goes to standard output, and the
/// request comes from nothing that may keep the run waiting.
fn gathers(request: &PlannedRequest, delivery: &Delivery) -> bool {
    let is_at_hand = matches!(request.content, RequestContent::Bytes(_)) && !request.is_typed();
    is_at_hand && matches!(delivery.destination, Destination::Print | Destination::Standard)
}
