//! What no single response can show: that it varies by a field of the request,
//! and its Vary does not say so.

use super::response::ComparedResponse;
use crate::http::caching::{self, Exchanged, StoredAs};
use crate::http::request::UserField;
use crate::report::request_reading;

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
pub(in crate::report) fn missing(
    base: &ComparedResponse,
    variant: &ComparedResponse,
    lines: &str,
) -> Vec<String> {
    let names = lines.lines().filter_map(|line| UserField::parse(line.as_bytes()));
    let mut names: Vec<_> = names.map(|field| String::from_utf8_lossy(field.name()).into_owned()).collect();
    names.dedup_by(|one, other| one.eq_ignore_ascii_case(other));
    let is_known = |name: &String| {
        let name = name.to_ascii_lowercase();
        KNOWN.contains(&&name[..]) || name.starts_with("content-")
    };
    let says = |response: &ComparedResponse, name: &str| {
        response
            .fields
            .members("vary")
            .any(|member| member == b"*" || member.eq_ignore_ascii_case(name.as_bytes()))
    };
    let hides =
        |name: &String| [base, variant].iter().any(|response| may_be_kept(response) && !says(response, name));
    names.into_iter().filter(|name| !is_known(name) && hides(name)).collect()
}

/// Whether a cache that many share may store it (RFC 9111 §3).
fn may_be_kept(response: &ComparedResponse) -> bool {
    let Some(status) = response.status else { return false };
    let verdict = caching::verdict(&Exchanged {
        method: &response.method,
        target: b"",
        request: &request_reading::read_parts(&response.request, &[], 0).fields,
        status,
        response: &response.fields,
        is_whole: response.error.is_none(),
        is_discarded: false,
        received: None,
    });
    verdict.role == StoredAs::Stored && verdict.shared.storing.is_ok()
}
