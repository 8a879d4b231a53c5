//! By the crate memchr.

/// Where `wanted` first stands in `bytes`.
pub fn find_byte(bytes: &[u8], wanted: u8) -> Option<usize> {
    memchr::memchr(wanted, bytes)
}

/// Where one of the two first stands in `bytes`.
pub(crate) fn find_either(bytes: &[u8], one: u8, other: u8) -> Option<usize> {
    memchr::memchr2(one, other, bytes)
}
