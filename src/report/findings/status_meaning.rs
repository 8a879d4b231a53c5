//! What a status code says of the request, and leaves unsaid (RFC 9110 §15).

use super::exchange_sections::response_with;
use super::request_content::has_content;
use super::request_framing::is_host;
use super::rule::{Findings, Rule, rows};
use super::status::has_prefix;
use crate::http::content_length::{ContentLength, content_length};
use crate::http::content_range::ContentRange;
use crate::http::link;
use crate::http::range::{ByteRange, Range};
use crate::http::response::{ResponseHead, Version};
use crate::report::exchange::{Completeness, Exchange, SentRequest};

pub(super) const RULES: &[Rule] = rows![
    warn(
        "status-contradicts-request",
        "RFC 9110 §15",
        "the status asks for what the request has, or refuses what it lacks: the client can't interpret it",
        contradicts_request,
    ),
    note(
        "status-explanation-missing",
        "RFC 9110 §15",
        "no content says what there is to choose from, where to go, or what went wrong: users get no help",
        |exchange, found| {
            let Some(head) = exchange.response() else { return };
            let explains = matches!(head.status(), 300 | 303 | 400..=599);
            if explains && exchange.request.method != b"HEAD" && is_empty(exchange) {
                found.citing(explained_by(head.status())).at(head.status_line_offset());
            }
        },
    ),
    note(
        "status-451-blocked-by",
        "RFC 7725 §4",
        "451 (Unavailable For Legal Reasons) without a link blocked-by: nobody can tell who blocks",
        |exchange, found| {
            let Some(head) = response_with(exchange, 451) else { return };
            let mut links = head.fields.all("link").flat_map(|line| link::members(line.value));
            if !links.any(|member| link::has_relation(member, "blocked-by")) {
                found.at(head.status_line_offset());
            }
        },
    ),
    note(
        "status-accept-patch-missing",
        "RFC 5789 §2.2, §3.1",
        "PATCH is allowed or its type refused, and no Accept-Patch says which types are taken",
        |exchange, found| {
            let Some(head) = exchange.response().filter(|head| !head.fields.has("accept-patch")) else {
                return;
            };
            let method = exchange.request.method.as_slice();
            let is_refused = head.status() == 415 && method == b"PATCH";
            let is_offered = method == b"OPTIONS" && head.status() < 300 && allows(head, b"PATCH");
            if is_refused || is_offered {
                found.at(head.status_line_offset());
            }
        },
    ),
    note(
        "status-allow-lacks-method",
        "RFC 9110 §10.2.1",
        "Allow does not name the method that has just worked",
        |exchange, found| {
            let Some(head) = exchange.response().filter(|head| (200..300).contains(&head.status())) else {
                return;
            };
            let method = &exchange.request.method;
            let is_odd = !allows(head, method) && method != b"OPTIONS";
            found.lines(head.fields.first("allow").filter(|_| is_odd));
        },
    ),
    warn(
        "status-bad-host-taken",
        "RFC 9112 §3.2",
        "the server accepted a request with several Hosts, or an invalid one: it must respond with 400",
        |exchange, found| {
            let mut hosts = exchange.request.fields.all("host");
            let is_bad = hosts.next().is_some_and(|line| !is_host(line.value)) || hosts.next().is_some();
            host_taken(exchange, found, is_bad);
        },
    ),
    note(
        "status-no-host-taken",
        "RFC 9112 §3.2",
        "the server accepted an HTTP/1.1 request without Host: it must respond with 400",
        |exchange, found| host_taken(exchange, found, !exchange.request.fields.has("host")),
    ),
];

/// Whether Allow names `method`, whose case counts (RFC 9110 §9.1).
fn allows(head: &ResponseHead, method: &[u8]) -> bool {
    head.fields.members("allow").any(|named| named == method)
}

/// What asks for an explanation with this status code.
fn explained_by(status: u16) -> &'static str {
    match status {
        300 => "RFC 9110 §15.4.1",
        303 => "RFC 9110 §15.4.4",
        428 => "RFC 6585 §3",
        429 => "RFC 6585 §4",
        451 => "RFC 7725 §3",
        511 => "RFC 6585 §6",
        400..500 => "RFC 9110 §15.5",
        _ => "RFC 9110 §15.6",
    }
}

/// Whether nothing came as content, and all of it did.
fn is_empty(exchange: &Exchange) -> bool {
    exchange.body.outcome == Completeness::Complete && exchange.body.bytes == 0
}

/// Tells a request of HTTP/1.1 that was taken though its Host is bad.
fn host_taken(exchange: &Exchange, found: &mut Findings<'_>, is_bad: bool) {
    let is_strict = exchange.request.version == Version::HTTP_11 && !exchange.request.is_head_cut();
    if let Some(head) = exchange.response().filter(|head| is_bad && is_strict && head.status() < 400) {
        found.at(head.status_line_offset());
    }
}

