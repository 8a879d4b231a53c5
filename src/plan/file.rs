//! Files and standard input that options name.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;

use crate::failure::Failure;
use crate::output::escape::one_line;
use crate::wait::{Input, Live};

/// Opens the file that an option names; `-` is standard input.
pub(super) fn open(path: &OsStr, option: &str) -> anyhow::Result<Box<dyn Read>> {
    if path == "-" {
        return Ok(Box::new(io::stdin()));
    }
    let file = File::open(path).and_then(|file| {
        if file.metadata()?.is_dir() { Err(io::ErrorKind::IsADirectory.into()) } else { Ok(file) }
    });
    file.map(|file| Box::new(file) as Box<dyn Read>).map_err(|error| cannot_read(path, option, error))
}

/// Opens the file of `--send`, to be read while it is sent.
pub(super) fn open_for_sending(path: &OsStr) -> anyhow::Result<Live> {
    if path == "-" {
        return standard_input();
    }
    let file = File::open(path).map_err(|error| cannot_read(path, "--send", error))?;
    Ok(Live::new(file))
}

/// Standard input, of which nothing is read ahead.
pub(super) fn standard_input() -> anyhow::Result<Live> {
    let input = io::stdin().as_fd().try_clone_to_owned();
    let failed = |error| Failure::Read.because("cannot read standard input", error);
    Ok(Live::new(File::from(input.map_err(failed)?)))
}

/// Whether what `path` names can be read only once: standard input, a pipe.
pub(super) fn is_stream(path: &OsStr) -> bool {
    path == "-" || !std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
}

/// The sizes that files have whose content is made when it is read: nothing in /proc,
/// a page in /sys.
const MADE_UP: [u64; 2] = [0, 4096];
/// Most that is read of such a file before its length is told.
const MAX_UNSIZED: u64 = 64 * 1024;

/// What is known of a file before it is read.
pub(super) enum Size {
    /// So many bytes.
    Known(u64),
    /// These bytes: what its size says of it may not be true.
    Read(Vec<u8>),
    /// Nothing: it is a named pipe, or the like, or has more than its size says.
    Unknown,
}

/// The size of the file that an option names, which must be readable.
pub(super) fn size(path: &OsStr, option: &str) -> anyhow::Result<Size> {
    let failed = |error| cannot_read(path, option, error);
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if metadata.is_dir() {
        return Err(failed(io::ErrorKind::IsADirectory.into()));
    }
    if !metadata.is_file() {
        return Ok(Size::Unknown);
    }
    let file = File::open(path).map_err(failed)?;
    if !MADE_UP.contains(&metadata.len()) {
        return Ok(Size::Known(metadata.len()));
    }
    let mut bytes = Vec::new();
    file.take(MAX_UNSIZED + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok(if bytes.len() as u64 > MAX_UNSIZED { Size::Unknown } else { Size::Read(bytes) })
}

/// The path that stands inside an option's value.
#[cfg(unix)]
pub(super) fn path_of(bytes: &[u8]) -> OsString {
    <OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes).to_owned()
}

/// The path that stands inside an option's value.
#[cfg(not(unix))]
pub(super) fn path_of(bytes: &[u8]) -> OsString {
    OsString::from(String::from_utf8_lossy(bytes).into_owned())
}

/// What one read of `input` gives.
pub(super) fn first_piece(input: &mut dyn Read) -> anyhow::Result<Vec<u8>> {
    let mut piece = vec![0; 16 * 1024];
    let length = input.read(&mut piece).map_err(|error| cannot_read(OsStr::new("-"), "--send", error))?;
    piece.truncate(length);
    Ok(piece)
}

/// Gives what it reads with CR LF for every LF that no CR precedes, up to the
/// end of the head; where there is no empty line, or `everywhere`, to the end.
pub(super) struct CrlfReader<R> {
    inner: R,
    everywhere: bool,
    mended: Vec<u8>,
    given: usize,
    last: u8,
    line_is_empty: bool,
    past_head: bool,
}

impl<R: Read> CrlfReader<R> {
    pub(super) fn new(inner: R, everywhere: bool) -> Self {
        let mended = Vec::new();
        Self { inner, everywhere, mended, given: 0, last: 0, line_is_empty: true, past_head: false }
    }

    fn mend(&mut self, byte: u8) {
        if !self.past_head && byte == b'\n' {
            if self.last != b'\r' {
                self.mended.push(b'\r');
            }
            self.past_head = self.line_is_empty && !self.everywhere;
            self.line_is_empty = true;
        } else if byte != b'\r' {
            self.line_is_empty = false;
        }
        self.last = byte;
        self.mended.push(byte);
    }
}

impl<R: Input> Input for CrlfReader<R> {
    fn live(&self) -> Option<&Live> {
        if self.given == self.mended.len() { self.inner.live() } else { None }
    }
}

impl<R: Read> Read for CrlfReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.mended.len() {
            let mut piece = [0; 4096];
            let length = self.inner.read(&mut piece)?;
            self.mended.clear();
            self.given = 0;
            piece[..length].iter().for_each(|&byte| self.mend(byte));
        }
        let count = (&self.mended[self.given..]).read(buffer)?;
        self.given += count;
        Ok(count)
    }
}

/// Reads the file that an option names, whole.
pub(super) fn read(path: &OsStr, option: &str) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path, option)?.read_to_end(&mut bytes).map_err(|error| cannot_read(path, option, error))?;
    Ok(bytes)
}

fn cannot_read(path: &OsStr, option: &str, error: io::Error) -> anyhow::Error {
    let name = one_line(path.as_encoded_bytes());
    Failure::Read.because(format!("{option}: cannot read {name}"), error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_line_feeds_of_the_head_become_crlf() {
        for (input, everywhere, expected) in [
            (
                "GET / HTTP/1.1\nHost: a\r\nX: y\n\nbody\n",
                false,
                "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\nbody\n",
            ),
            ("HELO a\nQUIT\n", false, "HELO a\r\nQUIT\r\n"),
            ("DATA\n\na\n\r\nb\n.\n", true, "DATA\r\n\r\na\r\n\r\nb\r\n.\r\n"),
        ] {
            let mut mended = String::new();
            CrlfReader::new(input.as_bytes(), everywhere).read_to_string(&mut mended).expect("text");
            assert_eq!(mended, expected);
        }
    }
}
