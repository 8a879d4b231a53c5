//! A response's body as it comes off the connection, and how it ended.

mod chunks;
mod copied;
mod relay;

use std::os::fd::BorrowedFd;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::pace::Swiftness;
use super::turn::Fill;
use super::{Connection, Limits};
use crate::event::{BodyEnd, Event};
use crate::failure::{self, Failure};
use crate::http::chunked::{ChunkLine, ChunkProblem, ChunkedDecoder, Progress};
use crate::http::framing::{Framed, Framing};

/// How long a server that keeps the connection open may be silent inside a body
/// whose length it has garbled: whatever comes, the exchange ends in an error.
const SILENCE: Duration = Duration::from_secs(1);

/// A body that is being received.
pub(crate) struct Body<'c, 'e> {
    connection: &'c mut Connection<'e>,
    decoder: Decoder,
    bytes: u64,
    wire_bytes: u64,
    is_ended: bool,
    /// Whether it comes quickly, if an observer looks at how much has come.
    swiftness: Option<Swiftness>,
    /// The kernel does not move the last byte, which has to be seen.
    shows_end: bool,
    /// That all of the request is sent ends a wait too.
    wakes_when_sent: bool,
    /// Nothing says where it ends, or what says so can't be relied on: silence ends it too.
    is_unreliable: bool,
}

enum Decoder {
    None,
    Length(u64),
    Chunked(Box<ChunkedDecoder>),
    UntilClose,
}

/// A step of a body.
#[derive(Debug)]
pub(crate) enum BodyPiece<'a> {
    /// Content, transfer decoding done (or the bytes on the wire, where requested).
    Data(&'a [u8]),
    /// Nothing came for as long as one was ready to wait.
    Idle,
    /// The reader of what is printed has gone.
    Unread,
    /// The body has ended as its framing says.
    End,
}

impl<'c, 'e> Body<'c, 'e> {
    /// The body that `framed` delimits; `records`: its chunk lines are kept for observers.
    pub(super) fn new(connection: &'c mut Connection<'e>, framed: Framed, records: bool) -> Self {
        connection.limits.throttle_body(connection.incoming.bytes().len());
        let decoder = match framed.framing {
            Framing::NoBody => Decoder::None,
            Framing::Length(length) => Decoder::Length(length),
            Framing::Chunked => {
                Decoder::Chunked(Box::new(ChunkedDecoder::new(connection.incoming.offset(), records)))
            }
            Framing::UntilClose => Decoder::UntilClose,
        };
        let is_unreliable = framed.is_unreliable;
        let swiftness = connection.events.want_counts().then(|| Swiftness::new(Instant::now()));
        Self {
            connection,
            decoder,
            bytes: 0,
            wire_bytes: 0,
            is_ended: false,
            swiftness,
            shows_end: false,
            wakes_when_sent: false,
            is_unreliable,
        }
    }

    /// Makes the last byte come in a piece, even if the kernel moves all that stands before it.
    pub(crate) fn show_end(&mut self) {
        self.shows_end = true;
    }

