//! Findings on small fields that restrict what a browser does with a response.

use super::rule::{Findings, Rule, rows};
use super::value::joined;
use crate::http::excerpt::quoted;
use crate::http::field::FieldSection;
use crate::http::structured::{self, Type};
use crate::http::syntax::list_members;
use crate::report::exchange::Exchange;

pub(super) const RULES: &[Rule] = rows![
    warn(
        "nosniff-invalid",
        "Fetch (X-Content-Type-Options)",
        "X-Content-Type-Options does not begin with nosniff: it has no effect",
        nosniff_invalid,
    ),
    warn(
        "frame-options-invalid",
        "HTML (X-Frame-Options); RFC 7034 §2",
        "X-Frame-Options is neither DENY nor SAMEORIGIN, or both: browsers ignore it, or deny",
        frame_options_invalid,
    ),
    warn(
        "security-policy-value-unknown",
        "Referrer Policy; HTML (COOP, COEP); Fetch (CORP); Clear Site Data",
        "a value that the field does not define: browsers ignore it, and the protection is not there",
        policy_value_unknown,
    ),
];

/// Defined values of Referrer-Policy.
const REFERRER: [&[u8]; 8] = [
    b"no-referrer",
    b"no-referrer-when-downgrade",
    b"same-origin",
    b"origin",
    b"strict-origin",
    b"origin-when-cross-origin",
    b"strict-origin-when-cross-origin",
    b"unsafe-url",
];
/// Of Cross-Origin-Opener-Policy.
const OPENER: [&[u8]; 4] =
    [b"unsafe-none", b"same-origin-allow-popups", b"same-origin", b"noopener-allow-popups"];
/// Of Cross-Origin-Embedder-Policy.
const EMBEDDER: [&[u8]; 3] = [b"unsafe-none", b"require-corp", b"credentialless"];
/// Of Cross-Origin-Resource-Policy.
const RESOURCE: [&[u8]; 3] = [b"same-origin", b"same-site", b"cross-origin"];
/// Of Clear-Site-Data, quotes included.
const CLEAR: [&[u8]; 8] = [
    b"\"cache\"",
    b"\"clientHints\"",
    b"\"cookies\"",
    b"\"executionContexts\"",
    b"\"prefetchCache\"",
    b"\"prerenderCache\"",
    b"\"storage\"",
    b"\"*\"",
];

fn nosniff_invalid(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some(head) = exchange.response() else { return };
    let Some(line) = head.fields.first("x-content-type-options") else { return };
    let first = list_members(line.value).next().unwrap_or_default();
    if !first.eq_ignore_ascii_case(b"nosniff") {
        found.with(line.offset, &quoted(line.value));
    }
}

fn frame_options_invalid(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some(head) = exchange.response() else { return };
    let Some(line) = head.fields.first("x-frame-options") else { return };
    let has = |wanted: &str| head.fields.has_member("x-frame-options", wanted);
    let is_known =
        |member: &[u8]| member.eq_ignore_ascii_case(b"deny") || member.eq_ignore_ascii_case(b"sameorigin");
    let unknown = head.fields.members("x-frame-options").find(|member| !is_known(member));
    if let Some(member) = unknown {
        found.with(line.offset, &quoted(member));
    } else if has("deny") && has("sameorigin") {
        found.with(line.offset, "both are there");
    }
}

fn policy_value_unknown(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some(head) = exchange.response() else { return };
    type UnknownValue = fn(&FieldSection, &str) -> Option<Vec<u8>>;
    let fields: [(&str, UnknownValue); 5] = [
        ("referrer-policy", |fields, name| unknown_member(fields, name, &REFERRER, true)),
        ("cross-origin-opener-policy", |fields, name| unknown_token(fields, name, &OPENER)),
        ("cross-origin-embedder-policy", |fields, name| unknown_token(fields, name, &EMBEDDER)),
        ("cross-origin-resource-policy", unknown_resource_policy),
        ("clear-site-data", |fields, name| unknown_member(fields, name, &CLEAR, false)),
    ];
    for (name, unknown) in fields {
        if let Some(line) = head.fields.first(name)
            && let Some(value) = unknown(&head.fields, name)
        {
            found.with(line.offset, &format!("{name}, {}", quoted(&value)));
        }
    }
}

