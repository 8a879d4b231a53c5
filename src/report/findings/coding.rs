//! Findings on content codings: how they are named, and how undoing them went.

use super::content::{inspectable, media_type};
use super::rule::{Findings, Rule, rows};
use crate::failure;
use crate::http::excerpt::quoted;
use crate::http::field::FieldSection;
use crate::http::response::ResponseHead;
use crate::http::weight::Weighted;
use crate::report::exchange::{CodingResult, CodingStep, Exchange};

pub(super) const RULES: &[Rule] = rows![
    warn(
        "content-encoding-unknown",
        "RFC 9110 §8.4.1, §12.5.3",
        "Content-Encoding names identity or no registered coding; recipients may refuse the body or show it undecoded",
        unknown,
    ),
    error(
        "content-encoding-not-applied",
        "RFC 9110 §8.4.1.2, §8.4.1.3",
        "the content is not in the coding that Content-Encoding names; clients that decode it fail",
        not_applied,
    ),
    error(
        "content-encoding-corrupt",
        "RFC 9110 §8.4; RFC 1950, 1952",
        "the coded content is damaged; what was decoded before the damage is not to be trusted",
        corrupt,
    ),
    error(
        "content-encoding-truncated",
        "RFC 9110 §8.4",
        "the message is whole but the coded content is cut short; its end is missing",
        truncated,
    ),
    warn(
        "content-encoding-trailing-data",
        "RFC 1952 §2.2",
        "bytes follow the coded content; some clients drop them, others fail",
        trailing_data,
    ),
    warn(
        "content-encoding-deflate-raw",
        "RFC 9110 §8.4.1.2",
        "deflate without its zlib header; strict clients can't decode it",
        deflate_raw,
    ),
    warn(
        "content-encoding-double",
        "RFC 9110 §8.4",
        "the decoded text is gzip once more: it was compressed twice and named once",
        double,
    ),
    warn(
        "content-encoding-undeclared",
        "RFC 9110 §8.4",
        "text that is gzip without Content-Encoding saying so; clients show the compressed bytes",
        undeclared,
    ),
    note(
        "content-encoding-ratio",
        "CWE-409 (data amplification)",
        "the content grows over a hundredfold by decoding: harmless if meant, else a way to exhaust the client",
        ratio,
    ),
    warn(
        "content-encoding-unwanted",
        "RFC 9110 §12.5.3",
        "the content is in a coding that Accept-Encoding does not allow; the client may not be able to decode it",
        unwanted,
    ),
];

/// The registered codings (RFC 9110 §8.4.1, §16.6.1).
pub(super) const REGISTERED: [&[u8]; 12] = [
    b"gzip",
    b"x-gzip",
    b"deflate",
    b"br",
    b"zstd",
    b"compress",
    b"x-compress",
    b"dcb",
    b"dcz",
    b"aes128gcm",
    b"exi",
    b"pack200-gzip",
];

/// A step that gives this many bytes ...
const BIG_OUTPUT: u64 = 10 * 1024 * 1024;
/// ... and this many times its input is reported.
const BIG_RATIO: u64 = 100;

/// Offset of the first Content-Encoding line, else of the status line.
fn offset(head: &ResponseHead) -> u64 {
    head.fields.first("content-encoding").map_or(head.status_line_offset(), |line| line.offset)
}

/// The codings named, lower-cased, identity and empty members left out.
fn named(fields: &FieldSection) -> impl Iterator<Item = Vec<u8>> {
    fields
        .members("content-encoding")
        .map(<[u8]>::to_ascii_lowercase)
        .filter(|coding| !coding.is_empty() && coding != b"identity")
}

fn unknown(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some(head) = exchange.response() else { return };
    let odd = head
        .fields
        .members("content-encoding")
        .find(|member| !member.is_empty() && !REGISTERED.contains(&member.to_ascii_lowercase().as_slice()));
    if let Some(member) = odd {
        found.with(offset(head), &quoted(member));
    }
}

