//! Requests that are bytes from a file: `--send`.

use std::ffi::OsString;
use std::io::Read;

use super::file;
use super::planned::{Content, PlannedRequest};
use crate::cli::sending::Sending;
use crate::failure::Failure;
use crate::http::requests::ends;
use crate::wait::Input;

/// Most of a raw request that is kept in memory: beyond, it is read as it is sent.
const RAW_IN_MEMORY: u64 = 64 * 1024;

/// Makes the requests of `--send`.
pub(super) struct RawRequests {
    files: Vec<RawFile>,
}

/// One file of `--send`.
struct RawFile {
    path: OsString,
    crlf: bool,
    /// It is read as it is sent, so that what a person types goes out at once.
    is_dialogue: bool,
    kept: Option<Vec<u8>>,
}

impl RawRequests {
    /// What the options say; `None` without `--send`.
    pub(super) fn new(options: &Sending) -> Option<Self> {
        let file = |path: &OsString| RawFile {
            path: path.clone(),
            crlf: options.crlf,
            is_dialogue: path == "-" && !options.dry_run,
            kept: None,
        };
        let files: Vec<_> = options.send.iter().map(file).collect();
        (!files.is_empty()).then_some(Self { files })
    }

    /// The next target's requests; true with those that go out together with the one before.
    pub(super) fn next(&mut self, is_http: bool) -> anyhow::Result<Vec<(bool, PlannedRequest)>> {
        let mut requests = Vec::new();
        for file in &mut self.files {
            let request = file.next(is_http)?;
            let pieces = if is_http { split(request) } else { vec![request] };
            requests.extend(pieces.into_iter().enumerate().map(|(number, request)| (number > 0, request)));
        }
        Ok(requests)
    }
}

/// The whole requests that bytes in memory hold, with what is left over at the last one.
fn split(request: PlannedRequest) -> Vec<PlannedRequest> {
    let Content::Bytes(_) = &request.content else { return vec![request] };
    let mut ends = ends(&request.head);
    ends.pop();
    ends.push(request.head.len());
    let mut start = 0;
    let pieces = ends.into_iter().map(|end| {
        let piece = request.head[start..end].to_vec();
        start = end;
        PlannedRequest::of_raw(piece, Content::Bytes(Vec::new()))
    });
    pieces.collect()
}

impl RawFile {
    /// The next request: bytes that fit in memory serve every target, others only one.
    /// `is_http`: for HTTP; other protocols have no head.
    fn next(&mut self, is_http: bool) -> anyhow::Result<PlannedRequest> {
        if let Some(kept) = &self.kept {
            return Ok(PlannedRequest::of_raw(kept.clone(), Content::Bytes(Vec::new())));
        }
        let input = file::open_for_sending(&self.path)?;
        let mut input: Box<dyn Input> = match self.crlf {
            true => Box::new(file::CrlfReader::new(input, !is_http)),
            false => Box::new(input),
        };
        if self.is_dialogue && !is_http {
            let request = PlannedRequest::of_raw(Vec::new(), Content::Stream(input));
            return Ok(PlannedRequest { is_dialogue: true, ..request });
        }
        if self.is_dialogue {
            let first = file::first_piece(&mut *input)?;
            let request = PlannedRequest::of_raw(first, Content::Stream(input));
            return Ok(PlannedRequest { is_dialogue: true, ..request });
        }
        let mut bytes = Vec::new();
        (&mut input)
            .take(RAW_IN_MEMORY)
            .read_to_end(&mut bytes)
            .map_err(|error| Failure::Read.because("--send: cannot read", error))?;
        if (bytes.len() as u64) < RAW_IN_MEMORY {
            self.kept = Some(bytes.clone());
            return Ok(PlannedRequest::of_raw(bytes, Content::Bytes(Vec::new())));
        }
        Ok(PlannedRequest::of_raw(bytes, Content::Stream(input)))
    }
}