/// The first member that is not defined; the empty one where there is no other.
fn unknown_member(fields: &FieldSection, name: &str, defined: &[&[u8]], fold_case: bool) -> Option<Vec<u8>> {
    let is_known = |member: &[u8]| {
        let is =
            |known: &&[u8]| if fold_case { member.eq_ignore_ascii_case(known) } else { member == *known };
        defined.iter().any(is)
    };
    if fields.members(name).all(<[u8]>::is_empty) {
        return Some(Vec::new());
    }
    let unknown = fields.members(name).find(|member| !member.is_empty() && !is_known(member));
    unknown.map(<[u8]>::to_vec)
}

/// The token of a structured field, if it is one and not defined. What is no
/// token is another finding, and ignored as a whole (RFC 9651 §4.2).
fn unknown_token(fields: &FieldSection, name: &str, defined: &[&[u8]]) -> Option<Vec<u8>> {
    let joined = joined(fields, name);
    let item = structured::item(&joined)?.value.bare;
    (item.kind == Type::Token && !defined.contains(&item.text)).then(|| item.text.to_vec())
}

/// All lines together have to be one defined value, byte for byte.
fn unknown_resource_policy(fields: &FieldSection, name: &str) -> Option<Vec<u8>> {
    let value = joined(fields, name);
    (!RESOURCE.contains(&value.as_slice())).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::super::test_support::check;
    use super::*;

    #[test]
    fn cases() {
        let (nosniff, frame, policy) =
            ("nosniff-invalid", "frame-options-invalid", "security-policy-value-unknown");
        check(
            RULES,
            &[
                (
                    nosniff,
                    "200|X-Content-Type-Options: none, nosniff",
                    "200|X-Content-Type-Options: NoSniff, x",
                ),
                (nosniff, "200|X-Content-Type-Options:", "200|X-Content-Type-Options: nosniff"),
                (frame, "200|X-Frame-Options: ALLOWALL", "200|X-Frame-Options: deny"),
                (
                    frame,
                    "200|X-Frame-Options: DENY|X-Frame-Options: SAMEORIGIN",
                    "200|X-Frame-Options: SameOrigin",
                ),
                (frame, "200|X-Frame-Options: ALLOW-FROM x", "200|X-Frame-Options: DENY, DENY"),
                (
                    policy,
                    "200|Referrer-Policy: no-referer",
                    "200|Referrer-Policy: No-Referrer, , strict-origin",
                ),
                (policy, "200|Referrer-Policy:", "200|Referrer-Policy: unsafe-url"),
                (
                    policy,
                    "200|Cross-Origin-Opener-Policy: Same-Origin",
                    "200|Cross-Origin-Opener-Policy: same-origin; report-to=\"x\"",
                ),
                (
                    policy,
                    "200|Cross-Origin-Embedder-Policy: require-cors",
                    "200|Cross-Origin-Embedder-Policy: \"require-corp\"",
                ),
                (
                    policy,
                    "200|Cross-Origin-Resource-Policy: any",
                    "200|Cross-Origin-Resource-Policy: same-site",
                ),
                (
                    policy,
                    "200|Cross-Origin-Resource-Policy: same-site|Cross-Origin-Resource-Policy: same-site",
                    "200|Cross-Origin-Resource-Policy: cross-origin",
                ),
                (policy, "200|Clear-Site-Data: cookies", "200|Clear-Site-Data: \"cookies\", \"*\""),
                (policy, "200|Clear-Site-Data: \"Cache\"", "200|Clear-Site-Data: \"cache\""),
            ],
        );
    }
}
