//! Files and standard input that options name.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;

use super::standard_input;
use crate::failure::Failure;
use crate::http::request_ends::announced_length;
use crate::output::escape;
use crate::standard_streams::is_input_closed;
use crate::wait::{Input, Live, wait_to_read};
use crate::whole_file::read_whole;

/// Opens the file that an option names; `-` is standard input.
pub(super) fn open(path: &OsStr, option: &str) -> anyhow::Result<Box<dyn Read>> {
    if path == "-" {
        if is_input_closed() {
            return Err(Failure::Read.error(format!("{option}: cannot read standard input: it is closed")));
        }
        return Ok(Box::new(StandardInput));
    }
    let file = File::open(path).and_then(|file| {
        if file.metadata()?.is_dir() { Err(io::ErrorKind::IsADirectory.into()) } else { Ok(file) }
    });
    file.map(|file| Box::new(file) as Box<dyn Read>).map_err(|error| cannot_read(path, option, error))
}

/// Standard input, which is waited for where another process has made it nonblocking.
struct StandardInput;

impl Read for StandardInput {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut input = io::stdin();
        loop {
            match input.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => wait_to_read(input.as_fd())?,
                other => return other,
            }
        }
    }
}

/// Opens the file of `--send`, to be read while it is sent.
pub(super) fn open_for_sending(path: &OsStr) -> anyhow::Result<Live> {
    if path == "-" {
        return standard_input::open();
    }
    let file = File::open(path).map_err(|error| cannot_read(path, "--send", error))?;
    Ok(Live::new(file))
}

/// Whether what `path` names can be read only once: standard input, a pipe.
pub(super) fn is_stream(path: &OsStr) -> bool {
    path == "-" || !std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
}

/// The sizes that files have whose content is made when it is read: nothing in /proc,
/// a page in /sys.
const MADE_UP: [u64; 2] = [0, 4096];
/// Most that is read of such a file before its length is told: the longest lists of /proc.
const MAX_UNSIZED: u64 = 16 << 20;

/// What is known of a file before it is read.
pub(super) enum Size {
    /// A number of bytes.
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
pub(super) fn path_of(bytes: &[u8]) -> OsString {
    <OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes).to_owned()
}

/// Reads one input after the other.
pub(super) struct Joined(pub(super) VecDeque<Box<dyn Input>>);

impl Input for Joined {
    fn live(&self) -> Option<&Live> {
        self.0.front()?.live()
    }

    fn file(&self) -> Option<(&File, u64)> {
        self.0.front()?.file()
    }

    fn has_moved(&mut self, count: u64) {
        self.0.front_mut().into_iter().for_each(|input| input.has_moved(count));
    }

    fn pipe(&self) -> Option<&File> {
        self.0.front()?.pipe()
    }
}

impl Read for Joined {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(input) = self.0.front_mut() else { return Ok(0) };
        match input.read(buffer)? {
            0 if !buffer.is_empty() && self.0.len() > 1 => {
                self.0.pop_front();
                // The next one may have to be waited for.
                Err(io::ErrorKind::Interrupted.into())
            }
            count => Ok(count),
        }
    }
}

/// Reads bytes that were read of `input` before, then the rest of it.
pub(super) struct ReadAhead {
    pub(super) bytes: io::Cursor<Vec<u8>>,
    pub(super) input: Box<dyn Input>,
}

impl ReadAhead {
    fn rest(&self) -> Option<&dyn Input> {
        let is_over = self.bytes.position() >= self.bytes.get_ref().len() as u64;
        is_over.then_some(&*self.input)
    }
}

impl Input for ReadAhead {
    fn live(&self) -> Option<&Live> {
        self.rest()?.live()
    }

    fn pipe(&self) -> Option<&File> {
        self.rest()?.pipe()
    }
}

impl Read for ReadAhead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.bytes.read(buffer)? {
            0 => self.input.read(buffer),
            count => Ok(count),
        }
    }
}

/// Gives what it reads with CR LF for every LF that no CR precedes, in the head of
/// each request, or `everywhere`.
pub(super) struct CrlfReader<R> {
    inner: R,
    mended: Vec<u8>,
    given: usize,
    place: MendingPlace,
    /// The line under way, as it came, or its beginning.
    line: Vec<u8>,
    /// The head under way, or its beginning.
    head: Vec<u8>,
}

