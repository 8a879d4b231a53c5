//! What a field says to caches: Cache-Control, CDN-Cache-Control, Expires, Age, Vary.

use super::super::span::span;
use super::item::{bare, items, joined, shown};
use crate::http::cache_directives::{DirectiveScope, Directives, Seconds};
use crate::http::caching::said_age;
use crate::http::date;
use crate::http::entity_tag::EntityTag;
use crate::http::field::FieldSection;
use crate::http::request_line::is_safe;
use crate::http::structured::{self, Member, Type};
use crate::http::syntax::list_members;

/// The directives of all lines of Cache-Control.
pub(super) fn cache_control(fields: &FieldSection) -> Option<String> {
    said(&Directives::of(fields)).map(|told| if told == NO_STORE { String::new() } else { told })
}

/// The directives of CDN-Cache-Control.
pub(super) fn targeted(fields: &FieldSection) -> Option<String> {
    match Directives::targeted(fields) {
        Some(directives) => {
            let told = said(&directives).unwrap_or_else(|| "nothing known".to_owned());
            Some(format!("content delivery networks use only this: {told}"))
        }
        None => Some("ignored: it is empty, or no dictionary".to_owned()),
    }
}

/// What no-store says; where it is all, the verdict on caching says it.
const NO_STORE: &str = "no cache may store it";

fn said(directives: &Directives) -> Option<String> {
    let mut told = Vec::new();
    let flags = [
        (directives.must_understand, "only caches that understand the status code may store it"),
        (directives.no_store && !directives.must_understand, NO_STORE),
        (directives.public, "any cache may store it"),
    ];
    told.extend(flags.iter().filter(|(is_set, _)| *is_set).map(|(_, what)| (*what).to_owned()));
    match &directives.private {
        DirectiveScope::Nothing => {}
        DirectiveScope::All => told.push("no shared cache may store it".to_owned()),
        DirectiveScope::Fields(names) => {
            told.push(format!("shared caches store it without {}", listed(names)))
        }
    }
    told.extend(seconds("fresh for", directives.max_age));
    told.extend(seconds("in shared caches for", directives.shared_max_age));
    match &directives.no_cache {
        DirectiveScope::Nothing => {}
        DirectiveScope::All => told.push("validated before each use".to_owned()),
        DirectiveScope::Fields(names) => told.push(format!("{} used only after validation", listed(names))),
    }
    let flags = [
        (directives.must_revalidate, "never used stale"),
        (directives.proxy_revalidate, "never used stale by shared caches"),
        (directives.immutable, "never changes while fresh"),
    ];
    told.extend(flags.iter().filter(|(is_set, _)| *is_set).map(|(_, what)| (*what).to_owned()));
    told.extend(seconds("stale while revalidating for", directives.while_revalidating));
    told.extend(seconds("stale on errors for", directives.if_error));
    (!told.is_empty()).then(|| told.join(", "))
}

fn listed(names: &[Vec<u8>]) -> String {
    joined(names.iter().map(|name| shown(name)), ", ")
}

fn seconds(what: &str, seconds: Seconds) -> Option<String> {
    match seconds {
        Seconds::Absent => None,
        Seconds::Malformed => Some(format!("{what} no number of seconds: stale")),
        Seconds::Is(seconds) => Some(format!("{what} {}", span(seconds))),
    }
}

/// Expires, which a lifetime in Cache-Control outranks.
pub(super) fn expires(value: &[u8], fields: &FieldSection) -> Option<String> {
    if Directives::of(fields).max_age != Seconds::Absent {
        return Some("outranked by Cache-Control's max-age".to_owned());
    }
    let Some(expires) = date::parse(value) else { return Some("no date: already stale".to_owned()) };
    let date = fields.value("date").and_then(date::parse).map(|date| date.seconds);
    Some(match date.map(|date| u64::try_from(expires.seconds - date)) {
        None => "fresh until then".to_owned(),
        Some(Ok(seconds)) if seconds > 0 => format!("fresh for {} after Date", span(seconds)),
        Some(_) => "not later than Date: already stale".to_owned(),
    })
}

