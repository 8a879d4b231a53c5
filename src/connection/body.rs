//! A response's body as it comes off the connection, and how it ended.

use std::fs::File;
use std::io::{self, Read};
use std::time::{Duration, Instant};

use super::pace::{SLICE, Swiftness};
use super::{Connection, Fill};
use crate::event::Event;
use crate::failure::Failure;
use crate::http::chunked::{ChunkLine, ChunkProblem, ChunkedDecoder, Progress};
use crate::http::framing::{Framed, Framing};

/// How long a server that keeps the connection open may be silent inside a body
/// whose length it has garbled: whatever comes, the exchange ends in an error.
const SILENCE: Duration = Duration::from_secs(1);
/// How much is relayed between two looks at the count.
const RELAY_SLICE: u64 = 64 * 1024 * 1024;

/// A body that is being received.
pub(crate) struct Body<'c, 'e> {
    connection: &'c mut Connection<'e>,
    decoder: Decoder,
    bytes: u64,
    wire_bytes: u64,
    is_ended: bool,
    /// Whether it comes quickly, where somebody looks at how much has come.
    swiftness: Option<Swiftness>,
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
pub(crate) enum Piece<'a> {
    /// Content, transfer decoding done (or the bytes on the wire, where asked for).
    Data(&'a [u8]),
    /// Nothing came for as long as one was ready to wait.
    Idle,
    /// The body has ended as its framing says.
    End,
}

/// What a body came to.
pub(crate) struct BodyEnd {
    /// Bytes of content.
    pub(crate) bytes: u64,
    /// Bytes on the wire, those of the chunked coding included.
    pub(crate) wire_bytes: u64,
    /// The framing has proved the end.
    pub(crate) is_complete: bool,
    /// The chunked coding's decoder, with trailers and deviations.
    pub(crate) chunked: Option<Box<ChunkedDecoder>>,
}

impl BodyEnd {
    /// The bytes of the trailer section as they came, its empty line included;
    /// none where there are no trailers.
    pub(crate) fn trailer_bytes(&self) -> &[u8] {
        let bytes = self.chunked.as_ref().map_or(&[][..], |decoder| decoder.trailer_bytes());
        if bytes == b"\r\n" || bytes == b"\n" { &[] } else { bytes }
    }
}

impl<'c, 'e> Body<'c, 'e> {
    pub(super) fn new(connection: &'c mut Connection<'e>, framed: Framed, records: bool) -> Self {
        connection.throttle_body();
        let decoder = match framed.framing {
            Framing::NoBody => Decoder::None,
            Framing::Length(length) => Decoder::Length(length),
            Framing::Chunked => Decoder::Chunked(Box::new(ChunkedDecoder::new(connection.offset(), records))),
            Framing::UntilClose => Decoder::UntilClose,
        };
        let is_unreliable = framed.is_unreliable;
        let swiftness = connection.events.want_counts().then(|| Swiftness::new(Instant::now()));
        Self { connection, decoder, bytes: 0, wire_bytes: 0, is_ended: false, swiftness, is_unreliable }
    }

    /// The next piece of content. With `patience`, [`Piece::Idle`] after so long a silence.
    pub(crate) fn next(&mut self, patience: Option<Duration>) -> anyhow::Result<Piece<'_>> {
        self.step(patience, false)
    }

