//! Exchanges written in one line, for the tables of the rules' tests.

use super::finding::Side;
use super::rule::{Findings, Rule};
use crate::report::exchange::Exchange;
use crate::report::test_exchange;

/// One id, what must bring it, and what comes near and must not.
pub(super) type Case = (&'static str, &'static str, &'static str);

/// Runs a table over a file's rules: each case holds, and each rule has a case.
pub(super) fn check(rules: &[Rule], cases: &[Case]) {
    check_with(rules, cases, exchange);
}

/// [`check`] with exchanges that `make` makes.
pub(super) fn check_with(rules: &[Rule], cases: &[Case], make: impl Fn(&str) -> Exchange) {
    for (id, hit, miss) in cases {
        assert!(ids(rules, &make(hit)).contains(id), "{id} is not found in {hit:?}");
        assert!(!ids(rules, &make(miss)).contains(id), "{id} is found in {miss:?}");
    }
    for rule in rules {
        assert!(cases.iter().any(|(id, ..)| *id == rule.id()), "{} has no case", rule.id());
    }
}

/// The ids that `rules` find, sorted, each once.
pub(super) fn ids(rules: &[Rule], exchange: &Exchange) -> Vec<&'static str> {
    let mut findings = Vec::new();
    for rule in rules {
        let found = &mut Findings { rule, side: Side::Response, spec: None, findings: &mut findings };
        (rule.check)(exchange, found);
    }
    let mut ids: Vec<_> = findings.iter().map(|finding| finding.id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// `REQUEST > RESPONSE`, or the response alone. The request is
/// `METHOD URL|field|field`; the response `STATUS|field|field||content`. A
/// character is one byte.
pub(super) fn exchange(text: &str) -> Exchange {
    let (request, response) = text.split_once(" > ").unwrap_or(("GET http://www.example.com/", text));
    let (first, fields) = request.split_once('|').unwrap_or((request, ""));
    let (method, url) = first.split_once(' ').expect("a method and a URL");
    let (head, content) = response.split_once("||").unwrap_or((response, ""));
    let (status, lines) = head.split_once('|').unwrap_or((head, ""));
    let response = format!("HTTP/1.1 {status} X\r\n{}\r\n{content}", field_lines(lines));
    let (authority, target) = authority_and_target(url);
    let head_line = format!("{method} {target} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: x\r\n");
    let sent = head_line + &field_lines(fields) + "\r\n";
    test_exchange::exchange(url, &bytes(&sent), &bytes(&response))
}

fn field_lines(lines: &str) -> String {
    lines.split('|').filter(|line| !line.is_empty()).map(|line| format!("{line}\r\n")).collect()
}

/// The exchange of a request's exact bytes with an empty response, for a URL.
pub(super) fn sent(url: &str, request: &str) -> Exchange {
    test_exchange::exchange(url, &bytes(request), b"HTTP/1.1 204 No Content\r\n\r\n")
}

/// The bytes that the characters of `text` stand for.
pub(super) fn bytes(text: &str) -> Vec<u8> {
    text.chars().map(|char| u8::try_from(char).expect("a character below 256")).collect()
}

/// What goes into Host and into the request line for `url`.
pub(super) fn authority_and_target(url: &str) -> (&str, &str) {
    let (_, rest) = url.split_once("://").expect("a scheme");
    let (authority, target) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    (authority, if target.is_empty() { "/" } else { target })
}

/// Field names whose values the rules take apart, of responses and of requests.
const NAMES: [&str; 24] = [
    "Content-Type",
    "Content-Encoding",
    "Content-Disposition",
    "Content-Digest",
    "Repr-Digest",
    "Content-MD5",
    "Set-Cookie",
    "Strict-Transport-Security",
    "Content-Security-Policy",
    "X-Frame-Options",
    "Referrer-Policy",
    "Cross-Origin-Opener-Policy",
    "Clear-Site-Data",
    "Access-Control-Allow-Origin",
    "WWW-Authenticate",
    "Accept-Encoding",
    "Accept-Language",
    "Range",
    "If-None-Match",
    "Host",
    "Transfer-Encoding",
    "Referer",
    "Origin",
    "Cache-Control",
];
/// What values are made of: pieces that mean something, and bytes that separate them.
const PIECES: [&str; 30] = [
    "",
    "a",
    "=",
    ";",
    ",",
    "\"",
    "'",
    " ",
    "\t",
    "\\",
    ":",
    "/",
    "%",
    "*",
    "-",
    "[",
    "]",
    "@",
    "\u{FF}",
    "q=0.5",
    "max-age",
    "gzip",
    "Basic ",
    "bytes=",
    "1",
    "text/html",
    "charset",
    "Domain=",
    "Secure",
    "sha-256=:",
];

#[test]
fn any_value_is_judged() {
    // A linear congruential generator: the same values on every run.
    let mut state = 1u32;
    let mut next = |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below
    };
    for _ in 0..5_000 {
        let name = NAMES[next(NAMES.len())];
        let value: String = (0..next(9)).map(|_| PIECES[next(PIECES.len())]).collect();
        let text = format!("POST https://a.example/|{name}: {value} > 200|{name}: {value}||\u{FF}");
        let mut made = exchange(&text);
        made.body.content.digests.sha256 = Some([0; 32]);
        for finding in super::find(&made) {
            assert!(!finding.message.contains(char::is_control), "{finding:?}");
        }
    }
}
