//! Fields defined as structured (RFC 9651): which type each has.

use std::collections::HashSet;

use super::request_framing::trailers;
use super::rule::{Findings, Rule, rows};
use super::value::joined;
use crate::http::cache_control::{ArgumentKind, MAX_SECONDS, response_kind};
use crate::http::digits::exact;
use crate::http::excerpt::quoted;
use crate::http::field::FieldSection;
use crate::http::structured::{self, BareItem, Item, Member, Type};
use crate::report::exchange::Completeness;

pub(super) const RULES: &[Rule] = rows![warn(
    "field-structured-invalid",
    "RFC 9651 §4.2, §3.2",
    "a structured field does not parse, has the wrong type, or repeats a key: recipients \
     ignore it, or the member concerned (of a repeated key the last counts)",
    |exchange, found| {
        if let Some(head) = exchange.response() {
            invalid(found, &head.fields, &IN_RESPONSES);
            // Where the content is missing, a trailer section may be.
            if exchange.body.outcome == Completeness::Complete && exchange.request.method != b"HEAD" {
                unpaired(found, &head.fields, &exchange.body.trailers);
            }
        }
    },
)];

pub(super) const REQUEST_RULES: &[Rule] = rows![warn(
    "request-structured-invalid",
    "RFC 9651 §4.2, §3.2",
    "a structured field does not parse, has the wrong type, or repeats a key: servers \
     ignore it, or the member concerned (of a repeated key the last counts)",
    |exchange, found| {
        invalid(found, &exchange.request.fields, &IN_REQUESTS);
        unpaired(found, &exchange.request.fields, &trailers(&exchange.request));
    },
)];

