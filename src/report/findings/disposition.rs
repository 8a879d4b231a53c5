//! Findings on Content-Disposition.

use super::rule::{Findings, Rule, rows};
use crate::http::excerpt::quoted;
use crate::http::field::FieldLine;
use crate::http::parameter::{ExtendedValue, Parameter, parameters};
use crate::http::syntax::{find_unquoted, split_unquoted, token_len, trim_ows};
use crate::http::uri::percent_decode;
use crate::report::exchange::Exchange;

pub(super) const RULES: &[Rule] = rows![
    warn(
        "content-disposition-invalid",
        "RFC 6266 §4.1, §4.2",
        "Content-Disposition has no known type or does not parse; clients save the body, under a name that may be lost",
        invalid,
    ),
    warn(
        "content-disposition-filename-unsafe",
        "RFC 6266 §4.3, App. D",
        "the filename holds a slash, a backslash or a percent-encoded byte; clients cut or decode it in different ways",
        filename_unsafe,
    ),
    note(
        "content-disposition-fallback",
        "RFC 6266 App. D",
        "filename* without a filename before it: clients that don't know filename* find no name",
        fallback,
    ),
];

fn invalid(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some(head) = exchange.response() else { return };
    if let Some(line) = head.fields.first("content-disposition")
        && !is_valid(line.value)
    {
        found.with(line.offset, &quoted(line.value));
    }
}

/// Whether `value` is a known type with `*( ";" parameter )`. Whitespace around
/// `=` is allowed by the rules of the grammar's time (RFC 6266 §4.1).
pub(super) fn is_valid(value: &[u8]) -> bool {
    let (kind, rest) = value.split_at(token_len(value));
    let is_known = ["inline", "attachment", "form-data"]
        .into_iter()
        .any(|known| kind.eq_ignore_ascii_case(known.as_bytes()));
    let rest = trim_ows(rest);
    let mut pieces = split_unquoted(rest, b';');
    let is_parameter = |piece| {
        let parameter = Parameter::of(piece);
        parameter.is_valid() && parameter.value.is_some()
    };
    is_known && pieces.next().is_none_or(<[u8]>::is_empty) && pieces.all(is_parameter)
}

/// The parameters of the first line.
fn named(exchange: &Exchange) -> Option<(FieldLine<'_>, Vec<Parameter<'_>>)> {
    let line = exchange.response()?.fields.first("content-disposition")?;
    let start = find_unquoted(line.value, b';').unwrap_or(line.value.len());
    Some((line, parameters(&line.value[start..]).collect()))
}

fn filename_unsafe(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some((line, parameters)) = named(exchange) else { return };
    let value = |name| parameters.iter().find(|parameter| parameter.is(name))?.value;
    // What percent-encoding hides is a separator to those who decode it.
    let extended = value("filename*").filter(|value| {
        let text = ExtendedValue::parse(value).and_then(|value| value.text);
        text.is_some_and(|text| text.contains(['/', '\\']))
    });
    if let Some(filename) = extended {
        return found.with(line.offset, &quoted(filename));
    }
    // The bytes as they stand: an escaping backslash, too, is taken for a
    // separator by some.
    if let Some(filename) = value("filename")
        && (filename.iter().any(|byte| b"/\\".contains(byte)) || percent_decode(filename) != filename)
    {
        found.with(line.offset, &quoted(filename));
    }
}

fn fallback(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some((line, parameters)) = named(exchange) else { return };
    let at = |name| parameters.iter().position(|parameter| parameter.is(name));
    match (at("filename*"), at("filename")) {
        (Some(_), None) => found.with(line.offset, "there is no filename"),
        (Some(extended), Some(plain)) if extended < plain => {
            found.with(line.offset, "filename comes after it")
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::check;
    use super::*;

    #[test]
    fn cases() {
        let invalid = "content-disposition-invalid";
        let unsafe_name = "content-disposition-filename-unsafe";
        check(
            RULES,
            &[
                (
                    invalid,
                    "200|Content-Disposition: attachment; filename=a b.txt",
                    "200|Content-Disposition: attachment; filename=\"a b.txt\"; filename*=UTF-8''a%20b",
                ),
                (
                    invalid,
                    "200|Content-Disposition: filename=\"x\"",
                    "200|Content-Disposition: Inline ; filename = x",
                ),
                (invalid, "200|Content-Disposition: download", "200|Content-Disposition: form-data; name=x"),
                (invalid, "200|Content-Disposition: attachment; x", "200|Content-Disposition: attachment"),
                (
                    "content-disposition-fallback",
                    "200|Content-Disposition: attachment; filename*=UTF-8''a",
                    "200|Content-Disposition: attachment; filename=a; filename*=UTF-8''a",
                ),
                (
                    "content-disposition-fallback",
                    "200|Content-Disposition: attachment; Filename*=UTF-8''a; Filename=a",
                    "200|Content-Disposition: attachment; filename=a",
                ),
                (
                    unsafe_name,
                    "200|Content-Disposition: attachment; filename=\"../x\"",
                    "200|Content-Disposition: attachment; filename=\"..x\"",
                ),
                (
                    unsafe_name,
                    "200|Content-Disposition: attachment; filename=\"C:\\x\"",
                    "200|Content-Disposition: attachment; x=\"C:\\x\"",
                ),
                (
                    unsafe_name,
                    "200|Content-Disposition: attachment; filename=a; filename*=UTF-8''..%2Fa",
                    "200|Content-Disposition: attachment; filename=a; filename*=UTF-8''..%2Ea",
                ),
                (
                    unsafe_name,
                    "200|Content-Disposition: attachment; FileName=a%20b",
                    "200|Content-Disposition: attachment; filename=\"100% a%2\"; filename*=UTF-8''a%20b",
                ),
            ],
        );
    }
}
