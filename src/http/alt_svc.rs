//! Alt-Svc: where else the same is to be had (RFC 7838 §3).

use super::digits::{exact, is_digits};
use super::parameter::{Parameter, parameters};
use super::syntax::{is_token, unquote};

/// Takes back all that was said before; it stands alone, in this letter case.
pub const CLEAR: &[u8] = b"clear";

/// One alternative service.
pub struct Alternative<'a> {
    /// The name of its protocol (ALPN), percent-encoded where it has other bytes than a token.
    pub protocol: &'a [u8],
    /// `[ host ] ":" port`, without the quotes.
    pub authority: Vec<u8>,
    /// `ma`, `persist` and others.
    pub parameters: Vec<Parameter<'a>>,
    /// Whether it is `protocol-id "=" alt-authority *( OWS ";" OWS parameter )` to the byte.
    pub is_valid: bool,
}

impl<'a> Alternative<'a> {
    /// Reads a member of the list; `None` where it names no place.
    pub fn parse(member: &'a [u8]) -> Option<Self> {
        let mut pieces = parameters(member);
        let service = pieces.next()?;
        let authority = unquote(service.value?);
        let parameters: Vec<_> = pieces.collect();
        let is_whole = |one: &Parameter<'_>| {
            one.is_valid()
                && one.value.is_some()
                && !one.is_spaced
                && (!one.is("ma") || is_digits(&one.text()))
        };
        let is_valid = is_token(service.name)
            && service.is_quoted()
            && !service.is_spaced
            && has_port(&authority)
            && parameters.iter().all(is_whole);
        Some(Self { protocol: service.name, authority, parameters, is_valid })
    }
}

fn has_port(authority: &[u8]) -> bool {
    let colon = authority.iter().rposition(|&byte| byte == b':');
    let port = colon.and_then(|colon| exact(&authority[colon + 1..]));
    port.is_some_and(|port| port <= u64::from(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alternative_is_a_protocol_and_a_place() {
        let valid = [
            &b"h3=\":443\""[..],
            b"h3=\":443\"; ma=86400;persist=1",
            b"h2=\"alt.example.com:8000\"",
            b"w%3Dx%3Ay=\"[::1]:443\"; note=\"a;b\"",
        ];
        for member in valid {
            assert!(Alternative::parse(member).is_some_and(|one| one.is_valid), "{}", member.escape_ascii());
        }
        let invalid = [
            &b"h3"[..],
            b"h3=\":65536\"",
            b"h3=\":443\"; ma=-1",
            b"h3=\":443\"; ma=1.5",
            b"clear",
            b"h3=443",
            b"h3=\"443\"",
            b"h3=\"a.example:\"",
            b"=\":443\"",
            b"h3 = \":443\"",
            b"h3=\":443\"; ma",
            b"h3=\":443\"x",
        ];
        for member in invalid {
            assert!(Alternative::parse(member).is_none_or(|one| !one.is_valid), "{}", member.escape_ascii());
        }
    }
}
