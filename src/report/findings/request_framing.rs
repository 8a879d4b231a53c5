//! Findings on where the request ends and which host it is for, as sent.

use super::request_line::start;
use super::rule::{Findings, Rule, rows};
use crate::failure;
use crate::http::chunked::{ChunkedDecoder, Progress};
use crate::http::content_length::{ContentLength, content_length};
use crate::http::excerpt::quoted;
use crate::http::field::FieldSection;
use crate::http::reference::{Authority, Reference};
use crate::http::response::Version;
use crate::http::transfer_codings::{TransferCodings, is_compression};
use crate::http::{Deviation, Deviations};
use crate::report::exchange::{Exchange, SentRequest};

pub(super) const RULES: &[Rule] = rows![
    error(
        "request-host-missing",
        "RFC 9112 §3.2",
        "HTTP/1.1 without Host: servers must respond with 400",
        host_missing,
    ),
    error(
        "request-host-duplicate",
        "RFC 9112 §3.2",
        "more than one Host: servers must respond with 400, and those that don't may use different ones",
        host_duplicate,
    ),
    error(
        "request-host-mismatch",
        "RFC 9112 §3.2, §3.2.2",
        "Host is not the host and port of the target or of the URL: another site may respond, or the server may refuse",
        host_mismatch,
    ),
    error(
        "request-content-length-invalid",
        "RFC 9112 §6.2, §6.3; RFC 9110 §8.6",
        "Content-Length is not a number, not the only one, or not what was sent: servers refuse it, wait, \
         or read the rest as a request",
        content_length_invalid,
    ),
    error(
        "request-content-length-and-transfer-encoding",
        "RFC 9112 §6.1, §6.3",
        "both Content-Length and Transfer-Encoding: a proxy and a server that disagree may split this into two requests",
        both_lengths,
    ),
    error(
        "request-transfer-encoding-invalid",
        "RFC 9112 §6.1, §6.3",
        "Transfer-Encoding does not end in one chunked, names an unknown coding, or stands in HTTP/1.0: servers may disagree where the request ends",
        transfer_encoding_invalid,
    ),
    error(
        "request-chunked-invalid",
        "RFC 9112 §7.1",
        "the content sent is not in well-formed chunks up to its last byte: servers refuse it, wait, or read the rest as a request",
        chunked_invalid,
    ),
    warn(
        "request-content-undefined",
        "RFC 9110 §9.3",
        "content after a method for which it has no meaning: servers may ignore it, refuse it or read it as the next request",
        content_undefined,
    ),
];

fn host_missing(exchange: &Exchange, found: &mut Findings<'_>) {
    let request = &exchange.request;
    if request.version == Version::HTTP_11 && !request.fields.has("host") {
        found.at(start(request));
    }
}

fn host_duplicate(exchange: &Exchange, found: &mut Findings<'_>) {
    if let Some(second) = exchange.request.fields.all("host").nth(1) {
        found.at(second.offset);
    }
}

fn host_mismatch(exchange: &Exchange, found: &mut Findings<'_>) {
    let url = &exchange.url;
    let of_url = (url.host_in_brackets().to_ascii_lowercase().into_bytes(), Some(u32::from(url.port)));
    let target = Reference::parse(&exchange.request.target);
    let scheme = target.scheme.unwrap_or(url.scheme.name().as_bytes());
    let of_target = target.scheme.and(target.authority).map(|authority| host_and_port(authority, scheme));
    for line in exchange.request.fields.all("host") {
        let is_host = is_host(line.value);
        let is_of_target = of_target.as_ref().is_none_or(|said| *said == host_and_port(line.value, scheme));
        let is_of_url = host_and_port(line.value, url.scheme.name().as_bytes()) == of_url;
        if !is_host || !is_of_target || !is_of_url {
            found.with(line.offset, &quoted(line.value));
        }
    }
}

