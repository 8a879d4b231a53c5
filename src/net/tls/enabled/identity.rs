//! The client's own certificate and key, for servers that request them.

use std::ffi::{OsStr, OsString};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::key_file::{PKCS12, SEQUENCE, contents, is_pkcs12, unusable};
use super::{Settings, certificate, key, pem_problem};
use crate::failure::Failure;
use crate::net::tls::KeyForm;

/// The certificate as it is shown on one connection, and whether that was requested.
#[derive(Debug)]
pub(super) struct Shown {
    certified: Option<Arc<CertifiedKey>>,
    was_asked: AtomicBool,
    is_to_proxy: bool,
}

impl Shown {
    pub(super) fn new(certified: Option<Arc<CertifiedKey>>, is_to_proxy: bool) -> Self {
        Self { certified, was_asked: AtomicBool::new(false), is_to_proxy }
    }

    /// What is said where the peer ends a connection that brings no certificate.
    pub(super) fn missing(&self) -> &'static str {
        if self.is_to_proxy {
            "the proxy requests a client certificate (use --proxy-cert FILE)"
        } else {
            "the server requests a client certificate (use -E FILE)"
        }
    }

    /// Whether the peer has requested a certificate, and there was none to show.
    pub(super) fn is_missed(&self) -> bool {
        self.certified.is_none() && self.was_asked.load(Ordering::Relaxed)
    }
}

impl ResolvesClientCert for Shown {
    fn resolve(&self, _hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.was_asked.store(true, Ordering::Relaxed);
        self.certified.clone()
    }

    fn has_certs(&self) -> bool {
        self.certified.is_some()
    }
}

/// The certificate and the key that the options name; `None` without one.
pub(super) fn read(
    settings: &Settings,
    provider: &CryptoProvider,
) -> anyhow::Result<Option<Arc<CertifiedKey>>> {
    let Some(value) = &settings.certificate else { return Ok(None) };
    let option = settings.option("cert");
    let (file, password) = split_password(value);
    let chain = chain(&file, &option, settings.certificate_form)?;
    let password = settings.passphrase.clone().or(password);
    let key = match &settings.key {
        Some(key) => key::read(key, &settings.option("key"), settings.key_form, password.as_deref())?,
        None => key::read(&file, &option, settings.key_form, password.as_deref())?,
    };
    certified(chain, key, &option, provider).map(Some)
}

/// `chain` with `key`, which has to be that of its first certificate, of whatever version that is.
fn certified(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    option: &str,
    provider: &CryptoProvider,
) -> anyhow::Result<Arc<CertifiedKey>> {
    let unusable = format!("{option}: the key cannot be used");
    let signing = provider
        .key_provider
        .load_private_key(key)
        .map_err(|error| Failure::ClientCertificate.because(unusable, error))?;
    let own = chain.first().and_then(certificate::public_key);
    let fits = match (own, signing.public_key()) {
        (Some(own), Some(key)) => own == key,
        // If it cannot be told here, the server will tell.
        _ => true,
    };
    if !fits {
        let unfit = format!("{option}: the certificate and the key do not match");
        return Err(Failure::ClientCertificate.error(unfit));
    }
    Ok(Arc::new(CertifiedKey::new(chain, signing)))
}

fn chain(file: &OsStr, option: &str, form: KeyForm) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let bytes = contents(option, file)?;
    if form == KeyForm::Pkcs12 || is_pkcs12(&bytes) {
        return Err(unusable(option, file, PKCS12));
    }
    if form == KeyForm::Der {
        return match bytes.first() {
            Some(&SEQUENCE) => Ok(vec![CertificateDer::from(bytes)]),
            _ => Err(unusable(option, file, "it is not a DER certificate")),
        };
    }
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&bytes)
        .collect::<Result<_, _>>()
        .map_err(|error| unusable(option, file, pem_problem::in_words(&error)))?;
    match chain.is_empty() {
        true if bytes.first() == Some(&SEQUENCE) => {
            Err(unusable(option, file, format!("it is not PEM; use {option}-type DER for a DER certificate")))
        }
        true => Err(unusable(option, file, "it contains no PEM certificate")),
        false => Ok(chain),
    }
}

/// As curl: `FILE:PASSWORD`, where a backslash makes a colon part of the name.
fn split_password(value: &OsStr) -> (OsString, Option<OsString>) {
    let Some(text) = value.to_str() else { return (value.to_owned(), None) };
    let mut name = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' if characters.as_str().starts_with([':', '\\']) => name.extend(characters.next()),
            ':' => return (name.into(), Some(characters.as_str().into())),
            character => name.push(character),
        }
    }
    (name.into(), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_follows_the_first_bare_colon() {
        for (value, name, password) in [
            ("a.pem", "a.pem", None),
            ("a.pem:x:y", "a.pem", Some("x:y")),
            ("a\\:b\\\\c\\d:", "a:b\\c\\d", Some("")),
        ] {
            assert_eq!(
                split_password(OsStr::new(value)),
                (name.into(), password.map(OsString::from)),
                "{value}"
            );
        }
    }
}
