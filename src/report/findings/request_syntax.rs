//! Findings on field values of the request that don't match their grammar, or
//! stand where they mean nothing.

use super::disposition;
use super::request_framing::is_host;
use super::rule::{Findings, Rule, rows};
use super::value::is_protocol;
use crate::http::challenge::{self, Challenge, ChallengeData};
use crate::http::content_range::ContentRange;
use crate::http::digits::is_digits;
use crate::http::entity_tag::{EntityTag, EntityTags};
use crate::http::excerpt::{excerpt, quoted};
use crate::http::field::FieldLine;
use crate::http::media_type::MediaType;
use crate::http::parameter::Parameter;
use crate::http::range::Range;
use crate::http::reference::{Authority, Reference, is_origin};
use crate::http::syntax::{is_token, list_members, split_unquoted, token_len};
use crate::http::weight::{Weighted, thousandths};
use crate::http::{date, forwarded, language, preference, product, via, webdav};
use crate::report::exchange::{Exchange, SentRequest};

pub(super) const RULES: &[Rule] = rows![
    warn(
        "request-field-syntax",
        "RFC 9110 §5.6",
        "a field that does not match its grammar, or has no meaning in this request: servers ignore it or refuse the request",
        field_syntax,
    ),
    note(
        "request-forwarded-invalid",
        "RFC 7239 §4, §6",
        "Forwarded is malformed (name=value pairs, no name twice, IPv6 and ports in quotes): servers may read another address, or none",
        |exchange, found| found.lines(malformed(exchange, "forwarded", forwarded::is_member)),
    ),
    note(
        "request-prefer-invalid",
        "RFC 7240 §2, §4",
        "Prefer is malformed: servers ignore the preferences that they cannot parse",
        |exchange, found| found.lines(malformed(exchange, "prefer", preference::is_member)),
    ),
    warn(
        "request-early-data-invalid",
        "RFC 8470 §5.1",
        "Early-Data is not 1: servers must read any other value as 1",
        |exchange, found| {
            found.lines(exchange.request.fields.all("early-data").find(|line| line.value != b"1"));
        },
    ),
];

/// Whether a field line's value matches.
type Grammar = fn(&[u8]) -> bool;

