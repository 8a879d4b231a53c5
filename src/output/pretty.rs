//! `--pretty`: JSON with an indented line for each value, as it comes and in
//! constant memory. Tokens stay as they are spelt, duplicate names where they are.
//!
//! Several texts, as in NDJSON, stand one below the other. From where the text
//! stops being JSON the rest is printed as it came.

use super::escape::Escaper;
use crate::http::json::{JsonReader, Mark};

/// Blanks for each bracket that is open.
const INDENT: &str = "  ";
/// Brackets beyond this many indent no further, so that a byte never becomes many.
const MAX_INDENT: usize = 64;
/// Most whitespace between tokens that is kept for what is no JSON.
const MAX_BETWEEN: usize = 1024;

/// The byte order mark, which may stand before the text (RFC 8259 §8.1).
const BOM: &[u8] = "\u{feff}".as_bytes();

/// SGR sequences: of names, strings, other values, and back to normal.
const NAME: &str = "\x1b[1m";
const STRING: &str = "\x1b[32m";
const OTHER: &str = "\x1b[35m";
const PLAIN: &str = "\x1b[0m";

/// Indents a text given in any pieces.
pub(super) struct Pretty {
    reader: JsonReader,
    /// A bracket was opened, and nothing has followed it.
    is_opened: bool,
    /// What was written last is whitespace of ours.
    is_spaced: bool,
    /// The content is no JSON: it is printed as it comes.
    is_over: bool,
    has_begun: bool,
    /// How many bytes of [`BOM`] have come, and nothing else.
    of_bom: usize,
    between: Vec<u8>,
    colours: bool,
    is_in_colour: bool,
    escaper: Option<Escaper>,
}

impl Pretty {
    /// For a terminal, where controls are escaped, or for anything else.
    pub(super) fn new(for_terminal: bool, colours: bool) -> Self {
        Self {
            reader: JsonReader::default(),
            is_opened: false,
            is_spaced: false,
            is_over: false,
            has_begun: false,
            of_bom: 0,
            between: Vec::new(),
            colours,
            is_in_colour: false,
            escaper: for_terminal.then(Escaper::default),
        }
    }

