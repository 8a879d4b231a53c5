//! The key of the client's certificate: PEM or DER, as it is or encrypted in the
//! form of PKCS #8 (RFC 5958 §3, RFC 8018 §6.2).

use std::ffi::OsStr;

use pkcs8::EncryptedPrivateKeyInfoRef;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::key_file::{PKCS12, contents, is_pkcs12, unusable};
use super::pem_problem;
use crate::http::base64;
use crate::net::tls::KeyForm;

/// Around an encrypted key in PEM form (RFC 7468 §11).
const BEGIN: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
const END: &str = "-----END ENCRYPTED PRIVATE KEY-----";
/// In what OpenSSL wrote before it wrote PKCS #8.
const OLD_ENCRYPTED: &str = "Proc-Type: 4,ENCRYPTED";

/// Of the schemes that encrypt PKCS #8 otherwise than RFC 8018 §6.2: what their object
/// identifiers begin with, in PKCS #12 (RFC 7292, appendix C) and in RFC 8018 §6.1.
const OLD_SCHEMES: [&[u8]; 2] = [
    &[0x06, 0x0A, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x0C, 0x01],
    &[0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x05],
];
/// The identifier stands within so many bytes.
const LONGEST_START: usize = 32;
const OTHERWISE_ENCRYPTED: &str = "it is encrypted in an unsupported form; convert it with \
                                   `openssl pkcs8 -topk8 -in FILE -out FILE.p8` and use --pass";

/// The key in `file`, which `option` names; opened with `password` where it is encrypted.
pub(super) fn read(
    file: &OsStr,
    option: &str,
    form: KeyForm,
    password: Option<&OsStr>,
) -> anyhow::Result<PrivateKeyDer<'static>> {
    let bytes = contents(option, file)?;
    if form == KeyForm::Pkcs12 || is_pkcs12(&bytes) {
        return Err(unusable(option, file, PKCS12));
    }
    if form == KeyForm::Der {
        return match PrivateKeyDer::try_from(&bytes[..]) {
            Ok(key) if EncryptedPrivateKeyInfoRef::try_from(&bytes[..]).is_err() => Ok(key.clone_key()),
            _ => open(file, option, &bytes, password),
        };
    }
    let text = String::from_utf8_lossy(&bytes);
    match PrivateKeyDer::from_pem_slice(&bytes) {
        Ok(key) => Ok(key),
        Err(_) if text.contains(OLD_ENCRYPTED) => Err(unusable(option, file, OTHERWISE_ENCRYPTED)),
        Err(pem::Error::NoItemsFound) => match encrypted(&text) {
            Some(der) => open(file, option, &der, password),
            None => Err(unusable(option, file, "it contains no PEM private key")),
        },
        Err(error) => Err(unusable(option, file, pem_problem::in_words(&error))),
    }
}

/// The bytes of the encrypted key in `text`.
fn encrypted(text: &str) -> Option<Vec<u8>> {
    let (_, rest) = text.split_once(BEGIN)?;
    let (inside, _) = rest.split_once(END)?;
    let digits: Vec<u8> = inside.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    base64::decode(&digits)
}

fn open(
    file: &OsStr,
    option: &str,
    der: &[u8],
    password: Option<&OsStr>,
) -> anyhow::Result<PrivateKeyDer<'static>> {
    let info = EncryptedPrivateKeyInfoRef::try_from(der).map_err(|_| {
        let start = &der[..der.len().min(LONGEST_START)];
        let is_encrypted = OLD_SCHEMES.iter().any(|oid| start.windows(oid.len()).any(|part| part == *oid));
        unusable(
            option,
            file,
            if is_encrypted { OTHERWISE_ENCRYPTED } else { "it is malformed or not a key" },
        )
    })?;
    let Some(password) = password else {
        return Err(unusable(option, file, "the key is encrypted; use --pass for its passphrase"));
    };
    let opened = info.decrypt(password.as_encoded_bytes()).map_err(|error| {
        unusable(option, file, format!("the passphrase is wrong or the key is malformed ({error})"))
    })?;
    Ok(PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(opened.as_bytes().to_vec())))
}
