//! The error of a head or a trailer section that others may read differently.

use crate::event::BodyEnd;
use crate::failure::Failure;
use crate::http::doubt::{Doubt, trailer_doubt};
use crate::plan::Manners;

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

/// An error where others may read the trailer section differently.
pub(super) fn judge_trailers(end: &BodyEnd, manners: Manners) -> anyhow::Result<()> {
    let decoder = end.chunked.as_ref();
    let doubt = decoder.and_then(|decoder| trailer_doubt(&decoder.trailers_parsed().1));
    let doubt = doubt.filter(|doubt| manners.minds_less(doubt));
    doubt.map_or(Ok(()), |doubt| Err(doubtful(DoubtfulPart::Trailers, doubt)))
}
