//! Where bytes go: standard output, a terminal or not, and files.
//!
//! A [`Sink`] writes at once, asks what it writes to what that is, and makes
//! harmless what goes to a terminal, whatever option leads there. What has been
//! made harmless already, and may hold colours, has an entrance of its own.

pub(crate) mod attributes;
pub(crate) mod body;
pub(crate) mod colour;
pub(crate) mod columns;
pub(crate) mod errors;
pub(crate) mod escape;
pub(crate) mod file;
mod gathered;
pub(crate) mod head;
mod hex;
pub(crate) mod media;
mod opening;
mod own_stream;
mod pretty;
pub(crate) mod replace;
mod room;
pub(crate) mod shell;
pub(crate) mod spelling;
pub(crate) mod style;
pub(crate) mod taken;
mod text;
pub(crate) mod window;

use std::error::Error;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, ErrorKind, IsTerminal};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::pipe::{self, Fork, Mover, Sieve};
use crate::wait::{Awaited, Twin, wait};
use escape::Escaper;
pub(crate) use gathered::{GATHERING_TIME, Gathered};

/// What a sink writes to, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SinkKind {
    /// A terminal: only harmless text may go there.
    Terminal,
    /// A pipe, which the kernel can fill from a socket by itself.
    Pipe,
    /// An ordinary file, which the kernel can fill too.
    File,
    /// What forgets all.
    Null,
    /// Another device, anything else.
    Other,
}

impl SinkKind {
    /// Whether a person may be reading it.
    pub(crate) fn is_read(self) -> bool {
        matches!(self, Self::Terminal | Self::Pipe)
    }
}

/// Something that is written to, unbuffered.
pub(crate) struct Sink {
    file: File,
    name: String,
    kind: SinkKind,
    /// The last byte written ended a line.
    is_at_line_start: bool,
    /// Heads are printed between bodies, each at the beginning of a line.
    ends_lines: bool,
    /// What else happens while it is written to.
    shared: Option<WhileWriting>,
    /// Another handle that never blocks, once it is needed, where there is one.
    twin: Option<Option<Twin>>,
    /// Bytes that the file has not taken yet.
    held: Vec<u8>,
    /// What is written together with what follows it, since it was first wanted.
    gathered: Option<Rc<Gathered>>,
    /// What is written now is gathered.
    gathers: bool,
    /// Makes harmless what is written, where a person may read it.
    escaper: Option<Escaper>,
    /// The file, where this sink has made it: one that takes nothing is not left behind.
    made: Option<PathBuf>,
    /// What stands in an ordinary file already, and goes with the first bytes that are written.
    stale: Stale,
}

/// What stood in an ordinary file before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stale {
    /// Nothing, or what stays.
    None,
    /// The file is this sink's alone.
    Own,
    /// The file of `--stderr`, which others write to as well.
    Errors,
}

/// What else happens while a sink is written to.
struct WhileWriting {
    /// Fails where a time limit has passed.
    check: ClockCheck,
    /// The sink may make one wait.
    may_wait: bool,
    /// What is taken at once is written, whatever `check` says, and nothing is waited for.
    is_over: bool,
}

/// Looks at the clock.
pub(crate) type ClockCheck = Rc<dyn Fn() -> anyhow::Result<()>>;

/// `--escape`: standard output and standard error are guarded as terminals are.
static ESCAPES: AtomicBool = AtomicBool::new(false);

/// From now on standard output and standard error are guarded, whatever they are.
pub(crate) fn guard_standard_output() {
    ESCAPES.store(true, Ordering::Relaxed);
}

const STANDARD_OUTPUT: &str = "standard output";
/// Most that is held of what a sink does not take.
const MAX_HELD: usize = 1 << 20;
/// How often the clock is looked at while a sink takes nothing.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// The reader of standard output has closed it: the end, but no error.
#[derive(Debug)]
pub(crate) struct ReaderGone;

impl fmt::Display for ReaderGone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the reader of standard output has closed it")
    }
}

impl Error for ReaderGone {}

/// Whether standard output and standard error are one terminal.
pub(crate) fn share_a_terminal() -> bool {
    let device = |stream: BorrowedFd<'_>| {
        let metadata = File::from(stream.try_clone_to_owned()?).metadata()?;
        Ok::<_, io::Error>(metadata.rdev())
    };
    let (output, error) = (io::stdout(), io::stderr());
    let are_terminals = output.is_terminal() && error.is_terminal() && errors::place().is_none();
    let devices = || Some((device(output.as_fd()).ok()?, device(error.as_fd()).ok()?));
    are_terminals && devices().is_some_and(|(output, error)| output == error)
}

