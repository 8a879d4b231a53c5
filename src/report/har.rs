//! `--har`: the exchanges in HAR 1.2, as browsers' developer tools read it.
//!
//! The file is a whole document after each exchange, so that a run that is
//! killed leaves one, and so that one is left where there is no room for the next exchange; until the first,
//! what was there stays, and then it is replaced in one step. Content is kept up to a bound; the exact bytes that
//! HAR has no place for are the affair of `--save`.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::PathBuf;

use encoding_rs::Encoding;

use super::json;
use super::record::Record;
use super::recorder::ExchangeReport;
use super::wants::Wants;
use crate::failure::Failure;
use crate::output::Sink;

/// What stands behind the last entry.
const END: &str = "\n]}}\n";

/// Writes a HAR file.
pub(crate) struct Har {
    sink: Sink,
    path: PathBuf,
    /// The file has no end that could be gone back to.
    is_stream: bool,
    entries: u64,
    charset: Option<&'static Encoding>,
}

impl Har {
    /// A HAR file of this name, `-` for standard output; `charset` is what the
    /// user said of the content.
    pub(super) fn new(path: &OsStr, charset: Option<&'static Encoding>) -> anyhow::Result<Self> {
        let mut sink = Sink::private(path)?;
        let is_file = sink.file().metadata().is_ok_and(|metadata| metadata.is_file());
        let is_stream = !is_file || path == "-" || Sink::is_own_stream(path);
        Ok(Self { sink, path: path.into(), is_stream, entries: 0, charset })
    }

    fn write(&mut self, record: &Record) -> anyhow::Result<()> {
        let entry = json::har_entry(record, self.charset);
        let before = if self.entries == 0 { beginning() } else { ",\n".to_owned() };
        if self.is_stream {
            self.sink.write(before.as_bytes())?;
            self.sink.write(entry.as_bytes())?;
        } else if self.entries == 0 {
            self.sink.replace(&self.path, [&before, &entry, END].concat().as_bytes())?;
        } else {
            let added = add(self.sink.file(), [&before, &entry, END].concat().as_bytes());
            added.map_err(|error| self.sink.write_error(error))?;
        }
        self.entries += 1;
        Ok(())
    }
}

/// Puts `bytes`, which end in [`END`], where that stands in a whole document; where there is no room,
/// the document stays as it was.
fn add(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    let length = file.seek(SeekFrom::End(0))?;
    let end = SeekFrom::Start(length.saturating_sub(END.len() as u64));
    file.seek(end)?;
    let written = file.write_all(bytes);
    if written.is_err() {
        // The blocks below it are there already.
        let _ = file.seek(end).and_then(|_| file.write_all(END.as_bytes()));
        let _ = file.set_len(length);
    }
    written
}

/// What stands before the first entry.
fn beginning() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let creator = format!("{{\"name\":\"rawget\",\"version\":\"{version}\"}}");
    format!("{{\"log\":{{\"version\":\"1.2\",\"creator\":{creator},\"pages\":[],\"entries\":[\n")
}

impl ExchangeReport for Har {
    fn wants(&self) -> Wants {
        Wants { content: true, kept: true, ..Wants::default() }
    }

    fn tell(&mut self, record: &Record) -> anyhow::Result<()> {
        if record.exchange.url.scheme.is_http() { self.write(record) } else { Ok(()) }
    }

    fn finish(&mut self) -> anyhow::Result<Option<Failure>> {
        if self.entries == 0 {
            let has_old = !self.is_stream && self.sink.length().is_some_and(|length| length > 0);
            if has_old {
                return Ok(None);
            }
            self.sink.write(beginning().as_bytes())?;
        }
        if self.is_stream || self.entries == 0 {
            self.sink.write(END.as_bytes())?;
        }
        Ok(None)
    }
}
