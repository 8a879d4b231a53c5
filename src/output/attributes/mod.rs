//! Extended attributes of files (`--xattr`), which std has no means to set.

#[cfg(not(all(feature = "extras", any(target_os = "linux", target_vendor = "apple"))))]
#[path = "disabled.rs"]
mod imp;
#[cfg(all(feature = "extras", any(target_os = "linux", target_vendor = "apple")))]
#[path = "enabled.rs"]
mod imp;

pub(crate) use imp::{IS_BUILT, set};
