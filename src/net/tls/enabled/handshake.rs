//! The handshake, within its time limit, and what is said when it fails.

use std::io::{self, Read, Write};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{AlertDescription, ClientConfig, CommonState, Error, ProtocolVersion};

use super::certificate_chain;
use super::identity::Shown;
use super::records::Records;
use super::stream::TlsStream;
use super::verify::{Seen, Verifier};
use super::{Handshake, NotTls, PeerVerdict, Secured, Settings, server_name};
use super::{offer, openssl};
use crate::failure::Failure;
use crate::net::connect_limit::ConnectLimit;
use crate::net::tls::Offers;
use crate::net::wording::reason;
use crate::stream::{Stream, Timed};

/// What stops a handshake.
enum HandshakeError {
    Io(io::Error),
    Closed,
    Tls(Error),
    /// These bytes came instead.
    NotTls(Vec<u8>),
}

impl From<io::Error> for HandshakeError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Our side of a handshake.
pub(super) struct Client<'a> {
    /// Judges the peer.
    pub(super) verifier: &'a Verifier,
    /// What the peer is shown of the user.
    pub(super) shown: Arc<Shown>,
    /// The user's options for it.
    pub(super) settings: &'a Settings,
}

/// TLS around `stream`, once the handshake is done. `sent` is the name that it gives.
pub(super) fn run(
    mut stream: Box<dyn Stream>,
    config: ClientConfig,
    sent: ServerName<'static>,
    handshake: Handshake<'_>,
    client: Client<'_>,
    on: &mut dyn FnMut(&Secured),
) -> anyhow::Result<Box<dyn Stream>> {
    let Handshake { host, limit, .. } = handshake;
    let mut records = Records::new(config, sent)
        .map_err(|error| Failure::TlsHandshake.because("cannot start TLS", error))?;
    let shaken = shake(&mut records, &mut *stream, limit);
    let secured = client.verifier.take_seen().map(|seen| secured(records.state(), host, seen));
    secured.iter().for_each(on);
    match shaken {
        Ok(()) => Ok(Box::new(TlsStream::new(records, stream, client.shown))),
        Err(broken) if client.shown.is_missed() && broken.is_refusal() => {
            let why = client.shown.missing();
            Err(Failure::TlsHandshake.error(format!("TLS handshake with {host} failed: {why}")))
        }
        Err(broken) => Err(explain(broken, secured.as_ref(), &handshake, client.settings)),
    }
}

fn shake(
    records: &mut Records,
    stream: &mut dyn Stream,
    limit: Option<ConnectLimit>,
) -> Result<(), HandshakeError> {
    let until = limit.map(|limit| limit.at());
    let mut has_begun = false;
    while records.state().is_handshaking() || !records.unsent().is_empty() {
        if !records.unsent().is_empty() {
            Timed::new(stream, until)?.write_all(records.unsent())?;
            records.sent(records.unsent().len());
            continue;
        }
        let count = Timed::new(stream, until)?.read(records.room().map_err(HandshakeError::Tls)?)?;
        let bytes = records.received(count);
        if bytes.is_empty() {
            return Err(HandshakeError::Closed);
        }
        if !has_begun && !is_record(bytes) {
            return Err(HandshakeError::NotTls(bytes.to_vec()));
        }
        has_begun = true;
        if let Err(error) = records.take(&mut []) {
            // The alert that says why; the server may be gone.
            let _ = stream.write(records.unsent());
            return Err(HandshakeError::Tls(error));
        }
    }
    Ok(())
}

/// Whether `bytes` begin with a record's content type (RFC 8446 §5.1).
fn is_record(bytes: &[u8]) -> bool {
    matches!(bytes, [20..=24, ..])
}

fn secured(tls: &CommonState, host: &str, seen: Seen) -> Secured {
    Secured {
        host: host.to_owned(),
        version: tls.protocol_version().map(|version| match version {
            ProtocolVersion::TLSv1_3 => "TLSv1.3",
            ProtocolVersion::TLSv1_2 => "TLSv1.2",
            _ => "TLS",
        }),
        cipher: tls.negotiated_cipher_suite().map(offer::iana_name),
        alpn: tls.alpn_protocol().map(|name| name.escape_ascii().to_string()),
        chain: certificate_chain::read(&seen.chain, server_name(host).ok().as_ref()),
        verdict: seen.verdict,
        unproven: seen.unproven,
    }
}

