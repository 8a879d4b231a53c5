//! The change to another protocol (RFC 9110 §7.8), and what HTTP/1.0 does not know.

use super::exchange_sections::response_with;
use super::lists::members;
use super::rule::{Rule, rows};

pub(super) const RULES: &[Rule] = rows![
    warn(
        "interim-http10",
        "RFC 9110 §15.2",
        "an interim (1xx) response to an HTTP/1.0 request: HTTP/1.0 has none, and clients read it as the final response",
        |exchange, found| {
            let mut heads = exchange.interim.iter().filter(|_| exchange.request.version.is_below_11());
            if let Some(head) = heads.next() {
                found.at(head.status_line_offset());
            }
        },
    ),
    error(
        "status-101-invalid",
        "RFC 9110 §15.2.2, §7.8",
        "101 (Switching Protocols) to what was not offered, without Upgrade in both request and response, or to \
         HTTP/1.0: nobody can tell which protocol follows",
        |exchange, found| {
            let Some(head) = response_with(exchange, 101) else { return };
            let offered = &exchange.request.fields;
            let is_offered =
                |name: &[u8]| offered.members("upgrade").any(|own| own.eq_ignore_ascii_case(name));
            let mut chosen = head.fields.members("upgrade").filter(|name| !name.is_empty()).peekable();
            let is_chosen = chosen.peek().is_some() && chosen.all(is_offered);
            if !is_chosen || exchange.request.version.is_below_11() {
                found.at(head.status_line_offset());
            }
        },
    ),
    warn(
        "status-101-before-100",
        "RFC 9110 §7.8",
        "101 (Switching Protocols) before the 100 (Continue) that the request expects: its content is never sent",
        |exchange, found| {
            let expects = exchange.request.fields.has_member("expect", "100-continue");
            let has_consent = exchange.interim.iter().any(|head| head.status() == 100);
            if let Some(head) = response_with(exchange, 101).filter(|_| expects && !has_consent) {
                found.at(head.status_line_offset());
            }
        },
    ),
    note(
        "upgrade-not-taken",
        "RFC 9110 §7.8",
        "the response offers a protocol that the request already offered: 101 would have switched to it",
        |exchange, found| {
            let Some(head) = exchange.response().filter(|head| !matches!(head.status(), 101 | 426)) else {
                return;
            };
            let is_offered = |name: &[u8]| {
                exchange.request.fields.members("upgrade").any(|own| own.eq_ignore_ascii_case(name))
            };
            let mut names = members(&head.fields, "upgrade").filter(|(_, name)| !name.is_empty());
            found.lines(names.find(|(_, name)| is_offered(name)).map(|(line, _)| line));
        },
    ),
    note(
        "upgrade-http2",
        "RFC 9113 §3.1, §3.2",
        "Upgrade does not lead to HTTP/2: h2 is for TLS alone, and h2c is no longer used",
        |exchange, found| {
            let Some(head) = exchange.response() else { return };
            let mut names = members(&head.fields, "upgrade");
            found.lines(names.find(|(_, name)| is_http2(name)).map(|(line, _)| line));
        },
    ),
];

/// Whether an upgrade token means HTTP/2.
pub(super) fn is_http2(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"h2") || name.eq_ignore_ascii_case(b"h2c")
}

#[cfg(test)]
mod tests {
    use super::super::test_support::check_with;
    use super::super::tests::exchange_of;
    use super::*;

    #[test]
    fn cases() {
        let (invalid, upgrade) = ("status-101-invalid", "Upgrade: a/1|Connection: upgrade");
        let switch = |request: &str, rest: &str| {
            &*format!("{request}|{upgrade} > {rest}HTTP/1.1 101 Switching|{upgrade}||").leak()
        };
        let ok = "HTTP/1.1 200 OK|Upgrade: A/1, h2c|Connection: upgrade||";
        check_with(
            RULES,
            &[
                (
                    "interim-http10",
                    "HTTP/1.0 > HTTP/1.1 103 Early||HTTP/1.1 200 OK||",
                    " > HTTP/1.1 103 Early||HTTP/1.1 200 OK||",
                ),
                (invalid, switch("HTTP/1.0", ""), switch("", "")),
                (
                    invalid,
                    "Upgrade: a/2|Connection: upgrade > HTTP/1.1 101 Switching|Upgrade: a/1||",
                    switch("", ""),
                ),
                (
                    "status-101-before-100",
                    switch("POST|Expect: 100-continue", ""),
                    switch("POST|Expect: 100-continue", "HTTP/1.1 100 Continue||"),
                ),
                ("upgrade-not-taken", &*format!("{upgrade} > {ok}").leak(), &*format!(" > {ok}").leak()),
                ("upgrade-http2", &*format!(" > {ok}").leak(), switch("", "")),
            ],
            |text| {
                let (request, response) = text.split_once(" > ").expect("request and response");
                exchange_of(request, response)
            },
        );
    }
}
