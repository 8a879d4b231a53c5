//! Members of a list with their weights (RFC 9110 §12.4.2).

use super::parameter::Parameter;
use super::syntax::split_unquoted;

/// A member of Accept-Encoding and the like: an item, and how much it is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weighted<'a> {
    /// What is weighed.
    pub item: &'a [u8],
    /// From 0 to 1000; 1000 where none is given or it can't be read.
    pub weight: u16,
    /// Nothing but an item and a weight in order stands there.
    pub is_valid: bool,
}

impl<'a> Weighted<'a> {
    /// Takes a member apart. Of several weights the first counts.
    pub fn of(member: &'a [u8]) -> Self {
        let mut pieces = split_unquoted(member, b';');
        let item = pieces.next().unwrap_or_default();
        let parameters: Vec<_> = pieces.map(Parameter::of).collect();
        let weight = parameters.iter().find(|parameter| parameter.is("q")).and_then(|q| q.value);
        let is_valid = match &parameters[..] {
            [] => true,
            [one] => !one.is_spaced && weight.and_then(thousandths).is_some(),
            _ => false,
        };
        Self { item, weight: weight.and_then(lenient).unwrap_or(1000), is_valid }
    }
}

/// A weight: from 0 to 1 with at most three decimals, in thousandths.
pub fn thousandths(value: &[u8]) -> Option<u16> {
    let (whole, decimals) = match value {
        [whole] => (whole, &[][..]),
        [whole, b'.', decimals @ ..] if decimals.len() <= 3 => (whole, decimals),
        _ => return None,
    };
    let digit =
        |at: usize| decimals.get(at).map_or(Some(0), |byte| byte.is_ascii_digit().then(|| byte - b'0'));
    let parts = [digit(0)?, digit(1)?, digit(2)?].iter().fold(0, |sum, digit| sum * 10 + u16::from(*digit));
    match whole {
        b'0' => Some(parts),
        b'1' if parts == 0 => Some(1000),
        _ => None,
    }
}

/// The weight in thousandths, or 0 however many zeros say so.
fn lenient(value: &[u8]) -> Option<u16> {
    let is_zero = value.first() == Some(&b'0') && value.iter().all(|byte| matches!(byte, b'0' | b'.'));
    if is_zero { Some(0) } else { thousandths(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_have_three_decimals_at_most() {
        for (text, expected) in [
            ("0", Some(0)),
            ("1", Some(1000)),
            ("0.", Some(0)),
            ("0.5", Some(500)),
            ("0.001", Some(1)),
            ("1.000", Some(1000)),
            ("1.001", None),
            ("0.1234", None),
            (".5", None),
            ("2", None),
            ("", None),
            ("0,5", None),
            ("0.-1", None),
        ] {
            assert_eq!(thousandths(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn members_are_taken_apart() {
        let of = |text: &'static str| {
            let Weighted { item, weight, is_valid } = Weighted::of(text.as_bytes());
            (str::from_utf8(item).expect("text"), weight, is_valid)
        };
        assert_eq!(of("gzip"), ("gzip", 1000, true));
        assert_eq!(of("gzip ; Q=0.000"), ("gzip", 0, true));
        assert_eq!(of("gzip;q=0.0000"), ("gzip", 0, false));
        assert_eq!(of("gzip;q = 0"), ("gzip", 0, false));
        assert_eq!(of("gzip;x=1"), ("gzip", 1000, false));
        assert_eq!(of("gzip;q=0.5;q=0"), ("gzip", 500, false));
    }
}
