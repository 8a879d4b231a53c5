//! Targets as users write them, and what of them goes on the wire (RFC 3986 §3,
//! RFC 9112 §3.2).
//!
//! Path and query stay the bytes that were typed. Only the authority is read
//! closely, since it says where the bytes go.

use super::excerpt::excerpt;
use super::host::host_and_port;
use super::reference::{Reference, split};
use super::syntax::is_same_name;

pub use super::host::UriProblem;

/// The schemes that are spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// HTTP over TCP.
    Http,
    /// HTTP over TLS.
    Https,
    /// Bytes over TCP.
    Tcp,
    /// Bytes over TLS.
    Tls,
    /// WebSocket over TCP (RFC 6455 §3).
    Ws,
    /// WebSocket over TLS.
    Wss,
}

impl Scheme {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Http, Self::Https, Self::Tcp, Self::Tls, Self::Ws, Self::Wss];

    /// The scheme of this name, in any case.
    pub fn named(name: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|scheme| name.eq_ignore_ascii_case(scheme.name().as_bytes()))
    }

    /// Its name in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Ws => "ws",
            Self::Wss => "wss",
        }
    }

    /// The port where none is given; tcp and tls have none.
    fn default_port(self) -> Option<u16> {
        match self {
            Self::Http | Self::Ws => Some(80),
            Self::Https | Self::Wss => Some(443),
            Self::Tcp | Self::Tls => None,
        }
    }

    /// Whether HTTP is spoken over it; with WebSocket it is at first.
    pub fn is_http(self) -> bool {
        !matches!(self, Self::Tcp | Self::Tls)
    }

    /// Whether WebSocket follows the response.
    pub fn is_websocket(self) -> bool {
        matches!(self, Self::Ws | Self::Wss)
    }

    /// Whether it goes over TLS.
    pub fn is_secure(self) -> bool {
        matches!(self, Self::Https | Self::Tls | Self::Wss)
    }
}

/// A URI of a supported scheme (RFC 3986 §3), or a host with what was left out filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uri {
    /// The scheme.
    pub scheme: Scheme,
    /// User and password before the `@`, percent-encoding still on.
    pub userinfo: Option<Vec<u8>>,
    /// The host as typed; an IPv6 address without its brackets.
    pub host: String,
    /// The port that was given, or the scheme's default.
    pub port: u16,
    /// Path and query as typed, without the fragment; empty where nothing was
    /// typed, else beginning with `/`.
    pub path_and_query: Vec<u8>,
    /// What stands behind `#`, which is never sent.
    pub fragment: Option<Vec<u8>>,
}

/// An origin: scheme, host and port (RFC 9110 §4.3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The scheme.
    pub scheme: Scheme,
    /// The host in lower case.
    pub host: String,
    /// The port, the scheme's default if none was given.
    pub port: u16,
}

impl Origin {
    /// Whether `uri` leads to it.
    pub fn is_of(&self, uri: &Uri) -> bool {
        self.port == uri.port
            && self.scheme == uri.scheme
            && is_same_name(self.host.as_bytes(), uri.host.as_bytes())
    }
}

impl Uri {
    /// Reads `HOST`, `HOST:PORT`, `[IPV6]:PORT` or a URL; without a scheme,
    /// `scheme` is meant.
    pub fn parse(argument: &[u8], scheme: Scheme) -> Result<Self, UriProblem> {
        let scheme_end = scheme_of(argument);
        let start = scheme_end.map_or(0, |end| end + 1 + slashes(&argument[end + 1..]));
        let rest = &argument[start..];
        let authority_end = rest.iter().position(|byte| b"/?#".contains(byte)).unwrap_or(rest.len());
        let (authority, after) = rest.split_at(authority_end);
        let host_start = authority.iter().rposition(|&byte| byte == b'@').map_or(0, |at| at + 1);
        refuse_controls(argument).map_err(|problem| match problem {
            UriProblem::Character(byte, at) if (start + host_start..start + authority_end).contains(&at) => {
                UriProblem::HostCharacter(byte, at)
            }
            other => other,
        })?;
        let scheme = match scheme_end.map(|end| &argument[..end]) {
            Some(name) => Scheme::named(name).ok_or_else(|| UriProblem::UnsupportedScheme(excerpt(name)))?,
            None => scheme,
        };
        if let Some(at) = authority.iter().position(|&byte| byte == b'\\') {
            return Err(UriProblem::Backslash(start + at));
        }
        let userinfo = host_start.checked_sub(1).map(|at| authority[..at].to_vec());
        let (host, port) = host_and_port(&authority[host_start..])?;
        let port = port.or(scheme.default_port()).ok_or(UriProblem::NoPort)?;
        let (path_and_query, fragment) = path_query_and_fragment(after);
        Ok(Self { scheme, userinfo, host, port, path_and_query, fragment })
    }

