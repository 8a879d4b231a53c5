//! `-v`: what is done (`*`), sent (`>`) and received (`<`), line by line on
//! standard error, as curl prints it but harmless for a terminal.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::time::Instant;

use encoding_rs::{Decoder, Encoding};

use super::certificate_verdict::verdict;
use super::curl_notes::CurlNotes;
use super::frames::{Frames, Sender, agreement_words, close_words, header_words};
use super::millis::millis;
use super::prefix::{Prefix, Prefixes};
use super::redact::Redaction;
use crate::event::{By, Event, Observer};
use crate::failure;
use crate::http::websocket::fault;
use crate::http::websocket::messages::Heard;
use crate::net::starttls::Said;
use crate::net::tls::{Secured, issuer_words};
use crate::net::{self, DialEvent};
use crate::output::colour::Colour;
use crate::output::escape::one_line;
use crate::output::{Sink, SinkKind, errors, head};

/// How much is shown of what came between a go-ahead and TLS.
const MAX_INJECTED: usize = 256;

/// Writes the lines of `-v`.
#[derive(Default)]
pub(crate) struct Verbose {
    redaction: Redaction,
    is_coloured: bool,
    prefix: Prefix,
    /// Lines of heads keep their CR.
    keeps_ends: bool,
    /// The lines that curl has for connections and certificates.
    curl: Option<CurlNotes>,
    is_replayed: bool,
    /// Bytes of content that were sent and not yet told of.
    sent: u64,
    /// What goes and comes is no HTTP: all of it is shown.
    is_raw: bool,
    /// For what is received then, from `--charset`.
    decoder: Option<Decoder>,
    /// When the exchange began.
    began: Option<Instant>,
    frames: Frames,
}

impl Verbose {
    /// `-v`, with secrets starred or not. `charset` is `--charset`, for what is received that is no HTTP.
    /// `as_curl`: lines of heads keep their ends, and connections and certificates are told in curl's
    /// lines.
    pub(crate) fn new(
        redaction: Redaction,
        prefixes: Prefixes,
        colour: Colour,
        charset: Option<&'static Encoding>,
        as_curl: bool,
    ) -> Self {
        let kind = Sink::standard_error().map_or(SinkKind::Other, |sink| sink.kind());
        let is_coloured = colour.is_on(kind);
        let curl = as_curl.then(CurlNotes::default);
        let prefix = Prefix::new(prefixes);
        let decoder = charset.map(Encoding::new_decoder_without_bom_handling);
        Self { redaction, is_coloured, keeps_ends: as_curl, curl, prefix, decoder, ..Self::default() }
    }

    fn note(&self, text: &str) {
        self.line("* ", text.as_bytes(), "\n");
    }

    fn lines(&self, mark: char, bytes: &[u8]) {
        let mark = format!("{mark} ");
        for text in bytes.split_inclusive(|&byte| byte == b'\n') {
            let text = text.strip_suffix(b"\n").unwrap_or(text);
            let (text, end) = match text.strip_suffix(b"\r") {
                Some(text) if self.keeps_ends => (text, "\r\n"),
                bare => (bare.unwrap_or(text), "\n"),
            };
            match self.is_coloured && !self.is_raw {
                true => self.printed(&mark, &String::from_utf8_lossy(&head::coloured(text)), end),
                false => self.line(&mark, text, end),
            }
        }
    }

