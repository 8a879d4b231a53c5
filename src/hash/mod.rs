//! Digests of bytes given in any pieces. Nothing here knows what they are for.

#[cfg(not(feature = "extras"))]
#[path = "disabled.rs"]
mod imp;
#[cfg(feature = "extras")]
#[path = "enabled.rs"]
mod imp;

pub(crate) use imp::{Hasher, IS_BUILT, NAME};

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// MD5 (RFC 1321).
    Md5,
    /// SHA-256 (FIPS 180-4).
    Sha256,
    /// SHA-512 (FIPS 180-4).
    Sha512,
    /// SHA-512/256 (FIPS 180-4), whose start values are its own.
    Sha512_256,
}

/// The digest of `bytes`; `None` in a build without the feature `extras`.
pub(crate) fn digest(algorithm: Algorithm, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut hasher = Hasher::new(algorithm)?;
    hasher.update(bytes);
    Some(hasher.finish())
}
