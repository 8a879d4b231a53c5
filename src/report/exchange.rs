//! The record of one exchange: all that explaining it needs, in bounded memory.
//!
//! Values only: who reads the bytes fills it in; the findings, the explained
//! text and the JSON report are read from it.

use encoding_rs::Encoding;

use super::json::ContentStart;
use super::websocket::WebSocket;
use crate::charset::CharsetSource;
use crate::http::Deviations;
use crate::http::caching::{CachingVerdict, Exchanged, verdict};
use crate::http::chunked::ChunkProblem;
use crate::http::field::FieldSection;
use crate::http::framing::{Framed, Framing};
use crate::http::multipart::BodyParts;
use crate::http::request_line::head_end;
use crate::http::response::{BadHead, HeadProblem, ResponseHead, StatusLine, Version};
use crate::http::uri::Uri;
use crate::net::starttls::Said;

/// Most bytes kept of the content of a request, and of a response: more than pages and API responses
/// have, and little enough to hold.
pub(super) const MAX_KEPT: usize = 1 << 20;

/// Appends to `kept` as much of `bytes` as may be kept.
pub(super) fn keep(kept: &mut Vec<u8>, bytes: &[u8]) {
    let room = MAX_KEPT.saturating_sub(kept.len());
    kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
}

/// One request and what came back.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    /// The URL requested.
    pub(crate) url: Uri,
    /// What was sent; where nothing was, what was to be sent.
    pub(crate) request: SentRequest,
    /// The interim responses, in order.
    pub(crate) interim: Vec<ResponseHead>,
    /// The final response's head, or why there is none.
    pub(crate) head: Result<ResponseHead, BadHead>,
    /// The content, where there is a head.
    pub(crate) body: ReceivedBody,
    /// What followed a handshake of WebSocket.
    pub(crate) websocket: Option<Box<WebSocket>>,
    /// What came after the message's end.
    pub(crate) after: AfterEnd,
    /// The plain dialogue of `--starttls`, where there was one.
    pub(crate) before_tls: Option<BeforeTls>,
    /// A response came, or the connection ended where one was awaited; else
    /// there is nothing to judge but the request.
    pub(crate) is_answered: bool,
    /// The server has not ended the connection: what is missing was not waited for, by a
    /// limit of ours, an interrupt, or since it is not wanted.
    pub(crate) is_stopped: bool,
}

/// A request as sent, leniently read back from its bytes (which may be malformed on purpose).
#[derive(Clone, Debug, Default)]
pub(crate) struct SentRequest {
    /// The head's bytes up to and including its empty line (or all there is, where there is none).
    pub(crate) head: Vec<u8>,
    /// How many bytes of content followed.
    pub(crate) body_bytes: u64,
    /// Not all was sent: the response made the rest useless, or the connection was lost.
    pub(crate) is_left_off: bool,
    /// The content's beginning, 1 MiB of it at most.
    pub(crate) body: Vec<u8>,
    /// The request line, without its line end.
    pub(crate) line: Vec<u8>,
    /// First token of the request line.
    pub(crate) method: Vec<u8>,
    /// Second token of the request line.
    pub(crate) target: Vec<u8>,
    /// The version it says; HTTP/1.1 where it can't be read.
    pub(crate) version: Version,
    /// The field lines; offsets count from the request's first byte.
    pub(crate) fields: FieldSection,
    /// What differs from the grammar in its lines.
    pub(crate) deviations: Deviations,
}

impl SentRequest {
    /// Whether not even the head was sent completely.
    pub(super) fn is_head_cut(&self) -> bool {
        self.is_left_off && head_end(&self.head).is_none()
    }
}

/// A plain dialogue up to where TLS begins.
#[derive(Clone, Debug, Default)]
pub(crate) struct BeforeTls {
    /// How many bytes came in it, up to the server's go-ahead.
    pub(crate) received: u64,
    /// What came behind the go-ahead.
    pub(crate) injected: Vec<u8>,
}

impl BeforeTls {
    pub(super) fn on(&mut self, said: Said<'_>) {
        match said {
            Said::Sent(_) => {}
            Said::Received(bytes) => self.received += bytes.len() as u64,
            Said::Injected(bytes) => self.injected = bytes.to_vec(),
        }
    }
}

/// How a response ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Completeness {
    /// Proven whole, as far as its framing can prove it.
    Complete,
    /// Cut short.
    Truncated,
    /// Malformed: what follows can't be told.
    Error,
}

