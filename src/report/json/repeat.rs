//! Repetitions as JSON.

use serde_json::{Map, Value};

use super::object::object;
use super::text;
use crate::http::base16;
use crate::report::repeat::{Distinct, Series};

/// The repetitions of one request as an object.
pub(crate) fn repetitions(series: &Series) -> String {
    let mut phases = Map::new();
    for (name, spread) in series.phases.spreads() {
        let round = |value: f64| (value * 1e3).round() / 1e3;
        let [min, median, p90, p99, max] =
            [spread.min, spread.median, spread.p90, spread.p99, spread.max].map(round);
        phases.insert(
            name.into(),
            object!({"count": spread.count, "min": min, "median": median, "p90": p90, "p99": p99, "max": max}),
        );
    }
    let mut report = object!({
        "schema": 1,
        "url": &series.title[..],
        "requests": series.count,
        "asked": series.of,
        "took": (series.took() * 1e3).round() / 1e3,
        "phases": phases,
        "failed": series.responses.failed,
        "distinct": series.responses.distinct.iter().map(distinct).collect::<Vec<_>>(),
        "others": series.responses.others,
    });
    if let Some(spread) = series.spread {
        report["race"] = object!({"spread_us": u64::try_from(spread.as_micros()).unwrap_or(u64::MAX)});
    }
    serde_json::to_string_pretty(&report).unwrap_or_default()
}

fn distinct(distinct: &Distinct) -> Value {
    let hex = |hash: &Vec<u8>| base16::encode(hash);
    let line = text(&distinct.status_line);
    let status = line.split(' ').nth(1).and_then(|status| status.parse::<u16>().ok());
    object!({
        "count": distinct.count,
        "first": distinct.first,
        "status": status,
        "status_line": line,
        "bytes": distinct.bytes,
        "sha256": distinct.sha256.as_ref().map(hex),
        "error": distinct.error.as_deref(),
    })
}