/// Whether the one range that is requested overlaps what there is by Content-Range. Of several,
/// a server may refuse all.
fn is_satisfiable(request: &SentRequest, head: &ResponseHead) -> bool {
    let asked = request.fields.value("range").and_then(Range::parse).and_then(|range| range.single());
    let Some(ContentRange::Unsatisfied(length)) = ContentRange::of(&head.fields) else { return false };
    asked.is_some_and(|asked| match asked {
        ByteRange::FromTo(first, _) | ByteRange::From(first) => first < length,
        ByteRange::Last(count) => count.min(length) > 0,
    })
}

fn contradicts_request(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some(head) = exchange.response() else { return };
    let request = &exchange.request;
    let has_length = matches!(content_length(&request.fields), ContentLength::Valid { members: 1, .. });
    let is_offered =
        |name: &[u8]| request.fields.members("upgrade").any(|own| own.eq_ignore_ascii_case(name));
    // The protocol may be right and its version wrong (RFC 6455 §4.4).
    let offers = || {
        head.fields.members("upgrade").any(|name| !name.is_empty() && is_offered(name))
            && !head.fields.has("sec-websocket-version")
    };
    let (what, spec) = match head.status() {
        411 if has_length => ("411 though there is a Content-Length", "RFC 9110 §15.5.12"),
        413 if !has_content(request) => ("413 though there is no content", "RFC 9110 §15.5.14"),
        415 if !has_content(request) => ("415 though there is no content", "RFC 9110 §15.5.16"),
        416 if is_satisfiable(request, head) => (
            "416 though the requested range starts within the length in Content-Range",
            "RFC 9110 §15.5.17, §14.1.2",
        ),
        426 if offers() => ("426 though the request offers that protocol", "RFC 9110 §15.5.22"),
        428 if has_prefix(&request.fields, b"if-") => ("428 though there is a precondition", "RFC 6585 §3"),
        505 if head.status_line.version == request.version => {
            ("505 in the version of the request", "RFC 9110 §15.6.6, §2.5")
        }
        _ => return,
    };
    found.citing(spec).with(head.status_line_offset(), what);
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{check_with, exchange, ids, sent};
    use super::*;

    #[test]
    fn cases() {
        let (contradiction, explanation) = ("status-contradicts-request", "status-explanation-missing");
        let (patch, allow) = ("status-accept-patch-missing", "status-allow-lacks-method");
        check_with(
            &RULES[..6],
            &[
                (contradiction, "POST http://x/|Content-Length: 0 > 411", "POST http://x/ > 411"),
                (contradiction, "POST http://x/ > 413", "POST http://x/|Content-Length: 9 > 413"),
                (contradiction, "GET http://x/ > 415", "PUT http://x/|Transfer-Encoding: chunked > 415"),
                (
                    contradiction,
                    "GET http://x/|Upgrade: a > 426|Upgrade: A",
                    "GET http://x/ > 426|Upgrade: a",
                ),
                (
                    contradiction,
                    "GET http://x/|Upgrade: websocket > 426|Upgrade: websocket",
                    "GET http://x/|Upgrade: websocket > 426|Upgrade: websocket|Sec-WebSocket-Version: 13",
                ),
                (
                    contradiction,
                    "GET http://x/|Range: bytes=4- > 416|Content-Range: bytes */5",
                    "GET http://x/|Range: bytes=5- > 416|Content-Range: bytes */5",
                ),
                (
                    contradiction,
                    "GET http://x/|Range: bytes=-9 > 416|Content-Range: bytes */5",
                    "GET http://x/|Range: bytes=0-0,1-1 > 416|Content-Range: bytes */5",
                ),
                (contradiction, "PUT http://x/|If-Match: * > 428", "PUT http://x/ > 428"),
                (contradiction, "GET http://x/ > 505", "GET http://x/ > 501"),
                (explanation, "429|Content-Length: 0||", "429||slow down"),
                (explanation, "300|Content-Length: 0||", "HEAD http://x/ > 500|Content-Length: 0||"),
                ("status-451-blocked-by", "451|Link: </a>; rel=next", "451|Link: </a>; rel=\"x blocked-by\""),
                (patch, "PATCH http://x/|Content-Length: 1 > 415", "PATCH http://x/ > 415|Accept-Patch: a/b"),
                (patch, "OPTIONS http://x/ > 200|Allow: GET, PATCH", "OPTIONS http://x/ > 200|Allow: GET"),
                (patch, "OPTIONS http://x/ > 200|Allow: PATCH", "OPTIONS http://x/ > 200|Allow: patch"),
                (allow, "PUT http://x/ > 200|Allow: GET", "OPTIONS http://x/ > 200|Allow: GET"),
                (allow, "PUT http://x/ > 204|Allow: put", "PUT http://x/ > 405|Allow: GET"),
                ("status-bad-host-taken", "GET http://x/|Host: y > 200", "GET http://x/|Host: y > 400"),
            ],
            exchange,
        );
        let made = |text: &str| ids(&RULES[6..], &sent("http://x/", text));
        assert_eq!(made("GET / HTTP/1.1\r\n\r\n"), ["status-no-host-taken"]);
        assert_eq!(made("GET / HTTP/1.0\r\n\r\n"), [""; 0]);
    }
}
