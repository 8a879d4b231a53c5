//! Reports as JSON.

#[cfg(feature = "extras")]
#[path = "enabled.rs"]
mod imp;
#[cfg(not(feature = "extras"))]
#[path = "disabled.rs"]
mod imp;

pub(crate) use imp::{
    ContentStart, IS_BUILT, MessageLog, NAME, comparison, dialogue, fields_by_name, found, har_entry,
    read_back, repetitions, report, sarif_driver, sarif_result, variables,
};
