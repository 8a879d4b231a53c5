//! Field values against the grammars of their fields.

use std::collections::BTreeSet;

use super::exchange_sections::heads;
use super::lists::members;
use super::rule::{Findings, Rule, rows};
use crate::http::alt_svc::{self, Alternative};
use crate::http::date::{self, DateForm, HttpDate};
use crate::http::digits::exact;
use crate::http::excerpt::quoted;
use crate::http::field::{FieldLine, FieldSection};
use crate::http::media_type::MediaType;
use crate::http::parameter::{ExtendedValue, Parameter, parameters};
use crate::http::reference::Reference;
use crate::http::syntax::{find_unquoted, is_token};
use crate::http::{json, language, link, product, structured, via, webdav};
use crate::report::exchange::Exchange;
use crate::sorting::sort_by_key;

pub(super) const RULES: &[Rule] = rows![
    note(
        "field-list-malformed",
        "RFC 9110 §5.6.1",
        "a list has an empty member, or says the same twice: recipients skip it, but strict ones drop the \
         field",
        |exchange, found| in_lines(exchange, found, list_malformed),
    ),
    warn(
        "field-syntax",
        "RFC 9110 §5.6",
        "a value does not match its field's grammar: recipients ignore it or guess its meaning",
        |exchange, found| {
            let Some(head) = exchange.response() else { return };
            for (spec, line) in bad_syntax(&head.fields) {
                found.citing(spec).lines([line]);
            }
        },
    ),
    warn(
        "field-date-invalid",
        "RFC 9110 §5.6.7",
        "a date is in none of the HTTP forms, or does not exist: recipients act as if the field were absent",
        |exchange, found| {
            in_lines(exchange, found, |fields| {
                let lines = ["Date", "Last-Modified", "Sunset"].iter().filter_map(|name| fields.first(name));
                lines.filter(|line| date::parse(line.value).is_none()).collect()
            });
        },
    ),
    note(
        "field-date-obsolete",
        "RFC 9110 §5.6.7",
        "a date is in an obsolete form (two-digit year, or asctime): some recipients don't read it",
        |exchange, found| {
            in_lines(exchange, found, |fields| {
                let names = ["Date", "Last-Modified", "Expires", "Sunset", "Retry-After"];
                let is_old = |date: HttpDate| date.form != DateForm::ImfFixdate;
                let lines = names.iter().filter_map(|name| fields.first(name));
                lines.filter(|line| date::parse(line.value).is_some_and(is_old)).collect()
            });
        },
    ),
    warn(
        "field-date-weekday",
        "RFC 9110 §5.6.7; RFC 5322 §3.3",
        "the day of the week is not that of the date: recipients that compare the two reject the date",
        |exchange, found| {
            in_lines(exchange, found, |fields| {
                let names = ["Date", "Last-Modified", "Expires", "Sunset", "Retry-After"];
                let is_wrong = |date: HttpDate| !date.has_right_weekday;
                let lines = names.iter().filter_map(|name| fields.first(name));
                lines.filter(|line| date::parse(line.value).is_some_and(is_wrong)).collect()
            });
        },
    ),
    warn(
        "field-sunset-early",
        "RFC 9745 §4",
        "Sunset is earlier than Deprecation: what is to be removed must be deprecated before",
        |exchange, found| {
            in_lines(exchange, found, |fields| {
                let is_early = |line: &FieldLine<'_>| {
                    let sunset = date::parse(line.value).map(|date| date.seconds);
                    sunset.zip(deprecated(fields)).is_some_and(|(sunset, deprecated)| sunset < deprecated)
                };
                fields.first("Sunset").filter(is_early).into_iter().collect()
            });
        },
    ),
    note(
        "field-product-invalid",
        "RFC 9110 §10.2.4",
        "Server is not a list of products and comments: programs that read it fail",
        |exchange, found| {
            in_lines(exchange, found, |fields| {
                fields.first("Server").filter(|line| !product::is_products(line.value)).into_iter().collect()
            });
        },
    ),
    note(
        "field-escape-needless",
        "RFC 9110 §5.6.4",
        "a backslash before a character that needs none: recipients that don't remove it read another value",
        |exchange, found| {
            if let Some(head) = exchange.response() {
                escapes(found, QUOTING_FIELDS.split(' ').flat_map(|name| head.fields.all(name)));
            }
        },
    ),
    note(
        "field-whitespace-wide",
        "RFC 9110 §5.6.3",
        "more than one space where one is expected",
        |exchange, found| {
            in_lines(exchange, found, |fields| {
                let lines = ["Server", "Via"].into_iter().flat_map(|name| fields.all(name));
                lines.filter(|line| has_wide_whitespace(line.value)).collect()
            });
        },
    ),
    warn(
        "field-parameter-invalid",
        "RFC 9110 §5.6.6; RFC 8187 §3.2",
        "a parameter is repeated, in single quotes, or not written as its * form must be: recipients may \
         read another value",
        |exchange, found| {
            in_lines(exchange, found, |fields| {
                let lines =
                    ["Content-Type", "Content-Disposition"].iter().filter_map(|name| fields.first(name));
                lines.filter(|line| has_bad_parameter(line.value)).collect()
            });
        },
    ),
    warn(
        "link-invalid",
        "RFC 8288 §3",
        "a link can't be used as written: recipients skip it, or the parameter",
        |exchange, found| {
            // 103 (Early Hints) has links, too.
            heads(exchange).for_each(|head| links_invalid(found, &head.fields));
        },
    ),
];