/// Fields, the grammar that each of their lines has to match, and what defines it.
const GRAMMARS: [(&str, &str, Grammar); 37] = [
    ("authorization", "RFC 9110 §11.4, §11.6.2; RFC 6750 §2.1", is_credentials),
    ("proxy-authorization", "RFC 9110 §11.4, §11.7.2", is_credentials),
    ("authorization", "RFC 7616 §3.4", is_whole_digest),
    ("proxy-authorization", "RFC 7616 §3.4", is_whole_digest),
    ("content-disposition", "RFC 6266 §4.1", disposition::is_valid),
    ("from", "RFC 9110 §10.1.2", is_mailbox),
    ("range", "RFC 9110 §14.2, §14.1.1", |value| Range::parse(value).is_some()),
    ("expect", "RFC 9110 §10.1.1", is_expectation),
    ("if-match", "RFC 9110 §13.1.1", |value| EntityTags::parse(value).is_some()),
    ("if-none-match", "RFC 9110 §13.1.2", |value| EntityTags::parse(value).is_some()),
    ("if-range", "RFC 9110 §13.1.5", |value| is_date(value) || EntityTag::parse(value).is_some()),
    ("accept", "RFC 9110 §12.5.1, §12.4.2", is_accept),
    ("accept-charset", "RFC 9110 §12.5.2, §12.4.2", |value| is_weighted_list(value, is_token)),
    ("accept-encoding", "RFC 9110 §12.5.3, §12.4.2", |value| is_weighted_list(value, is_token)),
    ("accept-language", "RFC 9110 §12.5.4, §12.4.2", |value| is_weighted_list(value, language::is_range)),
    ("referer", "RFC 9110 §10.1.3", is_referer),
    ("origin", "RFC 6454 §7.1", |value| value == b"null" || is_origin(value)),
    ("access-control-request-method", CORS, is_token),
    ("connection", "RFC 9110 §7.6.1", |value| is_list(value, is_token)),
    ("content-encoding", "RFC 9110 §8.4", |value| is_list(value, is_token)),
    ("content-language", "RFC 9110 §8.5; RFC 5646 §2.1", |value| is_list(value, language::is_tag)),
    ("content-location", "RFC 9110 §8.7", |value| {
        let reference = Reference::parse(value);
        reference.is_valid() && reference.fragment.is_none()
    }),
    ("content-range", "RFC 9110 §14.4, §14.5", |value| ContentRange::parse(value) != ContentRange::Invalid),
    ("content-type", "RFC 9110 §8.3, §8.3.1", |value| MediaType::parse(value).is_some()),
    ("max-forwards", "RFC 9110 §7.6.2", is_digits),
    ("te", "RFC 9110 §10.1.4", |value| is_list(value, is_transfer_coding)),
    ("trailer", "RFC 9110 §6.6.2", |value| is_list(value, is_token)),
    ("upgrade", "RFC 9110 §7.8", |value| is_list(value, is_protocol)),
    ("user-agent", "RFC 9110 §10.1.5", product::is_products),
    ("via", "RFC 9110 §7.6.3", |value| {
        via::members(value).into_iter().all(|member| member.is_empty() || via::is_member(member))
    }),
    ("alt-used", "RFC 7838 §5", is_host),
    ("upgrade-insecure-requests", "Upgrade Insecure Requests (HTTP request header field)", |value| {
        value == b"1"
    }),
    ("depth", "RFC 4918 §10.2", webdav::is_depth),
    ("destination", "RFC 4918 §10.3", webdav::is_destination),
    ("lock-token", "RFC 4918 §10.5", webdav::is_lock_token),
    ("overwrite", "RFC 4918 §10.6", webdav::is_overwrite),
    ("timeout", "RFC 4918 §10.7", webdav::is_timeout),
];

const CORS: &str = "Fetch (CORS protocol: HTTP requests)";

/// The first line of the list field `name` with a member that does not match.
fn malformed<'a>(exchange: &'a Exchange, name: &'a str, is_member: Grammar) -> Option<FieldLine<'a>> {
    exchange.request.fields.all(name).find(|line| !is_list(line.value, is_member))
}

fn field_syntax(exchange: &Exchange, found: &mut Findings<'_>) {
    let request = &exchange.request;
    for line in request.fields.iter() {
        let bad = GRAMMARS.into_iter().find(|(name, _, matches)| line.is(name) && !matches(line.value));
        if let Some((_, spec, _)) = bad {
            // Credentials are not shown.
            let is_secret = line.is("authorization") || line.is("proxy-authorization");
            let value = if is_secret { String::new() } else { format!(": {}", quoted(line.value)) };
            found.citing(spec).with(line.offset, &format!("{}{value}", excerpt(line.name)));
        }
    }
    if let Some((line, why, spec)) = out_of_place(request) {
        found.citing(spec).with(line.offset, why);
    }
    if let Some(second) = request.fields.all("origin").nth(1) {
        found.citing("RFC 6454 §7.3").with(second.offset, "more than one Origin");
    }
}

/// A field that means nothing with this method, version or without another field.
fn out_of_place(request: &SentRequest) -> Option<(FieldLine<'_>, &'static str, &'static str)> {
    let fields = &request.fields;
    let method = request.method.as_slice();
    let preflight = fields
        .first("access-control-request-method")
        .or_else(|| fields.first("access-control-request-headers"));
    let is_preflight =
        method == b"OPTIONS" && fields.has("origin") && fields.has("access-control-request-method");
    let candidates = [
        (fields.first("expect"), request.version.is_below_11(), "Expect in HTTP/1.0", "RFC 9110 §10.1.1"),
        (
            fields.first("max-forwards"),
            !matches!(method, b"TRACE" | b"OPTIONS"),
            "Max-Forwards without TRACE or OPTIONS",
            "RFC 9110 §7.6.2",
        ),
        (
            preflight,
            !is_preflight,
            "a preflight field without OPTIONS, Origin or Access-Control-Request-Method",
            CORS,
        ),
    ];
    let told = |(line, is_out, why, spec)| Option::map(line, |line| (line, why, spec)).filter(|_| is_out);
    candidates.into_iter().find_map(told)
}

