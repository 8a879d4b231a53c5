//! Where a browser reports to: NEL, Report-To, Reporting-Endpoints.

use super::super::span::span;
use super::item::{bare, joined, shown};
use crate::http::digits::{decimal, saturating};
use crate::http::json_object::{self, Members};
use crate::http::structured::{self, Member, Type};

/// NEL: which network errors are reported.
pub(super) fn network_errors(value: &[u8]) -> Option<String> {
    let policy = json_object::members(value)?;
    let ignored = |why: &str| Some(format!("ignored: {why}"));
    let Some(seconds) = json_object::get(&policy, "max_age") else { return ignored("it has no max_age") };
    if is_exponential(seconds) {
        return None;
    }
    let Some(seconds) = saturating(seconds) else {
        return ignored("its max_age is not a whole number of seconds");
    };
    if seconds == 0 {
        return Some("network errors are reported no longer".to_owned());
    }
    let Some(group) = text(&policy, "report_to") else { return ignored("it names no group to report to") };
    let is_share = |key| {
        json_object::get(&policy, key)
            .is_none_or(|fraction| decimal(fraction).map_or(is_exponential(fraction), is_at_most_one))
    };
    if !["failure_fraction", "success_fraction"].into_iter().all(is_share) {
        return ignored("a fraction is not a number from 0 to 1");
    }
    let all = json_object::get(&policy, "include_subdomains") == Some(b"true");
    let hosts = if all { " and of the hosts below" } else { "" };
    let share = |key: &str, usual: &str| {
        let fraction = json_object::get(&policy, key).map_or_else(|| usual.to_owned(), shown);
        percent(&fraction)
    };
    Some(format!(
        "{} of this host's network errors{hosts}, and {} of its successes, are reported to {group} for {}",
        share("failure_fraction", "1"),
        share("success_fraction", "0"),
        span(seconds)
    ))
}

/// Whether a value is a number of JSON with an exponent, which is not read (RFC 8259 §6).
fn is_exponential(value: &[u8]) -> bool {
    value.first().is_some_and(u8::is_ascii_digit) && value.iter().any(|byte| b"eE".contains(byte))
}

/// Whether a decimal, a whole number and billionths, is at most 1.
fn is_at_most_one(decimal: (u64, u32)) -> bool {
    decimal.0 == 0 || decimal == (1, 0)
}

/// A fraction of one as a percentage.
fn percent(fraction: &str) -> String {
    match decimal(fraction.as_bytes()) {
        Some((whole, billionths)) if is_at_most_one((whole, billionths)) => {
            let hundredths = whole * 10_000 + (u64::from(billionths) + 50_000) / 100_000;
            format!("{} %", hundredths as f64 / 100.0)
        }
        _ => format!("a share of {fraction}"),
    }
}

/// Report-To: a group and its endpoints.
pub(super) fn report_to(value: &[u8]) -> Option<String> {
    let group = json_object::members(value)?;
    let name = text(&group, "group").unwrap_or_else(|| "default".to_owned());
    let seconds = json_object::get(&group, "max_age").and_then(saturating)?;
    Some(format!("the group {name} of report endpoints, for {}", span(seconds)))
}

/// Reporting-Endpoints: each name and its URL.
pub(super) fn endpoints(value: &[u8]) -> Option<String> {
    let members = structured::dictionary(value)?.value;
    let told = members.iter().filter_map(|(name, member)| match member {
        Member::Item(item) if item.bare.kind == Type::String => {
            Some(format!("{} reports go to {}", shown(name), bare(&item.bare)))
        }
        _ => None,
    });
    let told = joined(told, ", ");
    (!told.is_empty()).then_some(told)
}

fn text(members: &Members<'_>, name: &str) -> Option<String> {
    json_object::get(members, name)
        .and_then(|value| value.strip_prefix(b"\"")?.strip_suffix(b"\""))
        .map(shown)
}
