//! `--save`: the exact bytes of each exchange, as they pass, into files of a
//! directory, and its report. Nothing that is there is overwritten, and no
//! symbolic link is followed.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;
use std::time::Instant;

use encoding_rs::Encoding;

use super::collector::Collector;
use super::findings;
use super::json;
use super::record::Record;
use super::redact::Redaction;
use crate::event::{Event, Observer};
use crate::failure::Failure;
use crate::output::escape::one_line;

/// Saves exchanges.
pub(crate) struct Save {
    directory: PathBuf,
    /// The number of the exchange under way.
    number: u64,
    request: Option<File>,
    response: Option<File>,
    collector: Collector,
    redaction: Redaction,
    is_replayed: bool,
    failed: Option<anyhow::Error>,
}

impl Save {
    /// Saves into `directory`, which is made where there is none; `charset` is
    /// what the user said of the content.
    pub(crate) fn new(
        directory: OsString,
        charset: Option<&'static Encoding>,
        redaction: Redaction,
    ) -> anyhow::Result<Self> {
        let directory = PathBuf::from(directory);
        let last = make(&directory).map_err(|error| {
            let name = one_line(directory.as_os_str().as_encoded_bytes());
            Failure::Write.because(format!("--save: cannot write into {name}"), error)
        })?;
        Ok(Self {
            directory,
            number: last,
            request: None,
            response: None,
            collector: Collector::new(charset),
            redaction,
            is_replayed: false,
            failed: None,
        })
    }

    fn try_on(&mut self, at: Instant, event: &Event<'_>) -> io::Result<()> {
        match event {
            Event::Begin(_) => {
                self.number += 1;
                (self.request, self.response) = (None, None);
            }
            Event::Asking(asking) => self.is_replayed = asking.is_replayed,
            // A second connection for the same exchange: the first one came to nothing.
            Event::Connected { .. } => self.begin_again()?,
            Event::SentHead(bytes) | Event::SentBody(bytes) if !self.is_replayed => {
                self.file("request")?.write_all(bytes)?;
            }
            Event::Received(bytes) => self.file("response")?.write_all(bytes)?,
            _ => {}
        }
        if let Some(record) = self.collector.on(at, event) {
            self.report(record)?;
        }
        Ok(())
    }

    /// The file of the exchange under way, made with its first byte.
    fn file(&mut self, kind: &str) -> io::Result<&mut File> {
        let file = if kind == "request" { &mut self.request } else { &mut self.response };
        match file {
            Some(file) => Ok(file),
            empty => Ok(empty.insert(create(&self.directory.join(format!("{}.{kind}", self.number)))?)),
        }
    }

    fn begin_again(&mut self) -> io::Result<()> {
        for file in [&mut self.request, &mut self.response].into_iter().flatten() {
            file.set_len(0)?;
            file.rewind()?;
        }
        Ok(())
    }

    fn report(&self, mut record: Record) -> io::Result<()> {
        let mut found = findings::find(&record.exchange);
        self.redaction.record(&mut record, &mut found);
        let report = json::report(&record, &found);
        if report.is_empty() {
            return Ok(());
        }
        let mut file = create(&self.directory.join(format!("{}.json", self.number)))?;
        file.write_all(format!("{report}\n").as_bytes())
    }
}

impl Observer for Save {
    fn on(&mut self, at: Instant, event: &Event<'_>) {
        if self.failed.is_some() {
            return;
        }
        if let Err(error) = self.try_on(at, event) {
            let name = one_line(self.directory.as_os_str().as_encoded_bytes());
            self.failed = Some(Failure::Write.because(format!("--save: cannot write into {name}"), error));
        }
    }

    fn finish(&mut self) -> anyhow::Result<Option<Failure>> {
        self.failed.take().map_or(Ok(None), Err)
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
