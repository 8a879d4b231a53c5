//! By the crate memchr.

/// Where `wanted` first stands in `bytes`.
pub fn find_byte(bytes: &[u8], wanted: u8) -> Option<usize> {
    memchr::memchr(wanted, bytes)
}
