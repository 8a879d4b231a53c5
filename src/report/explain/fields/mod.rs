//! What a field line means, in words: functions from its value, a file for each kind of
//! field. A line whose meaning is the value itself gets none.

mod caches;
mod cookie;
mod future;
mod item;
mod links;
mod meanings;
mod message;
mod proxies;
mod reporting;
mod request;
mod security;
mod signature;

use crate::http::date;
use crate::http::field::{FieldLine, FieldSection};
use crate::report::exchange::Exchange;
use crate::report::redact;

pub(super) use request::of_request;

/// What a value means by itself; `None` where it cannot be read.
type Meaning = fn(&[u8]) -> Option<String>;

/// The fields whose value alone tells what they mean.
const BY_VALUE: [(&str, Meaning); 61] = [
    ("accept-ch", future::client_hints),
    ("accept-patch", |value| message::listed("PATCH takes ", value)),
    ("accept-post", |value| message::listed("POST takes ", value)),
    ("accept-query", message::accept_query),
    ("accept-ranges", message::accept_ranges),
    ("access-control-allow-credentials", message::cors_credentials),
    ("access-control-allow-headers", |value| message::listed("pages of other origins may send ", value)),
    ("access-control-allow-methods", |value| message::listed("pages of other origins may use ", value)),
    ("access-control-allow-origin", message::cors_origin),
    ("access-control-expose-headers", |value| message::listed("scripts of other origins may read ", value)),
    ("access-control-max-age", message::cors_max_age),
    ("age", caches::age),
    ("allow", message::allow),
    ("alt-svc", links::alternatives),
    ("cache-groups", |value| caches::groups("in cache groups: ", value)),
    ("cache-status", proxies::cache_status),
    ("clear-site-data", security::clear_site_data),
    ("content-digest", |value| signature::digests(value, "the content as it is sent")),
    ("content-encoding", message::content_encoding),
    ("content-language", |value| message::listed("for readers of ", value)),
    ("content-range", message::content_range),
    ("content-security-policy", security::content_security),
    ("content-security-policy-report-only", |value| {
        security::only_reported(security::content_security(value))
    }),
    ("content-type", |_| Some(String::new())),
    ("critical-ch", future::critical_hints),
    ("cross-origin-embedder-policy", security::embedder_policy),
    ("cross-origin-embedder-policy-report-only", |value| {
        security::only_reported(security::embedder_policy(value))
    }),
    ("cross-origin-opener-policy", security::opener_policy),
    ("cross-origin-opener-policy-report-only", |value| {
        security::only_reported(security::opener_policy(value))
    }),
    ("cross-origin-resource-policy", security::resource_policy),
    ("deprecation", future::deprecation),
    ("etag", caches::etag),
    ("integrity-policy", security::integrity),
    ("integrity-policy-report-only", |value| security::only_reported(security::integrity(value))),
    ("keep-alive", message::keep_alive),
    ("link", links::links),
    ("nel", reporting::network_errors),
    ("no-vary-search", caches::no_vary_search),
    ("origin-agent-cluster", security::agent_cluster),
    ("permissions-policy", security::permissions),
    ("pragma", caches::pragma),
    ("preference-applied", |value| message::listed("done as preferred: ", value)),
    ("priority", future::priority),
    ("proxy-authenticate", message::challenges),
    ("proxy-status", proxies::proxy_status),
    ("referrer-policy", security::referrer_policy),
    ("refresh", message::refresh),
    ("report-to", reporting::report_to),
    ("reporting-endpoints", reporting::endpoints),
    ("repr-digest", |value| signature::digests(value, "the whole representation")),
    ("retry-after", future::retry_after),
    ("server-timing", future::server_timing),
    ("signature", signature::signatures),
    ("signature-input", signature::input),
    ("speculation-rules", links::speculation_rules),
    ("sunset", future::sunset),
    ("timing-allow-origin", message::timing_origin),
    ("use-as-dictionary", future::dictionary),
    ("vary", caches::vary),
    ("via", proxies::via),
    ("www-authenticate", message::challenges),
];

/// The fields that browsers take only from an origin that is potentially trustworthy, each by its
/// definition.
const SECURE_ALONE: [&str; 11] = [
    "accept-ch",
    "clear-site-data",
    "critical-ch",
    "cross-origin-embedder-policy",
    "cross-origin-embedder-policy-report-only",
    "cross-origin-opener-policy",
    "cross-origin-opener-policy-report-only",
    "nel",
    "origin-agent-cluster",
    "report-to",
    "reporting-endpoints",
];
/// What is said of a field that counts for nothing without TLS.
const OVER_HTTPS: &str = "ignored: it counts over https only";

/// What `line` of a response's head or trailer section means; `received` is the time of
/// receipt in seconds since 1970, where it is known.
pub(super) fn of_response(
    line: FieldLine<'_>,
    fields: &FieldSection,
    exchange: &Exchange,
    received: Option<i64>,
) -> Option<String> {
    if redact::is_starred(line) {
        return None;
    }
    let name = String::from_utf8_lossy(line.name).to_ascii_lowercase();
    let value = line.value;
    match &name[..] {
        "cache-control" => caches::cache_control(fields),
        "cache-group-invalidation" => caches::invalidation(value, &exchange.request.method),
        "cdn-cache-control" => caches::targeted(fields),
        "connection" => message::other_connection(value, exchange),
        "content-disposition" => Some(message::disposition(value, fields)),
        "content-length" => Some(message::content_length(exchange)),
        "expires" => caches::expires(value, fields),
        "last-modified" => caches::last_modified(value, fields),
        "location" => message::location(value, exchange),
        "set-cookie" => {
            let made = fields.value("date").and_then(date::parse).map(|date| date.seconds);
            Some(cookie::set_cookie(value, &exchange.url, received.or(made)))
        }
        "strict-transport-security" => Some(security::hsts(value, &exchange.url)),
        "trailer" => message::trailer(value, exchange),
        "transfer-encoding" => Some(message::transfer_encoding(exchange)),
        "upgrade" => message::upgrade(value, exchange.status()?),
        "x-content-type-options" => security::nosniff(value),
        "x-frame-options" => security::frame_options(value),
        "access-control-allow-headers" | "access-control-allow-methods" | "access-control-max-age"
            if exchange.request.method != b"OPTIONS" =>
        {
            Some("ignored: used only in the response to a preflight".to_owned())
        }
        name => {
            let words = by_value(name, value)?;
            let is_ignored = SECURE_ALONE.contains(&name) && !exchange.url.is_trustworthy();
            Some(if is_ignored { OVER_HTTPS.to_owned() } else { words })
        }
    }
}

fn by_value(name: &str, value: &[u8]) -> Option<String> {
    let (_, words) = BY_VALUE.iter().find(|(known, _)| *known == name)?;
    words(value)
}

#[cfg(test)]
mod tests;
