//! The pieces that most field values are made of (RFC 9110 §5.6).

pub use super::byte_search::find_byte;

/// Whether `byte` may stand in a token: a tchar (RFC 9110 §5.6.2).
#[inline]
pub const fn is_tchar(byte: u8) -> bool {
    TCHARS[byte as usize]
}

/// [`is_tchar`] of every byte, since names are looked at more often than anything else.
const TCHARS: [bool; 256] = {
    let mut tchars = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        tchars[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let others = b"!#$%&'*+-.^_`|~";
    let mut at = 0;
    while at < others.len() {
        tchars[others[at] as usize] = true;
        at += 1;
    }
    tchars
};

/// Where the first byte stands that is below SP.
pub fn find_control(bytes: &[u8]) -> Option<usize> {
    search(bytes, |word| below(word, b' '), |byte| byte < b' ')
}

/// Where the first byte stands that is wanted, as `marks` says of eight bytes (by
/// the high bit of its place) and `is` of one.
#[inline(always)]
pub(super) fn search(bytes: &[u8], marks: impl Fn(u64) -> u64, is: impl Fn(u8) -> bool) -> Option<usize> {
    let (words, rest) = bytes.as_chunks::<8>();
    for (place, word) in words.iter().enumerate() {
        let marks = marks(u64::from_le_bytes(*word));
        if marks != 0 {
            return Some(place * 8 + marks.trailing_zeros() as usize / 8);
        }
    }
    rest.iter().position(|&byte| is(byte)).map(|at| words.len() * 8 + at)
}

/// The lowest bit of each byte of a word.
pub const LOW_BITS: u64 = 0x0101_0101_0101_0101;

/// Whether two names are the same, in any case: ASCII letters alone have one.
pub fn is_same_name(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let (Some(last), Some(other_last)) = (last_word(one), last_word(other)) else {
        let is_same = |(&a, &b): (&u8, &u8)| a == b || a ^ b == 0x20 && (a | 0x20).is_ascii_lowercase();
        return one.iter().zip(other).all(is_same);
    };
    let words = one.as_chunks().0.iter().zip(other.as_chunks().0);
    let mut words = words.map(|(word, other)| (u64::from_ne_bytes(*word), u64::from_ne_bytes(*other)));
    is_same_word(last, other_last) && words.all(|(word, other)| is_same_word(word, other))
}

/// The last eight bytes.
#[inline(always)]
fn last_word(bytes: &[u8]) -> Option<u64> {
    match *bytes {
        [.., a, b, c, d, e, f, g, h] => Some(u64::from_ne_bytes([a, b, c, d, e, f, g, h])),
        _ => None,
    }
}

/// [`is_same_name`] of eight bytes.
#[inline(always)]
fn is_same_word(word: u64, other: u64) -> bool {
    let differs = word ^ other;
    let lower = word & (LOW_BITS * 0x7F) | (LOW_BITS << 5);
    // The one sum has the top bit from `a` on, the other from what follows `z` on.
    let is_letter = (lower + LOW_BITS * 0x1F) & !(lower + LOW_BITS * 0x05);
    let has_case = is_letter & !word & (LOW_BITS << 7);
    differs & !(has_case >> 2) == 0
}

/// A mark for the first byte of `word` that is below `limit` (128 at most): taking
/// `limit` from it borrows into a high bit that was not set. Marks of bytes behind
/// it may be there wrongly, since a borrow goes on.
#[inline(always)]
pub const fn below(word: u64, limit: u8) -> u64 {
    word.wrapping_sub(LOW_BITS * limit as u64) & !word & (LOW_BITS << 7)
}

/// Whether `bytes` is a token: at least one tchar and nothing else.
pub fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().copied().all(is_tchar)
}

/// Whether `byte` is SP or HTAB, the whitespace of OWS, RWS and BWS (RFC 9110 §5.6.3).
#[inline]
pub const fn is_ows(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// `bytes` without SP and HTAB at its ends.
pub fn trim_ows(bytes: &[u8]) -> &[u8] {
    trim_ows_end(trim_ows_start(bytes))
}

/// `bytes` without SP and HTAB at its start.
#[inline(always)]
pub fn trim_ows_start(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    while let [b' ' | b'\t', behind @ ..] = rest {
        rest = behind;
    }
    rest
}

/// `bytes` without SP and HTAB at its end.
#[inline(always)]
pub fn trim_ows_end(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    while let [before @ .., b' ' | b'\t'] = rest {
        rest = before;
    }
    rest
}

/// The pieces of `bytes` between `separator`s that stand outside quoted
/// strings, whitespace at their ends removed; empty pieces included.
pub fn split_unquoted(bytes: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    split_at_unquoted(bytes, separator).map(|(_, piece)| piece)
}

/// [`split_unquoted`], each piece with the offset of its first byte.
pub fn split_at_unquoted(bytes: &[u8], separator: u8) -> impl Iterator<Item = (usize, &[u8])> {
    UnquotedPieces { bytes, separator, at: Some(0) }
}

struct UnquotedPieces<'a> {
    bytes: &'a [u8],
    separator: u8,
    /// Where the next one begins.
    at: Option<usize>,
}

