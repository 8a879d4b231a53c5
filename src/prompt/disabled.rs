use std::io;

/// How `--version` lists it.
pub(crate) const NAME: &str = "-prompt";

/// Always an error.
pub(crate) fn password(_question: &str) -> io::Result<Vec<u8>> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "this build cannot prompt (feature `extras`)"))
}
