//! What a person is shown of content that is not text: its first lines in
//! hexadecimal digits, as `hexdump -C` writes them, its size and its type.

use crate::failure;
use std::fmt::Write as _;

/// Bytes in one line, where the window has room for them.
const WIDTH: usize = 16;
/// How many bytes are shown: sixteen lines, which fit on any screen.
const SHOWN: usize = 16 * WIDTH;
/// Columns of a line of 16 bytes, and of one of 8.
const WHOLE_LINE: usize = 78;
const HALF_LINE: usize = 45;

/// The view of one body.
#[derive(Debug)]
pub(super) struct HexView {
    /// Columns of the window.
    window: usize,
    /// The first bytes, at most [`SHOWN`], those that are drawn.
    start: Vec<u8>,
    /// Bytes that have come.
    total: u64,
    is_drawn: bool,
}

impl HexView {
    /// The view of a body in a window of so many columns.
    pub(super) fn new(window: Option<usize>) -> Self {
        Self { window: window.unwrap_or(usize::MAX), start: Vec::new(), total: 0, is_drawn: false }
    }

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
        let advice = "save them with -o FILE]";
        let between = if what.len() + advice.len() + 3 > self.window { "\n " } else { " " };
        self.draw() + &format!("[{what};{between}{advice}\n")
    }

    fn draw(&mut self) -> String {
        if std::mem::replace(&mut self.is_drawn, true) {
            return String::new();
        }
        let width = match self.window {
            WHOLE_LINE.. => WIDTH,
            HALF_LINE.. => WIDTH / 2,
            _ => WIDTH / 4,
        };
        let lines = self.start.chunks(width).enumerate();
        lines.map(|(number, bytes)| line(number * width, bytes, width)).collect()
    }
}

/// `00000010  61 62 … |ab…|`.
fn line(offset: usize, bytes: &[u8], width: usize) -> String {
    let mut line = format!("{offset:08x} ");
    for place in 0..width {
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
        let mut view = HexView::new(None);
        assert_eq!(view.push(text), "");
        let expected = "\
00000000  89 50 4e 47 0d 0a 1a 0a  00 00 00 0d 49 48 44 52  |.PNG........IHDR|
00000010  00                                                |.|
[17 bytes of image/png; save them with -o FILE]
";
        assert_eq!(view.finish("image/png"), expected);
    }

    #[test]
    fn lines_fit_into_narrow_windows() {
        let ends = "save them with -o FILE]\n";
        for (window, first, between) in [
            (77, "00000000  41 41 41 41 41 41 41 41  |AAAAAAAA|\n", " "),
            (44, "00000000  41 41 41 41  |AAAA|\n", "\n "),
        ] {
            let mut view = HexView::new(Some(window));
            let shown = view.push(&[b'A'; 300]) + &view.finish("image/png");
            assert!(shown.starts_with(first), "{shown}");
            assert!(shown.lines().all(|line| line.len() <= window.max(46)), "{shown}");
            assert!(
                shown.ends_with(&format!("[the first 256 of 300 bytes of image/png;{between}{ends}")),
                "{shown}"
            );
        }
    }

    #[test]
    fn only_the_first_lines_are_shown_however_they_come() {
        let mut whole = HexView::new(None);
        let shown = whole.push(&[7; 1000]);
        let mut cut = HexView::new(None);
        let pieces: String = [[7; 10]; 100].iter().map(|piece| cut.push(piece)).collect();
        assert_eq!((shown.lines().count(), &shown), (16, &pieces));
        let end = "[the first 256 of 1000 bytes of x; save them with -o FILE]\n";
        assert_eq!((whole.finish("x"), cut.finish("x")), (end.to_owned(), end.to_owned()));
        assert_eq!(HexView::new(None).finish("x"), "");
    }
}
