//! CONNECT: a tunnel through an HTTP proxy (RFC 9110 §9.3.6).
//!
//! What the proxy says is the proxy's, and is never taken for the server's:
//! its head is shown where heads are, its content on standard error.

use std::time::Duration;

use super::Session;
use super::route::Way;
use crate::connection::{Connection, Deadline, HeadBudget, Piece};
use crate::event::{Event, Events};
use crate::failure::{self, Failure};
use crate::http::doubt::doubt;
use crate::http::framing::response_framing;
use crate::http::response::ResponseHead;
use crate::net::{Endpoint, Proxy, set_limit};
use crate::stream::Stream;

/// How much of what a refusing proxy has to say is shown: more than any error
/// page that somebody reads.
const MAX_SHOWN: usize = 64 * 1024;

/// How long one waits for more of what a refusing proxy has to say.
const PATIENCE: Duration = Duration::from_secs(2);

impl Session<'_> {
    /// Asks `proxy`, at the other end of `stream`, for a tunnel to `to`.
    pub(super) fn tunnel(
        &mut self,
        stream: Box<dyn Stream>,
        proxy: &Proxy,
        to: &Endpoint,
        way: &Way<'_>,
    ) -> anyhow::Result<Box<dyn Stream>> {
        // The bytes of this exchange are none of the exchange with the server.
        let silent = Events::default();
        let until = way.limit.map(|limit| Deadline { at: limit.at(), limit: Duration::ZERO });
        let mut connection = Connection::new(stream, until, &silent);
        let in_time = |error: anyhow::Error| match (failure::of(&error), way.limit) {
            (Some(Failure::TimedOut), Some(limit)) => Failure::TimedOut
                .error(format!("no tunnel to {to} through the proxy {} {limit}", proxy.endpoint)),
            (Some(failure), _) => failure.error(format!("the proxy {}: {error:#}", proxy.endpoint)),
            (None, _) => error,
        };
        let (line, request) = self.routes.connect_head(proxy, to, proxy.basic());
        connection.send(&request).map_err(in_time)?;
        self.events.emit(&Event::ProxySent(&request));
        // A 407 could be answered here, with a challenge's credentials.
        let head = self.proxy_head(&mut connection).map_err(in_time)?;
        if !(200..300).contains(&head.status()) {
            return Err(self.refusal(connection, &line.method, &head, proxy, to));
        }
        if let Some((what, at)) = doubt(&head) {
            return Err(Failure::DoubtfulHead.error(format!(
                "the proxy's answer to CONNECT may be read differently by others: {what}, at byte {at}"
            )));
        }
        let stream = connection.into_stream();
        set_limit(&*stream, None)
            .map_err(|error| Failure::Receive.because("cannot take the time limit off the socket", error))?;
        Ok(stream)
    }

    /// The proxy's final response head.
    fn proxy_head(&mut self, connection: &mut Connection<'_>) -> anyhow::Result<ResponseHead> {
        let mut budget = HeadBudget::default();
        loop {
            let head =
                connection.receive_head(&mut budget).map_err(|failed| match failure::of(&failed.error) {
                    // Without a tunnel nothing can come from the server, however the proxy put it.
                    Some(Failure::TimedOut) => failed.error,
                    _ => Failure::Receive.error(format!("no answer to CONNECT: {:#}", failed.error)),
                })?;
            self.events.emit(&Event::ProxyHead(&head));
            self.screen.proxy_head(head.raw())?;
            if !head.status_line.is_interim() {
                return Ok(head);
            }
        }
    }

    /// The error of a proxy that refuses, once its whole answer has been shown.
    fn refusal(
        &mut self,
        mut connection: Connection<'_>,
        method: &[u8],
        head: &ResponseHead,
        proxy: &Proxy,
        to: &Endpoint,
    ) -> anyhow::Error {
        let mut said = Vec::new();
        let mut body = connection.body(response_framing(method, head), false);
        while let Ok(Piece::Data(bytes)) = body.next(Some(PATIENCE)) {
            let room = MAX_SHOWN - said.len();
            said.extend_from_slice(&bytes[..bytes.len().min(room)]);
            if said.len() == MAX_SHOWN {
                break;
            }
        }
        self.screen.proxy_content(&said);
        Failure::Receive.error(format!(
            "the proxy {} refuses a tunnel to {to}: {} {}",
            proxy.endpoint,
            head.status(),
            String::from_utf8_lossy(&head.reason())
        ))
    }
}
