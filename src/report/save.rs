//! `--save`: the exact bytes of each exchange, as they pass, into files of a
//! directory, and its report. Nothing that is there is overwritten, and no
//! symbolic link is followed.

use std::cell::RefCell;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::thread;
use std::time::{Duration, Instant};

use super::json;
use super::record::Record;
use super::recorder;
use super::wants::Wants;
use crate::event::{Event, Observer};
use crate::failure::Failure;
use crate::output::escape::one_line;

/// The endings of the files of an exchange.
const KINDS: [&str; 3] = ["request", "response", "json"];

/// The highest number that is counted; JSON and people read no higher one.
const MAX_NUMBER: u64 = 1 << 53;

/// Retries, and the pause between them, while another process holds our file name.
const MAX_WAITS: u32 = 20;
const WAIT: Duration = Duration::from_millis(5);

/// Where exchanges are saved.
#[derive(Clone)]
pub(super) struct Directory {
    path: PathBuf,
    numbers: Rc<RefCell<Numbers>>,
}

/// The numbers that the exchanges of the run have in the directory.
struct Numbers {
    /// From which exchange on how much is added to its number in the run: what was there before, and
    /// what other processes have taken since.
    offsets: Vec<(u64, u64)>,
    /// The exchanges up to this one have their numbers.
    claimed: u64,
}

impl Numbers {
    fn of(&self, exchange: u64) -> u64 {
        let offset = self.offsets.iter().rev().find(|(from, _)| *from <= exchange);
        exchange + offset.map_or(0, |(_, offset)| *offset)
    }

    /// The number of `exchange` is taken.
    fn skip(&mut self, exchange: u64) {
        let offset = self.of(exchange) + 1 - exchange;
        self.offsets.retain(|(from, _)| *from < exchange);
        self.offsets.push((exchange, offset));
    }
}

impl Directory {
    /// The directory at `path`, which is made where there is none.
    pub(super) fn make(path: OsString) -> anyhow::Result<Self> {
        let numbers = Numbers { offsets: Vec::new(), claimed: 0 };
        let directory = Self { path: PathBuf::from(path), numbers: Rc::new(RefCell::new(numbers)) };
        let last = make(&directory.path).map_err(|error| directory.error(error))?;
        directory.numbers.borrow_mut().offsets.push((0, last));
        Ok(directory)
    }

    /// A new file for `exchange` of the run, and where it is.
    fn create(&self, exchange: u64, kind: &str) -> io::Result<(File, PathBuf)> {
        let mut numbers = self.numbers.borrow_mut();
        if exchange <= numbers.claimed {
            let path = self.path(numbers.of(exchange), kind);
            return Ok((create_in_time(&path)?, path));
        }
        loop {
            let number = numbers.of(exchange);
            if let Some(file) = self.claim(number, kind)? {
                numbers.claimed = exchange;
                return Ok((file, self.path(number, kind)));
            }
            numbers.skip(exchange);
        }
    }

    /// Makes the first file of an exchange, of this `kind`; `None` where `number` has files. Of two
    /// processes that take a number at once for files of different kinds, one at least sees the
    /// other's, and takes its own away.
    fn claim(&self, number: u64, kind: &str) -> io::Result<Option<File>> {
        let path = self.path(number, kind);
        let file = match create(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(None),
            made => made?,
        };
        let mut others = KINDS.iter().filter(|other| **other != kind);
        if others.all(|other| fs::symlink_metadata(self.path(number, other)).is_err()) {
            return Ok(Some(file));
        }
        fs::remove_file(&path).map(|()| None)
    }

    fn path(&self, number: u64, kind: &str) -> PathBuf {
        self.path.join(format!("{number}.{kind}"))
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
    request: Option<(File, PathBuf)>,
    response: Option<(File, PathBuf)>,
    /// A request for a tunnel, and what the proxy responds.
    proxy: (Vec<u8>, Vec<u8>),
    is_replayed: bool,
}

impl Bytes {
    /// Saves into `directory`.
    pub(super) fn new(directory: Directory) -> Self {
        Self {
            directory,
            number: 0,
            request: None,
            response: None,
            proxy: Default::default(),
            is_replayed: false,
        }
    }

