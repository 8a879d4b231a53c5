//! `-v`: what is done (`*`), sent (`>`) and received (`<`), line by line on
//! standard error, as curl prints it but harmless for a terminal.

use std::io::{self, Write};
use std::time::Instant;

use super::redact::Redaction;
use crate::event::{Event, Observer};
use crate::net::tls::{Secured, Verdict};
use crate::net::{self, DialEvent};
use crate::output::escape::one_line;

/// Writes the lines of `-v`.
#[derive(Default)]
pub(crate) struct Verbose {
    redaction: Redaction,
    is_replayed: bool,
}

impl Verbose {
    /// `-v`, with secrets starred or not.
    pub(crate) fn new(redaction: Redaction) -> Self {
        Self { redaction, is_replayed: false }
    }
}

impl Observer for Verbose {
    fn on(&mut self, _at: Instant, event: &Event<'_>) {
        match event {
            Event::Asking(asking) => self.is_replayed = asking.is_replayed,
            // What was saved before is no answer to it.
            Event::SentHead(_) | Event::SentBody(_) if self.is_replayed => return,
            Event::SentHead(bytes) | Event::ProxySent(bytes) => lines('>', &self.redaction.head(bytes)),
            Event::SentBody(bytes) if !bytes.is_empty() => {
                note(&format!("{} bytes of content sent", bytes.len()))
            }
            Event::Interim(head) | Event::Head(head, _) | Event::ProxyHead(head) => {
                lines('<', &self.redaction.head(head.raw()))
            }
            Event::BadHead(bad) => lines('<', &self.redaction.head(&bad.raw)),
            Event::End(end) => lines('<', &self.redaction.head(end.trailer_bytes())),
            _ => {}
        }
        notes(event, &mut |text| note(text));
    }

    fn wants_content(&self) -> bool {
        false
    }
}

/// Says what `event` means to the connection, each line to `note`.
pub(super) fn notes(event: &Event<'_>, note: &mut dyn FnMut(&str)) {
    match event {
        Event::Dial(event) => dial(event, note),
        Event::Connected { local, remote } => {
            let ends = remote.map(|remote| format!("Connected to {remote}"));
            let local = local.map(|local| format!(" from {local}"));
            note(&format!("{}{}", ends.unwrap_or_default(), local.unwrap_or_default()));
        }
        Event::Proxy(proxy) => note(&format!("By the proxy {proxy}")),
        Event::Passed(to) => note(&format!("The proxy has connected to {to}")),
        Event::Secured(secured) | Event::ProxySecured(secured) => tls(secured, note),
        Event::Reused { .. } => note("Using the open connection again"),
        Event::Head(_, framed) => note(&format!("Framing: {} ({})", framed.framing.name(), framed.rule)),
        Event::Left(text) | Event::Note(text) => note(text),
        _ => {}
    }
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
        note(&format!("  issuer: {}", certificate.issuer));
        if !certificate.names.is_empty() {
            note(&format!("  names: {}", certificate.names.join(", ")));
        }
        note(&format!("  valid: {} to {}", certificate.not_before, certificate.not_after));
        note(&format!("  SHA-256: {}", certificate.sha256));
    }
    let host = &secured.host;
    note(&match &secured.verdict {
        Verdict::Trusted => format!("The certificate is that of {host}, and trusted"),
        Verdict::Unchecked => format!("Nobody checked whether the certificate is that of {host} (-k)"),
        Verdict::Refused(why) => format!("The certificate is not to be trusted as that of {host}: {why}"),
        Verdict::NotPinned => format!("The key of {host} is none of those that --pinnedpubkey names"),
    });
}

fn note(text: &str) {
    line("* ", text.as_bytes());
}

fn lines(mark: char, bytes: &[u8]) {
    let mark = format!("{mark} ");
    for text in bytes.split_inclusive(|&byte| byte == b'\n') {
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        line(&mark, text.strip_suffix(b"\r").unwrap_or(text));
    }
}

/// One write for each line, so that lines of others can't come between.
fn line(mark: &str, text: &[u8]) {
    let _ = io::stderr().write_all(format!("{mark}{}\n", one_line(text)).as_bytes());
}
