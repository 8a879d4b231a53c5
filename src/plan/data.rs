//! The bodies of the `-d` family, put together as curl does.

use std::ffi::{OsStr, OsString};
use std::io::Read;

use super::encoder::{Encoder, EncodingReader, push_escaped, push_percent_encoded};
use super::input_file;
use super::pieces::{FilePiece, Pieces};
use super::standard_input::InputFile;
use crate::cli::sending::DataKind;

/// Larger files are read while they are sent. Others are read at once: what happens to them later has no effect.
const MAX_HELD: u64 = 1024 * 1024;

/// What one option gives.
enum DataPiece {
    Bytes(Vec<u8>),
    /// What goes before a file's content, and how that is encoded.
    File {
        before: Vec<u8>,
        path: OsString,
        option: &'static str,
        encoder: Encoder,
    },
}

/// The options' content in their order, joined.
pub(super) fn joined(options: &[(DataKind, OsString)]) -> anyhow::Result<Pieces> {
    let mut pieces = Pieces::default();
    for (index, (kind, value)) in options.iter().enumerate() {
        if index > 0 && *kind != DataKind::Json {
            pieces.push(b"&");
        }
        match DataPiece::new(*kind, value) {
            DataPiece::File { before, path, option, encoder } => match large_file(&path, option, encoder)? {
                Some(file) => {
                    pieces.push(&before);
                    pieces.push_file(file.counted()?);
                }
                None => pieces.push_owned(read(before, &path, option, encoder)?),
            },
            DataPiece::Bytes(bytes) => pieces.push_owned(bytes),
        }
    }
    Ok(pieces)
}

/// The file at `path`, or standard input, where it is to be read while it is sent.
fn large_file(path: &OsStr, option: &'static str, encoder: Encoder) -> anyhow::Result<Option<FilePiece>> {
    if path == "-" {
        let input = InputFile::take_larger(MAX_HELD);
        return input.map(|input| FilePiece::of_input(input, option, encoder)).transpose();
    }
    let is_large = std::fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() > MAX_HELD);
    is_large.then(|| FilePiece::new(path, option, encoder)).transpose()
}

/// All of a file behind `bytes`.
fn read(mut bytes: Vec<u8>, path: &OsStr, option: &str, encoder: Encoder) -> anyhow::Result<Vec<u8>> {
    if bytes.is_empty() && encoder == Encoder::Identity {
        return input_file::read_content(path, option);
    }
    let mut reader = EncodingReader::new(input_file::open(path, option)?, encoder);
    reader.read_to_end(&mut bytes).map_err(|error| input_file::cannot_read(path, option, error))?;
    Ok(bytes)
}

impl DataPiece {
    fn new(kind: DataKind, value: &OsStr) -> Self {
        let file = value.to_str().and_then(|text| text.strip_prefix('@')).map(OsString::from);
        let (path, option, encoder) = match (kind, file) {
            (DataKind::Ascii, Some(path)) => (path, "--data", Encoder::Unbroken),
            (DataKind::Binary, Some(path)) => (path, "--data-binary", Encoder::Identity),
            (DataKind::Json, Some(path)) => (path, "--json", Encoder::Identity),
            (DataKind::UrlEncode, _) => return Self::url_encoded(value),
            _ => return Self::Bytes(value.as_encoded_bytes().to_vec()),
        };
        Self::File { before: Vec::new(), path, option, encoder }
    }

    /// What `--data-urlencode` makes of `CONTENT`, `=CONTENT`, `NAME=CONTENT`,
    /// `@FILE` and `NAME@FILE`: the content percent-encoded, the name as it is. As in curl, no
    /// file is meant where there is a `=`.
    fn url_encoded(value: &OsStr) -> Self {
        let bytes = value.as_encoded_bytes();
        let position = |wanted| bytes.iter().position(|&byte| byte == wanted);
        let at = position(b'=').or_else(|| position(b'@'));
        let (name, content) = at.map_or((&b""[..], bytes), |at| (&bytes[..at], &bytes[at + 1..]));
        let mut encoded = name.to_vec();
        if !name.is_empty() {
            encoded.push(b'=');
        }
        if at.is_some_and(|at| bytes[at] == b'@') {
            let (path, option) = (input_file::path_of(content), "--data-urlencode");
            return Self::File { before: encoded, path, option, encoder: Encoder::Percent };
        }
        push_percent_encoded(&mut encoded, content);
        Self::Bytes(encoded)
    }
}

/// What `--url-query` adds: as `--data-urlencode`, but `+DATA` goes in as it is.
pub(super) fn query_piece(value: &OsStr) -> anyhow::Result<Vec<u8>> {
    match value.as_encoded_bytes().strip_prefix(b"+") {
        Some(verbatim) => Ok(verbatim.to_vec()),
        None => match DataPiece::url_encoded(value) {
            DataPiece::Bytes(bytes) => Ok(bytes),
            DataPiece::File { before, path, encoder, .. } => read(before, &path, "--url-query", encoder),
        },
    }
}

/// Everything but the unreserved characters as `%XX` (RFC 3986 §2.3).
pub(crate) fn escaped(bytes: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(bytes.len());
    push_escaped(&mut encoded, bytes);
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_urlencode() {
        for (value, expected) in [
            ("a b&c", "a+b%26c"),
            ("=a=b", "a%3Db"),
            ("n m=a b", "n m=a+b"),
            ("a@b=c@d", "a@b=c%40d"),
            ("é~._-", "%C3%A9~._-"),
        ] {
            assert_eq!(query_piece(OsStr::new(value)).expect("no file"), expected.as_bytes());
        }
        assert_eq!(query_piece(OsStr::new("+a b")).expect("no file"), b"a b");
    }

    #[test]
    fn json_is_joined_by_nothing() {
        let pieces = |kind| [(kind, OsString::from("a")), (kind, OsString::from("b"))];
        let joined = |kind| joined(&pieces(kind)).expect("no file").to_bytes().expect("no file");
        assert_eq!(joined(DataKind::Raw), b"a&b");
        assert_eq!(joined(DataKind::Json), b"ab");
    }
}
