//! Fields whose value is a comma-separated list, over all their lines.

use crate::http::field::{FieldLine, FieldSection};
use crate::http::media_type::essence;
use crate::http::syntax::list_members;
use crate::http::weight::Weighted;

/// The members of the list field `name`, empty ones included, each with its line.
pub(super) fn members<'a>(
    fields: &'a FieldSection,
    name: &'a str,
) -> impl Iterator<Item = (FieldLine<'a>, &'a [u8])> {
    fields.all(name).flat_map(|line| list_members(line.value).map(move |member| (line, member)))
}

/// Whether `fields` says that the content is multipart/byteranges.
pub(super) fn is_byteranges(fields: &FieldSection) -> bool {
    fields.value("content-type").is_some_and(|value| essence(value) == b"multipart/byteranges")
}

/// Whether the list field `name` of a request takes `wanted`: it is named, in
/// any case, and not with a weight of 0 (RFC 9110 §12.4.2).
pub(super) fn takes(fields: &FieldSection, name: &str, wanted: &[u8]) -> bool {
    let mut members = fields.members(name).map(Weighted::of);
    members.any(|member| member.item.eq_ignore_ascii_case(wanted) && member.weight > 0)
}
