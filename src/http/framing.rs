//! Where a response's content ends (RFC 9112 §6.3), and whether the connection
//! lives on (RFC 9112 §9.3).

use super::content_length::ContentLength;
use super::response::{ResponseHead, Version};

/// How the end of a message's content is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// There is no content: a response to HEAD, 1xx, 204, 304, a tunnel.
    NoBody,
    /// By the last chunk of the chunked coding.
    Chunked,
    /// After this many bytes.
    Length(u64),
    /// By the end of the connection.
    UntilClose,
}

impl Framing {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoBody => "none",
            Self::Chunked => "chunked",
            Self::Length(_) => "content-length",
            Self::UntilClose => "close",
        }
    }
}

/// A response's framing, and why it is that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Framed {
    /// How the end of the content is found.
    pub framing: Framing,
    /// The rule that decided, as RFC 9112 §6.3 numbers them.
    pub rule: &'static str,
    /// Content-Length decided, and cannot be relied on: the content is shown up
    /// to the end of the connection, and the message is in error.
    pub is_unreliable: bool,
}

impl Framed {
    /// What `rule`, none of the RFC's, leaves to the end of the connection.
    pub fn until_close(rule: &'static str) -> Self {
        Self { framing: Framing::UntilClose, rule, is_unreliable: false }
    }
}

/// The framing of a response to a request with `method`, by the steps of
/// RFC 9112 §6.3 in their order.
pub fn response_framing(method: &[u8], head: &ResponseHead) -> Framed {
    let status = head.status();
    let framed = |framing, rule| Framed { framing, rule, is_unreliable: false };
    // 1. No content whatever the fields say; 101 makes it another protocol.
    if method == b"HEAD" || (100..200).contains(&status) || matches!(status, 204 | 304) {
        return framed(Framing::NoBody, "RFC 9112 §6.3 item 1");
    }
    // 2. What follows is the tunnel's.
    if method == b"CONNECT" && (200..300).contains(&status) {
        return framed(Framing::NoBody, "RFC 9112 §6.3 item 2");
    }
    // 3. and 4. Transfer-Encoding overrides Content-Length; chunked must be last.
    let codings = &head.transfer_codings;
    if codings.apply() {
        return if codings.is_chunked() {
            framed(Framing::Chunked, "RFC 9112 §6.3 item 4, chunked is the last transfer coding")
        } else {
            framed(Framing::UntilClose, "RFC 9112 §6.3 item 4, chunked is not the last transfer coding")
        };
    }
    match head.content_length {
        // 5. An unrecoverable error; but the user is to see what came.
        ContentLength::Invalid(_) | ContentLength::Conflict(_) => Framed {
            framing: Framing::UntilClose,
            rule: "RFC 9112 §6.3 item 5, Content-Length cannot be relied on",
            is_unreliable: true,
        },
        // 6.
        ContentLength::Valid { length, .. } => framed(Framing::Length(length), "RFC 9112 §6.3 item 6"),
        // 8. (7. is about requests.)
        ContentLength::Absent => framed(Framing::UntilClose, "RFC 9112 §6.3 item 8"),
    }
}

/// Whether a connection can carry another request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persistence {
    /// The connection can carry another request.
    Keep,
    /// The connection has to be closed; why.
    Close(&'static str),
}