/// What was received as content.
#[derive(Clone, Debug)]
pub(crate) struct ReceivedBody {
    /// The framing and the rule behind it; none where there is no final head.
    pub(crate) framed: Option<Framed>,
    /// Whether the body is whole.
    pub(crate) outcome: Completeness,
    /// Bytes after transfer decoding, before any content decoding.
    pub(crate) bytes: u64,
    /// Offset of the body's first byte on the connection.
    pub(crate) offset: u64,
    /// Offset of the first byte not read as part of the message: where it ended or was cut.
    pub(crate) end_offset: u64,
    /// What deviates in the chunks.
    pub(crate) chunk_deviations: Deviations,
    /// Why chunks can't be read on, and where.
    pub(crate) chunk_problem: Option<(ChunkProblem, u64)>,
    /// The connection ended before the chunk of size zero was complete.
    pub(crate) chunks_cut: bool,
    /// The trailer section of a chunked body.
    pub(crate) trailers: FieldSection,
    /// What deviates in the trailer section.
    pub(crate) trailer_deviations: Deviations,
    /// What a look into the content showed.
    pub(crate) content: ContentRecord,
}

impl ReceivedBody {
    /// No content at all.
    pub(super) fn none() -> Self {
        Self {
            framed: None,
            outcome: Completeness::Error,
            bytes: 0,
            offset: 0,
            end_offset: 0,
            chunk_deviations: Default::default(),
            chunk_problem: None,
            chunks_cut: false,
            trailers: FieldSection::default(),
            trailer_deviations: Default::default(),
            content: Default::default(),
        }
    }
}

/// What a look into the content shows. Codings and text are judged only where
/// the response is complete and no transfer coding but chunked stands before them.
#[derive(Clone, Debug, Default)]
pub(crate) struct ContentRecord {
    /// The content codings named, last applied last, lower-cased, with how undoing each went;
    /// undone from the last to the first, so the last of this list was undone first.
    pub(crate) codings: Vec<CodingStep>,
    /// Bytes after all codings that could be undone.
    pub(crate) decoded_bytes: u64,
    /// The first 1,445 decoded bytes.
    pub(crate) prefix: Vec<u8>,
    /// Offset, in the decoded content, of the first byte that is not UTF-8 (an encoded
    /// surrogate or an overlong form too, and a sequence cut at the end).
    pub(crate) first_invalid_utf8: Option<u64>,
    /// A decoded byte is above 0x7F.
    pub(crate) has_non_ascii: bool,
    /// The charset of the decoded text, and what said so.
    pub(crate) charset: Option<(&'static Encoding, CharsetSource)>,
    /// Digests of the content as transferred (content codings still on), if a field has them.
    pub(crate) digests: Digests,
    /// Where decoded content of a JSON type stops being JSON.
    pub(crate) not_json: Option<u64>,
    /// The parts of decoded multipart content whose type names a boundary.
    pub(crate) parts: Option<BodyParts>,
    /// Why the transfer codings but chunked, all of them known, cannot be undone.
    pub(crate) transfer_error: Option<String>,
    /// The beginning of the content, for who wants to tell it.
    pub(crate) start: ContentStart,
}

impl ContentRecord {
    /// Whether every named coding was undone to its end.
    pub(super) fn is_decoded(&self) -> bool {
        use CodingResult::{Decoded, DecodedRaw, TrailingData};
        let is_decoded = |step: &CodingStep| matches!(step.result, Decoded | DecodedRaw | TrailingData);
        self.codings.iter().all(|step| step.name == b"identity" || is_decoded(step))
    }

    /// Whether every named coding gave something to look at.
    pub(super) fn is_undone(&self) -> bool {
        self.codings.iter().all(CodingStep::is_undone)
    }

    /// Whether the content, codings undone, begins as gzip does.
    pub(super) fn is_gzip(&self) -> bool {
        self.prefix.starts_with(b"\x1F\x8B\x08")
    }
}

impl CodingStep {
    /// Whether this step gave something to look at; what was decoded of a stream
    /// that is cut or has a tail counts.
    pub(super) fn is_undone(&self) -> bool {
        use CodingResult::{Decoded, DecodedRaw, TrailingData, Truncated};
        self.name == b"identity" || matches!(self.result, Decoded | DecodedRaw | TrailingData | Truncated)
    }
}

/// Digests of the content as transferred.
#[derive(Clone, Debug, Default)]
pub(crate) struct Digests {
    pub(crate) md5: Option<[u8; 16]>,
    pub(crate) sha256: Option<[u8; 32]>,
    pub(crate) sha512: Option<[u8; 64]>,
}

impl Digests {
    /// The digests that were computed, by the keys of RFC 9530 §5.
    pub(super) fn known(&self) -> impl Iterator<Item = (&'static str, &[u8])> {
        let md5 = self.md5.as_ref().map(|digest| ("md5", &digest[..]));
        let sha256 = self.sha256.as_ref().map(|digest| ("sha-256", &digest[..]));
        let sha512 = self.sha512.as_ref().map(|digest| ("sha-512", &digest[..]));
        [md5, sha256, sha512].into_iter().flatten()
    }
}

/// One content coding, and how undoing it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CodingStep {
    /// The coding as named, lower-cased.
    pub(crate) name: Vec<u8>,
    /// Whether it could be decoded.
    pub(crate) result: CodingResult,
    /// Bytes into this step.
    pub(crate) input: u64,
    /// Bytes out of this step.
    pub(crate) output: u64,
}

