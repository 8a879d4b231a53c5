//! Field lines: their form, and names that do not belong where they are.

use super::exchange_sections::sections;
use super::rule::{Findings, Rule, rows};
use crate::http::Deviation::{LeadingWhitespace, NameInvalid, NoColon, ObsFold, SpaceBeforeColon};
use crate::http::excerpt::excerpt;
use crate::http::field::{FieldLine, FieldSection};
use crate::http::syntax::{is_token, list_members};
use crate::report::exchange::Exchange;

pub(super) const RULES: &[Rule] = rows![
    error(
        "field-leading-whitespace",
        "RFC 9112 §2.2",
        "whitespace before the first field line: some recipients drop that line, others treat it as a field",
        |exchange, found| found.noted(exchange, LeadingWhitespace),
    ),
    error(
        "field-obs-fold",
        "RFC 9112 §5.2",
        "a field value continues on the next line (obsolete folding): some recipients read the second line as \
         a field, or reject it",
        |exchange, found| found.noted(exchange, ObsFold),
    ),
    error(
        "field-no-colon",
        "RFC 9112 §5",
        "a line without a colon among the fields: some recipients skip it, others end the head there or \
         reject it",
        |exchange, found| found.noted(exchange, NoColon),
    ),
    error(
        "field-space-before-colon",
        "RFC 9112 §5.1",
        "whitespace between a field name and its colon: some recipients ignore the field, others use it \
         (request smuggling)",
        |exchange, found| found.noted(exchange, SpaceBeforeColon),
    ),
    error(
        "field-name-invalid",
        "RFC 9110 §5.1, §5.6.2",
        "a field name is empty or holds a character that names may not have: recipients ignore the field or \
         reject the message",
        |exchange, found| found.noted(exchange, NameInvalid),
    ),
    warn(
        "field-value-control",
        "RFC 9110 §5.5",
        "a field value holds a control character: recipients may reject it, and a terminal may obey it",
        |exchange, found| in_values(exchange, found, is_control),
    ),
    note(
        "field-value-non-ascii",
        "RFC 9110 §5.5",
        "a field value holds bytes that are not ASCII: nothing says which charset they use",
        |exchange, found| in_values(exchange, found, |byte| byte >= 0x80),
    ),
    warn(
        "field-duplicate-singleton",
        "RFC 9110 §5.3",
        "a field that may occur only once occurs on several lines: recipients may use either",
        duplicate_singleton,
    ),
    note(
        "field-request-in-response",
        "RFC 9110 §10.1, §7.2, §11.6, §13.1",
        "a field for requests only: clients ignore it",
        |exchange, found| named(exchange, found, is_for_requests),
    ),
    note(
        "field-deprecated",
        "RFC 9111 §5.4, §5.5; IANA HTTP Field Name Registry",
        "a field that is obsolete: clients ignore it, or differ in what they make of it",
        deprecated,
    ),
];

/// A control that no field value may hold; CR, LF and NUL are found by the parser.
fn is_control(byte: u8) -> bool {
    byte == 0x7F || byte < 0x20 && byte != b'\t'
}

/// Finds, in each section, the first value with a byte that is `wanted`.
fn in_values(exchange: &Exchange, found: &mut Findings<'_>, wanted: fn(u8) -> bool) {
    for section in sections(exchange) {
        let mut lines = section.iter().filter_map(|line| {
            let at = line.value.iter().position(|&byte| wanted(byte))?;
            Some((line, at))
        });
        let Some((line, at)) = lines.next() else { continue };
        let count = 1 + lines.count();
        let name = excerpt(line.name);
        let detail = if count > 1 { format!("{name}, and {} more", count - 1) } else { name };
        found.with(line.value_offset(at), &detail);
    }
}

/// Finds the fields of the final head whose name passes `is_wanted`.
fn named(exchange: &Exchange, found: &mut Findings<'_>, is_wanted: fn(&[u8]) -> bool) {
    if let Some(head) = exchange.response() {
        let lines = head.fields.iter();
        found.lines(lines.filter(|line| is_token(line.name) && is_wanted(&line.name.to_ascii_lowercase())));
    }
}

/// Location is among them only where all values are equal; otherwise it is
/// worse than this.
const SINGLETONS: &[&[u8]] = &[
    b"age",
    b"content-type",
    b"content-location",
    b"content-range",
    b"content-disposition",
    b"content-md5",
    b"date",
    b"etag",
    b"expires",
    b"last-modified",
    b"location",
    b"retry-after",
    b"server",
    b"sunset",
    b"access-control-allow-origin",
    b"access-control-allow-credentials",
    b"access-control-max-age",
];

