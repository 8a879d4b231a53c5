//! `--trace` and `--trace-ascii`: every byte in both directions, in the line
//! format of curl, and what is done in between.
//!
//! Received bytes are a head line by line, and data in the pieces in which it was
//! read, each byte once: as heads are found only after they were read, what may
//! be one waits for the event that says so.

use std::ffi::OsStr;
use std::time::Instant;

use super::held::Held;
use super::prefix::{Prefix, Prefixes};
use super::redact::Redaction;
use super::verbose::notes;
use crate::event::{BodyEnd, Event, Observer};
use crate::http::base16;
use crate::net::starttls::Said;
use crate::output::Sink;
use crate::output::escape::one_line;

/// How bytes are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dump {
    /// As hexadecimal numbers and as text (`--trace`).
    Hex,
    /// As text (`--trace-ascii`).
    Ascii,
}

/// Bytes in a line of a hex dump.
const HEX_WIDTH: usize = 16;
/// Bytes in a line of text.
const ASCII_WIDTH: usize = 64;

/// Writes a trace.
pub(crate) struct Trace {
    sink: Sink,
    dump: Dump,
    prefix: Prefix,
    redaction: Redaction,
    is_replayed: bool,
    /// A head may still come: what was received waits.
    awaits_head: bool,
    waiting: Vec<u8>,
    /// HTTP is spoken.
    is_http: bool,
    /// Data that may hold secrets, where they are to be starred.
    held: Held,
}

impl Trace {
    /// A trace into the file `path`, `-` for standard output, `%` for standard error.
    pub(super) fn new(
        path: &OsStr,
        dump: Dump,
        prefixes: Prefixes,
        redaction: Redaction,
    ) -> anyhow::Result<Self> {
        let sink = if path == "%" { Sink::standard_error()? } else { Sink::private(path)? };
        Ok(Self {
            sink,
            dump,
            prefix: Prefix::new(prefixes),
            redaction,
            is_replayed: false,
            awaits_head: true,
            waiting: Vec::new(),
            is_http: true,
            held: Held::default(),
        })
    }

    fn received(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        if self.awaits_head {
            self.waiting.extend_from_slice(bytes);
            return Ok(());
        }
        if self.redaction.0 && self.is_http {
            let pieces = self.held.push(bytes, self.redaction);
            return self.data(&pieces);
        }
        self.block("<= Recv data", bytes)
    }

    fn data(&mut self, pieces: &[Vec<u8>]) -> anyhow::Result<()> {
        pieces.iter().try_for_each(|piece| self.block("<= Recv data", piece))
    }

    /// The body has ended: what was held goes out.
    fn ended(&mut self, end: &BodyEnd) -> anyhow::Result<()> {
        if !self.redaction.0 {
            return Ok(());
        }
        let pieces = self.held.end(end.wire_bytes, end.trailer_bytes().len(), self.redaction);
        self.data(&pieces)
    }

    /// The exchange is over: no head comes any more, and no data.
    fn done(&mut self) -> anyhow::Result<()> {
        // Where no head came, this may be a part of one.
        let waiting = std::mem::take(&mut self.waiting);
        if !waiting.is_empty() {
            let shown = self.redaction.head(&waiting);
            self.block("<= Recv data", &shown)?;
        }
        self.data_follows()?;
        let pieces = self.held.finish(self.redaction);
        self.data(&pieces)
    }

    /// The first so many bytes of those that wait are a head: `raw`.
    fn head(&mut self, raw: &[u8]) -> anyhow::Result<()> {
        self.waiting.drain(..raw.len().min(self.waiting.len()));
        self.header(raw)
    }

    fn header(&mut self, raw: &[u8]) -> anyhow::Result<()> {
        let head = self.redaction.head(raw);
        head.split_inclusive(|&byte| byte == b'\n').try_for_each(|line| self.block("<= Recv header", line))
    }

    /// No head comes any more: what waits is data.
    fn data_follows(&mut self) -> anyhow::Result<()> {
        self.awaits_head = false;
        let waiting = std::mem::take(&mut self.waiting);
        if waiting.is_empty() { Ok(()) } else { self.received(&waiting) }
    }

    /// A title and a dump of `bytes`.
    fn block(&mut self, title: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let title = format!("{}{title}, {1} bytes (0x{1:x})\n", self.prefix.text(), bytes.len());
        let mut text = title.into_bytes();
        match self.dump {
            Dump::Hex => hex(bytes, &mut text),
            Dump::Ascii => ascii(bytes, &mut text),
        }
        self.sink.write(&text)
    }
}

