//! `--pinnedpubkey`: the keys that a server may have, whichever CA signed them.

use std::fs::File;

use ring::digest;
use rustls::pki_types::SubjectPublicKeyInfoDer;
use rustls::pki_types::pem::{PemObject, SectionKind};

use super::Settings;
use crate::failure::{Failure, in_words};
use crate::output::escape;
use crate::whole_file::read_whole;

/// How a hash begins, where the value is no file's name.
const PREFIX: &str = "sha256//";

/// SHA-256 hashes of the keys; none: any key will do.
#[derive(Debug, Default)]
pub(super) struct Pins(Option<Vec<[u8; 32]>>);

impl Pins {
    /// Reads `sha256//HASH;sha256//HASH…`, or the key in a PEM or DER file.
    pub(super) fn read(settings: &Settings) -> anyhow::Result<Self> {
        let Some(value) = settings.pins.as_deref() else { return Ok(Self::default()) };
        let unusable = |why: &str| {
            let shown = escape::value(value.as_encoded_bytes());
            let option = settings.option("pinnedpubkey");
            Failure::PinnedKey.error(format!("{option}: cannot use {shown}: {why}"))
        };
        if let Some(list) = value.to_str().filter(|text| text.starts_with(PREFIX)) {
            let hashes = list.split(';').map(|item| item.strip_prefix(PREFIX).and_then(decode));
            let hashes = hashes.collect::<Option<_>>();
            return Ok(Self(Some(hashes.ok_or_else(|| unusable("not a list of sha256//HASH"))?)));
        }
        let read = File::open(value).and_then(read_whole);
        let bytes = read.map_err(|error| unusable(&in_words(&error)))?;
        let key = match SubjectPublicKeyInfoDer::from_pem_slice(&bytes) {
            Ok(key) => key.to_vec(),
            // DER begins with the tag of a SEQUENCE.
            Err(_) if bytes.first() == Some(&0x30) => bytes,
            Err(_) => return Err(unusable("it contains no PEM or DER public key")),
        };
        Ok(Self(Some(vec![hash(&key)])))
    }

    /// Whether there are any.
    pub(super) fn are_given(&self) -> bool {
        self.0.is_some()
    }

    /// Whether a server with the key `key` is one of those meant.
    pub(super) fn allow(&self, key: &SubjectPublicKeyInfoDer<'_>) -> bool {
        self.0.as_ref().is_none_or(|hashes| hashes.contains(&hash(key)))
    }
}

/// SHA-256.
pub(super) fn hash(bytes: &[u8]) -> [u8; 32] {
    let mut sum = [0; 32];
    sum.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    sum
}

/// 32 bytes in Base64. The PEM reader knows that coding, and is given a section of it.
fn decode(hash: &str) -> Option<[u8; 32]> {
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{hash}\n-----END PUBLIC KEY-----\n");
    let section = <(SectionKind, Vec<u8>)>::from_pem_slice(pem.as_bytes()).ok()?;
    section.1.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pins: Option<&str>) -> anyhow::Result<Pins> {
        Pins::read(&Settings { pins: pins.map(Into::into), ..Settings::default() })
    }

    #[test]
    fn hashes_are_read_and_compared() {
        let key = SubjectPublicKeyInfoDer::from(&b"key"[..]);
        let good = "sha256//LHDhK3oGRvkiefQnx7OOczTY5Tic/xZ6HcMOc/gmtoM=";
        for (value, allows) in [
            (good.to_owned(), true),
            (format!("sha256//{}=;{good}", "A".repeat(43)), true),
            (format!("sha256//{}=", "A".repeat(43)), false),
        ] {
            assert_eq!(read(Some(&value)).unwrap().allow(&key), allows, "{value}");
        }
        assert!(read(None).unwrap().allow(&key));
    }

    #[test]
    fn what_is_no_hash_is_refused() {
        for value in ["sha256//", "sha256//AAAA", "sha256//x;", "/no/such/file", ""] {
            assert!(read(Some(value)).is_err(), "{value}");
        }
    }
}
