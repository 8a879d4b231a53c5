//! The figures of one exchange, whether it came to a response or not: what
//! `-w`, `--timing` and `--har` have in common. Bytes are counted, not kept.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::time::Instant;

use super::record::{Link, Timing};
use crate::event::Event;
use crate::failure::{self, Failure};
use crate::http::response::ResponseHead;
use crate::http::uri::Uri;
use crate::net::{self, DialEvent};

/// So many attempts at connecting are told.
const MAX_ATTEMPTS: usize = 32;

/// One exchange in figures.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) url: Option<Uri>,
    pub(super) method: Vec<u8>,
    /// The request's head, as it was to be sent.
    pub(super) request_head: Vec<u8>,
    pub(super) is_replayed: bool,
    pub(super) timing: Timing,
    pub(super) link: Link,
    /// The addresses tried for this exchange.
    pub(super) attempts: Vec<Attempt>,
    /// New connections.
    pub(super) connects: u64,
    /// The status with which a proxy answered CONNECT; 0: none did.
    pub(super) connect_status: u16,
    pub(super) is_by_proxy: bool,
    pub(super) sent_head_bytes: u64,
    pub(super) sent_body_bytes: u64,
    /// Bytes of heads received, interim ones included.
    pub(super) head_bytes: u64,
    /// The status of the last head, whole or not.
    pub(super) status: Option<u16>,
    /// The final response's head.
    pub(super) head: Option<ResponseHead>,
    /// Bytes of content after transfer decoding, and on the wire.
    pub(super) content_bytes: u64,
    pub(super) wire_bytes: u64,
    /// The file that the content is saved in.
    pub(super) file: Option<OsString>,
    /// Exit code and sentence of what went wrong.
    pub(super) error: Option<(u8, String)>,
}

/// One address that was tried.
pub(super) struct Attempt {
    pub(super) address: SocketAddr,
    pub(super) began: Instant,
    pub(super) ended: Option<Instant>,
    /// Why it failed.
    pub(super) failure: Option<String>,
    pub(super) has_won: bool,
}

impl Tally {
    /// Takes an event.
    pub(super) fn on(&mut self, at: Instant, event: &Event<'_>) {
        if let Event::Begin(uri) = event {
            let link = std::mem::take(&mut self.link);
            *self = Self { url: Some((*uri).clone()), link, ..Self::default() };
        }
        self.timing.on(at, event);
        self.link.on(at, event);
        match event {
            Event::Asking(asking) => {
                self.method = asking.method.to_vec();
                self.request_head = asking.head.to_vec();
                self.is_replayed = asking.is_replayed;
            }
            Event::Dial(event) => self.dialed(at, event),
            Event::Connected { .. } => self.connects += 1,
            Event::Proxy(_) => self.is_by_proxy = true,
            Event::ProxyHead(head) => self.connect_status = head.status(),
            Event::SentHead(bytes) if !self.is_replayed => self.sent_head_bytes += bytes.len() as u64,
            Event::SentBody(bytes) if !self.is_replayed => self.sent_body_bytes += bytes.len() as u64,
            Event::Interim(head) => self.head(head),
            Event::Head(head, _) => {
                self.head(head);
                self.head = Some((*head).clone());
            }
            Event::BadHead(bad) => {
                self.head_bytes += bad.raw.len() as u64;
                self.status = bad.status_line.map(|line| line.status).or(self.status);
            }
            Event::SavedAs(name) => self.file = Some((*name).to_owned()),
            Event::End(end) => (self.content_bytes, self.wire_bytes) = (end.bytes, end.wire_bytes),
            Event::Done(Some(error)) => {
                let code = failure::of(error).unwrap_or(Failure::Receive).code();
                self.error = Some((code, format!("{error:#}")));
            }
            _ => {}
        }
    }

    fn head(&mut self, head: &ResponseHead) {
        self.head_bytes += head.raw().len() as u64;
        self.status = Some(head.status());
    }

    fn dialed(&mut self, at: Instant, event: &DialEvent<'_>) {
        match event {
            DialEvent::Trying { address } if self.attempts.len() < MAX_ATTEMPTS => {
                self.attempts.push(Attempt {
                    address: *address,
                    began: at,
                    ended: None,
                    failure: None,
                    has_won: false,
                });
            }
            DialEvent::Failed { address, error } => {
                if let Some(attempt) = self.attempt(*address) {
                    (attempt.ended, attempt.failure) = (Some(at), Some(net::reason(error)));
                }
            }
            DialEvent::Connected { address } => {
                if let Some(attempt) = self.attempt(*address) {
                    (attempt.ended, attempt.has_won) = (Some(at), true);
                }
            }
            _ => {}
        }
    }

    /// The attempt under way to `address`.
    fn attempt(&mut self, address: SocketAddr) -> Option<&mut Attempt> {
        let mut attempts = self.attempts.iter_mut().rev();
        attempts.find(|attempt| attempt.address == address && attempt.ended.is_none())
    }
}
