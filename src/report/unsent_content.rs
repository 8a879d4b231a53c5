//! Content that a request announces and does not have, since it was not due.

use super::exchange::SentRequest;
use crate::http::content_length::{ContentLength, content_length};
use crate::http::request_ends::chunked_length;
use crate::http::response::ResponseHead;

/// Whether the content that `request` lacks was not due (RFC 9110 §10.1.1): it waits for a
/// 100 (Continue), and the final response, `head`, came without one; or, of a request that
/// was sent in another run, the server refused it and closed.
pub(super) fn is_not_due(
    request: &SentRequest,
    interim: &[ResponseHead],
    head: &ResponseHead,
    is_replayed: bool,
) -> bool {
    let is_waiting = request.body_bytes == 0
        && request.fields.has_member("expect", "100-continue")
        && !interim.iter().any(|head| head.status() == 100);
    let closes = head.status_line.version.is_below_11() || head.fields.has_member("connection", "close");
    // 400 and 408 may be about the very length.
    let refuses = matches!(head.status(), 401..=407 | 409..=599);
    is_waiting || is_replayed && closes && refuses && is_short(request)
}

/// Whether less content is there than the head announces.
fn is_short(request: &SentRequest) -> bool {
    match content_length(&request.fields) {
        ContentLength::Valid { length, .. } => request.body_bytes < length,
        _ => request.fields.has("transfer-encoding") && chunked_length(&request.body).is_none(),
    }
}
