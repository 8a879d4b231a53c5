//! TLS as bytes in and bytes out: what came is decrypted where it lies, what is to go out is
//! encrypted into one buffer. This knows no socket.

use std::sync::Arc;

use rustls::client::UnbufferedClientConnection;
use rustls::pki_types::ServerName;
use rustls::unbuffered::{
    ConnectionState, EncodeError, EncryptError, InsufficientSizeError, UnbufferedStatus,
};
use rustls::{ClientConfig, CommonState, Error, InvalidMessage};

use super::intake::Intake;

/// Most bytes encrypted at once.
const PIECE: usize = 64 * 1024;

/// Our side of a TLS connection.
pub(super) struct Records {
    tls: UnbufferedClientConnection,
    incoming: Intake,
    outgoing: OutgoingRecords,
    decrypted: Decrypted,
    /// What came may have more in it than was asked for.
    may_have_more: bool,
    /// The peer has said that it will send nothing more.
    has_close_notify: bool,
    /// What ended all reading.
    failed: Option<Error>,
}

/// Records that are ready, and not yet sent: those of the buffer from `start` to `end`.
#[derive(Default)]
struct OutgoingRecords {
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

/// What was decrypted and has not been given out.
#[derive(Default)]
struct Decrypted {
    bytes: Vec<u8>,
    given: usize,
}

/// What a step of the protocol came to.
#[derive(PartialEq, Eq)]
enum RecordStep {
    /// This many bytes have been decrypted.
    Decrypted(usize),
    /// The next one may be made.
    Further,
    /// All that came is used.
    Idle,
}

/// What a step is to do once nothing else is left to do.
enum RecordWish<'a> {
    Nothing,
    Send(&'a [u8]),
    Close,
}

impl Records {
    /// The first record of a handshake is ready, which names the server `name`.
    pub(super) fn new(config: ClientConfig, name: ServerName<'static>) -> Result<Self, Error> {
        let mut new = Self {
            tls: UnbufferedClientConnection::new(Arc::new(config), name)?,
            incoming: Intake::new(),
            outgoing: OutgoingRecords::default(),
            decrypted: Decrypted::default(),
            may_have_more: false,
            has_close_notify: false,
            failed: None,
        };
        new.take(&mut [])?;
        Ok(new)
    }

    /// What has been agreed on.
    pub(super) fn state(&self) -> &CommonState {
        &self.tls
    }

    /// The peer has said that it will send nothing more (RFC 8446 §6.1).
    pub(super) fn has_close_notify(&self) -> bool {
        self.has_close_notify
    }

    /// Room for bytes of the peer; none if there is a message without end.
    pub(super) fn room(&mut self) -> Result<&mut [u8], Error> {
        match self.incoming.room() {
            [] => Err(Error::InvalidMessage(InvalidMessage::HandshakePayloadTooLarge)),
            room => Ok(room),
        }
    }

    /// `count` bytes of the peer have come into [`Self::room`]; gives them.
    pub(super) fn received(&mut self, count: usize) -> &[u8] {
        self.incoming.received(count)
    }

    /// Whether [`Self::take`] has something to give, be it an error or the end.
    pub(super) fn has_received(&self) -> bool {
        self.may_have_more || self.has_close_notify || self.failed.is_some() || !self.decrypted.is_empty()
    }

    /// Decrypts what has come; gives how many bytes, 0 where more must come first. What was
    /// decrypted before an error is given out before the error.
    pub(super) fn take(&mut self, into: &mut [u8]) -> Result<usize, Error> {
        let mut filled = self.decrypted.give(into);
        while (filled < into.len() || into.is_empty()) && self.failed.is_none() {
            match self.step(&mut into[filled..], RecordWish::Nothing) {
                Ok(RecordStep::Decrypted(count)) => filled += count,
                Ok(RecordStep::Further) => {}
                Ok(RecordStep::Idle) => {
                    self.may_have_more = false;
                    return Ok(filled);
                }
                Err(error) => self.fail(error),
            }
        }
        match &self.failed {
            Some(error) if filled == 0 => Err(error.clone()),
            _ => {
                self.may_have_more = true;
                Ok(filled)
            }
        }
    }

    /// Encrypts the start of `bytes`; gives how many.
    pub(super) fn encrypt(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        let piece = &bytes[..bytes.len().min(PIECE)];
        self.run(|| RecordWish::Send(piece)).map(|()| piece.len())
    }

    /// Says that nothing more will be sent, and makes nothing of an error.
    pub(super) fn close(&mut self) {
        let _ = self.run(|| RecordWish::Close);
    }

    /// The records that are ready to be sent.
    pub(super) fn unsent(&self) -> &[u8] {
        &self.outgoing.buffer[self.outgoing.start..self.outgoing.end]
    }

