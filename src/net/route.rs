//! Which way to a server: a list of hops, each wrapped around the one before.

use super::Dialer;
use super::endpoint::Endpoint;
use super::exempt::Exempt;
use super::overruling::ConnectToRule;
use super::proxy::{Proxy, ProxyProtocol};
use super::starttls::StartTls;
use crate::http::request::{DefaultField, RequestLine, UserField, head};
use crate::http::response::Version;
use crate::http::uri::{Scheme, Uri};

/// One step on the way to a server.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RouteHop<'a> {
    /// A TCP connection to the server itself.
    Server(Endpoint),
    /// A TCP connection to a proxy.
    Proxy(&'a Proxy),
    /// A SOCKS proxy is asked to connect there.
    Socks(&'a Proxy, Endpoint),
    /// An HTTP proxy is asked for a tunnel there (RFC 9110 §9.3.6).
    Tunnel(&'a Proxy, Endpoint),
    /// TLS with a proxy.
    ProxyTls(&'a Proxy),
    /// The server is asked, in this protocol's words, to begin TLS.
    StartTls(StartTls),
    /// TLS with the server of this name.
    Tls(&'a str),
}

/// What the user's options and environment say about proxies.
#[derive(Clone, Debug, Default)]
pub(crate) struct Routes {
    pub(crate) http: Option<Proxy>,
    pub(crate) https: Option<Proxy>,
    /// The proxy for tcp and tls.
    pub(crate) other: Option<Proxy>,
    /// `--preproxy`: on the way to an HTTP proxy.
    pub(crate) before: Option<Proxy>,
    /// Hosts reached without a proxy.
    pub(crate) exempt: Exempt,
    /// `-p`: http goes through a tunnel too.
    pub(crate) tunnels: bool,
    /// The User-Agent that proxies are told; none where it is empty.
    pub(crate) agent: Vec<u8>,
    /// `--proxy-header`.
    pub(crate) fields: Vec<UserField>,
    /// `--connect-to`.
    pub(crate) connect_to: Vec<ConnectToRule>,
}

/// The proxies on the way to one server, with the user's credentials for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Route {
    /// The one that is told the server's name.
    pub(crate) proxy: Option<Proxy>,
    /// The one on the way to it.
    pub(crate) before: Option<Proxy>,
}

impl Routes {
    /// The way to `uri`'s host.
    pub(crate) fn hops<'a>(&'a self, uri: &'a Uri, dialer: &Dialer) -> Vec<RouteHop<'a>> {
        let server = Endpoint { host: uri.host.clone(), port: uri.port };
        let is_secure = uri.scheme.is_secure();
        let mut hops = match self.proxy(uri) {
            None => vec![RouteHop::Server(server)],
            Some(proxy) => {
                // A proxy is told where the connection is really to go.
                let to = dialer.destination(&server).into_owned();
                let mut hops = self.hops_to(proxy);
                match proxy.kind.is_http() {
                    false => hops.push(RouteHop::Socks(proxy, to)),
                    true if self.forwarder(uri).is_none() => hops.push(RouteHop::Tunnel(proxy, to)),
                    true => {}
                }
                hops
            }
        };
        let starttls = dialer.starttls.filter(|_| uri.scheme == Scheme::Tcp);
        hops.extend(starttls.map(RouteHop::StartTls));
        hops.extend((is_secure || starttls.is_some()).then_some(RouteHop::Tls(&uri.host)));
        hops
    }

    fn hops_to<'a>(&'a self, proxy: &'a Proxy) -> Vec<RouteHop<'a>> {
        let mut hops = match &self.before {
            Some(before) if proxy.kind.is_http() => {
                vec![RouteHop::Proxy(before), RouteHop::Socks(before, proxy.endpoint.clone())]
            }
            _ => vec![RouteHop::Proxy(proxy)],
        };
        hops.extend((proxy.kind == ProxyProtocol::Https).then_some(RouteHop::ProxyTls(proxy)));
        hops
    }

    /// The proxies on the way to `uri`'s host.
    pub(crate) fn route(&self, uri: &Uri) -> Route {
        let proxy = self.proxy(uri).cloned();
        let before = self.before.clone().filter(|_| proxy.as_ref().is_some_and(|proxy| proxy.kind.is_http()));
        Route { proxy, before }
    }

    fn proxy(&self, uri: &Uri) -> Option<&Proxy> {
        let proxy = match uri.scheme {
            Scheme::Http | Scheme::Ws => &self.http,
            Scheme::Https | Scheme::Wss => &self.https,
            Scheme::Tcp | Scheme::Tls => &self.other,
        };
        proxy.as_ref().filter(|_| !self.exempt.covers(&uri.host))
    }

    /// Whether `--connect-to` gives another host or port: then only a tunnel leads there, as by curl.
    fn leads_elsewhere(&self, uri: &Uri) -> bool {
        let to = Endpoint { host: uri.host.clone(), port: uri.port };
        let rule = self.connect_to.iter().find(|rule| rule.fits(&to));
        rule.is_some_and(|rule| !rule.leaves(&to))
    }

    /// The proxy that reads the request for `uri` and passes it on (RFC 9112 §3.2.2).
    pub(crate) fn forwarder(&self, uri: &Uri) -> Option<&Proxy> {
        let proxy = self.proxy(uri).filter(|proxy| proxy.kind.is_http())?;
        let is_plain = uri.scheme == Scheme::Http && !self.tunnels && !self.leads_elsewhere(uri);
        is_plain.then_some(proxy)
    }

    /// The head of the request for a tunnel through `proxy` to `to`, as curl sends it.
    pub(crate) fn connect_head(
        &self,
        proxy: &Proxy,
        to: &Endpoint,
        authorization: Option<Vec<u8>>,
    ) -> Vec<u8> {
        let target = connect_target(to);
        let line = RequestLine {
            method: CONNECT.to_vec(),
            target: target.clone().into_bytes(),
            version: if proxy.is_http10 { Version::HTTP_10 } else { Version::HTTP_11 },
        };
        let mut defaults = vec![DefaultField::new("Host", target)];
        defaults.extend(authorization.map(|value| DefaultField::new("Proxy-Authorization", value)));
        if !self.agent.is_empty() {
            defaults.push(DefaultField::new("User-Agent", self.agent.clone()));
        }
        defaults.push(DefaultField::new("Proxy-Connection", "Keep-Alive"));
        head(&line, &defaults, &self.fields)
    }
}

/// The method that requests a tunnel.
pub(crate) const CONNECT: &[u8] = b"CONNECT";

/// The authority form of the target (RFC 9112 §3.2.3).
pub(crate) fn connect_target(to: &Endpoint) -> String {
    match to.host.contains(':') {
        true => format!("[{}]:{}", to.host, to.port),
        false => format!("{}:{}", to.host, to.port),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(text: &str) -> Option<Proxy> {
        Some(Proxy::parse(text, ProxyProtocol::Http).unwrap())
    }

    fn shown(routes: &Routes, url: &str) -> String {
        let uri = Uri::parse(url.as_bytes(), Scheme::Http).unwrap();
        let dialer = Dialer::default();
        let hops = routes.hops(&uri, &dialer);
        let words = hops.iter().map(|hop| match hop {
            RouteHop::Server(to) => format!("to {to}"),
            RouteHop::Proxy(proxy) => format!("to {proxy:?}"),
            RouteHop::Socks(_, to) => format!("socks {to}"),
            RouteHop::Tunnel(_, to) => format!("tunnel {to}"),
            RouteHop::ProxyTls(_) => "proxy-tls".to_owned(),
            RouteHop::StartTls(protocol) => format!("{protocol:?}"),
            RouteHop::Tls(host) => format!("tls {host}"),
        });
        words.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn a_route_is_a_list_of_hops() {
        let direct = Routes::default();
        assert_eq!(shown(&direct, "http://a"), "to a:80");
        assert_eq!(shown(&direct, "tls://a:1"), "to a:1, tls a");
        let uri = Uri::parse(b"tcp://a:25", Scheme::Http).unwrap();
        let dialer = Dialer { starttls: Some(StartTls::Smtp), ..Dialer::default() };
        let hops = direct.hops(&uri, &dialer);
        assert_eq!(hops[1..], [RouteHop::StartTls(StartTls::Smtp), RouteHop::Tls("a")]);
        let all =
            |text| Routes { http: proxy(text), https: proxy(text), other: proxy(text), ..direct.clone() };
        assert_eq!(shown(&all("http://p"), "http://a"), "to Http p:1080");
        assert_eq!(shown(&all("http://p"), "https://a"), "to Http p:1080, tunnel a:443, tls a");
        assert_eq!(shown(&all("http://p"), "tcp://a:25"), "to Http p:1080, tunnel a:25");
        assert_eq!(shown(&all("https://p"), "https://a"), "to Https p:443, proxy-tls, tunnel a:443, tls a");
        assert_eq!(shown(&all("socks5h://p"), "https://a"), "to Socks5h p:1080, socks a:443, tls a");
        let tunnels = Routes { tunnels: true, ..all("http://p") };
        assert_eq!(shown(&tunnels, "http://a"), "to Http p:1080, tunnel a:80");
        let chain = Routes { before: proxy("socks5://s"), ..all("http://p") };
        assert_eq!(shown(&chain, "http://a"), "to Socks5 s:1080, socks p:1080");
        let exempt = Routes { exempt: Exempt::parse("a"), ..all("http://p") };
        assert_eq!(shown(&exempt, "http://a"), "to a:80");
        assert_eq!(shown(&exempt, "http://b"), "to Http p:1080");
    }

    #[test]
    fn connect_is_curls_to_the_byte() {
        let routes = Routes {
            agent: b"rawget/0".to_vec(),
            fields: vec![UserField::Line(b"X: y".to_vec())],
            ..Routes::default()
        };
        let proxy = proxy("p").unwrap();
        let to = Endpoint { host: "::1".to_owned(), port: 443 };
        let head = routes.connect_head(&proxy, &to, Some(b"Basic dTpw".to_vec()));
        let expected = "CONNECT [::1]:443 HTTP/1.1|Host: [::1]:443|Proxy-Authorization: Basic dTpw|\
                        User-Agent: rawget/0|Proxy-Connection: Keep-Alive|X: y||";
        assert_eq!(String::from_utf8(head).unwrap().replace("\r\n", "|"), expected);
    }
}
