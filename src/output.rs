//! Where bytes go: standard output, a terminal or not, and files.
//!
//! A [`Sink`] writes at once and says what it writes to; that a terminal gets
//! only what cannot harm it is the affair of those who write: [`head`] for
//! heads, [`body`] for content, [`escape`] for the rest.

pub(crate) mod body;
pub(crate) mod colour;
pub(crate) mod errors;
pub(crate) mod escape;
pub(crate) mod file;
pub(crate) mod head;
pub(crate) mod media;
mod pipe;
pub(crate) mod replace;

use std::error::Error;
use std::ffi::OsStr;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};

pub(crate) use pipe::NAME as PIPE;

use crate::failure::Failure;

/// What a sink writes to, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A terminal: only harmless text may go there.
    Terminal,
    /// A pipe, which the kernel can fill from a socket by itself.
    Pipe,
    /// A file, a device, anything else.
    Other,
}

/// Something that is written to, unbuffered.
pub(crate) struct Sink {
    file: File,
    name: String,
    kind: Kind,
    /// The last byte written ended a line.
    is_at_line_start: bool,
}

/// The reader of our standard output has gone. It is no error, but the end.
#[derive(Debug)]
pub(crate) struct ReaderGone;

impl fmt::Display for ReaderGone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the reader of standard output has gone")
    }
}

impl Error for ReaderGone {}

impl Sink {
    /// Standard output. A second handle to it is taken, since the usual one
    /// holds lines back.
    pub(crate) fn standard_output() -> anyhow::Result<Self> {
        Self::standard(io::stdout(), "standard output")
    }

    /// Standard error, or what `--stderr` puts in its place.
    pub(crate) fn standard_error() -> anyhow::Result<Self> {
        let Some(place) = errors::place() else { return Self::standard(io::stderr(), "standard error") };
        let failed = |error| Failure::Write.because("cannot write to the file of --stderr", error);
        let file = place.try_clone().map_err(failed)?;
        Ok(Self { file, name: "the file of --stderr".to_owned(), kind: Kind::Other, is_at_line_start: true })
    }

    fn standard(stream: impl AsFd + IsTerminal, name: &str) -> anyhow::Result<Self> {
        let failed = |error| Failure::Write.because(format!("cannot write to {name}"), error);
        let file = File::from(stream.as_fd().try_clone_to_owned().map_err(failed)?);
        let is_pipe = || file.metadata().is_ok_and(|metadata| metadata.file_type().is_fifo());
        let kind = if stream.is_terminal() {
            Kind::Terminal
        } else if is_pipe() {
            Kind::Pipe
        } else {
            Kind::Other
        };
        Ok(Self { file, name: name.to_owned(), kind, is_at_line_start: true })
    }

    /// A file of this name, made anew.
    pub(crate) fn create(path: &OsStr) -> anyhow::Result<Self> {
        Self::open(path, OpenOptions::new().write(true).create(true).truncate(true))
    }

    /// A file of this name, made anew, that nobody else may read: it can hold
    /// secrets. `-` is standard output.
    pub(crate) fn private(path: &OsStr) -> anyhow::Result<Self> {
        if path == "-" {
            return Self::standard_output();
        }
        Self::open(path, OpenOptions::new().write(true).create(true).truncate(true).mode(0o600))
    }

    /// The file of this name, made where there is none, written to at its end.
    pub(crate) fn append(path: &OsStr) -> anyhow::Result<Self> {
        Self::open(path, OpenOptions::new().append(true).create(true))
    }

    fn open(path: &OsStr, options: &OpenOptions) -> anyhow::Result<Self> {
        let name = escape::one_line(path.as_encoded_bytes());
        let file = options
            .open(path)
            .map_err(|error| Failure::Write.because(format!("cannot write to {name}"), error))?;
        let is_pipe = file.metadata().is_ok_and(|metadata| metadata.file_type().is_fifo());
        let kind = if is_pipe { Kind::Pipe } else { Kind::Other };
        Ok(Self { file, name, kind, is_at_line_start: true })
    }

    /// What is written to.
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// Writes all of `bytes`, now.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        if let Some(last) = bytes.last() {
            self.is_at_line_start = *last == b'\n';
        }
        let written = self.file.write_all(bytes);
        written.map_err(|error| self.write_error(error))
    }

    /// On a terminal, ends the line that was begun, so that what follows on standard
    /// error stands on one of its own.
    pub(crate) fn end_line(&mut self) -> anyhow::Result<()> {
        if self.kind == Kind::Terminal && !self.is_at_line_start { self.write(b"\n") } else { Ok(()) }
    }

    /// The file below, for the kernel's own copying; what has been written is written.
    pub(crate) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Lets a pipe hold as much as it may, so that more is moved at once.
    pub(crate) fn enlarge_pipe(&self) {
        pipe::enlarge(&self.file);
    }

    /// What a failed write means.
    pub(crate) fn write_error(&self, error: io::Error) -> anyhow::Error {
        if error.kind() == ErrorKind::BrokenPipe {
            return anyhow::Error::new(ReaderGone);
        }
        Failure::Write.because(format!("cannot write to {}", self.name), error)
    }
}
