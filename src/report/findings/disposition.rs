//! Findings on Content-Disposition.

use super::{Found, Rule, quoted, warn};
use crate::http::syntax::{quoted_string_len, split_unquoted, token_len, trim_ows, trim_ows_start};
use crate::http::uri::percent_decode;
use crate::report::exchange::Exchange;

pub(super) const RULES: &[Rule] = &[
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
];

fn invalid(exchange: &Exchange, found: &mut Found<'_>) {
    let Some(head) = exchange.response() else { return };
    if let Some(line) = head.fields.first("content-disposition")
        && !is_valid(line.value)
    {
        found.with(line.offset, &quoted(line.value));
    }
}

/// Whether `value` is a known type with `*( ";" parameter )`. Whitespace around
/// `=` is allowed by the rules of the grammar's time (RFC 6266 §4.1).
fn is_valid(value: &[u8]) -> bool {
    let (kind, rest) = value.split_at(token_len(value));
    let is_known = ["inline", "attachment", "form-data"]
        .into_iter()
        .any(|known| kind.eq_ignore_ascii_case(known.as_bytes()));
    let mut rest = trim_ows_start(rest);
    while let [b';', tail @ ..] = rest {
        let tail = trim_ows_start(tail);
        let name = token_len(tail);
        let Some(value) = trim_ows_start(&tail[name..]).strip_prefix(b"=") else { return false };
        let value = trim_ows_start(value);
        let length = quoted_string_len(value).unwrap_or_else(|| token_len(value));
        if name == 0 || length == 0 {
            return false;
        }
        rest = trim_ows_start(&value[length..]);
    }
    is_known && rest.is_empty()
}

fn filename_unsafe(exchange: &Exchange, found: &mut Found<'_>) {
    let Some(head) = exchange.response() else { return };
    let Some(line) = head.fields.first("content-disposition") else { return };
    let filename = split_unquoted(line.value, b';').skip(1).find_map(|piece| {
        let equals = piece.iter().position(|&byte| byte == b'=')?;
        trim_ows(&piece[..equals]).eq_ignore_ascii_case(b"filename").then(|| trim_ows(&piece[equals + 1..]))
    });
    // The bytes as they stand: an escaping backslash, too, is taken for a
    // separator by some.
    if let Some(filename) = filename
        && (filename.iter().any(|byte| b"/\\".contains(byte)) || percent_decode(filename) != filename)
    {
        found.with(line.offset, &quoted(filename));
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
                    "200|Content-Disposition: attachment; FileName=a%20b",
                    "200|Content-Disposition: attachment; filename=\"100% a%2\"; filename*=UTF-8''a%20b",
                ),
            ],
        );
    }
}
