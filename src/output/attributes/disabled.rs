//! Without rustix, or where the system is not known to have them.

use std::fs::File;
use std::io;

/// Whether this build has it.
pub(crate) const IS_BUILT: bool = false;

/// Fails: there is no way to set one.
pub(crate) fn set(_file: &File, _name: &str, _value: &[u8]) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