/// What rawget has to offer, in words.
const OFFER: &str = "rawget speaks TLS 1.2 and 1.3 with ECDHE and AES-GCM or ChaCha20-Poly1305, \
                     not RSA key exchange, DHE or CBC";

impl HandshakeError {
    /// Whether the server refused to continue.
    fn is_refusal(&self) -> bool {
        matches!(self, Self::Tls(Error::AlertReceived(_)) | Self::Closed)
    }
}

fn explain(
    broken: HandshakeError,
    secured: Option<&Secured>,
    handshake: &Handshake<'_>,
    settings: &Settings,
) -> anyhow::Error {
    let &Handshake { host, limit, is_http, .. } = handshake;
    let host = if settings.is_proxy { format!("the proxy {host}") } else { host.to_owned() };
    let unproven = secured.and_then(|secured| secured.unproven.as_ref());
    let verdict = secured.map(|secured| &secured.verdict);
    match (broken, verdict) {
        (HandshakeError::Tls(_), Some(PeerVerdict { refusal: Some(why), number, .. })) => {
            let roots = match openssl::is_about_roots(*number) {
                true => format!("{} FILE sets the trusted roots, ", settings.option("cacert")),
                false => String::new(),
            };
            let insecure = if settings.is_proxy { "--proxy-insecure" } else { "-k" };
            Failure::ServerCertificate.error(format!(
                "the certificate of {host} cannot be trusted: {why} ({roots}{insecure} skips the check)"
            ))
        }
        (HandshakeError::Tls(_), Some(PeerVerdict { is_unpinned: true, .. })) if unproven.is_some() => {
            let why = unproven.map_or("", String::as_str);
            Failure::PinnedKey.error(format!("cannot check whether {host} has the pinned key: {why}"))
        }
        (HandshakeError::Tls(_), Some(PeerVerdict { is_unpinned: true, .. })) => {
            let option = settings.option("pinnedpubkey");
            Failure::PinnedKey.error(format!("the key of {host} does not match {option}"))
        }
        (HandshakeError::Tls(Error::InvalidMessage(_)), _) => {
            let error = NotTls { bytes: Vec::new(), is_http };
            Failure::TlsHandshake.error(format!("TLS handshake with {host} failed: {error}"))
        }
        (HandshakeError::Tls(error), _) => Failure::TlsHandshake
            .error(format!("TLS handshake with {host} failed: {}", words(&error, settings))),
        (HandshakeError::NotTls(bytes), _) => {
            let error = NotTls { bytes, is_http };
            Failure::TlsHandshake.because(format!("TLS handshake with {host} failed"), error)
        }
        (HandshakeError::Closed, _) => Failure::TlsHandshake
            .error(format!("TLS handshake with {host} failed: the connection was closed")),
        (HandshakeError::Io(error), _) => match (limit, error.kind()) {
            (Some(limit), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock) => {
                Failure::TimedOut.error(format!("TLS handshake with {host} not completed {limit}"))
            }
            _ => Failure::TlsHandshake.error(format!("TLS handshake with {host} failed: {}", reason(&error))),
        },
    }
}

/// What is offered, or the options that leave some of it out.
fn offered(settings: &Settings) -> String {
    let Offers { ciphers, tls13_ciphers, groups, signatures } = &settings.offers;
    let lists =
        [(ciphers, "ciphers"), (tls13_ciphers, "tls13-ciphers"), (groups, "curves"), (signatures, "sigalgs")];
    let named = lists.iter().filter(|(list, _)| list.is_some()).map(|(_, name)| settings.option(name));
    match named.collect::<Vec<_>>().join(", ") {
        named if named.is_empty() => OFFER.to_owned(),
        named => format!("the offer is limited by {named}"),
    }
}

fn words(error: &Error, settings: &Settings) -> String {
    match error {
        Error::AlertReceived(AlertDescription::ProtocolVersion) => {
            "it supports no allowed TLS version (1.2 and 1.3 at most)".to_owned()
        }
        Error::AlertReceived(AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity) => {
            format!("it accepts nothing that was offered: {}", offered(settings))
        }
        Error::PeerIncompatible(why) => {
            format!("nothing in common with it ({why:?}): {}", offered(settings))
        }
        Error::AlertReceived(alert) => format!("it refused with the alert {alert:?}"),
        error => error.to_string(),
    }
}
