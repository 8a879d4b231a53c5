//! The opening handshake (RFC 6455 §4.1): what proves that a response agrees to
//! the request it came for.

use std::fmt;

use super::super::Deviations;
use super::super::base64;
use super::super::excerpt::excerpt;
use super::super::field::{self, FieldSection, SectionKind, line_length};
use super::super::response::ResponseHead;
use super::super::syntax::{split_unquoted, trim_ows, unquote};
use super::sha1::sha1;

/// The version of the protocol (RFC 6455 §4.1).
pub const VERSION: &str = "13";
/// The extension that compresses messages (RFC 7692).
const DEFLATE: &str = "permessage-deflate";
/// What the hash of Sec-WebSocket-Accept ends with (RFC 6455 §1.3).
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The Sec-WebSocket-Accept that belongs to `key`, as it was sent.
pub fn accept(key: &[u8]) -> String {
    base64::encode(&sha1(&[trim_ows(key), GUID].concat()))
}

/// Why a 101 does not agree to what was requested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disagreement {
    /// The 101 is not an upgrade to WebSocket.
    Upgrade,
    /// Connection does not name Upgrade.
    Connection,
    /// Sec-WebSocket-Accept is missing.
    NoAccept,
    /// Sec-WebSocket-Accept, which comes from another key; what it should be.
    Accept(Vec<u8>, String),
    /// A subprotocol that was not offered.
    Protocol(Vec<u8>),
    /// An extension that was not offered.
    Extension(Vec<u8>),
    /// Parameters of permessage-deflate that RFC 7692 §7.1 does not allow in an agreement.
    Parameters(Vec<u8>),
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Upgrade => f.write_str("Upgrade does not say websocket"),
            Self::Connection => f.write_str("Connection does not say Upgrade"),
            Self::NoAccept => f.write_str("Sec-WebSocket-Accept is missing"),
            Self::Accept(found, expected) => write!(
                f,
                "Sec-WebSocket-Accept is \"{}\", and {expected} belongs to the key that was sent",
                excerpt(found)
            ),
            Self::Protocol(name) => write!(f, "the subprotocol \"{}\" was not offered", excerpt(name)),
            Self::Extension(name) => write!(f, "the extension \"{}\" was not offered", excerpt(name)),
            Self::Parameters(value) => {
                write!(f, "\"{}\" is no agreement on {DEFLATE}", excerpt(value))
            }
        }
    }
}

/// What both sides have agreed on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// The subprotocol.
    pub protocol: Option<Vec<u8>>,
    /// How messages may be compressed, where they may be.
    pub deflate: Option<PermessageDeflate>,
}

/// What was agreed on for permessage-deflate (RFC 7692 §7.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PermessageDeflate {
    /// The server begins each message with an empty window.
    pub server_forgets: bool,
    /// The client begins each message with an empty window.
    pub client_forgets: bool,
    /// The client's window has at most two to this power bytes; `None`: 15.
    pub client_window: Option<u8>,
}

impl PermessageDeflate {
    /// The agreement with server and client exchanged: for the client's messages.
    pub fn turned(self) -> Self {
        Self { server_forgets: self.client_forgets, client_forgets: self.server_forgets, client_window: None }
    }
}

/// Checks the 101 in `head` against the request's head as it was sent, whose key
/// counts where the response is to it.
pub fn check(request: &[u8], head: &ResponseHead, knows_key: bool) -> Result<Agreement, Disagreement> {
    let start = line_length(request).unwrap_or(request.len());
    let request = &field::parse(request, start, 0, SectionKind::Header, &mut Deviations::default());
    let fields = &head.fields;
    let mut upgrade = fields.members("upgrade").filter(|member| !member.is_empty()).peekable();
    if upgrade.peek().is_none() || !upgrade.all(|member| member.eq_ignore_ascii_case(b"websocket")) {
        return Err(Disagreement::Upgrade);
    }
    if !fields.has_member("connection", "upgrade") {
        return Err(Disagreement::Connection);
    }
    // Without a key in the request there is nothing to check.
    if let Some(key) = request.value("sec-websocket-key").filter(|_| knows_key) {
        // RFC 6455 §11.3.3: one line.
        let lines: Vec<_> = fields.all("sec-websocket-accept").map(|line| trim_ows(line.value)).collect();
        let expected = accept(key);
        match lines[..] {
            [] => return Err(Disagreement::NoAccept),
            [found] if found == expected.as_bytes() => {}
            _ => return Err(Disagreement::Accept(lines.join(&b", "[..]), expected)),
        }
    }
    Ok(Agreement { protocol: protocol(request, fields)?, deflate: deflate(request, fields)? })
}

