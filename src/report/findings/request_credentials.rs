//! Findings on credentials in the request as sent.

use super::cookie::is_cookie_value;
use super::request_line::start;
use super::rule::{Rule, rows};
use crate::http::base64;
use crate::http::challenge::{self, AuthParam, ChallengeData};
use crate::http::excerpt::quoted;
use crate::http::field::FieldLine;
use crate::http::media_type::essence;
use crate::http::syntax::{token_len, trim_ows_start};
use crate::report::exchange::SentRequest;

pub(super) const RULES: &[Rule] = rows![
    warn(
        "request-basic-invalid",
        "RFC 7617 §2",
        "the credentials of Basic are not user:password in base64, or hold a control: servers refuse them",
        |exchange, found| {
            for line in credentials(&exchange.request) {
                if let Some(problem) = basic_problem(line.value) {
                    found.with(line.offset, problem);
                }
            }
        },
    ),
    warn(
        "request-auth-parameter-unquoted",
        "RFC 9110 §11.5; RFC 7616 §3.4",
        "a parameter of the credentials lacks the quotes it must have, or has some it must not have: servers refuse them",
        |exchange, found| {
            for line in credentials(&exchange.request) {
                if let Some(parameter) = misquoted_parameter(line.value) {
                    found.with(line.offset, &quoted(&parameter));
                }
            }
        },
    ),
    note(
        "request-token-in-target",
        "RFC 6750 §2.3, §5.3",
        "an access token in the target: it is kept in logs and histories, and sent on in Referer",
        |exchange, found| {
            if has_token(&exchange.request.target) {
                found.at(start(&exchange.request));
            }
        },
    ),
    warn(
        "request-token-over-http",
        "RFC 6750 §5.3",
        "an access token over http: anyone on the path can use it",
        |exchange, found| {
            let request = &exchange.request;
            let is_open = !exchange.url.is_trustworthy();
            if is_open && (has_token(&request.target) || has_token_in_form(request)) {
                found.at(start(request));
            }
        },
    ),
    warn(
        "request-trace-secrets",
        "RFC 9110 §9.3.8",
        "TRACE with credentials or cookies: the server sends them back as content, where others may read them",
        |exchange, found| {
            let request = &exchange.request;
            let secrets = ["authorization", "proxy-authorization", "cookie"];
            let sent = request.fields.iter().find(|line| secrets.iter().any(|name| line.is(name)));
            if let Some(line) = sent.filter(|_| request.method == b"TRACE") {
                found.with(line.offset, &quoted(line.name));
            }
        },
    ),
    note(
        "request-cookie-syntax",
        "RFC 6265 §4.2.1",
        "Cookie is not pairs name=value with a semicolon and a space between them, or a value has a character that none may have: servers may read other cookies",
        |exchange, found| {
            let mut lines = exchange.request.fields.all("cookie");
            // Its value is not shown.
            if let Some(line) =
                lines.find(|line| !line.value.split(|&byte| byte == b';').enumerate().all(is_pair))
            {
                found.at(line.offset);
            }
        },
    ),
];

/// Whether `piece` of a Cookie line, behind a semicolon or at its start, is a pair in order.
fn is_pair((number, piece): (usize, &[u8])) -> bool {
    let pair = if number == 0 { Some(piece) } else { piece.strip_prefix(b" ") };
    pair.is_some_and(|pair| {
        let name = token_len(pair);
        name > 0 && pair[name..].strip_prefix(b"=").is_some_and(is_cookie_value)
    })
}

/// Parameters of Digest's credentials whose value must be a quoted string (RFC 7616 §3.4).
const QUOTED: [&str; 6] = ["cnonce", "nonce", "opaque", "response", "uri", "username"];
/// Those whose value must not be one.
const UNQUOTED: [&str; 3] = ["algorithm", "nc", "qop"];

/// The name of a parameter that must be quoted and is not, or the reverse.
fn misquoted_parameter(value: &[u8]) -> Option<Vec<u8>> {
    // Credentials have the form of a challenge (RFC 9110 §11.4).
    let credentials = challenge::parse(value).ok()?.into_iter().next()?;
    let ChallengeData::Parameters(parameters) = &credentials.data else { return None };
    let is_digest = credentials.is("Digest");
    let is_wrong = |parameter: &&AuthParam| {
        let is = |known: &str| parameter.name.eq_ignore_ascii_case(known.as_bytes());
        match parameter.is_quoted {
            false => is("realm") || is_digest && QUOTED.into_iter().any(is),
            true => is_digest && UNQUOTED.into_iter().any(is),
        }
    };
    let wrong = parameters.iter().find(is_wrong)?;
    Some(wrong.name.clone())
}

