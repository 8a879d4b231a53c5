//! An exchange made of a request and the bytes that came back, by the parsers
//! alone: no socket, and the end of the bytes is the end of the connection.

use crate::http::chunked::{ChunkedDecoder, Progress};
use crate::http::framing::{Framed, Framing, response_framing};
use crate::http::response::{
    BadHead, HeadProblem, HeadScanner, ResponseHead, bad_head, parse_whole, problem_at_eof,
};
use crate::http::uri::{Scheme, Uri};
use crate::http::{Deviations, field::FieldSection};
use crate::report::exchange::{AfterEnd, Content, Exchange, Outcome, ReceivedBody, SentRequest};
use crate::report::request_reading;

/// The exchange in which `request` (see [`super`]) was answered by `bytes`.
pub(super) fn build(request: &str, bytes: &[u8]) -> Exchange {
    let (url, request) = read_request(request);
    let mut interim = Vec::new();
    let mut at = 0;
    let head = loop {
        match next_head(&bytes[at..], at as u64) {
            Ok((length, head)) => {
                at += length;
                if !head.status_line.is_interim() {
                    break Ok(head);
                }
                interim.push(head);
            }
            Err(bad) => break Err(*bad),
        }
    };
    let (body, after) = match &head {
        Ok(head) => receive_body(response_framing(&request.method, head), &bytes[at..], at as u64),
        Err(bad) => (no_body(bad, !interim.is_empty()), AfterEnd::default()),
    };
    Exchange { url, request, interim, head, body, after }
}

fn next_head(bytes: &[u8], offset: u64) -> Result<(usize, ResponseHead), Box<BadHead>> {
    match HeadScanner::default().scan(bytes) {
        Ok(Some(length)) => parse_whole(&bytes[..length], offset).map(|head| (length, head)),
        Ok(None) => Err(Box::new(bad_head(bytes, offset, problem_at_eof(bytes)))),
        Err(problem) => Err(Box::new(bad_head(bytes, offset, problem))),
    }
}

/// What there is of a body where there is no head.
fn no_body(bad: &BadHead, has_interim: bool) -> ReceivedBody {
    let outcome = match bad.problem {
        HeadProblem::Truncated => Outcome::Truncated,
        HeadProblem::Empty if has_interim => Outcome::Truncated,
        _ => Outcome::Error,
    };
    let end = bad.offset + bad.raw.len() as u64;
    body(None, outcome, 0, end, end)
}

fn body(framed: Option<Framed>, outcome: Outcome, bytes: u64, offset: u64, end_offset: u64) -> ReceivedBody {
    ReceivedBody {
        framed,
        outcome,
        bytes,
        offset,
        end_offset,
        chunk_deviations: Deviations::default(),
        chunk_problem: None,
        chunks_cut: false,
        trailers: FieldSection::default(),
        trailer_deviations: Deviations::default(),
        content: Content::default(),
    }
}

fn receive_body(framed: Framed, bytes: &[u8], offset: u64) -> (ReceivedBody, AfterEnd) {
    let received = bytes.len() as u64;
    let outcome = if framed.is_unreliable { Outcome::Error } else { Outcome::Complete };
    let (length, outcome) = match framed.framing {
        Framing::NoBody => (0, outcome),
        Framing::UntilClose => (received, outcome),
        Framing::Length(length) if length > received => (received, Outcome::Truncated),
        Framing::Length(length) => (length, outcome),
        Framing::Chunked => return receive_chunks(framed, bytes, offset),
    };
    let mut after = AfterEnd::default();
    after.extend(&bytes[length as usize..]);
    (body(Some(framed), outcome, length, offset, offset + length), after)
}

fn receive_chunks(framed: Framed, bytes: &[u8], offset: u64) -> (ReceivedBody, AfterEnd) {
    let mut decoder = ChunkedDecoder::new(offset, false);
    let decoded = decoder.decode(&mut bytes.to_vec());
    let end = offset + decoded.consumed as u64;
    let mut body = body(Some(framed), Outcome::Complete, decoded.data as u64, offset, end);
    let mut after = AfterEnd::default();
    match decoded.progress {
        Progress::End => after.extend(&bytes[decoded.consumed..]),
        Progress::Failed(problem, at) => {
            body.outcome = Outcome::Error;
            body.chunk_problem = Some((problem, at));
        }
        Progress::NeedMore => {
            body.chunks_cut = !decoder.end_of_connection();
            if body.chunks_cut {
                body.outcome = Outcome::Truncated;
            }
        }
    }
    body.chunk_deviations = decoder.deviations().clone();
    (body.trailers, body.trailer_deviations) = decoder.trailers_parsed();
    (body, after)
}

fn read_request(text: &str) -> (Uri, SentRequest) {
    let (mut method, mut version, mut url) = ("GET", "HTTP/1.1", "http://example.com/dir/page?q");
    let mut lines = String::from("User-Agent: rawget\r\nAccept: */*\r\nConnection: close\r\n");
    for piece in text.split('|').filter(|piece| !piece.is_empty()) {
        match piece {
            _ if piece.starts_with("HTTP/") => version = piece,
            _ if piece.contains("://") && !piece.contains(' ') => url = piece,
            _ if piece.contains(':') => lines += &format!("{piece}\r\n"),
            _ => method = piece,
        }
    }
    let url = read_url(url);
    let target = String::from_utf8_lossy(url.origin_form()).into_owned();
    let line = format!("{method} {target} {version}");
    let fields = format!("Host: {}\r\n{lines}\r\n", url.host_in_brackets());
    let request = request_reading::read(format!("{line}\r\n{fields}").as_bytes());
    (url, request)
}

fn read_url(url: &str) -> Uri {
    Uri::parse(url.as_bytes(), Scheme::Http).expect("a URL")
}
