//! `--save`: the exact bytes of each exchange, as they pass, into files of a
//! directory, and its report. Nothing that is there is overwritten, and no
//! symbolic link is followed.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;
use std::time::Instant;

use super::json;
use super::record::Record;
use super::recorder::{self, Wants};
use crate::event::{Event, Observer};
use crate::failure::Failure;
use crate::output::escape::one_line;

/// Where exchanges are saved.
#[derive(Clone)]
pub(crate) struct Directory {
    path: PathBuf,
    /// The highest number that was there before.
    last: u64,
}

impl Directory {
    /// The directory at `path`, which is made where there is none.
    pub(crate) fn make(path: OsString) -> anyhow::Result<Self> {
        let mut directory = Self { path: PathBuf::from(path), last: 0 };
        directory.last = make(&directory.path).map_err(|error| directory.error(error))?;
        Ok(directory)
    }

    /// A new file for the exchange `number` of the run.
    fn create(&self, number: u64, kind: &str) -> io::Result<File> {
        create(&self.path.join(format!("{}.{kind}", self.last + number)))
    }

    fn error(&self, error: io::Error) -> anyhow::Error {
        let name = one_line(self.path.as_os_str().as_encoded_bytes());
        Failure::Write.because(format!("--save: cannot write into {name}"), error)
    }
}

/// Saves bytes as they pass.
pub(crate) struct Bytes {
    directory: Directory,
    /// The number of the exchange under way.
    number: u64,
    request: Option<File>,
    response: Option<File>,
    is_replayed: bool,
}

impl Bytes {
    /// Saves into `directory`.
    pub(crate) fn new(directory: Directory) -> Self {
        Self { directory, number: 0, request: None, response: None, is_replayed: false }
    }

    fn save(&mut self, event: &Event<'_>) -> io::Result<()> {
        match event {
            Event::Begin(_) => {
                self.number += 1;
                (self.request, self.response) = (None, None);
            }
            Event::RequestBegins(asking) => self.is_replayed = asking.is_replayed,
            // A second connection for the same exchange: the first one came to nothing.
            Event::Connected { .. } => self.begin_again()?,
            Event::SentHead(bytes) | Event::SentBody(bytes) if !self.is_replayed => {
                self.file("request")?.write_all(bytes)?;
            }
            Event::Received(bytes) => self.file("response")?.write_all(bytes)?,
            _ => {}
        }
        Ok(())
    }

    /// The file of the exchange under way, made with its first byte.
    fn file(&mut self, kind: &str) -> io::Result<&mut File> {
        let file = if kind == "request" { &mut self.request } else { &mut self.response };
        match file {
            Some(file) => Ok(file),
            empty => Ok(empty.insert(self.directory.create(self.number, kind)?)),
        }
    }

    fn begin_again(&mut self) -> io::Result<()> {
        for file in [&mut self.request, &mut self.response].into_iter().flatten() {
            file.set_len(0)?;
            file.rewind()?;
        }
        Ok(())
    }
}

impl Observer for Bytes {
    fn on(&mut self, _at: Instant, event: &Event<'_>) -> anyhow::Result<()> {
        self.save(event).map_err(|error| self.directory.error(error))
    }

    fn must_see_content(&self) -> bool {
        self.response.is_none()
    }

    fn copy(&self) -> Option<&File> {
        self.response.as_ref()
    }
}

/// Saves what is to be said of each exchange.
pub(crate) struct ReportSaver(Directory);

impl ReportSaver {
    /// Saves into `directory`.
    pub(crate) fn new(directory: Directory) -> Self {
        Self(directory)
    }
}

impl recorder::ExchangeReport for ReportSaver {
    fn wants(&self) -> Wants {
        Wants { content: true, findings: true, ..Wants::default() }
    }

    fn tell(&mut self, record: &Record) -> anyhow::Result<()> {
        let report = json::report(record);
        if report.is_empty() || !record.exchange.is_answered && record.error.is_none() {
            return Ok(());
        }
        let file = self.0.create(record.number, "json");
        let written = file.and_then(|mut file| file.write_all(format!("{report}\n").as_bytes()));
        written.map_err(|error| self.0.error(error))
    }
}

/// Makes the directory where there is none, and gives the highest number that a
/// file in it begins with.
fn make(directory: &PathBuf) -> io::Result<u64> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    let mut last = 0;
    for entry in fs::read_dir(directory)? {
        last = last.max(number(&entry?.file_name()).unwrap_or(0));
    }
    Ok(last)
}

/// The number of a saved file.
fn number(name: &OsStr) -> Option<u64> {
    let (number, kind) = name.to_str()?.split_once('.')?;
    let is_ours = ["request", "response", "json"].contains(&kind);
    number.parse().ok().filter(|number| is_ours && *number < u64::MAX)
}

/// A new file for its owner alone; an error where there is anything of this name.
fn create(path: &PathBuf) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_saved_files_are_counted() {
        for (name, expected) in [
            ("1.request", Some(1)),
            ("12.response", Some(12)),
            ("3.json", Some(3)),
            ("4.txt", None),
            ("x.json", None),
            ("5", None),
            ("18446744073709551615.json", None),
        ] {
            assert_eq!(number(OsStr::new(name)), expected, "{name}");
        }
    }
}
