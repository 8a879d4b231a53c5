//! Whether bytes that come in pieces are JSON (RFC 8259); the values are not kept.

use super::syntax::{LOW_BITS, below, search};

/// How deep brackets may be nested; what is nested deeper is not judged.
const MAX_DEPTH: usize = 64 * 1024;

/// Whether `bytes` is one JSON text.
pub fn is_json(bytes: &[u8]) -> bool {
    let mut reader = JsonReader::default();
    reader.push(bytes);
    reader.finish().is_none()
}

/// Takes a text in any pieces.
#[derive(Debug, Default)]
pub struct JsonReader {
    state: State,
    /// The brackets not yet closed: whether each is an object's.
    open: Vec<bool>,
    /// How many bytes were in order.
    at: u64,
    /// Nested too deep to be judged.
    is_given_up: bool,
}

/// What is expected next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// A value.
    #[default]
    Value,
    /// A value, or the end of the array that has just begun.
    ValueOrEnd,
    /// A name.
    Name,
    /// A name, or the end of the object that has just begun.
    NameOrEnd,
    /// The colon behind a name.
    Colon,
    /// A comma, a closing bracket, or the end of the text.
    AfterValue,
    /// More of a string; whether it is a name.
    Text { is_name: bool },
    /// What is escaped in a string.
    Escape { is_name: bool },
    /// How many more hexadecimal digits in a string.
    Hex { is_name: bool, left: u8 },
    /// The rest of `true`, `false` or `null`.
    Word(&'static [u8]),
    /// Part of a number.
    Number(Number),
    /// What came is no JSON.
    Failed,
}

/// What a byte is in a JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Whitespace between tokens.
    Space,
    /// `[` or `{`.
    Open,
    /// `]` or `}`.
    Close,
    /// `,`.
    Comma,
    /// `:`.
    Colon,
    /// The first byte of a name.
    Name,
    /// The first byte of a string, a number or a literal.
    Value,
    /// A later byte of a name or a value.
    Part,
    /// No JSON, or nested too deep to be judged: what follows is not judged.
    Failed,
}

/// Where in a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Number {
    Minus,
    Zero,
    Whole,
    Point,
    Fraction,
    Exponent,
    Sign,
    Power,
}

impl JsonReader {
    /// Takes more of the text.
    pub fn push(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !self.is_over() {
            rest = &rest[self.take_letters(rest)..];
            let Some((&byte, after)) = rest.split_first() else { return };
            self.step(byte);
            rest = after;
        }
    }

    /// Within a string, takes the bytes up to its end, an escape or a control; gives how many. Each
    /// is a [`Mark::Part`]. 0 outside a string.
    pub fn take_letters(&mut self, bytes: &[u8]) -> usize {
        let State::Text { .. } = self.state else { return 0 };
        let count = letters(bytes);
        self.at += count as u64;
        count
    }

    fn is_over(&self) -> bool {
        matches!(self.state, State::Failed) || self.is_given_up
    }

    fn step(&mut self, byte: u8) {
        self.state = self.next(byte);
        self.at += u64::from(!matches!(self.state, State::Failed));
    }

    /// Takes one byte more, and gives what it is.
    pub fn take(&mut self, byte: u8) -> Mark {
        let before = self.state;
        if !self.is_over() {
            self.step(byte);
        }
        match (before, self.state) {
            (_, State::Failed) => Mark::Failed,
            _ if self.is_given_up => Mark::Failed,
            (State::Text { .. } | State::Escape { .. } | State::Hex { .. } | State::Word(_), _) => Mark::Part,
            (State::Number(_), State::Number(_)) => Mark::Part,
            (_, State::Text { is_name: true }) => Mark::Name,
            _ => match byte {
                b' ' | b'\t' | b'\r' | b'\n' => Mark::Space,
                b'[' | b'{' => Mark::Open,
                b']' | b'}' => Mark::Close,
                b',' => Mark::Comma,
                b':' => Mark::Colon,
                _ => Mark::Value,
            },
        }
    }

