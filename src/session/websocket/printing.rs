//! Messages as they are printed: each text message a line, binary ones by the
//! rules for content of no textual type.

use encoding_rs::{Decoder, UTF_8};

use crate::failure;
use crate::http::Deviations;
use crate::http::field::{self, SectionKind};
use crate::http::websocket::messages::MessageKind;
use crate::output::body::Printer;
use crate::output::escape::Escaper;
use crate::output::style::Style;
use crate::output::{self, Sink};
use crate::session::console::Console;
use crate::session::delivery::Delivery;

/// So much text is gathered before it is written.
const PIECE: usize = 64 * 1024;
/// What a binary message is to those who print content.
const BINARY: &[u8] = b"Content-Type: application/octet-stream\r\n\r\n";

/// Prints messages.
pub(super) struct MessagePrinter<'a> {
    console: &'a mut Console,
    delivery: &'a mut Delivery,
    shows: bool,
    /// The message under way.
    message: Option<MessageForm>,
    /// Lines on their way to the sink.
    lines: Vec<u8>,
    /// How many bytes have come, and how many may.
    bytes: u64,
    most: Option<u64>,
}

/// How a message is printed.
enum MessageForm {
    /// In UTF-8, with invalid bytes replaced.
    Text(Box<Decoder>),
    /// In UTF-8, with invalid bytes replaced, and made harmless for a terminal.
    TerminalText(Box<Decoder>, Escaper),
    /// As it came, made harmless for a terminal.
    Harmless(Escaper),
    /// As it came.
    Unchanged,
    Binary(Box<Printer>),
}

impl<'a> MessagePrinter<'a> {
    /// A printer that gives out `most` bytes at most.
    pub(super) fn new(console: &'a mut Console, delivery: &'a mut Delivery, most: Option<u64>) -> Self {
        let shows = console.shows_body(delivery);
        Self { console, delivery, shows, message: None, lines: Vec::new(), bytes: 0, most }
    }

    /// Where they go.
    pub(super) fn sink(&mut self) -> anyhow::Result<&mut Sink> {
        self.console.sink(self.delivery)
    }

    /// How many bytes of messages have come.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Prints the next bytes of a message.
    pub(super) fn data(&mut self, kind: MessageKind, bytes: &[u8]) -> anyhow::Result<()> {
        let left = self.most.map_or(u64::MAX, |most| most.saturating_sub(self.bytes));
        let within = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        self.bytes = self.bytes.saturating_add(within as u64);
        if self.shows {
            self.push(kind, &bytes[..within])?;
        }
        if within < bytes.len() {
            self.flush()?;
            return Err(failure::too_large(self.most));
        }
        Ok(())
    }

    /// Ends the line of a message, and prints what its decoder still held.
    pub(super) fn end_message(&mut self, kind: MessageKind) -> anyhow::Result<()> {
        if !self.shows {
            return Ok(());
        }
        // An empty one has not begun before.
        self.push(kind, b"")?;
        match self.message.take() {
            None | Some(MessageForm::Unchanged) => {}
            Some(MessageForm::Text(mut decoder)) => decode(&mut decoder, b"", true, &mut self.lines),
            Some(MessageForm::TerminalText(mut decoder, mut escaper)) => {
                let mut text = Vec::new();
                decode(&mut decoder, b"", true, &mut text);
                escaper.push(&text, &mut self.lines);
                escaper.finish(&mut self.lines);
            }
            Some(MessageForm::Harmless(mut escaper)) => escaper.finish(&mut self.lines),
            Some(MessageForm::Binary(mut printer)) => {
                return printer.finish(true, self.console.sink(self.delivery)?);
            }
        }
        self.lines.push(b'\n');
        Ok(())
    }

    /// Writes what has been gathered.
    pub(super) fn flush(&mut self) -> anyhow::Result<()> {
        if self.lines.is_empty() {
            return Ok(());
        }
        let written = self.console.sink(self.delivery)?.write(&self.lines);
        self.lines.clear();
        written
    }

    fn push(&mut self, kind: MessageKind, bytes: &[u8]) -> anyhow::Result<()> {
        // One byte on the wire may become a gigabyte.
        self.console.sink(self.delivery)?.check()?;
        let way = match self.message.take() {
            Some(way) => way,
            None => self.way(kind)?,
        };
        match self.message.insert(way) {
            MessageForm::Text(decoder) => decode(decoder, bytes, false, &mut self.lines),
            MessageForm::TerminalText(decoder, escaper) => {
                let mut text = Vec::new();
                decode(decoder, bytes, false, &mut text);
                escaper.push(&text, &mut self.lines);
            }
            MessageForm::Harmless(escaper) => escaper.push(bytes, &mut self.lines),
            MessageForm::Unchanged => self.lines.extend_from_slice(bytes),
            MessageForm::Binary(printer) => return printer.push(bytes, self.console.sink(self.delivery)?),
        }
        if self.lines.len() < PIECE { Ok(()) } else { self.flush() }
    }

    fn way(&mut self, kind: MessageKind) -> anyhow::Result<MessageForm> {
        if kind == MessageKind::Binary {
            self.flush()?;
            let fields = field::parse(BINARY, 0, 0, SectionKind::Header, &mut Deviations::default());
            // The length of a message is bounded elsewhere.
            let style = Style { max_filesize: None, ..self.console.style(self.delivery)? };
            return Ok(MessageForm::Binary(Box::new(Printer::new(&fields, style))));
        }
        let is_terminal = self.sink()?.kind() == output::SinkKind::Terminal;
        let decoder = || Box::new(UTF_8.new_decoder_without_bom_handling());
        Ok(match (is_terminal, self.console.keeps_bytes(self.delivery)) {
            (true, true) => MessageForm::Harmless(Escaper::default()),
            (true, false) => MessageForm::TerminalText(decoder(), Escaper::default()),
            (false, true) => MessageForm::Unchanged,
            (false, false) => MessageForm::Text(decoder()),
        })
    }
}

/// Appends to `text` the UTF-8 of `bytes`, each part that is none as U+FFFD.
fn decode(decoder: &mut Decoder, mut bytes: &[u8], is_last: bool, text: &mut Vec<u8>) {
    loop {
        let mut room = vec![0; decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(PIECE)];
        let (result, taken, written, _) = decoder.decode_to_utf8(bytes, &mut room, is_last);
        text.extend_from_slice(&room[..written]);
        bytes = &bytes[taken..];
        if result == encoding_rs::CoderResult::InputEmpty {
            return;
        }
    }
}
