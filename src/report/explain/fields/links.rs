//! What leads elsewhere: Link (RFC 8288), Alt-Svc (RFC 7838), Speculation-Rules, Location.

use super::super::span::span;
use super::item::{bare, items, joined, shown};
use super::meanings;
use crate::http::alt_svc::{self, Alternative};
use crate::http::digits::saturating;
use crate::http::link;
use crate::http::parameter::parameters;
use crate::http::structured::{self, Type};
use crate::http::syntax::list_members;
use crate::http::uri::percent_decode;

/// Link: each target and its relation.
pub(super) fn links(value: &[u8]) -> Option<String> {
    let members = link::members(value);
    let told = joined(members.iter().filter_map(|member| one_link(member)), "; ");
    (!told.is_empty()).then_some(told)
}

fn one_link(member: &[u8]) -> Option<String> {
    let (target, rest) = link::target(member)?;
    let text = |name: &str| parameters(rest).find(|parameter| parameter.is(name)).map(|found| found.text());
    let relation = text("rel").unwrap_or_default();
    let relations = relation.split(u8::is_ascii_whitespace).filter(|name| !name.is_empty());
    let told = joined(
        relations.map(|name| meanings::RELATIONS.of(name).map_or_else(|| shown(name), str::to_owned)),
        ", ",
    );
    let target = if target.is_empty() { "this URL".to_owned() } else { shown(target) };
    if told.is_empty() {
        return Some(format!("{target} ignored: it has no rel"));
    }
    let about =
        [("as", "as"), ("type", "of type"), ("media", "for"), ("title", "titled"), ("hreflang", "in")];
    let about = about.iter().filter_map(|(name, word)| Some(format!(" {word} {}", shown(&text(name)?))));
    let whole = joined(about, ",");
    // With an anchor, it is of something else.
    let anchor = text("anchor").filter(|anchor| !anchor.is_empty());
    let anchor = anchor.map(|anchor| format!(", relative to {}", shown(&anchor))).unwrap_or_default();
    Some(format!("{target} is {told}{anchor}{whole}"))
}

/// Alt-Svc: where else the same is to be had.
pub(super) fn alternatives(value: &[u8]) -> Option<String> {
    if value == alt_svc::CLEAR {
        return Some("all earlier alternatives are to be forgotten".to_owned());
    }
    let told = joined(list_members(value).filter_map(alternative), "; ");
    (!told.is_empty()).then(|| format!("also available over {told}"))
}

fn alternative(member: &[u8]) -> Option<String> {
    let Alternative { protocol, authority, parameters, .. } = Alternative::parse(member)?;
    let protocol = match &percent_decode(protocol)[..] {
        b"h2" => "HTTP/2".to_owned(),
        b"h2c" => "HTTP/2 without TLS".to_owned(),
        b"http/1.1" => "HTTP/1.1".to_owned(),
        [b'h', b'3', b'-', draft @ ..] => format!("a draft of HTTP/3 ({})", shown(draft)),
        b"h3" => "HTTP/3".to_owned(),
        other => shown(other),
    };
    let place = match authority.strip_prefix(b":") {
        Some(port) => format!("port {} of this host", shown(port)),
        None => shown(&authority),
    };
    let seconds = parameters.iter().find(|one| one.is("ma")).and_then(|one| saturating(&one.text()));
    // RFC 7838 §3.1.
    let life = span(seconds.unwrap_or(86_400));
    let persists = parameters.iter().any(|one| one.is("persist") && one.text() == b"1");
    let persists = if persists { ", after a change of network too" } else { "" };
    Some(format!("{protocol} at {place} for {life}{persists}"))
}

/// Speculation-Rules: where the rules are.
pub(super) fn speculation_rules(value: &[u8]) -> Option<String> {
    let list = structured::list(value)?.value;
    let urls = items(&list).filter(|item| item.bare.kind == Type::String).map(|item| bare(&item.bare));
    let told = joined(urls, ", ");
    (!told.is_empty()).then(|| format!("the rules for loading pages ahead are in {told}"))
}
