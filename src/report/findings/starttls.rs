//! Findings on the plain dialogue of `--starttls`.

use super::rule::{Findings, Rule, rows};
use crate::failure;
use crate::http::excerpt::quoted;
use crate::report::exchange::Exchange;

pub(super) const RULES: &[Rule] = rows![error(
    "starttls-injected",
    "CVE-2011-0411; RFC 3207 §4.2",
    "bytes between the server's go-ahead and TLS: anyone on the path may have injected them, and a client that keeps them takes them for the server's",
    injected,
)];

fn injected(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some(before) = &exchange.before_tls else { return };
    if !before.injected.is_empty() {
        found.with(
            before.received,
            &format!("{}: {}", failure::bytes(before.injected.len() as u64), quoted(&before.injected)),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{check_with, exchange};
    use super::*;
    use crate::report::exchange::BeforeTls;

    #[test]
    fn cases() {
        let make = |text: &str| {
            let before_tls = Some(BeforeTls { received: 9, injected: text.as_bytes().to_vec() });
            Exchange { before_tls, ..exchange("200") }
        };
        check_with(RULES, &[("starttls-injected", "+OK evil\r\n", "")], make);
    }
}
