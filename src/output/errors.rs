//! Standard error, and what `--stderr` puts in its place for the whole run. A
//! process has one, and all writes to it go through here.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Sink, room, share_a_terminal};

/// The program's name, which stands before messages.
static PROGRAM: OnceLock<&str> = OnceLock::new();
static PLACE: OnceLock<File> = OnceLock::new();
/// Whether what stood in the file before is still there.
static IS_STALE: AtomicBool = AtomicBool::new(false);
static HAS_FAILED: AtomicBool = AtomicBool::new(false);
/// What was printed last on the terminal of standard output has not ended its line.
static IS_LINE_OPEN: AtomicBool = AtomicBool::new(false);

/// Puts the file at `path` in place of standard error; `-` is standard output. What is
/// there already stays until something is written.
pub(crate) fn redirect(path: &OsStr) -> anyhow::Result<()> {
    let sink = if path == "-" { Sink::standard_output()? } else { Sink::create(path)? };
    IS_STALE.store(path != "-" && !Sink::is_own_stream(path), Ordering::Relaxed);
    // The first that was said counts.
    let _ = PLACE.set(sink.file.try_clone().map_err(|error| sink.write_error(error))?);
    Ok(())
}

/// Puts `name` before messages.
pub(crate) fn set_program(name: &'static str) {
    let _ = PROGRAM.set(name);
}

/// The program's name, which stands before messages.
pub(crate) fn program() -> &'static str {
    PROGRAM.get().copied().unwrap_or("rawget")
}

/// What stands in place of standard error.
pub(crate) fn place() -> Option<&'static File> {
    PLACE.get()
}

/// Something is about to be written: what stood in the file before goes.
pub(crate) fn begin() -> io::Result<()> {
    let is_stale = IS_STALE.swap(false, Ordering::Relaxed);
    let ordinary = place().filter(|file| is_stale && file.metadata().is_ok_and(|it| it.is_file()));
    ordinary.map_or(Ok(()), |file| file.set_len(0))
}

/// Notes whether what was printed last on the terminal of standard output leaves a line open.
pub(super) fn set_line_open(is_open: bool) {
    IS_LINE_OPEN.store(is_open, Ordering::Relaxed);
}

/// Whether it does, and nothing written here has ended that line.
pub(super) fn is_line_open() -> bool {
    IS_LINE_OPEN.load(Ordering::Relaxed)
}

/// Writes all of `bytes` at once, on a line of their own where standard output is the same
/// terminal. If that fails, there is no place to report it.
pub(crate) fn write(bytes: &[u8]) {
    if is_line_open() && share_a_terminal() {
        set_line_open(false);
        write(b"\n");
    }
    let written = match place() {
        Some(mut file) => begin().and_then(|()| room::write_all(&mut file, bytes)),
        None => room::write_all(&mut io::stderr().lock(), bytes),
    };
    if written.is_err_and(|error| error.kind() != ErrorKind::BrokenPipe) {
        HAS_FAILED.store(true, Ordering::Relaxed);
    }
}

/// Writes a message as a line, after the program's name.
pub(crate) fn write_line(message: &str) {
    write(format!("{}: {message}\n", program()).as_bytes());
}

/// Whether something could not be written here.
pub(crate) fn has_failed() -> bool {
    HAS_FAILED.load(Ordering::Relaxed)
}