    /// How many brackets are open.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// Whether a whole text has come, and another byte than whitespace would be too much.
    pub fn is_whole(&self) -> bool {
        self.open.is_empty() && self.state == State::AfterValue
    }

    /// The offset at which the text, which has ended, stops being JSON; `None`
    /// where it is JSON, or was not judged to its end.
    pub fn finish(&self) -> Option<u64> {
        let is_number = match self.state {
            State::Number(place) => place.may_end(),
            _ => false,
        };
        let is_whole = self.open.is_empty() && (self.state == State::AfterValue || is_number);
        (!is_whole && !self.is_given_up).then_some(self.at)
    }

    fn next(&mut self, byte: u8) -> State {
        match self.state {
            State::Text { is_name } => match byte {
                b'"' if is_name => State::Colon,
                b'"' => State::AfterValue,
                b'\\' => State::Escape { is_name },
                0..=0x1F => State::Failed,
                _ => State::Text { is_name },
            },
            State::Escape { is_name } => match byte {
                b'u' => State::Hex { is_name, left: 4 },
                _ if b"\"\\/bfnrt".contains(&byte) => State::Text { is_name },
                _ => State::Failed,
            },
            State::Hex { is_name, left } if byte.is_ascii_hexdigit() => match left {
                1 => State::Text { is_name },
                _ => State::Hex { is_name, left: left - 1 },
            },
            State::Word([first, rest @ ..]) if *first == byte => match rest {
                [] => State::AfterValue,
                _ => State::Word(rest),
            },
            State::Number(place) => match place.next(byte) {
                Some(place) => State::Number(place),
                None if place.may_end() => self.after_value(byte),
                None => State::Failed,
            },
            State::Hex { .. } | State::Word(_) | State::Failed => State::Failed,
            state if matches!(byte, b' ' | b'\t' | b'\r' | b'\n') => state,
            State::Colon if byte == b':' => State::Value,
            State::Colon => State::Failed,
            State::AfterValue => self.after_value(byte),
            State::NameOrEnd if byte == b'}' => self.close(byte),
            State::Name | State::NameOrEnd if byte == b'"' => State::Text { is_name: true },
            State::Name | State::NameOrEnd => State::Failed,
            State::ValueOrEnd if byte == b']' => self.close(byte),
            State::Value | State::ValueOrEnd => self.value(byte),
        }
    }

    /// The first byte of a value.
    fn value(&mut self, byte: u8) -> State {
        match byte {
            b'[' => self.open(false),
            b'{' => self.open(true),
            b'"' => State::Text { is_name: false },
            b't' => State::Word(b"rue"),
            b'f' => State::Word(b"alse"),
            b'n' => State::Word(b"ull"),
            b'-' => State::Number(Number::Minus),
            b'0' => State::Number(Number::Zero),
            b'1'..=b'9' => State::Number(Number::Whole),
            _ => State::Failed,
        }
    }

    fn open(&mut self, is_object: bool) -> State {
        self.is_given_up |= self.open.len() == MAX_DEPTH;
        self.open.push(is_object);
        if is_object { State::NameOrEnd } else { State::ValueOrEnd }
    }

    fn after_value(&mut self, byte: u8) -> State {
        match (byte, self.open.last()) {
            (b' ' | b'\t' | b'\r' | b'\n', _) => State::AfterValue,
            (b',', Some(true)) => State::Name,
            (b',', Some(false)) => State::Value,
            _ => self.close(byte),
        }
    }

    fn close(&mut self, byte: u8) -> State {
        match (byte, self.open.pop()) {
            (b'}', Some(true)) | (b']', Some(false)) => State::AfterValue,
            _ => State::Failed,
        }
    }
}

