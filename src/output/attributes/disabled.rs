//! Without rustix, or on a system that is not known to have extended attributes.

use std::fs::File;
use std::io;

/// Whether this build can set attributes.
pub(crate) const IS_BUILT: bool = false;

/// Always fails.
pub(crate) fn set(_file: &File, _name: &str, _value: &[u8]) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
