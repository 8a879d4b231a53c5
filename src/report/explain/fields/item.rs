//! Structured fields as text for reading.

use crate::failure;
use crate::http::date;
use crate::http::digits;
use crate::http::structured::{BareItem, Item, Member, Parameters, Type};
use crate::http::syntax::unquote;
use crate::output::escape::one_line;

/// How much of a value is shown.
const SHOWN: usize = 60;
/// How many members of a list are shown.
const SHOWN_MEMBERS: usize = 6;

/// Bytes of the peer, harmless, the beginning of long ones.
pub(super) fn shown(value: &[u8]) -> String {
    let start = one_line(&value[..value.len().min(SHOWN)]);
    if value.len() > SHOWN { format!("{start}...") } else { start }
}

/// A bare item without the marks of its type.
pub(super) fn bare(item: &BareItem<'_>) -> String {
    match item.kind {
        Type::String => shown(&unquote(item.text)),
        Type::Date => item.text.strip_prefix(b"@").map(moment).unwrap_or_default(),
        Type::Boolean if item.text == b"?0" => "no".to_owned(),
        Type::Boolean => "yes".to_owned(),
        Type::Bytes => item.bytes().map(|bytes| failure::bytes(bytes.len() as u64)).unwrap_or_default(),
        _ => shown(item.text),
    }
}

/// Seconds since 1970, as an Integer is written, as a date.
pub(super) fn moment(seconds: &[u8]) -> String {
    match number(seconds) {
        Some(seconds @ 0..=date::LAST) => date::format(seconds),
        _ => shown(seconds),
    }
}

/// An Integer.
pub(super) fn number(text: &[u8]) -> Option<i64> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let number = i64::try_from(digits::exact(digits)?).ok()?;
    Some(if digits.len() < text.len() { -number } else { number })
}

/// The parameter `key`, where it has a value.
pub(super) fn parameter<'a>(parameters: &Parameters<'a>, key: &str) -> Option<BareItem<'a>> {
    parameters.iter().rev().find(|(name, _)| *name == key.as_bytes()).and_then(|(_, value)| *value)
}

/// Whether the parameter `key` is there and not false.
pub(super) fn has(parameters: &Parameters<'_>, key: &str) -> bool {
    let found = parameters.iter().rev().find(|(name, _)| *name == key.as_bytes());
    found.is_some_and(|(_, value)| value.is_none_or(|value| value.text != b"?0"))
}

/// The Integer that parameter `key` has.
pub(super) fn integer(parameters: &Parameters<'_>, key: &str) -> Option<i64> {
    integer_of(&parameter(parameters, key)?)
}

/// The number of an Integer.
pub(super) fn integer_of(item: &BareItem<'_>) -> Option<i64> {
    if item.kind == Type::Integer { number(item.text) } else { None }
}

/// The items of a list; inner lists are left out.
pub(super) fn items<'a, 'b>(members: &'b [Member<'a>]) -> impl Iterator<Item = &'b Item<'a>> {
    members.iter().filter_map(|member| match member {
        Member::Item(item) => Some(item),
        Member::InnerList(..) => None,
    })
}

/// Texts with `between` between them, the first few of many.
pub(super) fn joined(texts: impl IntoIterator<Item = String>, between: &str) -> String {
    let mut texts: Vec<_> = texts.into_iter().collect();
    let more = texts.len().saturating_sub(SHOWN_MEMBERS);
    texts.truncate(SHOWN_MEMBERS);
    let told = texts.join(between);
    if more == 0 { told } else { format!("{told}{between}and {more} more") }
}
