//! How content is chunked (RFC 9112 §7.1): `--chunk-size`, `--chunk-ext`,
//! `--trailer`, and the coding itself.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, ErrorKind, Read};

use super::fields::{self, LineRules};
use super::usage_error::usage;
use crate::cli::sending::SendingOptions;
use crate::http::request::UserField;
use crate::wait::{Input, Live};

/// Size of a chunk where `--chunk-size` is not given: what curl reads at once.
const CHUNK: usize = 64 * 1024;

/// How content is cut into chunks, and what goes with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chunking {
    /// Bytes of data in a chunk.
    size: usize,
    /// The first option that asks for it.
    option: &'static str,
    /// Each chunk but the last is filled to its size, however the content comes.
    fills: bool,
    /// What stands behind each size, the last chunk's too.
    extension: Vec<u8>,
    /// The trailer section, each line with its CRLF.
    trailers: Vec<u8>,
}

impl Default for Chunking {
    fn default() -> Self {
        Self {
            size: CHUNK,
            option: "--chunk-size",
            fills: false,
            extension: Vec::new(),
            trailers: Vec::new(),
        }
    }
}

impl Chunking {
    /// What the options say; `None` where none of them is given.
    pub(super) fn new(options: &SendingOptions) -> anyhow::Result<Option<Self>> {
        let SendingOptions { chunk_size, chunk_ext, trailer, .. } = options;
        let given = [
            ("--chunk-size", chunk_size.is_some()),
            ("--chunk-ext", chunk_ext.is_some()),
            ("--trailer", !trailer.is_empty()),
        ];
        let Some((name, _)) = given.into_iter().find(|(_, is_given)| *is_given) else { return Ok(None) };
        if options.http1_0 {
            return Err(usage(name, "HTTP/1.0 has no chunked coding"));
        }
        let size = chunk_size.map_or(CHUNK, |size| size as usize);
        Ok(Some(Self {
            size,
            option: name,
            fills: chunk_size.is_some(),
            extension: extension(chunk_ext.as_deref())?,
            trailers: trailers(options)?,
        }))
    }

    /// What stands before the data of a chunk of `length` bytes.
    fn line(&self, length: usize) -> Vec<u8> {
        [format!("{length:x}").as_bytes(), &self.extension, b"\r\n"].concat()
    }

    /// The error where there is no content to put into chunks.
    pub(super) fn refuse_without_content(&self) -> anyhow::Error {
        usage(self.option, "there is no content; use -d, --json, -F or -T")
    }
}

/// The text as it stands behind a chunk's size; a `;` is put before it where it has none.
fn extension(text: Option<&OsStr>) -> anyhow::Result<Vec<u8>> {
    let text = text.unwrap_or_default().as_encoded_bytes();
    fields::refuse_controls("--chunk-ext", text)?;
    let has_start = text.first().is_none_or(|first| b"; \t".contains(first));
    Ok(if has_start { text.to_vec() } else { [b";", text].concat() })
}

fn trailers(options: &SendingOptions) -> anyhow::Result<Vec<u8>> {
    let mut section = Vec::new();
    let rules = LineRules { keeps_empty: true, ..LineRules::default() };
    for field in fields::read(&options.trailer, "--trailer", rules)? {
        if let UserField::Line(line) = field {
            section.extend_from_slice(&line);
            section.extend_from_slice(b"\r\n");
        }
    }
    Ok(section)
}

/// Reads another input, and gives its bytes in the chunked coding.
pub(super) struct ChunkedReader<R> {
    inner: R,
    chunking: Chunking,
    /// Room for the data of a chunk, and how much of it has been read.
    data: Vec<u8>,
    filled: usize,
    coded: Vec<u8>,
    given: usize,
    is_ended: bool,
}

