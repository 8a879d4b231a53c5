//! A request's content in pieces: bytes, and files that are read while they are
//! sent. It can be read as often as the request must be sent.

use std::cell::Cell;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Cursor, ErrorKind, Read, Seek, SeekFrom};
use std::ops::Range;
use std::rc::Rc;
use std::time::SystemTime;

use super::chunking::{ChunkedReader, Chunking};
use super::encoder::{Encoder, EncodingReader};
use super::input_file::{self, Size};
use super::standard_input::{InputFile, InputFileReader};
use super::usage_error::usage;
use crate::failure::{self, in_words};
use crate::wait::{Input, Live};

/// Most bytes that are copied rather than shared.
pub(super) const MAX_COPIED: usize = 64 * 1024;

/// The pieces, one behind the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pieces(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Bytes(SharedBytes),
    File(FilePiece),
}

/// Bytes, or a part of them, that all who read them share.
#[derive(Clone, Debug, PartialEq, Eq)]
struct SharedBytes {
    all: Rc<Vec<u8>>,
    part: Range<usize>,
}

impl AsRef<[u8]> for SharedBytes {
    fn as_ref(&self) -> &[u8] {
        self.all.get(self.part.clone()).unwrap_or_default()
    }
}

/// A file that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FilePiece {
    origin: FileOrigin,
    option: &'static str,
    offset: u64,
    /// From the offset on; `None`: it is no regular file, and ends where it ends.
    length: Option<u64>,
    encoder: Encoder,
    /// All of it, where it has been read.
    content: Option<Rc<[u8]>>,
    /// It has been opened to be sent, by this piece or a clone of it.
    was_opened: Rc<Cell<bool>>,
    counted: Option<Counted>,
}

/// Where a file's bytes are read.
#[derive(Clone, Debug, PartialEq, Eq)]
enum FileOrigin {
    Path(OsString),
    StandardInput(InputFile),
}

/// How many bytes a file is encoded to, and when the file that was counted was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Counted {
    length: u64,
    modified: Option<SystemTime>,
}

impl FilePiece {
    /// The file at `path`, which the option named `option` gives. It must be
    /// there and readable by now.
    pub(super) fn new(path: &OsStr, option: &'static str, encoder: Encoder) -> anyhow::Result<Self> {
        let (length, content) = match input_file::size(path, option)? {
            Size::Known(length) => (Some(length), None),
            Size::Read(bytes) => (Some(bytes.len() as u64), Some(bytes.into())),
            Size::Unknown => (None, None),
        };
        let origin = FileOrigin::Path(path.to_owned());
        Ok(Self { content, ..Self::whole(origin, option, length, encoder) })
    }

    /// Standard input, which is a file.
    pub(super) fn of_input(input: InputFile, option: &'static str, encoder: Encoder) -> anyhow::Result<Self> {
        let length =
            Some(input.length().map_err(|error| input_file::cannot_read("-".as_ref(), option, error))?);
        Ok(Self::whole(FileOrigin::StandardInput(input), option, length, encoder))
    }

    /// All of a file, of which nothing has been read.
    fn whole(origin: FileOrigin, option: &'static str, length: Option<u64>, encoder: Encoder) -> Self {
        let was_opened = Rc::default();
        Self { origin, option, offset: 0, length, encoder, content: None, was_opened, counted: None }
    }

    /// The file, its encoded length found by reading it once.
    pub(super) fn counted(self) -> anyhow::Result<Self> {
        if self.encoded_length().is_some() {
            return Ok(self);
        }
        let modified = self.modified();
        let counted = self.open().and_then(|mut reader| io::copy(&mut reader, &mut io::sink()));
        let length = counted.map_err(|error| input_file::cannot_read(self.path(), self.option, error))?;
        Ok(Self { counted: Some(Counted { length, modified }), ..self })
    }

    fn modified(&self) -> Option<SystemTime> {
        match &self.origin {
            FileOrigin::Path(path) => std::fs::metadata(path).and_then(|found| found.modified()).ok(),
            FileOrigin::StandardInput(input) => input.modified().ok(),
        }
    }

    /// As options name it.
    fn path(&self) -> &OsStr {
        match &self.origin {
            FileOrigin::Path(path) => path,
            FileOrigin::StandardInput(_) => "-".as_ref(),
        }
    }

    /// The file without its first `offset` bytes; something has to be left of it.
    pub(super) fn after(self, offset: u64) -> anyhow::Result<Self> {
        let length = self.length.map(|length| {
            length.checked_sub(offset).filter(|&left| left > 0 || offset == 0).ok_or_else(|| {
                let help = format!("byte {offset} is past the end of the file ({})", failure::bytes(length));
                usage("--continue-at", help)
            })
        });
        Ok(Self { offset, length: length.transpose()?, ..self })
    }

