//! Prefer: what a client would like (RFC 7240 §2, §4.3).

use super::digits::is_digits;
use super::parameter::{Parameter, parameters};
use super::syntax::split_unquoted;

/// Whether a member is `preference *( OWS ";" [ OWS parameter ] )`, and `wait` a number of seconds.
pub fn is_member(member: &[u8]) -> bool {
    let Some(first) = split_unquoted(member, b';').next().map(Parameter::of) else { return false };
    let is_wait = |value: Option<&[u8]>| value.is_some_and(is_digits);
    first.is_valid()
        && (!first.is("wait") || is_wait(first.value))
        && parameters(member).all(|one| one.is_valid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_words_with_parameters() {
        for valid in
            ["respond-async", "wait=10", "return=minimal; foo=\"some parameter\"", "Lenient", "a = b;;c"]
        {
            assert!(is_member(valid.as_bytes()), "{valid}");
        }
        for bad in ["", "=x", "wait", "wait=soon", "return=\"x", "a b", ";a", "a; b c"] {
            assert!(!is_member(bad.as_bytes()), "{bad}");
        }
    }
}
