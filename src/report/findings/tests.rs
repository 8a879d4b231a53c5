//! Each finding in an exchange that has it and in one that nearly has it.
//!
//! A case is a request, a response and the ids of all findings, told apart by
//! spaces. The request is what differs from `GET http://example.com/dir/page?q`:
//! a method, a version, a URL, field lines, separated by `|`. In the response
//! `|` is CR LF, braces stand for what [`SHORT`] says, and a text that begins with `@`
//! is a status and fields: it gets a Date, a Content-Type, a Content-Length and the
//! content `hello`.

mod chunk;
mod citations;
mod exchange;
mod field;
mod framing;
mod others;
mod start;

use super::finding::{Finding, Side};
use super::rule::Rule;
use super::{REQUEST_RULES, RESPONSE_RULES, rules};
use crate::report::exchange::Exchange;

const CASES: &[&[(&str, &str, &str)]] =
    &[start::CASES, field::CASES, framing::CASES, chunk::CASES, others::CASES];

/// What stands for longer text, outermost first.
const SHORT: [(&str, &str); 7] = [
    // What follows is an empty stream.
    ("{packed}", "{ok}|Content-Length: 1|Content-Encoding: br"),
    ("{chunked}", "{ok}|Transfer-Encoding: chunked|"),
    ("{ok}", "HTTP/1.1 200 OK|{basic}"),
    ("{basic}", "{date}|Content-Type: text/plain; charset=utf-8"),
    ("{date}", "Date: Thu, 01 Jan 2026 00:00:00 GMT"),
    ("{many}", "{ten}{ten}{ten}{ten}{ten}{ten}{ten}{ten}{ten}A: b|A: b|A: b|A: b|A: b|A: b|A: b|A: b|"),
    ("{ten}", "A: b|A: b|A: b|A: b|A: b|A: b|A: b|A: b|A: b|A: b|"),
];

/// The bytes that a case's response stands for.
fn response(text: &str) -> Vec<u8> {
    let text = match text.strip_prefix('@') {
        Some(text) => {
            let (status, fields) = text.split_once('|').unwrap_or((text, ""));
            let end = if fields.is_empty() { "" } else { "|" };
            format!("HTTP/1.1 {status}|{{basic}}|Content-Length: 5|{fields}{end}|hello")
        }
        None => text.to_owned(),
    };
    let text = SHORT.iter().fold(text, |text, (short, long)| text.replace(short, long));
    text.replace("{4 KiB}", &"x".repeat(4096)).replace('|', "\r\n").into_bytes()
}

pub(super) fn exchange_of(request: &str, text: &str) -> Exchange {
    exchange::build(request, &response(text))
}

/// The groups whose cases stand here; the other files hold their own.
const GROUPS: [&[Rule]; 11] = [
    super::start::RULES,
    super::field::RULES,
    super::value::RULES,
    super::framing::RULES,
    super::chunk::RULES,
    super::interim::RULES,
    super::connection::RULES,
    super::range::RULES,
    super::status::RULES,
    super::cache::RULES,
    super::redirect::RULES,
];

/// What is found in the response. The requests here are only as good as each
/// case needs.
fn find(exchange: &Exchange) -> Vec<Finding> {
    let findings = super::find(exchange).into_iter();
    // Which codings cannot be undone is a matter of the build.
    let is_told = |finding: &Finding| finding.id != "content-encoding-not-undone";
    findings.filter(|finding| finding.side == Side::Response && is_told(finding)).collect()
}

/// The ids of `findings`, each once, in order.
fn ids(findings: &[Finding]) -> Vec<&'static str> {
    let mut ids: Vec<_> = findings.iter().map(|finding| finding.id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn cases() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    CASES.iter().flat_map(|group| group.iter().copied())
}

