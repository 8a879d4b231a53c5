//! The names under which standard output and standard error can be opened as files.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;

/// Standard output or standard error, where `path` is a name of it. Opening that would begin at the
/// start of the file that the shell has put there, and replacing would put another in its place.
pub(super) fn own_stream(path: &OsStr) -> Option<io::Result<File>> {
    let stream = match path.to_str()? {
        "/dev/stdout" | "/dev/fd/1" | "/proc/self/fd/1" => io::stdout().as_fd().try_clone_to_owned(),
        "/dev/stderr" | "/dev/fd/2" | "/proc/self/fd/2" => io::stderr().as_fd().try_clone_to_owned(),
        _ => return None,
    };
    Some(stream.map(File::from))
}