/// The time that Deprecation says, in seconds since 1970.
fn deprecated(fields: &FieldSection) -> Option<i64> {
    let item = structured::item(fields.value("Deprecation")?)?.value;
    let seconds = item.bare.text.strip_prefix(b"@").and_then(exact)?;
    i64::try_from(seconds).ok()
}

/// The fields of which a part is a quoted string.
const QUOTING_FIELDS: &str = "\
    Alt-Svc Authentication-Info Cache-Control Content-Disposition Content-Type Link Proxy-Authenticate \
    Server Strict-Transport-Security Via Warning WWW-Authenticate";

/// The lists in which a repeated member is told.
const UNIQUE_LISTS: &str = "Allow Content-Language Accept-Ranges Trailer Upgrade";
/// Lists with members of other forms.
const OTHER_LISTS: &str = "\
    Accept-Patch Accept-Post Alt-Svc Authentication-Info Cache-Control DAV Pragma Preference-Applied \
    Proxy-Authenticate Proxy-Authentication-Info Server-Timing Timing-Allow-Origin WWW-Authenticate";
/// The lists whose members must be tokens, and what says so.
const TOKEN_LISTS: [(&str, &str); 11] = [
    ("Vary", "RFC 9110 §12.5.5"),
    ("Allow", "RFC 9110 §10.2.1"),
    ("Connection", "RFC 9110 §7.6.1"),
    ("Content-Language", "RFC 9110 §8.5; RFC 5646 §2.1"),
    ("Accept-Ranges", "RFC 9110 §14.3"),
    ("Content-Encoding", "RFC 9110 §8.4"),
    ("Trailer", "RFC 9110 §6.6.2"),
    ("Upgrade", "RFC 9110 §7.8"),
    ("Access-Control-Allow-Headers", "Fetch (CORS protocol: HTTP responses)"),
    ("Access-Control-Allow-Methods", "Fetch (CORS protocol: HTTP responses)"),
    ("Access-Control-Expose-Headers", "Fetch (CORS protocol: HTTP responses)"),
];

/// Tells the lines of the final head that `check` picks.
fn in_lines(
    exchange: &Exchange,
    found: &mut Findings<'_>,
    check: for<'a> fn(&'a FieldSection) -> Vec<FieldLine<'a>>,
) {
    if let Some(head) = exchange.response() {
        found.lines(check(&head.fields));
    }
}

/// How many needless escapes are reported of one line.
const MAX_ESCAPES: usize = 8;

/// Tells each backslash that escapes what needs no escape: in a quoted string all but
/// the quote and the backslash, in a comment all but parentheses and the backslash.
pub(super) fn escapes<'a>(found: &mut Findings<'_>, lines: impl Iterator<Item = FieldLine<'a>>) {
    for line in lines {
        let (mut is_quoted, mut is_escaped, mut told) = (false, false, 0);
        for (at, &byte) in line.value.iter().enumerate() {
            let is_needed = byte == b'\\' || if is_quoted { byte == b'"' } else { b"()".contains(&byte) };
            if is_escaped && !is_needed && told < MAX_ESCAPES {
                told += 1;
                found.with(line.value_offset(at - 1), &quoted(line.name));
            }
            is_quoted ^= byte == b'"' && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
        }
    }
}