impl<'a> Iterator for UnquotedPieces<'a> {
    type Item = (usize, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.at?;
        let rest = self.bytes.get(start..)?;
        let length = find_unquoted(rest, self.separator);
        self.at = length.map(|length| start + length + 1);
        let whole = &rest[..length.unwrap_or(rest.len())];
        let piece = trim_ows_start(whole);
        Some((start + whole.len() - piece.len(), trim_ows_end(piece)))
    }
}

/// The members of a comma-separated list in one field value, empty ones
/// included (RFC 9110 §5.6.1).
pub fn list_members(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    split_unquoted(value, b',')
}

/// Where `wanted` first stands outside a quoted string.
pub fn find_unquoted(bytes: &[u8], wanted: u8) -> Option<usize> {
    // Most values are short: this loop is at their end before a search with vectors has begun.
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte == wanted {
            return Some(at);
        }
        at += if byte == b'"' { through_quotes(&bytes[at..]) } else { 1 };
    }
    None
}

/// The length of what stands in quotes at the start of `bytes`, in any bytes; all where they do not end.
fn through_quotes(bytes: &[u8]) -> usize {
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The length of the quoted string that `bytes` begins with, quotes included
/// (RFC 9110 §5.6.4); `None` where there is none or it does not end.
pub fn quoted_string_len(bytes: &[u8]) -> Option<usize> {
    if bytes.first() != Some(&b'"') {
        return None;
    }
    let mut at = 1;
    loop {
        match *bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => {
                let escaped = *bytes.get(at + 1)?;
                if escaped != b'\t' && (escaped < 0x20 || escaped == 0x7F) {
                    return None;
                }
                at += 2;
            }
            byte if byte != b'\t' && (byte < 0x20 || byte == 0x7F) => return None,
            _ => at += 1,
        }
    }
}

/// The text of a quoted string, quotes and escapes removed; other bytes as they are.
pub fn unquote(bytes: &[u8]) -> Vec<u8> {
    let Some(inner) = bytes.strip_prefix(b"\"") else { return bytes.to_vec() };
    let inner = inner.strip_suffix(b"\"").unwrap_or(inner);
    let mut text = Vec::with_capacity(inner.len());
    let mut escaped = false;
    for &byte in inner {
        if byte == b'\\' && !escaped {
            escaped = true;
        } else {
            escaped = false;
            text.push(byte);
        }
    }
    text
}

/// The length of the token that `bytes` begins with; 0 where there is none.
pub fn token_len(bytes: &[u8]) -> usize {
    for (at, &byte) in bytes.iter().enumerate() {
        if !is_tchar(byte) {
            return at;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_are_found_wherever_they_stand() {
        for length in 0..40 {
            for at in 0..length {
                let mut bytes = vec![b'a'; length];
                bytes[at] = b'\n';
                assert_eq!(find_control(&bytes), Some(at));
                bytes[at + 1..].fill(0);
                assert_eq!(find_control(&bytes), Some(at));
                bytes.fill(0x8A);
                assert_eq!(find_control(&bytes), None);
                bytes[at] = b' ';
                assert_eq!(find_control(&bytes), None);
            }
        }
    }

    #[test]
    fn names_are_the_same_in_any_case() {
        for one in 0..=255_u8 {
            for other in 0..=255_u8 {
                let is_same = one.eq_ignore_ascii_case(&other);
                assert_eq!(is_same_name(&[b'x', one], &[b'X', other]), is_same);
                for (beside, length) in [(b'@', 8), (0xFF, 11), (b'z', 19)] {
                    let (mut name, mut other_name) = (vec![beside; length], vec![beside; length]);
                    (name[length / 2], other_name[length / 2]) = (one, other);
                    assert_eq!(is_same_name(&name, &other_name), is_same, "{one:#x} {other:#x}");
                }
            }
        }
        assert!(!is_same_name(b"ab", b"abc"));
    }

    #[test]
    fn members_are_split_outside_quotes_and_stripped() {
        let members: Vec<_> = list_members(b"a, \"b,\\\",c\" ,,d").collect();
        assert_eq!(members, [&b"a"[..], b"\"b,\\\",c\"", b"", b"d"]);
        assert_eq!(list_members(b"").count(), 1);
    }

    #[test]
    fn quoted_strings_end_where_they_end() {
        assert_eq!(quoted_string_len(b"\"a\\\"b\" c"), Some(6));
        assert_eq!(quoted_string_len(b"\"a\\\\\" c"), Some(5));
        for open in [&b""[..], b"a\"", b"\"open", b"\"a\\", b"\"a\\\""] {
            assert_eq!(quoted_string_len(open), None, "{}", open.escape_ascii());
        }
        assert_eq!(unquote(b"\"a\\\"b\""), b"a\"b");
        assert_eq!(unquote(b"\"a\\\\\\b\""), b"a\\b");
    }

    #[test]
    fn a_quoted_string_holds_htab_and_what_is_no_control_escaped_or_not() {
        for byte in (0..=255).filter(|byte| !b"\"\\".contains(byte)) {
            let may_stand = byte == b'\t' || byte >= b' ' && byte != 0x7F;
            assert_eq!(quoted_string_len(&[b'"', byte, b'"']), may_stand.then_some(3), "{byte:#x}");
            assert_eq!(quoted_string_len(&[b'"', b'\\', byte, b'"']), may_stand.then_some(4), "{byte:#x}");
        }
    }
}
