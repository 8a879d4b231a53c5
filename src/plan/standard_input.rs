//! Standard input as what is sent: read once as a stream, or as often as need be where it is a file.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt;
use std::time::SystemTime;

use crate::failure::Failure;
use crate::standard_streams::is_input_closed;
use crate::wait::{Input, Live};

/// Whether standard input has been read as content.
#[derive(Clone, Copy, Default)]
pub(super) enum InputUse {
    #[default]
    Unread,
    /// A file, read from this byte on.
    FileFrom(u64),
    /// It can be read only once.
    Once,
}

/// Standard input, of which nothing is read ahead.
pub(super) fn open() -> anyhow::Result<Live> {
    if is_input_closed() {
        return Err(Failure::Read.error("cannot read standard input: it is closed"));
    }
    let failed = |error| Failure::Read.because("cannot read standard input", error);
    file().map(Live::new).map_err(failed)
}

fn file() -> io::Result<File> {
    io::stdin().as_fd().try_clone_to_owned().map(File::from)
}

/// Whether standard input is a file: all of it is there.
pub(super) fn is_at_hand() -> bool {
    file().and_then(|file| file.metadata()).is_ok_and(|metadata| metadata.is_file())
}

/// Makes standard input ready to be sent as content, after what has been read of it:
/// a file is read once more from where it began, as by curl.
pub(super) fn begin(used: InputUse) -> anyhow::Result<InputUse> {
    let again = "the content came from standard input and cannot be sent again";
    match used {
        InputUse::Unread if is_at_hand() => {
            let position = file().and_then(|mut file| file.stream_position());
            Ok(position.map_or(InputUse::Once, InputUse::FileFrom))
        }
        InputUse::Unread => Ok(InputUse::Once),
        InputUse::FileFrom(start) => {
            let sought = file().and_then(|mut file| file.seek(SeekFrom::Start(start)));
            sought.map(|_| used).map_err(|error| Failure::SendAgain.because(again, error))
        }
        InputUse::Once => Err(Failure::SendAgain.error(again)),
    }
}

/// What a file has that is standard input, from where it was to be read next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct InputFile {
    start: u64,
}

impl InputFile {
    /// Takes all of standard input, so that a later reader finds its end; `None` where it is no file.
    pub(super) fn take() -> Option<Self> {
        let mut file = file().ok().filter(|_| is_at_hand())?;
        let start = file.stream_position().ok()?;
        file.seek(SeekFrom::End(0)).ok()?;
        Some(Self { start })
    }

    /// As [`Self::take`]; `None` too where no more than `least` bytes are known to be there.
    pub(super) fn take_larger(least: u64) -> Option<Self> {
        let start = file().ok().filter(|_| is_at_hand())?.stream_position().ok()?;
        let found = Self { start }.length().ok()?;
        if found > least { Self::take() } else { None }
    }

    /// How many bytes it has by now; files whose content is made when it is read say 0.
    pub(super) fn length(self) -> io::Result<u64> {
        Ok(file()?.metadata()?.len().saturating_sub(self.start))
    }

    pub(super) fn modified(self) -> io::Result<SystemTime> {
        file()?.metadata()?.modified()
    }

    /// Reads it from byte `offset` on; several readers do not disturb each other.
    pub(super) fn open(self, offset: u64) -> io::Result<InputFileReader> {
        Ok(InputFileReader { file: file()?, position: self.start.saturating_add(offset) })
    }
}

/// Reads a file without moving the position that it shares with other processes.
pub(super) struct InputFileReader {
    file: File,
    position: u64,
}

impl Read for InputFileReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(buffer, self.position)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl Input for InputFileReader {}
