//! Unpredictable characters: boundaries, client nonces.

#[cfg(not(feature = "extras"))]
#[path = "disabled.rs"]
mod imp;
#[cfg(feature = "extras")]
#[path = "enabled.rs"]
mod imp;
#[cfg(test)]
pub(crate) mod repeatable;

const CHARACTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// `count` random letters and digits.
pub(crate) fn characters(count: usize) -> String {
    let mut bytes = vec![0; count];
    imp::fill(&mut bytes);
    // The 8 characters that come up a little more often cost a nonce a quarter of a bit.
    bytes.into_iter().map(|byte| char::from(CHARACTERS[usize::from(byte) % CHARACTERS.len()])).collect()
}

/// `N` random bytes.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    imp::fill(&mut bytes);
    bytes
}

/// Masking keys of frames, which the peer must not foresee (RFC 6455 §10.3).
#[derive(Debug)]
pub(crate) struct Masks {
    bytes: [u8; 1024],
    /// How many have been given out.
    given: usize,
}

impl Masks {
    /// None has been made yet.
    pub(crate) fn new() -> Self {
        Self { bytes: [0; 1024], given: 1024 }
    }

    /// Four bytes, from a store that the system fills every 1,024.
    pub(crate) fn next(&mut self) -> [u8; 4] {
        if self.given == self.bytes.len() {
            imp::fill(&mut self.bytes);
            self.given = 0;
        }
        let start = self.given;
        self.given += 4;
        std::array::from_fn(|at| self.bytes[start + at])
    }
}

/// Of a client nonce: more than anybody can guess.
pub(crate) fn nonce() -> String {
    characters(32)
}

#[cfg(test)]
mod tests {
    use super::{characters, imp};

    #[test]
    fn as_many_as_asked_for_and_never_the_same() {
        let (one, other) = (characters(32), characters(32));
        assert_eq!(one.len(), 32);
        assert!(one.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_ne!(one, other);
    }

    #[test]
    fn bytes_of_any_number_are_filled() {
        for count in [0, 1, 7, 8, 9, 100] {
            let (mut one, mut other) = (vec![0; count], vec![0; count]);
            imp::fill(&mut one);
            imp::fill(&mut other);
            assert!(count < 7 || one != other);
        }
    }
}
