//! Messages from frames, and control frames between them (RFC 6455 §5.4, §5.5).
//!
//! Messages are given out in pieces as they come, so their length does not
//! matter. Of a control frame at most 125 bytes are kept.

use std::mem;

use super::close::Close;
use super::frame::{FrameHeader, MAX_CONTROL, Opcode, RSV1};
use super::reader::{FramePart, FrameReader};
use super::utf8::TextCheck;
use crate::http::{Deviation, Deviations};

/// How much comes out of decompression at once.
const PIECE: usize = 32 * 1024;
/// What a sender cuts off the end of a compressed message (RFC 7692 §7.2.1).
const CUT_END: [u8; 4] = [0, 0, 0xFF, 0xFF];

/// What a message holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MessageKind {
    /// UTF-8.
    #[default]
    Text,
    /// Any bytes.
    Binary,
}

/// What is heard from the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard<'a> {
    /// A frame begins: its header, and the offset of its first byte.
    Frame(FrameHeader, u64),
    /// Something is wrong at this offset.
    Wrong(Deviation, u64),
    /// The next bytes of a message.
    Data(MessageKind, &'a [u8]),
    /// A message ends.
    MessageEnd(MessageKind),
    /// A Ping, which wants a Pong with the same payload.
    Ping(&'a [u8]),
    /// A Pong.
    Pong(&'a [u8]),
    /// The peer sends no more messages.
    Close(&'a Close),
}

/// Undoes permessage-deflate (RFC 7692).
pub trait Inflate {
    /// Decompresses some of `input` into `output`: how many bytes of each. It
    /// takes all of `input` or fills `output`.
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<(usize, usize), NotDeflated>;

    /// A message has ended, or breaks off: an error where its compressed bytes are not whole. The
    /// next message is decompressed all the same, as far as it does not need what was lost.
    fn end_message(&mut self) -> Result<(), NotDeflated>;
}

/// The payload is no deflate stream, or not a whole one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotDeflated;

/// Takes each [`Heard`]; an error ends reading.
type On<'a, E> = dyn FnMut(Heard<'_>) -> Result<(), E> + 'a;

/// A message that has begun and not ended.
struct OpenMessage {
    kind: MessageKind,
    text: TextCheck,
    is_compressed: bool,
    /// It could not be decompressed: the rest of it is skipped.
    is_broken: bool,
}

/// Reads messages.
pub struct Messages {
    reader: FrameReader,
    /// The frame that is read, and where it begins.
    frame: Option<(FrameHeader, u64)>,
    message: Option<OpenMessage>,
    /// The payload of the control frame that is read.
    control: Vec<u8>,
    close: Option<Close>,
    inflate: Option<Box<dyn Inflate>>,
    deviations: Deviations,
    has_no_end: bool,
}

impl Messages {
    /// A reader for what begins at `offset`; `inflate` where permessage-deflate
    /// has been agreed on.
    pub fn new(offset: u64, inflate: Option<Box<dyn Inflate>>) -> Self {
        Self {
            reader: FrameReader::new(offset),
            frame: None,
            message: None,
            control: Vec::new(),
            close: None,
            inflate,
            deviations: Deviations::default(),
            has_no_end: false,
        }
    }

    /// Takes the next bytes, and tells `on` what they mean.
    pub fn push<E>(&mut self, mut bytes: &mut [u8], on: &mut On<'_, E>) -> Result<(), E> {
        while !self.has_no_end
            && let Some(part) = self.reader.next(&mut bytes)
        {
            match part {
                FramePart::Begin(header, offset) => self.begin(header, offset, on)?,
                FramePart::Payload(payload) => self.payload(payload, on)?,
                FramePart::End => self.end(on)?,
            }
        }
        Ok(())
    }

    /// What is wrong with the frames so far.
    pub fn deviations(&self) -> &Deviations {
        &self.deviations
    }

    /// What the peer's Close said, once it has come.
    pub fn close(&self) -> Option<&Close> {
        self.close.as_ref()
    }

    /// Whether a frame's end cannot be known, so that nothing after it can be read.
    pub fn has_no_end(&self) -> bool {
        self.has_no_end
    }

    /// Whether no frame and no message is under way.
    pub fn is_between_messages(&self) -> bool {
        self.reader.is_between_frames() && self.message.is_none()
    }

    fn wrong<E>(&mut self, kind: Deviation, offset: u64, on: &mut On<'_, E>) -> Result<(), E> {
        self.deviations.note(kind, offset);
        on(Heard::Wrong(kind, offset))
    }

    /// A frame begins: tells of its header, and of each thing that is wrong with it.
    fn begin<E>(&mut self, header: FrameHeader, offset: u64, on: &mut On<'_, E>) -> Result<(), E> {
        on(Heard::Frame(header, offset))?;
        let is_compressed = self.inflate.is_some() && header.reserved & RSV1 != 0 && starts_message(header);
        let reserved = if is_compressed { header.reserved & !RSV1 } else { header.reserved };
        let is_control = header.opcode.is_control();
        let is_too_long = header.length >> 63 == 1;
        for (is_wrong, kind) in [
            (self.close.is_some(), Deviation::FrameAfterClose),
            (header.mask.is_some(), Deviation::FrameMasked),
            (reserved != 0, Deviation::FrameReservedBits),
            (header.opcode.name().is_empty(), Deviation::FrameOpcode),
            (is_control && !header.is_final, Deviation::FrameControlFragmented),
            (is_control && header.length > MAX_CONTROL, Deviation::FrameControlTooLong),
            (!header.is_shortest(), Deviation::FrameLengthForm),
            (is_too_long, Deviation::FrameLengthOverflow),
        ] {
            if is_wrong {
                self.wrong(kind, offset, on)?;
            }
        }
        self.frame = Some((header, offset));
        self.has_no_end = is_too_long;
        if !is_control { self.data_frame(header, offset, is_compressed, on) } else { Ok(()) }
    }

    /// A frame of a message: its first one, or a continuation.
    fn data_frame<E>(
        &mut self,
        header: FrameHeader,
        offset: u64,
        is_compressed: bool,
        on: &mut On<'_, E>,
    ) -> Result<(), E> {
        match (&self.message, header.opcode) {
            (Some(_), Opcode::CONTINUATION) => return Ok(()),
            (None, Opcode::CONTINUATION) => self.wrong(Deviation::FrameContinuation, offset, on)?,
            (Some(open), _) => {
                let (kind, was_compressed) = (open.kind, open.is_compressed);
                if was_compressed && let Some(inflate) = &mut self.inflate {
                    // The finding below says that the message breaks off.
                    let _ = inflate.end_message();
                }
                self.wrong(Deviation::FrameInterrupts, offset, on)?;
                on(Heard::MessageEnd(kind))?;
            }
            (None, _) => {}
        }
        let kind = if header.opcode == Opcode::TEXT { MessageKind::Text } else { MessageKind::Binary };
        self.message =
            Some(OpenMessage { kind, text: TextCheck::default(), is_compressed, is_broken: false });
        Ok(())
    }

    /// Payload of the frame under way: of a control frame it is kept, of a message it is given out.
    fn payload<E>(&mut self, payload: &[u8], on: &mut On<'_, E>) -> Result<(), E> {
        let Some((header, _)) = self.frame else { return Ok(()) };
        if header.opcode.is_control() {
            let room = MAX_CONTROL as usize - self.control.len();
            self.control.extend_from_slice(&payload[..payload.len().min(room)]);
            return Ok(());
        }
        if self.message.as_ref().is_some_and(|message| message.is_compressed) {
            return self.compressed(payload, on);
        }
        let offset = self.reader.offset() - payload.len() as u64;
        self.data(payload, Some(offset), on)
    }

    /// Content of the message; its first byte came at `offset`, where that can be told.
    fn data<E>(&mut self, bytes: &[u8], offset: Option<u64>, on: &mut On<'_, E>) -> Result<(), E> {
        let frame_offset = self.frame.map_or(0, |(_, offset)| offset);
        let Some(message) = &mut self.message else { return Ok(()) };
        let kind = message.kind;
        let invalid = if kind == MessageKind::Text { message.text.push(bytes) } else { None };
        if let Some(at) = invalid {
            let offset = offset.map_or(frame_offset, |offset| offset + at as u64);
            self.wrong(Deviation::FrameText, offset, on)?;
        }
        if bytes.is_empty() { Ok(()) } else { on(Heard::Data(kind, bytes)) }
    }

    /// Payload of a compressed message.
    fn compressed<E>(&mut self, mut input: &[u8], on: &mut On<'_, E>) -> Result<(), E> {
        let Some(mut inflate) = self.inflate.take() else { return Ok(()) };
        let mut output = vec![0; PIECE];
        let mut result = Ok(());
        while result.is_ok() && self.message.as_ref().is_some_and(|message| !message.is_broken) {
            match inflate.step(input, &mut output) {
                Ok((consumed, produced)) => {
                    input = &input[consumed..];
                    result = self.data(&output[..produced], None, on);
                    if input.is_empty() && produced < output.len() {
                        break;
                    }
                }
                Err(NotDeflated) => {
                    self.message.iter_mut().for_each(|message| message.is_broken = true);
                    let offset = self.frame.map_or(0, |(_, offset)| offset);
                    result = self.wrong(Deviation::FrameCompression, offset, on);
                }
            }
        }
        self.inflate = Some(inflate);
        result
    }

    /// The frame has ended.
    fn end<E>(&mut self, on: &mut On<'_, E>) -> Result<(), E> {
        let Some((header, offset)) = self.frame else { return Ok(()) };
        match header.opcode {
            opcode if opcode.is_control() => self.control(opcode, header, offset, on)?,
            _ if header.is_final => self.end_message(offset, on)?,
            _ => {}
        }
        self.frame = None;
        Ok(())
    }

    /// The frame that began at `offset` is the last one of its message.
    fn end_message<E>(&mut self, offset: u64, on: &mut On<'_, E>) -> Result<(), E> {
        if self.message.as_ref().is_some_and(|message| message.is_compressed) {
            self.end_compressed(offset, on)?;
        }
        let Some(message) = self.message.take() else { return Ok(()) };
        let is_cut = message.kind == MessageKind::Text && !message.is_broken && message.text.is_cut();
        if is_cut {
            self.wrong(Deviation::FrameText, offset, on)?;
        }
        on(Heard::MessageEnd(message.kind))
    }

    /// The frame that began at `offset` is the last one of a compressed message.
    fn end_compressed<E>(&mut self, offset: u64, on: &mut On<'_, E>) -> Result<(), E> {
        let is_whole = self.inflate.as_mut().is_none_or(|inflate| {
            // Behind whole blocks these bytes produce nothing. What a block that is cut off makes of
            // them, the server did not send.
            let adds_nothing = matches!(inflate.step(&CUT_END, &mut [0; 16]), Ok((_, 0)));
            inflate.end_message().is_ok() && adds_nothing
        });
        let Some(message) = self.message.as_mut().filter(|message| !is_whole && !message.is_broken) else {
            return Ok(());
        };
        message.is_broken = true;
        self.wrong(Deviation::FrameCompression, offset, on)
    }

    /// A control frame has ended: its payload is whole.
    fn control<E>(
        &mut self,
        opcode: Opcode,
        header: FrameHeader,
        offset: u64,
        on: &mut On<'_, E>,
    ) -> Result<(), E> {
        let payload = mem::take(&mut self.control);
        match opcode {
            // No Pong can hold what is too long for a control frame.
            Opcode::PING if header.length <= MAX_CONTROL => on(Heard::Ping(&payload)),
            Opcode::PONG => on(Heard::Pong(&payload)),
            Opcode::CLOSE => {
                let (close, deviation) = Close::parse(&payload);
                let is_early = self.close.is_none() && self.message.is_some();
                for kind in deviation.into_iter().chain(is_early.then_some(Deviation::CloseInMessage)) {
                    self.wrong(kind, offset, on)?;
                }
                on(Heard::Close(&close))?;
                self.close.get_or_insert(close);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// Whether the frame is the first one of a message.
fn starts_message(header: FrameHeader) -> bool {
    matches!(header.opcode, Opcode::TEXT | Opcode::BINARY)
}

#[cfg(test)]
#[path = "messages_tests.rs"]
mod tests;
