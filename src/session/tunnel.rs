//! CONNECT: a tunnel through an HTTP proxy (RFC 9110 §9.3.6).
//!
//! What the proxy says is the proxy's, and is never taken for the server's:
//! its head is shown where heads are, its content on standard error.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::Session;
use super::connect::ConnectionSetup;
use super::delivery::Delivery;
use super::doubt::{DoubtfulPart, doubtful};
use super::verdict::status;
use crate::chance;
use crate::connection::{
    BodyPiece, Connection, Deadline, HeadBudget, HeadFailure, Limits, Message, Pace, SendingRules,
};
use crate::event::{Event, Events, Observer, ProxyRefusal};
use crate::failure::{self, Failure};
use crate::http::doubt::tunnel_doubt;
use crate::http::framing::{Persistence, persistence, response_framing};
use crate::http::response::{ResponseHead, Version};
use crate::net::{CONNECT, Endpoint, Proxy, connect_target};
use crate::policy::auth::{AuthorizedRequest, Reaction, no_content};
use crate::stream::Stream;

/// How much of what a refusing proxy has to say is shown: more than any error
/// page that a person reads.
const MAX_SHOWN: usize = 64 * 1024;

/// How long to wait for more of what a refusing proxy has to say.
const PATIENCE: Duration = Duration::from_secs(2);

impl Session<'_, '_> {
    /// Asks `proxy`, at the other end of `stream`, for a tunnel to `to`; `None`
    /// where CONNECT is to be retried on another connection.
    pub(super) fn tunnel(
        &mut self,
        stream: Box<dyn Stream>,
        proxy: &Proxy,
        to: &Endpoint,
        way: &ConnectionSetup<'_>,
        delivery: &mut Delivery,
    ) -> anyhow::Result<Option<Box<dyn Stream>>> {
        // The bytes of this exchange are none of the exchange with the server.
        let silent = Events::default();
        let said = ProxyBytes::default();
        if self.events.are_heard() {
            silent.add(Box::new(said.clone()));
        }
        let until = way.limit.map(|limit| Deadline { at: limit.at(), limit: Duration::ZERO });
        let limits = Limits::new(until, Pace::default());
        let mut connection = Connection::new(stream, limits, &silent).at_proxy("it".to_owned());
        let in_time = |error: anyhow::Error| match (failure::of(&error), way.limit) {
            (Some(Failure::TimedOut), Some(limit)) => Failure::TimedOut
                .error(format!("no tunnel to {to} through the proxy {} {limit}", proxy.endpoint)),
            _ => error.context(format!("CONNECT to the proxy {} failed", proxy.endpoint)),
        };
        loop {
            let request = self.connect_request(proxy, to);
            self.events.emit(&Event::ProxySent(&request));
            connection.send([Message::bare(request)], SendingRules::default());
            let head = self.proxy_head(&mut connection, delivery, &said).map_err(in_time)?;
            if (200..300).contains(&head.status()) {
                return self.open(connection, &head).map(Some);
            }
            match self.proxies.authenticator(proxy).take(head.status(), &head.fields, false) {
                Reaction::Again if stays(&mut connection, proxy, &head) => {
                    said.tell(self.events);
                    self.events.emit(&Event::Note("Retrying with credentials for the proxy's challenge"));
                }
                Reaction::Again => {
                    said.tell(self.events);
                    self.events.emit(&Event::Note("Retrying the proxy on a new connection"));
                    return Ok(None);
                }
                Reaction::Settled | Reaction::Refused(_) => {
                    return Err(self.refusal(connection, &head, proxy, to, &said));
                }
            }
        }
    }

    /// The head of the request for a tunnel, with credentials where they are requested.
    fn connect_request(&mut self, proxy: &Proxy, to: &Endpoint) -> Vec<u8> {
        let target = connect_target(to);
        let cnonce = chance::nonce();
        let asked = AuthorizedRequest {
            method: CONNECT,
            target: target.as_bytes(),
            content: &no_content,
            cnonce: &cnonce,
        };
        let authorization = self.proxies.authenticator(proxy).field_value(&asked);
        self.rules.routes.connect_head(proxy, to, authorization)
    }

    /// The tunnel that `head` says is open.
    fn open(&self, connection: Connection<'_>, head: &ResponseHead) -> anyhow::Result<Box<dyn Stream>> {
        if let Some(doubt) = tunnel_doubt(head).filter(|doubt| self.rules.manners.minds(doubt)) {
            return Err(doubtful(DoubtfulPart::ProxyHead, doubt));
        }
        // RFC 9110 §9.3.6: what follows is the tunnel, whatever they say.
        for name in ["Content-Length", "Transfer-Encoding"] {
            if head.fields.value(name).is_some() {
                let status = head.status();
                self.events.emit(&Event::Note(&format!("Ignoring {name} in CONNECT {status} response")));
            }
        }
        connection
            .into_stream()
            .map_err(|error| Failure::Receive.because("cannot use the proxy's connection", error))
    }

