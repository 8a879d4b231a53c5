//! The files that hold the client's certificate and key.

use std::ffi::OsStr;
use std::fs::File;

use crate::failure::Failure;
use crate::output::escape;
use crate::whole_file::read_whole;

/// What may help where PKCS #12 is given.
pub(super) const PKCS12: &str =
    "PKCS #12 is not supported; convert it with `openssl pkcs12 -in FILE -noenc -out FILE.pem`";

/// What DER begins with, and BER.
pub(super) const SEQUENCE: u8 = 0x30;

/// Whether `bytes` begin as PKCS #12 does: a SEQUENCE whose first element is the version 3
/// (RFC 7292 §4), which no certificate and no key has there.
pub(super) fn is_pkcs12(bytes: &[u8]) -> bool {
    let [SEQUENCE, length, rest @ ..] = bytes else { return false };
    let more = if *length < 0x80 { 0 } else { usize::from(length & 0x7F) };
    rest.get(more..).is_some_and(|content| content.starts_with(&[2, 1, 3]))
}

/// All of `file`.
pub(super) fn contents(option: &str, file: &OsStr) -> anyhow::Result<Vec<u8>> {
    File::open(file).and_then(read_whole).map_err(|error| unusable(option, file, error))
}

pub(super) fn unusable(
    option: &str,
    file: &OsStr,
    why: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> anyhow::Error {
    let shown = escape::value(file.as_encoded_bytes());
    Failure::ClientCertificate.because(format!("{option}: cannot use {shown}"), why)
}
