//! What intermediaries say: Via, Cache-Status (RFC 9211), Proxy-Status (RFC 9209), Age.

use super::super::span::span;
use super::item::{bare, has, integer, items, joined, parameter, shown};
use super::meanings;
use crate::http::structured::{self, Item};
use crate::http::via as grammar;

/// The ways that it came, the nearest to the server first.
pub(super) fn via(value: &[u8]) -> Option<String> {
    let members = grammar::members(value);
    let hops = members.iter().filter(|member| grammar::is_member(member)).map(|member| {
        let mut words = member.split(|byte| matches!(byte, b' ' | b'\t')).filter(|word| !word.is_empty());
        let protocol = words.next().unwrap_or_default();
        let by = words.next().unwrap_or_default();
        let name = if protocol.contains(&b'/') { "" } else { "HTTP/" };
        format!("{} (over {name}{})", shown(by), shown(protocol))
    });
    let told = joined(hops, ", then ");
    (!told.is_empty()).then(|| format!("came through {told}"))
}

/// What each cache did, the nearest to the server first.
pub(super) fn cache_status(value: &[u8]) -> Option<String> {
    let list = structured::list(value)?.value;
    let told = joined(items(&list).map(|cache| format!("{}: {}", bare(&cache.bare), cached(cache))), "; ");
    (!told.is_empty()).then_some(told)
}

fn cached(cache: &Item<'_>) -> String {
    let parameters = &cache.parameters;
    let mut told = Vec::new();
    if has(parameters, "hit") {
        told.push("served from its stored response".to_owned());
    } else if let Some(why) = parameter(parameters, "fwd") {
        let reason = meanings::FORWARDED.of(why.text).map_or_else(|| bare(&why), str::to_owned);
        told.push(format!("forwarded, since {reason}"));
    }
    if let Some(status) = integer(parameters, "fwd-status") {
        told.push(format!("the next hop's status was {status}"));
    }
    match integer(parameters, "ttl") {
        Some(seconds) if seconds < 0 => told.push(format!("stale for {}", span(seconds.unsigned_abs()))),
        Some(seconds) => told.push(format!("fresh for {}", span(seconds.unsigned_abs()))),
        None => {}
    }
    let flags = [("stored", "stored it"), ("collapsed", "one forwarded request served several")];
    told.extend(flags.iter().filter(|(key, _)| has(parameters, key)).map(|(_, what)| (*what).to_owned()));
    told.extend(parameter(parameters, "key").map(|key| format!("under the key {}", bare(&key))));
    told.extend(parameter(parameters, "detail").map(|detail| format!("detail {}", bare(&detail))));
    if told.is_empty() { "took part, without details".to_owned() } else { told.join(", ") }
}

/// What each proxy met, the nearest to the server first.
pub(super) fn proxy_status(value: &[u8]) -> Option<String> {
    let list = structured::list(value)?.value;
    let told = joined(items(&list).map(|proxy| format!("{}: {}", bare(&proxy.bare), proxied(proxy))), "; ");
    (!told.is_empty()).then_some(told)
}

fn proxied(proxy: &Item<'_>) -> String {
    let parameters = &proxy.parameters;
    let mut told = Vec::new();
    if let Some(error) = parameter(parameters, "error") {
        told.push(
            meanings::ERRORS.of(error.text).map_or_else(|| format!("error {}", bare(&error)), str::to_owned),
        );
    }
    for (key, what) in [
        ("received-status", "got the status"),
        ("status-code", "got the status"),
        ("next-hop", "the next hop is"),
        ("next-protocol", "reached over"),
        ("rcode", "DNS said"),
        ("alert-id", "the TLS alert is"),
        ("alert-message", "the TLS alert is"),
        ("details", "details:"),
    ] {
        told.extend(parameter(parameters, key).map(|value| format!("{what} {}", bare(&value))));
    }
    if told.is_empty() { "took part, without details".to_owned() } else { told.join(", ") }
}
