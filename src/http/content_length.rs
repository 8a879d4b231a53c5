//! What the Content-Length lines of a message say together (RFC 9110 §8.6).

use super::digits::is_digits;
use super::field::FieldSection;
use super::syntax::list_members;

/// Every length above 2^63-1: more than can be received.
pub const TOO_LARGE: u64 = u64::MAX;

/// What the Content-Length lines say together (RFC 9110 §8.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentLength {
    /// There is none.
    Absent,
    /// One number; `length` is [`TOO_LARGE`] where it is above 2^63-1.
    Valid {
        /// The number.
        length: u64,
        /// How often it is said.
        members: usize,
        /// A member has a leading zero and more digits.
        has_leading_zero: bool,
    },
    /// A member is not a number; at this offset.
    Invalid(u64),
    /// Two numbers differ; at this offset.
    Conflict(u64),
}

/// Reads all Content-Length lines as one list. An invalid member outweighs a
/// conflict.
pub fn content_length(fields: &FieldSection) -> ContentLength {
    let mut first: Option<&[u8]> = None;
    let (mut members, mut has_leading_zero, mut conflict) = (0, false, None);
    for line in fields.all("content-length") {
        for member in list_members(line.value) {
            let Some(significant) = digits(member) else { return ContentLength::Invalid(line.offset) };
            members += 1;
            has_leading_zero |= significant.len() < member.len();
            if *first.get_or_insert(significant) != significant {
                conflict.get_or_insert(line.offset);
            }
        }
    }
    match (first, conflict) {
        (None, _) => ContentLength::Absent,
        (Some(_), Some(offset)) => ContentLength::Conflict(offset),
        (Some(digits), None) => ContentLength::Valid { length: number(digits), members, has_leading_zero },
    }
}

/// 1*DIGIT without leading zeros, of which one stays where there is nothing else.
fn digits(member: &[u8]) -> Option<&[u8]> {
    let mut digits = member;
    while let [b'0', rest @ ..] = digits
        && !rest.is_empty()
    {
        digits = rest;
    }
    is_digits(digits).then_some(digits)
}

/// The number that digits say, or [`TOO_LARGE`].
fn number(digits: &[u8]) -> u64 {
    let value =
        digits.iter().fold(0u64, |sum, digit| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0')));
    if value > i64::MAX as u64 { TOO_LARGE } else { value }
}
