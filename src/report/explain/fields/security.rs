//! Security policies: HSTS, CSP, framing, COOP, COEP, CORP, referrers, permissions, site data.

use std::collections::BTreeMap;

use super::super::span::span;
use super::item::{bare, joined, parameter, shown};
use super::meanings::{self, Meanings};
use crate::http::csp::{self, CspDirective};
use crate::http::hsts::{Policy, is_address};
use crate::http::structured::{self, BareItem, Member, Type};
use crate::http::syntax::{list_members, unquote};
use crate::http::uri::{Scheme, Uri};

/// Strict-Transport-Security of a response from `url`.
pub(super) fn hsts(value: &[u8], url: &Uri) -> String {
    let policy = Policy::parse(value);
    let whom = if policy.has_subdomains { "this host and those below it" } else { "this host" };
    if url.scheme == Scheme::Http {
        return super::OVER_HTTPS.to_owned();
    }
    if is_address(&url.host) {
        return "ignored: it counts for names only, not for addresses".to_owned();
    }
    if policy.is_unparsable || policy.is_contradictory {
        return "no policy: it is malformed".to_owned();
    }
    let list = if policy.has_preload { ", and wishes to be on the browsers' list" } else { "" };
    match (policy.seconds(), &policy.max_age) {
        (None, None) => "no policy: it has no max-age".to_owned(),
        (None, Some(_)) => "no policy: max-age is no number".to_owned(),
        (Some(0), _) => format!("the policy for {whom} ends"),
        (Some(age), _) => format!("only https to {whom} for {}{list}", span(age)),
    }
}

/// Cross-Origin-Opener-Policy.
pub(super) fn opener_policy(value: &[u8]) -> Option<String> {
    policy(meanings::COOP, value)
}

/// Cross-Origin-Embedder-Policy.
pub(super) fn embedder_policy(value: &[u8]) -> Option<String> {
    policy(meanings::COEP, value)
}

/// What the -Report-Only form of a field does; `told`: what the field itself does.
pub(super) fn only_reported(told: Option<String>) -> Option<String> {
    Some(format!("only reported: {}", told?))
}

fn policy(meanings: Meanings, value: &[u8]) -> Option<String> {
    let item = structured::item(value)?.value;
    let told = meanings.of_exactly(item.bare.text).filter(|_| item.bare.kind == Type::Token);
    let told = told.map_or_else(|| "unknown: as unsafe-none".to_owned(), str::to_owned);
    let to = parameter(&item.parameters, "report-to").map(|to| format!(", reported to {}", bare(&to)));
    Some(told + &to.unwrap_or_default())
}

/// Cross-Origin-Resource-Policy.
pub(super) fn resource_policy(value: &[u8]) -> Option<String> {
    Some(meanings::CORP.of_exactly(value).unwrap_or("unknown: ignored").to_owned())
}

/// Referrer-Policy: the last value that is known counts.
pub(super) fn referrer_policy(value: &[u8]) -> Option<String> {
    let told = list_members(value).filter_map(|policy| meanings::REFERRER.of(policy)).last();
    Some(told.unwrap_or("unknown: ignored").to_owned())
}

/// Permissions-Policy: which origins may use each feature.
pub(super) fn permissions(value: &[u8]) -> Option<String> {
    let dictionary = structured::dictionary(value)?.value;
    // Of a repeated feature the last counts.
    let last: BTreeMap<_, _> =
        dictionary.iter().enumerate().map(|(at, (feature, _))| (feature, at)).collect();
    let (mut nobody, mut others) = (Vec::new(), Vec::new());
    for (at, (feature, whom)) in dictionary.iter().enumerate() {
        let whom: Vec<_> = match whom {
            _ if last.get(&feature) != Some(&at) => continue,
            Member::InnerList(items, _) => {
                let everybody = items.iter().find(|item| item.bare.text == b"*");
                match everybody {
                    Some(item) => allowed(&item.bare).into_iter().collect(),
                    None => items.iter().filter_map(|item| allowed(&item.bare)).collect(),
                }
            }
            // What is neither of these is no list of origins.
            Member::Item(item) if matches!(item.bare.text, b"*" | b"self") => {
                allowed(&item.bare).into_iter().collect()
            }
            Member::Item(_) => continue,
        };
        match whom.is_empty() {
            true => nobody.push(shown(feature)),
            false => others.push(format!("{} for {}", shown(feature), joined(whom, " and "))),
        }
    }
    let mut told = Vec::new();
    if !nobody.is_empty() {
        told.push(format!("no origin may use {}", joined(nobody, ", ")));
    }
    if !others.is_empty() {
        told.push(format!("allowed: {}", joined(others, ", ")));
    }
    (!told.is_empty()).then(|| told.join("; "))
}

