//! Characters that nobody can foresee: boundaries and client nonces.

use std::hash::{BuildHasher, RandomState};

const CHARACTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// `count` random letters and digits.
///
/// What std takes from the system to key its hash maps serves here too: each
/// character is the keyed hash of its place.
pub(crate) fn characters(count: usize) -> String {
    let state = RandomState::new();
    let character = |place| {
        let number = state.hash_one(place) % CHARACTERS.len() as u64;
        char::from(CHARACTERS[number as usize])
    };
    (0..count).map(character).collect()
}

/// Of a client nonce: more than anybody can guess.
pub(crate) fn nonce() -> String {
    characters(32)
}

#[cfg(test)]
mod tests {
    use super::characters;

    #[test]
    fn as_many_as_asked_for_and_never_the_same() {
        let (one, other) = (characters(32), characters(32));
        assert_eq!(one.len(), 32);
        assert!(one.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_ne!(one, other);
    }
}
