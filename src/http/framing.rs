//! Where a response's content ends (RFC 9112 §6.3), and whether the connection
//! lives on (RFC 9112 §9.3).

use super::digits::is_digits;
use super::field::{FieldLine, FieldSection};
use super::response::{ResponseHead, Version};
use super::syntax::{is_token, list_members, split_unquoted};

/// How the end of a message's content is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// There is none: a response to HEAD, 1xx, 204, 304, a tunnel.
    NoBody,
    /// The chunked coding says so.
    Chunked,
    /// After this many bytes.
    Length(u64),
    /// With the connection.
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
    /// The framing.
    pub framing: Framing,
    /// The rule that decided, as RFC 9112 §6.3 numbers them.
    pub rule: &'static str,
    /// Content-Length decided, and cannot be relied on: the content is shown up
    /// to the end of the connection, and the message is in error.
    pub is_unreliable: bool,
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

/// Every length above 2^63-1: more than can be received.
pub const TOO_LARGE: u64 = u64::MAX;

/// What the Content-Length lines say together (RFC 9110 §8.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentLength {
    /// There is none.
    Absent,
    /// One number; `length` is [`TOO_LARGE`] where it is above 2^63-1.
    Valid {
        /// The number.
        length: u64,
        /// How often it is said.
        members: usize,
        /// A member has a leading zero and more digits.
        has_leading_zero: bool,
    },
    /// A member is not a number; at this offset.
    Invalid(u64),
    /// Two numbers differ; at this offset.
    Conflict(u64),
}

/// Reads all Content-Length lines as one list. An invalid member outweighs a
/// conflict.
pub fn content_length(fields: &FieldSection) -> ContentLength {
    let mut first: Option<&[u8]> = None;
    let (mut members, mut has_leading_zero, mut conflict) = (0, false, None);
    for line in fields.all("content-length") {
        for member in list_members(line.value) {
            let Some(significant) = digits(member) else { return ContentLength::Invalid(line.offset) };
            members += 1;
            has_leading_zero |= significant.len() < member.len();
            if *first.get_or_insert(significant) != significant {
                conflict.get_or_insert(line.offset);
            }
        }
    }
    match (first, conflict) {
        (None, _) => ContentLength::Absent,
        (Some(_), Some(offset)) => ContentLength::Conflict(offset),
        (Some(digits), None) => ContentLength::Valid { length: number(digits), members, has_leading_zero },
    }
}

/// 1*DIGIT without leading zeros, of which one stays where there is nothing else.
fn digits(member: &[u8]) -> Option<&[u8]> {
    let mut digits = member;
    while let [b'0', rest @ ..] = digits
        && !rest.is_empty()
    {
        digits = rest;
    }
    is_digits(digits).then_some(digits)
}

/// The number that digits say, or [`TOO_LARGE`].
fn number(digits: &[u8]) -> u64 {
    let value =
        digits.iter().fold(0u64, |sum, digit| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0')));
    if value > i64::MAX as u64 { TOO_LARGE } else { value }
}

/// The transfer codings of all Transfer-Encoding lines, in order (RFC 9112 §6.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TransferCodings {
    /// The codings, lower-cased, parameters and empty members removed.
    pub codings: Vec<Vec<u8>>,
    /// There is a Transfer-Encoding line; the first one's offset.
    pub offset: Option<u64>,
    /// A member is empty, no token, or has a parameter.
    pub has_bad_syntax: bool,
    /// chunked has a parameter, which is an error (RFC 9112 §7.1).
    pub has_parameter_on_chunked: bool,
}

impl TransferCodings {
    /// Reads the field.
    pub fn of(fields: &FieldSection) -> Self {
        let mut read = Self::default();
        for FieldLine { value, offset, .. } in fields.all("transfer-encoding") {
            read.offset.get_or_insert(offset);
            for member in list_members(value) {
                let mut pieces = split_unquoted(member, b';');
                let coding = pieces.next().unwrap_or_default();
                let has_parameter = pieces.next().is_some();
                read.has_bad_syntax |= !is_token(coding) || has_parameter;
                read.has_parameter_on_chunked |= has_parameter && coding.eq_ignore_ascii_case(b"chunked");
                // Parameters without a name are an unknown coding.
                let coding = if coding.is_empty() { member } else { coding };
                if !coding.is_empty() {
                    read.codings.push(coding.to_ascii_lowercase());
                }
            }
        }
        read
    }

    /// Whether they override Content-Length: there is a line, and it does not say
    /// identity alone, however often.
    pub fn apply(&self) -> bool {
        let says_identity =
            !self.codings.is_empty() && self.codings.iter().all(|coding| coding == b"identity");
        self.offset.is_some() && !says_identity
    }

    /// Whether chunked is the last.
    pub fn is_chunked(&self) -> bool {
        self.codings.last().is_some_and(|last| last == b"chunked")
    }

    /// Whether chunked stands before another coding, where it ends nothing (RFC 9112
    /// §7.1). Said twice at the end, it is meant once.
    pub fn is_chunked_before(&self) -> bool {
        let mut others = self.codings.iter().rev().skip_while(|coding| *coding == b"chunked");
        others.any(|coding| coding == b"chunked")
    }

    /// The codings other than chunked and identity, first applied first.
    pub fn others(&self) -> impl Iterator<Item = &[u8]> {
        self.codings.iter().map(Vec::as_slice).filter(|coding| !matches!(*coding, b"chunked" | b"identity"))
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
    use super::super::response::parse_head;
    use super::*;

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