/// Where a reader is in what it mends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MendingPlace {
    /// In what is mended to its end.
    Everywhere,
    Head,
    /// In content that has so many bytes to come.
    Content(usize),
    /// Behind what is announced: a head follows where a line begins one.
    Between,
}

/// Most of a line, and of a head, that is looked at.
const MAX_LOOKED_AT: usize = 64 * 1024;

impl<R: Read> CrlfReader<R> {
    pub(super) fn new(inner: R, everywhere: bool) -> Self {
        let place = if everywhere { MendingPlace::Everywhere } else { MendingPlace::Head };
        Self { inner, mended: Vec::new(), given: 0, place, line: Vec::new(), head: Vec::new() }
    }

    fn mend(&mut self, byte: u8) {
        if let MendingPlace::Content(left) = self.place {
            self.mended.push(byte);
            self.place = if left > 1 { MendingPlace::Content(left - 1) } else { MendingPlace::Between };
            return;
        }
        if byte == b'\n' {
            return self.end_line();
        }
        self.mended.push(byte);
        if self.line.len() < MAX_LOOKED_AT {
            self.line.push(byte);
        }
    }

    fn end_line(&mut self) {
        let mut line = std::mem::take(&mut self.line);
        if self.place == MendingPlace::Between && begins_head(&line) {
            self.place = MendingPlace::Head;
        }
        if self.place != MendingPlace::Between && line.last() != Some(&b'\r') {
            self.mended.push(b'\r');
        }
        self.mended.push(b'\n');
        if self.place != MendingPlace::Head {
            return;
        }
        let is_empty = matches!(&line[..], b"" | b"\r");
        if self.head.len() < MAX_LOOKED_AT {
            line.push(b'\n');
            self.head.append(&mut line);
        }
        if is_empty && !self.head.iter().all(u8::is_ascii_whitespace) {
            self.place = match announced_length(&std::mem::take(&mut self.head)) {
                0 => MendingPlace::Between,
                length => MendingPlace::Content(length),
            };
        }
    }
}

/// Whether a line is a request line, however malformed: its last word, and not the only one, is a version. A log has
/// it in quotes.
fn begins_head(line: &[u8]) -> bool {
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let is_version = |word: &[u8]| word.starts_with(b"HTTP/") && !word.contains(&b'"');
    words.next().is_some() && words.next_back().is_some_and(is_version)
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

/// Reads the file that an option names, whole; an error where it is too large for that.
pub(super) fn read(path: &OsStr, option: &str) -> anyhow::Result<Vec<u8>> {
    read_whole(open(path, option)?).map_err(|error| cannot_read(path, option, error))
}

/// [`read`], of content that is to be sent: as large as it may be.
pub(super) fn read_content(path: &OsStr, option: &str) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path, option)?.read_to_end(&mut bytes).map_err(|error| cannot_read(path, option, error))?;
    Ok(bytes)
}

/// The error of a file that an option names.
pub(super) fn cannot_read(path: &OsStr, option: &str, error: io::Error) -> anyhow::Error {
    let name = if path == "-" { "standard input".to_owned() } else { escape::value(path.as_encoded_bytes()) };
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
            (
                "P / HTTP/1.1\nContent-Length: 4\n\na\nb\nG / HTTP/1.1\n\n",
                false,
                "P / HTTP/1.1\r\nContent-Length: 4\r\n\r\na\nb\nG / HTTP/1.1\r\n\r\n",
            ),
            (
                "G / HTTP/1.1\n\nG /b HTTP/1.1\nX: y\n\n",
                false,
                "G / HTTP/1.1\r\n\r\nG /b HTTP/1.1\r\nX: y\r\n\r\n",
            ),
            ("DATA\n\na\n\r\nb\n.\n", true, "DATA\r\n\r\na\r\n\r\nb\r\n.\r\n"),
        ] {
            let mut mended = String::new();
            CrlfReader::new(input.as_bytes(), everywhere).read_to_string(&mut mended).expect("text");
            assert_eq!(mended, expected);
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_file_that_is_made_when_it_is_read_has_a_length() {
        let path = OsStr::new("/proc/kallsyms");
        let Ok(content) = std::fs::read(path) else { return };
        let read = size(path, "-T").expect("readable");
        let is_all = matches!(&read, Size::Read(bytes) if bytes.len() == content.len());
        assert!(is_all || content.len() as u64 > MAX_UNSIZED);
    }
}
