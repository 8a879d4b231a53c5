//! The SOCKS handshakes: 4, 4a, and 5 with user and password (RFC 1928, RFC 1929).

use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr};

use super::address::numeric;
use super::connect_limit::ConnectLimit;
use super::endpoint::Endpoint;
use super::proxy::{Proxy, ProxyCredentials, ProxyProtocol};
use super::wording::{printable, reason};
use crate::failure::Failure;
use crate::stream::{Stream, Timed};

/// Lengths are one byte in SOCKS 5, so that no name or credential may be longer.
const MAX_LENGTH: usize = 255;

/// Asks `proxy`, at the other end of `stream`, for a connection to `to`. Where
/// its kind wants an address and `to` is a name, `to` must have been resolved
/// to `address`.
pub(crate) fn connect(
    stream: &mut dyn Stream,
    proxy: &Proxy,
    to: &Endpoint,
    address: Option<IpAddr>,
    limit: Option<ConnectLimit>,
) -> anyhow::Result<()> {
    let target = match address.or_else(|| numeric(&to.host)) {
        Some(address) => SocksTarget::Address(address),
        None if to.host.len() > MAX_LENGTH => {
            let shown = printable(&to.host);
            return Err(Failure::Socks
                .error(format!("host name too long for a SOCKS proxy (limit: 255 bytes): {shown}")));
        }
        None => SocksTarget::Name(to.host.as_bytes()),
    };
    let talk =
        |error| Failure::Socks.error(format!("cannot communicate with the SOCKS proxy: {}", reason(&error)));
    let mut talk = SocksDialogue(Timed::new(stream, limit.map(|limit| limit.at())).map_err(talk)?);
    let done = match proxy.kind {
        ProxyProtocol::Socks4 | ProxyProtocol::Socks4a => {
            version4(&mut talk, proxy.credentials.as_ref(), target, to.port)
        }
        _ => version5(&mut talk, proxy.credentials.as_ref(), target, to.port),
    };
    done.map_err(|broken| {
        let through = format!("cannot connect to {to} through the SOCKS proxy {}", proxy.endpoint);
        match (broken, limit) {
            (SocksError::Io(error), Some(limit))
                if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock) =>
            {
                Failure::TimedOut.error(format!("{through} {limit}"))
            }
            (SocksError::Io(error), _) => Failure::Socks.error(format!("{through}: {}", reason(&error))),
            (SocksError::Said(why), _) => Failure::Socks.error(format!("{through}: {why}")),
        }
    })
}

/// Where the proxy is to connect to.
#[derive(Clone, Copy)]
enum SocksTarget<'a> {
    Address(IpAddr),
    Name(&'a [u8]),
}

/// What stops a handshake.
enum SocksError {
    Io(io::Error),
    Said(String),
}

impl From<io::Error> for SocksError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

fn said<T>(why: impl Into<String>) -> Result<T, SocksError> {
    Err(SocksError::Said(why.into()))
}

/// A dialogue within a time limit.
struct SocksDialogue<'s>(Timed<'s>);

