//! What is known of a connection from its beginning to its end.

use crate::net::tls::Secured;

/// What observers are told of a connection whenever it serves another exchange.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConnectionFacts {
    /// Its number in the run, counted from 0.
    pub(crate) number: u64,
    /// The proxy that it goes by.
    pub(crate) proxy: Option<String>,
    /// What the TLS handshake with the server came to.
    pub(crate) tls: Option<Box<Secured>>,
}