    fn decoded<'a>(&mut self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let Some(decoder) = &mut self.decoder else { return bytes.into() };
        let mut text = String::with_capacity(decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(0));
        let _ = decoder.decode_to_string(bytes, &mut text, false);
        text.into_bytes().into()
    }

    fn line(&self, mark: &str, text: &[u8], end: &str) {
        write_line(&self.prefix, mark, text, end);
    }

    fn printed(&self, mark: &str, text: &str, end: &str) {
        errors::write(format!("{}{mark}{text}{end}", self.prefix.text()).as_bytes());
    }

    /// Whether `event` brings content or frames. What is sent is counted; bytes of another protocol
    /// are printed.
    fn is_of_content(&mut self, event: &Event<'_>) -> bool {
        match event {
            Event::SentBody(_) | Event::Heard(_) if self.frames.have_begun() => {}
            Event::SentBody(bytes) | Event::SentHead(bytes) if self.is_raw => {
                self.lines('>', &self.redaction.head(bytes));
            }
            Event::Content(bytes) if self.is_raw => {
                let text = self.decoded(bytes);
                self.lines('<', &self.redaction.head(&text));
            }
            Event::SentBody(bytes) if !self.is_replayed => self.sent += bytes.len() as u64,
            Event::SentUnseen(count) => self.sent += count,
            Event::Received(_) | Event::Content(_) | Event::Relayed(_) => {}
            _ => return false,
        }
        true
    }
}

impl Observer for Verbose {
    fn on(&mut self, at: Instant, event: &Event<'_>) -> anyhow::Result<()> {
        self.prefix.note(event);
        let after = self.began.map_or(0.0, |began| millis(at.saturating_duration_since(began)));
        let Self { frames, prefix, .. } = self;
        frames.on(event, &mut |from, heard| frame(prefix, from, heard, after));
        if self.is_of_content(event) {
            return Ok(());
        }
        if self.sent > 0 {
            let sent = std::mem::take(&mut self.sent);
            self.note(&format!("{} of content sent", failure::bytes(sent)));
        }
        match event {
            Event::Begin(_) => (self.began, self.is_raw) = (Some(at), false),
            Event::Switched => self.is_raw = true,
            Event::Ended(ended) if ended.by != By::Us && !self.is_replayed => {
                self.note(&format!("The connection was closed {}, after {after:.1} ms", ended.words()));
            }
            Event::RequestBegins(asking) => self.is_replayed = asking.is_replayed,
            // What was saved before is no response to it.
            Event::SentHead(_) | Event::SentBody(_) if self.is_replayed => return Ok(()),
            Event::SentHead(bytes) | Event::ProxySent(bytes) => self.lines('>', &self.redaction.head(bytes)),
            Event::Interim(head) | Event::Head(head, _) | Event::ProxyHead(head) => {
                self.lines('<', &self.redaction.head(head.raw()))
            }
            Event::BeforeTls(Said::Sent(bytes)) => self.lines('>', bytes),
            Event::BeforeTls(Said::Received(bytes)) => self.lines('<', bytes),
            Event::BadHead(bad) | Event::ProxyBadHead(bad) => self.lines('<', &self.redaction.head(&bad.raw)),
            Event::End(end) => self.lines('<', &self.redaction.head(end.trailer_bytes())),
            _ => {}
        }
        let (redaction, mut lines) = (self.redaction, Vec::new());
        let mut note = |text: &str| lines.push(redaction.text(text).into_owned());
        if !self.curl.as_mut().is_some_and(|curl| curl.tell(event, &mut note)) {
            notes(event, &mut note);
        }
        lines.iter().for_each(|line| self.note(line));
        Ok(())
    }

    fn wants_content(&self) -> bool {
        self.is_raw
    }
}

/// A frame, a line for each thing that there is to say of it, `after` so many milliseconds.
fn frame(prefix: &Prefix, from: Sender, heard: Heard<'_>, after: f64) {
    let mark = if from == Sender::Client { "> " } else { "< " };
    let text = match heard {
        Heard::Frame(header, offset) => {
            format!("frame at {offset}, after {after:.1} ms: {}", header_words(&header))
        }
        Heard::Close(close) => format!("  {}", close_words(close)),
        Heard::Ping(payload) | Heard::Pong(payload) if !payload.is_empty() => {
            format!("  \"{}\"", payload.escape_ascii())
        }
        Heard::Wrong(fault, offset) => format!("  wrong at {offset}: {}", fault::words(fault)),
        _ => return,
    };
    write_line(prefix, mark, text.as_bytes(), "\n");
}

