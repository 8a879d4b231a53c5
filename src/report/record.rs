//! The record of an exchange, from which every report at its end is made: the
//! [`Exchange`] that findings are read from, and what surrounds it: the
//! connection, the clock and the figures.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::attempts::AddressAttempts;
use super::clock::Moment;
use super::dialogue::Dialogue;
use super::exchange::Exchange;
use super::findings::finding::Finding;
use crate::event::{By, ConnectionEnd, Event};
use crate::failure::{self, Failure};
use crate::http::chunked::ChunkLine;
use crate::net::DialEvent;
use crate::net::tls::Secured;

/// One exchange, recorded, whether it came to a response or not.
pub(crate) struct Record {
    /// Which exchange of the run this is, from 1.
    pub(crate) number: u64,
    /// The time of day at which it began.
    pub(crate) started: Moment,
    /// The target's URL as it was typed; empty where options have changed it.
    pub(crate) typed: Vec<u8>,
    /// Which target of the run it is of, from 0.
    pub(crate) target: u64,
    /// The number of the target's URL, from 0, where a sequence counts as one.
    pub(crate) url: u64,
    /// It belongs to the same URL sequence as the target before.
    pub(crate) is_sibling: bool,
    /// The target was refused: there is no exchange, and no URL but what was typed.
    pub(crate) is_refused: bool,
    /// The method that frames the response.
    pub(crate) method: Vec<u8>,
    /// What was sent, or was to be sent, and what was received.
    pub(crate) exchange: Exchange,
    /// What was found in it, the gravest first, where a report wants to know.
    pub(crate) findings: Vec<Finding>,
    /// A few of the chunks.
    pub(crate) chunks: ChunkSummary,
    /// The connection that carried it.
    pub(crate) connection: Link,
    /// When what happened.
    pub(crate) timing: Timing,
    /// The addresses tried for it.
    pub(crate) attempts: AddressAttempts,
    pub(crate) figures: Counts,
    /// The file that the content is saved in.
    pub(crate) file: Option<OsString>,
    /// What was said after another protocol took HTTP's place, or was there from the beginning.
    pub(crate) dialogue: Option<Dialogue>,
    pub(crate) error: Option<EarlyEnd>,
    pub(crate) follows: Follows,
    /// The request was only looked at: no response was to come.
    pub(crate) is_dry_run: bool,
    /// The cookies of the host that were not sent: names, and why.
    pub(crate) withheld: Vec<(String, String)>,
    /// Secrets are starred.
    pub(crate) is_redacted: bool,
}

/// What is counted in an exchange, on all connections that it took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    /// New connections.
    pub(crate) connects: u64,
    /// The status of the last proxy response to CONNECT; 0: none did.
    pub(crate) connect_status: u16,
    /// Bytes of request heads, those to proxies included, and of requests' content as it was framed.
    pub(crate) sent_head_bytes: u64,
    pub(crate) sent_body_bytes: u64,
    /// Content bytes of the last attempt; reset when the request is resent.
    pub(crate) uploaded: u64,
    /// Bytes of heads received, interim ones and those of proxies included.
    pub(crate) head_bytes: u64,
    /// The response's content was not wanted: it was neither printed nor saved.
    pub(crate) is_unwanted: bool,
    /// The status to report in place of the response's.
    pub(crate) status: Option<u16>,
    /// Bytes of content once its codings were undone, where that was done.
    pub(crate) delivered: Option<u64>,
}

impl Counts {
    /// All bytes that were sent.
    pub(super) fn sent_bytes(&self) -> u64 {
        self.sent_head_bytes + self.sent_body_bytes
    }

    fn count_content(&mut self, bytes: u64) {
        self.sent_body_bytes += bytes;
        self.uploaded += bytes;
    }

