//! What a field line decides, in a few words. A line that decides nothing which
//! a reader would want to know gets none.

use super::span::span;
use crate::http::field::{FieldLine, FieldSection};
use crate::http::framing::Framing;
use crate::http::syntax::{list_members, parameter, trim_ows};
use crate::http::uri::Scheme;
use crate::output::escape::one_line;
use crate::report::exchange::Exchange;
use crate::report::findings::quoted;
use crate::report::redact;

/// What `line` of the response's head decides.
pub(super) fn of_response(line: FieldLine<'_>, fields: &FieldSection, exchange: &Exchange) -> Option<String> {
    if redact::is_starred(line) {
        return None;
    }
    let name = String::from_utf8_lossy(line.name).to_ascii_lowercase();
    match &name[..] {
        "content-length" => Some(content_length(line.value, exchange)),
        "transfer-encoding" => Some(transfer_encoding(exchange)),
        "connection" => connection(line.value),
        "content-type" => Some(content_type(line.value)),
        "content-encoding" => Some(format!("the content is {}: see Content below", shown(line.value))),
        "location" => location(exchange),
        "set-cookie" => Some(set_cookie(line.value)),
        "trailer" => Some("these fields follow the content".to_owned()),
        "vary" => Some(format!("the answer depends on the request's {}", shown(line.value))),
        "strict-transport-security" => Some(hsts(line.value, exchange)),
        "upgrade" => Some(format!("the server also speaks {}", shown(line.value))),
        "retry-after" => Some("when to try again".to_owned()),
        _ => static_note(&name, fields),
    }
}

/// What `line` of the request's head decides.
pub(super) fn of_request(line: FieldLine<'_>) -> Option<String> {
    let name = String::from_utf8_lossy(line.name).to_ascii_lowercase();
    let note = REQUEST_NOTES.iter().find(|(known, _)| *known == name).map(|(_, note)| (*note).to_owned());
    match &name[..] {
        "connection" => connection(line.value),
        _ => note,
    }
}

const REQUEST_NOTES: [(&str, &str); 12] = [
    ("host", "which of the server's sites is meant"),
    ("range", "only a part is asked for"),
    ("accept-encoding", "the codings that may be used"),
    ("authorization", "credentials for the server"),
    ("proxy-authorization", "credentials for the proxy"),
    ("content-length", "how many bytes of content follow the head"),
    ("transfer-encoding", "how the content is coded for the way"),
    ("content-type", "what the content is"),
    ("expect", "the content is held back until the server agrees"),
    ("if-none-match", "only if it is none of these versions"),
    ("if-modified-since", "only if it was modified since"),
    ("cookie", "what the server left here earlier"),
];

const RESPONSE_NOTES: [(&str, &str); 16] = [
    ("date", "when the answer was made"),
    ("age", "for how long it was in a cache"),
    ("etag", "names this version, to ask for changes by"),
    ("last-modified", "this version's date, to ask for changes by"),
    ("accept-ranges", "whether parts can be asked for"),
    ("content-range", "which part this is"),
    ("allow", "the methods allowed here"),
    ("www-authenticate", "how to prove who is asking"),
    ("proxy-authenticate", "how to prove to the proxy who is asking"),
    ("content-disposition", "whether to show or to save it, and as what"),
    ("x-content-type-options", "browsers must not guess another type"),
    ("x-frame-options", "who may show it inside a page"),
    ("content-security-policy", "what the page may load and run"),
    ("access-control-allow-origin", "which sites' scripts may read it"),
    ("via", "the proxies that it came through"),
    ("alt-svc", "the same is also to be had elsewhere"),
];

fn static_note(name: &str, fields: &FieldSection) -> Option<String> {
    match name {
        "cache-control" if fields.has("expires") => Some("who may store it; outranks Expires".to_owned()),
        "cache-control" => Some("who may store it, and for how long".to_owned()),
        "expires" if has_max_age(fields) => Some("outranked by Cache-Control's max-age".to_owned()),
        "expires" => Some("until when it is fresh".to_owned()),
        _ => RESPONSE_NOTES.iter().find(|(known, _)| *known == name).map(|(_, note)| (*note).to_owned()),
    }
}

