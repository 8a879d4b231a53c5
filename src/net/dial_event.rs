//! What is told on the way to a connection.

use std::io;
use std::net::SocketAddr;

/// What happens during [`super::Dialer::dial`], told when it happens.
#[derive(Debug)]
pub(crate) enum DialEvent<'a> {
    /// The host was a name and stands for these addresses, in the order in which they are tried.
    Resolved {
        /// The name as given: it may hold any byte, and is not yet fit for a terminal.
        host: &'a str,
        /// At least one.
        addresses: &'a [SocketAddr],
    },
    /// An attempt begins.
    Trying { address: SocketAddr },
    /// An attempt failed. One that the time limit cut off is not told here, but in the error.
    Failed { address: SocketAddr, error: &'a io::Error },
    /// This attempt won; the others are abandoned.
    Connected { address: SocketAddr },
}
