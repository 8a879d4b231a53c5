//! Hostile bytes stop here: what a terminal may be given.
//!
//! Everything that a peer chose and a person reads goes through [`Escaper`], on
//! standard output where that is a terminal, and on standard error always.

use encoding_rs::Encoding;

/// Makes bytes harmless for a terminal, in any pieces.
///
/// Printable UTF-8, tab and newline go through. CR before LF is dropped. Every
/// other control (C0, DEL, C1), bidi control, invisible character, and byte that is
/// not UTF-8 becomes a visible escape.
#[derive(Debug, Default)]
pub(crate) struct Escaper {
    /// A CR, or the beginning of a character, that waits for what follows.
    held: Vec<u8>,
    /// A body shown as text, in which [`WORD_SPACE`] stays.
    is_text: bool,
}

/// Ends words in Khmer, Thai, Lao and Burmese, and has no shape.
const WORD_SPACE: char = '\u{200B}';

impl Escaper {
    /// One for a body that is shown as text.
    pub(super) fn of_text() -> Self {
        Self { is_text: true, ..Self::default() }
    }

    /// Appends `bytes` to `out`, made harmless. What can't be judged yet is held.
    pub(crate) fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        if self.held.is_empty() {
            self.push_all(bytes, out);
        } else {
            let mut joined = std::mem::take(&mut self.held);
            joined.extend_from_slice(bytes);
            self.push_all(&joined, out);
        }
    }

    /// Appends what was held back until more came.
    pub(crate) fn finish(&mut self, out: &mut Vec<u8>) {
        for byte in std::mem::take(&mut self.held) {
            escape_byte(byte, out);
        }
    }

    fn push_all(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let (text, after) = rest.split_at(Encoding::utf8_valid_up_to(rest));
            let invalid;
            (invalid, rest) = after.split_at(invalid_length(after));
            let text = str::from_utf8(text).unwrap_or_default();
            let ends_in_cr = after.is_empty() && text.ends_with('\r');
            push_text(if ends_in_cr { &text[..text.len() - 1] } else { text }, self.is_text, out);
            if ends_in_cr {
                self.held.push(b'\r');
            }
            if rest.is_empty() && is_unfinished(invalid) {
                self.held.extend_from_slice(invalid);
            } else {
                invalid.iter().for_each(|&byte| escape_byte(byte, out));
            }
        }
    }
}

/// How many bytes at the beginning of `bytes` are not UTF-8, up to where a character may begin.
fn invalid_length(bytes: &[u8]) -> usize {
    // No character is longer than four bytes.
    let first = &bytes[..bytes.len().min(4)];
    str::from_utf8(first).map_or_else(|error| error.error_len().unwrap_or(first.len()), |_| 0)
}

/// Appends `bytes`, of which no more comes, made harmless. A run of bytes outside ASCII is text only
/// if all of it is UTF-8: letters that the bytes of another charset spell by chance mislead.
pub(crate) fn push_whole(bytes: &[u8], out: &mut Vec<u8>) {
    for run in bytes.chunk_by(|a, b| a.is_ascii() == b.is_ascii()) {
        // A value that was cut may end within a character.
        let is_text = str::from_utf8(run).map_or_else(|error| error.error_len().is_none(), |_| true);
        if is_text || run[0].is_ascii() {
            let mut escaper = Escaper::default();
            escaper.push(run, out);
            escaper.finish(out);
        } else {
            run.iter().for_each(|&byte| escape_byte(byte, out));
        }
    }
}

