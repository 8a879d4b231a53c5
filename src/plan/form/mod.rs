//! multipart/form-data (RFC 7578) for `-F` and `--form-string`, byte for byte as
//! curl sends it.
//!
//! [`part`] reads what one option says; here the parts become bytes. Files are
//! read when they are sent, standard input is read now.

mod part;

use std::ffi::OsString;
use std::io::Read;

use super::curl::Manners;
use super::encoder::{Encoder, EncodingReader};
use super::input_file;
use super::pieces::{FilePiece, MAX_COPIED, Pieces};
use super::standard_input::InputFile;
use crate::cli::sending::FormKind;
use crate::failure::Failure;
use crate::http::parameter::parameter;
use crate::http::syntax::trim_ows;

/// A form, ready to be sent.
#[derive(Clone, Debug)]
pub(super) struct MultipartForm {
    /// The value of Content-Type.
    pub(super) content_type: Vec<u8>,
    pub(super) pieces: Pieces,
    /// What of the options is not sent.
    pub(super) notices: Vec<String>,
}

/// One part of a multipart content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Part {
    name: Option<Vec<u8>>,
    filename: Option<Vec<u8>>,
    content_type: Option<Vec<u8>>,
    headers: Vec<Vec<u8>>,
    /// Its name as it was given, and what it is.
    encoder: Option<(Vec<u8>, Encoder)>,
    source: PartSource,
}

/// Where a part's content comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum PartSource {
    Data(Vec<u8>),
    File(OsString),
    Input(InputFile),
    Parts(Vec<Part>),
}

impl Default for PartSource {
    fn default() -> Self {
        Self::Data(Vec::new())
    }
}

/// The form of these fields. `own_type` is the Content-Type that the user gave: its boundary is
/// used where `Manners` say so, else one is added to it. `escapes` is `--form-escape`; `boundary`
/// makes another boundary each time.
pub(super) fn build(
    fields: &[(FormKind, OsString)],
    own_type: Option<&[u8]>,
    escapes: bool,
    manners: Manners,
    boundary: &mut dyn FnMut() -> Vec<u8>,
) -> anyhow::Result<MultipartForm> {
    let mut notices = Vec::new();
    let parts = part::parts(fields, &mut notices)?;
    let own_type = own_type.unwrap_or(b"multipart/form-data");
    let given = parameter(own_type, "boundary").filter(|given| !given.is_empty() && !manners.as_curl);
    let outer = given.clone().unwrap_or_else(&mut *boundary);
    let content_type = match given {
        Some(_) => own_type.to_vec(),
        None => [own_type, b"; boundary=", &outer].concat(),
    };
    let mut writer = Writer { pieces: Pieces::default(), escapes, boundary };
    writer.multipart(parts, &outer, is_type(own_type, "multipart/form-data").then_some("form-data"))?;
    Ok(MultipartForm { content_type, pieces: writer.pieces, notices })
}

/// How many characters of a boundary are random: as many as curl's.
pub(super) const BOUNDARY_CHARACTERS: usize = 22;

/// A boundary as curl makes it: 24 dashes and the random characters.
pub(super) fn boundary(characters: &str) -> Vec<u8> {
    format!("{}{characters}", "-".repeat(24)).into_bytes()
}

struct Writer<'b> {
    pieces: Pieces,
    escapes: bool,
    boundary: &'b mut dyn FnMut() -> Vec<u8>,
}