/// One write for each line, so that lines of others can't come between.
fn write_line(prefix: &Prefix, mark: &str, text: &[u8], end: &str) {
    errors::write(format!("{}{mark}{}{end}", prefix.text(), one_line(text)).as_bytes());
}

/// Says what `event` means to the connection, each line to `note`.
pub(super) fn notes(event: &Event<'_>, note: &mut dyn FnMut(&str)) {
    match event {
        Event::Dial(event) => dial(event, note),
        Event::Connected { local: None, remote: None } => {}
        Event::Connected { local, remote } => {
            let ends = remote.map(|remote| format!("Connected to {remote}"));
            let local = local.map(|local| format!(" from {local}"));
            note(&format!("{}{}", ends.unwrap_or_default(), local.unwrap_or_default()));
        }
        Event::Proxy(proxy) => note(&format!("Using the proxy {proxy}")),
        Event::Passed(to) => note(&format!("The proxy has connected to {to}")),
        Event::Secured(secured) | Event::ProxySecured(secured) => tls(secured, note),
        Event::BeforeTls(Said::Injected(bytes)) => note(&format!(
            "{} between the go-ahead and TLS, which anybody on the path may have injected (CVE-2011-0411): \"{}\"",
            failure::bytes(bytes.len() as u64),
            bytes[..bytes.len().min(MAX_INJECTED)].escape_ascii()
        )),
        Event::Agreed(agreement) => note(&format!("WebSocket: {}", agreement_words(agreement))),
        Event::Reused { local, remote, .. } => note(&reused(*local, *remote)),
        Event::Head(_, framed) => note(&format!("Framing: {} ({})", framed.framing.name(), framed.rule)),
        Event::Left(text) => note(&with_capital(text)),
        Event::Note(text) => note(text),
        Event::Withheld { name, why } => note(&format!("Cookie {} not sent: {why}", one_line(name))),
        _ => {}
    }
}

/// What becomes of a connection is a part of a sentence elsewhere.
fn with_capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect()
}

fn reused(local: Option<SocketAddr>, remote: Option<SocketAddr>) -> String {
    let to = remote.map(|remote| format!(" to {remote}"));
    let from = local.map(|local| format!(" from {local}"));
    format!("Reusing the connection{}{}", to.unwrap_or_default(), from.unwrap_or_default())
}

fn dial(event: &DialEvent<'_>, note: &mut dyn FnMut(&str)) {
    match event {
        DialEvent::Resolved { host, addresses } => {
            let list: Vec<_> = addresses.iter().map(|address| address.ip().to_string()).collect();
            note(&format!("{host} is {}", list.join(", ")));
        }
        DialEvent::Trying { address } => note(&format!("  Trying {address}...")),
        DialEvent::Failed { address, error } => note(&format!("  {address}: {}", net::reason(error))),
        DialEvent::Connected { .. } => {}
    }
}

fn tls(secured: &Secured, note: &mut dyn FnMut(&str)) {
    let said = [secured.version, secured.cipher.as_deref()].into_iter().flatten().map(str::to_owned);
    let alpn = secured.alpn.as_ref().map_or("no ALPN".to_owned(), |name| format!("ALPN {name}"));
    note(&said.chain([alpn]).collect::<Vec<_>>().join(", "));
    for (number, certificate) in secured.chain.iter().enumerate() {
        note(&format!("Certificate {number}: {}", certificate.subject));
        note(&format!("  issuer: {} ({})", certificate.issuer, issuer_words(certificate, number)));
        if !certificate.names.is_empty() {
            note(&format!("  names: {}", certificate.names.join(", ")));
        }
        note(&format!("  valid: {} to {}", certificate.not_before, certificate.not_after));
        note(&format!("  key: {}; signature: {}", certificate.key, certificate.signature));
        note(&format!("  SHA-256: {}", certificate.sha256));
        certificate.faults.iter().for_each(|fault| note(&format!("  wrong: {fault}")));
    }
    note(&verdict(secured));
}
