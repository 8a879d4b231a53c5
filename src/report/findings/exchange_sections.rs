//! The sections of an exchange that rules look at one by one.

use crate::http::Deviations;
use crate::http::field::FieldSection;
use crate::http::response::{BadHead, HeadProblem, ResponseHead};
use crate::report::exchange::Exchange;

/// What the parsers noted, section by section: interim heads, the final head or
/// what there is of it, the chunks, the trailer section, the server's frames.
pub(super) fn deviations(exchange: &Exchange) -> impl Iterator<Item = &Deviations> {
    let head = match &exchange.head {
        Ok(head) => Some(&head.deviations),
        // No head has begun.
        Err(BadHead { problem: HeadProblem::Empty | HeadProblem::NotHttp, .. }) => None,
        Err(bad) => Some(&bad.deviations),
    };
    let body = &exchange.body;
    let interim = exchange.interim.iter().map(|head| &head.deviations);
    let frames = exchange.websocket.iter().map(|websocket| &websocket.deviations);
    interim.chain(head).chain([&body.chunk_deviations, &body.trailer_deviations]).chain(frames)
}

/// The field lines, section by section: interim heads, the final head or what
/// there is of it, the trailer section.
pub(super) fn sections(exchange: &Exchange) -> impl Iterator<Item = &FieldSection> {
    let head = match &exchange.head {
        Ok(head) => &head.fields,
        Err(bad) => &bad.fields,
    };
    let interim = exchange.interim.iter().map(|head| &head.fields);
    interim.chain([head, &exchange.body.trailers])
}

/// The whole heads: interim ones and the final one.
pub(super) fn heads(exchange: &Exchange) -> impl Iterator<Item = &ResponseHead> {
    exchange.interim.iter().chain(exchange.response())
}

/// The final head, if it came whole and has this status code.
pub(super) fn response_with(exchange: &Exchange, status: u16) -> Option<&ResponseHead> {
    exchange.response().filter(|head| head.status() == status)
}
