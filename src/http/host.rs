//! The host and port of an authority, and why there is none (RFC 3986 §3.2.2, §3.2.3).

use std::fmt;

/// Longest host name that is looked up: DNS has none above 253; one more dot and
/// some room for names from a hosts file.
const MAX_HOST: usize = 255;

/// Why bytes are no target. Offsets count from the argument's first byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UriProblem {
    /// A scheme that is not spoken.
    UnsupportedScheme(String),
    /// A space, control or DEL.
    Character(u8, usize),
    /// The same in the host or port, where percent-encoding it would not help.
    HostCharacter(u8, usize),
    /// A backslash where the authority is.
    Backslash(usize),
    /// No host.
    NoHost,
    /// A host that is no name and no address; the reason.
    Host(&'static str),
    /// An IPv6 address without its brackets.
    NoBrackets(String),
    /// A port that is no number up to 65535.
    Port,
    /// tcp and tls need one.
    NoPort,
}

impl fmt::Display for UriProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnsupportedScheme(name) if is_of_sockets(name) => {
                write!(f, "the scheme {name} is not supported: use http:// with --unix-socket PATH")
            }
            Self::UnsupportedScheme(name) => {
                write!(f, "the scheme {name} is not supported (http, https, tcp, tls, ws and wss are)")
            }
            Self::Character(b' ', at) => {
                write!(f, "a space at byte {at}: write it as %20, or give the target with --request-target")
            }
            Self::Character(byte, at) => write!(
                f,
                "the control byte 0x{byte:02x} at byte {at}: write it as %{byte:02x}, or send it with --send"
            ),
            Self::HostCharacter(b' ', at) => write!(f, "a space in the host part at byte {at}"),
            Self::HostCharacter(byte, at) => {
                write!(f, "the control byte 0x{byte:02x} in the host part at byte {at}")
            }
            Self::Backslash(at) => {
                write!(f, "a backslash in the host part at byte {at}: some programs read it as a slash")
            }
            Self::NoHost => f.write_str("no host"),
            Self::Host(reason) => f.write_str(reason),
            Self::NoBrackets(address) => write!(f, "write an IPv6 address in brackets: [{address}]"),
            Self::Port => f.write_str("the port is not a number from 0 to 65535"),
            Self::NoPort => f.write_str("tcp and tls need a port, as in tcp://host:25"),
        }
    }
}

impl UriProblem {
    /// The problem alone, where nobody typed the URL and advice on arguments is of no use.
    pub fn without_advice(&self) -> String {
        match self {
            Self::Character(b' ', at) => format!("a space at byte {at}"),
            Self::Character(byte, at) => format!("the control byte 0x{byte:02x} at byte {at}"),
            Self::NoBrackets(address) => format!("the IPv6 address {address} is not in brackets"),
            _ => self.to_string(),
        }
    }
}

/// Whether a scheme is one of those that programs have made up for Unix sockets, such as `http+unix`.
fn is_of_sockets(scheme: &str) -> bool {
    scheme.to_ascii_lowercase().split('+').any(|word| word == "unix")
}

/// The host of an authority without userinfo, an IPv6 address without its brackets, and its port.
pub(super) fn host_and_port(authority: &[u8]) -> Result<(String, Option<u16>), UriProblem> {
    let (host, port) = if let Some(inner) = authority.strip_prefix(b"[") {
        let end = inner.iter().position(|&byte| byte == b']');
        let end = end.ok_or(UriProblem::Host("the bracket of the IPv6 address is not closed"))?;
        let port = match &inner[end + 1..] {
            [] => None,
            [b':', port @ ..] => Some(port),
            _ => return Err(UriProblem::Host("something other than a port follows the IPv6 address")),
        };
        (ipv6(&inner[..end])?, port)
    } else if let Some(address) = without_brackets(authority) {
        return Err(UriProblem::NoBrackets(address.to_owned()));
    } else {
        let colon = authority.iter().position(|&byte| byte == b':');
        let host = &authority[..colon.unwrap_or(authority.len())];
        (reg_name(host)?, colon.map(|colon| &authority[colon + 1..]))
    };
    Ok((host, port.map(read_port).transpose()?.flatten()))
}

fn ipv6(address: &[u8]) -> Result<String, UriProblem> {
    const NO_ADDRESS: UriProblem = UriProblem::Host("what stands in brackets is not an IPv6 address");
    let text = str::from_utf8(address).map_err(|_| NO_ADDRESS)?;
    let (number, zone) = text.split_once('%').unwrap_or((text, ""));
    number.parse::<core::net::Ipv6Addr>().map_err(|_| NO_ADDRESS)?;
    // RFC 6874 writes the zone's percent sign as %25.
    let zone = zone.strip_prefix("25").filter(|rest| !rest.is_empty()).unwrap_or(zone);
    let plain = zone.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    match (plain, zone.is_empty()) {
        (false, _) => Err(NO_ADDRESS),
        (true, true) => Ok(number.to_owned()),
        (true, false) => Ok(format!("{number}%{zone}")),
    }
}

/// `authority` where it is an IPv6 address, perhaps with a zone.
fn without_brackets(authority: &[u8]) -> Option<&str> {
    let text = str::from_utf8(authority).ok()?;
    let number = text.split('%').next().unwrap_or_default();
    number.parse::<core::net::Ipv6Addr>().is_ok().then_some(text)
}

fn reg_name(host: &[u8]) -> Result<String, UriProblem> {
    if host.is_empty() {
        return Err(UriProblem::NoHost);
    }
    if host.len() > MAX_HOST {
        return Err(UriProblem::Host("the host name is longer than 255 bytes"));
    }
    let text = str::from_utf8(host).map_err(|_| UriProblem::Host("the host name is not UTF-8"))?;
    if host.iter().all(|&byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')) {
        return Ok(text.to_owned());
    }
    if text.contains('%') {
        return Err(UriProblem::Host("the host name contains a percent sign"));
    }
    if text.contains(|c: char| c.is_control() || c.is_whitespace() || "[]<>^|\"`{}@".contains(c)) {
        return Err(UriProblem::Host("the host name contains an invalid character"));
    }
    Ok(text.to_owned())
}

/// A port; `None` where nothing follows the colon.
fn read_port(digits: &[u8]) -> Result<Option<u16>, UriProblem> {
    if digits.is_empty() {
        return Ok(None);
    }
    let text = str::from_utf8(digits).map_err(|_| UriProblem::Port)?;
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(UriProblem::Port);
    }
    text.parse().map(Some).map_err(|_| UriProblem::Port)
}