/// What a structured field must be.
enum StructuredKind {
    /// An Item of this type.
    Item(Type, &'static str),
    /// A List whose members are all Items of one of these types.
    List(&'static [Type], &'static str),
    /// A Dictionary whose values all pass this.
    Dictionary(fn(&Member<'_>) -> bool, &'static str),
    /// A Dictionary of which some keys, by what defines it, have a value that passes this.
    Keyed(fn(&[u8], &Member<'_>) -> bool, &'static str, &'static str),
}

/// The structured fields of responses that are checked.
const IN_RESPONSES: [(&str, StructuredKind); 29] = [
    ("Accept-CH", StructuredKind::List(&[Type::Token], "a list of tokens")),
    ("Critical-CH", StructuredKind::List(&[Type::Token], "a list of tokens")),
    ("Cache-Status", StructuredKind::List(TOKEN_OR_STRING, "a list of tokens or strings")),
    ("Proxy-Status", StructuredKind::List(TOKEN_OR_STRING, "a list of tokens or strings")),
    ("Cache-Groups", StructuredKind::List(&[Type::String], "a list of strings")),
    ("Cache-Group-Invalidation", StructuredKind::List(&[Type::String], "a list of strings")),
    ("Speculation-Rules", StructuredKind::List(&[Type::String], "a list of strings")),
    ("Cross-Origin-Opener-Policy", StructuredKind::Item(Type::Token, "a token")),
    ("Cross-Origin-Embedder-Policy", StructuredKind::Item(Type::Token, "a token")),
    ("Cross-Origin-Opener-Policy-Report-Only", StructuredKind::Item(Type::Token, "a token")),
    ("Cross-Origin-Embedder-Policy-Report-Only", StructuredKind::Item(Type::Token, "a token")),
    ("Deprecation", StructuredKind::Item(Type::Date, "a date")),
    ("Origin-Agent-Cluster", StructuredKind::Item(Type::Boolean, "a boolean")),
    ("Reporting-Endpoints", StructuredKind::Dictionary(|value| value.is(Type::String), "strings")),
    ("Content-Digest", BYTES),
    ("Repr-Digest", BYTES),
    ("Signature", BYTES),
    ("Signature-Input", INNER_LISTS),
    ("Integrity-Policy", INNER_LISTS),
    ("Integrity-Policy-Report-Only", INNER_LISTS),
    ("Accept-Query", StructuredKind::List(TOKEN_OR_STRING, "a list of tokens or strings")),
    ("Permissions-Policy", StructuredKind::Dictionary(is_allowlist, "inner lists, or the tokens * and self")),
    ("Priority", PRIORITY),
    (
        "CDN-Cache-Control",
        StructuredKind::Keyed(
            is_cache_directive,
            "directives with their own types: seconds as an integer from 0 to 2^31, no-cache and private alone or with a string, other known ones alone",
            "RFC 9213 §2.1; RFC 9111 §5.2.2, §1.2.2",
        ),
    ),
    ("No-Vary-Search", StructuredKind::Dictionary(|_| true, "values")),
    ("Use-As-Dictionary", StructuredKind::Dictionary(|_| true, "values")),
    ("Want-Content-Digest", WANTED_DIGESTS),
    ("Want-Repr-Digest", WANTED_DIGESTS),
    ("Accept-Signature", INNER_LISTS),
];

/// The structured fields of requests that are checked.
const IN_REQUESTS: [(&str, StructuredKind); 18] = [
    ("Accept-Signature", INNER_LISTS),
    ("Available-Dictionary", StructuredKind::Item(Type::Bytes, "a byte sequence")),
    ("Capsule-Protocol", StructuredKind::Item(Type::Boolean, "a boolean")),
    ("Content-Digest", BYTES),
    ("Dictionary-ID", StructuredKind::Item(Type::String, "a string")),
    ("Priority", PRIORITY),
    ("Repr-Digest", BYTES),
    ("Sec-CH-UA", StructuredKind::List(&[Type::String], "a list of strings")),
    ("Sec-CH-UA-Mobile", StructuredKind::Item(Type::Boolean, "a boolean")),
    ("Sec-CH-UA-Platform", StructuredKind::Item(Type::String, "a string")),
    ("Sec-Fetch-Dest", StructuredKind::Item(Type::Token, "a token")),
    ("Sec-Fetch-Mode", StructuredKind::Item(Type::Token, "a token")),
    ("Sec-Fetch-Site", StructuredKind::Item(Type::Token, "a token")),
    ("Sec-Fetch-User", StructuredKind::Item(Type::Boolean, "a boolean")),
    ("Signature", BYTES),
    ("Signature-Input", INNER_LISTS),
    ("Want-Content-Digest", WANTED_DIGESTS),
    ("Want-Repr-Digest", WANTED_DIGESTS),
];

const BYTES: StructuredKind = StructuredKind::Dictionary(|value| value.is(Type::Bytes), "byte sequences");
const WANTED_DIGESTS: StructuredKind =
    StructuredKind::Keyed(|_, value| is_up_to(value, 10), "integers from 0 to 10", "RFC 9530 §4");
const PRIORITY: StructuredKind =
    StructuredKind::Keyed(is_priority, "u from 0 to 7, and i a boolean", "RFC 9218 §4.1, §4.2");
const INNER_LISTS: StructuredKind =
    StructuredKind::Dictionary(|value| matches!(value, Member::InnerList(..)), "inner lists");
const TOKEN_OR_STRING: &[Type] = &[Type::Token, Type::String];

fn is_allowlist(value: &Member<'_>) -> bool {
    match value {
        Member::InnerList(..) => true,
        Member::Item(Item { bare, .. }) => {
            matches!(bare, BareItem { kind: Type::Token, text: b"*" | b"self" })
        }
    }
}

/// Whether the value is an integer from 0 to `most`.
fn is_up_to(value: &Member<'_>, most: u64) -> bool {
    let Member::Item(Item { bare, .. }) = value else { return false };
    bare.kind == Type::Integer && exact(bare.text).is_some_and(|number| number <= most)
}

fn is_priority(key: &[u8], value: &Member<'_>) -> bool {
    match key {
        b"u" => is_up_to(value, 7),
        b"i" => value.is(Type::Boolean),
        _ => true,
    }
}

/// Whether the member's type fits its Cache-Control directive (RFC 9213 §2.1).
fn is_cache_directive(name: &[u8], value: &Member<'_>) -> bool {
    let kind = response_kind(name);
    let Member::Item(Item { bare, .. }) = value else { return kind.is_none() };
    let is_true = bare.kind == Type::Boolean && bare.text != b"?0";
    match kind {
        Some(ArgumentKind::Seconds { .. }) => is_up_to(value, MAX_SECONDS),
        Some(ArgumentKind::Flag) => is_true,
        Some(ArgumentKind::Names) => is_true || bare.kind == Type::String,
        None => true,
    }
}

/// Tells a signature without its input, or an input without its signature: each label must stand in
/// both fields (RFC 9421 §4). Either may come in the trailer section.
fn unpaired(found: &mut Findings<'_>, head: &FieldSection, trailers: &FieldSection) {
    let labels = |name| {
        let mut all = Vec::new();
        for section in [head, trailers].into_iter().filter(|section| section.has(name)) {
            let value = joined(section, name);
            let dictionary = structured::dictionary(&value)?.value;
            all.extend(dictionary.iter().map(|(label, _)| label.to_vec()));
        }
        Some(all)
    };
    let (Some(signed), Some(described)) = (labels("Signature"), labels("Signature-Input")) else { return };
    for (name, own, other) in [("Signature", &signed, &described), ("Signature-Input", &described, &signed)] {
        let Some(line) = head.first(name) else { continue };
        let others: HashSet<_> = other.iter().collect();
        if let Some(label) = own.iter().find(|label| !others.contains(label)) {
            let lacking = if name == "Signature" { "Signature-Input" } else { "Signature" };
            let what = format!("{name} has a label that {lacking} lacks: {}", quoted(label));
            found.citing("RFC 9421 §4").with(line.offset, &what);
        }
    }
}

fn invalid(found: &mut Findings<'_>, fields: &FieldSection, definitions: &[(&str, StructuredKind)]) {
    for (name, kind) in definitions {
        if let Some(line) = fields.first(name)
            && let Some((problem, spec)) = problem(kind, &joined(fields, name))
        {
            let what = format!("{name} {problem}: {}", quoted(line.value));
            match spec {
                Some(spec) => found.citing(spec).with(line.offset, &what),
                None => found.with(line.offset, &what),
            }
        }
    }
}

/// What is wrong with `value`, all lines of the field joined by `, `, and what says so where that is
/// not RFC 9651.
fn problem(kind: &StructuredKind, value: &[u8]) -> Option<(String, Option<&'static str>)> {
    let (parsed, expected, spec) = match kind {
        StructuredKind::Item(kind, expected) => {
            let parsed = structured::item(value);
            (parsed.map(|item| (item.value.bare.kind == *kind, item.has_repeated_key)), expected, None)
        }
        StructuredKind::List(kinds, expected) => {
            let fits = |member: &Member<'_>| kinds.iter().any(|kind| member.is(*kind));
            let parsed = structured::list(value);
            (parsed.map(|list| (list.value.iter().all(fits), list.has_repeated_key)), expected, None)
        }
        StructuredKind::Dictionary(check, expected) => {
            (dictionary(value, |_, value| check(value)), expected, None)
        }
        StructuredKind::Keyed(check, expected, spec) => (dictionary(value, check), expected, Some(*spec)),
    };
    match parsed {
        None => Some(("does not parse".to_owned(), None)),
        Some((false, _)) => Some((format!("must be {expected}"), spec)),
        Some((true, true)) => Some(("repeats a key".to_owned(), None)),
        Some((true, false)) => None,
    }
}

/// Whether each member of a dictionary fits, and whether a key is repeated.
fn dictionary(value: &[u8], fits: impl Fn(&[u8], &Member<'_>) -> bool) -> Option<(bool, bool)> {
    let parsed = structured::dictionary(value)?;
    Some((parsed.value.iter().all(|(key, value)| fits(key, value)), parsed.has_repeated_key))
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{check, check_with, sent};
    use super::*;

    #[test]
    fn cases() {
        let id = "field-structured-invalid";
        check(
            RULES,
            &[
                (id, "200|Accept-CH: a b", "200|Accept-CH: Sec-CH-UA, DPR"),
                (id, "200|Accept-CH: \"DPR\"", "200|Accept-CH: DPR|Accept-CH: a"),
                (id, "200|Cache-Status: (a)", "200|Cache-Status: ExampleCache; hit; ttl=376, \"b\""),
                (id, "200|Cache-Groups: a", "200|Cache-Groups: \"a\", \"b\";x"),
                (
                    id,
                    "200|Cross-Origin-Embedder-Policy: \"require-corp\"",
                    "200|Cross-Origin-Opener-Policy: same-origin; report-to=\"a\"",
                ),
                (
                    id,
                    "200|Integrity-Policy: blocked-destinations=script",
                    "200|Integrity-Policy: blocked-destinations=(script)",
                ),
                (id, "200|Speculation-Rules: /rules.json", "200|Speculation-Rules: \"/rules.json\""),
                (id, "200|Cache-Group-Invalidation: a", "200|Cache-Group-Invalidation: \"a\""),
                (id, "200|Critical-CH: \"DPR\"", "200|Critical-CH: DPR"),
                (id, "200|Deprecation: ?1", "200|Deprecation: @1688169599"),
                (id, "200|Deprecation: 1688169599", "200|Sunset: 1688169599"),
                (id, "200|Origin-Agent-Cluster: 1", "200|Origin-Agent-Cluster: ?1"),
                (id, "200|Reporting-Endpoints: a=b", "200|Reporting-Endpoints: a=\"https://x/\", b=\"/y\""),
                (id, "200|Repr-Digest: sha-256=\"x\"", "200|Content-Digest: sha-256=:cHJldGVuZA==:"),
                (
                    id,
                    "200|Permissions-Policy: a=none",
                    "200|Permissions-Policy: a=(), b=(self \"x\"), c=*, d=self",
                ),
                (id, "200|Permissions-Policy: a", "200|Priority: u=1, i"),
                (id, "200|Accept-Query: a/b c", "200|Accept-Query: \"a/b\", c/d"),
                (id, "200|Priority: u=8", "200|Priority: u=7, i=?0, x=(1)"),
                (id, "200|Priority: i=1", "200|Priority: i"),
                (
                    id,
                    "200|CDN-Cache-Control: max-age=\"60\"",
                    "200|CDN-Cache-Control: max-age=60, private, no-cache=\"a\", x=\"60\"",
                ),
                (id, "200|CDN-Cache-Control: max-age", "200|CDN-Cache-Control: max-age=0"),
                (id, "200|CDN-Cache-Control: max-age=-1", "200|CDN-Cache-Control: no-store"),
                (id, "200|CDN-Cache-Control: public=1", "200|CDN-Cache-Control: public=?1"),
                (id, "200|CDN-Cache-Control: no-cache=(\"a\")", "200|CDN-Cache-Control: x=(\"a\")"),
                (
                    id,
                    "200|Signature-Input: a=(\"date\")|Signature: b=:YQ==:",
                    "200|Signature-Input: a=(\"date\")|Signature: a=:YQ==:",
                ),
                (id, "200|Signature: a=:YQ==:", "200|Signature: a=:YQ==:|Signature-Input: a=()"),
                (id, "200|Priority: u=1, u=2", "200|No-Vary-Search: params=(\"a\"), key-order"),
            ],
        );
        check_with(
            REQUEST_RULES,
            &[
                ("request-structured-invalid", "Priority: u=", "Priority: u=1, i"),
                ("request-structured-invalid", "Want-Repr-Digest: sha-256=a", "Want-Repr-Digest: sha-256=1"),
                (
                    "request-structured-invalid",
                    "Want-Repr-Digest: sha-256=11",
                    "Want-Repr-Digest: sha-256=10",
                ),
                ("request-structured-invalid", "Sec-CH-UA-Mobile: 0", "Sec-CH-UA-Mobile: ?0"),
                ("request-structured-invalid", "Sec-CH-UA: a", "Sec-CH-UA: \"a b\";v=\"8\", \"c\";v=\"1\""),
                (
                    "request-structured-invalid",
                    "Signature-Input: a=()",
                    "Signature-Input: a=()\r\nSignature: a=:YQ==:",
                ),
                ("request-structured-invalid", "Content-Digest: sha-256=a", "Content-Digest: sha-256=:YQ==:"),
                (
                    "request-structured-invalid",
                    "Signature-Input: a=\"b\"",
                    "Signature-Input: a=(\"@method\")\r\nSignature: a=:YQ==:",
                ),
                ("request-structured-invalid", "Sec-Fetch-Site: \"none\"", "Sec-Fetch-Site: none"),
            ],
            |line| sent("http://x/", &format!("GET / HTTP/1.1\r\n{line}\r\n\r\n")),
        );
    }
}
