//! Findings on the charset of text.

use encoding_rs::{Encoding, UTF_8};

use super::content::{media_type, readable, type_offset};
use super::rule::{Findings, Rule, rows};
use crate::charset::{PRESCAN_LIMIT, bom, meta};
use crate::http::excerpt::quoted;
use crate::http::framing::Framing;
use crate::http::media_type::MediaType;
use crate::report::exchange::Exchange;

pub(super) const RULES: &[Rule] = rows![
    warn(
        "content-charset-unknown",
        "Encoding (get an encoding)",
        "charset names no known encoding; recipients fall back to a guess",
        unknown,
    ),
    warn(
        "content-charset-conflict",
        "Encoding (BOM sniff); HTML (prescan a byte stream)",
        "byte order mark, charset and <meta> don't agree on the encoding; characters go wrong where another one is believed",
        conflict,
    ),
    note(
        "content-charset-missing",
        "HTML (determining the character encoding); RFC 9110 §8.3.2",
        "text beyond ASCII without any charset: each recipient guesses the encoding",
        missing,
    ),
    warn(
        "content-charset-undecodable",
        "Encoding (UTF-8 decoder); RFC 8259 §8.1",
        "the content is not the UTF-8 it has to be; readers see replacement characters",
        undecodable,
    ),
    note(
        "content-json-bom",
        "RFC 8259 §8.1",
        "JSON begins with a byte order mark, which some parsers refuse",
        json_bom,
    ),
];

/// The encoding that Content-Type says. Labels of the encoding called
/// replacement are labels, too.
fn header_encoding(media_type: &MediaType) -> Option<&'static Encoding> {
    Encoding::for_label(media_type.parameter("charset")?)
}

/// The encoding that a byte order mark says.
fn bom_encoding(exchange: &Exchange) -> Option<&'static Encoding> {
    bom(&exchange.body.content.prefix).map(|(encoding, _)| encoding)
}

/// The encoding that `<meta>` says, in HTML.
fn meta_encoding(exchange: &Exchange, media_type: &MediaType) -> Option<&'static Encoding> {
    let prefix = &exchange.body.content.prefix;
    let is_html = media_type.is("text/html");
    is_html.then(|| meta(&prefix[..prefix.len().min(PRESCAN_LIMIT)]))?
}

fn unknown(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some(head) = exchange.response() else { return };
    let Some(media_type) = media_type(head) else { return };
    if let Some(label) = media_type.parameter("charset")
        && Encoding::for_label(label).is_none()
    {
        found.with(type_offset(head), &quoted(label));
    }
}

fn conflict(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some((head, media_type)) = readable(exchange) else { return };
    if !media_type.is_textual() || media_type.is_json() {
        return;
    }
    let said = [
        ("byte order mark", bom_encoding(exchange)),
        ("charset", header_encoding(&media_type)),
        ("<meta>", meta_encoding(exchange, &media_type)),
    ];
    let said: Vec<_> =
        said.into_iter().filter_map(|(source, encoding)| Some((source, encoding?.name()))).collect();
    if said.iter().any(|(_, name)| *name != said[0].1) {
        let parts: Vec<_> = said.iter().map(|(source, name)| format!("{source} {name}")).collect();
        found.with(type_offset(head), &parts.join(", "));
    }
}

fn missing(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some((head, media_type)) = readable(exchange) else { return };
    let may_say_none = media_type.is("text/html") || media_type.is("text/plain");
    let is_said = header_encoding(&media_type).is_some()
        || bom_encoding(exchange).is_some()
        || meta_encoding(exchange, &media_type).is_some();
    if may_say_none && exchange.body.content.has_non_ascii && !is_said {
        found.at(type_offset(head));
    }
}

fn undecodable(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some((_, media_type)) = readable(exchange) else { return };
    let effective = bom_encoding(exchange).or_else(|| header_encoding(&media_type));
    let must_be_utf8 = media_type.is_json() || media_type.is_textual() && effective == Some(UTF_8);
    if must_be_utf8 && let Some(at) = exchange.body.content.first_invalid_utf8 {
        found.with(content_offset(exchange, at), &format!("first at byte {at} of the decoded content"));
    }
}

