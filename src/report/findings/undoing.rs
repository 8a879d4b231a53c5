//! Findings that hang on the codings that this program can undo.

use super::coding::REGISTERED;
use super::lists::members;
use super::request_framing::content;
use super::rule::{Rule, rows};
use crate::coding::{self, CodingChain, Ending};

pub(super) const RULES: &[Rule] = rows![
    note(
        "content-encoding-not-undone",
        "RFC 9110 §8.4.1",
        "a registered coding that this program cannot decode: the content is shown as received",
        |exchange, found| {
            let Some(head) = exchange.response().filter(|_| exchange.body.bytes > 0) else { return };
            let is_beyond = |name: &[u8]| {
                REGISTERED.iter().any(|known| name.eq_ignore_ascii_case(known))
                    && coding::find(name).is_none()
            };
            let mut named = members(&head.fields, "content-encoding");
            found.lines(named.find(|(_, name)| is_beyond(name)).map(|(line, _)| line));
        },
    ),
    error(
        "framing-transfer-encoding-corrupt",
        "RFC 9112 §6.1, §7.2",
        "the transfer coding that Transfer-Encoding names cannot be decoded: the content is lost",
        |exchange, found| {
            if let Some(problem) = &exchange.body.content.transfer_error {
                found.with(exchange.body.offset, problem);
            }
        },
    ),
];

/// The rules that judge the request.
pub(super) const REQUEST_RULES: &[Rule] = rows![error(
    "request-content-encoding-corrupt",
    "RFC 9110 §8.4",
    "the content is not in the coding that Content-Encoding names, or not all of it: servers refuse it",
    |exchange, found| {
        let request = &exchange.request;
        let Some(content) = content(request).filter(|content| !content.is_empty()) else { return };
        let Ok(chain) = CodingChain::new(request.fields.members("content-encoding")) else { return };
        let mut chain = chain.limited();
        let ended = chain.push(&content, &mut |_| Ok(())).and_then(|()| chain.finish());
        if let Err(problem) = ended
            && !chain.stages().iter().any(|stage| stage.ending() == Ending::Stopped)
        {
            found.with(request.head.len() as u64, &format!("{problem:#}"));
        }
    },
)];

#[cfg(test)]
mod tests {
    use super::super::test_support::{check_with, exchange, sent};
    use super::*;

    #[test]
    fn cases() {
        if coding::find(b"gzip").is_none() {
            return;
        }
        check_with(
            RULES,
            &[
                (
                    "content-encoding-not-undone",
                    "200|Content-Encoding: exi||x",
                    "200|Content-Encoding: gzip||x",
                ),
                (
                    "framing-transfer-encoding-corrupt",
                    "200|Transfer-Encoding: gzip||hello",
                    "200|Transfer-Encoding: x-unknown||hello",
                ),
            ],
            exchange,
        );
        let put = |coding: &str| {
            &*format!("PUT / HTTP/1.1\r\nContent-Length: 5\r\nContent-Encoding: {coding}\r\n\r\nhello").leak()
        };
        check_with(REQUEST_RULES, &[("request-content-encoding-corrupt", put("gzip"), put("x"))], |text| {
            sent("http://a.example/", text)
        });
    }
}