/// Reports the steps that went as `is_it` says.
fn report_steps(exchange: &Exchange, found: &mut Findings<'_>, is_it: impl Fn(&CodingStep) -> bool) {
    let Some(head) = inspectable(exchange) else { return };
    for step in exchange.body.content.codings.iter().filter(|step| is_it(step)) {
        let name = quoted(&step.name);
        let detail = match step.result {
            // How much had come when that was seen depends on the packets.
            CodingResult::NotApplied | CodingResult::Corrupt => name,
            _ => format!("{name}, {} in, {} out", failure::bytes(step.input), step.output),
        };
        found.with(offset(head), &detail);
    }
}

fn not_applied(exchange: &Exchange, found: &mut Findings<'_>) {
    report_steps(exchange, found, |step| step.result == CodingResult::NotApplied);
}

fn corrupt(exchange: &Exchange, found: &mut Findings<'_>) {
    report_steps(exchange, found, |step| step.result == CodingResult::Corrupt);
}

fn truncated(exchange: &Exchange, found: &mut Findings<'_>) {
    report_steps(exchange, found, |step| step.result == CodingResult::Truncated);
}

fn trailing_data(exchange: &Exchange, found: &mut Findings<'_>) {
    report_steps(exchange, found, |step| step.result == CodingResult::TrailingData);
}

fn deflate_raw(exchange: &Exchange, found: &mut Findings<'_>) {
    report_steps(exchange, found, |step| step.result == CodingResult::DecodedRaw);
}

fn ratio(exchange: &Exchange, found: &mut Findings<'_>) {
    report_steps(exchange, found, |step| {
        step.output > BIG_OUTPUT && step.output > step.input.saturating_mul(BIG_RATIO)
    });
}

/// The head, if the content is text by its type and begins as gzip does.
fn gzipped_text(exchange: &Exchange) -> Option<&ResponseHead> {
    let head = inspectable(exchange)?;
    (exchange.body.content.is_gzip() && media_type(head)?.is_textual()).then_some(head)
}

fn double(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some(head) = gzipped_text(exchange) else { return };
    if exchange.body.content.is_undone() && named(&head.fields).next().is_some() {
        found.at(offset(head));
    }
}

fn undeclared(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some(head) = gzipped_text(exchange) else { return };
    if named(&head.fields).next().is_none() {
        found.at(exchange.body.offset);
    }
}

fn unwanted(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some(head) = exchange.response() else { return };
    let request = &exchange.request.fields;
    if !request.has("accept-encoding") {
        return;
    }
    if let Some(coding) = named(&head.fields).find(|coding| !is_accepted(request, coding)) {
        found.with(offset(head), &quoted(&coding));
    }
}

/// Whether Accept-Encoding lets `coding` be used: named itself, or else by `*`,
/// with a weight above 0.
fn is_accepted(request: &FieldSection, coding: &[u8]) -> bool {
    let weight_of = |wanted: &[u8]| {
        let mut members = request.members("accept-encoding").map(Weighted::of);
        let named = members.find(|member| without_x(member.item).eq_ignore_ascii_case(wanted));
        named.map(|member| member.weight > 0)
    };
    weight_of(without_x(coding)).or_else(|| weight_of(b"*")).unwrap_or(false)
}

