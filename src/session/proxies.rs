//! What a session knows of the proxies that it goes by: how far authentication
//! towards each has come.

use crate::net::Proxy;
use crate::policy::auth::{Allowed, Authenticator, Challenger, Credentials};

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
            let fresh = Authenticator::new(Challenger::Proxy, credentials, self.allowed);
            self.known.push((proxy.clone(), fresh));
            self.known.len() - 1
        });
        &mut self.known[at].1
    }
}
