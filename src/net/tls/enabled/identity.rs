//! The client's own certificate and key, for servers that ask for them.

use std::ffi::{OsStr, OsString};
use std::fs;

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::Settings;
use crate::failure::Failure;
use crate::net::tls::KeyForm;
use crate::output::escape::one_line;

/// The chain in `file`, and the key in a file of its own or the same.
pub(super) fn read(
    file: &OsStr,
    settings: &Settings,
) -> anyhow::Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)> {
    let (file, _) = split_password(file);
    let option = settings.option("cert");
    let bytes = fs::read(&file).map_err(|error| unusable(&option, &file, error))?;
    let chain = match settings.certificate_form {
        KeyForm::Der => vec![CertificateDer::from(bytes)],
        KeyForm::Pem => CertificateDer::pem_slice_iter(&bytes)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| unusable(&option, &file, error))?,
    };
    if chain.is_empty() {
        return Err(unusable(&option, &file, "it holds no certificate in PEM form"));
    }
    let key = match &settings.key {
        Some(key) => read_key(key, &settings.option("key"), settings.key_form)?,
        None => read_key(&file, &option, settings.key_form)?,
    };
    Ok((chain, key))
}

fn read_key(file: &OsStr, option: &str, form: KeyForm) -> anyhow::Result<PrivateKeyDer<'static>> {
    let bytes = fs::read(file).map_err(|error| unusable(option, file, error))?;
    if form == KeyForm::Der {
        return PrivateKeyDer::try_from(bytes).map_err(|error| unusable(option, file, error));
    }
    PrivateKeyDer::from_pem_slice(&bytes).map_err(|error| match error {
        pem::Error::NoItemsFound if is_encrypted(&bytes) => {
            let help = "its key is encrypted, and cannot be read: openssl pkey -in FILE writes it without a passphrase";
            unusable(option, file, help)
        }
        pem::Error::NoItemsFound => unusable(option, file, "it holds no private key in PEM form"),
        error => unusable(option, file, error),
    })
}

/// Whether a key in PEM form is encrypted (RFC 7468 §11, RFC 1421 §4.6.1.1).
fn is_encrypted(pem: &[u8]) -> bool {
    let has = |mark: &[u8]| pem.windows(mark.len()).any(|window| window == mark);
    has(b"BEGIN ENCRYPTED PRIVATE KEY") || has(b"Proc-Type: 4,ENCRYPTED")
}

/// As curl: `FILE:PASSWORD`, where a backslash makes a colon part of the name.
fn split_password(value: &OsStr) -> (OsString, bool) {
    let Some(text) = value.to_str() else { return (value.to_owned(), false) };
    let mut name = String::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' if characters.peek().is_some_and(|next| ":\\".contains(*next)) => {
                name.extend(characters.next());
            }
            ':' => return (name.into(), true),
            character => name.push(character),
        }
    }
    (name.into(), false)
}

fn unusable(
    option: &str,
    file: &OsStr,
    why: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> anyhow::Error {
    let shown = one_line(file.as_encoded_bytes());
    Failure::ClientCertificate.because(format!("{option}: cannot use {shown}"), why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_follows_the_first_bare_colon() {
        for (value, name, has_password) in
            [("a.pem", "a.pem", false), ("a.pem:x:y", "a.pem", true), ("a\\:b\\\\c\\d:", "a:b\\c\\d", true)]
        {
            assert_eq!(split_password(OsStr::new(value)), (name.into(), has_password), "{value}");
        }
    }
}
