//! The hash functions of the crates `md-5` and `sha2`.

use sha2::Digest;

use super::Algorithm;

/// This feature, as `--version` lists it.
pub(crate) const NAME: &str = "+hash";
/// Whether this build has it.
pub(crate) const IS_BUILT: bool = true;

/// A digest being made.
pub(crate) enum Hasher {
    Md5(md5::Md5),
    Sha256(sha2::Sha256),
    Sha512(sha2::Sha512),
    Sha512_256(sha2::Sha512_256),
}

impl Hasher {
    /// Begins a digest; `None` in a build without hash functions.
    pub(crate) fn new(algorithm: Algorithm) -> Option<Self> {
        Some(match algorithm {
            Algorithm::Md5 => Self::Md5(md5::Md5::new()),
            Algorithm::Sha256 => Self::Sha256(sha2::Sha256::new()),
            Algorithm::Sha512 => Self::Sha512(sha2::Sha512::new()),
            Algorithm::Sha512_256 => Self::Sha512_256(sha2::Sha512_256::new()),
        })
    }

    /// Takes more bytes.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Md5(state) => state.update(bytes),
            Self::Sha256(state) => state.update(bytes),
            Self::Sha512(state) => state.update(bytes),
            Self::Sha512_256(state) => state.update(bytes),
        }
    }

    /// The digest: 16, 32 or 64 bytes.
    pub(crate) fn finish(self) -> Vec<u8> {
        match self {
            Self::Md5(state) => state.finalize().to_vec(),
            Self::Sha256(state) => state.finalize().to_vec(),
            Self::Sha512(state) => state.finalize().to_vec(),
            Self::Sha512_256(state) => state.finalize().to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Algorithm, digest};

    #[test]
    fn digests_of_abc_are_those_of_the_standards() {
        let hex = |algorithm| -> String {
            digest(algorithm, b"abc").unwrap_or_default().iter().map(|byte| format!("{byte:02x}")).collect()
        };
        assert_eq!(hex(Algorithm::Md5), "900150983cd24fb0d6963f7d28e17f72");
        assert!(hex(Algorithm::Sha256).starts_with("ba7816bf8f01cfea414140de5dae2223"));
        assert!(hex(Algorithm::Sha512).starts_with("ddaf35a193617abacc417349ae204131"));
    }
}
