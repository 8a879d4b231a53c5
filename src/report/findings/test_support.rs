//! Exchanges written in one line, for the tables of the rules' tests.

use super::{Found, Rule};
use crate::http::Deviations;
use crate::http::field::FieldSection;
use crate::http::framing::{Framing, response_framing};
use crate::http::response::{ResponseHead, parse_head};
use crate::http::uri::{Scheme, Uri};
use crate::report::content::ContentInspector;
use crate::report::exchange::{AfterEnd, Content, Exchange, Outcome, ReceivedBody};
use crate::report::request_reading;

/// One id, what must bring it, and what comes near and must not.
pub(super) type Case = (&'static str, &'static str, &'static str);

/// Runs a table over a file's rules: each case holds, and each rule has a case.
pub(super) fn check(rules: &[Rule], cases: &[Case]) {
    check_with(rules, cases, exchange);
}

/// The same with an exchange made in another way.
pub(super) fn check_with(rules: &[Rule], cases: &[Case], make: impl Fn(&str) -> Exchange) {
    for (id, hit, miss) in cases {
        assert!(ids(rules, &make(hit)).contains(id), "{id} is not found in {hit:?}");
        assert!(!ids(rules, &make(miss)).contains(id), "{id} is found in {miss:?}");
    }
    for rule in rules {
        assert!(cases.iter().any(|(id, ..)| *id == rule.id), "{} has no case", rule.id);
    }
}

/// The ids that `rules` find, sorted, each once.
pub(super) fn ids(rules: &[Rule], exchange: &Exchange) -> Vec<&'static str> {
    let mut findings = Vec::new();
    for rule in rules {
        (rule.check)(exchange, &mut Found { rule, spec: rule.spec, findings: &mut findings });
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
    let url = parse_url(url);
    let (head, content) = response.split_once("||").unwrap_or((response, ""));
    let (status, lines) = head.split_once('|').unwrap_or((head, ""));
    let head = format!("HTTP/1.1 {status} X\r\n{}\r\n", field_lines(lines));
    let target = String::from_utf8_lossy(url.origin_form()).into_owned();
    let head_line =
        format!("{method} {target} HTTP/1.1\r\nHost: {}\r\nUser-Agent: x\r\n", url.host_in_brackets());
    let sent = head_line + &field_lines(fields) + "\r\n";
    answered(url, &bytes(&sent), &bytes(&head), bytes(content))
}

fn field_lines(lines: &str) -> String {
    lines.split('|').filter(|line| !line.is_empty()).map(|line| format!("{line}\r\n")).collect()
}

/// The exchange of a request's exact bytes with an empty answer, for a URL.
pub(super) fn sent(url: &str, request: &str) -> Exchange {
    answered(parse_url(url), &bytes(request), b"HTTP/1.1 204 No Content\r\n\r\n", Vec::new())
}

fn answered(url: Uri, request: &[u8], head: &[u8], content: Vec<u8>) -> Exchange {
    let request = request_reading::read(request);
    let (_, head) = parse_head(head).expect("a head").expect("a whole head");
    let body = body(&request.method, &head, content);
    let after = AfterEnd::default();
    Exchange { url, request, interim: Vec::new(), head: Ok(head), body, after }
}

fn body(method: &[u8], head: &ResponseHead, content: Vec<u8>) -> ReceivedBody {
    let framed = response_framing(method, head);
    let content = if framed.framing == Framing::NoBody { Vec::new() } else { content };
    let end = head.raw().len() as u64;
    ReceivedBody {
        framed: Some(framed),
        outcome: Outcome::Complete,
        bytes: content.len() as u64,
        offset: end,
        end_offset: end + content.len() as u64,
        chunk_deviations: Deviations::default(),
        chunk_problem: None,
        chunks_cut: false,
        trailers: FieldSection::default(),
        trailer_deviations: Deviations::default(),
        content: inspected(head, &content),
    }
}

fn inspected(head: &ResponseHead, content: &[u8]) -> Content {
    let mut inspector = ContentInspector::new(&head.fields);
    inspector.push(content);
    let Content { not_json, parts, transfer_error, .. } = inspector.finish(Outcome::Complete);
    Content { not_json, parts, transfer_error, ..look_into(content) }
}

/// What an inspection would show of content without codings.
pub(super) fn look_into(content: &[u8]) -> Content {
    let invalid = str::from_utf8(content).err().map(|error| error.valid_up_to() as u64);
    Content {
        decoded_bytes: content.len() as u64,
        prefix: content[..content.len().min(1445)].to_vec(),
        first_invalid_utf8: invalid,
        has_non_ascii: !content.is_ascii(),
        ..Content::default()
    }
}

/// The bytes that the characters of `text` stand for.
pub(super) fn bytes(text: &str) -> Vec<u8> {
    text.chars().map(|char| u8::try_from(char).expect("a character below 256")).collect()
}

fn parse_url(url: &str) -> Uri {
    Uri::parse(url.as_bytes(), Scheme::Http).expect("a URL")
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
