//! What one `-F` says: `NAME=VALUE`, `NAME=@FILE[,FILE]...`, `NAME=<FILE`,
//! `NAME=(` and `=)`, with `;type=`, `;filename=`, `;headers=` and `;encoder=`.
//!
//! Where curl warns and leaves something out, this is an error: what is typed is
//! sent, or nothing is.

use std::ffi::OsString;

use super::{Part, PartSource, standard_input, usage};
use crate::cli::sending::FormKind;
use crate::output::escape::one_line;
use crate::plan::encoder::Encoder;
use crate::plan::input_file;

/// The parts of these fields, nested as `(` and `)` say.
pub(super) fn parts(fields: &[(FormKind, OsString)]) -> anyhow::Result<Vec<Part>> {
    // The innermost multipart that is open stands last; its own fields are with it.
    let mut open: Vec<(Part, Vec<Part>)> = vec![(Part::default(), Vec::new())];
    for (kind, field) in fields {
        let bytes = field.as_encoded_bytes();
        let Some(equals) = bytes.iter().position(|&byte| byte == b'=') else {
            return Err(wrong(bytes, "has no '=' between name and value"));
        };
        let name = (equals > 0).then(|| bytes[..equals].to_vec());
        let value = &bytes[equals + 1..];
        if *kind == FormKind::Form && value.starts_with(b"(") {
            let mut reader = FormReader::new(bytes, equals + 1, None);
            let part = Part { name, ..reader.part(AllowedParameters { filename: false, encoder: false })?.0 };
            reader.end()?;
            open.push((part, Vec::new()));
        } else if *kind == FormKind::Form && name.is_none() && value == b")" {
            if open.len() == 1 {
                return Err(wrong(bytes, "closes a multipart that was not opened"));
            }
            close(&mut open);
        } else if let Some((_, parts)) = open.last_mut() {
            parts.push(part(*kind, bytes, equals + 1, name)?);
        }
    }
    while open.len() > 1 {
        close(&mut open);
    }
    Ok(open.pop().map(|(_, parts)| parts).unwrap_or_default())
}

/// Puts the innermost multipart into the one around it.
fn close(open: &mut Vec<(Part, Vec<Part>)>) {
    if let Some((part, parts)) = open.pop()
        && let Some((_, outer)) = open.last_mut()
    {
        outer.push(Part { source: PartSource::Parts(parts), ..part });
    }
}

fn part(kind: FormKind, field: &[u8], at: usize, name: Option<Vec<u8>>) -> anyhow::Result<Part> {
    let value = &field[at..];
    if kind == FormKind::Literal {
        return Ok(Part { name, source: PartSource::Data(value.to_vec()), ..Part::default() });
    }
    match value.first() {
        Some(b'@') => files(field, at + 1, name),
        Some(b'<') => {
            let mut reader = FormReader::new(field, at + 1, None);
            let (part, path) = reader.part(AllowedParameters { filename: false, encoder: true })?;
            reader.end()?;
            let source = if path == b"-" {
                PartSource::Data(standard_input()?)
            } else {
                PartSource::File(input_file::path_of(&path))
            };
            Ok(Part { name, source, ..part })
        }
        _ => {
            let mut reader = FormReader::new(field, at, None);
            let (part, data) = reader.part(AllowedParameters { filename: true, encoder: true })?;
            reader.end()?;
            Ok(Part { name, source: PartSource::Data(data), ..part })
        }
    }
}

/// `@FILE[,FILE]...`: one part, or several inside one.
fn files(field: &[u8], at: usize, name: Option<Vec<u8>>) -> anyhow::Result<Part> {
    let mut reader = FormReader::new(field, at, Some(b','));
    let mut files = Vec::new();
    loop {
        let (part, path) = reader.part(AllowedParameters { filename: true, encoder: true })?;
        let (source, own_name) = if path == b"-" {
            (PartSource::Data(standard_input()?), b"-".to_vec())
        } else {
            let separator = |&byte: &u8| byte == b'/';
            let base = path.rsplit(separator).next().unwrap_or_default().to_vec();
            (PartSource::File(input_file::path_of(&path)), base)
        };
        let filename = part.filename.clone().or(Some(own_name));
        files.push(Part { filename, source, ..part });
        if !reader.skip_comma() {
            break;
        }
    }
    reader.end()?;
    match files.len() {
        1 => Ok(files.pop().map(|file| Part { name, ..file }).unwrap_or_default()),
        _ => Ok(Part { name, source: PartSource::Parts(files), ..Part::default() }),
    }
}

/// Which parameters make sense.
#[derive(Clone, Copy)]
struct AllowedParameters {
    filename: bool,
    encoder: bool,
}

/// Reads words and parameters.
struct FormReader<'a> {
    field: &'a [u8],
    at: usize,
    /// What ends a word besides `;`.
    separator: Option<u8>,
}