/// The lines that hold credentials, for the origin and for a proxy (RFC 9110 §11.6.2, §11.7.2).
fn credentials(request: &SentRequest) -> impl Iterator<Item = FieldLine<'_>> {
    ["authorization", "proxy-authorization"].into_iter().flat_map(|name| request.fields.all(name))
}

/// What is wrong with the credentials, if they are those of Basic. None of their bytes are told.
fn basic_problem(value: &[u8]) -> Option<&'static str> {
    let (scheme, data) = value.split_at(token_len(value));
    if !scheme.eq_ignore_ascii_case(b"basic") {
        return None;
    }
    let Some(pair) = base64::decode(trim_ows_start(data)).filter(|pair| !pair.is_empty()) else {
        return Some("no base64");
    };
    let has_control = pair.iter().any(u8::is_ascii_control);
    match (pair.contains(&b':'), has_control) {
        (false, _) => Some("no colon between user and password"),
        (true, true) => Some("a control in user or password"),
        (true, false) => None,
    }
}

/// Whether a query in `target` has a parameter called access_token.
fn has_token(target: &[u8]) -> bool {
    let query = target.splitn(2, |&byte| byte == b'?').nth(1).unwrap_or_default();
    is_with_token(query.split(|&byte| byte == b'#').next().unwrap_or_default())
}

fn has_token_in_form(request: &SentRequest) -> bool {
    let kind = request.fields.value("content-type").map(essence);
    kind.is_some_and(|kind| kind == b"application/x-www-form-urlencoded") && is_with_token(&request.body)
}

fn is_with_token(form: &[u8]) -> bool {
    form.split(|&byte| byte == b'&').any(|pair| pair.starts_with(b"access_token="))
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{check_with, sent};
    use super::*;

    #[test]
    fn cases() {
        let (basic, target, open) =
            ("request-basic-invalid", "request-token-in-target", "request-token-over-http");
        let quotes = "request-auth-parameter-unquoted";
        let line = |value: &str| &*format!("http://a/|GET / HTTP/1.1|Authorization: {value}||").leak();
        check_with(
            RULES,
            &[
                (basic, line("Basic name=foo"), line("Basic Zm9vOmJhcg==")),
                (basic, line("Basic helloworld"), line("basic  Zm9vOmJhcg==")),
                (basic, line("Basic Zm9vOmJhcgo="), line("Bearer x")),
                (basic, line("Basic"), line("Basically x")),
                (quotes, line("Digest username=\"a\", realm=x"), line("Digest username=\"a\", qop=auth")),
                (quotes, line("Digest nonce=x"), line("Other nonce=x, realm=\"y\"")),
                (quotes, line("Digest qop=\"auth\""), line("Other qop=\"auth\"")),
                (
                    "request-trace-secrets",
                    "https://a/|TRACE / HTTP/1.1|Cookie: a=b||",
                    "https://a/|TRACE / HTTP/1.1|Accept: a/b||",
                ),
                ("request-cookie-syntax", "https://a/|GET / HTTP/1.1|Cookie: a=b;c=d||", line("Bearer x")),
                (
                    "request-cookie-syntax",
                    "https://a/|GET / HTTP/1.1|Cookie: a=b, c=d||",
                    "https://a/|GET / HTTP/1.1|Cookie: a=b; c=\"d\"; e=||",
                ),
                (
                    target,
                    "https://a/|GET /?q&access_token=x HTTP/1.1||",
                    "https://a/|GET /access_token=x?my_access_token=x HTTP/1.1||",
                ),
                (
                    open,
                    "http://a/|GET /?access_token=x HTTP/1.1||",
                    "https://a/|GET /?access_token=x HTTP/1.1||",
                ),
                (
                    open,
                    "http://a/|POST / HTTP/1.1|Content-Type: application/x-www-form-urlencoded||a=b&access_token=x",
                    "http://localhost/|GET /?access_token=x HTTP/1.1||",
                ),
            ],
            |text| {
                let (url, request) = text.split_once('|').expect("a URL and a request");
                sent(url, &request.replace('|', "\r\n"))
            },
        );
    }
}
