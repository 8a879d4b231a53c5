//! What caches may do with a response, as JSON.

use super::object::object;
use serde_json::{Value, json};

use super::text;
use crate::http::caching::{Leave, StoredAs, Validation, Validator, Vary};
use crate::report::explain::caching::{obstacle, source, why};
use crate::report::record::Record;

/// The verdict on the final response; null where there is none.
pub(super) fn verdict(record: &Record) -> Value {
    let exchange = &record.exchange;
    let Some(verdict) = exchange.caching(record.received()) else { return Value::Null };
    let status = exchange.status().unwrap_or(0);
    let of = |leave: &Leave| leave_of(leave, &exchange.request.method, status, verdict.age.seconds());
    let vary = match &verdict.vary {
        Vary::Nothing => json!([]),
        Vary::Fields(names) => names.iter().map(|name| json!(text(name))).collect(),
        Vary::Anything => json!(["*"]),
    };
    let validator = match verdict.validator {
        Validator::EntityTag => Some("etag"),
        Validator::LastModified => Some("last-modified"),
        Validator::Nothing => None,
    };
    let stored_as = match verdict.role {
        StoredAs::Stored => "response",
        StoredAs::StoredForGet => "response to GET",
        StoredAs::StoredForContent => "response to this content",
        StoredAs::Part => "part",
        StoredAs::Incomplete => "incomplete",
        StoredAs::Freshens => "update",
    };
    object!({
        "stored_as": stored_as,
        "private": of(&verdict.private),
        "shared": of(&verdict.shared),
        "cdn": verdict.targeted.as_ref().map(of),
        "age": verdict.age.said,
        "age_by_date": verdict.age.apparent,
        "vary": vary,
        "validator": validator,
    })
}

fn leave_of(leave: &Leave, method: &[u8], status: u16, age: u64) -> Value {
    if let Err(reason) = leave.storing {
        return object!({"store": false, "why": obstacle(reason, method, status)});
    }
    let (when, reason) = match leave.validation {
        Validation::Always(reason) => ("always", Some(why(reason))),
        Validation::OnceStale(reason) => ("once stale", Some(why(reason))),
        Validation::Usually => ("once stale, if reachable", None),
    };
    let names = |names: &[Vec<u8>]| names.iter().map(|name| text(name)).collect::<Vec<_>>();
    object!({
        "store": true,
        "must_understand": leave.must_understand,
        "lifetime": leave.lifetime.seconds,
        "lifetime_from": source(leave.lifetime.source),
        "left": leave.lifetime.seconds.map(|seconds| seconds.saturating_sub(age)),
        "validate": when,
        "validate_from": reason,
        "left_out": names(&leave.left_out),
        "withheld": names(&leave.withheld),
        "stale_while_revalidate": leave.while_revalidating,
        "stale_if_error": leave.if_error,
        "immutable": leave.is_immutable,
    })
}
