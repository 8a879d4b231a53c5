//! The text of a case file's parts: lines and escapes on one side, bytes on the other.

/// What a line of a part ends in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineEnd {
    /// CR LF: what goes over the wire.
    Crlf,
    /// LF: what is printed, and files.
    Lf,
}

impl LineEnd {
    fn bytes(self) -> &'static [u8] {
        match self {
            Self::Crlf => b"\r\n",
            Self::Lf => b"\n",
        }
    }
}

/// What `{NAME}` stands for in one run of a case.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names(pub(crate) Vec<(&'static str, String)>);

impl Names {
    /// Puts the values in the place of the names.
    pub(crate) fn expand(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }

    /// Puts the names in the place of the values, for expectations that are written anew.
    fn fold(&self, text: &str) -> String {
        let mut text = text.to_owned();
        let value = |wanted| self.0.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value);
        if let Some(dir) = value("DIR") {
            text = text.replace(dir.as_str(), "{DIR}");
        }
        if let (Some(host), Some(port)) = (value("HOST"), value("PORT")) {
            text = text.replace(&format!("{host}:{port}"), "{HOST}:{PORT}");
            text = text.replace(&format!(":{port}"), ":{PORT}");
            text = text.replace(&format!("port {port}"), "port {PORT}");
        }
        text.replace(concat!("rawget/", env!("CARGO_PKG_VERSION")), "rawget/~~~")
    }
}

/// A piece of a part: bytes, or a place that matches what varies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Exactly these bytes.
    Bytes(Vec<u8>),
    /// `~~~` within a line: anything but LF, or nothing.
    InLine,
    /// `~~~` as the whole line: any number of lines.
    Lines,
}

/// Reads the lines of a part into pieces.
pub(crate) fn pieces(lines: &[String], end: LineEnd, names: &Names) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    for line in lines {
        if line == "~~~" {
            pieces.push(Piece::Lines);
            continue;
        }
        let (text, ended) = without_final_backslash(line);
        for (number, literal) in names.expand(text).split("~~~").enumerate() {
            if number > 0 {
                pieces.push(Piece::InLine);
            }
            push_bytes(&mut pieces, &unescape(literal)?);
        }
        if ended {
            push_bytes(&mut pieces, end.bytes());
        }
    }
    Ok(pieces)
}

/// Reads the lines of a part into bytes; `~~~` means itself.
pub(crate) fn bytes(lines: &[String], end: LineEnd, names: &Names) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    for line in lines {
        let (text, ended) = without_final_backslash(line);
        bytes.extend(unescape(&names.expand(text))?);
        if ended {
            bytes.extend(end.bytes());
        }
    }
    Ok(bytes)
}

fn push_bytes(pieces: &mut Vec<Piece>, more: &[u8]) {
    match pieces.last_mut() {
        Some(Piece::Bytes(bytes)) => bytes.extend(more),
        _ => pieces.push(Piece::Bytes(more.to_vec())),
    }
}

/// A backslash at the end of a line takes the line's end away; two are one backslash.
fn without_final_backslash(line: &str) -> (&str, bool) {
    let backslashes = line.len() - line.trim_end_matches('\\').len();
    if backslashes % 2 == 1 { (&line[..line.len() - 1], false) } else { (line, true) }
}

/// Resolves `\r \n \t \0 \\ \xNN` and `{N*text}`.
pub(crate) fn unescape(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(special) = rest.find(['\\', '{']) {
        bytes.extend(&rest.as_bytes()[..special]);
        rest = &rest[special..];
        let used = if rest.starts_with('{') {
            repetition(rest, &mut bytes)?
        } else {
            escape_sequence(rest, &mut bytes)?
        };
        rest = &rest[used..];
    }
    bytes.extend(rest.as_bytes());
    Ok(bytes)
}

/// `{N*text}`: the text N times. Any other brace is itself.
fn repetition(rest: &str, bytes: &mut Vec<u8>) -> Result<usize, String> {
    let digits = rest[1..].len() - rest[1..].trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let after = &rest[1 + digits..];
    if let (Ok(count), Some(text), Some(close)) =
        (rest[1..=digits].parse::<usize>(), after.strip_prefix('*'), after.find('}'))
    {
        bytes.extend(unescape(&text[..close - 1])?.repeat(count));
        return Ok(1 + digits + close + 1);
    }
    bytes.push(b'{');
    Ok(1)
}

