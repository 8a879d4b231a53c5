//! Runs of ASCII: what reads the same in every encoding, and what is text. Eight bytes are looked
//! at together, since the compiler, told to make small code, uses no vectors.

use crate::http::syntax::LOW_BITS;

const TOP_BITS: u64 = LOW_BITS << 7;

/// How many bytes at the start read the same in every encoding that can still
/// turn out: ASCII without the three controls that ISO-2022-JP takes for itself.
pub(super) fn plain(bytes: &[u8]) -> usize {
    let is_special = |byte: &u8| !byte.is_ascii() || matches!(byte, 0x0E | 0x0F | 0x1B);
    let (chunks, rest) = bytes.as_chunks();
    for (index, chunk) in chunks.iter().enumerate() {
        if may_have_special(chunk)
            && let Some(at) = chunk.iter().position(is_special)
        {
            return index * chunk.len() + at;
        }
    }
    bytes.len() - rest.len() + rest.iter().position(is_special).unwrap_or(rest.len())
}

/// Whether a byte is beyond ASCII or from 0x0E to 0x1F, of which text has hardly any.
#[inline(always)]
fn may_have_special(chunk: &[u8; 32]) -> bool {
    let [first, second, third, fourth] = words(chunk);
    // The top bit is set in each such byte; in any other, only behind one beyond ASCII.
    let marks = |word| word | at_least(word, 0x0E) & !at_least(word, b' ');
    (marks(first) | marks(second) | marks(third) | marks(fourth)) & TOP_BITS != 0
}

/// How many bytes at the start are certainly ASCII text: a multiple of 32, or all of them.
pub(super) fn text_len(bytes: &[u8]) -> usize {
    let (chunks, rest) = bytes.as_chunks();
    for (index, chunk) in chunks.iter().enumerate() {
        if !has_no_control(chunk) && !is_printable(chunk) && !is_text(chunk) {
            return index * chunk.len();
        }
    }
    if rest.is_empty() {
        return bytes.len();
    }
    let mut last = [b' '; 32];
    last[..rest.len()].copy_from_slice(rest);
    bytes.len() - if is_text(&last) { 0 } else { rest.len() }
}

/// Whether each byte is from SP to DEL, as in a line.
#[inline(always)]
fn has_no_control(chunk: &[u8; 32]) -> bool {
    let [first, second, third, fourth] = words(chunk);
    let marks = |word| word | !at_least(word, b' ');
    (marks(first) | marks(second) | marks(third) | marks(fourth)) & TOP_BITS == 0
}

/// Whether each byte is LF or from SP to DEL, as most bytes of text are.
#[inline(always)]
fn is_printable(chunk: &[u8; 32]) -> bool {
    let [first, second, third, fourth] = words(chunk);
    let marks = |word| word | !at_least(word, b' ') & at_least(word ^ (LOW_BITS * b'\n' as u64), 1);
    (marks(first) | marks(second) | marks(third) | marks(fourth)) & TOP_BITS == 0
}

/// Whether each byte is ASCII and no binary data byte, nor ESC.
fn is_text(chunk: &[u8; 32]) -> bool {
    let [first, second, third, fourth] = words(chunk);
    let marks = |word: u64| {
        let is_binary = at_least(word, 0x0E) & !at_least(word, b' ');
        at_least(word, b'\t') & at_least(word ^ (LOW_BITS * 0x0B), 1) & !is_binary
    };
    let is_text = marks(first) & marks(second) & marks(third) & marks(fourth) & TOP_BITS;
    is_text == TOP_BITS && (first | second | third | fourth) & TOP_BITS == 0
}

#[inline(always)]
fn words(chunk: &[u8; 32]) -> [u64; 4] {
    let &[first, second, third, fourth] = chunk.as_chunks().0 else { return [0; 4] };
    [
        u64::from_ne_bytes(first),
        u64::from_ne_bytes(second),
        u64::from_ne_bytes(third),
        u64::from_ne_bytes(fourth),
    ]
}

/// Sets the top bit of each byte that is `limit` or more, where all of them are ASCII.
#[inline(always)]
const fn at_least(word: u64, limit: u8) -> u64 {
    word.wrapping_add(LOW_BITS * (0x80 - limit as u64))
}

#[cfg(test)]
mod tests {
    use super::super::sniff::is_binary;
    use super::*;

    #[test]
    fn certain_text_has_no_binary_byte() {
        for length in 0..80 {
            for at in 0..length {
                for byte in 0..=u8::MAX {
                    let mut bytes = vec![b'\n'; length];
                    bytes[at] = byte;
                    let is_text = byte.is_ascii() && !is_binary(byte) && byte != 0x1B;
                    let expected = if is_text { length } else { at - at % 32 };
                    assert_eq!(text_len(&bytes), expected, "{byte:#x} at {at} of {length}");
                }
            }
        }
    }

    #[test]
    fn plain_ends_at_the_first_byte_that_encodings_read_differently() {
        for length in 0..80 {
            for at in 0..length {
                for byte in 0..=u8::MAX {
                    let mut bytes = vec![b'a'; length];
                    bytes[at] = byte;
                    let is_plain = byte < 0x80 && ![0x0E, 0x0F, 0x1B].contains(&byte);
                    assert_eq!(
                        plain(&bytes),
                        if is_plain { length } else { at },
                        "{byte:#x} at {at} of {length}"
                    );
                }
            }
        }
    }
}
