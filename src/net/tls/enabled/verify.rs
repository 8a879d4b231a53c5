//! Whether a server is who it says (RFC 9525, RFC 5280), and a record of what
//! it showed, which is kept even if it is refused.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, PeerMisbehaved, SignatureScheme};

use super::pin::Pins;
use super::proof::{self, Proof};
use super::revoked::Revoked;
use super::trust::Trust;
use super::{Certificate, PeerVerdict, Settings};
use super::{certificate, openssl};

impl PeerVerdict {
    /// Everything is as it should be.
    pub(super) const TRUSTED: Self = Self { is_checked: true, refusal: None, is_unpinned: false, number: 0 };
    /// `-k`: not checked.
    pub(super) const UNCHECKED: Self = Self { is_checked: false, ..Self::TRUSTED };
    const NOT_PINNED: Self = Self { is_unpinned: true, ..Self::TRUSTED };

    fn refused(why: String, number: u8) -> Self {
        Self { refusal: Some(why), number, ..Self::TRUSTED }
    }
}

/// What `-k` offers that TLS 1.3 has no use for.
const OLD_IN_TLS13: [SignatureScheme; 5] = [
    SignatureScheme::RSA_PKCS1_SHA1,
    SignatureScheme::ECDSA_SHA1_Legacy,
    SignatureScheme::RSA_PKCS1_SHA256,
    SignatureScheme::RSA_PKCS1_SHA384,
    SignatureScheme::RSA_PKCS1_SHA512,
];

/// Judges one server's certificate.
#[derive(Debug)]
pub(super) struct Verifier {
    /// The name that the certificate must be for; `None`: no certificate is accepted.
    expected: Option<ServerName<'static>>,
    trust: Arc<Trust>,
    pins: Arc<Pins>,
    revoked: Option<Arc<Revoked>>,
    insecure: bool,
    /// What is wrong is found out even if nothing is refused for it (`-k`).
    numbers: bool,
    algorithms: WebPkiSupportedAlgorithms,
    /// The signatures that the handshake may have, in the order of preference.
    signatures: Vec<SignatureScheme>,
    seen: Mutex<Option<Seen>>,
}

/// What a server showed.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) verdict: PeerVerdict,
    /// Why it is unknown whether it has the certificate's key, if it is.
    pub(super) unproven: Option<String>,
}

impl Verifier {
    /// A verifier that no server satisfies, until [`Self::for_host`] names one.
    pub(super) fn nobody(
        trust: Arc<Trust>,
        pins: Arc<Pins>,
        revoked: Option<Arc<Revoked>>,
        settings: &Settings,
        signatures: Vec<SignatureScheme>,
    ) -> Self {
        let Settings { insecure, numbers, .. } = *settings;
        let algorithms = ring::default_provider().signature_verification_algorithms;
        let seen = Mutex::default();
        Self { expected: None, trust, pins, revoked, insecure, numbers, algorithms, signatures, seen }
    }

    /// A verifier of the certificate of the server `expected`.
    pub(super) fn for_host(&self, expected: ServerName<'static>) -> Self {
        Self { expected: Some(expected), ..self.clone() }
    }

    /// What the server has shown, if it came that far.
    pub(super) fn take_seen(&self) -> Option<Seen> {
        self.seen().take()
    }

    fn seen(&self) -> MutexGuard<'_, Option<Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Chain, validity and name.
    fn judge(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), Error> {
        let parsed = ParsedCertificate::try_from(leaf)?;
        self.judge_chain(&parsed, leaf, others, now)?;
        match &self.expected {
            Some(expected) => verify_server_name(&parsed, expected),
            None => Err(CertificateError::ApplicationVerificationFailure.into()),
        }
    }

    /// Chain and validity, of which `-k` has the number told.
    fn judge_chain(
        &self,
        parsed: &ParsedCertificate<'_>,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), Error> {
        // A certificate that the user names is trusted as it is: those that
        // people make for themselves often claim to be a CA's, which no
        // server's may.
        if self.trust.names(leaf) {
            if !certificate::is_valid_at(leaf, now.as_secs()) {
                return Err(CertificateError::Expired.into());
            }
        } else {
            let (roots, algorithms) = (self.trust.roots(), self.algorithms.all);
            verify_server_cert_signed_by_trust_anchor(parsed, roots, others, now, algorithms)?;
            if let (Some(revoked), Some(expected)) = (&self.revoked, &self.expected) {
                revoked.judge(roots, leaf, others, expected, now)?;
            }
        }
        Ok(())
    }