/// Whether whitespace outside quoted strings and comments is more than one space.
pub(super) fn has_wide_whitespace(value: &[u8]) -> bool {
    let end = value.iter().position(|byte| matches!(byte, b'(' | b'"')).unwrap_or(value.len());
    let value = &value[..end];
    value.contains(&b'\t') || value.windows(2).any(|pair| pair == b"  ")
}

fn list_malformed(fields: &FieldSection) -> Vec<FieldLine<'_>> {
    let mut lines = Vec::new();
    for name in TOKEN_LISTS.iter().map(|(name, _)| *name).chain(OTHER_LISTS.split(' ')) {
        lines.extend(empty_member(name, &members(fields, name).collect::<Vec<_>>()));
    }
    lines.extend(empty_member("Link", &link_members(fields).collect::<Vec<_>>()));
    lines.extend(empty_member("Via", &via_members(fields).collect::<Vec<_>>()));
    lines.extend(UNIQUE_LISTS.split(' ').filter_map(|name| repeated_member(fields, name)));
    sort_by_key(&mut lines, |line| line.offset);
    lines.dedup();
    lines
}

fn empty_member<'a>(name: &str, members: &[(FieldLine<'a>, &[u8])]) -> Option<FieldLine<'a>> {
    // An empty Allow says that no method is allowed (RFC 9110 §10.2.1); an empty challenge is a fault of its own.
    let is_allowed =
        (matches!(name, "Allow" | "Pragma") || name.ends_with("Authenticate")) && members.len() == 1;
    members.iter().find(|(_, member)| member.is_empty() && !is_allowed).map(|&(line, _)| line)
}

fn repeated_member<'a>(fields: &'a FieldSection, name: &'a str) -> Option<FieldLine<'a>> {
    let mut seen = BTreeSet::new();
    let is_exact = name == "Allow";
    let mut members = members(fields, name).filter(|(_, member)| !member.is_empty());
    let repeated = members.find(|(_, member)| {
        !seen.insert(if is_exact { member.to_vec() } else { member.to_ascii_lowercase() })
    });
    repeated.map(|(line, _)| line)
}

/// Lines that don't match their grammar, each with what defines it.
fn bad_syntax(fields: &FieldSection) -> Vec<(&'static str, FieldLine<'_>)> {
    let mut lines = Vec::new();
    for (name, spec) in TOKEN_LISTS {
        let is_member = match name {
            "Upgrade" => is_protocol,
            "Content-Language" => language::is_tag,
            _ => is_token,
        };
        lines.extend(bad_member(fields, name, is_member).map(|line| (spec, line)));
    }
    let is_type = |member: &[u8]| MediaType::parse(member).is_some();
    let is_pair = |member: &[u8]| {
        let parameter = Parameter::of(member);
        parameter.is_valid() && parameter.value.is_some()
    };
    type Matches = fn(&[u8]) -> bool;
    let others: [(&str, &str, Matches); 5] = [
        ("Accept-Patch", "RFC 5789 §3.1", is_type),
        ("Accept-Post", "Linked Data Platform §7.1", is_type),
        ("Preference-Applied", "RFC 7240 §3", |member| Parameter::of(member).is_valid()),
        ("Authentication-Info", "RFC 9110 §11.6.3", is_pair),
        ("Proxy-Authentication-Info", "RFC 9110 §11.7.3", is_pair),
    ];
    for (name, spec, is_member) in others {
        lines.extend(bad_member(fields, name, is_member).map(|line| (spec, line)));
    }
    lines.extend(bad_alternative(fields).map(|line| ("RFC 7838 §3", line)));
    let is_bad_via = |&(_, member): &(_, &[u8])| !member.is_empty() && !via::is_member(member);
    lines.extend(via_members(fields).find(is_bad_via).map(|(line, _)| ("RFC 9110 §7.6.3", line)));
    let is_reference = |value: &[u8]| Reference::parse(value).is_valid();
    let is_location = |value: &[u8]| is_reference(value) && Reference::parse(value).fragment.is_none();
    let location = fields.first("Content-Location").filter(|line| !is_location(line.value));
    lines.extend(location.map(|line| ("RFC 9110 §8.7; RFC 3986 §4.1", line)));
    let has_bad_target = |member| link::target(member).is_some_and(|(target, _)| !is_reference(target));
    let token = fields.first("Lock-Token").filter(|line| !webdav::is_lock_token(line.value));
    lines.extend(token.map(|line| ("RFC 4918 §10.5", line)));
    let link = link_members(fields).find(|&(_, member)| has_bad_target(member));
    lines.extend(link.map(|(line, _)| ("RFC 8288 §3.1; RFC 3986 §4.1", line)));
    let in_json = [("NEL", "Network Error Logging (NEL)"), ("Report-To", "Reporting API (Report-To)")];
    lines.extend(in_json.iter().filter_map(|&(name, spec)| {
        let first = fields.first(name)?;
        (!is_json_list(&joined(fields, name))).then_some((spec, first))
    }));
    lines
}

