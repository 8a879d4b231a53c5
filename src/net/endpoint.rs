//! A host and a port.

use std::fmt;

use super::wording::printable;

/// Where to connect, before resolution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// A name, or an address without brackets; an IPv6 address may have a zone (`%eth0`).
    pub(crate) host: String,
    /// The TCP port.
    pub(crate) port: u16,
}

/// As written in a URL's authority, fit for a message: see [`printable`].
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = printable(&self.host);
        if host.contains(':') {
            write!(f, "[{host}]:{}", self.port)
        } else {
            write!(f, "{host}:{}", self.port)
        }
    }
}