impl FormReader<'_> {
    fn new(field: &[u8], at: usize, separator: Option<u8>) -> FormReader<'_> {
        FormReader { field, at, separator }
    }

    fn rest(&self) -> &[u8] {
        &self.field[self.at..]
    }

    fn ends_word(&self, byte: u8) -> bool {
        byte == b';' || Some(byte) == self.separator
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(rest.len());
    }

    fn skip_comma(&mut self) -> bool {
        let is_comma = self.rest().first() == Some(&b',') && self.separator.is_some();
        self.at += usize::from(is_comma);
        is_comma
    }

    /// Nothing may be left.
    fn end(&self) -> anyhow::Result<()> {
        match self.rest() {
            [] => Ok(()),
            rest => Err(wrong(self.field, &format!("has extra text after its end: {}", one_line(rest)))),
        }
    }

    /// A word, quoted (where `\"` and `\\` lose their backslash) or up to the
    /// next `;`, without the spaces at its end.
    fn word(&mut self) -> anyhow::Result<Vec<u8>> {
        if self.rest().first() == Some(&b'"')
            && let Some((word, length)) = quoted(self.rest())
        {
            self.at += length;
            self.skip_space();
            return match self.rest().first() {
                Some(&byte) if !self.ends_word(byte) => {
                    Err(wrong(self.field, "has text after a closing quote"))
                }
                _ => Ok(word),
            };
        }
        let rest = self.rest();
        let length = rest.iter().position(|&byte| self.ends_word(byte)).unwrap_or(rest.len());
        let word = rest[..length].trim_ascii_end().to_vec();
        self.at += length;
        Ok(word)
    }

    /// The first word, and a part with the parameters behind it.
    fn part(&mut self, takes: AllowedParameters) -> anyhow::Result<(Part, Vec<u8>)> {
        self.skip_space();
        let word = self.word()?;
        let mut part = Part::default();
        // The type extends to a parameter that is not its own.
        let mut type_is_open = false;
        while self.rest().first() == Some(&b';') {
            self.at += 1;
            self.skip_space();
            let is = |name: &str| {
                self.rest().get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
            };
            match () {
                () if !type_is_open && is("type=") => {
                    self.at += "type=".len();
                    self.skip_space();
                    part.content_type = Some(self.media_type()?);
                    type_is_open = true;
                    continue;
                }
                () if is("filename=") && takes.filename => {
                    part.filename = Some(self.value("filename=")?);
                }
                () if is("encoder=") && takes.encoder => {
                    let name = self.value("encoder=")?;
                    let encoder =
                        Encoder::named(&name).ok_or_else(|| wrong(self.field, "names an unknown encoder"))?;
                    part.encoder = Some((name, encoder));
                }
                () if is("headers=") => self.headers(&mut part)?,
                () if type_is_open => {
                    let more = self.plain();
                    part.content_type.get_or_insert_default().extend_from_slice(&more);
                    continue;
                }
                () => {
                    let odd = one_line(&self.word()?);
                    let help =
                        format!("has an unexpected parameter: {odd} (quote the value, or use --form-string)");
                    return Err(wrong(self.field, &help));
                }
            }
            type_is_open = false;
        }
        Ok((part, word))
    }

    fn value(&mut self, key: &str) -> anyhow::Result<Vec<u8>> {
        self.at += key.len();
        self.skip_space();
        self.word()
    }

    /// Up to the next `;`, and whatever stood since the one before.
    fn plain(&mut self) -> Vec<u8> {
        let before = self.field[..self.at].iter().rposition(|&byte| byte == b';').unwrap_or(self.at);
        let rest = self.rest();
        let length = rest.iter().position(|&byte| self.ends_word(byte)).unwrap_or(rest.len());
        self.at += length;
        self.field[before..self.at].trim_ascii_end().to_vec()
    }

    fn media_type(&mut self) -> anyhow::Result<Vec<u8>> {
        let rest = self.rest();
        let length = rest.iter().position(|&byte| self.ends_word(byte)).unwrap_or(rest.len());
        let found = rest[..length].trim_ascii_end().to_vec();
        self.at += length;
        let slash = found.iter().position(|&byte| byte == b'/');
        match slash {
            Some(slash) if slash > 0 && slash + 1 < found.len() => {
                refuse_controls(self.field, &found)?;
                Ok(found)
            }
            _ => Err(wrong(self.field, "has an invalid media type (a valid one is text/plain)")),
        }
    }

    /// `headers=LINE`, `headers=@FILE` or `headers=<FILE`.
    fn headers(&mut self, part: &mut Part) -> anyhow::Result<()> {
        self.at += "headers=".len();
        let is_file = self.rest().first().is_some_and(|byte| b"@<".contains(byte));
        self.at += usize::from(is_file);
        self.skip_space();
        let word = self.word()?;
        if !is_file {
            refuse_controls(self.field, &word)?;
            part.headers.push(word);
            return Ok(());
        }
        let content = input_file::read(&input_file::path_of(&word), "--form")?;
        let headers = unfolded(&content);
        headers.iter().try_for_each(|line| refuse_controls(self.field, line))?;
        part.headers.extend(headers);
        Ok(())
    }
}

