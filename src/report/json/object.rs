//! Objects in less code than the library's macro makes, which repeats itself for each member.

use serde_json::Value;

/// An object of members, in their order, written as in `json!({…})`.
macro_rules! object {
    ({ $($name:literal: $value:expr),* $(,)? }) => {
        crate::report::json::imp::object::of(&mut [$(($name, serde_json::Value::from($value))),*])
    };
}
pub(super) use object;

/// An object of the `members`, which are taken from where they stand.
pub(super) fn of(members: &mut [(&str, Value)]) -> Value {
    Value::Object(members.iter_mut().map(|(name, value)| ((*name).to_owned(), value.take())).collect())
}
