//! Whether a server has the key of its certificate: its signature over the handshake
//! (RFC 8446 §4.4.3, RFC 5246 §7.4.3), checked here if nothing else checks the
//! certificate (`-k`), so that old certificates and short keys will do.

use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use rustls::pki_types::CertificateDer;
use rustls::{DigitallySignedStruct, SignatureScheme};
use x509_cert::der::Decode;

use super::algorithms;

/// What a signature proves.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// The server has the key.
    Given,
    /// The server does not have the key.
    Wrong,
    /// Nothing, since it cannot be checked; why.
    Unknown(String),
}

/// Schemes that are offered in addition to those that the library checks, where nobody
/// checks the certificate.
pub(super) const OLD_SCHEMES: [SignatureScheme; 3] = [
    SignatureScheme::ECDSA_NISTP521_SHA512,
    SignatureScheme::RSA_PKCS1_SHA1,
    SignatureScheme::ECDSA_SHA1_Legacy,
];

/// What `signed`, over `message`, proves for the server of this certificate.
pub(super) fn check(
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
) -> Proof {
    let Ok(parsed) = x509_cert::Certificate::from_der(certificate) else {
        return Proof::Unknown("its certificate cannot be read".to_owned());
    };
    let info = parsed.tbs_certificate().subject_public_key_info();
    let key = algorithms::key(info);
    let Some(algorithm) = algorithm(signed.scheme, &key) else {
        return Proof::Unknown(format!("a signature {:?} by a key {key}", signed.scheme));
    };
    let public = UnparsedPublicKey::new(algorithm, info.subject_public_key.raw_bytes());
    if public.verify(message, signed.signature()).is_ok() { Proof::Given } else { Proof::Wrong }
}

/// How a signature of this scheme by this key, in words, is checked; `None` where it cannot be.
fn algorithm(scheme: SignatureScheme, key: &str) -> Option<&'static dyn VerificationAlgorithm> {
    let bits = key.strip_prefix("RSA ").map_or(0, |bits| bits.parse::<usize>().unwrap_or(0));
    let (is_rsa, is_long) = ((1024..=8192).contains(&bits), (2048..=8192).contains(&bits));
    Some(match (scheme, key) {
        (SignatureScheme::RSA_PKCS1_SHA1, _) if is_rsa => {
            &signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY
        }
        (SignatureScheme::RSA_PKCS1_SHA256, _) if is_rsa => {
            &signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY
        }
        (SignatureScheme::RSA_PKCS1_SHA512, _) if is_rsa => {
            &signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY
        }
        (SignatureScheme::RSA_PKCS1_SHA384, _) if is_long => &signature::RSA_PKCS1_2048_8192_SHA384,
        (SignatureScheme::RSA_PSS_SHA256, _) if is_long => &signature::RSA_PSS_2048_8192_SHA256,
        (SignatureScheme::RSA_PSS_SHA384, _) if is_long => &signature::RSA_PSS_2048_8192_SHA384,
        (SignatureScheme::RSA_PSS_SHA512, _) if is_long => &signature::RSA_PSS_2048_8192_SHA512,
        (SignatureScheme::ECDSA_NISTP256_SHA256, "EC P-256") => &signature::ECDSA_P256_SHA256_ASN1,
        (SignatureScheme::ECDSA_NISTP256_SHA256, "EC P-384") => &signature::ECDSA_P384_SHA256_ASN1,
        (SignatureScheme::ECDSA_NISTP384_SHA384, "EC P-256") => &signature::ECDSA_P256_SHA384_ASN1,
        (SignatureScheme::ECDSA_NISTP384_SHA384, "EC P-384") => &signature::ECDSA_P384_SHA384_ASN1,
        (SignatureScheme::ED25519, "Ed25519") => &signature::ED25519,
        _ => return None,
    })
}