    /// How many bytes it is once encoded; `None` where only reading tells.
    pub(super) fn encoded_length(&self) -> Option<u64> {
        let counted = self.counted.map(|counted| counted.length);
        counted.or_else(|| self.length.and_then(|length| self.encoder.length(length)))
    }

    /// Whether it can be read only once, and has been.
    fn is_spent(&self) -> bool {
        self.length.is_none() && self.was_opened.get()
    }

    fn open(&self) -> io::Result<Box<dyn Input>> {
        self.was_opened.set(true);
        let exact = match &self.content {
            Some(content) => {
                let mut content = Cursor::new(Rc::clone(content));
                content.set_position(self.offset);
                Box::new(content)
            }
            None => self.open_file()?,
        };
        Ok(match self.encoder {
            Encoder::Identity => exact,
            encoder => Box::new(EncodingReader::new(exact, encoder)),
        })
    }

    fn open_file(&self) -> io::Result<Box<dyn Input>> {
        let context = |error: io::Error| {
            let path = crate::output::escape::one_line(self.path().as_encoded_bytes());
            io::Error::new(error.kind(), format!("{}: {path}: {}", self.option, in_words(&error)))
        };
        if self.counted.is_some_and(|counted| counted.modified != self.modified()) {
            return Err(context(io::Error::other("the file was changed after its length was determined")));
        }
        match &self.origin {
            FileOrigin::Path(path) => self.open_at(path).map_err(context),
            FileOrigin::StandardInput(input) => {
                let inner = input.open(self.offset).map_err(context)?;
                Ok(Box::new(Exact { inner, left: self.length.unwrap_or(u64::MAX) }))
            }
        }
    }

    fn open_at(&self, path: &OsStr) -> io::Result<Box<dyn Input>> {
        let mut file = File::open(path)?;
        if self.offset > 0 {
            file.seek(SeekFrom::Start(self.offset))?;
        }
        Ok(match self.length {
            Some(length) => Box::new(Exact { inner: file, left: length }),
            None => Box::new(Live::new(file)),
        })
    }
}

impl Pieces {
    /// Adds bytes behind what is there.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        match self.0.last_mut() {
            Some(Piece::Bytes(last)) if last.part.end == last.all.len() => {
                Rc::make_mut(&mut last.all).extend_from_slice(bytes);
                last.part.end += bytes.len();
            }
            _ => self.push_shared(Rc::new(bytes.to_vec()), 0..bytes.len()),
        }
    }

    /// As [`Self::push`]; many bytes are not copied.
    pub(super) fn push_owned(&mut self, bytes: Vec<u8>) {
        match self.0.last() {
            Some(Piece::Bytes(_)) if bytes.len() <= MAX_COPIED => self.push(&bytes),
            _ => {
                let part = 0..bytes.len();
                self.push_shared(Rc::new(bytes), part);
            }
        }
    }

    /// Adds a part of `all` behind what is there, without a copy.
    pub(super) fn push_shared(&mut self, all: Rc<Vec<u8>>, part: Range<usize>) {
        if !part.is_empty() {
            self.0.push(Piece::Bytes(SharedBytes { all, part }));
        }
    }

    /// Adds a file behind what is there.
    pub(super) fn push_file(&mut self, file: FilePiece) {
        self.0.push(Piece::File(file));
    }

    /// How many bytes they are; `None` where only reading tells.
    pub(crate) fn length(&self) -> Option<u64> {
        self.0.iter().try_fold(0_u64, |sum, piece| {
            sum.checked_add(match piece {
                Piece::Bytes(bytes) => bytes.as_ref().len() as u64,
                Piece::File(file) => file.encoded_length()?,
            })
        })
    }

    /// Whether a pipe among them has been read, so that they cannot be sent again.
    pub(crate) fn are_spent(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::File(file) if file.is_spent()))
    }

    /// The bytes that they are; `None` where a file is among them.
    pub(super) fn bytes(&self) -> Option<&[u8]> {
        match &self.0[..] {
            [] => Some(b""),
            [Piece::Bytes(bytes)] => Some(bytes.as_ref()),
            _ => None,
        }
    }

    /// Whether all of them are in memory.
    pub(crate) fn are_in_memory(&self) -> bool {
        self.0.iter().all(|piece| matches!(piece, Piece::Bytes(_)))
    }

    /// The file that they are, unaltered and from its first byte on, and its length.
    pub(crate) fn whole_file(&self) -> Option<(&OsStr, u64)> {
        let [Piece::File(file)] = &self.0[..] else { return None };
        let is_whole = file.offset == 0 && file.encoder == Encoder::Identity && file.content.is_none();
        let FileOrigin::Path(path) = &file.origin else { return None };
        file.length.filter(|_| is_whole).map(|length| (&**path, length))
    }

    /// Reads them from the start, in the chunked coding if so.
    pub(crate) fn open(&self, chunking: Option<&Chunking>) -> Box<dyn Input> {
        match chunking {
            Some(chunking) => Box::new(ChunkedReader::new(self.reader(), chunking.clone())),
            None => Box::new(self.reader()),
        }
    }

    /// Reads them from the start.
    pub(super) fn reader(&self) -> PiecesReader {
        PiecesReader { pieces: self.0.clone().into_iter(), current: None }
    }

    /// All that reading them gives.
    pub(super) fn to_bytes(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.reader().read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// Reads [`Pieces`]; a file is opened when its turn comes.
pub(super) struct PiecesReader {
    pieces: std::vec::IntoIter<Piece>,
    current: Option<Box<dyn Input>>,
}

impl Input for PiecesReader {
    fn live(&self) -> Option<&Live> {
        self.current.as_ref().and_then(|current| current.live())
    }

    fn file(&self) -> Option<(&File, u64)> {
        self.current.as_ref().and_then(|current| current.file())
    }

    fn has_moved(&mut self, count: u64) {
        self.current.iter_mut().for_each(|current| current.has_moved(count));
    }

    fn pipe(&self) -> Option<&File> {
        self.current.as_ref().and_then(|current| current.pipe())
    }
}

impl Read for PiecesReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if let Some(current) = &mut self.current {
                match current.read(buffer)? {
                    0 => self.current = None,
                    count => return Ok(count),
                }
            }
            match self.pieces.next() {
                None => return Ok(0),
                Some(Piece::Bytes(bytes)) => self.current = Some(Box::new(Cursor::new(bytes))),
                Some(Piece::File(file)) => {
                    // What comes of a pipe is waited for elsewhere.
                    if self.current.insert(file.open()?).live().is_some() {
                        return Err(ErrorKind::Interrupted.into());
                    }
                }
            }
        }
    }
}

