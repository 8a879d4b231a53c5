//! What no single exchange shows: it is found where responses are compared
//! ([`crate::report::compare`]), and told with the last exchange of the comparison.

use super::finding::{Finding, Side};
use super::rule::{Rule, rows};

/// A response varies by a field of the request, and its Vary does not say so.
const VARY_MISSING: &str = "vary-missing";

pub(super) const RULES: &[Rule] = VARY;

const VARY: &[Rule; 1] = rows![warn(
    VARY_MISSING,
    "RFC 9110 §12.5.5",
    "the response varies by a field that its Vary does not name: caches give it to requests that it is not for",
    |_, _| (),
)];

/// The finding that the response varies by the fields `names`, and Vary does not say so.
pub(in crate::report) fn vary_missing(names: &str) -> Finding {
    let [rule] = VARY;
    let message = format!("the response varies by {names}, but Vary does not say so");
    Finding {
        id: rule.id(),
        severity: rule.severity(),
        side: Side::Response,
        offset: 0,
        message,
        spec: rule.spec(),
    }
}