    /// The first `count` bytes of them are sent.
    pub(super) fn sent(&mut self, count: usize) {
        let OutgoingRecords { start, end, .. } = &mut self.outgoing;
        *start = (*start + count).min(*end);
        if *start == *end {
            (*start, *end) = (0, 0);
        }
    }

    /// Drops the records that are ready, which can never be sent.
    pub(super) fn drop_unsent(&mut self) {
        self.sent(self.unsent().len());
    }

    /// Does what `wish` says, once what came is decrypted.
    fn run<'a>(&mut self, wish: impl Fn() -> RecordWish<'a>) -> Result<(), Error> {
        while self.failed.is_none() {
            match self.step(&mut [], wish()) {
                Ok(RecordStep::Idle) => return Ok(()),
                Ok(RecordStep::Further | RecordStep::Decrypted(_)) => {}
                Err(error) => self.fail(error),
            }
        }
        self.failed.clone().map_or(Ok(()), Err)
    }

    /// Keeps the error, and the alert that tells the peer of it.
    fn fail(&mut self, error: Error) {
        self.failed = Some(error);
        let UnbufferedStatus { discard, state } = self.tls.process_tls_records(self.incoming.bytes_mut());
        if let Ok(ConnectionState::EncodeTlsData(mut record)) = state {
            // Where that fails too, the peer is not told.
            let _ = self.outgoing.append(|room| record.encode(room));
        }
        self.incoming.discard(discard);
    }

    fn step(&mut self, into: &mut [u8], wish: RecordWish<'_>) -> Result<RecordStep, Error> {
        let UnbufferedStatus { mut discard, state } = self.tls.process_tls_records(self.incoming.bytes_mut());
        let step = match state? {
            ConnectionState::ReadTraffic(mut traffic) => {
                let mut filled = 0;
                while let Some(record) = traffic.next_record() {
                    let record = record?;
                    discard += record.discard;
                    filled += self.decrypted.take(record.payload, &mut into[filled..]);
                }
                RecordStep::Decrypted(filled)
            }
            ConnectionState::EncodeTlsData(mut record) => {
                self.outgoing.append(|room| record.encode(room))?;
                RecordStep::Further
            }
            ConnectionState::TransmitTlsData(transmitted) => {
                transmitted.done();
                RecordStep::Further
            }
            ConnectionState::PeerClosed => {
                self.has_close_notify = true;
                RecordStep::Further
            }
            ConnectionState::WriteTraffic(mut traffic) => {
                match wish {
                    RecordWish::Nothing => {}
                    RecordWish::Send(bytes) => self.outgoing.append(|room| traffic.encrypt(bytes, room))?,
                    RecordWish::Close => self.outgoing.append(|room| traffic.queue_close_notify(room))?,
                }
                RecordStep::Idle
            }
            _ => RecordStep::Idle,
        };
        self.incoming.discard(discard);
        Ok(step)
    }
}

impl Decrypted {
    fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Gives out what is held.
    fn give(&mut self, into: &mut [u8]) -> usize {
        let held = &self.bytes[self.given..];
        let count = held.len().min(into.len());
        into[..count].copy_from_slice(&held[..count]);
        self.given += count;
        if self.given == self.bytes.len() {
            self.bytes.clear();
            self.given = 0;
        }
        count
    }

    /// Gives out `payload`, and holds what there is no room for.
    fn take(&mut self, payload: &[u8], into: &mut [u8]) -> usize {
        let count = if self.is_empty() { payload.len().min(into.len()) } else { 0 };
        into[..count].copy_from_slice(&payload[..count]);
        self.bytes.extend_from_slice(&payload[count..]);
        count
    }
}

impl OutgoingRecords {
    /// Appends what `write` puts into the room that it asks for.
    fn append<E: NeedsRoom>(
        &mut self,
        mut write: impl FnMut(&mut [u8]) -> Result<usize, E>,
    ) -> Result<(), Error> {
        loop {
            match write(&mut self.buffer[self.end..]) {
                Ok(count) => {
                    self.end += count;
                    return Ok(());
                }
                Err(error) => {
                    let room = error.room().map(|room| self.end + room);
                    let room = room.filter(|room| *room > self.buffer.len()).ok_or(Error::EncryptError)?;
                    self.buffer.resize(room, 0);
                }
            }
        }
    }
}

/// An error that may come from too small a buffer.
trait NeedsRoom {
    /// How much is needed.
    fn room(self) -> Option<usize>;
}

impl NeedsRoom for EncodeError {
    fn room(self) -> Option<usize> {
        match self {
            Self::InsufficientSize(InsufficientSizeError { required_size }) => Some(required_size),
            Self::AlreadyEncoded => None,
        }
    }
}

impl NeedsRoom for EncryptError {
    fn room(self) -> Option<usize> {
        match self {
            Self::InsufficientSize(InsufficientSizeError { required_size }) => Some(required_size),
            Self::EncryptExhausted => None,
        }
    }
}

#[cfg(test)]
#[path = "records_tests.rs"]
mod tests;