    /// The next piece of content; [`BodyPiece::Idle`] where `until` comes first.
    pub(crate) fn next(&mut self, until: Option<Instant>) -> anyhow::Result<BodyPiece<'_>> {
        self.step(None, until, false)
    }

    /// The next piece for the reader of a pipe, as it is on the wire where `raw`
    /// (chunk-size lines and trailers included; observers are told of the content
    /// in it); [`BodyPiece::Unread`] where there is no reader any more.
    pub(crate) fn next_for(
        &mut self,
        reader: Option<BorrowedFd<'_>>,
        until: Option<Instant>,
        raw: bool,
    ) -> anyhow::Result<BodyPiece<'_>> {
        self.step(reader, until, raw)
    }

    fn step(
        &mut self,
        reader: Option<BorrowedFd<'_>>,
        until: Option<Instant>,
        raw: bool,
    ) -> anyhow::Result<BodyPiece<'_>> {
        loop {
            if self.is_ended || matches!(self.decoder, Decoder::None | Decoder::Length(0)) {
                self.is_ended = true;
                return Ok(BodyPiece::End);
            }
            if let Decoder::Chunked(decoder) = &self.decoder
                && let Some((problem, at)) = decoder.failure()
            {
                return Err(chunk_error(problem, at));
            }
            if !self.connection.has_leftover() {
                let silence = self.is_unreliable.then(|| Instant::now() + SILENCE);
                // What is short has come with the head: then nothing is watched.
                let reader = reader.filter(|_| self.bytes > 0);
                match self.connection.fill_for(reader, silence.or(until), self.wakes_when_sent)? {
                    Fill::Unread => return Ok(BodyPiece::Unread),
                    Fill::Bytes => {}
                    Fill::Idle if self.is_unreliable => return self.end_of_connection(),
                    Fill::Idle => return Ok(BodyPiece::Idle),
                    Fill::Eof => return self.end_of_connection(),
                }
            }
            let taken = self.take(raw);
            if let Some(swiftness) = &mut self.swiftness {
                swiftness.count(taken.len() as u64, Instant::now());
            }
            if !taken.is_empty() {
                return Ok(BodyPiece::Data(self.connection.incoming.between(taken)));
            }
        }
    }

    /// Takes what the buffer holds of the body; gives where in it the data stands.
    fn take(&mut self, raw: bool) -> std::ops::Range<usize> {
        let connection = &mut *self.connection;
        let (start, here) = (connection.incoming.position(), connection.incoming.bytes().len());
        let count = match &mut self.decoder {
            Decoder::None => 0,
            Decoder::UntilClose => here,
            Decoder::Length(left) => {
                let here = usize::try_from(*left).unwrap_or(usize::MAX).min(here);
                *left -= here as u64;
                here
            }
            Decoder::Chunked(_) => return self.take_chunked(raw),
        };
        connection.take(count);
        if raw && count > 0 {
            connection.events.emit(&Event::Content(connection.incoming.taken(count)));
        }
        self.bytes += count as u64;
        self.wire_bytes += count as u64;
        start..start + count
    }

    fn take_chunked(&mut self, raw: bool) -> std::ops::Range<usize> {
        let Decoder::Chunked(decoder) = &mut self.decoder else { return 0..0 };
        let connection = &mut *self.connection;
        let start = connection.incoming.position();
        let tells = connection.tells_late && connection.events.are_heard();
        let untouched = if tells { connection.incoming.bytes().to_vec() } else { Vec::new() };
        let mut copy;
        let bytes = if raw {
            copy = connection.incoming.bytes().to_vec();
            &mut copy[..]
        } else {
            connection.incoming.bytes_mut()
        };
        let decoded = decoder.decode(bytes);
        if tells {
            connection.events.emit(&Event::Received(&untouched[..decoded.consumed]));
        }
        if raw && decoded.data > 0 {
            connection.events.emit(&Event::Content(&bytes[..decoded.data]));
        }
        connection.incoming.take(decoded.consumed);
        self.bytes += decoded.data as u64;
        self.wire_bytes += decoded.consumed as u64;
        // What was decoded before a failure is given out first; the next step tells of it.
        self.is_ended = decoded.progress == Progress::End;
        let length = if raw { decoded.consumed } else { decoded.data };
        start..start + length
    }

    fn end_of_connection(&mut self) -> anyhow::Result<BodyPiece<'static>> {
        self.is_ended = true;
        let bytes = self.bytes;
        match &mut self.decoder {
            Decoder::UntilClose if self.connection.is_cut() => Err(self.connection.cut_error()),
            Decoder::None | Decoder::UntilClose => Ok(BodyPiece::End),
            Decoder::Length(left) => {
                let after = match known_length(bytes, *left) {
                    Some(length) => format!("{bytes} of {length} bytes"),
                    None => format!("{}: its Content-Length is above 2^63-1", failure::bytes(bytes)),
                };
                Err(Failure::Truncated.error(format!("the body is cut off after {after}")))
            }
            Decoder::Chunked(decoder) => {
                let message = if decoder.end_of_connection() {
                    "the trailer section after the last chunk is cut off".to_owned()
                } else {
                    format!("the chunked body is cut off after {}", failure::bytes(bytes))
                };
                Err(Failure::Truncated.error(message))
            }
        }
    }

    /// The connection that it arrives on.
    pub(crate) fn connection(&mut self) -> &mut Connection<'e> {
        self.connection
    }

    /// The limits that the body is received within.
    pub(crate) fn limits(&self) -> Rc<Limits> {
        self.connection.limits()
    }

    /// Whether something else than the body's own bytes can happen, so that
    /// nothing may be waited for elsewhere.
    pub(crate) fn shares_time(&self) -> bool {
        !self.connection.outgoing.is_over() || !self.connection.limits.are_none()
    }

    /// Whether the connection ended without TLS's close_notify.
    pub(crate) fn is_cut(&self) -> bool {
        self.connection.is_cut()
    }

    /// Nothing more is read: what would only end with the connection is whole.
    pub(crate) fn end_here(&mut self) {
        self.is_ended = true;
    }

    /// From now on [`BodyPiece::Idle`] tells also that all of the request is sent.
    pub(crate) fn wake_when_sent(&mut self) {
        self.wakes_when_sent = true;
    }

    /// Whether nothing of the request will be sent any more.
    pub(crate) fn is_request_sent(&self) -> bool {
        self.connection.outgoing.is_over()
    }

    /// The chunks since the last call, where they are recorded.
    pub(crate) fn take_chunks(&mut self) -> Vec<ChunkLine> {
        match &mut self.decoder {
            Decoder::Chunked(decoder) => decoder.take_chunks(),
            _ => Vec::new(),
        }
    }

    /// Silence ends a body that only the connection's end would: it ends in an error anyway.
    pub(crate) fn end_by_silence(&mut self) {
        self.is_unreliable |= matches!(self.decoder, Decoder::UntilClose);
    }

    /// How many bytes of content there are, where the framing says so.
    pub(crate) fn expected(&self) -> Option<u64> {
        match self.decoder {
            Decoder::None => Some(0),
            Decoder::Length(left) => known_length(self.bytes, left),
            _ => None,
        }
    }

    /// What the body came to.
    pub(crate) fn finish(self) -> BodyEnd {
        let is_complete = match &self.decoder {
            Decoder::None | Decoder::Length(0) => true,
            Decoder::Length(_) => false,
            Decoder::UntilClose => self.is_ended && !self.connection.is_cut(),
            Decoder::Chunked(decoder) => decoder.has_last_chunk(),
        };
        let chunked = match self.decoder {
            Decoder::Chunked(decoder) => Some(decoder),
            _ => None,
        };
        BodyEnd { bytes: self.bytes, wire_bytes: self.wire_bytes, is_complete, chunked }
    }
}

/// The length of a body of which `bytes` have come and `left` have not; none where
/// it is so large that [`Framing::Length`] does not say it.
fn known_length(bytes: u64, left: u64) -> Option<u64> {
    Some(bytes.saturating_add(left)).filter(|&length| length < u64::MAX)
}

/// The error of a chunked body that can't be read on.
fn chunk_error(problem: ChunkProblem, at: u64) -> anyhow::Error {
    let what = match problem {
        ChunkProblem::SizeInvalid => "a chunk has no valid size",
        ChunkProblem::SizeOverflow => "a chunk size has more than 16 digits",
        ChunkProblem::BareCr => "a chunk-size line has a CR without LF",
        ChunkProblem::DataTerminator => "a chunk's data is longer than its size says",
        ChunkProblem::SizeLineTooLong => "a chunk-size line is longer than 4 KiB",
        ChunkProblem::ExtensionsTooLong => "the chunk extensions are far longer than the data",
        ChunkProblem::TrailersTooLong => "the trailer section is longer than 64 KiB",
    };
    Failure::Receive.error(format!("the chunked body is malformed at byte {at} of the response: {what}"))
}