fn escape_sequence(rest: &str, bytes: &mut Vec<u8>) -> Result<usize, String> {
    let byte = match rest.as_bytes().get(1) {
        Some(b'r') => b'\r',
        Some(b'n') => b'\n',
        Some(b't') => b'\t',
        Some(b'0') => 0,
        Some(b'\\') => b'\\',
        Some(b'x') => {
            let digits = rest.get(2..4).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
            let digits = digits.ok_or_else(|| format!("\\x wants two hex digits: {rest}"))?;
            bytes.push(u8::from_str_radix(digits, 16).map_err(|error| error.to_string())?);
            return Ok(4);
        }
        _ => {
            return Err(format!("unknown escape (a backslash is written \\\\): {rest}"));
        }
    };
    bytes.push(byte);
    Ok(2)
}

/// Writes bytes as the lines of a part, so that reading them gives the bytes again.
pub(crate) fn lines(bytes: &[u8], end: LineEnd, names: &Names) -> Vec<String> {
    let mut lines = Vec::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let whole = line.strip_suffix(end.bytes());
        let mut text = names.fold(&escape(whole.unwrap_or(line)));
        if text.starts_with("===") {
            text.replace_range(..1, "\\x3d");
        }
        if let Some(bare) = text.strip_suffix(' ') {
            text = format!("{bare}\\x20");
        }
        if whole.is_none() {
            text.push('\\');
        }
        lines.push(text);
    }
    lines
}

/// One line's bytes in visible form: UTF-8 text as it is, the rest escaped.
pub(crate) fn escape(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\r' => text.push_str("\\r"),
                '\n' => text.push_str("\\n"),
                '\t' => text.push_str("\\t"),
                '\0' => text.push_str("\\0"),
                '\\' => text.push_str("\\\\"),
                c if is_invisible(c) => {
                    let mut buffer = [0; 4];
                    for byte in c.encode_utf8(&mut buffer).bytes() {
                        text.push_str(&format!("\\x{byte:02x}"));
                    }
                }
                c => text.push(c),
            }
        }
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text.replace("~~~", "\\x7e~~")
}

/// Controls, and characters that would hide or reorder others in an editor.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn lines_end_as_the_part_says() {
        let names = Names::default();
        let text = owned(&["a", "b\\n\\", "", "c\\"]);
        assert_eq!(bytes(&text, LineEnd::Crlf, &names).unwrap(), b"a\r\nb\n\r\nc");
        assert_eq!(bytes(&text, LineEnd::Lf, &names).unwrap(), b"a\nb\n\nc");
    }

    #[test]
    fn escapes_stand_for_bytes() {
        assert_eq!(unescape(r"\r\n\t\0\\\x7fz").unwrap(), b"\r\n\t\0\\\x7fz");
        assert_eq!(unescape(r"a{3*b\n}c{x}{2}").unwrap(), b"ab\nb\nb\nc{x}{2}");
        assert!(unescape(r"\q").is_err());
        assert!(unescape(r"\x4").is_err());
    }

    #[test]
    fn a_doubled_backslash_at_the_end_is_a_byte() {
        let text = owned(&["a\\\\"]);
        assert_eq!(bytes(&text, LineEnd::Lf, &Names::default()).unwrap(), b"a\\\n");
    }

    #[test]
    fn whatever_is_written_reads_back() {
        let names = Names::default();
        let samples: [&[u8]; 7] = [
            b"",
            b"HTTP/1.1 200 OK\r\nA: b \r\n\r\nbody",
            b"=== x\n\n\n",
            b"\xff\xfe\x1b[0m\\ ~~~~~ \n",
            "\u{202e}\u{feff}百度\n".as_bytes(),
            b"\r\r\n\n\r",
            b"{300*a} \\",
        ];
        for sample in samples {
            for end in [LineEnd::Crlf, LineEnd::Lf] {
                let written = lines(sample, end, &names);
                if !sample.starts_with(b"{") {
                    assert_eq!(bytes(&written, end, &names).unwrap(), sample, "{written:?}");
                }
            }
        }
    }

    #[test]
    fn names_stand_for_their_values() {
        let names = Names(vec![("HOST", "127.0.0.1".into()), ("PORT", "99".into()), ("DIR", "/d".into())]);
        assert_eq!(names.expand("{HOST}:{PORT}{DIR}{X}"), "127.0.0.1:99/d{X}");
        assert_eq!(lines(b"Host: 127.0.0.1:99\r\n", LineEnd::Crlf, &names), ["Host: {HOST}:{PORT}"]);
    }
}