    /// Counts what `event` tells of. With `is_replayed`, what is sent was sent and counted before.
    pub(super) fn on(&mut self, event: &Event<'_>, is_replayed: bool) {
        match event {
            Event::Connected { .. } => self.connects += 1,
            Event::ProxySent(bytes) => self.sent_head_bytes += bytes.len() as u64,
            Event::ProxyHead(head) => {
                self.connect_status = head.status();
                self.head_bytes += head.raw().len() as u64;
            }
            Event::SentHead(bytes) if !is_replayed => {
                self.sent_head_bytes += bytes.len() as u64;
                self.uploaded = 0;
            }
            Event::SentBody(bytes) if !is_replayed => self.count_content(bytes.len() as u64),
            Event::SentUnseen(count) if !is_replayed => self.count_content(*count),
            Event::Interim(head) | Event::Head(head, _) => self.head_bytes += head.raw().len() as u64,
            Event::BadHead(bad) => self.head_bytes += bad.raw.len() as u64,
            Event::Status(status) => self.status = Some(*status),
            Event::Unwanted => self.is_unwanted = true,
            Event::Delivered(bytes) => self.delivered = Some(*bytes),
            _ => {}
        }
    }
}

/// What ended an exchange early: the exit code, and a sentence.
#[derive(Clone, Debug)]
pub(crate) struct EarlyEnd {
    pub(crate) code: u8,
    pub(crate) message: String,
}

impl EarlyEnd {
    pub(super) fn of(error: &anyhow::Error) -> Self {
        let code = failure::of(error).unwrap_or(Failure::Receive).code();
        Self { code, message: format!("{error:#}") }
    }
}

/// What follows an exchange.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Follows {
    /// Nothing more for the same target.
    #[default]
    Nothing,
    /// An exchange that it led to: a redirect or an authentication.
    Next,
    /// The exchange is retried.
    Retry,
}

impl Record {
    /// When the response came, in seconds since 1970; `None` where it was not received now,
    /// but read from a file.
    pub(super) fn received(&self) -> Option<i64> {
        self.connection.remote?;
        let after = self.timing.since_begin(self.timing.first_byte).as_secs();
        Some(self.started.seconds().saturating_add_unsigned(after))
    }

    /// The URL as text, without credentials.
    pub(super) fn url(&self) -> String {
        let target = String::from_utf8_lossy(self.exchange.url.origin_form());
        format!("{}://{}{target}", self.exchange.url.scheme.name(), self.exchange.url.authority())
    }

    /// Whether it failed before anything of the request was sent.
    pub(super) fn is_unsent(&self) -> bool {
        !self.exchange.is_answered && !self.is_dry_run && self.timing.sent.is_none()
    }

    /// The status of the last head, whole or not.
    pub(super) fn status(&self) -> Option<u16> {
        self.exchange.status()
    }
}

/// The connection of an exchange.
#[derive(Clone, Debug, Default)]
pub(crate) struct Link {
    pub(crate) local: Option<SocketAddr>,
    pub(crate) remote: Option<SocketAddr>,
    /// Its number in the run, counted from 0.
    pub(crate) number: Option<u64>,
    /// It had served an exchange before.
    pub(crate) is_reused: bool,
    /// What was done with it after the exchange.
    pub(crate) left: Option<String>,
    /// How it ended, and when.
    pub(crate) ended: Option<(ConnectionEnd, Instant)>,
    /// The proxy that it goes through: the actual peer.
    pub(crate) proxy: Option<String>,
    /// OpenSSL's number for what is wrong with the proxy's certificate; 0 where nothing is.
    pub(crate) proxy_verdict: u8,
    /// What TLS agreed on; `None` without TLS.
    pub(crate) tls: Option<Box<Secured>>,
}

impl Link {
    /// Whether the server, or what is in its place, has ended it.
    pub(super) fn is_ended_by_server(&self) -> bool {
        self.ended.is_some_and(|(ended, _)| ended.by == By::Peer)
    }

    /// Takes an event.
    pub(super) fn on(&mut self, at: Instant, event: &Event<'_>) {
        match event {
            Event::Begin(_) => *self = Self::default(),
            Event::Connecting(number) => *self = Self { number: Some(*number), ..Self::default() },
            Event::Connected { local, remote } => (self.local, self.remote) = (*local, *remote),
            Event::Proxy(proxy) => self.proxy = Some(proxy.to_string()),
            Event::ProxySecured(secured) => self.proxy_verdict = secured.verdict.number,
            Event::Secured(secured) => self.tls = Some(Box::new((*secured).clone())),
            Event::Reused { local, remote, facts } => {
                *self = Self {
                    local: *local,
                    remote: *remote,
                    number: Some(facts.number),
                    is_reused: true,
                    proxy: facts.proxy.clone(),
                    tls: facts.tls.clone(),
                    ..Self::default()
                };
            }
            Event::Ended(ended) => self.ended = Some((*ended, at)),
            Event::Left(text) => self.left = Some((*text).to_owned()),
            _ => {}
        }
    }
}