/// A scheme and what stands behind it (RFC 9110 §11.4); behind Bearer a token, or parameters in its place.
fn is_credentials(value: &[u8]) -> bool {
    let (scheme, rest) = value.split_at(token_len(value));
    let begins = !scheme.is_empty() && matches!(rest.first(), None | Some(b' '));
    let has_data = |one: &Challenge| one.data != ChallengeData::Parameters(Vec::new());
    begins && (!scheme.eq_ignore_ascii_case(b"bearer") || is_single(value, has_data))
}

/// Credentials of another scheme than Digest, or all that this one needs (RFC 7616 §3.4).
fn is_whole_digest(value: &[u8]) -> bool {
    let is_digest = value[..token_len(value)].eq_ignore_ascii_case(b"digest");
    !is_digest
        || is_single(value, |credentials| {
            let has = |name: &&str| credentials.parameter(name).is_some();
            ["realm", "nonce", "uri", "response"].iter().all(has)
                && ["username", "username*"].iter().any(has)
                && (!has(&"qop") || ["cnonce", "nc"].iter().all(has))
        })
}

/// Whether one scheme stands there with a token68 or parameters in order, and they are right.
fn is_single(value: &[u8], is_right: fn(&Challenge) -> bool) -> bool {
    matches!(challenge::parse(value).as_deref(), Ok([one]) if is_right(one))
}

/// An address, perhaps with a name before it, as far as an eye would judge (RFC 9110 §10.1.2).
fn is_mailbox(value: &[u8]) -> bool {
    let inside = value.strip_suffix(b">").and_then(|value| value.rsplit(|&byte| byte == b'<').next());
    let address = inside.unwrap_or(value);
    let has_at =
        address.iter().position(|&byte| byte == b'@').is_some_and(|at| at > 0 && at + 1 < address.len());
    let is_single = address.contains(&b'"') || address.iter().filter(|&&byte| byte == b'@').count() == 1;
    has_at && is_single && !address.iter().any(u8::is_ascii_whitespace)
}

fn is_date(value: &[u8]) -> bool {
    date::parse(value).is_some()
}

fn is_expectation(value: &[u8]) -> bool {
    value.eq_ignore_ascii_case(b"100-continue")
}

/// Media ranges with parameters, one of which may be the weight.
fn is_accept(value: &[u8]) -> bool {
    let is_range = |member: &[u8]| {
        MediaType::parse(member).is_some_and(|range| {
            let is_odd = range.essence.starts_with(b"*/") && !range.is("*/*");
            !is_odd && range.parameter("q").is_none_or(|weight| thousandths(weight).is_some())
        })
    };
    list_members(value).all(|member| member.is_empty() || is_range(member))
}

/// Members that all match `is_item`; empty ones are another finding.
fn is_list(value: &[u8], is_item: impl Fn(&[u8]) -> bool) -> bool {
    list_members(value).all(|member| member.is_empty() || is_item(member))
}

/// Members that match `is_item`, each with a weight or none.
fn is_weighted_list(value: &[u8], is_item: impl Fn(&[u8]) -> bool) -> bool {
    let mut members = list_members(value).filter(|member| !member.is_empty()).map(Weighted::of);
    members.all(|member| is_item(member.item) && member.is_valid)
}

/// `trailers` alone, or a transfer coding with its parameters and perhaps a weight (RFC 9110 §10.1.4).
fn is_transfer_coding(member: &[u8]) -> bool {
    let mut pieces = split_unquoted(member, b';');
    let name = pieces.next().unwrap_or_default();
    let is_right = |parameter: Parameter<'_>| match parameter.value {
        Some(weight) if parameter.is("q") => !parameter.is_spaced && thousandths(weight).is_some(),
        value => value.is_some() && parameter.is_valid(),
    };
    let is_alone = name.eq_ignore_ascii_case(b"trailers");
    is_token(name) && pieces.map(Parameter::of).all(|parameter| !is_alone && is_right(parameter))
}

