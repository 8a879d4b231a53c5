//! Proxies as users write them.

use std::fmt;

use super::endpoint::Endpoint;
use super::unix::UnixSocket;
use crate::failure::Failure;
use crate::http::uri::{Scheme, Uri, UriProblem, percent_decode};

/// The port of a proxy that is given without one: curl's, and SOCKS' (RFC 1928 §3).
const DEFAULT_PORT: u16 = 1080;

/// What is spoken with a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProxyProtocol {
    /// HTTP (RFC 9110 §3.7).
    Http,
    /// HTTP over TLS.
    Https,
    /// SOCKS 4: it is given an IPv4 address.
    Socks4,
    /// SOCKS 4a: it is given the name.
    Socks4a,
    /// SOCKS 5 (RFC 1928): it is given an address.
    Socks5,
    /// SOCKS 5: it is given the name.
    Socks5h,
}

impl ProxyProtocol {
    fn named(scheme: &str) -> Option<Self> {
        let known = [
            ("http", Self::Http),
            ("https", Self::Https),
            ("socks4", Self::Socks4),
            ("socks4a", Self::Socks4a),
            ("socks5", Self::Socks5),
            ("socks5h", Self::Socks5h),
            ("socks", Self::Socks4),
        ];
        known.into_iter().find(|(name, _)| scheme.eq_ignore_ascii_case(name)).map(|(_, kind)| kind)
    }

    /// Whether HTTP is spoken with it.
    pub(crate) fn is_http(self) -> bool {
        matches!(self, Self::Http | Self::Https)
    }
}

/// User and password.
pub(crate) type ProxyCredentials = (Vec<u8>, Vec<u8>);

/// A proxy as the user named it, in an option or in the environment.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Proxy {
    /// What is spoken with it.
    pub(crate) kind: ProxyProtocol,
    /// Its host and port.
    pub(crate) endpoint: Endpoint,
    /// Who the user is to it.
    pub(crate) credentials: Option<ProxyCredentials>,
    /// `--proxy1.0`: CONNECT is sent with HTTP/1.0.
    pub(crate) is_http10: bool,
    /// The Unix socket that it listens on, in place of the endpoint.
    pub(crate) unix: Option<UnixSocket>,
}

/// Without what is secret.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.kind, self.endpoint)
    }
}

impl Proxy {
    /// Reads `[SCHEME://][USER:PASSWORD@]HOST[:PORT]`; `kind` is meant where no
    /// scheme is there. What is none is as good as one that is not there, which
    /// is why the failures are those, as with curl.
    pub(crate) fn parse(text: &str, kind: ProxyProtocol) -> Result<Self, (Failure, String)> {
        let (kind, rest) = match text.split_once("://") {
            None => (kind, text),
            Some((scheme, rest)) => {
                let known = "http, https, socks4, socks4a, socks5 and socks5h";
                let kind = ProxyProtocol::named(scheme);
                let unknown = || (Failure::Connect, format!("unsupported proxy scheme (supported: {known})"));
                (kind.ok_or_else(unknown)?, rest)
            }
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let with_port = |port: u16| Uri::parse(format!("tcp://{authority}:{port}").as_bytes(), Scheme::Tcp);
        let uri = match Uri::parse(format!("tcp://{authority}").as_bytes(), Scheme::Tcp) {
            Err(UriProblem::NoPort) if kind == ProxyProtocol::Https => with_port(443),
            Err(UriProblem::NoPort) => with_port(DEFAULT_PORT),
            other => other,
        };
        let uri = uri.map_err(|problem| (Failure::ResolveProxy, words(&problem)))?;
        let credentials = uri.credentials().map(|(user, password)| (user, password.unwrap_or_default()));
        let endpoint = Endpoint { host: uri.host, port: uri.port };
        // As curl: SOCKS by way of localhost and a path is spoken over that socket.
        let path = percent_decode(&rest.as_bytes()[authority.len()..]);
        let is_socket = !kind.is_http() && endpoint.host == "localhost" && path.len() > 1;
        let unix = is_socket.then(|| UnixSocket::Path(String::from_utf8_lossy(&path).into_owned().into()));
        Ok(Self { kind, endpoint, credentials, is_http10: false, unix })
    }
}

/// What is wrong with a proxy. Offsets would not count from the beginning of the option's value.
fn words(problem: &UriProblem) -> String {
    match problem {
        UriProblem::Character(b' ', _) | UriProblem::HostCharacter(b' ', _) => {
            "there is a space in it".to_owned()
        }
        UriProblem::Character(byte, _) | UriProblem::HostCharacter(byte, _) => {
            format!("there is the control byte 0x{byte:02x} in it")
        }
        UriProblem::Backslash(_) => "there is a backslash in it".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_proxies() {
        for (text, kind, endpoint) in [
            ("p", ProxyProtocol::Http, "p:1080"),
            ("p:3128", ProxyProtocol::Http, "p:3128"),
            ("http://p:3128/", ProxyProtocol::Http, "p:3128"),
            ("HTTPS://p", ProxyProtocol::Https, "p:443"),
            ("socks5h://[::1]:9050", ProxyProtocol::Socks5h, "[::1]:9050"),
            ("socks://p", ProxyProtocol::Socks4, "p:1080"),
            ("socks4a://u:w@p/x?y", ProxyProtocol::Socks4a, "p:1080"),
        ] {
            let proxy = Proxy::parse(text, ProxyProtocol::Http).unwrap();
            assert_eq!((proxy.kind, proxy.endpoint.to_string().as_str()), (kind, endpoint), "{text}");
        }
        assert_eq!(Proxy::parse("p", ProxyProtocol::Socks5).unwrap().kind, ProxyProtocol::Socks5);
        for text in ["", "ftp://p", "http://", "p:port", "p:65536", "a b", "http://[::1"] {
            assert!(Proxy::parse(text, ProxyProtocol::Http).is_err(), "{text}");
        }
    }

    #[test]
    fn the_path_of_a_socket_is_decoded() {
        let socket = |text| Proxy::parse(text, ProxyProtocol::Http).unwrap().unix;
        let path = |path: &str| Some(UnixSocket::Path(path.into()));
        assert_eq!(socket("socks5h://localhost/run/a%20b.sock"), path("/run/a b.sock"));
        for text in ["socks5h://localhost/", "socks5h://p/run/a.sock", "http://localhost/run/a.sock"] {
            assert_eq!(socket(text), None, "{text}");
        }
    }

    #[test]
    fn credentials_are_decoded_and_never_shown() {
        let proxy = Proxy::parse("http://us%65r:p%3aw@p", ProxyProtocol::Http).unwrap();
        assert_eq!(proxy.credentials, Some((b"user".to_vec(), b"p:w".to_vec())));
        assert_eq!(format!("{proxy:?}"), "Http p:1080");
        let proxy = Proxy::parse("u@p", ProxyProtocol::Http).unwrap();
        assert_eq!(proxy.credentials, Some((b"u".to_vec(), Vec::new())));
    }
}