impl Sink {
    /// What is written to.
    pub(crate) fn kind(&self) -> SinkKind {
        self.kind
    }

    /// Whether what is written is made harmless: it is a terminal, or `--escape`
    /// applies a terminal's rules.
    pub(crate) fn is_guarded(&self) -> bool {
        self.escaper.is_some()
    }

    /// Writes all of `bytes`, now; made harmless where the sink is guarded, though the
    /// beginning of a character waits for the rest of it.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        let Some(escaper) = &mut self.escaper else { return self.write_bytes(bytes) };
        let mut harmless = Vec::with_capacity(bytes.len());
        escaper.push(bytes, &mut harmless);
        self.write_bytes(&harmless)
    }

    /// Writes bytes that are harmless already, and may hold colours of our own.
    pub(crate) fn write_harmless(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        let mut before = Vec::new();
        if let Some(escaper) = &mut self.escaper {
            escaper.finish(&mut before);
        }
        if !before.is_empty() {
            self.write_bytes(&before)?;
        }
        self.write_bytes(bytes)
    }

    /// What stood here before goes.
    fn begin(&mut self) -> anyhow::Result<()> {
        match std::mem::replace(&mut self.stale, Stale::None) {
            Stale::None => Ok(()),
            Stale::Own => self.empty(),
            Stale::Errors => errors::begin().map_err(|error| self.write_error(error)),
        }
    }

    fn write_bytes(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        if !bytes.is_empty() {
            self.begin()?;
        }
        if let Some(last) = bytes.last() {
            self.is_at_line_start = *last == b'\n';
            if self.is_printed_on_terminal() {
                errors::set_line_open(!self.is_at_line_start);
            }
        }
        if self.held.is_empty() && self.shared.is_none() {
            let written = match &self.gathered {
                Some(gathered) if self.gathers => gathered.push(bytes),
                _ => self.write_whole(bytes),
            };
            return written.map_err(|error| self.write_error(error));
        }
        self.write_gathered()?;
        self.check()?;
        self.write_shared(bytes)
    }

    /// From now on something else happens too: what a pipe or a terminal does not
    /// take at once is held, and `check` ends what takes too long.
    pub(crate) fn share_time(&mut self, check: ClockCheck) {
        let may_wait = self.kind.is_read();
        self.shared = Some(WhileWriting { check, may_wait, is_over: false });
    }

    /// A time limit may have passed: what is still written is not kept back by that, as far as it is
    /// taken at once.
    pub(crate) fn end_shared_time(&mut self) {
        self.shared.iter_mut().for_each(|shared| shared.is_over = true);
    }

    /// Whether something else happens while the sink is written to, and its clock still counts.
    pub(crate) fn shares_time(&self) -> bool {
        self.shared.as_ref().is_some_and(|shared| !shared.is_over)
    }

    /// From now on nothing else happens.
    pub(crate) fn take_time(&mut self) {
        self.shared = None;
    }

    /// Fails where a time limit has passed.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        self.shared.as_ref().filter(|shared| !shared.is_over).map_or(Ok(()), |shared| (shared.check)())
    }

    /// What to wait for before [`Self::drain`], where something is held.
    pub(crate) fn held(&self) -> Option<BorrowedFd<'_>> {
        (!self.held.is_empty()).then(|| self.file.as_fd())
    }

    /// Writes of what is held as much as is taken at once.
    pub(crate) fn drain(&mut self) -> anyhow::Result<()> {
        let held = std::mem::take(&mut self.held);
        let taken = self.write_some(&held);
        self.held = held;
        self.held.drain(..taken?);
        Ok(())
    }

    fn write_shared(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        let may_wait = self.shared.as_ref().is_some_and(|shared| shared.may_wait);
        if !may_wait {
            let held = std::mem::take(&mut self.held);
            let written = self.write_whole(&held).and_then(|()| self.write_whole(bytes));
            return written.map_err(|error| self.write_error(error));
        }
        let taken = if self.held.is_empty() { self.write_some(bytes)? } else { 0 };
        self.held.extend_from_slice(&bytes[taken..]);
        while self.held.len() > MAX_HELD && !self.shared.as_ref().is_some_and(|shared| shared.is_over) {
            self.check()?;
            let until = Some(Instant::now() + BETWEEN_LOOKS);
            let awaited = Awaited { sink: Some(self.file.as_fd()), until, ..Awaited::default() };
            wait(&awaited).map_err(|error| self.write_error(error))?;
            self.drain()?;
        }
        Ok(())
    }

    /// Says that heads are printed behind bodies: how a body ends has to be seen.
    pub(crate) fn set_ends_lines(&mut self) {
        self.ends_lines = true;
    }

    /// Whether heads are printed behind bodies, so that the last byte of each body has to be seen.
    pub(crate) fn ends_lines(&self) -> bool {
        self.ends_lines && !matches!(self.kind, SinkKind::Null)
    }

    /// The kernel has moved bytes here: as far as is known they end within a line.
    pub(crate) fn leave_line_open(&mut self) {
        self.is_at_line_start = false;
    }

    /// Whether the last byte written ended a line, as far as is known.
    pub(crate) fn is_at_line_start(&self) -> bool {
        self.is_at_line_start || self.is_printed_on_terminal() && !errors::is_line_open()
    }

    fn is_printed_on_terminal(&self) -> bool {
        self.kind == SinkKind::Terminal && self.name == STANDARD_OUTPUT
    }

    /// On a terminal, ends the line that was begun, so that what follows on standard
    /// error stands on one of its own.
    pub(crate) fn end_line(&mut self) -> anyhow::Result<()> {
        if self.kind == SinkKind::Terminal && !self.is_at_line_start() {
            self.write_harmless(b"\n")
        } else {
            Ok(())
        }
    }

    /// The file below; what has been written is written.
    pub(crate) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// What moves a body, in the kernel, to this sink, or nowhere if it is `discarded`; `None` where
    /// the kernel cannot. Nothing that was written before may still be held.
    pub(crate) fn mover(&self, discarded: bool) -> Option<Mover<'_>> {
        match if discarded { SinkKind::Null } else { self.kind } {
            SinkKind::Pipe => Mover::into_pipe(&self.file),
            SinkKind::File => Mover::into_file(&self.file),
            SinkKind::Null => Mover::into_nothing(),
            SinkKind::Terminal | SinkKind::Other => None,
        }
    }

    /// What moves a part of a body, in the kernel, to the file `copy`, and to this sink unless it is
    /// `discarded`; `None` where the kernel cannot.
    pub(crate) fn fork(&self, copy: File, discarded: bool) -> Option<Fork<'_>> {
        match if discarded { SinkKind::Null } else { self.kind } {
            SinkKind::Pipe | SinkKind::File => Fork::new(copy, Some(&self.file)),
            SinkKind::Null => Fork::new(copy, None),
            SinkKind::Terminal | SinkKind::Other => None,
        }
    }

    /// What moves a part of a body, in the kernel, to this sink; `None` where the kernel cannot.
    pub(crate) fn sieve(&self) -> Option<Sieve<'_>> {
        match self.kind {
            SinkKind::Pipe | SinkKind::File | SinkKind::Null => Sieve::new(&self.file),
            SinkKind::Terminal | SinkKind::Other => None,
        }
    }

    /// The pipe that is written to, where it is one.
    pub(crate) fn pipe(&self) -> Option<BorrowedFd<'_>> {
        (self.kind == SinkKind::Pipe).then(|| self.file.as_fd())
    }

    /// Lets a pipe hold as much as it may, so that more is moved at once.
    pub(crate) fn enlarge_pipe(&self) {
        pipe::enlarge(&self.file);
    }

    /// Writes what waits for the rest of a character.
    fn flush_escaper(&mut self) -> anyhow::Result<()> {
        self.write_harmless(b"")
    }

    /// What a failed write means.
    pub(crate) fn write_error(&self, error: io::Error) -> anyhow::Error {
        if let Some(made) = self.made.as_ref().filter(|_| self.length() == Some(0)) {
            let _ = fs::remove_file(made);
        }
        write_error(&self.name, error)
    }
}

/// What a failed write to the sink of this name means.
fn write_error(name: &str, error: io::Error) -> anyhow::Error {
    if error.kind() == ErrorKind::BrokenPipe {
        return anyhow::Error::new(ReaderGone);
    }
    if error.kind() == ErrorKind::WouldBlock {
        return Failure::Interrupted.error("interrupted");
    }
    Failure::Write.because(format!("cannot write to {name}"), error)
}

impl Drop for Sink {
    fn drop(&mut self) {
        // If it fails, there is no place left to say so.
        let _ = self.flush_escaper();
    }
}