pub(super) fn age(value: &[u8]) -> Option<String> {
    said_age(value).map(|age| match age {
        0 => "has just come from the server, or was validated there".to_owned(),
        age => format!("made, or validated at the server, {} before", span(age)),
    })
}

pub(super) fn vary(value: &[u8]) -> Option<String> {
    let names: Vec<_> = list_members(value).filter(|name| !name.is_empty()).collect();
    if names.iter().any(|name| *name == b"*") {
        return Some("depends on more than the request's fields: never reused unvalidated".to_owned());
    }
    let names = joined(names.into_iter().map(shown), ", ");
    (!names.is_empty()).then(|| format!("the response depends on the request's {names}"))
}

/// No-Vary-Search: which queries are taken for the same. A member of another type makes the whole void.
pub(super) fn no_vary_search(value: &[u8]) -> Option<String> {
    let members = structured::dictionary(value)?.value;
    let of = |key: &str| {
        let found = members.iter().rev().find(|(name, _)| *name == key.as_bytes());
        found.map(|(_, value)| value)
    };
    let flag = |member: &Member<'_>| match member {
        Member::Item(item) if item.bare.kind == Type::Boolean => Some(item.bare.text != b"?0"),
        _ => None,
    };
    let names = |member: &Member<'_>| match member {
        Member::InnerList(items, _) if items.iter().all(|item| item.bare.kind == Type::String) => {
            Some(joined(items.iter().map(|item| bare(&item.bare)), ", "))
        }
        _ => None,
    };
    let mut differing = Vec::new();
    if of("key-order").map_or(Some(false), flag)? {
        differing.push("the order of query parameters".to_owned());
    }
    let takes_any = of("params").is_some_and(|params| flag(params) == Some(true));
    match (of("params"), of("except")) {
        (_, Some(_)) if !takes_any => return Some("ignored: except needs params without a value".to_owned()),
        (_, Some(except)) => {
            let kept = names(except)?;
            let others = if kept.is_empty() { String::new() } else { format!(" other than {kept}") };
            differing.push(format!("query parameters{others}"));
        }
        (Some(_), None) if takes_any => differing.push("query parameters".to_owned()),
        (Some(params), None) if flag(params).is_none() => {
            let names = names(params)?;
            differing.extend((!names.is_empty()).then(|| format!("the query parameters {names}")));
        }
        _ => {}
    }
    (!differing.is_empty())
        .then(|| format!("also for URLs that differ only in {}", differing.join(" and in ")))
}

/// Cache-Groups (RFC 9875 §2): `before`, and the groups.
pub(super) fn groups(before: &str, value: &[u8]) -> Option<String> {
    let list = structured::list(value)?.value;
    let are_strings = list.iter().all(|member| member.is(Type::String));
    let names = joined(items(&list).map(|item| bare(&item.bare)), ", ");
    (are_strings && !names.is_empty()).then(|| format!("{before}{names}"))
}

/// Cache-Group-Invalidation (RFC 9875 §3), in the response to `method`.
pub(super) fn invalidation(value: &[u8], method: &[u8]) -> Option<String> {
    match is_safe(method) {
        true => Some("ignored: the method is safe".to_owned()),
        false => groups("caches may drop what they have stored of cache groups: ", value),
    }
}

pub(super) fn etag(value: &[u8]) -> Option<String> {
    let tag = EntityTag::parse(value)?;
    Some(match tag.is_weak {
        true => "a weak validator: the same tag means much the same content, no ranges".to_owned(),
        false => "a strong validator: the same tag means the same bytes".to_owned(),
    })
}

/// Last-Modified, compared with Date.
pub(super) fn last_modified(value: &[u8], fields: &FieldSection) -> Option<String> {
    let modified = date::parse(value)?.seconds;
    let date = date::parse(fields.value("date")?)?.seconds;
    let before = u64::try_from(date - modified).ok()?;
    Some(match before {
        0 => "changed as it was sent".to_owned(),
        before => format!("unchanged for {} before Date", span(before)),
    })
}

/// Pragma, which means nothing in a response.
pub(super) fn pragma(_: &[u8]) -> Option<String> {
    Some("ignored: it has no effect in a response".to_owned())
}