    /// This authority with another path and query, as typed behind it.
    pub fn with_path(&self, path: &[u8]) -> Result<Self, UriProblem> {
        refuse_controls(path)?;
        let (path_and_query, fragment) = path_query_and_fragment(path);
        let Self { scheme, port, .. } = *self;
        let (userinfo, host) = (self.userinfo.clone(), self.host.clone());
        Ok(Self { scheme, userinfo, host, port, path_and_query, fragment })
    }

    /// The host as it stands in URLs and in Host: IPv6 in brackets, its zone left out.
    pub fn host_in_brackets(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]", self.host.split('%').next().unwrap_or_default())
        } else {
            self.host.clone()
        }
    }

    /// The value of Host: the host, and the port where it is not the scheme's
    /// own (RFC 9110 §7.2).
    pub fn authority(&self) -> String {
        let mut authority = self.host_in_brackets();
        if self.scheme.default_port() != Some(self.port) {
            authority.push(':');
            authority.push_str(&self.port.to_string());
        }
        authority
    }

    /// Whether the host is this machine: `localhost`, a name below it, or a loopback address.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }

    /// Whether browsers take the origin for potentially trustworthy: TLS, or this machine.
    pub fn is_trustworthy(&self) -> bool {
        self.scheme.is_secure() || self.is_loopback()
    }

    /// The request target in origin form; `*` stays what it is (RFC 9112 §3.2.1, §3.2.4).
    pub fn origin_form(&self) -> &[u8] {
        if self.path_and_query.is_empty() { b"/" } else { &self.path_and_query }
    }

    /// The origin of the target.
    pub fn origin(&self) -> Origin {
        Origin { scheme: self.scheme, host: self.host.to_ascii_lowercase(), port: self.port }
    }

    /// The whole URI without user, password and fragment.
    pub fn to_bytes(&self) -> Vec<u8> {
        let start = format!("{}://{}", self.scheme.name(), self.authority());
        [start.as_bytes(), self.origin_form()].concat()
    }

    /// The path alone, `/` where there is none.
    pub fn path(&self) -> &[u8] {
        let target = self.origin_form();
        &target[..target.iter().position(|&byte| byte == b'?').unwrap_or(target.len())]
    }

    /// What stands behind the authority in `target`, an absolute form of this URI;
    /// another target as it is.
    pub fn after_authority<'a>(&self, target: &'a [u8]) -> &'a [u8] {
        let whole = self.to_bytes();
        let before = &whole[..whole.len() - self.origin_form().len()];
        target.strip_prefix(before).filter(|rest| rest.starts_with(b"/")).unwrap_or(target)
    }

    /// The request target in absolute form (RFC 9112 §3.2.2).
    pub fn absolute_form(&self) -> Vec<u8> {
        let mut whole = self.to_bytes();
        if self.origin_form() == b"*" {
            // An empty path stands for the server as a whole (RFC 9112 §3.2.4).
            whole.pop();
        }
        whole
    }

    /// User and password with their percent-encoding removed; none where nothing stands before the `@`.
    pub fn credentials(&self) -> Option<(Vec<u8>, Option<Vec<u8>>)> {
        let userinfo = self.userinfo.as_deref().filter(|userinfo| !userinfo.is_empty())?;
        let colon = userinfo.iter().position(|&byte| byte == b':');
        let user = percent_decode(&userinfo[..colon.unwrap_or(userinfo.len())]);
        Some((user, colon.map(|colon| percent_decode(&userinfo[colon + 1..]))))
    }
}

