//! Findings alone: objects, and the parts of SARIF 2.1.0.

use serde_json::{Value, json};

use super::finding;
use crate::output::escape::one_line;
use crate::report::findings;
use crate::report::findings::finding::{Finding, Severity};
use crate::report::record::{EarlyEnd, Record};

/// A finding as an object, with the URL of its exchange.
pub(crate) fn found(record: &Record, it: &Finding) -> String {
    let mut value = json!({ "url": record.url() });
    if let (Value::Object(all), Value::Object(own)) = (&mut value, finding(&record.exchange, it)) {
        all.extend(own);
    }
    value.to_string()
}

/// A finding as a result object (SARIF 2.1.0 §3.27).
pub(crate) fn sarif_result(record: &Record, it: &Finding) -> String {
    let place = json!({ "artifactLocation": { "uri": record.url() }, "region": { "byteOffset": it.offset } });
    let text = format!("{} ({} byte {})", it.message, it.side.name(), it.offset);
    json!({
        "ruleId": it.id,
        "level": level(it.severity),
        "message": { "text": one_line(text.as_bytes()) },
        "locations": [{ "physicalLocation": place }],
    })
    .to_string()
}

/// What follows the results: whether the run went well, or what failed (§3.20), and what made the
/// results (§3.19), with the rules `ids`.
pub(crate) fn sarif_end(ids: &[&str], failures: &[EarlyEnd]) -> String {
    let rules = findings::rules().filter(|rule| ids.contains(&rule.id())).map(|rule| {
        json!({
            "id": rule.id(),
            "shortDescription": { "text": rule.message() },
            "help": { "text": rule.spec() },
            "defaultConfiguration": { "level": level(rule.severity()) },
        })
    });
    let driver = json!({
        "name": "rawget",
        "version": env!("CARGO_PKG_VERSION"),
        "rules": rules.collect::<Value>(),
    });
    let mut invocation = json!({ "executionSuccessful": failures.is_empty() });
    if !failures.is_empty() {
        let notifications = failures.iter().map(|failure| {
            let text = format!("({}) {}", failure.code, one_line(failure.message.as_bytes()));
            json!({ "level": "error", "message": { "text": text } })
        });
        invocation["toolExecutionNotifications"] = notifications.collect();
    }
    format!("\"invocations\":[{invocation}],\"tool\":{{\"driver\":{driver}}}")
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warn => "warning",
        Severity::Note => "note",
    }
}
