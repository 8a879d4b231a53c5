//! What intermediaries say: Via, Cache-Status (RFC 9211), Proxy-Status (RFC 9209), Age.

use super::super::span::span;
use super::item::{bare, has, integer, items, joined, of, parameter, shown};
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

const FORWARDED: [(&str, &str); 8] = [
    ("bypass", "its configuration says so"),
    ("method", "the method is not served from the cache"),
    ("uri-miss", "nothing was stored for the URI"),
    ("vary-miss", "the stored response is for other request fields (Vary)"),
    ("miss", "nothing stored fits"),
    ("request", "the request asked for that"),
    ("stale", "the stored response is stale"),
    ("partial", "only a part was stored"),
];

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
        let reason = of(&FORWARDED, why.text).map_or_else(|| bare(&why), str::to_owned);
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

const ERRORS: [(&str, &str); 32] = [
    ("dns_timeout", "the name was not resolved in time"),
    ("dns_error", "the name was not resolved"),
    ("destination_not_found", "it knows no server for the request"),
    ("destination_unavailable", "the server is known to be unavailable"),
    ("destination_ip_prohibited", "the server's address is not allowed"),
    ("destination_ip_unroutable", "there is no route to the server"),
    ("connection_refused", "the server refused the connection"),
    ("connection_terminated", "the connection to the server ended before the response"),
    ("connection_timeout", "connecting to the server took too long"),
    ("connection_read_timeout", "the server sent nothing for too long"),
    ("connection_write_timeout", "the server took no data for too long"),
    ("connection_limit_reached", "it has as many connections to the server as it may"),
    ("tls_protocol_error", "TLS with the server failed"),
    ("tls_certificate_error", "the server's certificate did not verify"),
    ("tls_alert_received", "the server sent a TLS alert"),
    ("http_request_error", "it refuses the request as malformed"),
    ("http_request_denied", "it may not forward the request"),
    ("http_response_incomplete", "the server's response was cut short"),
    ("http_response_header_section_size", "the response's head was too large"),
    ("http_response_header_size", "a field of the response was too large"),
    ("http_response_body_size", "the response's content was too large"),
    ("http_response_trailer_section_size", "the response's trailer section was too large"),
    ("http_response_trailer_size", "a trailer field of the response was too large"),
    ("http_response_transfer_coding", "the response's transfer coding could not be undone"),
    ("http_response_content_coding", "the response's content coding could not be undone"),
    ("http_response_timeout", "the response took too long"),
    ("http_upgrade_failed", "the upgrade failed"),
    ("http_protocol_error", "the server broke HTTP"),
    ("proxy_internal_response", "it made the response itself"),
    ("proxy_internal_error", "something went wrong inside it"),
    ("proxy_configuration_error", "its configuration is wrong"),
    ("proxy_loop_detected", "the request came to it a second time"),
];

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
        told.push(of(&ERRORS, error.text).map_or_else(|| format!("error {}", bare(&error)), str::to_owned));
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
