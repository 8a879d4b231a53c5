//! No hash functions: the build has no feature `extras`.

use super::Algorithm;

/// This feature, as `--version` lists it.
pub(crate) const NAME: &str = "-hash";
/// Whether this build has it.
pub(crate) const IS_BUILT: bool = false;

/// A digest that no build without the feature can begin.
pub(crate) enum Hasher {}

impl Hasher {
    /// `None`.
    pub(crate) fn new(_: Algorithm) -> Option<Self> {
        None
    }

    /// Takes more bytes.
    pub(crate) fn update(&mut self, _: &[u8]) {
        match *self {}
    }

    /// The digest.
    pub(crate) fn finish(self) -> Vec<u8> {
        match self {}
    }
}
