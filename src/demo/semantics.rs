//! Pages about what statuses and fields mean: redirects, cookies,
//! authentication, ranges, validators.

use std::io::{self, Write};
use std::time::Duration;

use super::date::imf_fixdate;
use super::page::Page;
use super::request::ReceivedRequest;
use super::response::{ResponseWriter, send_text};

pub(super) const PAGES: &[Page] = &[
    Page::new("/redirect", redirect),
    Page::numbered("/redirect/3", redirects),
    Page::new("/redirect/loop", redirect_loop),
    Page::new("/agent", agent),
    Page::new("/cookie", cookie),
    Page::new("/auth", auth),
    Page::new("/range", range),
    Page::new("/etag", etag),
    Page::new("/100", continue_first),
    Page::new("/103", early_hints),
    Page::new("/204", no_content),
    Page::new("/304", not_modified),
    Page::numbered("/status/404", status),
];

fn redirect(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    redirect_to("/", request, out)
}

fn redirects(request: &ReceivedRequest, out: &mut dyn Write, number: u64) -> io::Result<()> {
    match number {
        0 | 1 => redirect_to("/", request, out),
        _ => redirect_to(&format!("/redirect/{}", number - 1), request, out),
    }
}

fn redirect_loop(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    redirect_to("/redirect/loop", request, out)
}

fn redirect_to(location: &str, request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    let text = format!("The page is at {location} .\n");
    ResponseWriter::text(302).field("Location", location).send(request, out, text.as_bytes())
}

/// Counts the visits in a cookie, and sets one that expires on a date.
/// Varies by User-Agent, and does not say so.
fn agent(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    let agent = request.field(b"User-Agent").unwrap_or_default();
    let (kind, page) = match agent {
        agent if agent.starts_with(b"Mozilla/") => ("browser", "Here are the pictures.\n"),
        _ => ("program", "Here is the text.\n"),
    };
    let text = format!("This page is for a {kind}.\n{page}It ends here.\n");
    ResponseWriter::text(200).field("X-Page-For", kind).send(request, out, text.as_bytes())
}

fn cookie(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    let cookies = request.field(b"Cookie").unwrap_or_default();
    let visits = visits(cookies).saturating_add(1);
    let tomorrow = imf_fixdate(request.received() + Duration::from_secs(86_400));
    let mut text = match cookies {
        b"" => b"You sent no cookie.\n".to_vec(),
        _ => [b"Cookie: ".as_slice(), cookies, b"\n"].concat(),
    };
    text.extend_from_slice(format!("Visits: {visits}\n").as_bytes());
    let visits = format!("visits={visits}; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax");
    ResponseWriter::text(200)
        .field("Set-Cookie", &visits)
        .field("Set-Cookie", &format!("lang=zh; Path=/cookie; Expires={tomorrow}"))
        .field("Cache-Control", "no-store")
        .send(request, out, &text)
}

fn visits(cookies: &[u8]) -> u32 {
    let text = str::from_utf8(cookies).unwrap_or_default();
    text.split(';')
        .find_map(|pair| pair.trim().strip_prefix("visits="))
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

/// `demo:demo` in Basic's Base64 (RFC 7617 §2).
const CREDENTIALS: &[u8] = b"ZGVtbzpkZW1v";

fn auth(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    let authorization = request.field(b"Authorization").unwrap_or_default();
    let mut words = authorization.split(|&byte| byte == b' ').filter(|word| !word.is_empty());
    let basic = words.next().is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"Basic"));
    if basic && words.next() == Some(CREDENTIALS) {
        return send_text(request, out, "Welcome, demo. 欢迎。\n");
    }
    let text = "Who are you? Try -u demo:demo .\n";
    ResponseWriter::text(401).field("WWW-Authenticate", "Basic realm=\"demo\", charset=\"UTF-8\"").send(
        request,
        out,
        text.as_bytes(),
    )
}

const RANGE_TEXT: &[u8] = b"\
0123456789
abcdefghijklmnopqrstuvwxyz
ABCDEFGHIJKLMNOPQRSTUVWXYZ
The last line.
";