/// How many bytes stand before the end of a string, an escape or a control.
fn letters(bytes: &[u8]) -> usize {
    let is = |word: u64, byte: u8| below(word ^ (LOW_BITS * u64::from(byte)), 1);
    let marks = |word| below(word, b' ') | is(word, b'"') | is(word, b'\\');
    search(bytes, marks, |byte| matches!(byte, b'"' | b'\\' | 0..=0x1F)).unwrap_or(bytes.len())
}

impl Number {
    fn next(self, byte: u8) -> Option<Self> {
        match (self, byte) {
            (Self::Minus, b'0') => Some(Self::Zero),
            (Self::Minus | Self::Whole, b'0'..=b'9') => Some(Self::Whole),
            (Self::Zero | Self::Whole, b'.') => Some(Self::Point),
            (Self::Point | Self::Fraction, b'0'..=b'9') => Some(Self::Fraction),
            (Self::Zero | Self::Whole | Self::Fraction, b'e' | b'E') => Some(Self::Exponent),
            (Self::Exponent, b'+' | b'-') => Some(Self::Sign),
            (Self::Exponent | Self::Sign | Self::Power, b'0'..=b'9') => Some(Self::Power),
            _ => None,
        }
    }

    fn may_end(self) -> bool {
        matches!(self, Self::Zero | Self::Whole | Self::Fraction | Self::Power)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALID: [&str; 8] = [
        "1",
        " {} ",
        "[]",
        "[[],{}]",
        r#"{"a":1,"b":[true,false,null,-0.5e+3,"\u00e9\n"]}"#,
        r#"[{"a":{}},{"b":[1]}]"#,
        "-0",
        "\"\u{e9}\"\n",
    ];
    const INVALID: [&str; 28] = [
        "",
        "{",
        "}",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{'a':1}",
        "{a:1}",
        r#"{"a"}"#,
        r#"{"a":}"#,
        r#"{"a":1,}"#,
        "01",
        "1.",
        "-",
        "tru",
        "[]]",
        "[}",
        r#""\x""#,
        "\"a\nb\"",
        "1 1",
        r#"["a":1]"#,
        "{1}",
        "[{]}",
        "truee",
        "1.e1",
        "1e",
        r#""\u00g0""#,
        "\u{feff}{}",
    ];

    #[test]
    fn json_is_told_from_what_is_not_however_it_is_cut() {
        for (texts, expected) in [(&VALID[..], true), (&INVALID[..], false)] {
            for text in texts {
                assert_eq!(is_json(text.as_bytes()), expected, "{text}");
                let mut reader = JsonReader::default();
                text.as_bytes().iter().for_each(|byte| reader.push(&[*byte]));
                assert_eq!(reader.finish().is_none(), expected, "{text}");
            }
        }
    }

    #[test]
    fn the_first_byte_that_is_wrong_is_told() {
        for (text, at) in [("{\"a\":1,}", 7), ("<html>", 0), ("[1", 2), ("{} x", 3), ("nul", 3)] {
            let mut reader = JsonReader::default();
            reader.push(text.as_bytes());
            assert_eq!(reader.finish(), Some(at), "{text}");
        }
    }

    #[test]
    fn letters_end_where_something_else_begins() {
        for byte in 0..=u8::MAX {
            for at in 0..20 {
                let mut text = "aé~\u{7f}zzzzzzzzzzzzzzzz".as_bytes()[..20].to_vec();
                text[at] = byte;
                let ends = matches!(byte, b'"' | b'\\' | 0..=0x1F);
                assert_eq!(letters(&text), if ends { at } else { 20 }, "{byte:#x} at {at}");
            }
        }
    }

    #[test]
    fn nesting_is_no_recursion_and_bounded() {
        let deep = |depth: usize| [b"[".repeat(depth), b"]".repeat(depth)].concat();
        assert!(is_json(&deep(MAX_DEPTH)));
        assert!(!is_json(&deep(MAX_DEPTH)[1..]));
        assert!(is_json(&b"[".repeat(MAX_DEPTH + 1)));
    }
}
