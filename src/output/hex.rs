//! What a person is shown of content that is not text: its first lines in
//! hexadecimal digits, as `hexdump -C` writes them, its size and its type.

use crate::failure;
use std::fmt::Write as _;

/// Bytes in one line.
const WIDTH: usize = 16;
/// How many bytes are shown: sixteen lines, which fit on any screen.
const SHOWN: usize = 16 * WIDTH;

/// The view of one body.
#[derive(Debug, Default)]
pub(super) struct HexView {
    /// The first bytes, at most [`SHOWN`], those that are drawn.
    start: Vec<u8>,
    /// Bytes that have come.
    total: u64,
    is_drawn: bool,
}

impl HexView {
    /// Takes more of the body; gives what is to be shown now.
    pub(super) fn push(&mut self, bytes: &[u8]) -> String {
        self.total = self.total.saturating_add(bytes.len() as u64);
        let room = if self.is_drawn { 0 } else { SHOWN - self.start.len() };
        self.start.extend_from_slice(&bytes[..bytes.len().min(room)]);
        if self.start.len() == SHOWN { self.draw() } else { String::new() }
    }

    /// Whether bytes wait to fill the view.
    pub(super) fn is_waiting(&self) -> bool {
        !self.is_drawn && !self.start.is_empty()
    }

    /// Nothing has come for a while: gives what has come, and no more of it is shown.
    pub(super) fn idle(&mut self) -> String {
        if self.is_waiting() { self.draw() } else { String::new() }
    }

    /// The body has ended; `kind` is its type, in harmless text. Gives the rest of what is to be shown.
    pub(super) fn finish(&mut self, kind: &str) -> String {
        if self.total == 0 {
            return String::new();
        }
        let shown = self.start.len();
        let what = match self.total {
            total if total > shown as u64 => format!("the first {shown} of {total} bytes of {kind}"),
            total => format!("{} of {kind}", failure::bytes(total)),
        };
        self.draw() + &format!("[{what}; save them with -o FILE, or with --raw > FILE]\n")
    }

    fn draw(&mut self) -> String {
        if std::mem::replace(&mut self.is_drawn, true) {
            return String::new();
        }
        self.start.chunks(WIDTH).enumerate().map(|(number, bytes)| line(number * WIDTH, bytes)).collect()
    }
}

/// `00000010  61 62 … |ab…|`.
fn line(offset: usize, bytes: &[u8]) -> String {
    let mut line = format!("{offset:08x} ");
    for place in 0..WIDTH {
        let gap = if place % 8 == 0 { "  " } else { " " };
        let gap = if place == 0 { " " } else { gap };
        let _ = match bytes.get(place) {
            Some(byte) => write!(line, "{gap}{byte:02x}"),
            None => write!(line, "{gap}  "),
        };
    }
    let printable = |&byte: &u8| if byte == b' ' || byte.is_ascii_graphic() { char::from(byte) } else { '.' };
    let _ = writeln!(line, "  |{}|", bytes.iter().map(printable).collect::<String>());
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_hexdump() {
        let text = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0";
        let mut view = HexView::default();
        assert_eq!(view.push(text), "");
        let expected = "\
00000000  89 50 4e 47 0d 0a 1a 0a  00 00 00 0d 49 48 44 52  |.PNG........IHDR|
00000010  00                                                |.|
[17 bytes of image/png; save them with -o FILE, or with --raw > FILE]
";
        assert_eq!(view.finish("image/png"), expected);
    }

    #[test]
    fn only_the_first_lines_are_shown_however_they_come() {
        let mut whole = HexView::default();
        let shown = whole.push(&[7; 1000]);
        let mut cut = HexView::default();
        let pieces: String = [[7; 10]; 100].iter().map(|piece| cut.push(piece)).collect();
        assert_eq!((shown.lines().count(), &shown), (16, &pieces));
        let end = "[the first 256 of 1000 bytes of x; save them with -o FILE, or with --raw > FILE]\n";
        assert_eq!((whole.finish("x"), cut.finish("x")), (end.to_owned(), end.to_owned()));
        assert_eq!(HexView::default().finish("x"), "");
    }
}
