//! The numbers by which OpenSSL calls what is wrong with a certificate, which
//! `%{ssl_verify_result}` gives.

use rustls::pki_types::CertificateDer;
use rustls::{CertificateError, Error};

use super::certificate;

const UNSPECIFIED: u8 = 1;
const UNABLE_TO_GET_CRL: u8 = 3;
const BAD_SIGNATURE: u8 = 7;
const NOT_YET_VALID: u8 = 9;
const EXPIRED: u8 = 10;
const CRL_EXPIRED: u8 = 12;
const SELF_SIGNED: u8 = 18;
const SELF_SIGNED_IN_CHAIN: u8 = 19;
const UNKNOWN_ISSUER: u8 = 20;
const REVOKED: u8 = 23;
const INVALID_PURPOSE: u8 = 26;

/// The number for `error` about `leaf`, which came with `others`.
pub(super) fn number(error: &Error, leaf: &CertificateDer<'_>, others: &[CertificateDer<'_>]) -> u8 {
    let Error::InvalidCertificate(error) = error else { return UNSPECIFIED };
    match error {
        CertificateError::UnknownIssuer | CertificateError::Other(_) if is_self_signed(leaf) => SELF_SIGNED,
        CertificateError::UnknownIssuer if others.iter().any(is_self_signed) => SELF_SIGNED_IN_CHAIN,
        CertificateError::UnknownIssuer => UNKNOWN_ISSUER,
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => EXPIRED,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => NOT_YET_VALID,
        CertificateError::BadSignature => BAD_SIGNATURE,
        CertificateError::Revoked => REVOKED,
        CertificateError::UnknownRevocationStatus => UNABLE_TO_GET_CRL,
        CertificateError::ExpiredRevocationList | CertificateError::ExpiredRevocationListContext { .. } => {
            CRL_EXPIRED
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => INVALID_PURPOSE,
        _ => UNSPECIFIED,
    }
}

/// Whether other trusted roots may make a certificate with this number acceptable.
pub(super) fn is_about_roots(number: u8) -> bool {
    [BAD_SIGNATURE, SELF_SIGNED, SELF_SIGNED_IN_CHAIN, UNKNOWN_ISSUER].contains(&number)
}

fn is_self_signed(certificate: &CertificateDer<'_>) -> bool {
    let read = certificate::read(certificate);
    read.issuer == read.subject
}