/// `bytes` as one line of harmless text: line ends are escaped too.
pub(crate) fn one_line(bytes: &[u8]) -> String {
    let mut out = Vec::with_capacity(bytes.len());
    for piece in bytes.split_inclusive(|&byte| byte == b'\n' || byte == b'\t') {
        let (text, end) = match piece.split_last() {
            Some((b'\n', text)) => (text, "\\n"),
            Some((b'\t', text)) => (text, "\\t"),
            _ => (piece, ""),
        };
        push_whole(text, &mut out);
        out.extend_from_slice(end.as_bytes());
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A value of an option in a message: [`one_line`], and `''` where it is empty, as a variable that is not
/// set leaves it.
pub(crate) fn value(bytes: &[u8]) -> String {
    if bytes.is_empty() { "''".to_owned() } else { one_line(bytes) }
}

fn push_text(text: &str, is_text: bool, out: &mut Vec<u8>) {
    let mut rest = text;
    let mut harmless = 0;
    while let Some(letter) = rest[harmless..].chars().next() {
        if !is_harmful(letter) || is_text && letter == WORD_SPACE {
            harmless += letter.len_utf8();
            harmless += certainly_harmless(&rest.as_bytes()[harmless..]);
            continue;
        }
        out.extend_from_slice(&rest.as_bytes()[..harmless]);
        rest = &rest[harmless + letter.len_utf8()..];
        harmless = 0;
        match letter {
            '\r' if rest.starts_with('\n') => {}
            '\r' => out.extend_from_slice(b"\\r"),
            harmful if harmful.is_ascii() => escape_byte(harmful as u8, out),
            harmful => out.extend_from_slice(format!("\\u{{{:x}}}", u32::from(harmful)).as_bytes()),
        }
    }
    out.extend_from_slice(rest.as_bytes());
}

/// How many bytes of valid UTF-8 stand before the first one that may begin a harmful character,
/// eight at a time where they are ASCII.
fn certainly_harmless(text: &[u8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    let mut at = 0;
    while let Some(word) = text[at..].first_chunk() {
        let word = u64::from_ne_bytes(*word);
        // A high bit comes of a byte that has it, of a control and of DEL.
        if (word | word.wrapping_sub(ONES * 0x20) | word.wrapping_add(ONES)) & (ONES << 7) == 0 {
            at += 8;
            continue;
        }
        let end = at + 8;
        while at < end {
            if MAY_BE_HARMFUL[usize::from(text[at])] {
                return at;
            }
            at += 1;
        }
    }
    while at < text.len() && !MAY_BE_HARMFUL[usize::from(text[at])] {
        at += 1;
    }
    at
}

/// The bytes that a character which [`is_harmful`] may begin with.
const MAY_BE_HARMFUL: [bool; 256] = {
    let mut bytes = [false; 256];
    let mut control = 0;
    while control < 0x20 {
        bytes[control] = control != 0x09 && control != 0x0A;
        control += 1;
    }
    bytes[0x7F] = true;
    let above_ascii = [0xC2, 0xD8, 0xE2, 0xE3, 0xEF, 0xF0, 0xF3];
    let mut at = 0;
    while at < above_ascii.len() {
        bytes[above_ascii[at]] = true;
        at += 1;
    }
    bytes
};

/// Controls other than tab and newline, what changes the direction or the place of
/// the text around it, and invisible characters.
pub(crate) fn is_harmful(c: char) -> bool {
    match c {
        '\t' | '\n' | ' '..='~' => false,
        '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{2028}' | '\u{2029}' | '\u{FEFF}' => true,
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => true,
        // Invisible: formats, fillers, marks of annotations and of music, tags.
        WORD_SPACE | '\u{2060}'..='\u{2065}' | '\u{206A}'..='\u{206F}' => true,
        '\u{3164}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{1D173}'..='\u{1D17A}' => true,
        '\u{E0000}'..='\u{E00FF}' | '\u{E01F0}'..='\u{E0FFF}' => true,
        c => c.is_control(),
    }
}

/// Whether more bytes could make `bytes` a character.
fn is_unfinished(bytes: &[u8]) -> bool {
    !bytes.is_empty() && str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

fn escape_byte(byte: u8, out: &mut Vec<u8>) {
    match byte {
        b'\r' => out.extend_from_slice(b"\\r"),
        _ => out.extend_from_slice(format!("\\x{byte:02x}").as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::repeatable::Chance;

    fn escape_cut(bytes: &[u8], cut: usize) -> String {
        let mut out = Vec::new();
        let mut escaper = Escaper::default();
        escaper.push(&bytes[..cut], &mut out);
        escaper.push(&bytes[cut..], &mut out);
        escaper.finish(&mut out);
        String::from_utf8(out).expect("only text comes out")
    }

    #[test]
    fn text_goes_through_and_controls_become_visible() {
        for (bytes, expected) in [
            (&b"a\tb\r\nc\n"[..], "a\tb\nc\n"),
            ("héllo 日本語 🎉".as_bytes(), "héllo 日本語 🎉"),
            (b"\x1b[2J\x07\x7f\0", "\\x1b[2J\\x07\\x7f\\x00"),
            (b"a\rb\r", "a\\rb\\r"),
            ("\u{9b}31m \u{202e}x\u{feff}".as_bytes(), "\\u{9b}31m \\u{202e}x\\u{feff}"),
            ("a\u{200b}\u{2060}\u{e0041}".as_bytes(), "a\\u{200b}\\u{2060}\\u{e0041}"),
            ("\u{206a}\u{3164}\u{fff9}\u{1d173}".as_bytes(), "\\u{206a}\\u{3164}\\u{fff9}\\u{1d173}"),
            (b"\x9b \xff\xfe \xe2\x82", "\\x9b \\xff\\xfe \\xe2\\x82"),
        ] {
            for cut in 0..=bytes.len() {
                assert_eq!(escape_cut(bytes, cut), expected, "cut at {cut}");
            }
        }
    }

    #[test]
    fn what_is_passed_over_is_harmless() {
        for letter in ('\0'..=char::MAX).filter(|&letter| is_harmful(letter)) {
            assert_eq!(certainly_harmless(letter.to_string().as_bytes()), 0, "{letter:?}");
            for at in 0..20 {
                let text = format!("{}{letter}{}", "a".repeat(at), "b".repeat(20 - at));
                assert_eq!(certainly_harmless(text.as_bytes()), at, "{letter:?} at {at}");
            }
        }
        assert_eq!(certainly_harmless("a\tb\nc, d: 日 ü ~".as_bytes()), 18);
    }

    /// What `bytes` become, letter by letter.
    fn plainly_escaped(bytes: &[u8]) -> String {
        let mut out = String::new();
        for chunk in bytes.utf8_chunks() {
            let mut letters = chunk.valid().chars().peekable();
            while let Some(letter) = letters.next() {
                match letter {
                    '\r' if letters.peek() == Some(&'\n') => {}
                    '\r' => out.push_str("\\r"),
                    '\0'..='\x7F' if is_harmful(letter) => out += &format!("\\x{:02x}", letter as u32),
                    _ if is_harmful(letter) => out += &format!("\\u{{{:x}}}", letter as u32),
                    _ => out.push(letter),
                }
            }
            chunk.invalid().iter().for_each(|byte| out += &format!("\\x{byte:02x}"));
        }
        out
    }

    #[test]
    fn any_bytes_are_escaped_as_letter_by_letter() {
        let parts: [&[u8]; 14] = [
            b"a",
            b"words of text",
            b"\t\n",
            b"\r",
            b"\r\n",
            b"\x1b[",
            b"\x7f",
            "\u{65e5}\u{fc}".as_bytes(),
            "\u{202e}\u{feff}".as_bytes(),
            "\u{1f389}".as_bytes(),
            "\u{e0041}".as_bytes(),
            b"\x9b",
            b"\xE2\x82",
            b"\xF0\x9F\xFF",
        ];
        let mut chance = Chance(1);
        for _ in 0..20_000 {
            let bytes: Vec<u8> = (0..chance.below(8)).flat_map(|_| *chance.one_of(&parts)).copied().collect();
            let cut = chance.below(bytes.len() + 1);
            assert_eq!(
                escape_cut(&bytes, cut),
                plainly_escaped(&bytes),
                "{} cut at {cut}",
                bytes.escape_ascii()
            );
        }
    }

    #[test]
    fn a_text_keeps_what_parts_its_words() {
        let mut out = Vec::new();
        Escaper::of_text().push("a\u{200b}b\u{2060}".as_bytes(), &mut out);
        assert_eq!(String::from_utf8_lossy(&out), "a\u{200b}b\\u{2060}");
    }

    #[test]
    fn a_run_of_bytes_is_text_only_as_a_whole() {
        for (bytes, expected) in [
            (&b"\xce\xc4\xbc\xfe.txt"[..], "\\xce\\xc4\\xbc\\xfe.txt"),
            (b"\xc4\xa3\xd0\xcd", "\\xc4\\xa3\\xd0\\xcd"),
            ("日本語 \u{202e}é".as_bytes(), "日本語 \\u{202e}é"),
            (b"\xc3\xa9 \xe9 \xe6\x97", "é \\xe9 \\xe6\\x97"),
            (b"a\r\xe9\r\n", "a\\r\\xe9\n"),
        ] {
            let mut out = Vec::new();
            push_whole(bytes, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), expected);
        }
    }

    #[test]
    fn one_line_has_no_line_ends() {
        assert_eq!(one_line(b"a\r\nb\tc\x1b"), "a\\r\\nb\\tc\\x1b");
    }
}
