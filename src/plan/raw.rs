//! Requests that are bytes from a file: `--send`.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{self, Read};
use std::path::Path;

use super::fix_length::{self, Fixed, FixedHead};
use super::messages::{MessageSource, OutgoingMessages};
use super::planned::{PlannedRequest, RequestContent};
use super::{input_file, usage};
use crate::cli::sending::SendingOptions;
use crate::failure::Failure;
use crate::http::request_ends::{ends, may_be_followed};
use crate::http::websocket::messages::MessageKind;
use crate::output::escape::one_line;
use crate::wait::Input;

/// Most of a raw request that is kept in memory: beyond, it is read as it is sent.
const RAW_IN_MEMORY: u64 = 64 * 1024;
/// Most of standard input that is kept until its length is known.
const MAX_INPUT: u64 = 64 * 1024 * 1024;
/// Most of a file in which several requests are looked for: a larger one counts as one.
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
    kept: Option<Vec<u8>>,
    /// What messages call the input where there are several.
    name: Option<String>,
    /// What was done to the bytes, for the user.
    notices: Vec<String>,
}

/// Where the bytes come from.
enum RawSource {
    File(OsString),
    /// They are those of a file whose variables are filled in.
    Bytes(Vec<u8>),
}

impl RawSource {
    fn cannot_read(&self, error: io::Error) -> anyhow::Error {
        Failure::Read.because(format!("--send: cannot read {}", self.shown()), error)
    }

    /// Its name in messages.
    fn shown(&self) -> String {
        match self {
            Self::File(path) if path == "-" => "standard input".to_owned(),
            Self::File(path) => one_line(path.as_encoded_bytes()),
            Self::Bytes(_) => "--expand-send".to_owned(),
        }
    }
}

/// Stands among the names of `--send` for a file whose variables are filled in: no file has this name.
pub(super) const EXPANDED: &[u8] = b"\0";

impl RawRequests {
    /// What the options say; `None` without `--send`.
    pub(super) fn new(options: &SendingOptions) -> Option<Self> {
        let is_one_each = options.read.as_ref().is_some_and(|path| Path::new(path).is_dir());
        let SendingOptions { crlf, fix_length: fixes_length, .. } = *options;
        let has_several = options.send.len() > 1;
        let file = |source: RawSource| {
            let name = has_several.then(|| source.shown());
            let is_input = matches!(&source, RawSource::File(path) if path == "-");
            let is_dialogue = is_input && !options.dry_run && !fixes_length;
            let is_alone = !has_several && options.read.is_none();
            let is_typed = is_dialogue && is_alone && !input_file::is_input_at_hand();
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
            return Ok(vec![(false, file.next(is_http)?)]);
        }
        for file in &mut self.files {
            let request = file.next(is_http)?;
            let pieces = if is_http { split(request) } else { vec![request] };
            requests.extend(pieces.into_iter().enumerate().map(|(number, request)| (number > 0, request)));
        }
        Ok(requests)
    }
}

impl RawRequests {
    /// The messages for the next target's WebSocket, each of this kind.
    pub(super) fn messages(&self, kind: MessageKind) -> anyhow::Result<OutgoingMessages> {
        let sources = self.files.iter().map(RawFile::messages).collect::<anyhow::Result<_>>()?;
        Ok(OutgoingMessages { sources, kind })
    }
}

/// The whole requests that bytes in memory hold, with what is left over at the last one.
fn split(request: PlannedRequest) -> Vec<PlannedRequest> {
    let RequestContent::Bytes(_) = &request.content else { return vec![request] };
    let mut ends = ends(&request.head);
    let last = ends.pop();
    ends.push(request.head.len());
    let mut start = 0;
    let pieces = ends.into_iter().map(|end| {
        let piece = request.head[start..end].to_vec();
        start = end;
        PlannedRequest::of_raw(piece, RequestContent::Bytes(Vec::new()))
    });
    let mut pieces: Vec<_> = pieces.collect();
    let leftover = last.map_or(&[][..], |last| &request.head[last..]);
    if let Some(piece) = pieces.last_mut() {
        piece.has_leftover = !leftover.iter().all(u8::is_ascii_whitespace);
    }
    pieces
}