/// A URI or a relative one, without fragment and userinfo (RFC 9110 §10.1.3).
fn is_referer(value: &[u8]) -> bool {
    let reference = Reference::parse(value);
    let userinfo = reference.authority.and_then(|authority| Authority::parse(authority).userinfo);
    reference.is_valid() && reference.fragment.is_none() && userinfo.is_none()
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{check_with, sent};
    use super::*;

    /// A field line, or `METHOD VERSION|lines`.
    fn request(text: &str) -> Exchange {
        let (line, lines) = text.split_once('|').unwrap_or(("GET HTTP/1.1", text));
        let (line, lines) = (line.replace(' ', " / "), lines.replace('|', "\r\n"));
        sent("http://a.example/", &format!("{line}\r\n{lines}\r\n\r\n"))
    }

    #[test]
    fn cases_of_grammar() {
        let id = "request-field-syntax";
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        let with_date = |name: &str| &*format!("{name}: {date}").leak();
        check_with(
            RULES,
            &[
                (id, "Range: bytes 0-1", "Range: bytes=0-1"),
                (id, "Range: bytes=2-1", "Range: Bytes=0-, -5 ,10-100"),
                (id, "Range: bytes=", "Range: items=x"),
                (id, "Range: bytes=-", "Range: bytes=000000000000000000000001-2"),
                (id, "Range: bytes=0-1,,3-4", "Range: bytes=99999999999999999999999999-"),
                (id, "Expect: x", "Expect: 100-Continue"),
                (id, "If-None-Match: v1", "If-None-Match: \"v1\", W/\"a\\\" ,\"\u{E9}\""),
                (id, "If-Match: w/\"a\"", "If-Match: *"),
                (id, "If-Match: \"a\" \"b\"", "If-Match: \"a,b\""),
                (id, "If-None-Match:", "If-None-Match: \"\""),
                (id, "If-Range: x", with_date("If-Range")),
                (id, "If-Range: \"a\", \"b\"", "If-Range: \"a\""),
                (id, "Accept: text/html;q=2", "Accept: text/html;level=1;q=0.999, */*;q=0,"),
                (id, "Accept: html", "Accept: text/*"),
                (id, "Accept: */html", "Accept:"),
                (id, "Accept-Encoding: gzip;q=0.1234", "Accept-Encoding: gzip;q=1.000, *;Q=0"),
                (id, "Accept-Encoding: gzip;x=1", "Accept-Encoding:"),
                (id, "Accept-Language: en_US", "Accept-Language: en-US, de;q=0.5"),
                (id, "Accept-Language: *;q=.1", "Accept-Language: zh-Hant-TW, *"),
                (id, "Accept-Charset: utf-8;q=1.1", "Accept-Charset: utf-8, *;q=0.1"),
                (id, "Referer: http://a.example/#x", "Referer: http://a.example/?x"),
                (id, "Referer: http://u@a.example/", "Referer: /x"),
                (id, "Referer: a b", "Referer: about:blank"),
                (id, "Origin: a.example", "Origin: https://a.example:8443"),
                (id, "Origin: https://a.example https://b.example", "Origin: null"),
                (id, "Origin: null\r\nOrigin: null", "Origin: null"),
                (id, "Connection: a b", "Connection: close, TE"),
                (id, "Content-Type: json", "Content-Type: application/json"),
                (id, "Content-Language: en_US", "Content-Language: en-US"),
                (id, "Content-Location: a b", "Content-Location: /a"),
                (id, "Content-Location: /a#b", "Content-Location: /a?b"),
                (id, "Content-Range: 0-1/2", "Content-Range: bytes */2"),
                (id, "TE: gzip;q=2", "TE: trailers, gzip;q=0.5"),
                (id, "TE: trailers;q=0.5", "TE: a;b=c;q=0.5"),
                (
                    "request-forwarded-invalid",
                    "Forwarded: for=_a\r\nForwarded: for=[::1]",
                    "Forwarded: for=\"[::1]\", for=_a;proto=http",
                ),
                ("request-prefer-invalid", "Prefer: wait=soon", "Prefer: wait=1, return=minimal; a=\"b, c\""),
                (id, "Alt-Used: http://a/", "Alt-Used: alt.example:443"),
                ("request-early-data-invalid", "Early-Data: 0", "Early-Data: 1"),
                (id, "Upgrade-Insecure-Requests: yes", "Upgrade-Insecure-Requests: 1"),
                (id, "Depth: 2", "Depth: infinity"),
                (id, "Destination: a", "Destination: /a"),
                (id, "Lock-Token: urn:a", "Lock-Token: <urn:a>"),
                (id, "Overwrite: true", "Overwrite: F"),
                (id, "Timeout: 60", "Timeout: Infinite, Second-60"),
                (
                    id,
                    "Authorization: Digest username=\"a\", realm=\"b\", nonce=\"c\", uri=\"/\"",
                    "Authorization: Digest username*=UTF-8''a, realm=\"b\", nonce=\"c\", uri=\"/\", response=\"d\"",
                ),
                (
                    id,
                    "Authorization: Digest username=\"a\", realm=\"b\", nonce=\"c\", uri=\"/\", response=\"d\", qop=auth",
                    "Authorization: Digest username=\"a\", realm=\"b\", nonce=\"c\", uri=\"/\", response=\"d\", qop=auth, nc=00000001, cnonce=\"e\"",
                ),
                (id, "Upgrade: a/b/c", "Upgrade: h2c, HTTP/2.0"),
                (id, "Via: vegur", "Via: 1.1 vegur (x, y)"),
                (id, "Trailer: \"a\"", "Trailer: a, b"),
                (id, "From: me", "From: Me <me@a.example>"),
                (id, "From: me @a", "From: me@a"),
                (id, "From: a@b@c", "From: \"a@b\"@c"),
                (id, "User-Agent: (x", "User-Agent: Mozilla/5.0 (X11; Linux) Gecko/20100101"),
                (id, "User-Agent: /1.0", "User-Agent: a b/1 (c (d))"),
                (id, "Authorization:", "Authorization: Negotiate"),
                (id, "Authorization: Bearer", "Authorization: bearer a-._~+/=="),
                (id, "Authorization: Bearer a b", "Authorization: x a b"),
                (id, "If-None-Match: ,", "If-None-Match: \"a\", ,\"b\","),
                (id, "Content-Language: en-US-Latn", "Accept-Language: en-US-Latn"),
                (id, "Proxy-Authorization: \"a\"", "Proxy-Authorization: Basic YTpi"),
                (id, "Content-Disposition: ;", "Content-Disposition: attachment; filename=a"),
                (id, "Content-Encoding: g zip", "Content-Encoding: gzip, br"),
                (id, "Access-Control-Request-Method: a b", "A: b"),
            ],
            request,
        );
    }

    #[test]
    fn cases_of_place() {
        let id = "request-field-syntax";
        check_with(
            &RULES[..1],
            &[
                (id, "POST HTTP/1.0|Expect: 100-continue", "POST HTTP/1.1|Expect: 100-continue"),
                (id, "GET HTTP/1.1|Max-Forwards: 1", "TRACE HTTP/1.1|Max-Forwards: 1"),
                (
                    id,
                    "GET HTTP/1.1|Origin: null|Access-Control-Request-Method: PUT",
                    "OPTIONS HTTP/1.1|Origin: null|Access-Control-Request-Method: PUT|Access-Control-Request-Headers: x",
                ),
                (id, "OPTIONS HTTP/1.1|Access-Control-Request-Method: PUT", "OPTIONS HTTP/1.1|Origin: null"),
                (
                    id,
                    "OPTIONS HTTP/1.1|Origin: null|Access-Control-Request-Headers: x",
                    "OPTIONS HTTP/1.1|A: b",
                ),
            ],
            request,
        );
    }
}
