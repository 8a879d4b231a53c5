//! What is asked of the client's next requests, and what becomes of the resource:
//! Accept-CH, Critical-CH, Use-As-Dictionary, Priority, Deprecation, Sunset, Retry-After, Server-Timing.

use super::super::span::span;
use super::item::{bare, integer_of, items, joined, number, shown};
use crate::http::date;
use crate::http::digits::{decimal, saturating};
use crate::http::parameter::Parameter;
use crate::http::structured::{self, Member, Type};
use crate::http::syntax::{list_members, split_unquoted};

/// Accept-CH (RFC 8942 §3.1).
pub(super) fn client_hints(value: &[u8]) -> Option<String> {
    let names = hints(value)?;
    match names.is_empty() {
        true => Some("client hints are no longer requested".to_owned()),
        false => Some(format!("later requests should include {names}")),
    }
}

/// Critical-CH: client hints without which the response is of no use.
pub(super) fn critical_hints(value: &[u8]) -> Option<String> {
    let names = hints(value).filter(|names| !names.is_empty())?;
    Some(format!("a browser that supports {names} but did not send it retries with it"))
}

/// The names of a list of tokens; of another list clients ignore all.
fn hints(value: &[u8]) -> Option<String> {
    let list = structured::list(value)?.value;
    let are_tokens = list.iter().all(|member| member.is(Type::Token));
    are_tokens.then(|| joined(items(&list).map(|item| bare(&item.bare)), ", "))
}

/// Use-As-Dictionary (RFC 9842 §2.1).
pub(super) fn dictionary(value: &[u8]) -> Option<String> {
    let members = structured::dictionary(value)?.value;
    let of =
        |key: &str| members.iter().rev().find(|(name, _)| *name == key.as_bytes()).map(|(_, value)| value);
    let text = |key: &str, kind: Type| match of(key) {
        Some(Member::Item(item)) if item.bare.kind == kind => Some(bare(&item.bare)),
        _ => None,
    };
    let Some(matching) = text("match", Type::String) else {
        let why = if of("match").is_some() { "its match is not a string" } else { "it has no match" };
        return Some(format!("ignored: {why}"));
    };
    if text("type", Type::Token).is_some_and(|kind| kind != "raw") {
        return Some("ignored: its type is not raw, the only one there is".to_owned());
    }
    let mut told = format!("may serve as a dictionary for responses to {matching}");
    if let Some(Member::InnerList(destinations, _)) = of("match-dest")
        && !destinations.is_empty()
    {
        told += &format!(", loaded as {}", joined(destinations.iter().map(|item| bare(&item.bare)), " or "));
    }
    if let Some(id) = text("id", Type::String).filter(|id| !id.is_empty()) {
        told += &format!(", under the id {id}");
    }
    Some(told)
}

/// Priority (RFC 9218 §4), of a request or a response.
pub(super) fn priority(value: &[u8]) -> Option<String> {
    let members = structured::dictionary(value)?.value;
    let item = |key: &str| {
        let found = members.iter().rev().find(|(name, _)| *name == key.as_bytes());
        found.and_then(|(_, value)| if let Member::Item(item) = value { Some(item.bare) } else { None })
    };
    let urgency = item("u").and_then(|bare| integer_of(&bare)).filter(|urgency| (0..=7).contains(urgency));
    let urgency = match urgency {
        Some(3) | None => "urgency 3, the usual one".to_owned(),
        Some(urgency @ ..3) => format!("urgency {urgency}: before the usual 3"),
        Some(urgency) => format!("urgency {urgency}: after the usual 3"),
    };
    let is_incremental = item("i").is_some_and(|bare| bare.kind == Type::Boolean && bare.text != b"?0");
    let how = if is_incremental {
        "useful in part, so that others may come in between"
    } else {
        "useful once whole"
    };
    Some(format!("{urgency}; {how}"))
}

/// Deprecation (RFC 9745 §2.1).
pub(super) fn deprecation(value: &[u8]) -> Option<String> {
    let item = structured::item(value)?.value;
    let seconds =
        item.bare.text.strip_prefix(b"@").and_then(number).filter(|&seconds| seconds <= date::LAST)?;
    Some(format!("not to be relied on from {} on", date::format(seconds)))
}

/// Sunset (RFC 8594 §3).
pub(super) fn sunset(value: &[u8]) -> Option<String> {
    let seconds = date::parse(value)?.seconds;
    Some(format!("likely to be removed on {}", date::format(seconds)))
}

/// Retry-After (RFC 9110 §10.2.3).
pub(super) fn retry_after(value: &[u8]) -> Option<String> {
    if let Some(seconds) = saturating(value) {
        return Some(if seconds == 0 {
            "at once".to_owned()
        } else {
            format!("not before {} have passed", span(seconds))
        });
    }
    let seconds = date::parse(value)?.seconds;
    Some(format!("not before {}", date::format(seconds)))
}

/// Server-Timing: what took the server how long.
pub(super) fn server_timing(value: &[u8]) -> Option<String> {
    let told = joined(list_members(value).filter_map(metric), ", ");
    (!told.is_empty()).then_some(told)
}

/// A metric; browsers pass one without a name by.
fn metric(member: &[u8]) -> Option<String> {
    let mut pieces = split_unquoted(member, b';').map(Parameter::of);
    let name = pieces.next().map(|first| first.name).filter(|name| !name.is_empty())?;
    let parameters: Vec<_> = pieces.collect();
    let text = |key: &str| parameters.iter().find(|one| one.is(key)).map(|one| shown(&one.text()));
    let what = text("desc").filter(|desc| !desc.is_empty()).unwrap_or_else(|| shown(name));
    Some(match text("dur").filter(|length| decimal(length.as_bytes()).is_some()) {
        Some(milliseconds) => format!("{what} {milliseconds} ms"),
        None => what,
    })
}
