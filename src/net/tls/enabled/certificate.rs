//! What a certificate says, for people. What it is worth is decided in `verify`.

use std::net::IpAddr;

use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer};
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use super::{Certificate, algorithms, distinguished_name, pin};
use crate::http::base16;

/// Reads a certificate; of one that can't be read, only the hash is known.
pub(super) fn read(der: &CertificateDer<'_>) -> Certificate {
    let sha256 = base16::encode(&pin::hash(der));
    let Ok(parsed) = x509_cert::Certificate::from_der(der) else {
        let subject = "(cannot be read)".to_owned();
        return Certificate { subject, sha256, der: der.to_vec(), ..Certificate::default() };
    };
    let signature = algorithms::signature(&parsed.signature_algorithm().oid);
    let fields = parsed.tbs_certificate();
    let names = fields.get_extension::<SubjectAltName>().ok().flatten();
    Certificate {
        subject: distinguished_name::words(fields.subject()),
        issuer: distinguished_name::words(fields.issuer()),
        names: names.map(|(_, names)| names.0.iter().map(name).collect()).unwrap_or_default(),
        not_before: fields.validity().not_before.to_date_time().to_string(),
        not_after: fields.validity().not_after.to_date_time().to_string(),
        sha256,
        serial: base16::encode(fields.serial_number().as_bytes()),
        key: algorithms::key(fields.subject_public_key_info()),
        signature,
        issued_by: None,
        faults: Vec::new(),
        der: der.to_vec(),
    }
}

/// The key in a certificate of any version.
pub(super) fn public_key(der: &CertificateDer<'_>) -> Option<SubjectPublicKeyInfoDer<'static>> {
    let parsed = x509_cert::Certificate::from_der(der).ok()?;
    let info = parsed.tbs_certificate().subject_public_key_info().to_der().ok()?;
    Some(SubjectPublicKeyInfoDer::from(info))
}

/// Whether now, in seconds since 1970, lies in the time of the certificate's validity.
pub(super) fn is_valid_at(der: &CertificateDer<'_>, now: u64) -> bool {
    x509_cert::Certificate::from_der(der).is_ok_and(|parsed| {
        let validity = parsed.tbs_certificate().validity();
        let first = validity.not_before.to_unix_duration().as_secs();
        (first..=validity.not_after.to_unix_duration().as_secs()).contains(&now)
    })
}

fn name(name: &GeneralName) -> String {
    match name {
        GeneralName::DnsName(name) => name.to_string(),
        GeneralName::IpAddress(bytes) => address(bytes.as_bytes()),
        GeneralName::Rfc822Name(name) => format!("email:{name}"),
        GeneralName::UniformResourceIdentifier(name) => format!("URI:{name}"),
        GeneralName::DirectoryName(name) => format!("directory:{}", distinguished_name::words(name)),
        _ => "(another kind of name)".to_owned(),
    }
}

/// An iPAddress: 4 or 16 bytes (RFC 5280 §4.2.1.6).
fn address(bytes: &[u8]) -> String {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    let v6 = <[u8; 16]>::try_from(bytes).map(IpAddr::from);
    v4.or(v6).map_or_else(|_| "(malformed address)".to_owned(), |address| address.to_string())
}
