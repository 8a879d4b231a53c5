//! The content that options make: data, a form, a file, standard input.

use std::cell::Cell;
use std::ffi::OsStr;
use std::io::Read;

use super::chunking::{ChunkedReader, Chunking};
use super::curl::Manners;
use super::encoder::{Encoder, EncodingReader};
use super::form::{self, MultipartForm};
use super::pieces::{FilePiece, MAX_COPIED, Pieces};
use super::planned::RequestContent;
use super::standard_input::{self, InputUse};
use super::usage_error::usage;
use crate::chance;
use crate::cli::sending::{DataKind, SendingOptions};
use crate::failure::Failure;
use crate::hash::{Algorithm, Hasher};
use crate::http::request::UserField;
use crate::http::uri::Uri;
use crate::policy::Sends;
use crate::wait::{Input, Patient};

/// Content, before it is known which request carries it.
pub(super) enum ContentSource {
    /// `-d` and its kin.
    Data(Pieces),
    /// `-F`.
    Form(MultipartForm),
    /// `-T FILE`.
    File(Pieces),
    /// `-T -`: how it is encoded, and what has been read of it.
    Input(Encoder, Cell<InputUse>),
}

impl ContentSource {
    /// The form of the `-F` options, with a Content-Type made of the user's own.
    pub(super) fn form(
        options: &SendingOptions,
        user: &[UserField],
        manners: Manners,
    ) -> anyhow::Result<Self> {
        let own = user.iter().find(|field| field.is("content-type") && matches!(field, UserField::Line(_)));
        let own = own.map(UserField::value).filter(|value| !value.is_empty());
        let mut boundary = || form::boundary(&chance::characters(form::BOUNDARY_CHARACTERS));
        form::build(&options.all_form, own, options.form_escape, manners, &mut boundary).map(Self::Form)
    }

    /// What `-T` names, from byte `offset` on.
    pub(super) fn upload(path: &OsStr, offset: u64, encoder: Encoder) -> anyhow::Result<Self> {
        if is_input(path) {
            return Ok(Self::Input(encoder, Cell::default()));
        }
        let mut pieces = Pieces::default();
        pieces.push_file(FilePiece::new(path, "--upload-file", encoder)?.after(offset)?);
        Ok(Self::File(pieces))
    }

    /// How many bytes it has; `None` where only reading tells.
    pub(super) fn length(&self) -> Option<u64> {
        match self {
            Self::Form(MultipartForm { pieces, .. }) | Self::Data(pieces) | Self::File(pieces) => {
                pieces.length()
            }
            Self::Input(..) => None,
        }
    }

    /// The Content-Type that goes with it.
    pub(super) fn content_type(&self) -> Option<&[u8]> {
        match self {
            Self::Data(_) => Some(b"application/x-www-form-urlencoded"),
            Self::Form(form) => Some(&form.content_type),
            Self::File(_) | Self::Input(..) => None,
        }
    }

    /// What of the options does not go into it.
    pub(super) fn notices(&self) -> &[String] {
        if let Self::Form(form) = self { &form.notices } else { &[] }
    }

    /// What redirects take it for.
    pub(super) fn sends(&self) -> Sends {
        match self {
            Self::Data(_) | Self::Form(_) => Sends::Data,
            Self::File(_) | Self::Input(..) => Sends::Upload,
        }
    }

    /// What is sent, in the chunked coding where `chunking` says how.
    pub(super) fn content(&self, chunking: Option<&Chunking>) -> anyhow::Result<RequestContent> {
        if let Some(bytes) = self.small() {
            return Ok(RequestContent::Bytes(match chunking {
                Some(chunking) => chunked(bytes, chunking),
                None => bytes.to_vec(),
            }));
        }
        Ok(match self {
            Self::Data(pieces) | Self::Form(MultipartForm { pieces, .. }) | Self::File(pieces) => {
                if pieces.are_spent() {
                    return Err(
                        Failure::SendAgain.error("the content came from a pipe and cannot be sent again")
                    );
                }
                RequestContent::Pieces { pieces: pieces.clone(), chunking: chunking.cloned() }
            }
            Self::Input(encoder, used) => {
                used.set(standard_input::begin(used.get())?);
                let input: Box<dyn Input> = match encoder {
                    Encoder::Identity => Box::new(standard_input::open()?),
                    encoder => Box::new(EncodingReader::new(standard_input::open()?, *encoder)),
                };
                RequestContent::Stream(match chunking {
                    Some(chunking) => Box::new(ChunkedReader::new(input, chunking.clone())),
                    None => input,
                })
            }
        })
    }