fn content_length(value: &[u8], exchange: &Exchange) -> String {
    match exchange.framing() {
        Framing::Length(_) => format!("the content ends after {} bytes", shown(value)),
        Framing::Chunked => "outranked by Transfer-Encoding, which decides".to_owned(),
        Framing::NoBody => "of the content that GET would give; none follows".to_owned(),
        Framing::UntilClose => "does not decide: see Framing below".to_owned(),
    }
}

fn transfer_encoding(exchange: &Exchange) -> String {
    match exchange.framing() {
        Framing::Chunked => "the content comes in chunks; the last one, of size 0, ends it".to_owned(),
        _ => "does not decide: see Framing below".to_owned(),
    }
}

fn connection(value: &[u8]) -> Option<String> {
    let has = |option: &str| list_members(value).any(|member| member.eq_ignore_ascii_case(option.as_bytes()));
    if has("close") {
        Some("the connection ends with this exchange".to_owned())
    } else if has("upgrade") {
        Some("Upgrade is meant for the next hop".to_owned())
    } else if has("keep-alive") {
        Some("the connection may serve more requests".to_owned())
    } else {
        None
    }
}

fn content_type(value: &[u8]) -> String {
    let end = value.iter().position(|&byte| byte == b';').unwrap_or(value.len());
    let kind = shown(trim_ows(&value[..end]));
    match parameter(value, "charset") {
        Some(charset) => format!("{kind}, in the charset {}", shown(&charset)),
        None => format!("{kind}, no charset said"),
    }
}

fn location(exchange: &Exchange) -> Option<String> {
    match exchange.status()? {
        201 => Some("where the new thing is".to_owned()),
        301 | 302 | 303 | 307 | 308 => Some("where to go next".to_owned()),
        _ => None,
    }
}

fn set_cookie(value: &[u8]) -> String {
    let end = value.iter().position(|&byte| byte == b';').unwrap_or(value.len());
    let equals = value[..end].iter().position(|&byte| byte == b'=').unwrap_or(end);
    let name = quoted(trim_ows(&value[..equals]));
    let attributes: Vec<_> = value
        .get(end + 1..)
        .unwrap_or_default()
        .split(|&byte| byte == b';')
        .map(|attribute| attribute.split(|&byte| byte == b'=').next().unwrap_or_default())
        .map(|name| trim_ows(name).to_ascii_lowercase())
        .collect();
    let has = |name: &str| attributes.iter().any(|attribute| attribute == name.as_bytes());
    let life = if has("max-age") || has("expires") { "kept" } else { "kept for the session" };
    let to = if has("domain") { "for the domain" } else { "for this host" };
    let how = match (has("secure"), has("httponly")) {
        (true, true) => ", over TLS only, hidden from scripts",
        (true, false) => ", over TLS only",
        (false, true) => ", hidden from scripts",
        (false, false) => "",
    };
    format!("the cookie {name}, {life}, {to}{how}")
}

fn hsts(value: &[u8], exchange: &Exchange) -> String {
    let mut age = None;
    let mut subdomains = false;
    for directive in value.split(|&byte| byte == b';').map(trim_ows) {
        let directive = String::from_utf8_lossy(directive).to_ascii_lowercase();
        if let Some(value) = directive.strip_prefix("max-age=") {
            age = value.trim_matches('"').parse::<u64>().ok();
        }
        subdomains |= directive == "includesubdomains";
    }
    let whom = if subdomains { "this host and those below it" } else { "this host" };
    match (age, exchange.url.scheme) {
        (_, Scheme::Http) => "ignored: it counts over https only".to_owned(),
        (None, _) => "no policy: it has no max-age".to_owned(),
        (Some(0), _) => format!("the policy for {whom} ends"),
        (Some(age), _) => format!("only https to {whom} for {}", span(age)),
    }
}

fn shown(value: &[u8]) -> String {
    one_line(&value[..value.len().min(60)])
}

fn has_max_age(fields: &FieldSection) -> bool {
    fields.members("cache-control").any(|member| member.to_ascii_lowercase().starts_with(b"max-age"))
}
