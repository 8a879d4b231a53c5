//! Findings on the media type, and what the other looks into content share.

use super::rule::{Findings, Rule, rows};
use crate::http::excerpt::quoted;
use crate::http::framing::Framing;
use crate::http::media_type::MediaType;
use crate::http::response::ResponseHead;
use crate::report::exchange::{CodingResult, Completeness, Exchange};

pub(super) const RULES: &[Rule] = rows![
    note(
        "content-type-missing",
        "RFC 9110 §8.3",
        "the body comes without Content-Type: each recipient guesses what it is",
        type_missing,
    ),
    warn(
        "content-type-invalid",
        "RFC 9110 §8.3.1",
        "Content-Type is not type/subtype with parameters; recipients treat the body as plain bytes or guess",
        type_invalid,
    ),
    warn(
        "content-type-mismatch",
        "MIME Sniffing (matching a type pattern)",
        "the content is of another type than Content-Type says; recipients that sniff and those that don't treat it differently",
        type_mismatch,
    ),
    warn(
        "content-json-invalid",
        "RFC 8259 §2",
        "the content is not JSON, though Content-Type says so: recipients that read it fail",
        json_invalid,
    ),
    note(
        "content-json-charset",
        "RFC 8259 §11",
        "application/json has no charset parameter: recipients don't look at it",
        |exchange, found| {
            let Some(head) = exchange.response() else { return };
            let names_one =
                |kind: MediaType| kind.is("application/json") && kind.parameter("charset").is_some();
            if media_type(head).is_some_and(names_one) {
                found.at(type_offset(head));
            }
        },
    ),
];

/// The media type that a head declares, if it matches the grammar.
pub(super) fn media_type(head: &ResponseHead) -> Option<MediaType> {
    MediaType::parse(head.fields.value("content-type")?)
}

/// The head, if its content may be looked into at all: it is whole, not empty,
/// and has no transfer coding that would have to be undone first.
pub(super) fn inspectable(exchange: &Exchange) -> Option<&ResponseHead> {
    let head = exchange.response()?;
    let is_whole = exchange.body.outcome == Completeness::Complete && exchange.body.bytes > 0;
    let has_coding = head.transfer_codings.others().next().is_some();
    (is_whole && !has_coding).then_some(head)
}

/// The head and its media type, if signature and charset of the decoded content
/// may be judged: not on a part of it, nor while a coding is still on.
pub(super) fn readable(exchange: &Exchange) -> Option<(&ResponseHead, MediaType)> {
    let head = inspectable(exchange)?;
    let content = &exchange.body.content;
    let is_readable = head.status() != 206 && content.is_undone() && !content.is_gzip();
    is_readable.then(|| media_type(head).map(|media_type| (head, media_type)))?
}

/// Offset of the Content-Type line, else of the status line.
pub(super) fn type_offset(head: &ResponseHead) -> u64 {
    head.fields.first("content-type").map_or(head.status_line_offset(), |line| line.offset)
}

fn type_missing(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some(head) = exchange.response() else { return };
    // What follows a 101 or a 2xx to CONNECT is no content.
    let has_content = exchange.body.bytes > 0 && exchange.framing() != Framing::NoBody;
    // A part for If-Range leaves out what came with the first part (RFC 9110 §15.3.7).
    let is_known = head.status() == 206 && exchange.request.fields.has("if-range");
    if has_content && !is_known && !head.fields.has("content-type") {
        found.at(head.status_line_offset());
    }
}

fn type_invalid(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some(head) = exchange.response() else { return };
    if let Some(line) = head.fields.first("content-type")
        && MediaType::parse(line.value).is_none()
    {
        found.with(line.offset, &quoted(line.value));
    }
}

/// Where JSON is none and no other finding says why.
fn json_invalid(exchange: &Exchange, found: &mut Findings<'_>) {
    let content = &exchange.body.content;
    let Some((_, declared)) = readable(exchange) else { return };
    let is_said = content.first_invalid_utf8.is_some()
        || content.prefix.starts_with(b"\xEF\xBB\xBF")
        || signature(&content.prefix).is_some()
        || content.codings.iter().any(|step| step.result == CodingResult::Truncated);
    if let Some(at) = content.not_json.filter(|_| declared.is_json() && !is_said) {
        let start = &content.prefix[..content.prefix.len().min(SHOWN)];
        found.with(
            exchange.body.offset,
            &format!("at byte {at} of the content, which begins {}", quoted(start)),
        );
    }
}

/// Most bytes of content that are shown.
const SHOWN: usize = 24;

/// Types that a signature proves.
const BINARY: [&str; 5] = ["image/png", "image/gif", "image/jpeg", "image/webp", "application/pdf"];
/// Types that no signature can stand in.
const TEXTUAL: [&str; 4] = ["application/json", "text/css", "text/javascript", "application/javascript"];