fn duplicate_singleton(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some(head) = exchange.response() else { return };
    let skips_location = has_conflicting_locations(&head.fields);
    let mut seen = [false; SINGLETONS.len()];
    let mut repeated = Vec::new();
    for line in head.fields.iter() {
        let known = SINGLETONS.iter().position(|name| line.name.eq_ignore_ascii_case(name));
        let Some(known) = known.filter(|&known| !(skips_location && SINGLETONS[known] == b"location")) else {
            continue;
        };
        if std::mem::replace(&mut seen[known], true) {
            repeated.push(line);
        }
    }
    found.lines(repeated);
}

/// Whether Location stands there with different values.
pub(super) fn has_conflicting_locations(fields: &FieldSection) -> bool {
    let first = fields.value("location");
    fields.all("location").any(|line| Some(line.value) != first)
}

fn is_for_requests(name: &[u8]) -> bool {
    matches!(
        name,
        b"host"
            | b"user-agent"
            | b"cookie"
            | b"range"
            | b"expect"
            | b"te"
            | b"authorization"
            | b"proxy-authorization"
            | b"referer"
            | b"origin"
            | b"max-forwards"
            | b"from"
            | b"accept-charset"
            | b"a-im"
            | b"accept-language"
            | b"alt-used"
            | b"depth"
            | b"destination"
            | b"early-data"
            | b"forwarded"
            | b"http2-settings"
            | b"overwrite"
            | b"prefer"
            | b"sec-websocket-key"
            | b"upgrade-insecure-requests"
    ) || name.starts_with(b"if-")
        || name.starts_with(b"access-control-request-")
        || name.starts_with(b"sec-fetch-")
}

/// The fields that are no longer in use, and the documents that say so.
const DEPRECATED: [(&str, &str); 8] = [
    ("RFC 9111 §5.4", "pragma"),
    ("RFC 9111 §5.5", "warning"),
    ("RFC 9112 App. B.5", "content-transfer-encoding"),
    (
        "IANA HTTP Field Name Registry (obsoleted)",
        "access-control content-base content-md5 content-script-type content-style-type content-version \
         cookie2 digest expect-ct http2-settings method-check method-check-expires p3p pics-label public referer-root \
         set-cookie2 uri want-digest",
    ),
    (
        "CSP3 (Content-Security-Policy)",
        "x-content-security-policy x-content-security-policy-report-only x-webkit-csp \
         x-webkit-csp-report-only",
    ),
    ("Permissions Policy (Permissions-Policy)", "feature-policy"),
    ("Reporting API (Reporting-Endpoints)", "report-to"),
    (
        "in no current specification",
        "accept-ch-lifetime alternates dnt public-key-pins public-key-pins-report-only tcn x-pad \
         x-xss-protection",
    ),
];

/// Whether a request's field `name` is no longer in use; the document that says so.
pub(super) fn deprecated_in_request(name: &[u8], value: &[u8]) -> Option<&'static str> {
    if name.eq_ignore_ascii_case(b"accept-charset") {
        return Some("RFC 9110 §12.5.2");
    }
    // Pragma: no-cache, and no other, still has an effect in requests (RFC 9111 §5.4), and DNT is in use.
    if name.eq_ignore_ascii_case(b"pragma") {
        let is_known = |member: &[u8]| member.is_empty() || member.eq_ignore_ascii_case(b"no-cache");
        return (!list_members(value).all(is_known)).then_some("RFC 9111 §5.4");
    }
    let mut all =
        DEPRECATED.iter().filter(|(_, names)| !names.split(' ').any(|name| matches!(name, "pragma" | "dnt")));
    all.find(|(_, names)| names.split(' ').any(|known| known.as_bytes().eq_ignore_ascii_case(name)))
        .map(|&(spec, _)| spec)
}

fn deprecated(exchange: &Exchange, found: &mut Findings<'_>) {
    let Some(head) = exchange.response() else { return };
    // Network Error Logging still reports to the groups of Report-To.
    let is_needed = |line: &FieldLine<'_>| line.is("report-to") && head.fields.has("nel");
    for (spec, names) in DEPRECATED {
        let is_one = |line: &FieldLine<'_>| names.split(' ').any(|name| line.is(name)) && !is_needed(line);
        found.citing(spec).lines(head.fields.iter().filter(is_one));
    }
}