impl SocksDialogue<'_> {
    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)?;
        self.0.flush()
    }

    /// This many bytes and no more: what follows belongs to the server.
    fn receive<const COUNT: usize>(&mut self) -> Result<[u8; COUNT], SocksError> {
        let mut bytes = [0; COUNT];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), SocksError> {
        let mut filled = 0;
        while filled < bytes.len() {
            match self.0.read(&mut bytes[filled..]) {
                Ok(0) => return said("it closed the connection during the handshake"),
                Ok(count) => filled += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

/// SOCKS 4, and 4a where the target is a name.
fn version4(
    talk: &mut SocksDialogue<'_>,
    credentials: Option<&ProxyCredentials>,
    target: SocksTarget<'_>,
    port: u16,
) -> Result<(), SocksError> {
    let user = credentials.map(|(user, _)| user.as_slice()).unwrap_or_default();
    if user.len() > MAX_LENGTH || user.contains(&0) {
        return said("the user name is too long, or has a NUL in it");
    }
    let (address, name) = match target {
        SocksTarget::Address(IpAddr::V4(address)) => (address, None),
        SocksTarget::Address(IpAddr::V6(_)) => return said("SOCKS 4 does not support IPv6 (SOCKS 5 does)"),
        // An address that can't be tells it that the name follows.
        SocksTarget::Name(name) => (Ipv4Addr::new(0, 0, 0, 1), Some(name)),
    };
    let mut request = vec![4, 1];
    request.extend(port.to_be_bytes());
    request.extend(address.octets());
    request.extend(user);
    request.push(0);
    if let Some(name) = name {
        request.extend(name);
        request.push(0);
    }
    talk.send(&request)?;
    let reply: [u8; 8] = talk.receive()?;
    match reply[1] {
        _ if reply[0] != 0 => said("its reply is not SOCKS 4"),
        90 => Ok(()),
        91 => said("it refused the request or could not connect"),
        92 => said("it refused the request because it cannot reach identd on this host"),
        93 => said("it refused the request because identd names another user"),
        code => said(format!("it replied with the unknown code {code}")),
    }
}

fn version5(
    talk: &mut SocksDialogue<'_>,
    credentials: Option<&ProxyCredentials>,
    target: SocksTarget<'_>,
    port: u16,
) -> Result<(), SocksError> {
    if credentials.is_some_and(|(user, password)| user.len().max(password.len()) > MAX_LENGTH) {
        return said("the user name and the password are limited to 255 bytes each");
    }
    agree_on_method(talk, credentials)?;
    talk.send(&connect_request(target, port))?;
    let [version, code, _, kind] = talk.receive()?;
    if version != 5 {
        return said("its reply is not SOCKS 5");
    }
    if code != 0 {
        return said(format!("it reported: {}", refusal(code)));
    }
    // Where it connected from: of no interest, but it has to be read.
    let length = match kind {
        1 => 4,
        4 => 16,
        3 => usize::from(talk.receive::<1>()?[0]),
        _ => return said("its reply has an address of an unknown type"),
    };
    talk.fill(&mut [0; MAX_LENGTH + 2][..length + 2])
}

/// Agrees on how to authenticate, and does (RFC 1928 §3).
fn agree_on_method(
    talk: &mut SocksDialogue<'_>,
    credentials: Option<&ProxyCredentials>,
) -> Result<(), SocksError> {
    talk.send(if credentials.is_some() { &[5, 2, 0, 2] } else { &[5, 1, 0] })?;
    let [version, method] = talk.receive()?;
    match (method, credentials) {
        _ if version != 5 => said("its reply is not SOCKS 5"),
        (0, _) => Ok(()),
        (2, Some(credentials)) => authenticate(talk, credentials),
        (_, None) => said("it requires a user name and password (--proxy-user), or another method"),
        (_, Some(_)) => said("it does not accept a user name and password"),
    }
}

/// The request to connect to `target` (RFC 1928 §4).
fn connect_request(target: SocksTarget<'_>, port: u16) -> Vec<u8> {
    let mut request = vec![5, 1, 0];
    match target {
        SocksTarget::Address(IpAddr::V4(address)) => {
            request.push(1);
            request.extend(address.octets());
        }
        SocksTarget::Address(IpAddr::V6(address)) => {
            request.push(4);
            request.extend(address.octets());
        }
        SocksTarget::Name(name) => {
            request.push(3);
            push_short(&mut request, name);
        }
    }
    request.extend(port.to_be_bytes());
    request
}

/// RFC 1929.
fn authenticate(talk: &mut SocksDialogue<'_>, (user, password): &ProxyCredentials) -> Result<(), SocksError> {
    let mut request = vec![1];
    push_short(&mut request, user);
    push_short(&mut request, password);
    talk.send(&request)?;
    match talk.receive()? {
        [_, 0] => Ok(()),
        [_, _] => said("it rejected the user name and password"),
    }
}

/// The length in a byte, and the bytes; the caller has checked that they are not more than fit.
fn push_short(request: &mut Vec<u8>, bytes: &[u8]) {
    let bytes = &bytes[..bytes.len().min(MAX_LENGTH)];
    request.push(u8::try_from(bytes.len()).unwrap_or(u8::MAX));
    request.extend(bytes);
}

/// RFC 1928 §6.
fn refusal(code: u8) -> String {
    let known = match code {
        1 => "general failure",
        2 => "not allowed",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "TTL expired",
        7 => "command not supported",
        8 => "address type not supported",
        _ => return format!("unknown code {code}"),
    };
    known.to_owned()
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;
    use crate::failure;

    /// A proxy that sends fixed replies.
    struct Scripted {
        answers: io::Cursor<Vec<u8>>,
        heard: Vec<u8>,
    }

    impl Read for Scripted {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            // Byte by byte, as a slow one does.
            let count = buffer.len().min(1);
            self.answers.read(&mut buffer[..count])
        }
    }

    impl Write for Scripted {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.heard.extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Stream for Scripted {
        fn set_nonblocking(&self, _is_nonblocking: bool) -> io::Result<()> {
            Ok(())
        }

        fn shutdown_write(&mut self) -> io::Result<()> {
            Ok(())
        }

        fn ends(&self) -> Option<crate::wait::Ends<'_>> {
            None
        }
    }

    /// What is said to the proxy, what comes of it, and what is left of its replies.
    fn talk(proxy: &str, host: &str, answers: &[u8]) -> (Vec<u8>, Result<(), String>, usize) {
        let proxy = Proxy::parse(proxy, ProxyProtocol::Http).unwrap();
        let to = Endpoint { host: host.to_owned(), port: 0x1F90 };
        let mut stream = Scripted { answers: io::Cursor::new(answers.to_vec()), heard: Vec::new() };
        let result = connect(&mut stream, &proxy, &to, None, None).map_err(|error| {
            assert_eq!(failure::of(&error), Some(Failure::Socks));
            error.to_string()
        });
        let left = answers.len() - usize::try_from(stream.answers.position()).unwrap();
        (stream.heard, result, left)
    }

    #[test]
    fn version_4_gives_an_address_and_4a_a_name() {
        let granted = b"\0\x5a\0\0\0\0\0\0rest";
        let (heard, result, left) = talk("socks4://u:p@s", "1.2.3.4", granted);
        assert_eq!((&heard[..], result, left), (&b"\x04\x01\x1f\x90\x01\x02\x03\x04u\0"[..], Ok(()), 4));
        let (heard, result, _) = talk("socks4a://s", "host", granted);
        assert_eq!((&heard[..], result), (&b"\x04\x01\x1f\x90\0\0\0\x01\0host\0"[..], Ok(())));
        let refused = talk("socks4a://s", "host", b"\0\x5b\0\0\0\0\0\0").1.unwrap_err();
        let expected = "cannot connect to host:8080 through the SOCKS proxy s:1080: it refused the request or could not connect";
        assert_eq!(refused, expected);
        assert!(talk("socks4a://s", "::1", granted).1.is_err());
        assert!(talk("socks4a://s", "host", b"\x05\x5a\0\0\0\0\0\0").1.is_err());
    }

    #[test]
    fn version_5_with_each_kind_of_address() {
        for (host, request, answer) in [
            ("1.2.3.4", &b"\x05\x01\0\x01\x01\x02\x03\x04\x1f\x90"[..], &b"\x05\0\x05\0\0\x01abcdPPrest"[..]),
            (
                "::1",
                b"\x05\x01\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x1f\x90",
                b"\x05\0\x05\0\0\x03\x02hhPPrest",
            ),
            ("host", b"\x05\x01\0\x03\x04host\x1f\x90", b"\x05\0\x05\0\0\x040123456789abcdefPPrest"),
        ] {
            let (heard, result, left) = talk("socks5h://s", host, answer);
            assert_eq!((&heard[..3], &heard[3..], result, left), (&b"\x05\x01\0"[..], request, Ok(()), 4));
        }
    }

    #[test]
    fn version_5_with_user_and_password() {
        let answers = b"\x05\x02\x01\0\x05\0\0\x01\0\0\0\0\0\0";
        let (heard, result, _) = talk("socks5h://u:pw@s", "h", answers);
        let expected = b"\x05\x02\0\x02\x01\x01u\x02pw\x05\x01\0\x03\x01h\x1f\x90";
        assert_eq!((&heard[..], result), (&expected[..], Ok(())));
        let heard = talk("socks5h://u:pw@s", "h", b"\x05\x02\x01\x01").0;
        assert!(heard.ends_with(b"pw"), "nothing is asked of one that refuses");
        let unwanted = talk("socks5h://s", "h", b"\x05\xff");
        assert_eq!((unwanted.0.len(), unwanted.1.is_err()), (3, true));
        let unasked = talk("socks5h://s", "h", b"\x05\x02");
        assert_eq!((unasked.0.len(), unasked.1.is_err()), (3, true));
    }

    #[test]
    fn what_is_too_long_is_not_sent() {
        let (heard, result, _) = talk("socks5h://s", &"a".repeat(256), b"\x05\0");
        assert!(heard.is_empty() && result.unwrap_err().contains("255 bytes"));
        let (heard, result, _) = talk(&format!("socks5h://{}:p@s", "u".repeat(256)), "h", b"\x05\0");
        assert!(heard.is_empty() && result.is_err());
    }

    #[test]
    fn every_answer_cut_short_is_an_error() {
        let whole = b"\x05\x02\x01\0\x05\0\0\x03\x02hhPP";
        for end in 0..whole.len() {
            assert!(talk("socks5h://u:p@s", "h", &whole[..end]).1.is_err(), "cut at {end}");
        }
        assert!(talk("socks5h://u:p@s", "h", whole).1.is_ok());
        for code in 1..=9 {
            assert!(talk("socks5h://s", "h", &[5, 0, 5, code, 0, 1, 0, 0, 0, 0, 0, 0]).1.is_err());
        }
    }
}