fn json_bom(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some((_, media_type)) = readable(exchange) else { return };
    let content = &exchange.body.content;
    let has_bom = content.prefix.starts_with(b"\xEF\xBB\xBF");
    if media_type.is_json() && has_bom && content.first_invalid_utf8.is_none() {
        found.at(exchange.body.offset);
    }
}

/// Where byte `at` of the decoded content stands on the connection, if no
/// coding moved it; else where the body begins.
fn content_offset(exchange: &Exchange, at: u64) -> u64 {
    let body = &exchange.body;
    let is_plain = body.content.codings.is_empty() && exchange.framing() != Framing::Chunked;
    if is_plain { body.offset.saturating_add(at) } else { body.offset }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{check, exchange, ids};
    use super::*;

    #[test]
    fn cases() {
        let (unknown, conflict) = ("content-charset-unknown", "content-charset-conflict");
        let (missing, undecodable) = ("content-charset-missing", "content-charset-undecodable");
        check(
            RULES,
            &[
                (
                    unknown,
                    "200|Content-Type: text/plain; charset=utf8mb4",
                    "200|Content-Type: text/plain; charset=\" UTF8\"",
                ),
                (
                    unknown,
                    "200|Content-Type: text/plain; charset='utf-8'",
                    "200|Content-Type: text/plain; charset=hz-gb-2312",
                ),
                (
                    conflict,
                    "200|Content-Type: text/css; charset=latin1||\u{EF}\u{BB}\u{BF}x",
                    "200|Content-Type: application/json; charset=latin1||\u{EF}\u{BB}\u{BF}x",
                ),
                (
                    conflict,
                    "200|Content-Type: text/html; charset=utf-8||<meta charset=gbk>",
                    "200|Content-Type: text/html; charset=utf-8||<meta charset=utf-16>",
                ),
                (
                    conflict,
                    "200|Content-Type: text/html||\u{EF}\u{BB}\u{BF}<meta charset=shift_jis>",
                    "200|Content-Type: text/plain||\u{EF}\u{BB}\u{BF}<meta charset=shift_jis>",
                ),
                (
                    conflict,
                    "200|Content-Type: text/plain; charset=utf-8||\u{FE}\u{FF}",
                    "206|Content-Type: text/plain; charset=utf-8||\u{FE}\u{FF}",
                ),
                (
                    missing,
                    "200|Content-Type: text/plain||caf\u{C3}\u{A9}",
                    "200|Content-Type: text/css||caf\u{C3}\u{A9}",
                ),
                (
                    missing,
                    "200|Content-Type: text/html||\u{E9}",
                    "200|Content-Type: text/html||<meta charset=l1>\u{E9}",
                ),
                (
                    missing,
                    "200|Content-Type: text/plain; charset=x-none||\u{E9}",
                    "200|Content-Type: text/plain||\u{EF}\u{BB}\u{BF}\u{C3}\u{A9}",
                ),
                (
                    undecodable,
                    "200|Content-Type: text/plain; charset=utf-8||abc\u{FF}",
                    "200|Content-Type: text/plain; charset=gbk||abc\u{FF}",
                ),
                (
                    undecodable,
                    "200|Content-Type: application/problem+json||\u{FF}\u{FE}{\0",
                    "200|Content-Type: text/plain||abc\u{FF}",
                ),
                (
                    undecodable,
                    "200|Content-Type: text/html; charset=latin1||\u{EF}\u{BB}\u{BF}\u{FF}",
                    "200|Content-Type: image/x; charset=utf-8||\u{FF}",
                ),
                (
                    "content-json-bom",
                    "200|Content-Type: application/json||\u{EF}\u{BB}\u{BF}{}",
                    "200|Content-Type: application/json||\u{EF}\u{BB}\u{BF}{\u{FF}}",
                ),
            ],
        );
    }

    #[test]
    fn nothing_is_said_of_what_is_still_gzip() {
        let exchange = exchange("200|Content-Type: text/plain; charset=utf-8||\u{1F}\u{8B}\u{8}\u{FF}");
        assert_eq!(ids(RULES, &exchange), [""; 0]);
    }
}
