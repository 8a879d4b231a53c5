//! The key of the client's certificate: PEM or DER, as it is or encrypted in the
//! form of PKCS #8 (RFC 5958 §3, RFC 8018 §6.2).

use std::ffi::OsStr;

use pkcs8::EncryptedPrivateKeyInfoRef;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::identity::{PKCS12, contents, unusable};
use crate::http::base64;
use crate::net::tls::KeyForm;

/// Around an encrypted key in PEM form (RFC 7468 §11).
const BEGIN: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
const END: &str = "-----END ENCRYPTED PRIVATE KEY-----";
/// In what OpenSSL wrote before it wrote PKCS #8.
const OLD_ENCRYPTED: &str = "Proc-Type: 4,ENCRYPTED";

/// The key in `file`, which `option` names; opened with `password` where it is encrypted.
pub(super) fn read(
    file: &OsStr,
    option: &str,
    form: KeyForm,
    password: Option<&OsStr>,
) -> anyhow::Result<PrivateKeyDer<'static>> {
    let bytes = contents(option, file)?;
    if form == KeyForm::Pkcs12 {
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
        Err(_) if text.contains(OLD_ENCRYPTED) => {
            let why = "it is encrypted in an unsupported form; convert it with \
                       `openssl pkcs8 -topk8 -in FILE -out FILE.p8` and use --pass";
            Err(unusable(option, file, why))
        }
        Err(pem::Error::NoItemsFound) => match encrypted(&text) {
            Some(der) => open(file, option, &der, password),
            None => Err(unusable(option, file, "it contains no PEM private key")),
        },
        Err(error) => Err(unusable(option, file, error)),
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
    let info = EncryptedPrivateKeyInfoRef::try_from(der)
        .map_err(|_| unusable(option, file, "it is malformed or not a key"))?;
    let Some(password) = password else {
        return Err(unusable(option, file, "the key is encrypted; use --pass for its passphrase"));
    };
    let opened = info.decrypt(password.as_encoded_bytes()).map_err(|error| {
        unusable(option, file, format!("the passphrase is wrong or the key is malformed ({error})"))
    })?;
    Ok(PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(opened.as_bytes().to_vec())))
}
