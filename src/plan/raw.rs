//! Requests that are bytes from a file: `--send`.

use std::ffi::OsString;
use std::io::Read;

use super::file;
use super::planned::{Content, PlannedRequest};
use crate::cli::sending::Sending;
use crate::failure::Failure;
use crate::wait::Input;

/// Most of a raw request that is kept in memory: beyond, it is read as it is sent.
const RAW_IN_MEMORY: u64 = 64 * 1024;

/// Makes the requests of `--send`.
pub(super) struct RawRequests {
    path: OsString,
    crlf: bool,
    /// It is read as it is sent, so that what a person types goes out at once.
    is_dialogue: bool,
    kept: Option<Vec<u8>>,
}

impl RawRequests {
    /// What the options say; `None` without `--send`.
    pub(super) fn new(options: &Sending) -> Option<Self> {
        let path = options.send.clone()?;
        let is_dialogue = path == "-" && !options.dry_run;
        Some(Self { path, crlf: options.crlf, is_dialogue, kept: None })
    }

    /// The next request: bytes that fit in memory serve every target, others only one.
    /// `is_http`: for HTTP; other protocols have no head.
    pub(super) fn next(&mut self, is_http: bool) -> anyhow::Result<PlannedRequest> {
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
