//! Findings alone: objects, and the parts of SARIF 2.1.0.

use serde_json::{Value, json};

use super::finding;
use crate::output::escape::one_line;
use crate::report::findings;
use crate::report::findings::finding::{Finding, Severity};
use crate::report::record::Record;

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

/// What made the results (§3.19), with the rules `ids`.
pub(crate) fn sarif_driver(ids: &[&str]) -> String {
    let rules = findings::rules().filter(|rule| ids.contains(&rule.id())).map(|rule| {
        json!({
            "id": rule.id(),
            "shortDescription": { "text": rule.message() },
            "help": { "text": rule.spec() },
            "defaultConfiguration": { "level": level(rule.severity()) },
        })
    });
    json!({
        "name": "rawget",
        "version": env!("CARGO_PKG_VERSION"),
        "rules": rules.collect::<Value>(),
    })
    .to_string()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warn => "warning",
        Severity::Note => "note",
    }
}
