//! Requests that are bytes from a file: `--send`.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;
use std::rc::Rc;

use super::encoder::Encoder;
use super::fix_length::{self, Fixed, FixedHead};
use super::input_file::{self, Joined, ReadAhead};
use super::messages::{MessageSource, OutgoingMessages};
use super::pieces::{FilePiece, Pieces};
use super::planned::{PlannedRequest, RequestContent};
use super::standard_input::{self, InputFile};
use super::usage_error::usage;
use crate::cli::sending::SendingOptions;
use crate::failure::Failure;
use crate::http::request_ends::{ends, may_be_followed};
use crate::http::request_line::{head_end, head_length};
use crate::http::websocket::messages::MessageKind;
use crate::output::escape;
use crate::wait::{Input, Patient};

/// Most of a raw request that is kept in memory: beyond, it is read as it is sent.
const RAW_IN_MEMORY: u64 = 64 * 1024;
/// Most of a stream that is kept until its length is known.
const MAX_STREAM: u64 = 64 * 1024 * 1024;
/// Most of a file in which several requests are looked for: a larger one counts as one. A
/// head's end is not looked for behind it either.
const MAX_SEVERAL: u64 = 8 * 1024 * 1024;

/// Makes the requests of `--send`.
pub(super) struct RawRequests {
    files: VecDeque<RawFile>,
    /// Each target has a file of its own.
    is_one_each: bool,
}

/// One file of `--send`.
struct RawFile {
    source: RawSource,
    crlf: bool,
    fixes_length: bool,
    /// The input is read as it is sent, so that what is typed is sent at once.
    is_dialogue: bool,
    /// Such an input of HTTP: its requests are told apart as they come.
    is_typed: bool,
    /// All of it, where it is kept in memory.
    kept: Option<Rc<Vec<u8>>>,
    /// What messages call the input where there are several.
    name: Option<String>,
    /// What was done to the bytes, for the user.
    notices: Vec<String>,
}

/// Where the bytes come from.
enum RawSource {
    File(OsString),
    /// Standard input; it can be read again where it is a file.
    Input(Option<InputFile>),
    /// They are those of a file whose variables are filled in.
    Bytes(Vec<u8>),
}

impl RawSource {
    fn cannot_read(&self, error: io::Error) -> anyhow::Error {
        Failure::Read.because(format!("--send: cannot read {}", self.shown()), error)
    }

    /// Whether it can be read as often as need be.
    fn can_reopen(&self) -> bool {
        match self {
            Self::File(path) => !input_file::is_stream(path),
            Self::Input(input) => input.is_some(),
            Self::Bytes(_) => true,
        }
    }

    /// How many bytes it has, where that is known.
    fn size(&self) -> Option<u64> {
        match self {
            Self::File(path) => std::fs::metadata(path).ok().map(|metadata| metadata.len()),
            Self::Input(input) => input.and_then(|input| input.length().ok()),
            Self::Bytes(bytes) => Some(bytes.len() as u64),
        }
    }

    /// Its name in messages.
    fn shown(&self) -> String {
        match self {
            Self::Input(_) => "standard input".to_owned(),
            Self::File(path) => escape::value(path.as_encoded_bytes()),
            Self::Bytes(_) => "--expand-send".to_owned(),
        }
    }
}

/// Stands among the names of `--send` for a file whose variables are filled in: no file has this name.
pub(super) const EXPANDED: &[u8] = b"\0";

impl RawRequests {
    /// What the options say; `None` without `--send`.
    pub(super) fn new(options: &SendingOptions) -> Option<Self> {
        let is_one_each = options.read.iter().any(|path| Path::new(path).is_dir());
        let SendingOptions { crlf, fix_length: fixes_length, .. } = *options;
        let has_several = options.send.len() > 1;
        let file = |source: RawSource| {
            let name = has_several.then(|| source.shown());
            let is_input = matches!(source, RawSource::Input(_));
            let is_dialogue = is_input && !options.dry_run && !fixes_length;
            let is_alone = !has_several && options.read.is_empty();
            let is_typed = is_dialogue && is_alone && !source.can_reopen();
            RawFile {
                source,
                crlf,
                fixes_length,
                is_dialogue,
                is_typed,
                kept: None,
                name,
                notices: Vec::new(),
            }
        };
        let mut expanded = options.expand_send.iter().map(|content| content.as_encoded_bytes().to_vec());
        let source = |path: &OsString| match path.as_encoded_bytes() {
            EXPANDED => RawSource::Bytes(expanded.next().unwrap_or_default()),
            b"-" => RawSource::Input(InputFile::take()),
            _ => RawSource::File(path.clone()),
        };
        let files: VecDeque<_> = options.send.iter().map(source).map(file).collect();
        (!files.is_empty()).then_some(Self { files, is_one_each })
    }

    /// What was done to the bytes, for the user.
    pub(super) fn take_notices(&mut self) -> Vec<String> {
        self.files.iter_mut().flat_map(|file| std::mem::take(&mut file.notices)).collect()
    }

