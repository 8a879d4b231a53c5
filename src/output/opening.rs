//! Sinks are opened here: the standard streams, and files by their names.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, IsTerminal};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use super::escape::{self, Escaper};
use super::own_stream::own_stream;
use super::replace::replaced;
use super::{ESCAPES, ReaderGone, STANDARD_OUTPUT, Sink, SinkKind, Stale, errors};
use crate::failure::Failure;
use crate::pipe;

/// Opens a file by `options`, which make one where there is none; the path of one that was made.
pub(super) fn open_or_make(path: &OsStr, options: &OpenOptions) -> io::Result<(File, Option<PathBuf>)> {
    if let Some(stream) = own_stream(path) {
        return Ok((stream?, None));
    }
    match options.clone().create_new(true).open(path) {
        Ok(file) => Ok((file, Some(path.into()))),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok((options.open(path)?, None)),
        Err(error) => Err(error),
    }
}

impl Sink {
    /// Standard output. A second handle to it is taken, since the usual one
    /// holds lines back.
    pub(crate) fn standard_output() -> anyhow::Result<Self> {
        Self::standard(&io::stdout(), STANDARD_OUTPUT)
    }

    /// Standard error, or what `--stderr` puts in its place.
    pub(crate) fn standard_error() -> anyhow::Result<Self> {
        let Some(place) = errors::place() else { return Self::standard(&io::stderr(), "standard error") };
        let mut sink = Self::standard(place, "the --stderr file")?;
        sink.stale = Stale::Errors;
        Ok(sink)
    }

    /// Writes all of `bytes`, our own words, to standard output. A closed reader is no error.
    pub(crate) fn print(bytes: &[u8]) -> anyhow::Result<()> {
        let printed = Self::standard_output().and_then(|mut stdout| stdout.write_harmless(bytes));
        printed.or_else(|error| if error.is::<ReaderGone>() { Ok(()) } else { Err(error) })
    }

    fn standard(stream: &impl AsFd, name: &str) -> anyhow::Result<Self> {
        let failed = |error| Failure::Write.because(format!("cannot write to {name}"), error);
        let file = File::from(stream.as_fd().try_clone_to_owned().map_err(failed)?);
        let mut sink = Self::of(file, name.to_owned());
        if ESCAPES.load(Ordering::Relaxed) {
            sink.escaper.get_or_insert_default();
        }
        Ok(sink)
    }

    /// A file of this name. What is there already stays until something is written.
    pub(crate) fn create(path: &OsStr) -> anyhow::Result<Self> {
        Self::replacing(path, &mut OpenOptions::new())
    }

    /// [`Self::create`], unreadable for other users if the file is new: it can hold secrets. `-` is
    /// standard output.
    pub(crate) fn private(path: &OsStr) -> anyhow::Result<Self> {
        if path == "-" {
            return Self::standard_output();
        }
        Self::replacing(path, OpenOptions::new().mode(0o600))
    }

    fn replacing(path: &OsStr, options: &mut OpenOptions) -> anyhow::Result<Self> {
        let mut sink = Self::open(path, options.write(true).create(true).truncate(false))?;
        if own_stream(path).is_none() {
            sink.stale = Stale::Own;
        }
        Ok(sink)
    }

    /// Takes out of an ordinary file what it holds.
    pub(crate) fn empty(&self) -> anyhow::Result<()> {
        let is_file = self.file.metadata().is_ok_and(|metadata| metadata.is_file());
        if is_file { self.file.set_len(0).map_err(|error| self.write_error(error)) } else { Ok(()) }
    }

    /// The file of this name, made where there is none, written to at its end.
    pub(crate) fn append(path: &OsStr) -> anyhow::Result<Self> {
        Self::open(path, OpenOptions::new().append(true).create(true))
    }

    fn open(path: &OsStr, options: &OpenOptions) -> anyhow::Result<Self> {
        let name = escape::value(path.as_encoded_bytes());
        let (file, made) = open_or_make(path, options)
            .map_err(|error| Failure::Write.because(format!("cannot write to {name}"), error))?;
        let mut sink = Self::of(file, name);
        sink.made = made;
        Ok(sink)
    }

    /// Whether `path` is a name of standard output or standard error.
    pub(crate) fn is_own_stream(path: &OsStr) -> bool {
        own_stream(path).is_some()
    }

    /// Writes `bytes`, the beginning of what belongs in the ordinary file at `path`, which was opened as
    /// this sink: they replace in one step what was there.
    pub(crate) fn replace(&mut self, path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
        self.file = replaced(path, bytes).map_err(|error| self.write_error(error))?;
        (self.stale, self.made) = (Stale::None, None);
        Ok(())
    }

    /// What is written to, `file` itself is asked: a path may lead to a terminal too.
    pub(super) fn of(file: File, name: String) -> Self {
        let kind = match file.metadata() {
            _ if file.is_terminal() => SinkKind::Terminal,
            Ok(metadata) if metadata.file_type().is_fifo() => SinkKind::Pipe,
            Ok(metadata) if metadata.is_file() => SinkKind::File,
            Ok(metadata) if pipe::is_null(&metadata) => SinkKind::Null,
            _ => SinkKind::Other,
        };
        let escaper = (kind == SinkKind::Terminal).then(Escaper::default);
        Self {
            file,
            name,
            kind,
            is_at_line_start: true,
            ends_lines: false,
            shared: None,
            twin: None,
            held: Vec::new(),
            gathered: None,
            gathers: false,
            escaper,
            made: None,
            stale: Stale::None,
        }
    }
}
