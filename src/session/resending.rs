//! Whether a request may be sent once more on a new connection, where a kept one ended without a
//! response.

use crate::http::request_line::is_safe;
use crate::plan::{Manners, PlannedRequest, RequestContent};

/// Why a request of which the server has taken `written` bytes may not be sent once more
/// (RFC 9112 §9.3.1, RFC 9110 §9.2.2).
pub(super) fn why_not_again(
    request: &PlannedRequest,
    written: u64,
    manners: Manners,
) -> Option<&'static str> {
    if is_spent(&request.content) {
        return Some("its content can be read only once");
    }
    // Nobody acts on a head that is not whole; that of raw bytes may hold whole requests.
    let has_head = written >= if request.is_raw { 1 } else { request.head.len() as u64 };
    let is_safe = !has_head || is_idempotent(&request.method) || manners.sends_again(request);
    (!is_safe).then_some("the server may have acted on it")
}

/// Whether the server may get the request twice: it can be sent again, and does then what it does once.
pub(super) fn can_come_twice(request: &PlannedRequest) -> bool {
    is_idempotent(&request.method) && !is_spent(&request.content)
}

/// Whether content that was sent cannot be sent again.
fn is_spent(content: &RequestContent) -> bool {
    match content {
        RequestContent::Stream(_) => true,
        RequestContent::Pieces { pieces, .. } => pieces.are_spent(),
        RequestContent::Bytes(_) => false,
    }
}

/// Whether asking twice does what asking once does (RFC 9110 §9.2.2).
pub(super) fn is_idempotent(method: &[u8]) -> bool {
    is_safe(method) || method == b"PUT" || method == b"DELETE"
}