    /// The proxy's final response head.
    fn proxy_head(
        &mut self,
        connection: &mut Connection<'_>,
        delivery: &mut Delivery,
        said: &ProxyBytes,
    ) -> anyhow::Result<ResponseHead> {
        let mut budget = HeadBudget::default();
        loop {
            let head = match connection.receive_head(&mut budget) {
                Ok(head) => head,
                Err(HeadFailure { bad, error }) => {
                    let unsent = connection.outgoing_mut().take_error().filter(|_| bad.raw.is_empty());
                    self.events.emit(&Event::ProxyBadHead(&bad));
                    self.console.proxy_bad_head(&bad.raw, delivery)?;
                    return Err(unsent.unwrap_or(error));
                }
            };
            said.skip(head.raw().len());
            self.events.emit(&Event::ProxyHead(&head));
            self.console.proxy_head(head.raw(), delivery)?;
            if !head.status_line.is_interim() {
                return Ok(*head);
            }
        }
    }

    /// The error of a proxy that refuses, once its whole response has been shown.
    fn refusal(
        &self,
        mut connection: Connection<'_>,
        head: &ResponseHead,
        proxy: &Proxy,
        to: &Endpoint,
        bytes: &ProxyBytes,
    ) -> anyhow::Error {
        let mut said = Vec::new();
        let framed = response_framing(CONNECT, head);
        let mut body = connection.body(framed, false);
        let is_broken = loop {
            match body.next(Some(Instant::now() + PATIENCE)) {
                Ok(BodyPiece::Data(bytes)) => {
                    let room = MAX_SHOWN - said.len();
                    said.extend_from_slice(&bytes[..bytes.len().min(room)]);
                    if said.len() == MAX_SHOWN {
                        break false;
                    }
                }
                Ok(_) => break false,
                Err(error) => break failure::of(&error) == Some(Failure::Receive),
            }
        };
        let mut end = body.finish();
        // What is not wished to be seen is not cut short.
        end.is_complete |= said.len() == MAX_SHOWN;
        bytes.tell(self.events);
        self.events.emit(&Event::ProxyRefused(&ProxyRefusal { head, framed, content: &said, end: &end }));
        self.console.proxy_content(&said);
        self.rules.manners.refused_tunnel(head.status(), is_broken, || {
            format!("the proxy {} refused a tunnel to {to}: {}", proxy.endpoint, status(head))
        })
    }
}

/// What a proxy sends in response to CONNECT and observers have not been told yet.
#[derive(Clone, Default)]
struct ProxyBytes(Rc<RefCell<Vec<u8>>>);

impl ProxyBytes {
    /// The first `length` bytes have been told otherwise.
    fn skip(&self, length: usize) {
        let mut bytes = self.0.borrow_mut();
        let length = length.min(bytes.len());
        bytes.drain(..length);
    }

    /// Tells observers of what has come.
    fn tell(&self, events: &Events) {
        let bytes = self.0.take();
        if !bytes.is_empty() {
            events.emit(&Event::ProxyContent(&bytes));
        }
    }
}

impl Observer for ProxyBytes {
    fn on(&mut self, _at: Instant, event: &Event<'_>) -> anyhow::Result<()> {
        if let Event::Received(bytes) = event {
            self.0.borrow_mut().extend_from_slice(bytes);
        }
        Ok(())
    }
}

/// Whether the connection can carry another request, once the content of the
/// proxy's response has been read.
fn stays(connection: &mut Connection<'_>, proxy: &Proxy, head: &ResponseHead) -> bool {
    let version = if proxy.is_http10 { Version::HTTP_10 } else { Version::HTTP_11 };
    let framed = response_framing(CONNECT, head);
    let says_close = head.fields.has_member("proxy-connection", "close");
    if says_close || persistence(version, false, head, framed) != Persistence::Keep {
        return false;
    }
    let mut body = connection.body(framed, false);
    let mut room = MAX_SHOWN;
    loop {
        match body.next(Some(Instant::now() + PATIENCE)) {
            Ok(BodyPiece::Data(bytes)) if bytes.len() <= room => room -= bytes.len(),
            Ok(BodyPiece::End) => break,
            _ => return false,
        }
    }
    // What follows would be taken for the next response.
    !connection.has_leftover()
}
