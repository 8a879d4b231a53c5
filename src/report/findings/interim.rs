//! Interim responses and the change to another protocol (RFC 9110 §15.2, §7.8).

use super::rule::{Rule, rows};
use crate::http::response::HeadProblem;

pub(super) const RULES: &[Rule] = rows![
    warn(
        "interim-100-unexpected",
        "RFC 9110 §15.2.1, §10.1.1",
        "100 (Continue) though the request did not say Expect: 100-continue: simple clients take it for the \
         final response",
        |exchange, found| {
            if exchange.request.fields.has_member("expect", "100-continue") {
                return;
            }
            for head in exchange.interim.iter().filter(|head| head.status() == 100) {
                found.at(head.status_line_offset());
            }
        },
    ),
    error(
        "interim-without-final",
        "RFC 9110 §15.2; RFC 9112 §8",
        "the connection ended after interim (1xx) responses: no final response came",
        |exchange, found| {
            if let Err(bad) = &exchange.head
                && bad.problem == HeadProblem::Empty
                && !exchange.interim.is_empty()
                && !exchange.is_stopped
            {
                found.at(bad.offset + bad.raw.len() as u64);
            }
        },
    ),
];
