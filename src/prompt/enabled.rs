use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use signal_hook::consts::{SIGINT, SIGQUIT};
use signal_hook::low_level::emulate_default_handler;

use crate::interrupt;

/// How `--version` lists it.
pub(crate) const NAME: &str = "+prompt";

/// Longest password that is read, and more than terminals take.
const MAX_PASSWORD: usize = 64 * 1024;

/// What is typed after `question`.
pub(crate) fn password(question: &str) -> io::Result<Vec<u8>> {
    let opened = OpenOptions::new().read(true).write(true).open("/dev/tty");
    let mut terminal = opened.map_err(|_| io::Error::new(ErrorKind::NotFound, "there is no terminal"))?;
    let usual = tcgetattr(&terminal)?;
    // A signal that no key sends is to find the terminal as it was, too.
    interrupt::watch();
    tcsetattr(&terminal, OptionalActions::Flush, &silent(&usual))?;
    let typed = ask(&mut terminal, question);
    let restored = tcsetattr(&terminal, OptionalActions::Flush, &usual);
    let _ = terminal.write_all(b"\n");
    if interrupt::has_come() {
        interrupt::die();
    }
    let mut typed = typed?;
    restored?;
    match typed.pop() {
        Some(b'\n') => Ok(typed),
        Some(key) if key == code(&usual, SpecialCodeIndex::VINTR) => end(SIGINT),
        Some(key) if key == code(&usual, SpecialCodeIndex::VQUIT) => end(SIGQUIT),
        _ => Err(ErrorKind::UnexpectedEof.into()),
    }
}

/// `usual` without echo. The keys that interrupt end the line and send no signal, so
/// that the terminal is as it was before anything ends.
fn silent(usual: &Termios) -> Termios {
    let mut silent = usual.clone();
    silent.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ISIG);
    silent.special_codes[SpecialCodeIndex::VEOL] = code(usual, SpecialCodeIndex::VINTR);
    silent.special_codes[SpecialCodeIndex::VEOL2] = code(usual, SpecialCodeIndex::VQUIT);
    silent
}

fn code(terminal: &Termios, index: SpecialCodeIndex) -> u8 {
    terminal.special_codes[index]
}

/// One line, with what ended it.
fn ask(terminal: &mut File, question: &str) -> io::Result<Vec<u8>> {
    terminal.write_all(question.as_bytes())?;
    let mut typed = Vec::new();
    let mut piece = [0; 4096];
    loop {
        await_line(terminal)?;
        let length = match terminal.read(&mut piece) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            read => read?,
        };
        typed.extend_from_slice(&piece[..length]);
        // A line comes as a whole; one without an end has been cut by the terminal.
        if length < piece.len() || typed.ends_with(b"\n") {
            return Ok(typed);
        }
        if typed.len() > MAX_PASSWORD {
            return Err(io::Error::new(ErrorKind::InvalidInput, "it is too long"));
        }
    }
}

/// Waits until something was typed; an error where an interrupt comes first.
fn await_line(terminal: &File) -> io::Result<()> {
    let Some(interrupt) = interrupt::waited_for() else { return Ok(()) };
    let mut waited =
        [PollFd::new(terminal, PollFlags::IN), PollFd::from_borrowed_fd(interrupt, PollFlags::IN)];
    while let Err(error) = poll(&mut waited, None) {
        if error != rustix::io::Errno::INTR {
            return Err(error.into());
        }
    }
    if interrupt::has_come() { Err(ErrorKind::Interrupted.into()) } else { Ok(()) }
}

/// Ends the program as the key's signal would have.
fn end(signal: i32) -> io::Result<Vec<u8>> {
    emulate_default_handler(signal)?;
    Err(ErrorKind::Interrupted.into())
}
