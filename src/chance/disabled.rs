//! Chance from std alone: what it takes from the system to key its hash maps serves here too.

use std::hash::{BuildHasher, RandomState};

/// Fills `bytes` with the keyed hashes of their places.
pub(super) fn fill(bytes: &mut [u8]) {
    let state = RandomState::new();
    for (place, part) in bytes.chunks_mut(size_of::<u64>()).enumerate() {
        part.copy_from_slice(&state.hash_one(place).to_ne_bytes()[..part.len()]);
    }
}