/// The subprotocol, which has to be one of those offered, in the same case.
fn protocol(request: &FieldSection, response: &FieldSection) -> Result<Option<Vec<u8>>, Disagreement> {
    let lines: Vec<_> = response.all("sec-websocket-protocol").map(|line| line.value).collect();
    if lines.is_empty() {
        return Ok(None);
    }
    let chosen = lines.join(&b", "[..]);
    match members(request, "sec-websocket-protocol").contains(&chosen) {
        true => Ok(Some(chosen)),
        false => Err(Disagreement::Protocol(chosen)),
    }
}

/// The extension; there is only one that can be agreed on, and only once.
fn deflate(
    request: &FieldSection,
    response: &FieldSection,
) -> Result<Option<PermessageDeflate>, Disagreement> {
    let offered = members(request, "sec-websocket-extensions");
    let mut agreed = None;
    for member in members(response, "sec-websocket-extensions") {
        let name = name_of(&member);
        let mut offers = offered.iter().filter(|offer| name_of(offer).eq_ignore_ascii_case(name)).peekable();
        if offers.peek().is_none() {
            return Err(Disagreement::Extension(name.to_vec()));
        }
        if name.eq_ignore_ascii_case(DEFLATE.as_bytes()) {
            let agreement = DeflateParameters::parse(&member).filter(|agreement| {
                let is_taken =
                    |offer: &Vec<u8>| DeflateParameters::parse(offer).is_some_and(|it| it.takes(agreement));
                agreed.is_none() && !agreement.is_offer() && offers.any(is_taken)
            });
            let agreement = agreement.ok_or_else(|| Disagreement::Parameters(member.clone()))?;
            agreed = Some(agreement.deflate());
        }
    }
    Ok(agreed)
}

/// The parameters of permessage-deflate in an offer or an agreement (RFC 7692 §7.1).
#[derive(Clone, Copy, Debug, Default)]
struct DeflateParameters {
    server_forgets: bool,
    client_forgets: bool,
    server_window: Option<u8>,
    /// A window, or none where an offer only says that there may be one.
    client_window: Option<Option<u8>>,
}

impl DeflateParameters {
    /// What stands in `member`; `None` where a parameter is unknown, repeated or has a
    /// value that it cannot have.
    fn parse(member: &[u8]) -> Option<Self> {
        let mut seen = Vec::new();
        let mut parsed = Self::default();
        for piece in split_unquoted(member, b';').skip(1) {
            let equals = piece.iter().position(|&byte| byte == b'=');
            let name = trim_ows(&piece[..equals.unwrap_or(piece.len())]).to_ascii_lowercase();
            let value = equals.map(|equals| unquote(trim_ows(&piece[equals + 1..])));
            match (&name[..], value.as_deref()) {
                (b"server_no_context_takeover", None) => parsed.server_forgets = true,
                (b"client_no_context_takeover", None) => parsed.client_forgets = true,
                (b"server_max_window_bits", Some(bits)) => parsed.server_window = Some(window(bits)?),
                (b"client_max_window_bits", None) => parsed.client_window = Some(None),
                (b"client_max_window_bits", Some(bits)) => parsed.client_window = Some(Some(window(bits)?)),
                _ => return None,
            }
            if seen.contains(&name) {
                return None;
            }
            seen.push(name);
        }
        Some(parsed)
    }

    /// Whether it has a parameter that only an offer may have.
    fn is_offer(&self) -> bool {
        self.client_window == Some(None)
    }

    /// Whether `agreement` takes up this offer.
    fn takes(&self, agreement: &Self) -> bool {
        let fits =
            self.server_window.is_none_or(|most| agreement.server_window.is_some_and(|bits| bits <= most));
        let forgets = agreement.server_forgets || !self.server_forgets;
        fits && forgets && (agreement.client_window.is_none() || self.client_window.is_some())
    }

    fn deflate(&self) -> PermessageDeflate {
        let Self { server_forgets, client_forgets, client_window, .. } = *self;
        PermessageDeflate { server_forgets, client_forgets, client_window: client_window.flatten() }
    }
}

/// The bits of a window: 8 to 15, without leading zeros.
fn window(bits: &[u8]) -> Option<u8> {
    match bits {
        [bits @ (b'8' | b'9')] => Some(bits - b'0'),
        [b'1', bits @ b'0'..=b'5'] => Some(10 + bits - b'0'),
        _ => None,
    }
}

/// The members of a list field that are not empty.
fn members(fields: &FieldSection, name: &str) -> Vec<Vec<u8>> {
    fields.members(name).filter(|member| !member.is_empty()).map(<[u8]>::to_vec).collect()
}

