//! Findings on the content of a request as sent, and what its head says of it.

use super::chunk;
use super::request_framing::{content, trailers};
use super::request_line::start;
use super::rule::{Rule, rows};
use super::value::has_bad_parameter;
use crate::http::content_length::{ContentLength, content_length};
use crate::http::field::FieldLine;
use crate::http::json;
use crate::http::media_type::MediaType;
use crate::http::request_ends::begins_with_request_line;
use crate::http::request_line::head_end;
use crate::report::exchange::SentRequest;

pub(super) const RULES: &[Rule] = rows![
    note(
        "request-expect-without-content",
        "RFC 9110 §10.1.1",
        "Expect: 100-continue without content to go on with",
        |exchange, found| {
            if !has_content(&exchange.request) {
                let expected = exchange.request.fields.first("expect");
                found.lines(expected.filter(|line| line.value.eq_ignore_ascii_case(b"100-continue")));
            }
        },
    ),
    warn(
        "request-trailer-forbidden",
        "RFC 9110 §6.5.1",
        "a field not allowed in a trailer section: recipients that merge it into the head are misled",
        |exchange, found| {
            let trailers = trailers(&exchange.request);
            found.lines(trailers.iter().filter(|line| chunk::is_forbidden(&line.name.to_ascii_lowercase())));
        },
    ),
    note(
        "request-trailer-mismatch",
        "RFC 9110 §6.6.2",
        "a trailer field that Trailer does not name, or a Trailer without content in chunks",
        |exchange, found| {
            let fields = &exchange.request.fields;
            let trailers = trailers(&exchange.request);
            let is_named = |line: &FieldLine<'_>| {
                fields.members("trailer").any(|name| name.eq_ignore_ascii_case(line.name))
            };
            found.lines(trailers.iter().filter(|line| !is_named(line)));
            found.lines(fields.first("trailer").filter(|_| !fields.has("transfer-encoding")));
        },
    ),
    error(
        "request-head-unterminated",
        "RFC 9112 §2.1",
        "no empty line ends the head: servers wait for the rest of it",
        |exchange, found| {
            let head = &exchange.request.head;
            if head_end(head).is_none() {
                found.at(head.len() as u64);
            }
        },
    ),
    error(
        "request-content-unframed",
        "RFC 9112 §6.3",
        "content with neither Content-Length nor Transfer-Encoding: servers read it as the next request",
        |exchange, found| {
            let request = &exchange.request;
            let is_said = request.fields.has("content-length") || request.fields.has("transfer-encoding");
            let is_other = request.method == b"CONNECT" || request.fields.has("upgrade");
            if request.body_bytes > 0 && !is_said && !is_other && !begins_with_request_line(&request.body) {
                found.at(request.head.len() as u64);
            }
        },
    ),
    note(
        "request-content-length-missing",
        "RFC 9110 §8.6",
        "no Content-Length where the method has content: servers may respond with 411",
        |exchange, found| {
            let request = &exchange.request;
            let is_said = request.fields.has("content-length") || request.fields.has("transfer-encoding");
            if CONTENT_METHODS.contains(&request.method.as_slice()) && !is_said {
                found.at(start(request));
            }
        },
    ),
    note(
        "request-content-length-needless",
        "RFC 9110 §8.6",
        "Content-Length: 0 where the method has no content",
        |exchange, found| {
            let request = &exchange.request;
            let method = request.method.as_slice();
            let has_none =
                matches!(method, b"GET" | b"HEAD" | b"DELETE" | b"CONNECT" | b"OPTIONS" | b"TRACE");
            let is_zero =
                matches!(content_length(&request.fields), ContentLength::Valid { length: 0, members: 1, .. });
            found.lines(request.fields.first("content-length").filter(|_| has_none && is_zero));
        },
    ),
    warn(
        "request-options-content-type",
        "RFC 9110 §9.3.7",
        "OPTIONS with content and without Content-Type",
        |exchange, found| {
            if exchange.request.method == b"OPTIONS" && lacks_type(&exchange.request) {
                found.at(start(&exchange.request));
            }
        },
    ),
    note(
        "request-content-type-missing",
        "RFC 9110 §8.3",
        "content without Content-Type: the server guesses what it is, or refuses it",
        |exchange, found| {
            if lacks_type(&exchange.request) {
                found.at(exchange.request.head.len() as u64);
            }
        },
    ),
    warn(
        "request-multipart-boundary",
        "RFC 2046 §5.1.1",
        "a multipart type whose boundary is missing or does not occur in the content: servers find no parts",
        |exchange, found| {
            let request = &exchange.request;
            let Some(line) = request.fields.first("content-type") else { return };
            let Some(kind) = MediaType::parse(line.value).filter(MediaType::is_multipart) else { return };
            let is_whole = request.body.len() as u64 == request.body_bytes;
            let is_used = |boundary: &[u8]| {
                let delimiter = [b"--", boundary].concat();
                !is_whole || request.body.windows(delimiter.len()).any(|bytes| bytes == delimiter)
            };
            if kind.boundary().is_none() || request.body_bytes > 0 && !kind.boundary().is_some_and(is_used) {
                found.lines([line]);
            }
        },
    ),
    warn(
        "request-json-invalid",
        "RFC 8259 §2, §8.1",
        "the content is not JSON in UTF-8, though Content-Type says so: servers refuse it",
        |exchange, found| {
            let request = &exchange.request;
            let kind = request.fields.value("content-type").and_then(MediaType::parse);
            if kind.is_some_and(|kind| kind.is_json())
                && !request.fields.has("content-encoding")
                && let Some(content) = content(request).filter(|content| !content.is_empty())
                && !(json::is_json(&content) && str::from_utf8(&content).is_ok())
            {
                found.at(request.head.len() as u64);
            }
        },
    ),
    warn(
        "request-parameter-invalid",
        "RFC 9110 §5.6.6; RFC 8187 §3.2",
        "a parameter is repeated, in single quotes, or not written as its * form must be: servers may read another value",
        |exchange, found| {
            let names = ["content-type", "content-disposition"];
            let lines = exchange.request.fields.iter().filter(|line| names.iter().any(|name| line.is(name)));
            found.lines(lines.filter(|line| has_bad_parameter(line.value)));
        },
    ),
    note(
        "request-json-charset",
        "RFC 8259 §11",
        "application/json has no charset parameter: servers don't look at it",
        |exchange, found| {
            let line = exchange.request.fields.first("content-type");
            let names_one = |line: &FieldLine<'_>| {
                MediaType::parse(line.value)
                    .is_some_and(|kind| kind.is("application/json") && kind.parameter("charset").is_some())
            };
            found.lines(line.filter(names_one));
        },
    ),
];

