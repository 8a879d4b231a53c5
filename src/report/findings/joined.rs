//! Texts that are made one while the program is compiled.
//!
//! A table of many texts is a table of pointers, and the loader adjusts each of them at every start, whether the run reads
//! the table or not. Entries in one text cost nothing until they are read.

/// One text of constant ones.
macro_rules! joined {
    ($($part:expr),+ $(,)?) => {{
        const PARTS: &[&str] = &[$($part),+];
        const BYTES: [u8; $crate::report::findings::joined::length(PARTS)] = $crate::report::findings::joined::bytes(PARTS);
        const TEXT: &str = match str::from_utf8(&BYTES) {
            Ok(text) => text,
            Err(_) => panic!("texts are UTF-8, joined too"),
        };
        TEXT
    }};
}
pub(super) use joined;

/// How many bytes `parts` have together.
pub(super) const fn length(parts: &[&str]) -> usize {
    let (mut length, mut at) = (0, 0);
    while at < parts.len() {
        length += parts[at].len();
        at += 1;
    }
    length
}

/// The parts, one behind the other; LENGTH is [`length`] of them.
pub(super) const fn bytes<const LENGTH: usize>(parts: &[&str]) -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    let (mut end, mut at) = (0, 0);
    while at < parts.len() {
        let part = parts[at].as_bytes();
        let mut byte = 0;
        while byte < part.len() {
            bytes[end] = part[byte];
            (end, byte) = (end + 1, byte + 1);
        }
        at += 1;
    }
    bytes
}