#[test]
fn each_exchange_has_its_findings_and_no_other() {
    let mut wrong = String::new();
    for (request, text, expected) in cases() {
        let mut expected: Vec<_> = expected.split_whitespace().collect();
        expected.sort_unstable();
        // What is not undone is not found to be corrupt.
        let undoes = crate::coding::NAME.starts_with('+');
        expected.retain(|id| undoes || *id != "framing-transfer-encoding-corrupt");
        let found = ids(&find(&exchange_of(request, text)));
        if found != expected {
            wrong += &format!("\n{request:?} {text:?}\n  found    {found:?}\n  expected {expected:?}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn findings_stand_inside_what_was_received_and_are_one_printable_line() {
    for (request, text, _) in cases() {
        let bytes = response(text);
        for finding in find(&exchange::build(request, &bytes)) {
            assert!(finding.offset <= bytes.len() as u64, "{text:?} {finding:?}");
            assert!(!finding.message.contains(char::is_control), "{finding:?}");
        }
    }
}

#[test]
fn offsets_are_those_of_the_first_offending_byte() {
    for (text, id, at) in [
        ("||{ok}|Content-Length: 0||", "start-leading-blank", "||{ok}"),
        ("HTTP/1.1 200 \u{fc}|{basic}|Content-Length: 0||", "start-reason-chars", "\u{fc}"),
        ("{ok}|Content-Length: 0|A: b\rc||", "line-bare-cr", "\rc"),
        ("{ok}|Content-Length: 0|A : b||", "field-space-before-colon", " : b"),
        ("{ok}|Content-Length: 0|A: b\u{7f}||", "field-value-control", "\u{7f}"),
        ("{ok}|Content-Length: 0|A: b|A: \u{fc}||", "field-value-non-ascii", "\u{fc}"),
        ("HTTP/1.1 302 Found|{basic}|Content-Length: 0|Location: /a b||", "redirect-location-invalid", " b|"),
        ("{ok}|Content-Length: 0|Vary: *||", "cache-vary-unhelpful", "Vary"),
        ("{ok}|Content-Length: 1||abc", "framing-trailing-bytes", "bc"),
        ("{ok}|Content-Length: 9||abc", "framing-body-truncated", ""),
        ("{chunked}|1|a|zz|", "chunk-size-invalid", "zz|"),
        ("HTTP/1.1 200 OK|Dat", "head-truncated", ""),
    ] {
        let start = match at {
            "" => response(text).len(),
            at => {
                let (before, _) = text.split_once(at).unwrap();
                response(before).len()
            }
        };
        let findings = find(&exchange_of("", text));
        let offset = findings.iter().find(|finding| finding.id == id).map(|finding| finding.offset);
        assert_eq!(offset, Some(start as u64), "{text:?} {findings:?}");
    }
}

#[test]
fn a_finding_is_told_once_for_each_section_with_its_count() {
    let text =
        "HTTP/1.1 103 Early\nA: b\nC: d\n\nHTTP/1.1 200 OK\n{basic}|Transfer-Encoding: chunked||0|X: y\n\n";
    let findings = find(&exchange_of("", text));
    let bare: Vec<_> = findings.iter().filter(|finding| finding.id == "line-bare-lf").collect();
    assert_eq!(bare.len(), 3);
    assert!(bare[0].message.ends_with("[4 times]"), "{}", bare[0].message);
}

#[test]
fn errors_come_first() {
    let findings = find(&exchange_of("", "HTTP/1.1 200 OK\n\n"));
    assert!(findings.is_sorted_by_key(|finding| std::cmp::Reverse(finding.severity)));
    assert_eq!(findings.first().map(|finding| finding.id), Some("line-bare-lf"));
}

#[test]
fn ids_are_unique_and_rows_are_one_line() {
    let rules: Vec<_> = rules().collect();
    let mut seen: Vec<_> = rules.iter().map(|rule| rule.id()).collect();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), rules.len());
    for rule in rules {
        assert!(
            rule.id().bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        );
        assert!(!rule.spec().is_empty() && rule.text.lines().count() == 4, "{}", rule.id());
    }
}

#[test]
fn a_name_says_that_the_request_is_meant() {
    let is_named = |rule: &Rule| rule.id().starts_with("request-");
    assert!(REQUEST_RULES.iter().copied().flatten().all(is_named));
    assert!(!RESPONSE_RULES.iter().copied().flatten().any(is_named));
}

/// A case that has the finding, and one of the same group that has not.
#[test]
fn every_rule_has_its_case() {
    let expected: Vec<_> = cases().flat_map(|(_, _, ids)| ids.split_whitespace()).collect();
    for rule in GROUPS.iter().flat_map(|group| group.iter()) {
        assert!(expected.contains(&rule.id()), "no case for {}", rule.id());
    }
    for id in expected {
        assert!(rules().any(|rule| rule.id() == id), "no rule {id}");
    }
}

#[test]
fn no_prefix_or_mutation_panics() {
    // Most responses begin alike: each beginning is looked at once.
    let mut exchanges = std::collections::HashSet::new();
    for (nth, (request, text, _)) in cases().enumerate() {
        let bytes = response(text);
        for at in 0..bytes.len().min(400) {
            let mut mutated = bytes.clone();
            mutated[at] = [0, b'\r', b'\n', b' ', b'"', b',', b';', b'=', b':', b'<', 0xFF][(nth + at) % 11];
            exchanges.insert((request, mutated));
            exchanges.insert((request, bytes[..at].to_vec()));
        }
    }
    let exchanges: Vec<_> = exchanges.into_iter().collect();
    std::thread::scope(|scope| {
        for share in exchanges.chunks(exchanges.len().div_ceil(4)) {
            scope.spawn(move || {
                for (request, bytes) in share {
                    let _ = find(&exchange::build(request, bytes));
                }
            });
        }
    });
}
