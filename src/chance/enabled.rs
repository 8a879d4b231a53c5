//! Chance from the system's own source.

/// Fills `bytes`. Every system that rawget runs on has such a source; where it fails all the same, std's is taken.
pub(super) fn fill(bytes: &mut [u8]) {
    if getrandom::getrandom(bytes).is_err() {
        hashed::fill(bytes);
    }
}

#[path = "disabled.rs"]
mod hashed;
