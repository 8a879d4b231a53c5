//! The frames that a WebSocket client has sent, as lines of text.

use std::fmt::Write;

/// What follows the handshake's head in `sent`, a frame a line: `FIN text "hello"`. Of an end that is no
/// whole frame only its length is told.
pub(crate) fn lines(sent: &[u8]) -> String {
    let key = b"sec-websocket-key:";
    let start = sent.windows(key.len()).position(|window| window.eq_ignore_ascii_case(key));
    let start = start.and_then(|start| end_of_head(sent, start));
    let mut rest = start.map_or(&[][..], |start| &sent[start..]);
    let mut lines = String::new();
    while !rest.is_empty() {
        let Some((line, after)) = frame(rest) else {
            let _ = writeln!(lines, "{} bytes of a frame", rest.len());
            break;
        };
        lines.push_str(&line);
        rest = after;
    }
    lines
}

fn end_of_head(sent: &[u8], start: usize) -> Option<usize> {
    sent[start..].windows(4).position(|window| window == b"\r\n\r\n").map(|at| start + at + 4)
}

/// The first frame of `bytes`, and what follows it.
fn frame(bytes: &[u8]) -> Option<(String, &[u8])> {
    let &[first, second, ref rest @ ..] = bytes else { return None };
    let extended = match second & 0x7F {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    let (extended, rest) = rest.split_at_checked(extended)?;
    let length = match extended {
        [] => usize::from(second & 0x7F),
        _ => extended.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)),
    };
    let (key, rest) = rest.split_at_checked(if second & 0x80 == 0 { 0 } else { 4 })?;
    let (payload, rest) = rest.split_at_checked(length)?;
    let turn = |(at, byte): (usize, &u8)| byte ^ key.get(at % 4).unwrap_or(&0);
    let payload: Vec<_> = payload.iter().enumerate().map(turn).collect();
    let kind = ["continuation", "text", "binary", "3", "4", "5", "6", "7", "close", "ping", "pong"];
    let mut line = String::new();
    for (bit, name) in [(0x80, "FIN"), (0x40, "RSV1"), (0x20, "RSV2"), (0x10, "RSV3")] {
        if first & bit != 0 {
            line += &format!("{name} ");
        }
    }
    line += kind.get(usize::from(first & 0x0F)).copied().unwrap_or("reserved");
    if key.is_empty() {
        line += " unmasked";
    }
    match payload.len() {
        0..=200 => line += &format!(" \"{}\"\n", payload.escape_ascii()),
        length => line += &format!(" {length} bytes\n"),
    }
    Some((line, rest))
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn frames_are_told_one_by_one() {
        let head = b"GET / HTTP/1.1\r\nSec-WebSocket-Key: x\r\nA: b\r\n\r\n";
        let frames = b"\x81\x82\x01\x02\x03\x04ij\x09\x00\xc2\x01x\x81\x83\0";
        let told = lines(&[&head[..], frames].concat());
        assert_eq!(
            told,
            "FIN text \"hh\"\nping unmasked \"\"\nFIN RSV1 binary unmasked \"x\"\n3 bytes of a frame\n"
        );
        assert_eq!(lines(b"GET / HTTP/1.1\r\n\r\nabc"), "");
    }
}