impl Writer<'_> {
    fn multipart(
        &mut self,
        parts: Vec<Part>,
        boundary: &[u8],
        disposition: Option<&str>,
    ) -> anyhow::Result<()> {
        // The empty line before the content is the first delimiter's line end.
        let mut delimiter = [b"--", boundary, b"\r\n"].concat();
        let at_end = if parts.is_empty() { &b"--"[..] } else { b"\r\n--" };
        for part in parts {
            self.pieces.push(&delimiter);
            self.part(part, disposition)?;
            delimiter = [b"\r\n--", boundary, b"\r\n"].concat();
        }
        self.pieces.push(&[at_end, boundary, b"--\r\n"].concat());
        Ok(())
    }

    fn part(&mut self, part: Part, disposition: Option<&str>) -> anyhow::Result<()> {
        let inner = matches!(part.source, PartSource::Parts(_)).then(|| (self.boundary)());
        let content_type = part.content_type();
        if !part.has_header("Content-Disposition") {
            self.disposition(&part, disposition);
        }
        if let Some(content_type) = &content_type {
            self.header("Content-Type", content_type, inner.as_deref());
        }
        if let Some((name, _)) =
            part.encoder.as_ref().filter(|_| !part.has_header("Content-Transfer-Encoding"))
        {
            self.header("Content-Transfer-Encoding", name, None);
        }
        for header in part.headers.iter().filter(|header| !names(header, "Content-Type")) {
            self.pieces.push(header);
            self.pieces.push(b"\r\n");
        }
        self.pieces.push(b"\r\n");
        let encoder = part.encoder.as_ref().map_or(Encoder::Identity, |(_, encoder)| *encoder);
        match part.source {
            PartSource::Data(data) => self.data(data, encoder),
            PartSource::File(path) => {
                self.pieces.push_file(FilePiece::new(&path, "--form", encoder)?);
                Ok(())
            }
            PartSource::Input(input) => {
                self.pieces.push_file(FilePiece::of_input(input, "--form", encoder)?);
                Ok(())
            }
            PartSource::Parts(parts) => {
                let is_form = content_type.is_some_and(|own| is_type(&own, "multipart/form-data"));
                self.multipart(parts, &inner.unwrap_or_default(), is_form.then_some("form-data"))
            }
        }
    }

    /// `Content-Disposition` (RFC 7578 §4.2). Outside a form it is there only to
    /// tell a name.
    fn disposition(&mut self, part: &Part, disposition: Option<&str>) {
        let has_name = part.name.is_some() || part.filename.is_some();
        let Some(disposition) = disposition.or(has_name.then_some("attachment")) else { return };
        let mut value = disposition.as_bytes().to_vec();
        for (key, name) in [("; name=\"", &part.name), ("; filename=\"", &part.filename)] {
            if let Some(name) = name {
                value.extend_from_slice(key.as_bytes());
                value.extend_from_slice(&self.escaped(name));
                value.push(b'"');
            }
        }
        self.header("Content-Disposition", &value, None);
    }

    fn header(&mut self, name: &str, value: &[u8], boundary: Option<&[u8]>) {
        self.pieces.push(&[name.as_bytes(), b": ", value].concat());
        if let Some(boundary) = boundary {
            self.pieces.push(&[b"; boundary=", boundary].concat());
        }
        self.pieces.push(b"\r\n");
    }

    /// A name as browsers write it (the HTML standard's rule), or with
    /// `--form-escape` as a quoted string. Line ends never go out as they are.
    fn escaped(&self, name: &[u8]) -> Vec<u8> {
        let mut escaped = Vec::with_capacity(name.len());
        for &byte in name {
            match byte {
                b'\r' => escaped.extend_from_slice(b"%0D"),
                b'\n' => escaped.extend_from_slice(b"%0A"),
                b'"' | b'\\' if self.escapes => escaped.extend_from_slice(&[b'\\', byte]),
                b'"' => escaped.extend_from_slice(b"%22"),
                _ => escaped.push(byte),
            }
        }
        escaped
    }

    fn data(&mut self, data: Vec<u8>, encoder: Encoder) -> anyhow::Result<()> {
        if encoder == Encoder::Identity {
            self.pieces.push_owned(data);
            return Ok(());
        }
        let mut encoded = Vec::new();
        EncodingReader::new(&data[..], encoder)
            .read_to_end(&mut encoded)
            .map_err(|error| Failure::Read.because("--form", error))?;
        self.pieces.push_owned(encoded);
        Ok(())
    }
}

impl Part {
    fn has_header(&self, name: &str) -> bool {
        self.headers.iter().any(|header| names(header, name))
    }

    /// The type that was given, or what curl would guess: for files always one,
    /// for values only where a file name tells, and plain text is not worth
    /// saying of a value.
    fn content_type(&self) -> Option<Vec<u8>> {
        let own = self.headers.iter().find(|header| names(header, "Content-Type"));
        let own = own.map(|header| trim_ows(&header[b"Content-Type:".len()..]).to_vec());
        if let Some(given) = self.content_type.clone().or(own) {
            return Some(given);
        }
        let by_name = self.filename.as_deref().and_then(guessed_type);
        let guess = match &self.source {
            PartSource::Parts(_) => Some("multipart/mixed"),
            PartSource::Data(_) | PartSource::Input(_) => by_name,
            PartSource::File(path) => by_name
                .or_else(|| guessed_type(path.as_encoded_bytes()))
                .or(self.filename.is_some().then_some("application/octet-stream")),
        };
        let guess = guess.filter(|&guess| guess != "text/plain" || self.filename.is_some());
        guess.map(|guess| guess.as_bytes().to_vec())
    }
}

/// Whether `header` is a field line of this name.
fn names(header: &[u8], name: &str) -> bool {
    header.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
        && header.get(name.len()) == Some(&b':')
}

/// Whether a Content-Type is of this type, whatever its parameters.
fn is_type(value: &[u8], wanted: &str) -> bool {
    let end = value.iter().position(|byte| b"; \t".contains(byte)).unwrap_or(value.len());
    value[..end].eq_ignore_ascii_case(wanted.as_bytes())
}

