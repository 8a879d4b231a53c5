//! The error of a head or a trailer section that others may read differently.

use crate::failure::Failure;
use crate::http::doubt::Doubt;

/// What is in doubt.
#[derive(Clone, Copy)]
pub(super) enum DoubtfulPart {
    Head,
    Trailers,
    /// The response of a proxy to CONNECT.
    ProxyHead,
}

/// The error of `doubt` about this section.
pub(super) fn doubtful(section: DoubtfulPart, doubt: Doubt) -> anyhow::Error {
    let Doubt { what, offset, is_other_version, .. } = doubt;
    let (response, part) = match section {
        DoubtfulPart::Head => ("the response", "the head"),
        DoubtfulPart::Trailers => ("the response", "the trailer section"),
        DoubtfulPart::ProxyHead => ("the proxy's response", "the proxy's response to CONNECT"),
    };
    if is_other_version {
        return Failure::Protocol.error(format!("{response} is not HTTP/1.x: {what}, at byte {offset}"));
    }
    Failure::DoubtfulHead.error(format!("others may read {part} differently: {what}, at byte {offset}"))
}
