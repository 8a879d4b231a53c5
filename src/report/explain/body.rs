//! The content explained: its framing, chunks, codings, charset, and what
//! follows it.

use std::time::Duration;

use super::text::{Paint, Text};
use super::{caching, fields};
use crate::charset::{self, CharsetSource};
use crate::failure::{self, counted};
use crate::http::chunked::ChunkLine;
use crate::http::excerpt::quoted;
use crate::http::framing::Framing;
use crate::http::media_type::MediaType;
use crate::output::columns::columns;
use crate::output::escape::one_line;
use crate::report::exchange::{CodingResult, CodingStep, Completeness, Exchange};
use crate::report::millis::in_millis;
use crate::report::record::Record;

/// How much of the bytes after the end is shown.
const SHOWN_AFTER: usize = 64;
/// Columns before the extensions of a chunk that do not fit behind its size.
const EXTENSIONS: usize = 25;

pub(super) fn explain(text: &mut Text, record: &Record) {
    let body = &record.exchange.body;
    text.title("\nCONTENT", &summary(record));
    if let Some(framed) = body.framed {
        text.item("framing", &format!("{}: {}", framing(framed.framing), framed.rule));
    }
    text.item("ends", &format!("{} at byte {}", outcome(&record.exchange), body.end_offset));
    chunks(text, record);
    trailers(text, record);
    codings(text, &body.content.codings);
    if body.content.decoded_bytes != body.bytes {
        text.item("decoded", &failure::bytes(body.content.decoded_bytes));
    }
    charset(text, &record.exchange);
    let after = &record.exchange.after;
    if after.bytes > 0 {
        let shown = quoted(&after.prefix[..after.prefix.len().min(SHOWN_AFTER)]);
        let what = if after.is_response { "another response" } else { "part of no response" };
        text.item("after it", &format!("{}, {what}: {shown}", counted(after.bytes, "more byte")));
    }
    if let Some(line) = caching::words(&record.exchange, record.received()) {
        text.item("caching", &line);
    }
}

/// The charset, and that the one that Content-Type declares is none that can be decoded.
fn charset(text: &mut Text, exchange: &Exchange) {
    let declared = exchange.response().and_then(|head| MediaType::parse(head.fields.value("content-type")?));
    let textual = declared.as_ref().filter(|media_type| media_type.is_textual());
    let label = textual.and_then(|media_type| media_type.parameter("charset"));
    let undecodable = label.filter(|label| charset::encoding(label).is_none());
    let declares =
        undecodable.map(|label| format!("the declared charset {} is not supported", quoted(label)));
    let what = match (exchange.body.content.charset, declares) {
        (Some((encoding, CharsetSource::Default)), Some(declares)) => {
            format!("{}, the default: {declares}", encoding.name())
        }
        (Some((encoding, CharsetSource::Detected)), Some(declares)) => {
            format!("{}, guessed from the bytes: {declares}", encoding.name())
        }
        (Some((encoding, source)), _) => format!("{}, {}", encoding.name(), source.sentence()),
        (None, Some(declares)) if exchange.body.bytes > 0 => format!("none: {declares}"),
        (None, _) => return,
    };
    text.item("charset", &what);
}

fn summary(record: &Record) -> String {
    let body = &record.exchange.body;
    let wire = body.end_offset - body.offset;
    match (body.bytes, wire) {
        (0, 0) => "none".to_owned(),
        (bytes, wire) if bytes == wire => failure::bytes(bytes),
        (bytes, wire) => format!("{}, in {wire} on the wire", failure::bytes(bytes)),
    }
}

fn framing(framing: Framing) -> &'static str {
    match framing {
        Framing::NoBody => "no content",
        Framing::Chunked => "chunked",
        Framing::Length(_) => "Content-Length",
        Framing::UntilClose => "until the connection closes",
    }
}

