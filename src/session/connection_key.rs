//! What a connection is: another identity, another connection.

use std::rc::Rc;

use super::Session;
use crate::http::request::UserField;
use crate::http::uri::{Origin, Uri};
use crate::net::tls::Settings;
use crate::net::{Dialer, Endpoint, Proxy, Route};
use crate::plan::Rules;
use crate::policy::boundary::OriginTrust;

/// All that two connections must have in common for one to do the other's work.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct ConnectionKey {
    peer: Peer,
    /// Where it really goes.
    destination: Endpoint,
    /// How it gets there.
    dialer: Dialer,
    route: Route,
    /// What a proxy is told when it is asked for a tunnel.
    tunnel: Vec<UserField>,
    tls: Settings,
    proxy_tls: Settings,
    /// The client certificate may be shown.
    shows_certificate: bool,
}

/// The peer of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Peer {
    Origin(Origin),
    /// A proxy that passes requests on, to any origin.
    Forwarder(Proxy),
}

/// The identity made last, and for which origin and standing.
pub(super) struct LastKey {
    origin: Origin,
    standing: OriginTrust,
    identity: Rc<ConnectionKey>,
}

impl Session<'_, '_> {
    /// The identity of a connection for a request to `uri`. It depends on nothing else of the
    /// URI than its origin, and many requests in a row go to the same one.
    pub(super) fn identity(&mut self, uri: &Uri, standing: OriginTrust) -> Rc<ConnectionKey> {
        if let Some(last) = &self.last_identity
            && last.standing == standing
            && last.origin.is_of(uri)
        {
            return Rc::clone(&last.identity);
        }
        let identity = Rc::new(ConnectionKey::of(&self.rules, uri, standing));
        let last = LastKey { origin: uri.origin(), standing, identity: Rc::clone(&identity) };
        self.last_identity = Some(last);
        identity
    }
}

impl ConnectionKey {
    /// The key of a connection by `rules` for a request to `uri`.
    fn of(rules: &Rules, uri: &Uri, standing: OriginTrust) -> Self {
        let forwarder = rules.routes.forwarder(uri);
        let route = rules.routes.route(uri);
        let server = Endpoint { host: uri.host.clone(), port: uri.port };
        let is_tunnel = forwarder.is_none() && route.proxy.as_ref().is_some_and(|proxy| proxy.kind.is_http());
        Self {
            destination: match forwarder {
                Some(proxy) => proxy.endpoint.clone(),
                None => rules.dialer.destination(&server).into_owned(),
            },
            dialer: rules.dialer.identity(),
            tunnel: if is_tunnel { rules.routes.fields.clone() } else { Vec::new() },
            tls: rules.tls.identity(),
            proxy_tls: rules.proxy_tls.identity(),
            shows_certificate: standing.shows_certificate || !rules.tls.shows_certificate(),
            peer: forwarder
                .map_or_else(|| Peer::Origin(uri.origin()), |proxy| Peer::Forwarder(proxy.clone())),
            route,
        }
    }
}