impl<R: Input> ChunkedReader<R> {
    /// Codes what `inner` gives: one chunk for each read, unless a size is requested.
    pub(super) fn new(inner: R, chunking: Chunking) -> Self {
        let (data, coded) = (Vec::new(), Vec::new());
        Self { inner, chunking, data, filled: 0, coded, given: 0, is_ended: false }
    }

    /// Reads the data of one chunk, and gives its length. `Interrupted` where more of it has to be waited for.
    fn read_data(&mut self) -> io::Result<usize> {
        self.data.resize(self.chunking.size, 0);
        loop {
            let count = self.inner.read(&mut self.data[self.filled..])?;
            self.filled += count;
            if count == 0 || !self.chunking.fills || self.filled == self.data.len() {
                return Ok(std::mem::take(&mut self.filled));
            }
            if self.inner.live().is_some() {
                return Err(ErrorKind::Interrupted.into());
            }
        }
    }
}

impl<R: Input> Input for ChunkedReader<R> {
    fn live(&self) -> Option<&Live> {
        let must_read = self.given == self.coded.len() && !self.is_ended;
        if must_read { self.inner.live() } else { None }
    }

    fn pipe(&self) -> Option<&File> {
        let must_read = self.given == self.coded.len() && !self.is_ended;
        if must_read && !self.chunking.fills { self.inner.pipe() } else { None }
    }

    fn chunk_line(&self, length: usize) -> Option<Vec<u8>> {
        Some(self.chunking.line(length))
    }
}

impl<R: Input> Read for ChunkedReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.coded.len() && !self.is_ended {
            let length = self.read_data()?;
            self.given = 0;
            self.coded.clear();
            self.is_ended = length == 0;
            self.coded.extend_from_slice(&self.chunking.line(length));
            self.coded.extend_from_slice(&self.data[..length]);
            if self.is_ended {
                self.coded.extend_from_slice(&self.chunking.trailers);
            }
            self.coded.extend_from_slice(b"\r\n");
        }
        let count = (&self.coded[self.given..]).read(buffer)?;
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::fd::OwnedFd;

    use super::*;

    fn coded(input: &str, chunking: Chunking) -> String {
        let mut text = String::new();
        ChunkedReader::new(input.as_bytes(), chunking).read_to_string(&mut text).expect("text");
        text
    }

    #[test]
    fn chunks_end_with_an_empty_one() {
        assert_eq!(coded("hello", Chunking::default()), "5\r\nhello\r\n0\r\n\r\n");
        assert_eq!(coded("", Chunking::default()), "0\r\n\r\n");
    }

    #[test]
    fn chunks_have_the_size_the_extension_and_the_trailers_asked_for() {
        let chunking = Chunking {
            size: 2,
            option: "",
            fills: true,
            extension: b";a=b".to_vec(),
            trailers: b"X: 1\r\n".to_vec(),
        };
        let wanted = "2;a=b\r\nhe\r\n2;a=b\r\nll\r\n1;a=b\r\no\r\n0;a=b\r\nX: 1\r\n\r\n";
        assert_eq!(coded("hello", chunking), wanted);
    }

    #[test]
    fn the_rest_of_a_chunk_is_waited_for_elsewhere() {
        let (reader, mut writer) = io::pipe().expect("a pipe");
        let live = Live::new(File::from(OwnedFd::from(reader)));
        let mut coded = ChunkedReader::new(live, Chunking { size: 4, fills: true, ..Chunking::default() });
        let mut piece = [0; 16];
        writer.write_all(b"abc").expect("written");
        let part = coded.read(&mut piece).expect_err("a part of a chunk");
        assert_eq!(part.kind(), ErrorKind::Interrupted);
        writer.write_all(b"de").expect("written");
        drop(writer);
        let count = coded.read(&mut piece).expect("a chunk");
        assert_eq!(&piece[..count], b"4\r\nabcd\r\n");
        let mut rest = String::new();
        coded.read_to_string(&mut rest).expect("text");
        assert_eq!(rest, "1\r\ne\r\n0\r\n\r\n");
    }
}