/// Whether `host` is this machine: `localhost`, a name below it, or a loopback address.
pub fn is_loopback(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let address = host.split('%').next().unwrap_or_default().parse::<core::net::IpAddr>();
    address.is_ok_and(|address| address.to_canonical().is_loopback())
        || host == "localhost"
        || host.ends_with(".localhost")
}

/// Why `reference`, seen from http or https, leads to no server: an http or https
/// URL without a host, or a host or port that is none. Other schemes are not looked at.
pub fn no_server(reference: &Reference<'_>) -> Option<UriProblem> {
    if reference.scheme.is_some_and(|scheme| !Scheme::named(scheme).is_some_and(Scheme::is_http)) {
        return None;
    }
    match reference.authority {
        Some(authority) => {
            let at = authority.iter().rposition(|&byte| byte == b'@').map_or(0, |at| at + 1);
            host_and_port(&authority[at..]).err()
        }
        None => reference.scheme.map(|_| UriProblem::NoHost),
    }
}

/// `bytes` with each `%` and two hexadecimal digits replaced by the byte they
/// stand for (RFC 3986 §2.1); other `%` stay.
pub fn percent_decode(bytes: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let pair = bytes.get(at + 1..at + 3).and_then(|pair| str::from_utf8(pair).ok());
        let value = pair
            .filter(|pair| pair.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match value {
            Some(value) if byte == b'%' => {
                decoded.push(value);
                at += 3;
            }
            _ => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    decoded
}

/// `argument` without the backslashes that browsers put before `[`, `]`, `{`
/// and `}` for curl, which would otherwise glob.
pub fn without_glob_escapes(argument: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(argument.len());
    for (at, &byte) in argument.iter().enumerate() {
        let escapes = byte == b'\\' && argument.get(at + 1).is_some_and(|next| b"[]{}".contains(next));
        if !escapes {
            kept.push(byte);
        }
    }
    kept
}

fn refuse_controls(bytes: &[u8]) -> Result<(), UriProblem> {
    match bytes.iter().position(|&byte| byte <= b' ' || byte == 0x7F) {
        Some(at) => Err(UriProblem::Character(bytes[at], at)),
        None => Ok(()),
    }
}

/// How many slashes stand before the authority: two should, but one and three
/// are read as browsers and curl do.
fn slashes(after_colon: &[u8]) -> usize {
    after_colon.iter().take(3).take_while(|&&byte| byte == b'/').count()
}

/// Where the scheme ends, if `argument` begins with one and `://`.
fn scheme_of(argument: &[u8]) -> Option<usize> {
    for name in ["http", "https"] {
        let (scheme, after) = argument.split_at_checked(name.len()).unwrap_or_default();
        if scheme.eq_ignore_ascii_case(name.as_bytes()) && after.starts_with(b":/") {
            return Some(name.len());
        }
    }
    let end = argument.windows(3).position(|window| window == b"://")?;
    let name = &argument[..end];
    let valid = name.first().is_some_and(u8::is_ascii_alphabetic)
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte));
    valid.then_some(end)
}