/// How undoing a content coding went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodingResult {
    /// To its end.
    Decoded,
    /// `deflate` without its zlib header, which decodes raw.
    DecodedRaw,
    /// To its end, and other bytes follow.
    TrailingData,
    /// The data is not in this coding.
    NotApplied,
    /// Its header is right, decoding fails.
    Corrupt,
    /// The content ends before the coded stream does.
    Truncated,
    /// Not known, or not built in: the chain ends here.
    Unsupported,
    /// Not tried: the chain ended before, or the content must not be looked into.
    NotTried,
}

/// What came after the end of the message: counted, its beginning kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct AfterEnd {
    /// How many bytes.
    pub(crate) bytes: u64,
    /// The first 256 of them.
    pub(crate) prefix: Vec<u8>,
    /// All of them are CR or LF.
    pub(crate) is_blank: bool,
    /// After CR and LF they begin with `HTTP/`.
    pub(crate) is_response: bool,
    /// The first bytes after CR and LF, as many as `HTTP/` has.
    start: Vec<u8>,
}

impl AfterEnd {
    /// How many bytes of the beginning are kept.
    pub(super) const KEPT: usize = 256;

    /// Takes more bytes that came after the message's end, in any pieces.
    pub(super) fn extend(&mut self, bytes: &[u8]) {
        let is_line_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        if self.bytes == 0 {
            self.is_blank = true;
        }
        // What counts are the first bytes that are no line end, however many line ends stand before.
        let content = match self.is_blank {
            true => &bytes[bytes.iter().position(|byte| !is_line_end(byte)).unwrap_or(bytes.len())..],
            false => bytes,
        };
        self.is_blank &= content.is_empty();
        let missing = HTTP.len() - self.start.len();
        self.start.extend_from_slice(&content[..missing.min(content.len())]);
        self.is_response = self.start.eq_ignore_ascii_case(HTTP);
        let room = Self::KEPT - self.prefix.len();
        self.prefix.extend_from_slice(&bytes[..room.min(bytes.len())]);
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
    }
}

/// What a response begins with.
const HTTP: &[u8] = b"HTTP/";

impl Exchange {
    /// The final head, if one came whole.
    pub(super) fn response(&self) -> Option<&ResponseHead> {
        self.head.as_ref().ok()
    }

    /// The status code: that of the final response; where the connection ended before one, that of
    /// the last interim response; none where something came that holds no status code.
    pub(super) fn status(&self) -> Option<u16> {
        let last_interim = || self.interim.last().map(|head| head.status_line);
        let line: Option<StatusLine> = match &self.head {
            Ok(head) => Some(head.status_line),
            Err(BadHead { problem: HeadProblem::NotHttp | HeadProblem::StatusSyntax, .. }) => None,
            Err(bad) => bad.status_line.or_else(last_interim),
        };
        line.map(|line| line.status)
    }

    /// What caches may do with the final response, `received` so many seconds after 1970 began,
    /// where that is known; `None` where there is no response.
    pub(super) fn caching(&self, received: Option<i64>) -> Option<CachingVerdict> {
        let head = self.response()?;
        Some(verdict(&Exchanged {
            method: &self.request.method,
            target: &self.url.to_bytes(),
            request: &self.request.fields,
            status: head.status(),
            response: &head.fields,
            is_whole: self.body.outcome == Completeness::Complete,
            is_discarded: self.body.framed.is_some_and(|framed| framed.is_unreliable),
            received,
        }))
    }

    /// The framing as reports name it.
    pub(super) fn framing(&self) -> Framing {
        self.body.framed.map_or(Framing::NoBody, |framed| framed.framing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_after_the_end_is_known_whatever_its_pieces() {
        for (bytes, is_blank, is_response) in [
            (&b"\r\n\n"[..], true, false),
            (b"\r\nHTTP/1.1 200", false, true),
            (b"HTT", false, false),
            (b"x\r\nHTTP/", false, false),
            (b"H\r\nTTP/", false, false),
        ] {
            for cut in 0..=bytes.len() {
                let mut after = AfterEnd::default();
                after.extend(&bytes[..cut]);
                after.extend(&bytes[cut..]);
                assert_eq!((after.is_blank, after.is_response), (is_blank, is_response));
                assert_eq!((after.bytes, &after.prefix[..]), (bytes.len() as u64, bytes));
            }
        }
    }
}