/// The type that curl gives to a file of that name, by its ending.
fn guessed_type(name: &[u8]) -> Option<&'static str> {
    const TYPES: [(&str, &str); 10] = [
        (".gif", "image/gif"),
        (".jpg", "image/jpeg"),
        (".jpeg", "image/jpeg"),
        (".png", "image/png"),
        (".svg", "image/svg+xml"),
        (".txt", "text/plain"),
        (".htm", "text/html"),
        (".html", "text/html"),
        (".pdf", "application/pdf"),
        (".xml", "application/xml"),
    ];
    let ends = |ending: &str| {
        let at = name.len().checked_sub(ending.len());
        at.is_some_and(|at| name[at..].eq_ignore_ascii_case(ending.as_bytes()))
    };
    TYPES.iter().find(|(ending, _)| ends(ending)).map(|&(_, kind)| kind)
}

/// Standard input, whose length must be known.
fn standard_input() -> anyhow::Result<PartSource> {
    Ok(match InputFile::take_larger(MAX_COPIED as u64) {
        Some(input) => PartSource::Input(input),
        None => PartSource::Data(input_file::read_content("-".as_ref(), "--form")?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The content with `|` for line ends and `=` for the boundary.
    fn sent(fields: &[&str], own_type: Option<&str>, escapes: bool) -> (String, String) {
        let fields: Vec<_> = fields.iter().map(|text| (FormKind::Form, OsString::from(text))).collect();
        let mut count = 0;
        let mut boundary = || {
            count += 1;
            format!("B{count}").into_bytes()
        };
        let form = build(&fields, own_type.map(str::as_bytes), escapes, Manners::default(), &mut boundary)
            .expect("a form");
        let bytes = form.pieces.to_bytes().expect("no files");
        assert_eq!(form.pieces.length(), Some(bytes.len() as u64));
        let text = |bytes| String::from_utf8(bytes).expect("text");
        (text(form.content_type), text(bytes).replace("\r\n", "|"))
    }

    #[test]
    fn values_types_and_file_names() {
        let (kind, content) =
            sent(&["a=1", "b=2;type=text/x; charset=utf-8 ; filename=\"q\\\"\\\\.pdf\""], None, false);
        assert_eq!(kind, "multipart/form-data; boundary=B1");
        assert_eq!(
            content,
            "--B1|Content-Disposition: form-data; name=\"a\"||1|\
             --B1|Content-Disposition: form-data; name=\"b\"; filename=\"q%22\\.pdf\"|\
             Content-Type: text/x; charset=utf-8||2|--B1--|"
        );
        let (_, content) = sent(&["a\"\\\r\n=1;filename=x.PDF"], None, true);
        assert_eq!(
            content,
            "--B1|Content-Disposition: form-data; name=\"a\\\"\\\\%0D%0A\"; filename=\"x.PDF\"|\
             Content-Type: application/pdf||1|--B1--|"
        );
    }

    #[test]
    fn another_content_type_takes_the_boundary_and_makes_attachments() {
        let (kind, content) = sent(&["name=daniel"], Some("text/info"), false);
        assert_eq!(kind, "text/info; boundary=B1");
        assert_eq!(content, "--B1|Content-Disposition: attachment; name=\"name\"||daniel|--B1--|");
        let (kind, content) = sent(&["="], Some("multipart/form-data; boundary=mine"), false);
        assert_eq!(kind, "multipart/form-data; boundary=mine");
        assert_eq!(content, "--mine|Content-Disposition: form-data|||--mine--|");
    }

    #[test]
    fn parts_of_parts() {
        let fields =
            ["x=(;type=multipart/alternative", "=one", "=two;type=text/html;headers=\"X-Y: z\"", "=)", "a=b"];
        assert_eq!(
            sent(&fields, None, false).1,
            "--B1|Content-Disposition: form-data; name=\"x\"|\
             Content-Type: multipart/alternative; boundary=B2||\
             --B2||one|--B2|Content-Type: text/html|X-Y: z||two|--B2--||\
             --B1|Content-Disposition: form-data; name=\"a\"||b|--B1--|"
        );
    }

    #[test]
    fn encoders_name_themselves() {
        assert_eq!(
            sent(&["a=hello;encoder=base64"], None, false).1,
            "--B1|Content-Disposition: form-data; name=\"a\"|Content-Transfer-Encoding: base64||aGVsbG8=|--B1--|"
        );
    }

    #[test]
    fn a_boundary_has_46_characters() {
        let made = boundary("0123456789abcdefghijkl");
        assert_eq!(made, b"------------------------0123456789abcdefghijkl");
    }
}
