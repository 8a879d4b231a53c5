//! Files that are read whole, and must not be too large for that.

use std::io::{self, Read};

/// Most that is read of a file of options, URLs, field lines, cookies, certificates or the like: no list that
/// was written for it is as large, and a device that never ends is refused in a moment.
pub(crate) const MAX_WHOLE: u64 = 64 << 20;

/// All of `file`; an error where that is over [`MAX_WHOLE`].
pub(crate) fn read_whole(file: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(MAX_WHOLE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_WHOLE {
        return Err(io::Error::other(format!("it is larger than {} MiB", MAX_WHOLE >> 20)));
    }
    Ok(bytes)
}