    /// The next target's requests; true with those that go out together with the one before.
    pub(super) fn next(&mut self, is_http: bool) -> anyhow::Result<Vec<(bool, PlannedRequest)>> {
        let mut requests = Vec::new();
        if self.is_one_each
            && let Some(mut file) = self.files.pop_front()
        {
            return Ok(file.next(is_http)?.into_iter().map(|request| (false, request)).collect());
        }
        if !is_http && self.files.len() > 1 && self.files.iter().all(|file| !file.fixes_length) {
            return Ok(vec![(false, self.joined()?)]);
        }
        for file in &mut self.files {
            let pieces = file.next(is_http)?;
            requests.extend(pieces.into_iter().enumerate().map(|(number, request)| (number > 0, request)));
        }
        Ok(requests)
    }

    /// The files one behind the other: without heads nothing tells when the next one's turn would be.
    fn joined(&self) -> anyhow::Result<PlannedRequest> {
        let content = match self.pieces()? {
            Some(pieces) => RequestContent::Pieces { pieces, chunking: None },
            None => {
                let inputs = self.files.iter().map(|file| file.open(false));
                RequestContent::Stream(Box::new(Joined(inputs.collect::<anyhow::Result<_>>()?)))
            }
        };
        let is_dialogue = self.files.iter().any(|file| file.is_dialogue);
        Ok(PlannedRequest { is_dialogue, ..PlannedRequest::of_raw(Vec::new(), content) })
    }

    /// The same, where all can be read as often as need be.
    fn pieces(&self) -> anyhow::Result<Option<Pieces>> {
        let mut pieces = Pieces::default();
        for file in &self.files {
            match (&file.source, file.rest(0)?) {
                (_, Some(file)) => pieces.push_file(file),
                (RawSource::Bytes(bytes), None) if !file.crlf => pieces.push(bytes),
                (_, None) => return Ok(None),
            }
        }
        Ok(Some(pieces))
    }

    /// The messages for the next target's WebSocket, each of this kind.
    pub(super) fn messages(&self, kind: MessageKind) -> anyhow::Result<OutgoingMessages> {
        let sources = self.files.iter().map(|file| file.messages(kind)).collect::<anyhow::Result<_>>()?;
        Ok(OutgoingMessages { sources, kind })
    }
}

/// What is to be sent of `bytes`, which are all there is.
fn requests(bytes: &Rc<Vec<u8>>, is_http: bool) -> Vec<PlannedRequest> {
    if is_http {
        split(bytes)
    } else {
        vec![PlannedRequest::of_raw(bytes.to_vec(), RequestContent::Bytes(Vec::new()))]
    }
}

/// The whole requests that `bytes` hold, with what is left over at the last one.
fn split(bytes: &Rc<Vec<u8>>) -> Vec<PlannedRequest> {
    let mut ends = ends(bytes);
    let last = ends.pop();
    ends.push(bytes.len());
    let mut start = 0;
    let pieces = ends.into_iter().map(|end| part(bytes, std::mem::replace(&mut start, end)..end));
    let mut pieces: Vec<_> = pieces.collect();
    let leftover = last.map_or(&[][..], |last| &bytes[last..]);
    if let Some(piece) = pieces.last_mut() {
        piece.has_leftover = !leftover.iter().all(u8::is_ascii_whitespace);
    }
    pieces
}

/// The request that stands there in `bytes`, of which little is copied.
fn part(bytes: &Rc<Vec<u8>>, range: Range<usize>) -> PlannedRequest {
    let content = range.start + head_length(&bytes[range.clone()])..range.end;
    let head = bytes[range.start..content.start].to_vec();
    let content = if content.len() as u64 <= RAW_IN_MEMORY {
        RequestContent::Bytes(bytes[content].to_vec())
    } else {
        let mut pieces = Pieces::default();
        pieces.push_shared(Rc::clone(bytes), content);
        RequestContent::Pieces { pieces, chunking: None }
    };
    PlannedRequest::of_raw(head, content)
}

impl RawFile {
    /// The next target's requests: what fits in memory, and what can be read again, serves every target.
    /// `is_http`: for HTTP; other protocols have no head.
    fn next(&mut self, is_http: bool) -> anyhow::Result<Vec<PlannedRequest>> {
        if let Some(kept) = &self.kept {
            return Ok(requests(kept, is_http));
        }
        let mut input = self.open(is_http)?;
        if if is_http { self.is_typed } else { self.is_dialogue } {
            let request = PlannedRequest::of_raw(Vec::new(), RequestContent::Stream(input));
            return Ok(vec![PlannedRequest { is_dialogue: true, ..request }]);
        }
        let (mut bytes, is_whole) = self.beginning(&mut *input, is_http)?;
        let rest = if is_whole { None } else { self.rest(bytes.len() as u64)? };
        if self.fixes_length {
            bytes = self.with_length(bytes, is_whole, is_http)?;
        }
        if is_whole {
            let kept = self.kept.insert(Rc::new(bytes));
            return Ok(requests(kept, is_http));
        }
        let start = if is_http { head_length(&bytes) } else { bytes.len() };
        let behind = bytes.split_off(start);
        let content = match rest {
            Some(rest) => {
                let mut pieces = Pieces::default();
                pieces.push_owned(behind);
                pieces.push_file(rest);
                RequestContent::Pieces { pieces, chunking: None }
            }
            None => RequestContent::Stream(Box::new(ReadAhead { bytes: io::Cursor::new(behind), input })),
        };
        Ok(vec![PlannedRequest::of_raw(bytes, content)])
    }