/// The chunks of a body: the first and the last few, and how many there were.
#[derive(Clone, Debug, Default)]
pub(crate) struct ChunkSummary {
    pub(crate) first: Vec<(ChunkLine, Duration)>,
    pub(crate) last: std::collections::VecDeque<(ChunkLine, Duration)>,
    /// How many, the last chunk of size zero included.
    pub(crate) count: u64,
}

/// How many chunks are kept from the beginning, and as many from the end.
const KEPT_CHUNKS: usize = 4;
/// How much of a chunk's extensions is kept.
const KEPT_EXTENSIONS: usize = 64;

impl ChunkSummary {
    /// Records a chunk that came so long after the request.
    pub(super) fn push(&mut self, chunk: &ChunkLine, after: Duration) {
        self.count += 1;
        let extensions = chunk.extensions[..chunk.extensions.len().min(KEPT_EXTENSIONS)].to_vec();
        let kept = (ChunkLine { extensions, ..*chunk }, after);
        if self.first.len() < KEPT_CHUNKS {
            self.first.push(kept);
            return;
        }
        if self.last.len() == KEPT_CHUNKS {
            self.last.pop_front();
        }
        self.last.push_back(kept);
    }

    /// How many chunks were left out between the first and the last.
    pub(super) fn left_out(&self) -> u64 {
        self.count - (self.first.len() + self.last.len()) as u64
    }
}

/// When the phases of an exchange began.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Timing {
    pub(crate) began: Option<Instant>,
    pub(crate) resolved: Option<Instant>,
    pub(crate) connected: Option<Instant>,
    /// When the proxies on the way had let through.
    pub(crate) passed: Option<Instant>,
    /// The end of TLS's handshake.
    pub(crate) secured: Option<Instant>,
    pub(crate) sent: Option<Instant>,
    pub(crate) first_byte: Option<Instant>,
    pub(crate) ended: Option<Instant>,
}

impl Timing {
    /// Takes an event.
    pub(super) fn on(&mut self, at: Instant, event: &Event<'_>) {
        match event {
            Event::Begin(_) => *self = Self { began: Some(at), ..Self::default() },
            // What is resolved for a proxy is a part of going by it.
            Event::Dial(DialEvent::Resolved { .. }) if self.connected.is_none() => self.resolved = Some(at),
            Event::Connected { .. } => self.connected = Some(at),
            Event::Passed(_) => self.passed = Some(at),
            Event::Secured(_) => self.secured = Some(at),
            Event::SentHead(_) | Event::SentBody(_) | Event::SentUnseen(_) => self.sent = Some(at),
            Event::Received(_) => {
                self.first_byte.get_or_insert(at);
            }
            Event::End(_) => self.ended = Some(at),
            Event::Done(_) => {
                self.ended.get_or_insert(at);
            }
            _ => {}
        }
    }

    /// When sending could begin.
    pub(super) fn ready(&self) -> Option<Instant> {
        self.secured.or(self.passed).or(self.connected).or(self.began)
    }

    /// How long after the beginning `moment` was.
    pub(super) fn since_begin(&self, moment: Option<Instant>) -> Duration {
        span(self.began, moment).unwrap_or_default()
    }

    /// The phases by name and length; those that did not take place are left out.
    pub(super) fn phases(&self) -> [(&'static str, Option<Duration>); 8] {
        let resolved = self.resolved.or(self.connected.and(self.began));
        [
            ("resolve", span(self.began, self.resolved)),
            ("connect", span(resolved, self.connected)),
            ("proxy", span(self.connected, self.passed)),
            ("tls", span(self.passed.or(self.connected), self.secured)),
            ("send", span(self.ready(), self.sent)),
            ("wait", span(self.sent, self.first_byte)),
            ("receive", span(self.first_byte, self.ended)),
            ("total", span(self.began, self.ended)),
        ]
    }
}

fn span(from: Option<Instant>, to: Option<Instant>) -> Option<Duration> {
    Some(to?.saturating_duration_since(from?))
}