    /// Takes more of the text, and appends to `out` what comes of it.
    pub(super) fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let mut rest = bytes;
        while !self.is_over {
            let (letters, after) = rest.split_at(self.reader.take_letters(rest));
            self.write(letters, out);
            let Some((&byte, after)) = after.split_first() else { return };
            self.take(byte, out);
            rest = after;
        }
        self.write(rest, out);
    }

    /// The text has ended.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        self.end_colour(out);
        if let Some(escaper) = &mut self.escaper {
            escaper.finish(out);
        }
        if !self.is_over && self.has_begun && self.reader.finish().is_none() {
            out.push(b'\n');
        }
    }

    fn take(&mut self, byte: u8, out: &mut Vec<u8>) {
        let is_first = !self.has_begun && self.between.is_empty();
        if is_first && BOM.get(self.of_bom) == Some(&byte) {
            self.of_bom += 1;
            return self.write(&[byte], out);
        }
        if is_first && (1..BOM.len()).contains(&self.of_bom) {
            return self.give_up(byte, out);
        }
        let is_space = matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        let mut begins = false;
        if self.reader.is_whole() && !is_space {
            self.reader = JsonReader::default();
            begins = true;
        }
        let depth_before = self.reader.depth();
        match self.reader.take(byte) {
            Mark::Failed => self.give_up(byte, out),
            Mark::Part => self.write(&[byte], out),
            Mark::Space => {
                self.between.push(byte);
                self.between.truncate(MAX_BETWEEN);
                self.end_colour(out);
            }
            mark => {
                self.between.clear();
                self.is_spaced = matches!(mark, Mark::Comma | Mark::Colon);
                self.end_colour(out);
                if begins {
                    out.push(b'\n');
                }
                self.structure(mark, byte, depth_before, out);
            }
        }
    }

    fn structure(&mut self, mark: Mark, byte: u8, depth_before: usize, out: &mut Vec<u8>) {
        match mark {
            Mark::Space | Mark::Part | Mark::Failed => return,
            Mark::Comma => {
                out.push(b',');
                Self::new_line(self.reader.depth(), out);
            }
            Mark::Colon => out.extend_from_slice(b": "),
            Mark::Close => {
                if !std::mem::take(&mut self.is_opened) {
                    Self::new_line(self.reader.depth(), out);
                }
                out.push(byte);
            }
            Mark::Open | Mark::Name | Mark::Value => {
                if std::mem::take(&mut self.is_opened) {
                    Self::new_line(depth_before, out);
                }
                self.is_opened = mark == Mark::Open;
                if mark != Mark::Open && self.colours {
                    let colour = match (mark, byte) {
                        (Mark::Name, _) => NAME,
                        (_, b'"') => STRING,
                        _ => OTHER,
                    };
                    out.extend_from_slice(colour.as_bytes());
                    self.is_in_colour = true;
                }
                out.push(byte);
            }
        }
        self.has_begun = true;
    }

    /// What comes is no JSON: the whitespace before it may be all that tells two tokens apart.
    fn give_up(&mut self, byte: u8, out: &mut Vec<u8>) {
        self.end_colour(out);
        self.is_over = true;
        if !self.is_spaced {
            let between = std::mem::take(&mut self.between);
            self.write(&between, out);
        }
        self.write(&[byte], out);
    }

    fn end_colour(&mut self, out: &mut Vec<u8>) {
        if std::mem::take(&mut self.is_in_colour) {
            out.extend_from_slice(PLAIN.as_bytes());
        }
    }

    fn write(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        match &mut self.escaper {
            Some(escaper) => escaper.push(bytes, out),
            None => out.extend_from_slice(bytes),
        }
    }

    fn new_line(depth: usize, out: &mut Vec<u8>) {
        out.push(b'\n');
        (0..depth.min(MAX_INDENT)).for_each(|_| out.extend_from_slice(INDENT.as_bytes()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pretty(text: &str, size: usize) -> String {
        let mut pretty = Pretty::new(false, false);
        let mut out = Vec::new();
        text.as_bytes().chunks(size).for_each(|piece| pretty.push(piece, &mut out));
        pretty.finish(&mut out);
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn tokens_stay_as_they_are_in_any_pieces() {
        for (text, expected) in [
            (
                r#" {"a":1.0,"a":[1e3,"x , y"],"b":{ },"c":[ ]} "#,
                "{\n  \"a\": 1.0,\n  \"a\": [\n    1e3,\n    \"x , y\"\n  ],\n  \"b\": {},\n  \"c\": []\n}\n",
            ),
            ("{\"a\":1}\n{\"b\":2}\n", "{\n  \"a\": 1\n}\n{\n  \"b\": 2\n}\n"),
            ("1\n2", "1\n2\n"),
            ("  <p>no\n", "  <p>no\n"),
            ("[1,x ,2]\n", "[\n  1,\n  x ,2]\n"),
            ("{}\n oops {}", "{}\n oops {}"),
            ("\"a b\" oops", "\"a b\" oops"),
            ("[1 2]", "[\n  1 2]"),
            ("{\"a\":\"\t\"}", "{\n  \"a\": \"\t\"}"),
            ("[1", "[\n  1"),
            ("\u{feff}[1]", "\u{feff}[\n  1\n]\n"),
            ("\u{feff}\u{feff}[1]", "\u{feff}\u{feff}[1]"),
            ("\u{fefe}[1]", "\u{fefe}[1]"),
            ("", ""),
        ] {
            for size in 1..=text.len().max(1) {
                assert_eq!(pretty(text, size), expected, "{text} in pieces of {size}");
            }
        }
    }
}
