//! Without memchr: eight bytes are looked at at once.

use crate::http::syntax::{LOW_BITS, below, search};

/// Where `wanted` first stands in `bytes`.
pub fn find_byte(bytes: &[u8], wanted: u8) -> Option<usize> {
    let pattern = LOW_BITS * u64::from(wanted);
    search(bytes, |word| below(word ^ pattern, 1), |byte| byte == wanted)
}

/// Where one of the two first stands in `bytes`.
pub(crate) fn find_either(bytes: &[u8], one: u8, other: u8) -> Option<usize> {
    let [pattern, other_pattern] = [one, other].map(|byte| LOW_BITS * u64::from(byte));
    let marks = |word| below(word ^ pattern, 1) | below(word ^ other_pattern, 1);
    search(bytes, marks, |byte| byte == one || byte == other)
}
