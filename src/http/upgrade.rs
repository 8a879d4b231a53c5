//! 101 (Switching Protocols): whether what it switches to was requested
//! (RFC 9110 §7.8, §15.2.2).

use super::field::FieldSection;
use super::request_line::fields;
use super::response::ResponseHead;

/// Whether `head` switches to what the request in `request` did not offer.
pub fn is_unasked(request: &[u8], head: &ResponseHead) -> bool {
    let request = fields(request);
    let offered = members(&request);
    let asks = request.has_member("connection", "upgrade");
    let chosen = members(&head.fields);
    let is_offered = |chosen: &&[u8]| offered.iter().any(|offered| offered.eq_ignore_ascii_case(chosen));
    !asks || chosen.is_empty() || !chosen.iter().all(is_offered)
}

/// The protocols of Upgrade.
fn members(fields: &FieldSection) -> Vec<&[u8]> {
    fields.members("upgrade").filter(|member| !member.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::response::parse_head;

    #[test]
    fn only_what_was_offered_may_be_switched_to() {
        let offer = "GET / HTTP/1.1\r\nConnection: keep-alive, Upgrade\r\nUpgrade: a/1, websocket\r\n\r\n";
        for (request, upgrade, unasked) in [
            (offer, "websocket", false),
            (offer, "WebSocket", false),
            (offer, "b", true),
            (offer, "", true),
            ("GET / HTTP/1.1\r\nUpgrade: b\r\n\r\n", "b", true),
            ("GET / HTTP/1.1\r\n\r\nUpgrade: b\r\nConnection: upgrade\r\n", "b", true),
        ] {
            let head = format!("HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: {upgrade}\r\n\r\n");
            let head = parse_head(head.as_bytes()).ok().flatten().expect("a head").1;
            assert_eq!(is_unasked(request.as_bytes(), &head), unasked, "{request} {upgrade}");
        }
    }
}
