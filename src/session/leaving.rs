//! What becomes of a connection behind a response: it waits for another request, or is closed.

use super::heads::ReceivedResponse;
use super::job::Job;
use super::{News, Session};
use crate::connection::Connection;
use crate::event::{By, Event};
use crate::http::framing::{Persistence, persistence};
use crate::http::uri::Uri;
use crate::plan::{PlannedRequest, ResponseSource};

/// Most bytes behind a response that are counted.
const MAX_STRAY: usize = 64 * 1024;

impl<'e> Session<'e, '_> {
    /// Keeps the connection for another request, if it can carry one.
    pub(super) fn leave(
        &mut self,
        mut connection: Box<Connection<'e>>,
        job: &Job,
        request: &PlannedRequest,
        response: &ReceivedResponse,
        is_whole: bool,
    ) {
        if is_whole && response.awaited == 0 {
            self.tell_stray(&job.chain.hop.uri, &mut connection);
        }
        match self.persistence(&connection, job, request, response, is_whole) {
            Persistence::Keep if self.rules.wire.keep_alive || response.awaited > 0 => {
                self.tell_left("the connection stays open");
                self.keep_connection(job, connection);
            }
            Persistence::Keep => {
                self.tell_left("closing the connection");
                connection.close();
            }
            Persistence::Close(why) => {
                self.tell_left(&format!("closing the connection: {why}"));
                connection.close();
            }
        }
    }

    /// Tells what becomes of a connection; a saved response has none.
    fn tell_left(&self, what: &str) {
        if !matches!(self.source, ResponseSource::Saved(_)) {
            self.events.emit(&Event::Left(what));
        }
    }

    /// Whether the connection can carry another request after `response`, by the RFC and by what has
    /// happened.
    fn persistence(
        &self,
        connection: &Connection<'_>,
        job: &Job,
        request: &PlannedRequest,
        response: &ReceivedResponse,
        is_whole: bool,
    ) -> Persistence {
        let persistence = match is_whole {
            // Typing may continue.
            _ if !request.is_dialogue && connection.outgoing().begun_and_sent().1 <= response.number => {
                Persistence::Close("the request was not sent completely")
            }
            _ if !request.is_delimited => {
                Persistence::Close("the request does not frame its content correctly")
            }
            false if connection.ended().is_some_and(|ended| ended.by == By::Limit) => {
                Persistence::Close("a time limit has passed")
            }
            false => Persistence::Close("the response was not received completely"),
            true if response.awaited == 0 && connection.has_leftover() => {
                Persistence::Close("bytes follow the end of the response")
            }
            true if response.awaited == 0 && self.rules.wire.half_close => {
                Persistence::Close("its sending side is shut down (--half-close)")
            }
            true if self.is_closed_by_proxy(job, response) => {
                Persistence::Close("the proxy says Proxy-Connection: close")
            }
            true => persistence(request.version, request.closes, &response.head, response.framed),
        };
        match persistence {
            Persistence::Keep if connection.ended().is_some() => {
                Persistence::Close("the server has closed it")
            }
            decided => decided,
        }
    }

    /// Tells of bytes that follow a whole response, if there are any, unless an explanation does.
    pub(super) fn tell_stray(&mut self, uri: &Uri, connection: &mut Connection<'_>) {
        if connection.has_leftover() && !self.rules.wire.lingers {
            self.tell_late(uri, connection);
            self.events.emit(&Event::After(connection.leftover()));
        }
    }

    /// Tells of bytes that came after a response was left, too late for an explanation of it.
    pub(super) fn tell_late(&mut self, uri: &Uri, connection: &mut Connection<'_>) {
        connection.complete_leftover(MAX_STRAY + 1);
        let from = match self.source {
            ResponseSource::Saved(_) => String::new(),
            _ => format!(" from {}", uri.authority()),
        };
        self.tell(&News::Notice(&stray(&from, connection.leftover())));
    }

    /// Whether a proxy that passes requests on says in its own field that it closes: no
    /// field of HTTP, but old proxies know no other.
    fn is_closed_by_proxy(&self, job: &Job, response: &ReceivedResponse) -> bool {
        self.rules.routes.forwarder(&job.chain.hop.uri).is_some()
            && response.head.fields.has_member("proxy-connection", "close")
    }
}

/// What is said of bytes that follow a whole response.
fn stray(from: &str, bytes: &[u8]) -> String {
    let count = match bytes.len() {
        count if count > MAX_STRAY => format!("more than {MAX_STRAY}"),
        count => count.to_string(),
    };
    let (follow, what, them) = match bytes.len() {
        1 => ("byte follows", "it belongs to no response", "it"),
        _ if bytes.starts_with(b"HTTP/") => {
            ("bytes follow", "they look like a response that was not requested", "them")
        }
        _ => ("bytes follow", "they belong to no response", "them"),
    };
    format!("{count} {follow} the complete response{from}: {what} (--until-eof shows {them})")
}