/// Path and query, and the fragment; a query alone gets the slash that
/// stands before it on the wire.
fn path_query_and_fragment(after_authority: &[u8]) -> (Vec<u8>, Option<Vec<u8>>) {
    let (path, fragment) = split(after_authority, b'#');
    let path = if path.starts_with(b"?") { [b"/", path].concat() } else { path.to_vec() };
    (path, fragment.map(<[u8]>::to_vec))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(argument: &str) -> Result<Uri, UriProblem> {
        Uri::parse(argument.as_bytes(), Scheme::Http)
    }

    #[test]
    fn this_machine_is_known_by_its_names() {
        let is_loopback = |host: &str| Uri::parse(host.as_bytes(), Scheme::Http).expect(host).is_loopback();
        for host in ["localhost", "LOCALHOST.", "a.localhost", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["localhost.example", "10.0.0.1", "[::2]", "notlocalhost"] {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn hosts_and_urls() {
        for (argument, scheme, authority, target) in [
            ("baidu.com", Scheme::Http, "baidu.com", "/"),
            ("baidu.com:8080", Scheme::Http, "baidu.com:8080", "/"),
            ("baidu.com:80", Scheme::Http, "baidu.com", "/"),
            ("baidu.com:", Scheme::Http, "baidu.com", "/"),
            ("http://a.b:8080/c?d=e#f", Scheme::Http, "a.b:8080", "/c?d=e"),
            ("a?b", Scheme::Http, "a", "/?b"),
            ("HTTPS://A/../%2e/./b//c", Scheme::Https, "A", "/../%2e/./b//c"),
            ("https://a:80/", Scheme::Https, "a:80", "/"),
            ("[::1]:8080", Scheme::Http, "[::1]:8080", "/"),
            ("http://[fe80::1%25eth0]/", Scheme::Http, "[fe80::1]", "/"),
            ("http://u:p@x@h/", Scheme::Http, "h", "/"),
            ("tcp://mail:25", Scheme::Tcp, "mail:25", "/"),
            ("a/b\\c", Scheme::Http, "a", "/b\\c"),
            ("localhost/http://x", Scheme::Http, "localhost", "/http://x"),
            ("http:/a/b", Scheme::Http, "a", "/b"),
            ("HTTPS:///a", Scheme::Https, "a", "/"),
        ] {
            let uri = parse(argument).unwrap_or_else(|problem| panic!("{argument}: {problem}"));
            let found = (uri.scheme, &uri.authority()[..], uri.origin_form());
            assert_eq!(found, (scheme, authority, target.as_bytes()), "{argument}");
        }
    }

    #[test]
    fn what_is_no_target_is_refused() {
        for (argument, problem) in [
            ("http://a b/", UriProblem::HostCharacter(b' ', 8)),
            ("http://u:p q@a/", UriProblem::Character(b' ', 10)),
            ("http://u@a:8 0/", UriProblem::HostCharacter(b' ', 12)),
            ("a b", UriProblem::HostCharacter(b' ', 1)),
            ("a/\r\nX: y", UriProblem::Character(b'\r', 2)),
            ("http://a\\b/", UriProblem::Backslash(8)),
            ("ftp://a/", UriProblem::UnsupportedScheme("ftp".to_owned())),
            ("http://", UriProblem::NoHost),
            ("http:////x", UriProblem::NoHost),
            ("http://:80/", UriProblem::NoHost),
            ("http://[::1/", UriProblem::Host("the bracket of the IPv6 address is not closed")),
            ("http://a:65536/", UriProblem::Port),
            ("http://a:+80/", UriProblem::Port),
            ("http://a:b:c", UriProblem::Port),
            ("http://a%2Fb/", UriProblem::Host("the host name contains a percent sign")),
            ("tcp://a", UriProblem::NoPort),
            ("::1", UriProblem::NoBrackets("::1".to_owned())),
            ("http://2001:db8::1/a", UriProblem::NoBrackets("2001:db8::1".to_owned())),
            ("http://2001:db8::1%25eth0", UriProblem::NoBrackets("2001:db8::1%25eth0".to_owned())),
        ] {
            assert_eq!(parse(argument), Err(problem), "{argument}");
        }
        assert!(matches!(parse("http://[127.0.0.1]/"), Err(UriProblem::Host(_))));
        assert!(matches!(parse(&"a".repeat(70_000)), Err(UriProblem::Host(_))));
    }

    #[test]
    fn credentials_lose_their_percent_encoding() {
        let uri = parse("http://us%65r:p%3aw%zz@h/").expect("a URL");
        assert_eq!(uri.credentials(), Some((b"user".to_vec(), Some(b"p:w%zz".to_vec()))));
        assert_eq!(parse("http://u@h/").expect("a URL").credentials(), Some((b"u".to_vec(), None)));
        assert_eq!(parse("http://@h/").expect("a URL").credentials(), None);
    }

    #[test]
    fn only_glob_characters_lose_their_backslash() {
        assert_eq!(without_glob_escapes(b"/a\\[1\\]\\{b\\}\\c"), b"/a[1]{b}\\c");
    }
}