fn outcome(exchange: &Exchange) -> &'static str {
    match exchange.body.outcome {
        Completeness::Complete => "complete,",
        Completeness::Truncated if exchange.is_stopped => "INCOMPLETE,",
        Completeness::Truncated => "CUT SHORT,",
        Completeness::Error => "MALFORMED,",
    }
}

fn chunks(text: &mut Text, record: &Record) {
    let chunks = &record.chunks;
    if chunks.count == 0 {
        return;
    }
    let latest = chunks.last.back().or(chunks.first.last());
    let summary = match latest.is_some_and(|(chunk, _)| chunk.size == 0) {
        true => format!("{}, then the last one, of size 0", chunks.count - 1),
        false => format!("{}; the last one, of size 0, is missing", chunks.count),
    };
    text.item("chunks", &summary);
    let is_timed = record.connection.remote.is_some();
    for (chunk, after) in &chunks.first {
        chunk_line(text, chunk, Some(*after).filter(|_| is_timed));
    }
    if chunks.left_out() > 0 {
        text.push(Paint::Quiet, format!("{:>24} more\n", chunks.left_out()));
    }
    for (chunk, after) in &chunks.last {
        chunk_line(text, chunk, Some(*after).filter(|_| is_timed));
    }
}

fn chunk_line(text: &mut Text, chunk: &ChunkLine, after: Option<Duration>) {
    let after = after.map(|after| format!(", after {}", in_millis(after)));
    let line = format!("{:>24} bytes at byte {}{}", chunk.size, chunk.offset, after.unwrap_or_default());
    let extensions = one_line(&chunk.extensions);
    if columns(&line) > text.layout.width {
        return text.paragraph(Paint::Quiet, 4, &format!("{} {extensions}", line.trim_start()));
    }
    let has_room = columns(&line) + 1 + columns(&extensions) <= text.layout.width;
    match (extensions.is_empty(), has_room) {
        (true, _) => text.push(Paint::Quiet, format!("{line}\n")),
        (false, true) => text.push(Paint::Quiet, format!("{line} {extensions}\n")),
        (false, false) => {
            text.push(Paint::Quiet, format!("{line}\n"));
            text.paragraph(Paint::Quiet, EXTENSIONS, &extensions);
        }
    }
}

fn trailers(text: &mut Text, record: &Record) {
    let trailers = &record.exchange.body.trailers;
    if trailers.is_empty() {
        return;
    }
    let fields = counted(trailers.len() as u64, "field");
    text.item("trailers", &format!("{fields} after the last chunk"));
    for line in trailers.iter() {
        let note = fields::of_response(line, trailers, &record.exchange, record.received());
        text.wire(line.offset, &[line.name, b": ", line.value].concat(), note);
    }
}

/// The chain in the order in which it was undone, with the sizes between.
fn codings(text: &mut Text, codings: &[CodingStep]) {
    for step in codings.iter().rev() {
        let name = one_line(&step.name);
        let [input, output] = [step.input, step.output].map(failure::bytes);
        let told = match step.result {
            CodingResult::Decoded if step.input == 0 => format!("{name}: nothing to decode"),
            CodingResult::Decoded => format!("{name}: {input} became {}", step.output),
            CodingResult::DecodedRaw => {
                format!("{name}, without its zlib header: {input} became {}", step.output)
            }
            CodingResult::TrailingData => {
                format!("{name}: {input} became {}, and more follow", step.output)
            }
            CodingResult::NotApplied => format!("{name}: the content is not in this coding"),
            CodingResult::Corrupt => format!("{name}: corrupt after {output}"),
            CodingResult::Truncated => format!("{name}: cut short after {output}"),
            CodingResult::Unsupported => format!("{name}: cannot be decoded by this program"),
            CodingResult::NotTried if step.output > 0 => format!("{name}: not decoded to its end"),
            CodingResult::NotTried => format!("{name}: not decoded"),
        };
        text.item("coding", &told);
    }
}
