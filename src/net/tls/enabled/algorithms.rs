//! The names of keys and signatures in certificates (RFC 3279, RFC 5480, RFC 8410).

use x509_cert::der::asn1::{AnyRef, UintRef};
use x509_cert::der::{Decode, Reader};
use x509_cert::spki::{ObjectIdentifier, SubjectPublicKeyInfoOwned};

/// Signatures by their object identifiers.
const SIGNATURES: [(&str, &str); 13] = [
    ("1.2.840.113549.1.1.4", "MD5 with RSA"),
    ("1.2.840.113549.1.1.5", "SHA-1 with RSA"),
    ("1.2.840.113549.1.1.10", "RSA-PSS"),
    ("1.2.840.113549.1.1.11", "SHA-256 with RSA"),
    ("1.2.840.113549.1.1.12", "SHA-384 with RSA"),
    ("1.2.840.113549.1.1.13", "SHA-512 with RSA"),
    ("1.2.840.10040.4.3", "SHA-1 with DSA"),
    ("1.2.840.10045.4.1", "SHA-1 with ECDSA"),
    ("1.2.840.10045.4.3.2", "SHA-256 with ECDSA"),
    ("1.2.840.10045.4.3.3", "SHA-384 with ECDSA"),
    ("1.2.840.10045.4.3.4", "SHA-512 with ECDSA"),
    ("1.3.101.112", "Ed25519"),
    ("1.3.101.113", "Ed448"),
];

/// Curves by their object identifiers.
const CURVES: [(&str, &str); 4] = [
    ("1.2.840.10045.3.1.7", "P-256"),
    ("1.3.132.0.34", "P-384"),
    ("1.3.132.0.35", "P-521"),
    ("1.3.132.0.10", "secp256k1"),
];

/// RSA keys with fewer bits are not to be trusted (NIST SP 800-57 part 1).
const LEAST_RSA_BITS: usize = 2048;

/// What a certificate is signed with.
pub(super) fn signature(oid: &ObjectIdentifier) -> String {
    name(&SIGNATURES, oid)
}

/// Whether a signature is made with a hash that is broken.
pub(super) fn is_weak_signature(name: &str) -> bool {
    name.starts_with("MD5") || name.starts_with("SHA-1 ")
}

/// What key a certificate holds.
pub(super) fn key(info: &SubjectPublicKeyInfoOwned) -> String {
    match info.algorithm.oid.to_string().as_str() {
        "1.2.840.113549.1.1.1" => match rsa_bits(info) {
            Some(bits) => format!("RSA {bits}"),
            None => "RSA".to_owned(),
        },
        "1.2.840.10045.2.1" => {
            let parameters = info.algorithm.parameters.as_ref();
            let curve = parameters.and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
            format!(
                "EC {}",
                curve.map_or_else(|| "of an unnamed curve".to_owned(), |oid| name(&CURVES, &oid))
            )
        }
        "1.2.840.10040.4.1" => "DSA".to_owned(),
        "1.3.101.112" => "Ed25519".to_owned(),
        "1.3.101.113" => "Ed448".to_owned(),
        other => other.to_owned(),
    }
}

/// Whether a key, by its name, is too short.
pub(super) fn is_short_key(name: &str) -> bool {
    let bits = name.strip_prefix("RSA ").and_then(|bits| bits.parse::<usize>().ok());
    bits.is_some_and(|bits| bits < LEAST_RSA_BITS)
}

/// The length of the modulus (RFC 8017 §A.1.1).
fn rsa_bits(info: &SubjectPublicKeyInfoOwned) -> Option<usize> {
    let bytes = info.subject_public_key.as_bytes()?;
    let key = AnyRef::from_der(bytes).ok()?;
    key.sequence(|reader| {
        let modulus: UintRef<'_> = reader.decode()?;
        let _exponent: UintRef<'_> = reader.decode()?;
        let zeros = modulus.as_bytes().first().map_or(0, |first| first.leading_zeros() as usize);
        Ok::<_, x509_cert::der::Error>(modulus.as_bytes().len() * 8 - zeros)
    })
    .ok()
}

fn name(known: &[(&str, &str)], oid: &ObjectIdentifier) -> String {
    let oid = oid.to_string();
    known.iter().find(|(number, _)| *number == oid).map_or(oid, |(_, name)| (*name).to_owned())
}
