//! What a Close frame says: a status code and a reason (RFC 6455 §5.5.1, §7.4).

use super::super::Deviation;

/// Nothing went wrong.
const NORMAL: u16 = 1000;
/// The peer goes away: a server that shuts down, a page that is left.
const GOING_AWAY: u16 = 1001;
/// The peer does not keep to the protocol.
pub const PROTOCOL_ERROR: u16 = 1002;
/// A message is larger than one takes.
pub const TOO_BIG: u16 = 1009;

/// What stood in a Close frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Close {
    /// The status code; `None` where there is none.
    pub code: Option<u16>,
    /// The reason as it came.
    pub reason: Vec<u8>,
}

impl Close {
    /// Nothing went wrong.
    pub fn normal() -> Self {
        Self::of(NORMAL)
    }

    /// This code, without a reason.
    pub fn of(code: u16) -> Self {
        Self { code: Some(code), reason: Vec::new() }
    }

    /// What is said in return: the same code (RFC 6455 §5.5.1), or 1002 to one that may not be sent.
    pub fn reply(&self) -> Self {
        match self.code {
            Some(code) if !may_be_sent(code) => Self::of(PROTOCOL_ERROR),
            code => Self { code, reason: Vec::new() },
        }
    }

    /// Reads a Close frame's payload, and tells what is wrong with it.
    pub fn parse(payload: &[u8]) -> (Self, Option<Deviation>) {
        let Some((code, reason)) = payload.split_first_chunk::<2>() else {
            let deviation = (!payload.is_empty()).then_some(Deviation::CloseCut);
            return (Self::default(), deviation);
        };
        let code = u16::from_be_bytes(*code);
        let deviation = match str::from_utf8(reason) {
            _ if !may_be_sent(code) => Some(Deviation::CloseCode),
            Err(_) => Some(Deviation::CloseReason),
            Ok(_) => None,
        };
        (Self { code: Some(code), reason: reason.to_vec() }, deviation)
    }

    /// The payload that says this.
    pub fn payload(&self) -> Vec<u8> {
        self.code.map_or_else(Vec::new, |code| [&code.to_be_bytes()[..], &self.reason].concat())
    }

    /// Whether the peer was content: it names no code, 1000 or 1001.
    pub fn is_normal(&self) -> bool {
        matches!(self.code, None | Some(NORMAL | GOING_AWAY))
    }
}

/// Whether the code may stand in a frame (RFC 6455 §7.4.2 and IANA's registry):
/// 1004 to 1006 and 1015 are kept for programs' own use.
fn may_be_sent(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

/// What a registered code means; empty where it is not registered.
pub fn meaning(code: u16) -> &'static str {
    match code {
        1000 => "normal closure",
        1001 => "going away",
        1002 => "protocol error",
        1003 => "unsupported data",
        1005 => "no status code",
        1006 => "closed abnormally",
        1007 => "invalid data in a message",
        1008 => "policy violation",
        1009 => "message too big",
        1010 => "extension missing",
        1011 => "internal error",
        1012 => "service restart",
        1013 => "try again later",
        1014 => "bad gateway",
        1015 => "TLS handshake failed",
        3000 => "unauthorized",
        3003 => "forbidden",
        3008 => "timeout",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_a_code_and_a_reason() {
        for (payload, code, deviation) in [
            (&b""[..], None, None),
            (b"\x03", None, Some(Deviation::CloseCut)),
            (b"\x03\xe8", Some(1000), None),
            (b"\x03\xe9bye", Some(1001), None),
            (b"\x03\xed", Some(1005), Some(Deviation::CloseCode)),
            (b"\x03\xe7", Some(999), Some(Deviation::CloseCode)),
            (b"\x07\xd0", Some(2000), Some(Deviation::CloseCode)),
            (b"\x0b\xb8", Some(3000), None),
            (b"\x13\x88", Some(5000), Some(Deviation::CloseCode)),
            (b"\x03\xe8\xff", Some(1000), Some(Deviation::CloseReason)),
        ] {
            let (close, found) = Close::parse(payload);
            assert_eq!((close.code, found), (code, deviation), "{payload:?}");
            if code.is_some() || payload.is_empty() {
                assert_eq!(close.payload(), payload);
            }
        }
    }
}
