//! The words of a chunk's size line (RFC 9112 §7.1, §7.1.1), and what can be wrong with it.

use super::syntax::{is_ows, quoted_string_len, token_len, trim_ows_start};

/// Why a chunked body cannot be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChunkProblem {
    /// The size line does not begin with a hexadecimal number, or has two.
    SizeInvalid,
    /// The size is over 16 significant digits.
    SizeOverflow,
    /// A CR inside a size line.
    BareCr,
    /// Something else than a line end follows the data.
    DataTerminator,
    /// The size line is over [`MAX_SIZE_LINE`](super::chunked::MAX_SIZE_LINE).
    SizeLineTooLong,
    /// The extensions are over [`MAX_EXTENSIONS`](super::chunked::MAX_EXTENSIONS).
    ExtensionsTooLong,
    /// The trailer section is over [`MAX_TRAILERS`](super::chunked::MAX_TRAILERS).
    TrailersTooLong,
}

/// The size and the length of the line that `input` begins with, where that is what nearly all size lines are: at
/// most eight digits, and CR LF.
pub(super) fn plain_size_line(input: &[u8]) -> Option<(u64, usize)> {
    let mut size = 0;
    for (at, &byte) in input.iter().take(9).enumerate() {
        match byte {
            b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F' if at < 8 => size = size << 4 | hex_value(byte),
            b'\r' if at > 0 && input.get(at + 1) == Some(&b'\n') => return Some((size, at + 2)),
            _ => break,
        }
    }
    None
}

/// A size line without its line end: one CR at most belongs to that.
pub(super) fn size_line_content(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Whether the first word of `rest`, which stands behind a size and whitespace, is
/// hexadecimal: recipients differ on which of the two is the size.
pub(super) fn begins_with_size(rest: &[u8]) -> bool {
    let digits = hex_digits(rest);
    digits > 0 && rest.get(digits).is_none_or(|&byte| is_ows(byte) || byte == b';')
}

/// How many HEXDIG `bytes` begins with.
pub(super) fn hex_digits(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| !byte.is_ascii_hexdigit()).unwrap_or(bytes.len())
}

/// The value of one HEXDIG, in either case.
pub(super) fn hex_value(digit: u8) -> u64 {
    u64::from(match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    })
}

/// Whether `rest` is `*( BWS ";" BWS name [ BWS "=" BWS value ] ) BWS` (RFC 9112 §7.1.1).
pub(super) fn extensions_are_valid(rest: &[u8]) -> bool {
    let mut rest = trim_ows_start(rest);
    while let [b';', tail @ ..] = rest {
        let tail = trim_ows_start(tail);
        let name = token_len(tail);
        if name == 0 {
            return false;
        }
        rest = trim_ows_start(&tail[name..]);
        if let [b'=', tail @ ..] = rest {
            let tail = trim_ows_start(tail);
            let length = quoted_string_len(tail).unwrap_or_else(|| token_len(tail));
            if length == 0 {
                return false;
            }
            rest = trim_ows_start(&tail[length..]);
        }
    }
    rest.is_empty()
}
