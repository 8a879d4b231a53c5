//! The request's fields.

use std::collections::BTreeSet;

use super::super::span::span;
use super::item::{joined, shown};
use super::{cookie, future, meanings, message, signature};
use crate::failure;
use crate::http::base64;
use crate::http::date;
use crate::http::digits::{is_digits, saturating};
use crate::http::entity_tag::{EntityTag, EntityTags};
use crate::http::field::FieldLine;
use crate::http::parameter::Parameter;
use crate::http::range::{ByteRange, Range};
use crate::http::syntax::{is_ows, list_members, trim_ows};
use crate::report::redact;

/// What `line` of a request's head means.
pub(in crate::report::explain) fn of_request(line: FieldLine<'_>) -> Option<String> {
    if redact::is_starred(line) {
        return None;
    }
    let value = line.value;
    match &String::from_utf8_lossy(line.name).to_ascii_lowercase()[..] {
        "accept" if value == b"*/*" => None,
        "accept" => accepted("types wanted: ", value),
        "accept-encoding" => accepted("codings that may be used: ", value),
        "accept-language" => accepted("languages wanted: ", value),
        "authorization" => Some(credentials(value, "the server")),
        "connection" => message::own_connection(value),
        "content-encoding" => message::content_encoding(value),
        "content-length" => Some(match value {
            b"1" => "1 byte of content follows the head".to_owned(),
            _ if is_digits(value) => format!("{} bytes of content follow the head", shown(value)),
            _ => return None,
        }),
        "content-type" => Some(String::new()),
        "cookie" => cookie::cookies(value),
        "cache-control" => cache_control(value),
        "expect" if value.eq_ignore_ascii_case(b"100-continue") => {
            Some("the content is held back until the server agrees".to_owned())
        }
        "if-match" => if_match(value),
        "if-none-match" => conditional(value, "only if it is no longer ", "only if there is nothing yet"),
        "if-modified-since" => date::parse(value).map(|_| "only if it has changed since".to_owned()),
        "if-unmodified-since" => date::parse(value).map(|_| "only if it has not changed since".to_owned()),
        "if-range" => if_range(value),
        "origin" if value == b"null" => Some("the page that asks has no origin".to_owned()),
        "origin" => Some("the origin of the page that asks".to_owned()),
        "priority" => future::priority(value),
        "proxy-authorization" => Some(credentials(value, "the proxy")),
        "range" => range(value),
        "referer" => Some("the page that led here".to_owned()),
        "signature" => signature::signatures(value),
        "signature-input" => signature::input(value),
        "content-digest" => signature::digests(value, "the content as it is sent"),
        "te" => Some("transfer codings that are taken, and whether trailers are".to_owned()),
        "transfer-encoding" => Some("how the content is coded for the next hop".to_owned()),
        "upgrade" => message::listed("offers to change to ", value),
        "upgrade-insecure-requests" => Some("https is preferred".to_owned()),
        "max-forwards" => Some(match value {
            b"0" => "no proxy may forward it".to_owned(),
            b"1" => "at most 1 proxy may forward it".to_owned(),
            _ if is_digits(value) => format!("at most {} proxies may forward it", shown(value)),
            _ => return None,
        }),
        name => of_browser(name, value),
    }
}

/// What a browser adds: how it came to ask (Fetch Metadata, RFC 8470), and what it has (RFC 9842).
fn of_browser(name: &str, value: &[u8]) -> Option<String> {
    match name {
        "available-dictionary" => {
            Some("the SHA-256 of a dictionary that it may be compressed with".to_owned())
        }
        "dictionary-id" => Some("the id that the server gave that dictionary".to_owned()),
        "early-data" if value == b"1" => {
            Some("came before the end of the TLS handshake: it may be a replay".to_owned())
        }
        "sec-fetch-dest" if value == b"empty" => {
            Some("for no element of the page: fetch(), a beacon, a prefetch".to_owned())
        }
        "sec-fetch-dest" => message::listed("to be used as ", value),
        "sec-fetch-mode" => meanings::FETCH_MODES.of_exactly(value).map(str::to_owned),
        "sec-fetch-site" => meanings::FETCH_SITES.of_exactly(value).map(str::to_owned),
        "sec-fetch-user" if value == b"?1" => Some("by an act of the user".to_owned()),
        "sec-gpc" if value == b"1" => Some("the user's data is not to be sold or shared".to_owned()),
        _ => None,
    }
}