impl RawFile {
    /// The next request: bytes that fit in memory serve every target, others only one.
    /// `is_http`: for HTTP; other protocols have no head.
    fn next(&mut self, is_http: bool) -> anyhow::Result<PlannedRequest> {
        if let Some(kept) = &self.kept {
            return Ok(PlannedRequest::of_raw(kept.clone(), RequestContent::Bytes(Vec::new())));
        }
        let mut input = self.open(is_http)?;
        if if is_http { self.is_typed } else { self.is_dialogue } {
            let request = PlannedRequest::of_raw(Vec::new(), RequestContent::Stream(input));
            return Ok(PlannedRequest { is_dialogue: true, ..request });
        }
        let (mut bytes, is_whole) = self.beginning(&mut *input, is_http)?;
        if self.fixes_length {
            bytes = self.with_length(bytes, is_whole, is_http)?;
        }
        if is_whole {
            self.kept = Some(bytes.clone());
            return Ok(PlannedRequest::of_raw(bytes, RequestContent::Bytes(Vec::new())));
        }
        Ok(PlannedRequest::of_raw(bytes, RequestContent::Stream(input)))
    }

    /// The file's messages: standard input has one on each line.
    fn messages(&self) -> anyhow::Result<MessageSource> {
        if self.fixes_length {
            return Err(usage("--fix-length", "WebSocket messages have no Content-Length"));
        }
        let is_lines = matches!(&self.source, RawSource::File(path) if path == "-");
        Ok(MessageSource { input: self.open(false)?, is_lines })
    }

    fn open(&self, is_http: bool) -> anyhow::Result<Box<dyn Input>> {
        let input: Box<dyn Input> = match &self.source {
            RawSource::File(path) => Box::new(input_file::open_for_sending(path)?),
            RawSource::Bytes(bytes) => Box::new(io::Cursor::new(bytes.clone())),
        };
        Ok(if self.crlf { Box::new(input_file::CrlfReader::new(input, !is_http)) } else { input })
    }

    /// What is kept in memory, and whether that is all.
    fn beginning(&self, mut input: &mut dyn Read, is_http: bool) -> anyhow::Result<(Vec<u8>, bool)> {
        let can_reopen = !matches!(&self.source, RawSource::File(path) if input_file::is_stream(path));
        let mut most = match (self.fixes_length, can_reopen) {
            (false, _) => RAW_IN_MEMORY,
            (true, true) if self.counts_as_one() => RAW_IN_MEMORY,
            (true, true) => MAX_SEVERAL,
            (true, false) => MAX_INPUT,
        };
        let mut bytes = Vec::new();
        (&mut input).take(most).read_to_end(&mut bytes).map_err(|error| self.source.cannot_read(error))?;
        let is_too_little = match self.fixes_length {
            true => fix_length::content_start(&bytes).is_none(),
            false => is_http && may_be_followed(&bytes, self.size()),
        };
        if most == RAW_IN_MEMORY && bytes.len() as u64 == most && can_reopen && is_too_little {
            input
                .take(MAX_SEVERAL - most)
                .read_to_end(&mut bytes)
                .map_err(|error| self.source.cannot_read(error))?;
            most = MAX_SEVERAL;
        }
        let is_whole = (bytes.len() as u64) < most;
        if !is_whole && most == MAX_INPUT {
            return Err(usage("--fix-length", "the input is too large to measure (limit: 64M)"));
        }
        Ok((bytes, is_whole))
    }

    /// Whether the file is too large to be searched for several requests.
    fn counts_as_one(&self) -> bool {
        let RawSource::File(path) = &self.source else { return false };
        std::fs::metadata(path).is_ok_and(|metadata| metadata.len() >= MAX_SEVERAL)
    }

    /// How many bytes are to be sent; `u64::MAX` where that is unknown.
    fn size(&self) -> u64 {
        match &self.source {
            // What is added to line ends is not known.
            _ if self.crlf => u64::MAX,
            RawSource::File(path) => std::fs::metadata(path).map_or(u64::MAX, |metadata| metadata.len()),
            RawSource::Bytes(bytes) => bytes.len() as u64,
        }
    }

    /// `bytes` with Content-Length set right, they being all or the beginning.
    fn with_length(&mut self, bytes: Vec<u8>, is_whole: bool, is_http: bool) -> anyhow::Result<Vec<u8>> {
        let Fixed { bytes, notes } = match fix_length::content_start(&bytes) {
            Some(start) if !is_whole => {
                let all = io::copy(&mut self.open(is_http)?, &mut io::sink())
                    .map_err(|error| self.source.cannot_read(error))?;
                let FixedHead { head, note, .. } =
                    fix_length::fix(&bytes[..start], all.saturating_sub(start as u64));
                Fixed { bytes: [&head, &bytes[start..]].concat(), notes: vec![note] }
            }
            _ => fix_length::fix_all(&bytes),
        };
        let name = self.name.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
        self.notices.extend(notes.iter().map(|note| format!("--fix-length: {name}{note}")));
        Ok(bytes)
    }
}
