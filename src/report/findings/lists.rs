//! Fields whose value is a comma-separated list, over all their lines.

use crate::http::field::{FieldLine, FieldSection};
use crate::http::syntax::{list_members, parameter, split_unquoted, trim_ows};

/// The members of the list field `name`, empty ones included, each with its line.
pub(super) fn members<'a>(
    fields: &'a FieldSection,
    name: &'a str,
) -> impl Iterator<Item = (FieldLine<'a>, &'a [u8])> {
    fields.all(name).flat_map(|line| list_members(line.value).map(move |member| (line, member)))
}

/// Whether `fields` says that the content is multipart/byteranges.
pub(super) fn is_byteranges(fields: &FieldSection) -> bool {
    let value = fields.value("content-type").unwrap_or_default();
    let name = split_unquoted(value, b';').next().unwrap_or_default();
    name.eq_ignore_ascii_case(b"multipart/byteranges")
}

/// Whether the list field `name` of a request takes `wanted`: it is named, in
/// any case, and not with a weight of 0 (RFC 9110 §12.4.2).
pub(super) fn takes(fields: &FieldSection, name: &str, wanted: &[u8]) -> bool {
    fields.members(name).any(|member| {
        let coding = split_unquoted(member, b';').next().unwrap_or_default();
        let weight = parameter(member, "q");
        let is_zero =
            weight.is_some_and(|weight| trim_ows(&weight).iter().all(|byte| matches!(byte, b'0' | b'.')));
        coding.eq_ignore_ascii_case(wanted) && !is_zero
    })
}
