//! What a session knows of the proxies that it goes by: whom a connection leads
//! to, and how far authentication towards each proxy has come.

use crate::http::uri::{Origin, Scheme, Uri};
use crate::net::{Endpoint, Proxy, Routes};
use crate::policy::auth::{Allowed, Authenticator, Credentials, Role};

/// Whom a connection leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Peer {
    Origin(Origin),
    /// A proxy that passes requests on, to any origin.
    Forwarder(Proxy),
}

impl Peer {
    pub(super) fn of(uri: &Uri, routes: &Routes) -> Self {
        let forwarder = routes.forwarder(uri);
        forwarder.map_or_else(|| Self::Origin(uri.origin()), |proxy| Self::Forwarder(proxy.clone()))
    }

    /// Where it is, before options lead elsewhere.
    pub(super) fn endpoint(&self) -> Endpoint {
        match self {
            Self::Origin(origin) => Endpoint { host: origin.host.clone(), port: origin.port },
            Self::Forwarder(proxy) => proxy.endpoint.clone(),
        }
    }

    /// Whether no TLS is spoken with it.
    pub(super) fn is_plain(&self) -> bool {
        match self {
            Self::Origin(origin) => origin.scheme == Scheme::Http,
            Self::Forwarder(proxy) => !proxy.needs_tls(),
        }
    }
}

/// Authentication towards each proxy (RFC 9110 §11.7), as long as the session lasts.
pub(super) struct Proxies {
    allowed: Allowed,
    known: Vec<(Proxy, Authenticator)>,
}

impl Proxies {
    /// By the schemes that are `allowed`.
    pub(super) fn new(allowed: Allowed) -> Self {
        Self { allowed, known: Vec::new() }
    }

    /// Who makes the credentials for `proxy`.
    pub(super) fn authenticator(&mut self, proxy: &Proxy) -> &mut Authenticator {
        let at = self.known.iter().position(|(known, _)| known == proxy).unwrap_or_else(|| {
            let credentials = Credentials { user: proxy.credentials.clone(), token: None };
            let fresh = Authenticator::new(Role::Proxy, credentials, self.allowed);
            self.known.push((proxy.clone(), fresh));
            self.known.len() - 1
        });
        &mut self.known[at].1
    }
}
