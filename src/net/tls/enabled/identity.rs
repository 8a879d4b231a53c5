//! The client's own certificate and key, for servers that ask for them.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::failure::Failure;
use crate::output::escape::one_line;

/// The chain in `file`, and the key in `key` or the same file.
pub(super) fn read(
    file: &OsStr,
    key: Option<&OsStr>,
) -> anyhow::Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)> {
    let (file, password) = split_password(file);
    let chain: Vec<_> = CertificateDer::pem_file_iter(Path::new(&file))
        .and_then(Iterator::collect)
        .map_err(|error| unusable("--cert", &file, error))?;
    if chain.is_empty() {
        return Err(unusable("--cert", &file, "it holds no certificate in PEM form"));
    }
    let (key, option) = key.map_or((file.as_os_str(), "--cert"), |key| (key, "--key"));
    let key = PrivateKeyDer::from_pem_file(Path::new(key)).map_err(|error| match error {
        pem::Error::NoItemsFound => {
            let encrypted = if password { ", or it is encrypted, which is not supported" } else { "" };
            unusable(option, key, format!("it holds no private key in PEM form{encrypted}"))
        }
        error => unusable(option, key, error),
    })?;
    Ok((chain, key))
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
