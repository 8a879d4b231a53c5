//! `--certs`: the certificates that servers sent, in PEM, trusted or not.

use std::ffi::OsString;
use std::time::Instant;

use crate::event::{Event, Observer};
use crate::failure::Failure;
use crate::http::base64;
use crate::net::tls::{Certificate, Secured};
use crate::output::escape::one_line;
use crate::output::{Sink, errors};

/// Characters in a line of PEM (RFC 7468 §2).
const WIDTH: usize = 64;

/// Saves the chain of each server, one behind the other.
pub(crate) struct Certs {
    path: OsString,
    /// The file, made when there is something to write.
    sink: Option<Sink>,
    /// The chain that was saved last, for a server that is connected to again.
    last: Vec<Certificate>,
}

impl Certs {
    /// Into the file `path`, `-` for standard output.
    pub(super) fn new(path: OsString) -> Self {
        Self { path, sink: None, last: Vec::new() }
    }

    fn save(&mut self, secured: &Secured) -> anyhow::Result<()> {
        if secured.chain == self.last {
            return Ok(());
        }
        self.last.clone_from(&secured.chain);
        let sink = match &mut self.sink {
            Some(sink) => sink,
            none => none.insert(match self.path.to_str() {
                Some("-") => Sink::standard_output()?,
                _ => Sink::create(&self.path)?,
            }),
        };
        secured.chain.iter().enumerate().try_for_each(|(place, certificate)| {
            let subject = one_line(certificate.subject.as_bytes());
            let issuer = one_line(certificate.issuer.as_bytes());
            let title = format!(
                "{} {place}\nsubject: {subject}\nissuer: {issuer}\n",
                one_line(secured.host.as_bytes())
            );
            sink.write((title + &pem(&certificate.der)).as_bytes())
        })
    }
}

impl Observer for Certs {
    fn on(&mut self, _at: Instant, event: &Event<'_>) -> anyhow::Result<()> {
        if let Event::Secured(secured) = event { self.save(secured) } else { Ok(()) }
    }

    fn wants_content(&self) -> bool {
        false
    }

    fn finish(&mut self) -> anyhow::Result<Option<Failure>> {
        if self.sink.is_none() {
            errors::write_line("--certs: no server sent a certificate; nothing is saved");
        }
        Ok(None)
    }
}

/// A certificate in PEM (RFC 7468 §5).
pub(super) fn pem(der: &[u8]) -> String {
    let text = base64::encode(der);
    let mut pem = "-----BEGIN CERTIFICATE-----\n".to_owned();
    for line in text.as_bytes().chunks(WIDTH) {
        pem.extend(line.iter().map(|&byte| char::from(byte)));
        pem.push('\n');
    }
    pem + "-----END CERTIFICATE-----\n"
}