/// Whom an item of the list allows; another token than these allows nobody.
fn allowed(whom: &BareItem<'_>) -> Option<String> {
    match whom.text {
        b"*" => Some("any origin".to_owned()),
        b"self" => Some("this origin".to_owned()),
        b"src" => Some("the frame's own origin".to_owned()),
        _ => (whom.kind == Type::String).then(|| bare(whom)),
    }
}

/// Integrity-Policy (Subresource Integrity): what is loaded with a hash alone.
pub(super) fn integrity(value: &[u8]) -> Option<String> {
    let dictionary = structured::dictionary(value)?.value;
    let names = |key: &str| {
        let found = dictionary.iter().rev().find(|(name, _)| *name == key.as_bytes())?;
        let Member::InnerList(items, _) = &found.1 else { return None };
        Some(items.iter().map(|item| item.bare.text).collect::<Vec<_>>())
    };
    let blocked = names("blocked-destinations").unwrap_or_default();
    // Inline integrity metadata is the only source there is, and the default.
    let has_source = names("sources").is_none_or(|sources| sources.contains(&&b"inline"[..]));
    let kinds = blocked.iter().filter_map(|kind| match *kind {
        b"script" => Some("scripts".to_owned()),
        b"style" => Some("style sheets".to_owned()),
        _ => None,
    });
    let kinds = joined(kinds.filter(|_| has_source), " and ");
    if kinds.is_empty() {
        return Some("blocks nothing".to_owned());
    }
    let reported = names("endpoints").filter(|names| !names.is_empty());
    let reported =
        reported.map(|names| format!(", reported to {}", joined(names.into_iter().map(shown), ", ")));
    Some(format!("{kinds} without an integrity hash are blocked{}", reported.unwrap_or_default()))
}

pub(super) fn clear_site_data(value: &[u8]) -> Option<String> {
    let told: Vec<_> = list_members(value)
        .filter(|member| member.starts_with(b"\""))
        .filter_map(|member| meanings::SITE_DATA.of_exactly(&unquote(member)))
        .map(str::to_owned)
        .collect();
    match told.is_empty() {
        true => Some("clears nothing: no known value".to_owned()),
        false => Some(format!("the browser deletes {}", joined(told, ", "))),
    }
}

/// X-Frame-Options.
pub(super) fn frame_options(value: &[u8]) -> Option<String> {
    let is = |wanted: &str| list_members(value).all(|member| member.eq_ignore_ascii_case(wanted.as_bytes()));
    Some(
        match (is("deny"), is("sameorigin")) {
            (true, _) => "no page may show it in a frame",
            (_, true) => "only pages of this origin may show it in a frame",
            _ => "unknown or contradictory: browsers differ",
        }
        .to_owned(),
    )
}

/// X-Content-Type-Options.
pub(super) fn nosniff(value: &[u8]) -> Option<String> {
    let is_set = list_members(value).next().is_some_and(|first| first.eq_ignore_ascii_case(b"nosniff"));
    let told = if is_set { "browsers use the declared type and do not guess" } else { "unknown: ignored" };
    Some(told.to_owned())
}

/// Content-Security-Policy: where what is loaded may come from.
pub(super) fn content_security(value: &[u8]) -> Option<String> {
    let mut told: Vec<String> = Vec::new();
    for directive in csp::policies(value).flatten() {
        let text = match meanings::SUBJECTS.of(&directive.name) {
            Some(subject) => Some(format!("{subject}: {}", sources(&directive))),
            None => meanings::SWITCHES.of(&directive.name).map(str::to_owned),
        };
        told.extend(text.filter(|text| told.len() < MAX_DIRECTIVES && !told.contains(text)));
    }
    (!told.is_empty()).then(|| joined(told, "; "))
}

/// How many directives are read.
const MAX_DIRECTIVES: usize = 64;

fn sources(directive: &CspDirective<'_>) -> String {
    if directive.values.is_empty() {
        return "nowhere".to_owned();
    }
    let mut nonces = 0_u32;
    let mut told = Vec::new();
    for source in &directive.values {
        if source.starts_with(b"'nonce-") || source.starts_with(b"'sha") {
            nonces += 1;
        } else {
            told.push(meanings::SOURCES.of(source).map_or_else(|| shown(source), str::to_owned));
        }
    }
    if nonces > 0 {
        told.push("what has the nonce or hash".to_owned());
    }
    joined(told, ", ")
}

/// Origin-Agent-Cluster.
pub(super) fn agent_cluster(value: &[u8]) -> Option<String> {
    let item = structured::item(value)?.value;
    (item.bare.kind == Type::Boolean).then(|| {
        let told = if item.bare.text == b"?1" { "wishes" } else { "wishes no" };
        format!("{told} memory of its own, apart from its site's other origins")
    })
}
