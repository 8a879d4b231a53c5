//! TLS by rustls, with ring's cryptography.

mod algorithms;
mod certificate;
mod certificate_chain;
mod distinguished_name;
mod handshake;
mod identity;
mod intake;
mod key;
mod key_file;
mod offer;
mod openssl;
mod pem_problem;
mod pin;
mod proof;
mod records;
mod revoked;
mod stream;
mod trust;
mod verify;

use std::cell::OnceCell;
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::pki_types::{IpAddr, ServerName};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, KeyLogFile, SupportedProtocolVersion};

use super::{Certificate, NotTls, PeerVerdict, Secured, Settings, Sni, Versions};
use crate::failure::Failure;
use crate::net::{self, ConnectLimit};
use crate::stream::Stream;
use handshake::Client;
use identity::Shown;
use pin::Pins;
use revoked::Revoked;
use trust::Trust;
use verify::Verifier;

/// How `--version` lists it.
pub(crate) const NAME: &str = "+tls";
/// Whether this build has it.
pub(crate) const IS_BUILT: bool = true;

/// The one protocol that is offered where HTTP is spoken (RFC 7301).
const ALPN: &[u8] = b"http/1.1";

/// What one handshake is to do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Handshake<'a> {
    /// The peer.
    host: &'a str,
    /// HTTP is spoken behind it; for anything else no protocol is offered.
    is_http: bool,
    /// The client certificate is shown where the peer asks for one.
    shows_certificate: bool,
    /// When it must be done.
    limit: Option<ConnectLimit>,
}

impl<'a> Handshake<'a> {
    /// One with `host`, before HTTP; the client certificate is shown where the peer asks for one.
    pub(crate) fn http(host: &'a str, limit: Option<ConnectLimit>) -> Self {
        Self { host, is_http: true, shows_certificate: true, limit }
    }

    /// Sets whether HTTP follows the handshake, and whether it shows the client's certificate.
    pub(crate) fn before(self, is_http: bool, shows_certificate: bool) -> Self {
        Self { is_http, shows_certificate, ..self }
    }
}

impl Settings {
    /// The option `--NAME`, as it is called for this peer.
    pub(crate) fn option(&self, name: &str) -> String {
        if self.is_proxy { format!("--proxy-{name}") } else { format!("--{name}") }
    }
}

/// Makes TLS connections, as the user's options say.
#[derive(Debug)]
pub(crate) struct Tls {
    settings: Settings,
    prepared: OnceCell<Prepared>,
}

/// What all connections have in common, read from files once.
#[derive(Debug)]
struct Prepared {
    config: ClientConfig,
    identity: Option<Arc<CertifiedKey>>,
    /// One that no server satisfies, of which each connection's own is made.
    verifier: Verifier,
}

impl Tls {
    pub(crate) fn new(settings: Settings) -> Self {
        Self { settings, prepared: OnceCell::new() }
    }

    /// Reads the files that options name, so that what is wrong with them is
    /// known before anything is connected to. The system's roots are read when
    /// a server's certificate has come, and only then.
    pub(crate) fn prepare(&self) -> anyhow::Result<()> {
        self.prepared().map(|_| ())
    }

    /// What makes a connection another one.
    pub(crate) fn identity(&self) -> Settings {
        self.settings.clone()
    }

    /// Whether there is a client certificate to show.
    pub(crate) fn shows_certificate(&self) -> bool {
        self.settings.certificate.is_some()
    }

    /// TLS around `stream`. `on` hears what the handshake came to, if a certificate came at all.
    pub(crate) fn wrap(
        &self,
        stream: Box<dyn Stream>,
        handshake: Handshake<'_>,
        on: &mut dyn FnMut(&Secured),
    ) -> anyhow::Result<Box<dyn Stream>> {
        let prepared = self.prepared()?;
        let expected = server_name(handshake.host)?;
        let sent = match &self.settings.sni {
            Sni::Name(name) => ServerName::try_from(name.clone())
                .map_err(|_| Failure::Usage.error("--sni: not a valid TLS server name"))?,
            Sni::Host | Sni::Absent => expected.clone(),
        };
        let verifier = Arc::new(prepared.verifier.for_host(expected));
        let mut config = prepared.config.clone();
        config.alpn_protocols = match &self.settings.alpn {
            Some(names) => names.clone(),
            None if handshake.is_http => vec![ALPN.to_vec()],
            None => Vec::new(),
        };
        let certified = prepared.identity.clone().filter(|_| handshake.shows_certificate);
        let shown = Arc::new(Shown::new(certified, self.settings.is_proxy));
        config.client_auth_cert_resolver = Arc::clone(&shown) as _;
        if self.shows_certificate() && !handshake.shows_certificate {
            // A session that is resumed is that of the certificate it was made with.
            config.resumption = Resumption::disabled();
        }
        config.dangerous().set_certificate_verifier(Arc::clone(&verifier) as _);
        handshake::run(
            stream,
            config,
            sent,
            handshake,
            Client { verifier: &verifier, shown, settings: &self.settings },
            on,
        )
    }

    fn prepared(&self) -> anyhow::Result<&Prepared> {
        if let Some(prepared) = self.prepared.get() {
            return Ok(prepared);
        }
        let prepared = Prepared::new(&self.settings)?;
        Ok(self.prepared.get_or_init(|| prepared))
    }
}

impl Prepared {
    fn new(settings: &Settings) -> anyhow::Result<Self> {
        let (provider, signatures) = offer::provider(settings)?;
        let trust = Arc::new(Trust::new(settings)?);
        let pins = Arc::new(Pins::read(settings)?);
        let revoked = Revoked::read(settings)?.map(Arc::new);
        let verifier = Verifier::nobody(trust, pins, revoked, settings, signatures);
        let identity = identity::read(settings, &provider)?;
        let builder = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&versions(settings.versions))
            .map_err(|error| Failure::TlsHandshake.because("no TLS version is left to use", error))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier.clone()));
        let mut config = builder.with_no_client_auth();
        config.enable_sni = settings.sni != Sni::Absent;
        if settings.logs_keys {
            config.key_log = Arc::new(KeyLogFile::new());
        }
        Ok(Self { config, identity, verifier })
    }
}

fn versions(versions: Versions) -> Vec<&'static SupportedProtocolVersion> {
    let all = [(versions.tls13, &rustls::version::TLS13), (versions.tls12, &rustls::version::TLS12)];
    all.into_iter().filter(|(is_spoken, _)| *is_spoken).map(|(_, version)| version).collect()
}

/// The name or address that a certificate for `host` has to have.
fn server_name(host: &str) -> anyhow::Result<ServerName<'static>> {
    if let Some(address) = net::address::numeric(host) {
        return Ok(ServerName::IpAddress(IpAddr::from(address)));
    }
    ServerName::try_from(host.to_owned())
        .map_err(|_| Failure::TlsHandshake.error("no certificate can be valid for a host name of this form"))
}

#[cfg(test)]
mod tests;
