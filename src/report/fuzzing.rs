//! Properties of reports, for any exchange.

use super::record::Record;
use super::recorder::ExchangeReport;
use super::wants::Wants;
use super::{explain, json, test_exchange};
use crate::http::json::is_json;

/// The request's bytes, their length in the first byte, then the response's.
pub(crate) fn exchange(data: &[u8]) {
    let [length, rest @ ..] = data else { return };
    let (request, response) = rest.split_at(usize::from(*length).min(rest.len()));
    test_exchange::tell("https://a.example/b", request, response, Box::new(ExchangeChecker));
}

struct ExchangeChecker;

impl ExchangeReport for ExchangeChecker {
    fn wants(&self) -> Wants {
        Wants { content: true, kept: true, findings: true, refusals: true }
    }

    fn tell(&mut self, record: &Record) -> anyhow::Result<()> {
        let is_harmless = |text: &str| !text.contains(|c: char| c.is_control() && c != '\n');
        assert!(is_harmless(&explain::shown(record)));
        for finding in &record.findings {
            assert!(is_harmless(&finding.message));
        }
        for written in [json::report(record), json::har_entry(record, None)] {
            assert!(is_json(written.as_bytes()));
        }
        Ok(())
    }
}
