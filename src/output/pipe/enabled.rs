use std::fs::File;

/// How `--version` lists it.
pub(crate) const NAME: &str = "+pipe";

/// The largest size that Linux gives an unprivileged process by default.
const SIZE: usize = 1 << 20;

/// Sets the size of the pipe `file` to [`SIZE`]; where that is refused, the
/// pipe stays as it is, and only speed is lost.
pub(crate) fn enlarge(file: &File) {
    let _ = rustix::pipe::fcntl_setpipe_size(file, SIZE);
}
