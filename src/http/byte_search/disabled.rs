//! Without memchr: eight bytes are looked at at once.

use crate::http::syntax::{LOW_BITS, below, search};

/// Where `wanted` first stands in `bytes`.
pub fn find_byte(bytes: &[u8], wanted: u8) -> Option<usize> {
    let pattern = LOW_BITS * u64::from(wanted);
    search(bytes, |word| below(word ^ pattern, 1), |byte| byte == wanted)
}
