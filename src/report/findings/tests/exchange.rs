//! An exchange made of a request and the bytes that came back.

use crate::report::exchange::Exchange;
use crate::report::findings::test_support::authority_and_target;
use crate::report::test_exchange;

/// The exchange in which `request` (see [`super`]) got the response `bytes`.
pub(super) fn build(request: &str, bytes: &[u8]) -> Exchange {
    let (mut method, mut version, mut url) = ("GET", "HTTP/1.1", "http://example.com/dir/page?q");
    let mut lines = String::from("User-Agent: rawget\r\nAccept: */*\r\nConnection: close\r\n");
    for piece in request.split('|').filter(|piece| !piece.is_empty()) {
        match piece {
            _ if piece.starts_with("HTTP/") => version = piece,
            _ if piece.contains("://") && !piece.contains(' ') => url = piece,
            _ if piece.contains(':') => lines += &format!("{piece}\r\n"),
            _ => method = piece,
        }
    }
    let (authority, target) = authority_and_target(url);
    let head = format!("{method} {target} {version}\r\nHost: {authority}\r\n{lines}\r\n");
    test_exchange::exchange(url, head.as_bytes(), bytes)
}