/// An extension's name, without its parameters.
fn name_of(member: &[u8]) -> &[u8] {
    trim_ows(split_unquoted(member, b';').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::super::super::response::parse_head;
    use super::*;

    const KEY: &str = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    const ACCEPT: &str = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";
    const UPGRADE: &str = "Upgrade: WebSocket\r\nConnection: keep-alive, upgrade\r\n";

    fn checked(request: &str, response: &str) -> Result<Agreement, String> {
        let request = format!("GET / HTTP/1.1\r\n{request}\r\n");
        let response = format!("HTTP/1.1 101 Switching Protocols\r\n{response}\r\n");
        let (_, head) = parse_head(response.as_bytes()).unwrap().unwrap();
        check(request.as_bytes(), &head, true).map_err(|wrong| wrong.to_string())
    }

    #[test]
    fn accept_is_that_of_rfc_6455() {
        assert_eq!(accept(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(checked(KEY, &format!("{UPGRADE}{ACCEPT}")), Ok(Agreement::default()));
        assert!(checked(KEY, UPGRADE).unwrap_err().contains("is missing"));
        assert!(checked(KEY, &format!("{UPGRADE}{ACCEPT}{ACCEPT}")).is_err());
        assert!(checked("Sec-WebSocket-Key: x\r\n", &format!("{UPGRADE}{ACCEPT}")).is_err());
        // Without a key nothing can be checked.
        assert!(checked("", UPGRADE).is_ok());
        assert!(checked(KEY, &format!("Upgrade: h2c\r\nConnection: upgrade\r\n{ACCEPT}")).is_err());
        assert!(
            checked(KEY, &format!("Upgrade: websocket, h2c\r\nConnection: upgrade\r\n{ACCEPT}")).is_err()
        );
        assert!(checked(KEY, &format!("Upgrade: websocket\r\n{ACCEPT}")).is_err());
    }

    #[test]
    fn a_subprotocol_is_one_of_those_offered() {
        let offer = "Sec-WebSocket-Protocol: chat, superchat\r\n";
        let chosen = |name| checked(offer, &format!("{UPGRADE}Sec-WebSocket-Protocol: {name}\r\n"));
        assert_eq!(chosen("superchat").unwrap().protocol.as_deref(), Some(&b"superchat"[..]));
        assert!(chosen("Chat").is_err());
        assert!(chosen("chat, superchat").is_err());
        assert!(chosen("chat\r\nSec-WebSocket-Protocol: superchat").is_err());
        assert!(checked("", &format!("{UPGRADE}Sec-WebSocket-Protocol: chat\r\n")).is_err());
        assert_eq!(checked(offer, UPGRADE).unwrap().protocol, None);
    }

    #[test]
    fn an_extension_is_one_of_those_offered() {
        let offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
        let chosen = |value| checked(offer, &format!("{UPGRADE}Sec-WebSocket-Extensions: {value}\r\n"));
        assert_eq!(chosen("permessage-deflate").unwrap().deflate, Some(PermessageDeflate::default()));
        let forgets = "permessage-deflate; server_no_context_takeover;server_max_window_bits=\"10\"";
        assert_eq!(
            chosen(forgets).unwrap().deflate,
            Some(PermessageDeflate { server_forgets: true, ..PermessageDeflate::default() })
        );
        for value in [
            "x-webkit-deflate-frame",
            "permessage-deflate, permessage-deflate",
            "permessage-deflate; server_max_window_bits=16",
            "permessage-deflate; server_max_window_bits=08",
            "permessage-deflate; unknown",
            "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        ] {
            assert!(chosen(value).is_err(), "{value}");
        }
        let unasked = format!("{UPGRADE}Sec-WebSocket-Extensions: permessage-deflate\r\n");
        assert!(checked("", &unasked).is_err());
    }

    #[test]
    fn an_agreement_takes_up_an_offer() {
        for (offer, agreement, is_taken) in [
            ("client_max_window_bits", "client_max_window_bits=9", true),
            ("client_max_window_bits", "client_max_window_bits", false),
            ("client_max_window_bits=12", "client_max_window_bits=13", true),
            ("client_no_context_takeover", "client_max_window_bits=9", false),
            ("server_max_window_bits=10", "server_max_window_bits=9", true),
            ("server_max_window_bits=10", "server_max_window_bits=11", false),
            ("server_max_window_bits=10", "client_no_context_takeover", false),
            ("server_no_context_takeover", "client_no_context_takeover", false),
            ("server_no_context_takeover", "server_no_context_takeover; client_no_context_takeover", true),
            ("server_no_context_takeover, permessage-deflate", "client_no_context_takeover", true),
        ] {
            let offer = format!("Sec-WebSocket-Extensions: permessage-deflate; {offer}\r\n");
            let agreement = format!("{UPGRADE}Sec-WebSocket-Extensions: permessage-deflate; {agreement}\r\n");
            assert_eq!(checked(&offer, &agreement).is_ok(), is_taken, "{offer}{agreement}");
        }
    }
}