/// Whether a connection persists after this exchange (RFC 9112 §9.3), given
/// that the response's content has been read to its end. `request_closes`: the
/// request said `Connection: close`.
pub fn persistence(
    request_version: Version,
    request_closes: bool,
    head: &ResponseHead,
    framed: Framed,
) -> Persistence {
    let fields = &head.fields;
    if request_closes {
        return Persistence::Close("the request said Connection: close");
    }
    if fields.has_member("connection", "close") {
        return Persistence::Close("the response says Connection: close");
    }
    if framed.framing == Framing::UntilClose {
        return Persistence::Close("the end of the connection is the end of the body");
    }
    if head.status() == 101 {
        return Persistence::Close("the connection has another protocol now");
    }
    if head.transfer_codings.offset.is_some() && head.content_length != ContentLength::Absent {
        return Persistence::Close("the response has both Content-Length and Transfer-Encoding");
    }
    let is_old = head.status_line.version.is_below_11() || request_version.is_below_11();
    if is_old && !fields.has_member("connection", "keep-alive") {
        return Persistence::Close("HTTP/1.0 without Connection: keep-alive");
    }
    Persistence::Keep
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::content_length::{TOO_LARGE, content_length};
    use crate::http::response::parse_head;

    fn head(lines: &str) -> ResponseHead {
        let bytes = format!("{lines}\r\n\r\n").replace('|', "\r\n");
        parse_head(bytes.as_bytes()).expect("a head").expect("whole").1
    }

    fn framing(method: &str, lines: &str) -> Framing {
        response_framing(method.as_bytes(), &head(lines)).framing
    }

    #[test]
    fn the_steps_of_the_rfc_in_their_order() {
        for (method, lines, expected) in [
            ("HEAD", "HTTP/1.1 200 OK|Content-Length: 5", Framing::NoBody),
            ("GET", "HTTP/1.1 204 No Content|Transfer-Encoding: chunked", Framing::NoBody),
            ("GET", "HTTP/1.1 304 Not Modified|Content-Length: 5", Framing::NoBody),
            ("GET", "HTTP/1.1 101 Switching Protocols", Framing::NoBody),
            ("CONNECT", "HTTP/1.1 200 OK|Content-Length: 5", Framing::NoBody),
            ("CONNECT", "HTTP/1.1 407 No|Content-Length: 5", Framing::Length(5)),
            ("GET", "HTTP/1.1 200 OK|Content-Length: 3|Transfer-Encoding: chunked", Framing::Chunked),
            ("GET", "HTTP/1.1 200 OK|Transfer-Encoding: gzip, chunked", Framing::Chunked),
            ("GET", "HTTP/1.1 200 OK|Transfer-Encoding: gzip|Transfer-Encoding: Chunked", Framing::Chunked),
            ("GET", "HTTP/1.1 200 OK|Transfer-Encoding: chunked, gzip", Framing::UntilClose),
            ("GET", "HTTP/1.1 200 OK|Transfer-Encoding: \"chunked\"", Framing::UntilClose),
            ("GET", "HTTP/1.1 200 OK|Transfer-Encoding: identity|Content-Length: 2", Framing::Length(2)),
            ("GET", "HTTP/1.1 200 OK|Transfer-Encoding: identity, chunked", Framing::Chunked),
            ("GET", "HTTP/1.1 200 OK|Transfer-Encoding: chunked;q=1", Framing::Chunked),
            ("GET", "HTTP/1.1 200 OK|Content-Length: 5", Framing::Length(5)),
            ("GET", "HTTP/1.1 200 OK|Content-Length: 99999999999999999999", Framing::Length(TOO_LARGE)),
            ("GET", "HTTP/1.1 200 OK", Framing::UntilClose),
        ] {
            assert_eq!(framing(method, lines), expected, "{method} {lines}");
        }
    }

    #[test]
    fn a_content_length_that_cannot_be_relied_on_is_said_to_be() {
        for value in ["+5", "0x5", "", "5.0", "5 5", "5,", "-5", "5;"] {
            let framed = response_framing(b"GET", &head(&format!("HTTP/1.1 200 OK|Content-Length: {value}")));
            assert_eq!((framed.framing, framed.is_unreliable), (Framing::UntilClose, true), "{value}");
        }
        let conflict = head("HTTP/1.1 200 OK|Content-Length: 5|Content-Length: 6");
        assert_eq!(content_length(&conflict.fields), ContentLength::Conflict(36));
        let repeated = content_length(&head("HTTP/1.1 200 OK|Content-Length: 05, 5").fields);
        let expected = ContentLength::Valid { length: 5, members: 2, has_leading_zero: true };
        assert_eq!(repeated, expected);
    }

    #[test]
    fn persistence_follows_both_sides() {
        let keeps = |lines: &str| {
            let head = head(lines);
            let framed = response_framing(b"GET", &head);
            persistence(Version::HTTP_11, false, &head, framed) == Persistence::Keep
        };
        assert!(keeps("HTTP/1.1 200 OK|Content-Length: 0"));
        assert!(!keeps("HTTP/1.1 200 OK|Content-Length: 0|Connection: x, Close"));
        assert!(!keeps("HTTP/1.1 200 OK"));
        assert!(!keeps("HTTP/1.0 200 OK|Content-Length: 0"));
        assert!(keeps("HTTP/1.0 200 OK|Content-Length: 0|Connection: keep-alive"));
        assert!(!keeps("HTTP/1.1 200 OK|Content-Length: 0|Transfer-Encoding: chunked"));
    }
}