impl Observer for Trace {
    fn on(&mut self, _at: Instant, event: &Event<'_>) -> anyhow::Result<()> {
        self.prefix.note(event);
        match event {
            Event::Begin(uri) => {
                self.is_http = uri.scheme.is_http();
                self.awaits_head = self.is_http;
            }
            // A second connection for the same exchange: the first one came to nothing.
            Event::Connected { .. } => self.awaits_head = self.is_http,
            Event::RequestBegins(asking) => self.is_replayed = asking.is_replayed,
            Event::SentHead(_) | Event::SentBody(_) if self.is_replayed => return Ok(()),
            Event::SentHead(bytes) | Event::ProxySent(bytes) => {
                self.block("=> Send header", &self.redaction.head(bytes))?
            }
            Event::SentBody(bytes) if !bytes.is_empty() => self.block("=> Send data", bytes)?,
            Event::BeforeTls(Said::Sent(bytes)) => self.block("=> Send header", bytes)?,
            Event::BeforeTls(Said::Received(bytes)) => self.block("<= Recv header", bytes)?,
            Event::BeforeTls(Said::Injected(bytes)) => self.block("<= Recv data", bytes)?,
            Event::Received(bytes) => self.received(bytes)?,
            Event::Interim(head) => self.head(head.raw())?,
            Event::ProxyHead(head) => self.header(head.raw())?,
            Event::Head(head, _) => self.head(head.raw())?,
            Event::BadHead(bad) => self.head(&bad.raw)?,
            Event::ProxyContent(bytes) => self.block("<= Recv data", bytes)?,
            Event::ProxyBadHead(bad) => self.header(&bad.raw)?,
            Event::End(end) => self.ended(end)?,
            _ => {}
        }
        let mut lines = String::new();
        notes(event, &mut |text| {
            let text = self.redaction.text(text);
            lines += &format!("{}== Info: {}\n", self.prefix.text(), one_line(text.as_bytes()));
        });
        if !lines.is_empty() {
            self.sink.write(lines.as_bytes())?;
        }
        match event {
            Event::Head(..) | Event::BadHead(_) => self.data_follows(),
            Event::Done(_) => self.done(),
            _ => Ok(()),
        }
    }
}

/// Lines of hexadecimal numbers, with the text next to them. Nothing is formatted byte
/// by byte: that took most of a run's time.
fn hex(bytes: &[u8], out: &mut Vec<u8>) {
    for (nth, chunk) in bytes.chunks(HEX_WIDTH).enumerate() {
        push_offset(nth * HEX_WIDTH, out);
        // Each line is made whole, and added at once.
        let mut line = [b' '; 4 * HEX_WIDTH];
        for (at, &byte) in chunk.iter().enumerate() {
            [line[3 * at], line[3 * at + 1]] = base16::digits(byte);
            line[3 * HEX_WIDTH + at] = visible(byte);
        }
        out.extend_from_slice(&line[..3 * HEX_WIDTH + chunk.len()]);
        out.push(b'\n');
    }
}

/// At least four digits, and what parts them from the line.
fn push_offset(offset: usize, out: &mut Vec<u8>) {
    let bytes = offset.to_be_bytes();
    let first = bytes.iter().position(|&byte| byte != 0).unwrap_or(bytes.len()).min(bytes.len() - 2);
    let digits = bytes.map(base16::digits);
    let digits = digits[first..].as_flattened();
    // A third byte, and those above, have no zero before them.
    let unpadded = &digits[usize::from(digits.len() > 4 && digits[0] == b'0')..];
    out.extend_from_slice(unpadded);
    out.extend_from_slice(b": ");
}

/// Lines of text, broken where the text has CRLF, which is not shown.
fn ascii(bytes: &[u8], out: &mut Vec<u8>) {
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let window = &rest[..rest.len().min(ASCII_WIDTH + 2)];
        let crlf = window.windows(2).position(|pair| pair == b"\r\n");
        let length = crlf.unwrap_or(rest.len()).min(ASCII_WIDTH);
        push_offset(at, out);
        out.extend(rest[..length].iter().map(|&byte| visible(byte)));
        out.push(b'\n');
        at += if crlf == Some(length) { length + 2 } else { length };
    }
}

fn visible(byte: u8) -> u8 {
    if matches!(byte, b' '..=b'~') { byte } else { b'.' }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ascii_of(bytes: &[u8]) -> String {
        let mut out = Vec::new();
        ascii(bytes, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn text_breaks_at_crlf_and_after_64_bytes() {
        assert_eq!(ascii_of(b"ab\nc\r\nd"), "0000: ab.c\n0006: d\n");
        assert_eq!(ascii_of(b"a\r\n\r\n"), "0000: a\n0003: \n");
        assert_eq!(ascii_of(b"\r"), "0000: .\n");
        let long = "x".repeat(64);
        assert_eq!(ascii_of(format!("{long}\r\ny").as_bytes()), format!("0000: {long}\n0042: y\n"));
        assert_eq!(ascii_of(format!("{long}y\r\n").as_bytes()), format!("0000: {long}\n0040: y\n"));
    }

    #[test]
    fn hex_has_sixteen_bytes_a_line() {
        let offset = |offset| {
            let mut out = Vec::new();
            push_offset(offset, &mut out);
            String::from_utf8(out).unwrap()
        };
        let shown = [0, 0xfff, 0x1_2345, 0x12_3456].map(offset);
        assert_eq!(shown, ["0000: ", "0fff: ", "12345: ", "123456: "]);
        let mut out = Vec::new();
        hex(b"GET /a HTTP/1.1\r\n", &mut out);
        let first = "0000: 47 45 54 20 2f 61 20 48 54 54 50 2f 31 2e 31 0d GET /a HTTP/1.1.\n";
        let second = format!("0010: 0a {}.\n", "   ".repeat(15));
        assert_eq!(String::from_utf8(out).unwrap(), format!("{first}{second}"));
    }
}