/// The text of the quoted word at the start, and its length with quotes;
/// `None` where it does not end.
fn quoted(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut word = Vec::new();
    let mut at = 1;
    loop {
        match bytes.get(at..)? {
            [b'\\', escaped @ (b'"' | b'\\'), ..] => {
                word.push(*escaped);
                at += 2;
            }
            [b'"', ..] => return Some((word, at + 1)),
            [byte, ..] => {
                word.push(*byte);
                at += 1;
            }
            [] => return None,
        }
    }
}

/// The field lines of a file, without its comments; a line that begins with a
/// space continues the one before.
fn unfolded(content: &[u8]) -> Vec<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    for line in content.split(|&byte| byte == b'\n') {
        let line = line.trim_ascii_end();
        match (line.first(), lines.last_mut()) {
            (None | Some(b'#'), _) => {}
            (Some(b' ' | b'\t'), Some(last)) => last.extend_from_slice(line),
            _ => lines.push(line.to_vec()),
        }
    }
    lines
}

/// No field line of a part may hold another.
fn refuse_controls(field: &[u8], value: &[u8]) -> anyhow::Result<()> {
    if value.iter().any(|byte| b"\r\n\0".contains(byte)) {
        return Err(wrong(field, "has CR, LF or NUL in a type or header"));
    }
    Ok(())
}

fn wrong(field: &[u8], problem: &str) -> anyhow::Error {
    let shown = one_line(&field[..field.len().min(200)]);
    usage("--form", format!("{shown} {problem}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(field: &str) -> anyhow::Result<Part> {
        let mut found = parts(&[(FormKind::Form, OsString::from(field))])?;
        Ok(found.pop().unwrap_or_default())
    }

    fn data(field: &str) -> String {
        match one(field).expect("a part").source {
            PartSource::Data(data) => String::from_utf8(data).expect("text"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn values_lose_quotes_and_spaces_at_their_end() {
        for (field, expected) in [
            ("a=b ", "b"),
            ("a= b", "b"),
            ("a=\" \\\\v;type=\\\"x\\\" \"; type=text/foo", " \\v;type=\"x\" "),
            ("a={\"f\":\"v\",\"g\":1}", "{\"f\":\"v\",\"g\":1}"),
            ("a=\"open", "\"open"),
            ("a=", ""),
            ("a=b=c", "b=c"),
        ] {
            assert_eq!(data(field), expected, "{field}");
        }
        let literal = parts(&[(FormKind::Literal, OsString::from("a=@x;type=y"))]).expect("a part");
        assert_eq!(literal[0].source, PartSource::Data(b"@x;type=y".to_vec()));
    }

    #[test]
    fn the_names_of_files() {
        let part =
            one("f=@\"/tmp/a,b;.txt\";type=mo/foo;filename=\"f\\\\\\\\ak\\\\\\er,\\\\an\\d;.t\\\"xt\"")
                .expect("a part");
        assert_eq!(part.source, PartSource::File(OsString::from("/tmp/a,b;.txt")));
        assert_eq!(part.filename.as_deref(), Some(&b"f\\\\ak\\\\er,\\an\\d;.t\"xt"[..]));
        assert_eq!(part.content_type.as_deref(), Some(&b"mo/foo"[..]));
        assert_eq!(one("f=@/tmp/x").expect("a part").filename.as_deref(), Some(&b"x"[..]));
        let several = one("f=@a,b;type=x/y,c").expect("a part");
        let PartSource::Parts(files) = several.source else { panic!("several") };
        let types: Vec<_> = files.iter().map(|file| file.content_type.as_deref()).collect();
        assert_eq!(types, [None, Some(&b"x/y"[..]), None]);
        assert_eq!(several.name.as_deref(), Some(&b"f"[..]));
    }

    #[test]
    fn the_field_lines_of_a_file() {
        let lines = unfolded(b"# of no use\r\nX-One: 1 \r\n\r\nX-Two: 2\n # more\n\tstill\nX-Three:");
        assert_eq!(lines, [&b"X-One: 1"[..], b"X-Two: 2 # more\tstill", b"X-Three:"]);
    }

    #[test]
    fn what_curl_would_leave_out_is_an_error() {
        for field in [
            "novalue",
            "=)",
            "a=b;charset=utf-8",
            "a=\"b\"c",
            "a=b;type=x",
            "a=b;encoder=rot13",
            "a=<f;filename=x",
            "a=b;type=text/x\r\nX: y",
            "a=b;headers=\"X: y\nZ: w\"",
        ] {
            assert!(one(field).is_err(), "{field}");
        }
    }
}