/// One range (RFC 9110 §14); several at once get the whole, as a server may.
/// There is no validator, so that If-Range never holds (RFC 9110 §13.1.5).
fn range(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    let total = RANGE_TEXT.len();
    let asked = request.field(b"Range").filter(|_| request.field(b"If-Range").is_none());
    let whole = || ResponseWriter::text(200).field("Accept-Ranges", "bytes");
    let Some(spec) = asked.and_then(|value| str::from_utf8(value).ok()?.strip_prefix("bytes=")) else {
        return whole().send(request, out, RANGE_TEXT);
    };
    match resolve_range(spec, total) {
        RangeSpec::Invalid => whole().send(request, out, RANGE_TEXT),
        RangeSpec::Unsatisfiable => ResponseWriter::text(416)
            .field("Content-Range", &format!("bytes */{total}"))
            .send(request, out, format!("There are only {total} bytes.\n").as_bytes()),
        RangeSpec::Bytes(first, last) => ResponseWriter::text(206)
            .field("Accept-Ranges", "bytes")
            .field("Content-Range", &format!("bytes {first}-{last}/{total}"))
            .send(request, out, RANGE_TEXT.get(first..=last).unwrap_or_default()),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum RangeSpec {
    Invalid,
    Unsatisfiable,
    /// The first and the last byte; both exist.
    Bytes(usize, usize),
}

/// What `0-9`, `5-` or `-5` mean for `total` bytes (RFC 9110 §14.1.2).
fn resolve_range(spec: &str, total: usize) -> RangeSpec {
    let Some((first, last)) = spec.trim().split_once('-') else {
        return RangeSpec::Invalid;
    };
    match (position(first), position(last), first, last) {
        (Some(first), Some(last), ..) if first > last => RangeSpec::Invalid,
        (Some(first), Some(_), ..) | (Some(first), None, _, "") if first >= total => RangeSpec::Unsatisfiable,
        (Some(first), Some(last), ..) => RangeSpec::Bytes(first, last.min(total - 1)),
        (Some(first), None, _, "") => RangeSpec::Bytes(first, total - 1),
        (None, Some(0), "", _) => RangeSpec::Unsatisfiable,
        (None, Some(length), "", _) => RangeSpec::Bytes(total.saturating_sub(length), total - 1),
        _ => RangeSpec::Invalid,
    }
}

/// A byte position; one too large for a number is beyond every end.
fn position(digits: &str) -> Option<usize> {
    let valid = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    valid.then(|| digits.parse().unwrap_or(usize::MAX))
}

const ENTITY_TAG: &str = "\"demo\"";

/// If-None-Match by weak comparison (RFC 9110 §13.1.2).
fn etag(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    let matches = request
        .list(b"If-None-Match")
        .any(|tag| tag == b"*" || tag.strip_prefix(b"W/").unwrap_or(tag) == ENTITY_TAG.as_bytes());
    if matches {
        return ResponseWriter::new(304).field("ETag", ENTITY_TAG).send(request, out, b"");
    }
    let text = format!("This page has the entity tag {ENTITY_TAG}. Ask again with it.\n");
    ResponseWriter::text(200).field("ETag", ENTITY_TAG).send(request, out, text.as_bytes())
}

/// If the client expects it, the server has sent it before the body already.
fn continue_first(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    if request.is_http11() && !request.expects_continue() {
        out.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    send_text(request, out, "A 100 came first; this is the response itself.\n")
}

fn early_hints(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    if request.is_http11() {
        out.write_all(
            b"HTTP/1.1 103 Early Hints\r\n\
            Link: </style.css>; rel=preload; as=style\r\n\r\n",
        )?;
    }
    send_text(request, out, "A 103 came first; this is the response itself.\n")
}

fn no_content(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    ResponseWriter::new(204).send(request, out, b"")
}

fn not_modified(request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    ResponseWriter::new(304).field("ETag", ENTITY_TAG).send(request, out, b"")
}

/// The fields without which these statuses break a rule.
const COMPANIONS: [(u16, &str, &str); 14] = [
    (201, "Location", "/"),
    (301, "Location", "/"),
    (302, "Location", "/"),
    (303, "Location", "/"),
    (307, "Location", "/"),
    (308, "Location", "/"),
    (401, "WWW-Authenticate", "Basic realm=\"demo\""),
    (405, "Allow", "DELETE"),
    (407, "Proxy-Authenticate", "Basic realm=\"demo\""),
    (416, "Content-Range", "bytes */0"),
    (426, "Connection", "Upgrade"),
    (426, "Upgrade", "demo"),
    (429, "Retry-After", "1"),
    (503, "Retry-After", "1"),
];

fn status(request: &ReceivedRequest, out: &mut dyn Write, number: u64) -> io::Result<()> {
    match u16::try_from(number) {
        // A new protocol begins here, and there is none: the error closes.
        Ok(101) => {
            out.write_all(&ResponseWriter::new(101).head(request))?;
            Err(io::Error::other("no protocol to switch to"))
        }
        Ok(interim @ 100..=199) => {
            out.write_all(format!("HTTP/1.1 {interim} \r\n\r\n").as_bytes())?;
            send_text(request, out, &format!("A {interim} came first.\n"))
        }
        Ok(status @ 200..=999) => final_status(status, request, out),
        _ => {
            let text = "A status has three digits: try /status/404 .\n";
            ResponseWriter::text(404).send(request, out, text.as_bytes())
        }
    }
}

fn final_status(status: u16, request: &ReceivedRequest, out: &mut dyn Write) -> io::Result<()> {
    let (response, text) = match status {
        204 | 205 | 304 => (ResponseWriter::new(status), String::new()),
        _ => (ResponseWriter::text(status), format!("This is the status {status}.\n")),
    };
    COMPANIONS
        .iter()
        .filter(|(code, ..)| *code == status)
        .fold(response, |response, (_, name, value)| response.field(name, value))
        .send(request, out, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    /// What a page answers to a GET with these field lines.
    fn answer(page: fn(&ReceivedRequest, &mut dyn Write) -> io::Result<()>, fields: &str) -> String {
        let head = format!("GET / HTTP/1.1\r\n{fields}\r\n");
        let mut out = Vec::new();
        page(&ReceivedRequest::new(head.into_bytes(), UNIX_EPOCH), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn ranges_resolve_as_the_rfc_says() {
        assert_eq!(resolve_range("0-9", 80), RangeSpec::Bytes(0, 9));
        assert_eq!(resolve_range("70-99", 80), RangeSpec::Bytes(70, 79));
        assert_eq!(resolve_range("79-", 80), RangeSpec::Bytes(79, 79));
        assert_eq!(resolve_range("-5", 80), RangeSpec::Bytes(75, 79));
        assert_eq!(resolve_range("-500", 80), RangeSpec::Bytes(0, 79));
        assert_eq!(resolve_range("0-99999999999999999999999", 80), RangeSpec::Bytes(0, 79));
        for beyond in ["80-", "80-90", "-0", "99999999999999999999999-"] {
            assert_eq!(resolve_range(beyond, 80), RangeSpec::Unsatisfiable, "{beyond}");
        }
        for invalid in ["", "-", "5", "9-0", "a-b", "0-1,3-4", "+1-2", "1-x", "x-1"] {
            assert_eq!(resolve_range(invalid, 80), RangeSpec::Invalid, "{invalid}");
        }
    }

    #[test]
    fn a_range_is_the_part_that_its_field_names() {
        let part = answer(range, "Range: bytes=0-9\r\n");
        assert!(part.starts_with("HTTP/1.1 206 Partial Content\r\n"));
        assert!(part.contains("\r\nContent-Range: bytes 0-9/80\r\n"));
        assert!(part.ends_with("\r\n\r\n0123456789"));
        assert!(answer(range, "").starts_with("HTTP/1.1 200 "));
        assert!(answer(range, "Range: bytes=80-\r\n").starts_with("HTTP/1.1 416 "));
        assert!(answer(range, "Range: bytes=0-9\r\nIf-Range: \"x\"\r\n").starts_with("HTTP/1.1 200 "));
    }

    #[test]
    fn only_the_right_credentials_are_welcome() {
        let status = |fields: &str| answer(auth, fields)[9..12].to_owned();
        assert_eq!(status(""), "401");
        assert_eq!(status("Authorization: Basic eDp5\r\n"), "401");
        assert_eq!(status("Authorization: Bearer ZGVtbzpkZW1v\r\n"), "401");
        assert_eq!(status("Authorization: basic ZGVtbzpkZW1v\r\n"), "200");
    }

    #[test]
    fn visits_are_counted_in_a_cookie() {
        assert!(answer(cookie, "").contains("Set-Cookie: visits=1; "));
        let again = answer(cookie, "Cookie: lang=zh; visits=4\r\n");
        assert!(again.contains("Set-Cookie: visits=5; "));
        assert!(again.contains("\r\n\r\nCookie: lang=zh; visits=4\n"));
        assert!(answer(cookie, "Cookie: visits=4294967295\r\n").contains("visits=4294967295; "));
    }

    #[test]
    fn a_matching_entity_tag_is_not_modified() {
        let status = |fields: &str| answer(etag, fields)[9..12].to_owned();
        assert_eq!(status(""), "200");
        assert_eq!(status("If-None-Match: \"other\"\r\n"), "200");
        assert_eq!(status("If-None-Match: \"other\", W/\"demo\"\r\n"), "304");
        assert_eq!(status("If-None-Match: *\r\n"), "304");
    }

    #[test]
    fn interim_responses_stand_before_the_final_one() {
        assert!(answer(continue_first, "").starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
        assert!(answer(continue_first, "Expect: 100-continue\r\n").starts_with("HTTP/1.1 200 OK\r\n"));
        assert!(answer(early_hints, "").contains("\r\n\r\nHTTP/1.1 200 OK\r\n"));
    }

    #[test]
    fn every_status_can_be_had() {
        let request = ReceivedRequest::new(b"GET / HTTP/1.1\r\n\r\n".to_vec(), UNIX_EPOCH);
        for number in [0, 99, 100, 101, 204, 299, 418, 999, 1000, u64::MAX] {
            let mut out = Vec::new();
            let result = status(&request, &mut out, number);
            assert_eq!(result.is_err(), number == 101);
            let shown = if (100..=999).contains(&number) { number } else { 404 };
            assert!(out.starts_with(format!("HTTP/1.1 {shown} ").as_bytes()), "{number}");
        }
    }

    #[test]
    fn redirects_count_down_to_the_front_page() {
        let request = ReceivedRequest::new(b"GET / HTTP/1.1\r\n\r\n".to_vec(), UNIX_EPOCH);
        for (number, location) in [(0, "/"), (1, "/"), (2, "/redirect/1"), (9, "/redirect/8")] {
            let mut out = Vec::new();
            redirects(&request, &mut out, number).unwrap();
            let out = String::from_utf8(out).unwrap();
            assert!(out.contains(&format!("\r\nLocation: {location}\r\n")), "{out}");
        }
    }
}