/// Methods that are meant to have content (RFC 9110 §9.3, RFC 5789).
const CONTENT_METHODS: [&[u8]; 4] = [b"POST", b"PUT", b"PATCH", b"QUERY"];

/// Whether the request had content, or says so.
pub(super) fn has_content(request: &SentRequest) -> bool {
    let length = content_length(&request.fields);
    let is_said = matches!(length, ContentLength::Valid { length: 1.., .. });
    is_said || request.body_bytes > 0 || request.fields.has("transfer-encoding")
}

fn lacks_type(request: &SentRequest) -> bool {
    let is_framed = request.fields.has("content-length") || request.fields.has("transfer-encoding");
    is_framed && request.body_bytes > 0 && !request.fields.has("content-type")
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{check_with, sent};
    use super::*;

    #[test]
    fn cases() {
        let (trailer, unframed) = ("request-trailer-forbidden", "request-content-unframed");
        let (length, needless) = ("request-content-length-missing", "request-content-length-needless");
        let (boundary, kind) =
            ("request-multipart-boundary", "Content-Type: application/json|Content-Length:");
        let chunked = |announced: &str, line: &str| {
            &*format!("POST /|{announced}|Transfer-Encoding: chunked||0|{line}||").leak()
        };
        let json = |content: &str| &*format!("PUT /|{kind} {}||{content}", content.len()).leak();
        let parts = |boundary: &str| {
            let content = "--b|Content-Disposition: form-data; name=x||y|--b--|";
            &*format!("POST /|Content-Type: multipart/form-data{boundary}|Content-Length: 58||{content}")
                .leak()
        };
        check_with(
            RULES,
            &[
                (
                    "request-expect-without-content",
                    "POST /|Expect: 100-continue|Content-Length: 0||",
                    "POST /|Expect: 100-continue|Content-Length: 1||a",
                ),
                (
                    trailer,
                    chunked("Trailer: Authorization", "Authorization: x"),
                    chunked("Trailer: X-Sum", "X-Sum: x"),
                ),
                (
                    "request-trailer-mismatch",
                    chunked("A: b", "X-Sum: x"),
                    chunked("Trailer: x-sum", "X-Sum: x"),
                ),
                ("request-trailer-mismatch", "GET /|Trailer: X||", "GET /|A: b||"),
                ("request-head-unterminated", "GET /|A: b|", "GET /|A: b||"),
                ("request-head-unterminated", "GET /|A: b|", "GET /|A: b\n|"),
                (unframed, "POST /|A: b||hello", "POST /|Content-Length: 5||hello"),
                (unframed, "POST /|A: b||hello", "GET /|A: b||GET /2 HTTP/1.1|A: b||"),
                (length, "POST /|A: b||", "POST /|Content-Length: 0||"),
                (length, "PUT /|A: b||", "DELETE /|A: b||"),
                (needless, "GET /|Content-Length: 0||", "POST /|Content-Length: 0||"),
                (
                    "request-options-content-type",
                    "OPTIONS *|Content-Length: 1||a",
                    "POST *|Content-Length: 1||a",
                ),
                (
                    "request-content-type-missing",
                    "POST /|Content-Length: 1||a",
                    "POST /|Content-Type: a/b|Content-Length: 1||a",
                ),
                (boundary, parts(""), parts("; boundary=b")),
                (boundary, parts("; boundary=c"), "POST /|Content-Type: text/plain||"),
                ("request-json-invalid", json("{'a':1}"), json("{\"a\":1}")),
                ("request-json-invalid", json("\"\u{FF}\""), json("\"\u{C3}\u{BC}\"")),
                (
                    "request-json-invalid",
                    "PUT /|Content-Type: a/b+json|Transfer-Encoding: chunked||2|{]|0||",
                    "PUT /|Content-Type: a/b+json|Transfer-Encoding: chunked||2|{}|0||",
                ),
                (
                    "request-parameter-invalid",
                    "PUT /|Content-Type: a/b; c=d; C=e||",
                    "PUT /|Content-Type: a/b; c=d; e=f||",
                ),
                (
                    "request-json-charset",
                    "POST /|Content-Type: application/json; charset=utf-8||",
                    "POST /|Content-Type: text/plain; charset=utf-8||",
                ),
            ],
            |text| {
                let (line, rest) = text.split_once('|').expect("a request line");
                sent("http://a.example/", &format!("{line} HTTP/1.1\r\n{}", rest.replace('|', "\r\n")))
            },
        );
    }
}