fn type_mismatch(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some((head, declared)) = readable(exchange) else { return };
    let Some(actual) = signature(&exchange.body.content.prefix) else { return };
    let is_other_binary = BINARY.into_iter().any(|known| declared.is(known)) && !declared.is(actual);
    let is_not_text = TEXTUAL.into_iter().any(|known| declared.is(known));
    let is_not_html = declared.is("text/html") && BINARY.contains(&actual);
    if is_other_binary || is_not_text || is_not_html {
        let detail = format!("it begins as {actual}, declared is {}", quoted(&declared.essence));
        found.with(type_offset(head), &detail);
    }
}

/// The type that content shows by how it begins.
fn signature(prefix: &[u8]) -> Option<&'static str> {
    match prefix {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some("image/png"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [0xFF, 0xD8, 0xFF, ..] => Some("image/jpeg"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        [b'%', b'P', b'D', b'F', b'-', ..] => Some("application/pdf"),
        _ => is_html(prefix).then_some("text/html"),
    }
}

fn is_html(prefix: &[u8]) -> bool {
    let text = prefix.trim_ascii_start();
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text).trim_ascii_start();
    [&b"<!doctype html"[..], b"<html"].into_iter().any(|tag| {
        text.split_at_checked(tag.len()).is_some_and(|(start, rest)| {
            start.eq_ignore_ascii_case(tag) && matches!(rest.first(), Some(b' ' | b'>'))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{check, exchange, ids};
    use super::*;
    use crate::report::exchange::CodingStep;

    #[test]
    fn cases() {
        check(
            RULES,
            &[
                (
                    "content-json-invalid",
                    "200|Content-Type: a/b+json||{'a':1}",
                    "200|Content-Type: a/b+json||{\"a\":1}",
                ),
                (
                    "content-json-invalid",
                    "200|Content-Type: application/json||{\"a\"",
                    "200|Content-Type: application/json||",
                ),
                (
                    "content-json-invalid",
                    "200|Content-Type: application/json||hello",
                    "200|Content-Type: application/json||<!doctype html>",
                ),
                (
                    "content-json-charset",
                    "200|Content-Type: application/json; charset=utf-8",
                    "200|Content-Type: text/plain; charset=utf-8",
                ),
                ("content-type-missing", "200||x", "200||"),
                ("content-type-missing", "200||x", "HEAD http://a.example/ > 200||x"),
                ("content-type-invalid", "200|Content-Type: html||x", "200|Content-Type: text/html;||x"),
                ("content-type-invalid", "200|Content-Type:|A: b", "200|Content-Type: a/b|Content-Type: c"),
                (
                    "content-type-mismatch",
                    "200|Content-Type: image/jpeg||\u{89}PNG\r\n\u{1A}\n",
                    "200|Content-Type: image/png||\u{89}PNG\r\n\u{1A}\n",
                ),
                (
                    "content-type-mismatch",
                    "200|Content-Type: text/css||\u{EF}\u{BB}\u{BF}\n <HTML>",
                    "200|Content-Type: text/css||<htmlx>",
                ),
                (
                    "content-type-mismatch",
                    "200|Content-Type: application/json||<!DOCTYPE html>",
                    "200|Content-Type: text/plain||<!DOCTYPE html>",
                ),
                (
                    "content-type-mismatch",
                    "200|Content-Type: text/html||%PDF-1.7",
                    "206|Content-Type: text/html||%PDF-1.7",
                ),
                (
                    "content-type-mismatch",
                    "200|Content-Type: image/gif||RIFF1234WEBPVP8 ",
                    "200|Content-Type: application/octet-stream||RIFF1234WEBPVP8 ",
                ),
                ("content-type-mismatch", "200|Content-Type: image/gif||\u{FF}\u{D8}\u{FF}", "200||GIF89a"),
            ],
        );
    }

    #[test]
    fn content_that_cannot_be_read_is_not_judged() {
        let text = "200|Content-Type: text/css||<html>";
        let mut cut = exchange(text);
        cut.body.outcome = Completeness::Truncated;
        assert_eq!(ids(RULES, &cut), [""; 0]);
        let coded = exchange("200|Content-Type: text/css|Transfer-Encoding: gzip, chunked||<html>");
        assert_eq!(ids(RULES, &coded), [""; 0]);
        for (result, expected) in [(CodingResult::Truncated, 1), (CodingResult::Corrupt, 0)] {
            let mut coded = exchange(text);
            let step = CodingStep { name: b"gzip".to_vec(), result, input: 1, output: 1 };
            coded.body.content.codings.push(step);
            assert_eq!(ids(RULES, &coded).len(), expected, "{result:?}");
        }
    }
}