/// Whether `value` is `uri-host [ ":" port ]`.
pub(super) fn is_host(value: &[u8]) -> bool {
    Authority::parse(value).is_valid() && !value.contains(&b'@')
}

/// Host, lower-cased, and port, or the scheme's own where there is none.
fn host_and_port(authority: &[u8], scheme: &[u8]) -> (Vec<u8>, Option<u32>) {
    let authority = Authority::parse(authority);
    let default = if scheme.eq_ignore_ascii_case(b"https") { 443 } else { 80 };
    let port = match authority.port {
        None | Some(b"") => Some(default),
        Some(port) => str::from_utf8(port).ok().and_then(|port| port.parse().ok()),
    };
    (authority.host.to_ascii_lowercase(), port)
}

fn content_length_invalid(exchange: &Exchange, found: &mut Findings<'_>) {
    let request = &exchange.request;
    let Some(line) = request.fields.first("content-length") else { return };
    match content_length(&request.fields) {
        ContentLength::Absent => {}
        ContentLength::Invalid(offset) | ContentLength::Conflict(offset) => found.at(offset),
        ContentLength::Valid { members: 2.., .. } => found.with(line.offset, "it is repeated"),
        ContentLength::Valid { length, .. } => {
            // Transfer-Encoding decides over it; both is another finding.
            let is_short = request.body_bytes < length && !request.is_left_off;
            let is_other = is_short || request.body_bytes > length;
            if is_other && !request.fields.has("transfer-encoding") {
                found.with(line.offset, &format!("{} sent", failure::bytes(request.body_bytes)));
            }
        }
    }
}

fn both_lengths(exchange: &Exchange, found: &mut Findings<'_>) {
    let fields = &exchange.request.fields;
    if let Some(line) = fields.first("transfer-encoding")
        && fields.has("content-length")
    {
        found.at(line.offset);
    }
}

fn transfer_encoding_invalid(exchange: &Exchange, found: &mut Findings<'_>) {
    let request = &exchange.request;
    let Some(line) = request.fields.first("transfer-encoding") else { return };
    let codings = TransferCodings::of(&request.fields);
    let chunked = codings.codings.iter().filter(|coding| *coding == b"chunked").count();
    let is_known = |coding: &Vec<u8>| coding == b"chunked" || is_compression(coding);
    let is_valid = codings.is_chunked()
        && chunked == 1
        && codings.codings.iter().all(is_known)
        && !has_odd_member(&request.fields)
        && !request.version.is_below_11();
    if !is_valid {
        found.with(line.offset, &quoted(line.value));
    }
}

/// Whether a member is empty, or gives chunked a parameter, of which it has none (RFC 9112 §7.1).
fn has_odd_member(fields: &FieldSection) -> bool {
    let is_odd = |member: &[u8]| {
        let start = member.get(..b"chunked".len()).unwrap_or_default();
        member.is_empty() || start.eq_ignore_ascii_case(b"chunked") && start.len() < member.len()
    };
    fields.members("transfer-encoding").any(is_odd)
}

fn chunked_invalid(exchange: &Exchange, found: &mut Findings<'_>) {
    let request = &exchange.request;
    if TransferCodings::of(&request.fields).is_chunked()
        && let Err(at) = check_chunks(request)
    {
        found.at(request.head.len() as u64 + at);
    }
}

/// The content without its chunks, where all of it is at hand and no other transfer
/// coding is on it.
pub(super) fn content(request: &SentRequest) -> Option<Vec<u8>> {
    let mut content = request.body.clone();
    if content.len() as u64 != request.body_bytes || request.is_left_off {
        return None;
    }
    let codings = TransferCodings::of(&request.fields);
    if codings.is_chunked() {
        let decoded = ChunkedDecoder::new(0, false).decode(&mut content);
        content.truncate(decoded.data);
        return (decoded.progress == Progress::End && codings.others().next().is_none()).then_some(content);
    }
    codings.codings.is_empty().then_some(content)
}

