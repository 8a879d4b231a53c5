//! The transfers that a meter is to draw, found in what happens.

use std::time::Instant;

use super::Meter;
use super::imp::EndedTransfer;
use crate::event::{Event, Observer};
use crate::failure::Failure;
use crate::http::content_length::TOO_LARGE;
use crate::http::digits::exact;
use crate::http::framing::Framing;
use crate::http::request_line::fields;
use crate::http::uri::Uri;
use crate::output::escape::one_line;

impl Meter {
    /// What tells the meter of the transfers; `None` where nothing is drawn.
    pub(crate) fn observer(&self) -> Option<Box<dyn Observer>> {
        self.draws().then(|| Box::new(TransferObserver::new(self.clone())) as Box<dyn Observer>)
    }
}

/// Finds the transfers in what happens.
struct TransferObserver {
    meter: Meter,
    phase: Phase,
    /// Nothing is to be drawn: the output is read, or the input typed.
    is_attended: bool,
    /// What the server calls what is sent.
    target: String,
    /// How much content the request has, where that is known.
    to_send: Option<u64>,
    /// How much content comes, where that is known.
    to_come: Option<u64>,
    /// The file that the content goes to, and how much of it was there.
    file: Option<String>,
    there: u64,
    ended: Option<EndedTransfer>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing is counted.
    Other,
    /// The request is being sent.
    Asking,
    /// The content of the request is being sent.
    Sending,
    /// The final head has come.
    Answered,
    /// Content is coming.
    Receiving,
}

impl TransferObserver {
    fn new(meter: Meter) -> Self {
        Self {
            meter,
            phase: Phase::Other,
            is_attended: true,
            target: String::new(),
            to_send: None,
            to_come: None,
            file: None,
            there: 0,
            ended: None,
        }
    }

    fn sent(&mut self, count: u64) {
        if self.phase == Phase::Asking && self.to_send != Some(count) {
            self.phase = Phase::Sending;
            self.meter.begin(&self.target, 0, self.to_send);
        }
        if self.phase == Phase::Sending {
            self.meter.count(count);
        }
    }

    fn receive(&mut self) {
        if self.phase == Phase::Answered {
            self.phase = Phase::Receiving;
            let name = self.file.as_deref().unwrap_or(&self.target);
            self.meter.begin(name, self.there, self.to_come);
        }
    }

    fn received(&mut self, count: u64) {
        self.receive();
        if self.phase == Phase::Receiving {
            self.meter.count(count);
        }
    }
}

impl Observer for TransferObserver {
    fn on(&mut self, _at: Instant, event: &Event<'_>) -> anyhow::Result<()> {
        match event {
            Event::SentBody(bytes) => self.sent(bytes.len() as u64),
            Event::SentUnseen(count) => self.sent(*count),
            Event::Content(bytes) => self.received(bytes.len() as u64),
            Event::Relayed(count) => self.received(*count),
            Event::Received(_) | Event::Chunk(_) => {}
            Event::Begin(uri) => {
                let meter = self.meter.clone();
                *self = Self { target: name_of(uri), ..Self::new(meter) };
            }
            Event::RequestBegins(asking) => {
                self.is_attended = !asking.is_unattended;
                self.to_send = content_length(asking.head);
                if !asking.is_replayed && !self.is_attended {
                    self.phase = Phase::Asking;
                }
            }
            Event::Head(_, framed) => {
                self.meter.end();
                self.to_come = match framed.framing {
                    Framing::Length(length) if length < TOO_LARGE => Some(length),
                    _ => None,
                };
                self.phase = if self.is_attended { Phase::Other } else { Phase::Answered };
            }
            Event::SavedAs { path, there } => {
                (self.file, self.there) = (Some(one_line(path.as_encoded_bytes())), *there);
                self.receive();
            }
            Event::Printing => self.receive(),
            Event::End(_) => {
                self.phase = Phase::Other;
                self.ended = self.meter.end();
            }
            Event::Done(error) => {
                self.meter.end();
                if let (None, Some(ended)) = (error, self.ended.take()) {
                    self.meter.conclude(&ended, self.file.as_deref());
                }
            }
            // Other observers may write now.
            _ => self.meter.hide(),
        }
        Ok(())
    }

    fn wants_content(&self) -> bool {
        false
    }

    fn wants_counts(&self) -> bool {
        true
    }

    fn finish(&mut self) -> anyhow::Result<Option<Failure>> {
        self.meter.end();
        Ok(None)
    }
}

/// What a transfer is called that no file has a name for.
fn name_of(uri: &Uri) -> String {
    let segment = uri.path().rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    if segment.is_empty() { uri.host.clone() } else { one_line(segment) }
}

/// The Content-Length of a request that was made here.
fn content_length(head: &[u8]) -> Option<u64> {
    fields(head).value("content-length").and_then(exact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_what_is_sent_is_in_its_head() {
        assert_eq!(content_length(b"PUT / HTTP/1.1\r\nHost: a\r\ncontent-length: 12\r\n\r\n"), Some(12));
        assert_eq!(content_length(b"GET / HTTP/1.1\r\nX-Content-Length: 12\r\n\r\n"), None);
        assert_eq!(content_length(b"\xff"), None);
    }
}
