//! Heads as they are printed: the bytes as they came where no person reads
//! them, harmless and in colour on a terminal.

use super::Sink;
use super::escape::push_whole;

/// SGR sequences: of the names of fields, of statuses by class, and back to normal.
const NAME: &str = "\x1b[1m";
const GOOD: &str = "\x1b[1;32m";
const MOVED: &str = "\x1b[1;35m";
const BAD: &str = "\x1b[1;31m";
const PLAIN: &str = "\x1b[0m";

/// Writes the bytes of a head, or what came of one.
pub(crate) fn write(sink: &mut Sink, raw: &[u8], colour: bool) -> anyhow::Result<()> {
    if colour {
        return sink.write_harmless(&coloured(raw));
    }
    if !sink.is_guarded() {
        return sink.write(raw);
    }
    let mut harmless = Vec::with_capacity(raw.len());
    push_whole(raw, &mut harmless);
    sink.write_harmless(&harmless)
}

/// `raw` with its line's parts in colour, and made harmless.
pub(crate) fn coloured(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() * 2);
    for line in raw.split_inclusive(|&byte| byte == b'\n') {
        let colon = line.iter().position(|&byte| byte == b':');
        let (colour, end) = match colon {
            _ if line.starts_with(b"HTTP/") => (status_colour(line), line.len()),
            Some(colon) => (NAME, colon),
            None => (PLAIN, 0),
        };
        let (painted, rest) = line.split_at(end);
        let (painted, line_end) = match painted.strip_suffix(b"\n") {
            Some(text) => (text, &b"\n"[..]),
            None => (painted, &b""[..]),
        };
        let painted = painted.strip_suffix(b"\r").unwrap_or(painted);
        if !painted.is_empty() {
            out.extend_from_slice(colour.as_bytes());
            push_whole(painted, &mut out);
            out.extend_from_slice(PLAIN.as_bytes());
        }
        out.extend_from_slice(line_end);
        push_whole(rest, &mut out);
    }
    out
}

fn status_colour(line: &[u8]) -> &'static str {
    match line.split(|&byte| byte == b' ').nth(1).and_then(<[u8]>::first) {
        Some(b'1' | b'2') => GOOD,
        Some(b'3') => MOVED,
        _ => BAD,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_goes_around_harmless_text_only() {
        let raw = b"HTTP/1.1 404 No\x1b[2J\r\nA\x1b: b\x1b\r\nword\r\n\r\n";
        let text = String::from_utf8(coloured(raw)).expect("text");
        let expected = "\x1b[1;31mHTTP/1.1 404 No\\x1b[2J\x1b[0m\n\x1b[1mA\\x1b\x1b[0m: b\\x1b\nword\n\n";
        assert_eq!(text, expected);
    }
}