/// As many bytes as were announced: a file that grows is cut, one that shrinks
/// is an error.
struct Exact<R> {
    inner: R,
    left: u64,
}

impl Input for Exact<InputFileReader> {}

impl Input for Exact<File> {
    fn file(&self) -> Option<(&File, u64)> {
        Some((&self.inner, self.left))
    }

    fn has_moved(&mut self, count: u64) {
        self.left = self.left.saturating_sub(count);
    }
}

impl<R: Read> Read for Exact<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        if most == 0 {
            return Ok(0);
        }
        let count = self.inner.read(&mut buffer[..most])?;
        if count == 0 {
            let message = format!("the file shrank by {} while it was sent", failure::bytes(self.left));
            return Err(io::Error::new(ErrorKind::UnexpectedEof, message));
        }
        self.left -= count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::fd::AsRawFd;

    use super::*;

    #[test]
    fn a_file_that_shrinks_is_an_error_and_one_that_grows_is_cut() {
        let read = |content: &'static str, left| {
            let mut text = String::new();
            Exact { inner: content.as_bytes(), left }.read_to_string(&mut text).map(|_| text)
        };
        assert_eq!(read("abc", 2).ok().as_deref(), Some("ab"));
        assert!(read("abc", 4).is_err());
    }

    #[test]
    fn what_comes_of_a_pipe_is_waited_for_elsewhere() {
        let (pipe, mut writer) = io::pipe().expect("a pipe");
        let path = format!("/dev/fd/{}", pipe.as_raw_fd());
        let mut pieces = Pieces::default();
        pieces.push(b"before");
        pieces.push_file(FilePiece::new(path.as_ref(), "--form", Encoder::Identity).expect("a file"));
        let (mut reader, mut piece) = (pieces.reader(), [0; 16]);
        assert_eq!(reader.read(&mut piece).expect("bytes"), 6);
        let opened = reader.read(&mut piece).expect_err("nothing is read of it");
        assert_eq!(opened.kind(), ErrorKind::Interrupted);
        assert!(reader.live().is_some());
        writer.write_all(b"late").expect("written");
        drop(writer);
        let mut rest = String::new();
        reader.read_to_string(&mut rest).expect("text");
        assert_eq!(rest, "late");
    }

    #[test]
    fn pieces_are_read_again_from_the_start() {
        let mut pieces = Pieces::default();
        pieces.push(b"ab");
        pieces.push(b"c");
        assert_eq!(pieces.0.len(), 1);
        assert_eq!(pieces.length(), Some(3));
        assert_eq!(pieces.to_bytes().ok(), pieces.to_bytes().ok());
    }
}
