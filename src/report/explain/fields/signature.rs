//! Signatures (RFC 9421) and digests (RFC 9530).

use super::item::{bare, joined, parameter, shown};
use super::meanings;
use crate::failure;
use crate::http::structured::{self, Item, Member};

/// Signature-Input: what each signature covers, and how.
pub(super) fn input(value: &[u8]) -> Option<String> {
    let members = structured::dictionary(value)?.value;
    let told = joined(members.iter().filter_map(|(label, member)| one(label, member)), "; ");
    (!told.is_empty()).then_some(told)
}

fn one(label: &[u8], member: &Member<'_>) -> Option<String> {
    let Member::InnerList(components, parameters) = member else { return None };
    let covered = match components.is_empty() {
        true => "no part of the message".to_owned(),
        false => joined(components.iter().map(component), ", "),
    };
    let mut told = format!("{} covers {covered}", shown(label));
    for (key, word) in [
        ("keyid", "with the key"),
        ("alg", "by"),
        ("created", "made"),
        ("expires", "good until"),
        ("nonce", "with the nonce"),
        ("tag", "for"),
    ] {
        if let Some(value) = parameter(parameters, key) {
            let is_time = matches!(key, "created" | "expires");
            let value = if is_time { super::item::moment(value.text) } else { bare(&value) };
            told += &format!(", {word} {value}");
        }
    }
    Some(told)
}

fn component(item: &Item<'_>) -> String {
    let name = bare(&item.bare);
    let told = meanings::COMPONENTS.of(name.as_bytes()).map_or(name, str::to_owned);
    match super::item::has(&item.parameters, "req") {
        true => format!("{told} of the request"),
        false => told,
    }
}

/// Signature: the length of each.
pub(super) fn signatures(value: &[u8]) -> Option<String> {
    listed(value, |label, length| format!("{label} is {} long", failure::bytes(length as u64)))
}

/// Content-Digest and Repr-Digest, of `what`.
pub(super) fn digests(value: &[u8], what: &str) -> Option<String> {
    let told = listed(value, |label, length| format!("{} ({} bits)", label.to_uppercase(), length * 8))?;
    Some(format!("{told} of {what}"))
}

fn listed(value: &[u8], tell: impl Fn(&str, usize) -> String) -> Option<String> {
    let members = structured::dictionary(value)?.value;
    let told = members.iter().filter_map(|(label, member)| {
        let Member::Item(item) = member else { return None };
        Some(tell(&shown(label), item.bare.bytes()?.len()))
    });
    let told = joined(told, ", ");
    (!told.is_empty()).then_some(told)
}