    /// The next piece as it is on the wire: chunk-size lines and trailers included.
    /// Observers are told of the content in it.
    pub(crate) fn next_raw(&mut self, patience: Option<Duration>) -> anyhow::Result<Piece<'_>> {
        self.step(patience, true)
    }

    fn step(&mut self, patience: Option<Duration>, raw: bool) -> anyhow::Result<Piece<'_>> {
        loop {
            if self.is_ended || matches!(self.decoder, Decoder::None | Decoder::Length(0)) {
                self.is_ended = true;
                return Ok(Piece::End);
            }
            if let Decoder::Chunked(decoder) = &self.decoder
                && let Some((problem, at)) = decoder.failure()
            {
                return Err(chunk_error(problem, at));
            }
            if !self.connection.has_leftover() {
                let silence = self.is_unreliable.then_some(SILENCE);
                match self.connection.fill(silence.or(patience))? {
                    Fill::Bytes => {}
                    Fill::Idle if self.is_unreliable => return self.end_of_connection(),
                    Fill::Idle if patience.is_some() => return Ok(Piece::Idle),
                    Fill::Idle => continue,
                    Fill::Eof => return self.end_of_connection(),
                }
            }
            let taken = self.take(raw)?;
            if let Some(swiftness) = &mut self.swiftness {
                swiftness.count(taken.len() as u64, Instant::now());
            }
            if !taken.is_empty() {
                return Ok(Piece::Data(&self.connection.buffer[taken]));
            }
        }
    }

    /// Takes what the buffer holds of the body; gives where in it the data stands.
    fn take(&mut self, raw: bool) -> anyhow::Result<std::ops::Range<usize>> {
        let connection = &mut *self.connection;
        let (start, end) = (connection.start, connection.end);
        let (consumed, data) = match &mut self.decoder {
            Decoder::None => (0, 0),
            Decoder::UntilClose => (end - start, end - start),
            Decoder::Length(left) => {
                let here = usize::try_from(*left).unwrap_or(usize::MAX).min(end - start);
                *left -= here as u64;
                (here, here)
            }
            Decoder::Chunked(decoder) => {
                let tells = connection.tells_late && connection.events.are_heard();
                let untouched = if tells { connection.buffer[start..end].to_vec() } else { Vec::new() };
                let mut copy;
                let bytes = if raw {
                    copy = connection.buffer[start..end].to_vec();
                    &mut copy[..]
                } else {
                    &mut connection.buffer[start..end]
                };
                let decoded = decoder.decode(bytes);
                if tells {
                    connection.events.emit(&Event::Received(&untouched[..decoded.consumed]));
                }
                if raw && decoded.data > 0 {
                    connection.events.emit(&Event::Content(&bytes[..decoded.data]));
                }
                connection.start += decoded.consumed;
                self.bytes += decoded.data as u64;
                self.wire_bytes += decoded.consumed as u64;
                // What was decoded before a failure is given out first; the next step tells of it.
                self.is_ended = decoded.progress == Progress::End;
                let length = if raw { decoded.consumed } else { decoded.data };
                return Ok(start..start + length);
            }
        };
        connection.take(consumed);
        if raw && data > 0 {
            connection.events.emit(&Event::Content(&connection.buffer[start..start + data]));
        }
        self.bytes += data as u64;
        self.wire_bytes += consumed as u64;
        Ok(start..start + data)
    }

    fn end_of_connection(&mut self) -> anyhow::Result<Piece<'static>> {
        self.is_ended = true;
        let bytes = self.bytes;
        match &mut self.decoder {
            Decoder::UntilClose if self.connection.is_cut() => Err(self.connection.cut_error()),
            Decoder::None | Decoder::UntilClose => Ok(Piece::End),
            Decoder::Length(left) => {
                let whole = match known_length(bytes, *left) {
                    Some(length) => format!(" of {length}"),
                    None => String::new(),
                };
                Err(Failure::Truncated.error(format!("the body is cut off after {bytes}{whole} bytes")))
            }
            Decoder::Chunked(decoder) => {
                let message = if decoder.end_of_connection() {
                    "the trailer section after the last chunk is cut off".to_owned()
                } else {
                    format!("the chunked body is cut off after {bytes} bytes")
                };
                Err(Failure::Truncated.error(message))
            }
        }
    }

    /// Whether the rest can go from the socket to a file by the kernel's own
    /// copying: nothing to decode, nobody who wants to see it, no time limit; and
    /// where somebody looks at how much has come, it comes quickly.
    pub(crate) fn can_relay(&self) -> bool {
        matches!(self.decoder, Decoder::Length(1..) | Decoder::UntilClose)
            && !self.connection.events.want_content()
            && self.connection.deadline.is_none()
            && self.connection.pacing.is_none()
            && self.swiftness.as_ref().is_none_or(Swiftness::is_swift)
            && !self.is_unreliable
            && self.connection.stream.tcp().is_some()
            && !self.connection.has_leftover()
    }

    /// Moves the rest of the body into `pipe` without its passing through this
    /// process, where [`Self::can_relay`] said so; whether all of it, or what came
    /// before it got slow. An error of the pipe is given back as it is.
    ///
    /// On these concrete types `io::copy` uses splice(2) where the target is a pipe.
    pub(crate) fn relay(&mut self, pipe: &mut File) -> anyhow::Result<io::Result<bool>> {
        self.connection.set_read_timeout(None)?;
        let slice = if self.swiftness.is_some() { SLICE } else { RELAY_SLICE };
        while self.can_relay() {
            let left = match self.decoder {
                Decoder::Length(left) => left,
                _ => u64::MAX,
            };
            let Some(mut socket) = self.connection.stream.tcp() else { return Ok(Ok(false)) };
            let copied = match io::copy(&mut (&mut socket).take(left.min(slice)), pipe) {
                Ok(copied) => copied,
                Err(error) => return Ok(Err(error)),
            };
            self.count(copied);
            if copied == 0 {
                return self.end_of_connection().map(|_| Ok(true));
            }
        }
        Ok(Ok(matches!(self.decoder, Decoder::Length(0))))
    }

    fn count(&mut self, copied: u64) {
        self.connection.received += copied;
        self.connection.events.emit(&Event::Relayed(copied));
        if let Some(swiftness) = &mut self.swiftness {
            swiftness.count(copied, Instant::now());
        }
        self.bytes += copied;
        self.wire_bytes += copied;
        if let Decoder::Length(left) = &mut self.decoder {
            *left = left.saturating_sub(copied);
        }
    }

    /// The chunks since the last call, where they are recorded.
    pub(crate) fn take_chunks(&mut self) -> Vec<ChunkLine> {
        match &mut self.decoder {
            Decoder::Chunked(decoder) => decoder.take_chunks(),
            _ => Vec::new(),
        }
    }

    /// How many bytes of content there are, where that is known beforehand.
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
            Decoder::UntilClose => self.is_ended,
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
        ChunkProblem::BareCr => "a chunk-size line has a CR that ends no line",
        ChunkProblem::DataTerminator => "a chunk's data is longer than its size says",
        ChunkProblem::SizeLineTooLong => "a chunk-size line is longer than 4 KiB",
        ChunkProblem::ExtensionsTooLong => "the chunk extensions are far longer than the data",
        ChunkProblem::TrailersTooLong => "the trailer section is longer than 64 KiB",
    };
    Failure::Receive.error(format!("the chunked body is malformed at byte {at} of the response: {what}"))
}