    /// The number of what is wrong with a certificate that is not refused for it.
    fn unchecked_number(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> u8 {
        if !self.numbers {
            return 0;
        }
        let judged =
            ParsedCertificate::try_from(leaf).and_then(|parsed| self.judge_chain(&parsed, leaf, others, now));
        judged.err().map_or(0, |error| openssl::number(&error, leaf, others))
    }

    /// The verdict, and what to tell rustls.
    fn decide(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> (PeerVerdict, Result<(), Error>) {
        if !self.insecure
            && let Err(error) = self.judge(leaf, others, now)
        {
            let why = self.reason(&error, &certificate::read(leaf));
            return (PeerVerdict::refused(why, openssl::number(&error, leaf, others)), Err(error));
        }
        // Without a key to compare, only the absence of pins allows it.
        let pinned = self.pins.allow(&certificate::public_key(leaf).unwrap_or_else(|| Vec::new().into()));
        match (pinned, self.insecure) {
            (false, _) => {
                (PeerVerdict::NOT_PINNED, Err(CertificateError::ApplicationVerificationFailure.into()))
            }
            (true, true) => {
                let number = self.unchecked_number(leaf, others, now);
                (PeerVerdict { number, ..PeerVerdict::UNCHECKED }, Ok(()))
            }
            (true, false) => (PeerVerdict::TRUSTED, Ok(())),
        }
    }

    /// Whether the server has the key of a certificate that was not checked. Where that
    /// cannot be told it goes on, unless the key is pinned: a pin is worth nothing then.
    fn judge_proof(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let why = match proof::check(message, certificate, signed) {
            Proof::Given => return Ok(HandshakeSignatureValid::assertion()),
            Proof::Wrong => return Err(CertificateError::BadSignature.into()),
            Proof::Unknown(why) => why,
        };
        let is_pinned = self.pins.are_given();
        if let Some(seen) = self.seen().as_mut() {
            seen.unproven = Some(why);
            if is_pinned {
                seen.verdict = PeerVerdict::NOT_PINNED;
            }
        }
        match is_pinned {
            true => Err(CertificateError::ApplicationVerificationFailure.into()),
            false => Ok(HandshakeSignatureValid::assertion()),
        }
    }

    /// Refuses a signature that was not offered (`--sigalgs`).
    fn refuse_unasked(&self, scheme: SignatureScheme) -> Result<(), Error> {
        if self.signatures.contains(&scheme) {
            return Ok(());
        }
        Err(Error::PeerMisbehaved(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme))
    }

    /// Why a certificate is refused, in words.
    fn reason(&self, error: &Error, leaf: &Certificate) -> String {
        let Error::InvalidCertificate(error) = error else { return error.to_string() };
        let is_about_issuer = matches!(error, CertificateError::UnknownIssuer | CertificateError::Other(_));
        if is_about_issuer && leaf.issuer == leaf.subject {
            return format!("it is self-signed ({})", leaf.subject);
        }
        match error {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                format!(
                    "it or one of its issuers has expired: valid from {} to {}",
                    leaf.not_before, leaf.not_after
                )
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                format!("it is not valid before {}", leaf.not_before)
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                wrong_name(leaf)
            }
            CertificateError::UnknownIssuer => {
                format!("its issuer is not trusted: {}", leaf.issuer)
            }
            CertificateError::Other(other) => webpki_reason(&other.to_string()),
            CertificateError::BadEncoding => "it is malformed".to_owned(),
            CertificateError::BadSignature => "its signature is wrong".to_owned(),
            CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
                "it is not meant for servers".to_owned()
            }
            CertificateError::Revoked => "it or one of its issuers is revoked".to_owned(),
            CertificateError::UnknownRevocationStatus => {
                "--crlfile has no list from one of its issuers".to_owned()
            }
            CertificateError::ExpiredRevocationList
            | CertificateError::ExpiredRevocationListContext { .. } => {
                "a list in --crlfile has expired".to_owned()
            }
            other => other.to_string(),
        }
    }
}

fn wrong_name(leaf: &Certificate) -> String {
    let names = leaf.names.iter().take(8).cloned().collect::<Vec<_>>().join(", ");
    let more = if leaf.names.len() > 8 { ", ..." } else { "" };
    match leaf.names.is_empty() {
        true => format!("it has no subjectAltName, and {} is ignored", leaf.subject),
        false => format!("it is for {names}{more}"),
    }
}

/// What the names of webpki's errors mean.
fn webpki_reason(name: &str) -> String {
    let words = match name {
        "CaUsedAsEndEntity" => "it is a certificate authority's, not a server's",
        "EndEntityUsedAsCa" => "it is signed by a certificate that may not sign certificates",
        "UnsupportedCertVersion" => "its X.509 version has no server names",
        other => other,
    };
    words.to_owned()
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let (verdict, answer) = self.decide(leaf, others, now);
        let chain = std::iter::once(leaf).chain(others).map(|one| one.clone().into_owned()).collect();
        *self.seen() = Some(Seen { chain, verdict, unproven: None });
        answer.map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.refuse_unasked(signed.scheme)?;
        if self.insecure {
            return self.judge_proof(message, certificate, signed);
        }
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.refuse_unasked(signed.scheme)?;
        // Schemes of TLS 1.2 are no schemes of 1.3 (RFC 8446 §4.2.3): the library refuses them.
        if self.insecure && !OLD_IN_TLS13.contains(&signed.scheme) {
            return self.judge_proof(message, certificate, signed);
        }
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.signatures.clone()
    }
}

impl Clone for Verifier {
    /// What a server has shown is not the copy's.
    fn clone(&self) -> Self {
        Self {
            expected: self.expected.clone(),
            trust: Arc::clone(&self.trust),
            pins: Arc::clone(&self.pins),
            revoked: self.revoked.clone(),
            insecure: self.insecure,
            numbers: self.numbers,
            algorithms: self.algorithms,
            signatures: self.signatures.clone(),
            seen: Mutex::default(),
        }
    }
}