/// The first line of the list `name` with a member that is neither empty nor matches.
fn bad_member<'a>(
    fields: &'a FieldSection,
    name: &'a str,
    is_member: impl Fn(&[u8]) -> bool,
) -> Option<FieldLine<'a>> {
    let mut all = members(fields, name);
    all.find(|(_, member)| !member.is_empty() && !is_member(member)).map(|(line, _)| line)
}

/// `protocol-name [ "/" protocol-version ]` (RFC 9110 §7.8).
pub(super) fn is_protocol(member: &[u8]) -> bool {
    match member.iter().position(|&byte| byte == b'/') {
        Some(slash) => is_token(&member[..slash]) && is_token(&member[slash + 1..]),
        None => is_token(member),
    }
}

/// JSON values, separated by commas where there are several.
fn is_json_list(value: &[u8]) -> bool {
    !value.is_empty() && json::is_json(&[b"[", value, b"]"].concat())
}

/// All lines of the field `name`, joined as RFC 9110 §5.3 says.
pub(super) fn joined(fields: &FieldSection, name: &str) -> Vec<u8> {
    fields.all(name).map(|line| line.value).collect::<Vec<_>>().join(&b", "[..])
}

/// Whether a parameter is repeated, in single quotes, or has a `name*` that no sender may write.
pub(super) fn has_bad_parameter(value: &[u8]) -> bool {
    let mut names = BTreeSet::new();
    let start = find_unquoted(value, b';').unwrap_or(value.len());
    parameters(&value[start..]).any(|parameter| {
        let Some(value) = parameter.value else { return false };
        let is_single_quoted = value.len() > 1 && value.starts_with(b"'") && value.ends_with(b"'");
        let is_extended = || ExtendedValue::parse(value).is_some_and(|extended| extended.is_valid);
        is_single_quoted
            || parameter.is_extended() && !is_extended()
            || !names.insert(parameter.name.to_ascii_lowercase())
    })
}

/// The first line of Alt-Svc with a member that is no alternative; `clear` may only stand alone.
fn bad_alternative(fields: &FieldSection) -> Option<FieldLine<'_>> {
    let is_valid = |member: &[u8]| Alternative::parse(member).is_some_and(|one| one.is_valid);
    let bad = |&(_, member): &(_, &[u8])| !member.is_empty() && !is_valid(member);
    let found = members(fields, "Alt-Svc").find(bad)?;
    (joined(fields, "Alt-Svc") != alt_svc::CLEAR).then_some(found.0)
}

fn via_members(fields: &FieldSection) -> impl Iterator<Item = (FieldLine<'_>, &[u8])> {
    let lines = fields.all("Via");
    lines.flat_map(|line| via::members(line.value).into_iter().map(move |member| (line, member)))
}

fn link_members(fields: &FieldSection) -> impl Iterator<Item = (FieldLine<'_>, &[u8])> {
    let lines = fields.all("Link");
    lines.flat_map(|line| link::members(line.value).into_iter().map(move |member| (line, member)))
}

/// Tells each line of Link in `fields` with a link that can't be used.
pub(super) fn links_invalid(found: &mut Findings<'_>, fields: &FieldSection) {
    for line in fields.all("Link") {
        let mut bad = link::members(line.value).into_iter().filter(|member| !member.is_empty());
        // One is enough: a line can hold very many links.
        if let Some((member, problem)) = bad.find_map(|member| Some((member, link::check(member).err()?))) {
            found.with(line.offset, &format!("{}: {}", problem.text(), quoted(member)));
        }
    }
}
