use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};

use rustix::process::{Signal, getpid, kill_process};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};

/// How `--version` lists it.
pub(crate) const NAME: &str = "+prompt";

/// Longest password that is read, and more than terminals take.
const MAX_PASSWORD: usize = 64 * 1024;

/// What is typed after `question`.
pub(crate) fn password(question: &str) -> io::Result<Vec<u8>> {
    let mut terminal = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
    let usual = tcgetattr(&terminal)?;
    tcsetattr(&terminal, OptionalActions::Flush, &silent(&usual))?;
    let typed = ask(&mut terminal, question);
    let restored = tcsetattr(&terminal, OptionalActions::Flush, &usual);
    let _ = terminal.write_all(b"\n");
    let mut typed = typed?;
    restored?;
    match typed.pop() {
        Some(b'\n') => Ok(typed),
        Some(key) if key == code(&usual, SpecialCodeIndex::VINTR) => end(Signal::INT),
        Some(key) if key == code(&usual, SpecialCodeIndex::VQUIT) => end(Signal::QUIT),
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

/// Ends the program as the key's signal would have.
fn end(signal: Signal) -> io::Result<Vec<u8>> {
    kill_process(getpid(), signal)?;
    Err(ErrorKind::Interrupted.into())
}
