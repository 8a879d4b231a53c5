//! A chain of certificates as a server sent it: which certificate issued which, and what is
//! wrong with each. What they are worth is decided in `verify`.

use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use x509_cert::der::Decode;
use x509_cert::ext::pkix::BasicConstraints;
use x509_cert::{Certificate as Parsed, Version};

use super::{Certificate, algorithms, certificate};

/// Reads `chain`, sent by a server that has to be `expected`.
pub(super) fn read(chain: &[CertificateDer<'_>], expected: Option<&ServerName<'_>>) -> Vec<Certificate> {
    let mut read: Vec<_> = chain.iter().map(certificate::read).collect();
    let issuers: Vec<_> = (0..read.len()).map(|place| issuer(&read, place)).collect();
    let now = UnixTime::now().as_secs();
    for (place, &issued_by) in issuers.iter().enumerate() {
        let signs = issuers.iter().enumerate().any(|(other, by)| other != place && *by == Some(place));
        let mut faults = Vec::new();
        if place == 0 {
            faults.extend(expected.and_then(|expected| wrong_name(&chain[0], &read[0], expected)));
        }
        match Parsed::from_der(&chain[place]) {
            Ok(parsed) => faults.extend(faults_of(&parsed, &read[place], now, signs)),
            Err(error) => faults.push(format!("it cannot be read: {error}")),
        }
        read[place].issued_by = issued_by;
        read[place].faults = faults;
    }
    read
}

/// The place of the certificate that issued the one at `place`, by its name. A
/// server sends each before the one that issued it (RFC 8446 §4.4.2).
fn issuer(chain: &[Certificate], place: usize) -> Option<usize> {
    let certificate = &chain[place];
    if certificate.issuer == certificate.subject {
        return Some(place);
    }
    let after = (place + 1..chain.len()).chain(0..place);
    after.into_iter().find(|&other| chain[other].subject == certificate.issuer)
}

/// What is wrong with one certificate by itself; `signs`: it issued another one.
fn faults_of(parsed: &Parsed, read: &Certificate, now: u64, signs: bool) -> Vec<String> {
    let fields = parsed.tbs_certificate();
    let (first, last) = (&fields.validity().not_before, &fields.validity().not_after);
    let constraints = fields.get_extension::<BasicConstraints>().ok().flatten();
    let is_authority = constraints.is_some_and(|(_, constraints)| constraints.ca);
    let mut faults = Vec::new();
    let mut tell = |is_wrong: bool, text: String| faults.extend(is_wrong.then_some(text));
    tell(now < first.to_unix_duration().as_secs(), format!("it is not valid before {}", read.not_before));
    tell(now > last.to_unix_duration().as_secs(), format!("it expired on {}", read.not_after));
    tell(algorithms::is_short_key(&read.key), format!("its key is short ({})", read.key));
    tell(
        algorithms::is_weak_signature(&read.signature) && read.issuer != read.subject,
        format!("it is signed with a broken hash ({})", read.signature),
    );
    tell(fields.version() != Version::V3, "it is of an old version, without extensions".to_owned());
    tell(signs && !is_authority, "it may not sign certificates, but signed one".to_owned());
    faults
}

/// Whether the server's own certificate is for another name.
fn wrong_name(der: &CertificateDer<'_>, leaf: &Certificate, expected: &ServerName<'_>) -> Option<String> {
    let parsed = ParsedCertificate::try_from(der).ok()?;
    verify_server_name(&parsed, expected).err()?;
    Some(match leaf.names.is_empty() {
        true => format!("it has no subjectAltName, so it is not valid for {}", expected.to_str()),
        false => format!("it is not valid for {}", expected.to_str()),
    })
}