/// What caches on the way are asked (RFC 9111 §5.2.1).
fn cache_control(value: &[u8]) -> Option<String> {
    let mut seen = BTreeSet::new();
    let told = list_members(value).filter_map(|member| {
        let directive = Parameter::of(member);
        let seconds = saturating(&directive.text());
        let time = seconds.map(span);
        Some(match (&directive.name.to_ascii_lowercase()[..], time) {
            (b"no-cache", _) => VALIDATED.to_owned(),
            (b"max-age", _) if seconds == Some(0) => VALIDATED.to_owned(),
            (b"no-store", _) => "no cache is to store the response".to_owned(),
            (b"no-transform", _) => "nobody is to change the content on the way".to_owned(),
            (b"only-if-cached", _) => "only from a cache, else 504".to_owned(),
            (b"max-age", Some(time)) => format!("from a cache if it is at most {time} old"),
            (b"min-fresh", Some(time)) => format!("from a cache if it stays fresh for {time}"),
            (b"max-stale", Some(time)) => format!("a stale one will do for {time}"),
            (b"max-stale", None) if directive.value.is_none() => "a stale one will do".to_owned(),
            _ => return None,
        })
    });
    // max-age=0 beside no-cache says the same again.
    let told = joined(told.filter(|text| seen.insert(text.clone())), ", ");
    (!told.is_empty()).then_some(told)
}

const VALIDATED: &str = "caches are to validate what they have";

fn accepted(before: &str, value: &[u8]) -> Option<String> {
    Some(format!("{before}{}", message::by_weight(value)?))
}

/// Whose credentials they are, as far as that can be read; never the password.
fn credentials(value: &[u8], whom: &str) -> String {
    let end = value.iter().position(|&byte| is_ows(byte)).unwrap_or(value.len());
    let (scheme, rest) = (&value[..end], trim_ows(&value[end..]));
    if scheme.eq_ignore_ascii_case(b"Basic") {
        let decoded = base64::decode_lenient(rest).unwrap_or_default();
        return match decoded.iter().position(|&byte| byte == b':') {
            Some(colon) => {
                format!("credentials for {whom}: user {} with a password", shown(&decoded[..colon]))
            }
            None => format!("credentials for {whom}, malformed"),
        };
    }
    format!("credentials for {whom}, by {}", shown(scheme))
}

fn conditional(value: &[u8], one_of: &str, any: &str) -> Option<String> {
    let condition = EntityTags::parse(value)?;
    match condition.tags() {
        [] => Some(any.to_owned()),
        tags => Some(format!("{one_of}{}", joined(tags.iter().map(|tag| shown(tag.opaque)), " or "))),
    }
}

/// If-Match, in which a weak tag matches nothing (RFC 9110 §13.1.1).
fn if_match(value: &[u8]) -> Option<String> {
    let named = EntityTags::parse(value)?;
    let strong: Vec<_> =
        named.tags().iter().filter(|tag| !tag.is_weak).map(|tag| shown(tag.opaque)).collect();
    Some(match (named.tags(), &strong[..]) {
        ([], _) => "only if there is anything".to_owned(),
        (_, []) => "never met: a weak tag matches nothing here".to_owned(),
        _ => format!("only if it still is {}", joined(strong, " or ")),
    })
}

fn if_range(value: &[u8]) -> Option<String> {
    let told = match EntityTag::parse(value) {
        Some(tag) if tag.is_weak => "always the whole: a weak tag matches nothing here",
        None if date::parse(value).is_none() => return None,
        _ => "the part only if it is still this version, else the whole",
    };
    Some(told.to_owned())
}

fn range(value: &[u8]) -> Option<String> {
    let parts = match Range::parse(value)? {
        Range::Bytes(parts) => parts,
        Range::Other => return Some("a part is asked for, in a unit of its own".to_owned()),
    };
    // A number that is too large is read as the largest: there is nothing behind it.
    let told = parts.iter().map(|part| match part {
        ByteRange::FromTo(first, u64::MAX) => format!("all from byte {first} on"),
        ByteRange::Last(u64::MAX) => "all bytes".to_owned(),
        ByteRange::FromTo(first, last) => format!("bytes {first} to {last}"),
        ByteRange::From(first) => format!("all from byte {first} on"),
        ByteRange::Last(count) => format!("the last {}", failure::bytes(*count)),
    });
    Some(format!("asks for {}", joined(told, ", ")))
}
