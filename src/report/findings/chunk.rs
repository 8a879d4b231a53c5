//! The chunked coding and trailer sections (RFC 9112 §7.1).

use std::collections::BTreeSet;

use super::rule::{Findings, Rule, rows};
use crate::http::Deviation::{
    ChunkBareLf, ChunkExtInvalid, ChunkSizeOverflow, ChunkSizeWhitespace, ChunkUnterminated,
};
use crate::http::chunked::{ChunkProblem, MAX_EXTENSIONS, MAX_SIZE_LINE, MAX_TRAILERS};
use crate::http::excerpt::quoted;
use crate::http::framing::Framing;
use crate::http::syntax::is_token;
use crate::report::exchange::{Completeness, Exchange};

pub(super) const RULES: &[Rule] = rows![
    error(
        "chunk-size-invalid",
        "RFC 9112 §7.1",
        "a chunk size is not a plain hexadecimal number: nobody can tell where the chunk ends",
        |exchange, found| stopped(exchange, found, ChunkProblem::SizeInvalid),
    ),
    error(
        "chunk-size-overflow",
        "RFC 9112 §7.1",
        "a chunk size has more than 16 digits: counters overflow, and some recipients read a small chunk \
         (request smuggling)",
        |exchange, found| {
            if exchange.body.chunk_deviations.has(ChunkSizeOverflow) {
                found.noted(exchange, ChunkSizeOverflow);
            } else {
                stopped(exchange, found, ChunkProblem::SizeOverflow);
            }
        },
    ),
    warn(
        "chunk-size-whitespace",
        "RFC 9112 §7.1, §7.1.1",
        "whitespace follows a chunk size: strict recipients reject the chunk",
        |exchange, found| found.noted(exchange, ChunkSizeWhitespace),
    ),
    error(
        "chunk-ext-invalid",
        "RFC 9112 §7.1.1",
        "what follows a chunk size is not a valid extension: recipients may end that line at different places \
         (request smuggling)",
        |exchange, found| found.noted(exchange, ChunkExtInvalid),
    ),
    error(
        "chunk-bare-lf",
        "RFC 9112 §2.2, §7.1",
        "a chunk's line ends in LF without CR: recipients that want both read the chunks otherwise (request \
         smuggling)",
        |exchange, found| found.noted(exchange, ChunkBareLf),
    ),
    error(
        "chunk-bare-cr",
        "RFC 9112 §2.2, §7.1.1",
        "CR without LF in a chunk-size line: some recipients end the line there and see other chunks",
        |exchange, found| stopped(exchange, found, ChunkProblem::BareCr),
    ),
    error(
        "chunk-data-terminator",
        "RFC 9112 §7.1",
        "the data of a chunk is not followed by a line end: the chunk's size is wrong, and the rest can't \
         be read",
        |exchange, found| stopped(exchange, found, ChunkProblem::DataTerminator),
    ),
    error(
        "chunk-oversize",
        "RFC 9112 §7.1.1",
        "chunk extensions or a trailer section larger than recipients allow for: the rest of the body is not read",
        oversize,
    ),
    error(
        "chunk-truncated",
        "RFC 9112 §8",
        "the connection ended before the last chunk: the rest of the body is missing",
        |exchange, found| {
            if exchange.body.chunks_cut && !exchange.is_stopped {
                found.at(exchange.body.end_offset);
            }
        },
    ),
    error(
        "chunk-unterminated",
        "RFC 9112 §7.1, §8",
        "the connection ended after the last chunk, before the empty line that ends the message: trailer \
         fields may be missing",
        |exchange, found| found.noted(exchange, ChunkUnterminated),
    ),
    warn(
        "trailer-forbidden",
        "RFC 9110 §6.5.1",
        "a field not allowed in a trailer section: recipients that merge it into the head are misled about \
         framing, caching or rights",
        |exchange, found| {
            let lines = exchange.body.trailers.iter();
            found.lines(
                lines.filter(|line| is_token(line.name) && is_forbidden(&line.name.to_ascii_lowercase())),
            );
        },
    ),
    note(
        "trailer-mismatch",
        "RFC 9110 §6.6.2",
        "the trailer fields are not those that Trailer announces: recipients that wait for an announced \
         one never get it",
        trailer_mismatch,
    ),
];

/// Tells where the chunks could not be read on, if `problem` is why.
fn stopped(exchange: &Exchange, found: &mut Findings<'_>, problem: ChunkProblem) {
    match exchange.body.chunk_problem {
        Some((stopped, offset)) if stopped == problem => found.at(offset),
        _ => {}
    }
}

fn oversize(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some((problem, offset)) = exchange.body.chunk_problem else { return };
    let detail = match problem {
        ChunkProblem::SizeLineTooLong => format!("a chunk-size line of over {MAX_SIZE_LINE} bytes"),
        ChunkProblem::ExtensionsTooLong => format!("{MAX_EXTENSIONS} bytes more than the data"),
        ChunkProblem::TrailersTooLong => format!("a trailer section of over {MAX_TRAILERS} bytes"),
        _ => return,
    };
    found.with(offset, &detail);
}

/// Fields about framing, routing, authentication, caching or the content.
pub(super) fn is_forbidden(name: &[u8]) -> bool {
    matches!(
        name,
        b"transfer-encoding"
            | b"content-length"
            | b"host"
            | b"set-cookie"
            | b"content-type"
            | b"content-encoding"
            | b"content-range"
            | b"trailer"
            | b"cache-control"
            | b"authorization"
            | b"proxy-authorization"
            | b"cookie"
            | b"expect"
            | b"max-forwards"
            | b"range"
            | b"location"
            | b"connection"
            | b"te"
            | b"upgrade"
            | b"age"
            | b"expires"
            | b"date"
            | b"vary"
            | b"retry-after"
            | b"pragma"
    ) || name.ends_with(b"-authenticate")
        || name.starts_with(b"if-")
}

fn trailer_mismatch(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some(head) = exchange.response() else { return };
    let body = &exchange.body;
    let is_judged = match exchange.framing() {
        Framing::NoBody => false,
        Framing::Chunked => body.outcome == Completeness::Complete,
        Framing::Length(_) | Framing::UntilClose => true,
    };
    if !is_judged {
        return;
    }
    let announced = names(head.fields.members("trailer").filter(|name| !name.is_empty()));
    let came = names(body.trailers.iter().map(|line| line.name));
    let missing = announced.iter().find(|&name| !came.contains(name));
    let extra = body.trailers.iter().find(|line| !announced.contains(&line.name.to_ascii_lowercase()));
    if let (Some(name), Some(line)) = (missing, head.fields.first("trailer")) {
        found.with(line.offset, &format!("{} is announced and did not come", quoted(name)));
    } else if let Some(line) = extra {
        found.with(line.offset, &format!("{} came and is not announced", quoted(line.name)));
    }
}

/// The `names`, in lower case.
fn names<'a>(names: impl Iterator<Item = &'a [u8]>) -> BTreeSet<Vec<u8>> {
    let mut all = BTreeSet::new();
    // Collected, the set would bring a sort of its own into the program.
    for name in names {
        all.insert(name.to_ascii_lowercase());
    }
    all
}