    /// The file behind its first `read` bytes, where it can be read as often as need be.
    fn rest(&self, read: u64) -> anyhow::Result<Option<FilePiece>> {
        if self.crlf {
            return Ok(None);
        }
        let file = match &self.source {
            RawSource::File(path) if !input_file::is_stream(path) => {
                FilePiece::new(path, "--send", Encoder::Identity)?
            }
            RawSource::Input(Some(input)) => FilePiece::of_input(*input, "--send", Encoder::Identity)?,
            _ => return Ok(None),
        };
        Ok(if file.encoded_length().is_some_and(|length| length >= read) {
            Some(file.after(read)?)
        } else {
            None
        })
    }

    /// The file's messages: standard input has one on each line.
    fn messages(&self, kind: MessageKind) -> anyhow::Result<MessageSource> {
        if self.fixes_length {
            return Err(usage("--fix-length", "WebSocket messages have no Content-Length"));
        }
        let is_lines = matches!(self.source, RawSource::Input(_));
        let drops_cr = kind == MessageKind::Text && !self.crlf;
        Ok(MessageSource { input: self.open(false)?, is_lines, drops_cr })
    }

    fn open(&self, is_http: bool) -> anyhow::Result<Box<dyn Input>> {
        let input: Box<dyn Input> = match &self.source {
            RawSource::File(path) => Box::new(input_file::open_for_sending(path)?),
            RawSource::Input(Some(file)) => {
                Box::new(file.open(0).map_err(|error| self.source.cannot_read(error))?)
            }
            RawSource::Input(None) => Box::new(standard_input::open()?),
            RawSource::Bytes(bytes) => Box::new(io::Cursor::new(bytes.clone())),
        };
        Ok(if self.crlf { Box::new(input_file::CrlfReader::new(input, !is_http)) } else { input })
    }

    /// What is kept in memory, and whether that is all.
    fn beginning(&self, input: &mut dyn Input, is_http: bool) -> anyhow::Result<(Vec<u8>, bool)> {
        let can_reopen = self.source.can_reopen();
        let counts_as_one = self.source.size().is_some_and(|size| size >= MAX_SEVERAL);
        let mut most = match (self.fixes_length, can_reopen) {
            // The mended file has another length, and is sent as often as need be.
            (false, true) if self.crlf => MAX_SEVERAL,
            (false, _) => RAW_IN_MEMORY,
            (true, true) if counts_as_one => RAW_IN_MEMORY,
            (true, true) => MAX_SEVERAL,
            (true, false) => MAX_STREAM,
        };
        let mut bytes = Vec::new();
        self.read_up_to(most, &mut bytes, input)?;
        let is_http = is_http || self.fixes_length;
        let is_too_little = || {
            let has_head = head_end(&bytes).is_some();
            !has_head || can_reopen && !self.fixes_length && may_be_followed(&bytes, self.size())
        };
        if most == RAW_IN_MEMORY && bytes.len() as u64 == most && is_http && is_too_little() {
            most = MAX_SEVERAL;
            self.read_up_to(most, &mut bytes, input)?;
        }
        let is_whole = (bytes.len() as u64) < most;
        if !is_whole && most == MAX_STREAM {
            return Err(usage("--fix-length", "the input is too large to measure (limit: 64M)"));
        }
        Ok((bytes, is_whole))
    }

    fn read_up_to(&self, most: u64, bytes: &mut Vec<u8>, input: &mut dyn Input) -> anyhow::Result<()> {
        let missing = most - bytes.len() as u64;
        Patient(input)
            .take(missing)
            .read_to_end(bytes)
            .map(drop)
            .map_err(|error| self.source.cannot_read(error))
    }

    /// How many bytes are to be sent; `u64::MAX` where that is unknown.
    fn size(&self) -> u64 {
        // What is added to line ends is not known.
        if self.crlf { u64::MAX } else { self.source.size().unwrap_or(u64::MAX) }
    }

    /// `bytes` with Content-Length set right, they being all or the beginning.
    fn with_length(&mut self, bytes: Vec<u8>, is_whole: bool, is_http: bool) -> anyhow::Result<Vec<u8>> {
        let Fixed { bytes, notes } = match head_end(&bytes) {
            Some(start) if !is_whole => {
                let all = io::copy(&mut self.open(is_http)?, &mut io::sink())
                    .map_err(|error| self.source.cannot_read(error))?;
                let FixedHead { head, note, .. } =
                    fix_length::fix(&bytes[..start], all.saturating_sub(start as u64));
                Fixed { bytes: [&head, &bytes[start..]].concat(), notes: vec![note] }
            }
            _ => fix_length::fix_all(bytes),
        };
        let name = self.name.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
        self.notices.extend(notes.iter().map(|note| format!("--fix-length: {name}{note}")));
        Ok(bytes)
    }
}
