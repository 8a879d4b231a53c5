//! What no single response can show: that it varies by a field of the request,
//! and its Vary does not say so.

use super::answer::Answer;
use crate::http::cache_control::CacheControl;
use crate::http::request::UserField;

/// The finding's name, and what says that it is one.
pub(in crate::report) const ID: &str = "vary-missing";
pub(in crate::report) const SPEC: &str = "RFC 9110 §12.5.5";

/// Fields by which no cache has to be told that a response varies: they are about the
/// connection, the content sent, what is asked of caches, or are known to all of them.
const KNOWN: [&str; 20] = [
    "authorization",
    "proxy-authorization",
    "host",
    "connection",
    "proxy-connection",
    "keep-alive",
    "te",
    "transfer-encoding",
    "upgrade",
    "trailer",
    "expect",
    "max-forwards",
    "cache-control",
    "pragma",
    "range",
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
    "if-range",
];

/// The names of the fields in which a variant's request differs, if a response that a
/// cache may keep varies by them and does not say so. `lines` is the variant.
pub(in crate::report) fn missing(base: &Answer, variant: &Answer, lines: &str) -> Vec<String> {
    let names = lines.lines().filter_map(|line| UserField::parse(line.as_bytes()));
    let mut names: Vec<_> = names.map(|field| String::from_utf8_lossy(field.name()).into_owned()).collect();
    names.dedup_by(|one, other| one.eq_ignore_ascii_case(other));
    let is_known = |name: &String| {
        let name = name.to_ascii_lowercase();
        KNOWN.contains(&&name[..]) || name.starts_with("content-")
    };
    let says = |answer: &Answer, name: &str| {
        answer
            .fields
            .members("vary")
            .any(|member| member == b"*" || member.eq_ignore_ascii_case(name.as_bytes()))
    };
    let hides =
        |name: &String| [base, variant].iter().any(|answer| may_be_kept(answer) && !says(answer, name));
    names.into_iter().filter(|name| !is_known(name) && hides(name)).collect()
}

/// Whether a cache that many share may keep it (RFC 9111 §3).
fn may_be_kept(answer: &Answer) -> bool {
    /// Those that may be kept though nothing says so (RFC 9110 §15.1).
    const HEURISTIC: [u16; 11] = [200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501];
    let control = CacheControl::of(&answer.fields);
    let is_said = ["max-age", "s-maxage", "public"].iter().any(|name| control.has(name))
        || answer.fields.has("expires");
    let is_final =
        answer.status.is_some_and(|status| HEURISTIC.contains(&status) || is_said && status != 206);
    let is_safe = matches!(&answer.method[..], b"GET" | b"HEAD");
    is_safe && is_final && !control.has("no-store") && !control.has_plain("private")
}
