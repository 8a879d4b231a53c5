//! Findings on Strict-Transport-Security (RFC 6797).

use super::rule::{Findings, Rule, rows};
use crate::http::excerpt::quoted;
use crate::http::field::FieldLine;
use crate::http::hsts::Policy;
use crate::http::uri::Scheme;
use crate::report::exchange::Exchange;

pub(super) const RULES: &[Rule] = rows![
    warn(
        "hsts-over-http",
        "RFC 6797 §7.2, §8.1",
        "Strict-Transport-Security over http: browsers ignore it there",
        over_http,
    ),
    warn(
        "hsts-invalid",
        "RFC 6797 §6.1, §8.1",
        "Strict-Transport-Security does not parse, repeats itself, or has a value where none may be: the policy may be ignored",
        invalid,
    ),
    warn(
        "hsts-max-age-invalid",
        "RFC 6797 §6.1.1",
        "Strict-Transport-Security without a max-age in seconds: there is no policy",
        max_age_invalid,
    ),
    note(
        "hsts-weak",
        "RFC 6797 §6.1.1, §12.3",
        "the policy protects less than it seems to: max-age=0 takes it away, and preload needs a year and includeSubDomains",
        weak,
    ),
];

/// A year in seconds: what preload lists request.
const YEAR: u64 = 31_536_000;

/// The first line, which alone counts (RFC 6797 §8.1).
fn policy(exchange: &Exchange) -> Option<(FieldLine<'_>, Policy)> {
    let line = exchange.response()?.fields.first("strict-transport-security")?;
    Some((line, Policy::parse(line.value)))
}

fn over_http(exchange: &Exchange, found: &mut Findings<'_>) {
    if let Some((line, _)) = policy(exchange)
        && exchange.url.scheme == Scheme::Http
    {
        found.at(line.offset);
    }
}

fn invalid(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some(head) = exchange.response() else { return };
    if let Some((line, policy)) = policy(exchange)
        && (policy.is_unparsable || policy.is_contradictory)
    {
        found.with(line.offset, &quoted(line.value));
    }
    if let Some(second) = head.fields.all("strict-transport-security").nth(1) {
        found.with(second.offset, "there is more than one line");
    }
}

fn max_age_invalid(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some((line, policy)) = policy(exchange) else { return };
    // What is missing may stand in what could not be parsed.
    let may_be_there = policy.max_age.is_none() && policy.is_unparsable;
    if policy.seconds().is_none() && !may_be_there {
        found.with(line.offset, &quoted(line.value));
    }
}

fn weak(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some((line, policy)) = policy(exchange) else { return };
    let Some(seconds) = policy.seconds() else { return };
    let is_policy = !policy.is_unparsable && !policy.is_contradictory;
    let is_short = policy.has_preload && (seconds < YEAR || !policy.has_subdomains);
    if is_policy && (seconds == 0 || is_short) {
        found.with(line.offset, &quoted(line.value));
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{check_with, exchange, ids};
    use super::*;

    fn hsts(text: &str) -> Exchange {
        let (scheme, value) = text.split_once(' ').expect("a scheme and a value");
        let line = |value: &str| format!("|Strict-Transport-Security: {value}");
        let lines: String = value.split(" and ").map(line).collect();
        exchange(&format!("GET {scheme}://a.example/ > 200{lines}"))
    }

    #[test]
    fn cases() {
        let (invalid, age, weak) = ("hsts-invalid", "hsts-max-age-invalid", "hsts-weak");
        check_with(
            RULES,
            &[
                ("hsts-over-http", "http max-age=9", "https max-age=9"),
                (invalid, "https max-age=9, includeSubDomains", "https max-age=9; includeSubDomains;"),
                (invalid, "https max-age=9 and max-age=9", "https max-age=9 ; x = \"y;z\""),
                (invalid, "https max-age=9; Max-Age=9", "https ;max-age=9;;"),
                (invalid, "https max-age=9; includeSubDomains=1", "https max-age=9; includesubdomains; x=y"),
                (invalid, "https max-age=9; preload=\"\"", "https max-age=9; PRELOAD"),
                (invalid, "https max-age=9; a b", "https max-age=1y"),
                (age, "https max-age", "https max-age=\"9\""),
                (age, "https max-age=", "https max-age=9 9"),
                (age, "https max-age=1y", "https max-age=0"),
                (age, "https includeSubDomains", "https max-age:9"),
                (age, "https max-age=-1", "https max-age = 99999999999999999999999"),
                (weak, "https max-age=0", "https max-age=1"),
                (
                    weak,
                    "https max-age=63072000; preload",
                    "https max-age=31536000; preload; includeSubDomains",
                ),
                (weak, "https max-age=9; preload; includeSubDomains", "https max-age=9; includeSubDomains"),
            ],
            hsts,
        );
    }

    #[test]
    fn a_fault_is_told_once() {
        assert_eq!(ids(RULES, &hsts("https max-age=9, includeSubDomains")), ["hsts-invalid"]);
        assert_eq!(ids(RULES, &hsts("https max-age=")), ["hsts-max-age-invalid"]);
        assert_eq!(ids(RULES, &hsts("https max-age=0 and max-age=9")), ["hsts-invalid", "hsts-weak"]);
    }
}
