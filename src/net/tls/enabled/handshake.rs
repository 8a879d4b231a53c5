//! The handshake, within its time limit, and what is said when it fails.

use std::io;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{AlertDescription, ClientConfig, ClientConnection, Error, ProtocolVersion};

use super::below::Below;
use super::chain;
use super::stream::TlsStream;
use super::verify::{Seen, Verifier};
use super::{Handshake, Secured, Verdict, server_name};
use crate::failure::Failure;
use crate::net::{Limit, reason};
use crate::stream::{Stream, Timed};

/// What stops a handshake.
enum Broken {
    Io(io::Error),
    Closed,
    Tls(Error),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// TLS around `stream`, once the handshake is done. `sent` is the name that it gives.
pub(super) fn run(
    stream: Box<dyn Stream>,
    config: ClientConfig,
    sent: ServerName<'static>,
    handshake: Handshake<'_>,
    verifier: &Verifier,
    on: &mut dyn FnMut(&Secured),
) -> anyhow::Result<Box<dyn Stream>> {
    let Handshake { host, limit, .. } = handshake;
    let mut tls = ClientConnection::new(Arc::new(config), sent)
        .map_err(|error| Failure::TlsHandshake.because("cannot begin TLS", error))?;
    let mut below = Below::new(stream);
    let shaken = shake(&mut tls, &mut below, limit);
    let verdict = verifier.take_seen().map(|seen| {
        let secured = secured(&tls, host, seen);
        on(&secured);
        secured.verdict
    });
    match shaken {
        Ok(()) => Ok(Box::new(TlsStream::new(tls, below))),
        Err(broken) => Err(explain(broken, verdict, host, limit)),
    }
}

fn shake(tls: &mut ClientConnection, below: &mut Below, limit: Option<Limit>) -> Result<(), Broken> {
    let until = limit.map(|limit| limit.at());
    while tls.is_handshaking() || tls.wants_write() {
        if tls.wants_write() {
            tls.write_tls(&mut Timed::new(below.stream_mut(), until)?)?;
            continue;
        }
        let mut bytes = below.fill_until(until)?;
        if bytes.is_empty() {
            return Err(Broken::Closed);
        }
        let taken = tls.read_tls(&mut bytes)?;
        below.consume(taken);
        if let Err(error) = tls.process_new_packets() {
            // The alert that says why; the server may be gone.
            let _ = tls.write_tls(&mut below.stream_mut());
            return Err(Broken::Tls(error));
        }
    }
    Ok(())
}

fn secured(tls: &ClientConnection, host: &str, seen: Seen) -> Secured {
    Secured {
        host: host.to_owned(),
        version: tls.protocol_version().map(|version| match version {
            ProtocolVersion::TLSv1_3 => "TLSv1.3",
            ProtocolVersion::TLSv1_2 => "TLSv1.2",
            _ => "TLS",
        }),
        cipher: tls.negotiated_cipher_suite().map(|suite| format!("{:?}", suite.suite())),
        alpn: tls.alpn_protocol().map(|name| name.escape_ascii().to_string()),
        chain: chain::read(&seen.chain, server_name(host).ok().as_ref()),
        verdict: seen.verdict,
    }
}

fn explain(broken: Broken, verdict: Option<Verdict>, host: &str, limit: Option<Limit>) -> anyhow::Error {
    match (broken, verdict) {
        (Broken::Tls(_), Some(Verdict::Refused(why))) => Failure::ServerCertificate.error(format!(
            "the certificate is not to be trusted as that of {host}: {why} \
             (--cacert FILE names who may sign, -k trusts anybody)"
        )),
        (Broken::Tls(_), Some(Verdict::NotPinned)) => {
            Failure::PinnedKey.error(format!("the key of {host} is none of those that --pinnedpubkey names"))
        }
        (Broken::Tls(error), _) => {
            Failure::TlsHandshake.error(format!("no TLS handshake with {host}: {}", words(&error)))
        }
        (Broken::Closed, _) => Failure::TlsHandshake
            .error(format!("no TLS handshake with {host}: the connection was closed in the middle of it")),
        (Broken::Io(error), _) => match (limit, error.kind()) {
            (Some(limit), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock) => {
                Failure::TimedOut.error(format!("no TLS handshake with {host} {limit}"))
            }
            _ => Failure::TlsHandshake.error(format!("no TLS handshake with {host}: {}", reason(&error))),
        },
    }
}

fn words(error: &Error) -> String {
    match error {
        Error::InvalidMessage(_) => "what came is not TLS (http:// is without TLS)".to_owned(),
        Error::AlertReceived(AlertDescription::ProtocolVersion) => {
            "the server speaks none of the versions that may be used, which are TLS 1.2 and 1.3 at most"
                .to_owned()
        }
        Error::AlertReceived(alert) => format!("the server refuses, with the alert {alert:?}"),
        Error::PeerIncompatible(why) => format!("no common ground with the server: {why:?}"),
        error => error.to_string(),
    }
}
