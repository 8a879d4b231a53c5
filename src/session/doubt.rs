//! The error of a head or a trailer section that others may read differently.

use crate::failure::Failure;
use crate::http::doubt::Doubt;

/// The error of `doubt` about `section`, as in "the head".
pub(super) fn doubtful(section: &str, doubt: Doubt) -> anyhow::Error {
    let Doubt { what, offset, is_other_version, .. } = doubt;
    if is_other_version {
        return Failure::Protocol.error(format!("the response is not HTTP/1.x: {what}, at byte {offset}"));
    }
    Failure::DoubtfulHead.error(format!("others may read {section} differently: {what}, at byte {offset}"))
}
