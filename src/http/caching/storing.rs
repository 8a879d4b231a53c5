//! Whether a cache may store a response (RFC 9111 §3).

use super::{CacheKind, Exchanged, Obstacle};
use crate::http::cache_directives::{DirectiveScope, Directives, Seconds};
use crate::http::reference;
use crate::http::status::{is_heuristically_cacheable, is_never_stored, is_registered};

/// The conditions of §3, in its order.
pub(super) fn storing(
    exchanged: &Exchanged<'_>,
    kind: CacheKind,
    directives: &Directives,
) -> Result<(), Obstacle> {
    let is_shared = kind != CacheKind::Private;
    let status = exchanged.status;
    method(exchanged, directives)?;
    if status < 200 {
        return Err(Obstacle::Interim);
    }
    if is_never_stored(status) {
        return Err(Obstacle::Status);
    }
    if exchanged.is_discarded {
        return Err(Obstacle::Discarded);
    }
    if !exchanged.is_whole && (exchanged.method, status) != (b"GET", 200) {
        return Err(Obstacle::Incomplete);
    }
    if directives.must_understand && !is_registered(status) {
        return Err(Obstacle::NotUnderstood);
    }
    if Directives::of(exchanged.request).no_store {
        return Err(Obstacle::AskedNoStore);
    }
    // A cache that understands the status code ignores no-store if must-understand is there too (§5.2.2.3).
    if directives.no_store && !directives.must_understand {
        return Err(Obstacle::NoStore);
    }
    if is_shared && directives.private == DirectiveScope::All {
        return Err(Obstacle::Private);
    }
    if is_shared && exchanged.request.has("authorization") && !directives.lets_share() {
        return Err(Obstacle::Authorization);
    }
    let is_allowed = status == 304
        || directives.public
        || !is_shared && directives.private != DirectiveScope::Nothing
        || kind != CacheKind::Targeted && exchanged.response.has("expires")
        || directives.max_age != Seconds::Absent
        || is_shared && directives.shared_max_age != Seconds::Absent
        || is_heuristically_cacheable(status);
    if is_allowed { Ok(()) } else { Err(Obstacle::NothingAllows) }
}

/// RFC 9110 §9.2.3, §9.3.3; RFC 5789 §2; RFC 10008 (QUERY).
fn method(exchanged: &Exchanged<'_>, directives: &Directives) -> Result<(), Obstacle> {
    match exchanged.method {
        b"GET" | b"HEAD" | b"QUERY" => Ok(()),
        b"POST" | b"PATCH" => {
            let is_said = directives.max_age != Seconds::Absent
                || directives.shared_max_age != Seconds::Absent
                || exchanged.response.has("expires");
            let location = exchanged.response.value("content-location");
            let is_target = location
                .is_some_and(|location| reference::resolve(exchanged.target, location) == exchanged.target);
            if is_said && is_target { Ok(()) } else { Err(Obstacle::NotForGet) }
        }
        _ => Err(Obstacle::Method),
    }
}
