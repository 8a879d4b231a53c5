//! What `-v` and `--explain` say of the trust in a server.

use crate::net::tls::{PeerVerdict, Secured};

/// What the server's certificate is worth, in a sentence.
pub(super) fn verdict(secured: &Secured) -> String {
    let host = &secured.host;
    match &secured.verdict {
        PeerVerdict { refusal: Some(why), .. } => {
            format!("The certificate of {host} cannot be trusted: {why}")
        }
        PeerVerdict { is_unpinned: true, .. } => format!("The key of {host} does not match --pinnedpubkey"),
        PeerVerdict { is_checked: true, .. } => format!("The certificate is valid for {host} and trusted"),
        _ => match &secured.unproven {
            None => format!("The certificate of {host} was not checked (-k)"),
            Some(why) => format!(
                "The certificate of {host} was not checked (-k), and whether {host} holds its key cannot be checked: {why}"
            ),
        },
    }
}
