//! Events of several connections at once, kept until the turn of each has come.

use std::net::SocketAddr;
use std::time::Instant;

use super::{ConnectionEnd, Event};
use crate::http::response::{BadHead, ResponseHead};
use crate::net::tls::Secured;
use crate::net::{DialEvent, Endpoint};

/// What happened to one connection, in order.
#[derive(Default)]
pub(crate) struct KeptEvents(Vec<(Instant, Happened)>);

/// What is kept of an event.
enum Happened {
    Connecting(u64),
    Resolved { host: String, addresses: Vec<SocketAddr> },
    Trying(SocketAddr),
    Failed { address: SocketAddr, error: std::io::Error },
    Dialed(SocketAddr),
    Connected { local: Option<SocketAddr>, remote: Option<SocketAddr> },
    Secured(Box<Secured>),
    ProxySecured(Box<Secured>),
    Proxy(Endpoint),
    ProxySent(Vec<u8>),
    ProxyHead(Box<ResponseHead>),
    ProxyContent(Vec<u8>),
    ProxyBadHead(Box<BadHead>),
    Passed(Endpoint),
    SentHead(Vec<u8>),
    SentBody(Vec<u8>),
    Received(Vec<u8>),
    Unsent,
    Ended(ConnectionEnd),
    Note(String),
}

impl KeptEvents {
    /// Keeps what a connection tells before its response is read.
    pub(super) fn push(&mut self, at: Instant, event: &Event<'_>) {
        self.0.extend(Happened::of(event).map(|happened| (at, happened)));
    }

    /// Adds what happened later.
    pub(crate) fn append(&mut self, mut later: Self) {
        self.0.append(&mut later.0);
    }

    /// Tells all of it by `tell`.
    pub(crate) fn tell(self, mut tell: impl FnMut(Instant, &Event<'_>)) {
        for (at, happened) in &self.0 {
            happened.tell(&mut |event| tell(*at, event));
        }
    }
}

impl Happened {
    fn of(event: &Event<'_>) -> Option<Self> {
        Some(match event {
            Event::Connecting(number) => Self::Connecting(*number),
            Event::Dial(DialEvent::Resolved { host, addresses }) => {
                Self::Resolved { host: (*host).to_owned(), addresses: addresses.to_vec() }
            }
            Event::Dial(DialEvent::Trying { address }) => Self::Trying(*address),
            Event::Dial(DialEvent::Failed { address, error }) => {
                let error = match error.raw_os_error() {
                    Some(code) => std::io::Error::from_raw_os_error(code),
                    None => std::io::Error::new(error.kind(), error.to_string()),
                };
                Self::Failed { address: *address, error }
            }
            Event::Dial(DialEvent::Connected { address }) => Self::Dialed(*address),
            Event::Connected { local, remote } => Self::Connected { local: *local, remote: *remote },
            Event::Secured(secured) => Self::Secured(Box::new((*secured).clone())),
            Event::ProxySecured(secured) => Self::ProxySecured(Box::new((*secured).clone())),
            Event::Proxy(endpoint) => Self::Proxy((*endpoint).clone()),
            Event::ProxySent(bytes) => Self::ProxySent(bytes.to_vec()),
            Event::ProxyHead(head) => Self::ProxyHead(Box::new((*head).clone())),
            Event::ProxyContent(bytes) => Self::ProxyContent(bytes.to_vec()),
            Event::ProxyBadHead(bad) => Self::ProxyBadHead(Box::new((*bad).clone())),
            Event::Passed(endpoint) => Self::Passed((*endpoint).clone()),
            Event::SentHead(bytes) => Self::SentHead(bytes.to_vec()),
            Event::SentBody(bytes) => Self::SentBody(bytes.to_vec()),
            Event::Received(bytes) => Self::Received(bytes.to_vec()),
            Event::Unsent => Self::Unsent,
            Event::Ended(ended) => Self::Ended(*ended),
            Event::Left(text) | Event::Note(text) => Self::Note((*text).to_owned()),
            _ => return None,
        })
    }

    fn tell(&self, tell: &mut dyn FnMut(&Event<'_>)) {
        match self {
            Self::Connecting(number) => tell(&Event::Connecting(*number)),
            Self::Resolved { host, addresses } => {
                tell(&Event::Dial(&DialEvent::Resolved { host, addresses }))
            }
            Self::Trying(address) => tell(&Event::Dial(&DialEvent::Trying { address: *address })),
            Self::Failed { address, error } => {
                tell(&Event::Dial(&DialEvent::Failed { address: *address, error }));
            }
            Self::Dialed(address) => tell(&Event::Dial(&DialEvent::Connected { address: *address })),
            Self::Connected { local, remote } => tell(&Event::Connected { local: *local, remote: *remote }),
            Self::Secured(secured) => tell(&Event::Secured(secured)),
            Self::ProxySecured(secured) => tell(&Event::ProxySecured(secured)),
            Self::Proxy(endpoint) => tell(&Event::Proxy(endpoint)),
            Self::ProxySent(bytes) => tell(&Event::ProxySent(bytes)),
            Self::ProxyHead(head) => tell(&Event::ProxyHead(head)),
            Self::ProxyContent(bytes) => tell(&Event::ProxyContent(bytes)),
            Self::ProxyBadHead(bad) => tell(&Event::ProxyBadHead(bad)),
            Self::Passed(endpoint) => tell(&Event::Passed(endpoint)),
            Self::SentHead(bytes) => tell(&Event::SentHead(bytes)),
            Self::SentBody(bytes) => tell(&Event::SentBody(bytes)),
            Self::Received(bytes) => tell(&Event::Received(bytes)),
            Self::Unsent => tell(&Event::Unsent),
            Self::Ended(ended) => tell(&Event::Ended(*ended)),
            Self::Note(text) => tell(&Event::Note(text)),
        }
    }
}