    fn save(&mut self, event: &Event<'_>) -> io::Result<()> {
        match event {
            Event::Begin(_) => {
                self.number += 1;
                (self.request, self.response) = (None, None);
            }
            Event::RequestBegins(asking) => self.is_replayed = asking.is_replayed,
            Event::ProxySent(bytes) => self.proxy = (bytes.to_vec(), Vec::new()),
            Event::ProxyHead(head) => self.proxy.1.extend_from_slice(head.raw()),
            Event::ProxyContent(bytes) => self.proxy.1.extend_from_slice(bytes),
            Event::ProxyBadHead(bad) => {
                self.proxy.1.extend_from_slice(&bad.raw);
                self.save_refusal()?;
            }
            Event::ProxyRefused(_) => self.save_refusal()?,
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

    /// Saves the exchange with a proxy that opens no tunnel, since no other follows.
    fn save_refusal(&mut self) -> io::Result<()> {
        let (request, response) = std::mem::take(&mut self.proxy);
        self.file("request")?.write_all(&request)?;
        if response.is_empty() { Ok(()) } else { self.file("response")?.write_all(&response) }
    }

    /// The file of the exchange under way, made with its first byte.
    fn file(&mut self, kind: &str) -> io::Result<&mut File> {
        let file = if kind == "request" { &mut self.request } else { &mut self.response };
        match file {
            Some((file, _)) => Ok(file),
            empty => Ok(&mut empty.insert(self.directory.create(self.number, kind)?).0),
        }
    }

    /// A file that takes nothing, on a full disk, is not left behind.
    fn discard_empty(&mut self) {
        for kept in [&mut self.request, &mut self.response] {
            let is_empty = |(file, _): &mut (File, PathBuf)| file.metadata().is_ok_and(|it| it.len() == 0);
            if let Some((_, path)) = kept.take_if(is_empty) {
                let _ = fs::remove_file(path);
            }
        }
    }

    fn begin_again(&mut self) -> io::Result<()> {
        for (file, _) in [&mut self.request, &mut self.response].into_iter().flatten() {
            file.set_len(0)?;
            file.rewind()?;
        }
        Ok(())
    }
}

impl Observer for Bytes {
    fn on(&mut self, _at: Instant, event: &Event<'_>) -> anyhow::Result<()> {
        self.save(event).map_err(|error| {
            self.discard_empty();
            self.directory.error(error)
        })
    }

    fn must_see_content(&self) -> bool {
        self.response.is_none()
    }

    fn copy(&self) -> Option<&File> {
        self.response.as_ref().map(|(file, _)| file)
    }
}

/// Saves what is to be said of each exchange.
pub(super) struct ReportSaver(Directory);

impl ReportSaver {
    /// Saves into `directory`.
    pub(super) fn new(directory: Directory) -> Self {
        Self(directory)
    }
}

impl recorder::ExchangeReport for ReportSaver {
    fn wants(&self) -> Wants {
        Wants { content: true, findings: true, refusals: true, ..Wants::default() }
    }

    fn tell(&mut self, record: &Record) -> anyhow::Result<()> {
        let report = json::report(record);
        if report.is_empty() || !record.exchange.is_answered && record.error.is_none() {
            return Ok(());
        }
        let (mut file, path) = self.0.create(record.number, "json").map_err(|error| self.0.error(error))?;
        file.write_all(format!("{report}\n").as_bytes()).map_err(|error| {
            // A part of it is no JSON.
            let _ = fs::remove_file(path);
            self.0.error(error)
        })
    }
}

/// Makes the directory where there is none, and gives the highest number that a
/// file in it begins with.
fn make(directory: &PathBuf) -> io::Result<u64> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(directory);
    made.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => fs::metadata(directory).err().unwrap_or(ErrorKind::NotADirectory.into()),
        _ => error,
    })?;
    let mut last = 0;
    for entry in fs::read_dir(directory)? {
        last = last.max(number(&entry?.file_name()).unwrap_or(0));
    }
    Ok(last)
}

/// The number of a saved file.
fn number(name: &OsStr) -> Option<u64> {
    let (number, kind) = name.to_str()?.split_once('.')?;
    let is_ours = KINDS.contains(&kind);
    number.parse().ok().filter(|number| is_ours && *number < MAX_NUMBER)
}

/// A new file for its owner alone; an error where there is anything of this name.
fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// As [`create`], but waits for another process to remove a file that it claimed by mistake
/// ([`Directory::claim`]).
fn create_in_time(path: &Path) -> io::Result<File> {
    for _ in 0..MAX_WAITS {
        match create(path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => thread::sleep(WAIT),
            made => return made,
        }
    }
    create(path)
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
            ("9007199254740992.json", None),
            ("18446744073709551615.json", None),
        ] {
            assert_eq!(number(OsStr::new(name)), expected, "{name}");
        }
    }

    #[test]
    fn processes_that_save_at_once_share_no_number() {
        let folder = std::env::temp_dir().join(format!("rawget-save-{}", std::process::id()));
        let [one, other] = [(); 2].map(|()| Directory::make(folder.clone().into()).unwrap());
        let name = |made: io::Result<(File, PathBuf)>| {
            made.unwrap().1.file_name().unwrap().to_string_lossy().into_owned()
        };
        assert_eq!(name(one.create(1, "request")), "1.request");
        assert_eq!(name(other.create(1, "json")), "2.json");
        assert_eq!(name(other.create(2, "request")), "3.request");
        assert_eq!(name(one.create(2, "response")), "4.response");
        assert_eq!(name(one.create(1, "response")), "1.response");
        assert_eq!(name(one.create(2, "json")), "4.json");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 6);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn many_that_save_at_once_overwrite_nothing() {
        let folder = std::env::temp_dir().join(format!("rawget-saves-{}", std::process::id()));
        thread::scope(|scope| {
            for first in KINDS {
                let folder = folder.clone();
                scope.spawn(move || {
                    let directory = Directory::make(folder.into()).unwrap();
                    for exchange in 1..=50 {
                        directory.create(exchange, first).unwrap();
                        let others = KINDS.iter().filter(|kind| **kind != first);
                        others.for_each(|kind| drop(directory.create(exchange, kind).unwrap()));
                    }
                });
            }
        });
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 3 * 3 * 50);
        fs::remove_dir_all(&folder).unwrap();
    }
}