/// The trailer section of content in chunks, as far as it is at hand.
pub(super) fn trailers(request: &SentRequest) -> FieldSection {
    if !TransferCodings::of(&request.fields).is_chunked() {
        return FieldSection::default();
    }
    let mut decoder = ChunkedDecoder::new(request.head.len() as u64, false);
    decoder.decode(&mut request.body.clone());
    decoder.trailers_parsed().0
}

/// Reads the content as chunks; gives the offset in it where it is not in
/// order. Of content that is not at hand as a whole only what is there can fail.
fn check_chunks(request: &SentRequest) -> Result<(), u64> {
    let mut body = request.body.clone();
    let mut decoder = ChunkedDecoder::new(0, false);
    let decoded = decoder.decode(&mut body);
    let first = |deviations: &Deviations| {
        // Many digits are many, but digits.
        let real = deviations.iter().filter(|noted| noted.kind != Deviation::ChunkSizeOverflow);
        real.map(|noted| noted.offset).min()
    };
    let (_, trailers) = decoder.trailers_parsed();
    let deviation = first(decoder.deviations()).into_iter().chain(first(&trailers)).min();
    if let Some(at) = deviation {
        return Err(at);
    }
    let consumed = decoded.consumed as u64;
    match decoded.progress {
        Progress::Failed(_, at) => Err(at),
        Progress::End if consumed < request.body_bytes => Err(consumed),
        Progress::NeedMore if request.is_left_off => Ok(()),
        Progress::NeedMore if request.body.len() as u64 == request.body_bytes => Err(consumed),
        Progress::End | Progress::NeedMore => Ok(()),
    }
}