    /// Data that may be copied.
    fn small(&self) -> Option<&[u8]> {
        let Self::Data(pieces) = self else { return None };
        pieces.bytes().filter(|bytes| bytes.len() <= MAX_COPIED)
    }

    /// Whether it can be read more than once.
    pub(super) fn can_send_again(&self) -> bool {
        match self {
            Self::Input(..) => standard_input::is_at_hand(),
            _ => self.length().is_some(),
        }
    }

    /// Its digest; `None` where it can be read only once, or in a build without
    /// hash functions.
    pub(super) fn digest(&self, algorithm: Algorithm) -> Option<Vec<u8>> {
        let mut hasher = Hasher::new(algorithm)?;
        let pieces = match self {
            Self::Data(pieces) | Self::Form(MultipartForm { pieces, .. }) | Self::File(pieces) => pieces,
            Self::Input(..) => return None,
        };
        // What only reading tells the length of may be a pipe, which is read once.
        pieces.length()?;
        let mut reader = pieces.reader();
        let mut piece = vec![0; 64 * 1024];
        loop {
            match Patient(&mut reader).read(&mut piece).ok()? {
                0 => return Some(hasher.finish()),
                count => hasher.update(&piece[..count]),
            }
        }
    }
}

/// `--crlf` converts files.
pub(super) fn refuse_fileless(options: &SendingOptions) -> anyhow::Result<()> {
    if options.crlf && options.send.is_empty() && options.upload_file.is_empty() {
        return Err(usage("--crlf", "needs --send or --upload-file, whose line ends it converts"));
    }
    Ok(())
}

/// Data, a form and a file are three bodies, and a request has one.
pub(super) fn refuse_several(options: &SendingOptions) -> anyhow::Result<()> {
    let given = [
        (data_option(options), !options.all_data.is_empty() && !options.get),
        ("--form", !options.all_form.is_empty()),
        ("--upload-file", !options.upload_file.is_empty()),
    ];
    let mut given = given.iter().filter(|(_, is_given)| *is_given).map(|(name, _)| name);
    match (given.next(), given.next()) {
        (Some(one), Some(other)) => {
            Err(usage(other, format!("cannot be used with {one}: a request has one content")))
        }
        _ => Ok(()),
    }
}

/// The first option that gives data, as it is named in messages.
fn data_option(options: &SendingOptions) -> &'static str {
    match options.all_data.first() {
        Some((DataKind::Json, _)) => "--json",
        _ => "--data",
    }
}

/// Whether `-T` means standard input: `.` does too, as it does to curl.
fn is_input(path: &OsStr) -> bool {
    path == "-" || path == "."
}

/// `uri` with the name of the file at `path` behind a path that ends in a
/// slash, as curl completes the URL of an upload.
pub(super) fn named(uri: Uri, path: &OsStr) -> Uri {
    if is_input(path) || !uri.origin_form().ends_with(b"/") || uri.origin_form().contains(&b'?') {
        return uri;
    }
    let path = path.as_encoded_bytes();
    let separator = |&byte: &u8| byte == b'/';
    let name = path.rsplit(separator).next().unwrap_or_default();
    let mut path_and_query = uri.origin_form().to_vec();
    for &byte in name {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            path_and_query.push(byte);
        } else {
            path_and_query.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
    Uri { path_and_query, ..uri }
}

/// `bytes` in the chunked coding.
fn chunked(bytes: &[u8], chunking: &Chunking) -> Vec<u8> {
    let mut coded = Vec::with_capacity(bytes.len() + 32);
    // Reading from memory can't fail.
    let _ = ChunkedReader::new(bytes, chunking.clone()).read_to_end(&mut coded);
    coded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::uri::Scheme;

    #[test]
    fn a_path_that_ends_in_a_slash_takes_the_files_name() {
        for (url, file, target) in [
            ("h", "/tmp/a b.txt", "/a%20b.txt"),
            ("h/x/", "c", "/x/c"),
            ("h/x", "c", "/x"),
            ("h/x/?y", "c", "/x/?y"),
            ("h/x/", "-", "/x/"),
        ] {
            let uri = Uri::parse(url.as_bytes(), Scheme::Http).expect("a URL");
            assert_eq!(named(uri, OsStr::new(file)).origin_form(), target.as_bytes(), "{url} {file}");
        }
    }

    #[test]
    fn standard_input_is_sent_once() {
        let body = ContentSource::upload(OsStr::new("-"), 0, Encoder::Identity).expect("standard input");
        assert_eq!(body.length(), None);
        let chunking = Chunking::default();
        assert!(body.content(Some(&chunking)).is_ok());
        assert!(body.content(Some(&chunking)).is_err());
    }
}
