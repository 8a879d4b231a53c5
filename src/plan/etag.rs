//! `--etag-compare`: the entity tags that a file holds, as `--etag-save` wrote them.

use std::ffi::OsStr;
use std::io::{ErrorKind, Read};

use super::input_file;
use super::usage_error::usage;
use crate::failure::Failure;
use crate::http::syntax::trim_ows;
use crate::output::escape::one_line;

/// Most that is read of such a file: a field line of it still fits what servers take.
const MAX_TAGS: u64 = 8 * 1024;
/// What stands for no tag at all, so that nothing matches: curl's word for it.
const NONE: &[u8] = b"\"\"";

/// Refuses the options for entity tags where they stand with several requests.
pub(super) fn refuse_several(are_several: bool) -> anyhow::Result<()> {
    if are_several {
        return Err(usage("--etag-save, --etag-compare", "can be used only with a single request"));
    }
    Ok(())
}

/// The value of If-None-Match that the file at `path` gives: its first line, or
/// the empty tag where there is none, or no file.
pub(super) fn read(path: &OsStr) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = input_file::path_of(path.as_encoded_bytes());
    let read = std::fs::File::open(read).and_then(|file| file.take(MAX_TAGS).read_to_end(&mut bytes));
    if let Err(error) = read
        && error.kind() != ErrorKind::NotFound
    {
        let name = one_line(path.as_encoded_bytes());
        return Err(Failure::Read.because(format!("--etag-compare: cannot read {name}"), error));
    }
    let line = bytes.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let line = trim_ows(line.strip_suffix(b"\r").unwrap_or(line));
    if line.iter().any(|byte| byte.is_ascii_control()) {
        let name = one_line(path.as_encoded_bytes());
        return Err(Failure::Usage.error(format!("--etag-compare: {name} contains a control byte")));
    }
    Ok(if line.is_empty() { NONE.to_vec() } else { line.to_vec() })
}