fn content_undefined(exchange: &Exchange, found: &mut Findings<'_>) {
    let request = &exchange.request;
    let is_undefined =
        matches!(request.method.as_slice(), b"GET" | b"HEAD" | b"DELETE" | b"CONNECT" | b"TRACE");
    if is_undefined && request.body_bytes > 0 {
        let detail = format!("{} after {}", failure::bytes(request.body_bytes), quoted(&request.method));
        found.with(request.head.len() as u64, &detail);
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{check_with, ids, sent};
    use super::*;

    /// `REQUEST LINE|field|field||content`, sent for http://a.example:8080/;
    /// without a target and a version `POST / HTTP/1.1` is meant.
    fn request(text: &str) -> Exchange {
        let (head, content) = text.split_once("||").unwrap_or((text, ""));
        let head = head.replace('|', "\r\n");
        let line = if head.starts_with("\r\n") { "POST / HTTP/1.1\r\nHost: a.example:8080" } else { "" };
        sent("http://a.example:8080/", &format!("{line}{head}\r\n\r\n{content}"))
    }

    #[test]
    fn cases_of_host() {
        let mismatch = "request-host-mismatch";
        check_with(
            &RULES[..3],
            &[
                ("request-host-missing", "GET / HTTP/1.1", "GET / HTTP/1.0"),
                ("request-host-missing", "GET / HTTP/1.x|Hosts: x", "GET / HTTP/1.1|Host:"),
                ("request-host-duplicate", "|Host: a.example:8080", "|A: b"),
                (mismatch, "GET / HTTP/1.1|Host: a.example", "GET / HTTP/1.1|HOST: A.Example:08080"),
                (mismatch, "GET / HTTP/1.1|Host:", "GET / HTTP/1.1|Host: a.example:8080"),
                (mismatch, "GET / HTTP/1.1|Host: u@a.example:8080", "GET / HTTP/1.1"),
                (mismatch, "GET / HTTP/1.1|Host: a.example:8080/", "GET / HTTP/1.1|A: b"),
                (mismatch, "GET / HTTP/1.1|Host: a.example:x", "GET / HTTP/1.1|A: b"),
                (
                    mismatch,
                    "GET http://b.example:8080/ HTTP/1.1|Host: a.example:8080",
                    "GET http://u@a.example:8080 HTTP/1.1|Host: a.example:8080",
                ),
            ],
            request,
        );
        for (url, host) in [("https://[::1]/", "[::1]:443"), ("https://a.example/", "a.example:")] {
            let exchange = sent(url, &format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"));
            assert_eq!(ids(RULES, &exchange), [""; 0], "{host}");
        }
    }

    #[test]
    fn cases_of_framing() {
        let (length, coding) = ("request-content-length-invalid", "request-transfer-encoding-invalid");
        let (chunks, undefined) = ("request-chunked-invalid", "request-content-undefined");
        check_with(
            &RULES[3..],
            &[
                (length, "|Content-Length: +2||ab", "|Content-Length: 2||ab"),
                (length, "|Content-Length: 2|Content-Length: 2||ab", "|Content-Length: 02||ab"),
                (length, "|Content-Length: 2, 3||ab", "|Content-Length: 0"),
                (length, "|Content-Length: 3||ab", "|Content-Length: 9|Transfer-Encoding: chunked||ab"),
                (
                    "request-content-length-and-transfer-encoding",
                    "|Content-Length: 0|Transfer-Encoding: x",
                    "|Content-Length: 0|Transfer_Encoding: x",
                ),
                (coding, "|Transfer-Encoding: chunked, gzip", "|Transfer-Encoding: GZip, Chunked"),
                (
                    coding,
                    "|Transfer-Encoding: chunked, chunked",
                    "|Transfer-Encoding: gzip;q=1|Transfer-Encoding: chunked",
                ),
                (coding, "|Transfer-Encoding: , chunked", "|Transfer-Encoding: chunked"),
                (coding, "|Transfer-Encoding: identity, chunked", "|Content-Length: 2"),
                (coding, "|Transfer-Encoding: chunked;x=y", "|Transfer-Encoding: deflate,chunked"),
                (
                    coding,
                    "POST / HTTP/1.0|Transfer-Encoding: chunked",
                    "POST / HTTP/1.1|Transfer-Encoding: chunked",
                ),
                (
                    chunks,
                    "|Transfer-Encoding: chunked||2\r\nab\r\n",
                    "|Transfer-Encoding: chunked||2\r\nab\r\n0\r\n\r\n",
                ),
                (
                    chunks,
                    "|Transfer-Encoding: chunked||0\r\n\r\nx",
                    "|Transfer-Encoding: chunked, x||0\r\n\r\nx",
                ),
                (
                    chunks,
                    "|Transfer-Encoding: chunked||2\r\nabc\r\n0\r\n\r\n",
                    "|Transfer-Encoding: chunked||0;a=b\r\nA: b\r\n\r\n",
                ),
                (chunks, "|Transfer-Encoding: chunked||0\n\r\n", "|Content-Length: 1||0"),
                (
                    chunks,
                    "|Transfer-Encoding: chunked||0\r\nA b\r\n\r\n",
                    "|Transfer-Encoding: chunked||00000000000000000\r\n\r\n",
                ),
                (chunks, "|Transfer-Encoding: chunked", "|A: b"),
                (undefined, "GET / HTTP/1.1|Content-Length: 2||ab", "POST / HTTP/1.1|Content-Length: 2||ab"),
                (undefined, "TRACE / HTTP/1.1||ab", "GET / HTTP/1.1|Content-Length: 0"),
            ],
            request,
        );
    }

    #[test]
    fn chunks_that_are_not_at_hand_are_not_judged() {
        let mut exchange = request("|Transfer-Encoding: chunked||FFFF\r\nabc");
        exchange.request.body_bytes = 100_000;
        assert_eq!(ids(RULES, &exchange), [""; 0]);
        let whole = request("|Transfer-Encoding: chunked||FFFF\r\nabc");
        assert_eq!(ids(RULES, &whole), ["request-chunked-invalid"]);
    }
}
