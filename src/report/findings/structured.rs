//! Fields defined as structured (RFC 9651): which type each has.

use super::rule::{Findings, Rule, rows};
use super::value::joined;
use crate::http::excerpt::quoted;
use crate::http::field::FieldSection;
use crate::http::structured::{self, BareItem, Item, Member, Type};

pub(super) const RULES: &[Rule] = rows![warn(
    "field-structured-invalid",
    "RFC 9651 §4.2, §3.2",
    "a structured field does not parse, has the wrong type, or repeats a key: recipients \
     ignore it, or the member concerned (of a repeated key the last counts)",
    |exchange, found| {
        if let Some(head) = exchange.response() {
            invalid(found, &head.fields, &IN_RESPONSES);
        }
    },
)];

pub(super) const REQUEST_RULES: &[Rule] = rows![warn(
    "request-structured-invalid",
    "RFC 9651 §4.2, §3.2",
    "a structured field does not parse, has the wrong type, or repeats a key: servers \
     ignore it, or the member concerned (of a repeated key the last counts)",
    |exchange, found| invalid(found, &exchange.request.fields, &IN_REQUESTS),
)];

/// What a structured field must be.
enum StructuredKind {
    /// An Item of this type.
    Item(Type, &'static str),
    /// A List whose members are all Items of one of these types.
    List(&'static [Type], &'static str),
    /// A Dictionary whose values all pass this.
    Dictionary(fn(&Member<'_>) -> bool, &'static str),
}

/// The structured fields of responses that are checked.
const IN_RESPONSES: [(&str, StructuredKind); 26] = [
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
    ("Priority", StructuredKind::Dictionary(|_| true, "values")),
    ("CDN-Cache-Control", StructuredKind::Dictionary(|_| true, "values")),
    ("No-Vary-Search", StructuredKind::Dictionary(|_| true, "values")),
    ("Use-As-Dictionary", StructuredKind::Dictionary(|_| true, "values")),
];

/// The structured fields of requests that are checked.
const IN_REQUESTS: [(&str, StructuredKind); 15] = [
    ("Accept-Signature", INNER_LISTS),
    ("Available-Dictionary", StructuredKind::Item(Type::Bytes, "a byte sequence")),
    ("Capsule-Protocol", StructuredKind::Item(Type::Boolean, "a boolean")),
    ("Content-Digest", BYTES),
    ("Dictionary-ID", StructuredKind::Item(Type::String, "a string")),
    ("Priority", StructuredKind::Dictionary(|_| true, "values")),
    ("Repr-Digest", BYTES),
    ("Sec-Fetch-Dest", StructuredKind::Item(Type::Token, "a token")),
    ("Sec-Fetch-Mode", StructuredKind::Item(Type::Token, "a token")),
    ("Sec-Fetch-Site", StructuredKind::Item(Type::Token, "a token")),
    ("Sec-Fetch-User", StructuredKind::Item(Type::Boolean, "a boolean")),
    ("Signature", BYTES),
    ("Signature-Input", INNER_LISTS),
    ("Want-Content-Digest", INTEGERS),
    ("Want-Repr-Digest", INTEGERS),
];

const BYTES: StructuredKind = StructuredKind::Dictionary(|value| value.is(Type::Bytes), "byte sequences");
const INTEGERS: StructuredKind = StructuredKind::Dictionary(|value| value.is(Type::Integer), "integers");
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

fn invalid(found: &mut Findings<'_>, fields: &FieldSection, definitions: &[(&str, StructuredKind)]) {
    for (name, kind) in definitions {
        if let Some(line) = fields.first(name)
            && let Some(problem) = problem(kind, &joined(fields, name))
        {
            found.with(line.offset, &format!("{name} {problem}: {}", quoted(line.value)));
        }
    }
}

/// What is wrong with `value`: all lines of the field joined by `, `.
fn problem(kind: &StructuredKind, value: &[u8]) -> Option<String> {
    let (parsed, expected) = match kind {
        StructuredKind::Item(kind, expected) => (
            structured::item(value).map(|item| (item.value.bare.kind == *kind, item.has_repeated_key)),
            expected,
        ),
        StructuredKind::List(kinds, expected) => {
            let fits = |member: &Member<'_>| kinds.iter().any(|kind| member.is(*kind));
            (
                structured::list(value).map(|list| (list.value.iter().all(fits), list.has_repeated_key)),
                expected,
            )
        }
        StructuredKind::Dictionary(check, expected) => {
            let fits = |(_, member): &(&[u8], Member<'_>)| check(member);
            let parsed = structured::dictionary(value);
            (parsed.map(|parsed| (parsed.value.iter().all(fits), parsed.has_repeated_key)), expected)
        }
    };
    match parsed {
        None => Some("does not parse".to_owned()),
        Some((false, _)) => Some(format!("must be {expected}")),
        Some((true, true)) => Some("repeats a key".to_owned()),
        Some((true, false)) => None,
    }
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
                (id, "200|Priority: u=1, u=2", "200|No-Vary-Search: params=(\"a\"), key-order"),
            ],
        );
        check_with(
            REQUEST_RULES,
            &[
                ("request-structured-invalid", "Priority: u=", "Priority: u=1, i"),
                ("request-structured-invalid", "Want-Repr-Digest: sha-256=a", "Want-Repr-Digest: sha-256=1"),
                ("request-structured-invalid", "Content-Digest: sha-256=a", "Content-Digest: sha-256=:YQ==:"),
                (
                    "request-structured-invalid",
                    "Signature-Input: a=\"b\"",
                    "Signature-Input: a=(\"@method\")",
                ),
                ("request-structured-invalid", "Sec-Fetch-Site: \"none\"", "Sec-Fetch-Site: none"),
            ],
            |line| sent("http://x/", &format!("GET / HTTP/1.1\r\n{line}\r\n\r\n")),
        );
    }
}