/// gzip and x-gzip are one coding, and so are compress and x-compress (RFC 9110 §8.4.1).
fn without_x(coding: &[u8]) -> &[u8] {
    match coding {
        [b'x' | b'X', b'-', rest @ ..] => rest,
        _ => coding,
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{Case, bytes, check_with, exchange, ids};
    use super::*;
    use crate::report::exchange::Completeness;

    /// `CODING RESULT INPUT OUTPUT @ exchange`, or an exchange alone.
    fn coded(text: &str) -> Exchange {
        let Some((steps, rest)) = text.split_once(" @ ") else { return exchange(text) };
        let mut made = exchange(rest);
        made.body.content.codings.clear();
        made.body.content.prefix = bytes(rest.split_once("||").map_or("", |(_, content)| content));
        for step in steps.split(", ") {
            let words: Vec<_> = step.split(' ').collect();
            let result = match words[1] {
                "decoded" => CodingResult::Decoded,
                "raw" => CodingResult::DecodedRaw,
                "tail" => CodingResult::TrailingData,
                "not" => CodingResult::NotApplied,
                "corrupt" => CodingResult::Corrupt,
                "cut" => CodingResult::Truncated,
                _ => CodingResult::Unsupported,
            };
            let number = |at: usize| words.get(at).map_or(5, |word| word.parse().expect("a number"));
            let name = words[0].as_bytes().to_vec();
            made.body.content.codings.push(CodingStep { name, result, input: number(2), output: number(3) });
        }
        made
    }

    const GZIP: &str = "\u{1F}\u{8B}\u{8}";

    #[test]
    fn cases() {
        let cases: &[Case] = &[
            ("content-encoding-unknown", "200|Content-Encoding: utf-8", "200|Content-Encoding: GZIP, br, ,"),
            (
                "content-encoding-unknown",
                "200|Content-Encoding: gzip, identity",
                "200|Content-Encoding: x-gzip",
            ),
            (
                "content-encoding-not-applied",
                "gzip not @ 200|Content-Encoding: gzip||hello",
                "gzip decoded @ 200|Content-Encoding: gzip||hello",
            ),
            (
                "content-encoding-corrupt",
                "gzip corrupt @ 200|Content-Encoding: gzip||hello",
                "gzip unknown @ 200|Content-Encoding: gzip||hello",
            ),
            (
                "content-encoding-truncated",
                "deflate cut, br unknown @ 200|Content-Encoding: gzip||hello",
                "gzip tail @ 200|Content-Encoding: gzip||hello",
            ),
            (
                "content-encoding-trailing-data",
                "gzip tail @ 200|Content-Encoding: gzip||hello",
                "gzip cut @ 200|Content-Encoding: gzip||hello",
            ),
            (
                "content-encoding-deflate-raw",
                "deflate raw @ 200|Content-Encoding: deflate||hello",
                "deflate decoded @ 200|Content-Encoding: deflate||hello",
            ),
            (
                "content-encoding-ratio",
                "gzip decoded 9 10485761 @ 200|Content-Encoding: gzip||hello",
                "gzip decoded 104858 10485761 @ 200|Content-Encoding: gzip||hello",
            ),
        ];
        check_with(&RULES[..6], &cases[..7], coded);
        check_with(&RULES[8..9], &cases[7..], coded);
    }

    #[test]
    fn cases_of_gzip_inside_and_of_accept_encoding() {
        let text = |codings: &str, kind: &str| {
            format!("{codings}200|Content-Type: {kind}|Content-Encoding: deflate||{GZIP}x")
        };
        let double = |codings: &str, kind: &str| ids(RULES, &coded(&text(codings, kind)));
        assert_eq!(double("deflate decoded @ ", "text/plain"), ["content-encoding-double"]);
        assert_eq!(double("deflate decoded @ ", "application/gzip"), [""; 0]);
        assert_eq!(double("deflate unknown @ ", "text/plain"), [""; 0]);

        let plain =
            |kind: &str, more: &str| ids(RULES, &coded(&format!("200|Content-Type: {kind}{more}||{GZIP}x")));
        assert_eq!(plain("text/css", ""), ["content-encoding-undeclared"]);
        assert_eq!(plain("application/octet-stream", ""), [""; 0]);
        let with_identity = plain("text/css", "|Content-Encoding: identity");
        assert_eq!(with_identity, ["content-encoding-undeclared", "content-encoding-unknown"]);

        for (accept, coding, expected) in [
            ("identity", "gzip", true),
            ("br, gzip;q=0", "gzip", true),
            ("gzip ; Q=0.000", "x-gzip", true),
            ("", "gzip", true),
            ("*;q=0", "br", true),
            ("gzip;q=0, *", "gzip", true),
            ("x-gzip", "gzip", false),
            ("GZip;q=0.1", "gzip", false),
            ("identity, *", "br", false),
            ("br", "identity", false),
        ] {
            let text =
                format!("GET http://a.example/|Accept-Encoding: {accept} > 200|Content-Encoding: {coding}");
            let found = ids(&RULES[9..], &exchange(&text)) == ["content-encoding-unwanted"];
            assert_eq!(found, expected, "{accept} for {coding}");
        }
        assert_eq!(ids(&RULES[9..], &exchange("200|Content-Encoding: gzip")), [""; 0]);
    }

    #[test]
    fn a_body_that_did_not_come_whole_is_not_judged() {
        let mut cut = coded("gzip corrupt @ 200|Content-Encoding: gzip||hello");
        cut.body.outcome = Completeness::Truncated;
        assert_eq!(ids(RULES, &cut), [""; 0]);
    }
}
