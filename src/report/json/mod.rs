//! Reports as JSON.

#[cfg(feature = "extras")]
#[path = "enabled.rs"]
mod imp;
#[cfg(not(feature = "extras"))]
#[path = "disabled.rs"]
mod imp;

pub(crate) use imp::{
    ContentStart, IS_BUILT, MessageLog, NAME, comparison, dialogue, fields_by_name, found, har_entry,
    read_back, repetitions, report, sarif_end, sarif_result, variables,
};

/// What the report of an exchange that was saved says that its bytes do not.
pub(crate) struct SavedFacts {
    pub(crate) url: String,
    /// The rest of the request was not sent.
    pub(crate) is_left_off: bool,
    /// The connection broke before the response was whole.
    pub(crate) is_cut: bool,
}
