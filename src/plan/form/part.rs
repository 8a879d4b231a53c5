//! What one `-F` says: `NAME=VALUE`, `NAME=@FILE[,FILE]...`, `NAME=<FILE`,
//! `NAME=(` and `=)`, with `;type=`, `;filename=`, `;headers=` and `;encoder=`.
//!
//! Like curl, this leaves out parameters that are unknown or not allowed, and warns of each.

use std::ffi::OsString;

use super::{Part, PartSource, standard_input};
use crate::cli::sending::FormKind;
use crate::failure::Failure;
use crate::http::secret::is_secret;
use crate::output::escape::{self, one_line};
use crate::plan::encoder::Encoder;
use crate::plan::input_file;
use crate::plan::usage_error::usage;

/// The parts of these fields, nested as `(` and `)` say. `notices` takes what is left out.
pub(super) fn parts(fields: &[(FormKind, OsString)], notices: &mut Vec<String>) -> anyhow::Result<Vec<Part>> {
    // The innermost multipart that is open stands last; its own fields are with it.
    let mut open: Vec<(Part, Vec<Part>)> = vec![(Part::default(), Vec::new())];
    for (kind, field) in fields {
        let bytes = field.as_encoded_bytes();
        let Some(equals) = bytes.iter().position(|&byte| byte == b'=') else {
            let help = match bytes {
                [b'@' | b'<', ..] => "has no '=' between name and value; write NAME= before it",
                _ => "has no '=' between name and value",
            };
            return Err(wrong(bytes, help));
        };
        let name = (equals > 0).then(|| bytes[..equals].to_vec());
        let value = &bytes[equals + 1..];
        if *kind == FormKind::Form && value.starts_with(b"(") {
            let mut reader = FormReader::new(bytes, equals + 1, None, notices);
            let part = Part { name, ..reader.part(AllowedParameters { filename: false, encoder: false })?.0 };
            open.push((part, Vec::new()));
        } else if *kind == FormKind::Form && name.is_none() && value == b")" {
            if open.len() == 1 {
                return Err(wrong(bytes, "closes a multipart that was not opened"));
            }
            close(&mut open);
        } else if let Some((_, parts)) = open.last_mut() {
            parts.push(part(*kind, bytes, equals + 1, name, notices)?);
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

fn part(
    kind: FormKind,
    field: &[u8],
    at: usize,
    name: Option<Vec<u8>>,
    notices: &mut Vec<String>,
) -> anyhow::Result<Part> {
    let value = &field[at..];
    if kind == FormKind::Literal {
        return Ok(Part { name, source: PartSource::Data(value.to_vec()), ..Part::default() });
    }
    match value.first() {
        Some(b'@') => files(field, at + 1, name, notices),
        Some(b'<') => {
            let mut reader = FormReader::new(field, at + 1, None, notices);
            let (part, path) = reader.part(AllowedParameters { filename: false, encoder: true })?;
            let source =
                if path == b"-" { standard_input()? } else { PartSource::File(input_file::path_of(&path)) };
            Ok(Part { name, source, ..part })
        }
        _ => {
            let mut reader = FormReader::new(field, at, None, notices);
            let (part, data) = reader.part(AllowedParameters { filename: true, encoder: true })?;
            Ok(Part { name, source: PartSource::Data(data), ..part })
        }
    }
}

/// `@FILE[,FILE]...`: one part, or several inside one.
fn files(field: &[u8], at: usize, name: Option<Vec<u8>>, notices: &mut Vec<String>) -> anyhow::Result<Part> {
    let mut reader = FormReader::new(field, at, Some(b','), notices);
    let mut files = Vec::new();
    loop {
        let (part, path) = reader.part(AllowedParameters { filename: true, encoder: true })?;
        let (source, own_name) = if path == b"-" {
            (standard_input()?, b"-".to_vec())
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
    notices: &'a mut Vec<String>,
}

impl<'a> FormReader<'a> {
    fn new(field: &'a [u8], at: usize, separator: Option<u8>, notices: &'a mut Vec<String>) -> Self {
        FormReader { field, at, separator, notices }
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

    /// A piece of the field as a message shows it.
    fn shown(&self, piece: &[u8]) -> String {
        if secret_name(self.field).is_some() { "***".to_owned() } else { one_line(piece) }
    }

    /// Warns that something of the field is not sent.
    fn tell(&mut self, what: &str) {
        self.notices.push(format!("--form: {}: {what}", shown(self.field)));
    }

    /// A word, quoted (where `\"` and `\\` lose their backslash) or up to the
    /// next `;`, without the spaces at its end.
    fn word(&mut self) -> Vec<u8> {
        if self.rest().first() == Some(&b'"')
            && let Some((word, length)) = quoted(self.rest())
        {
            self.at += length;
            let extra = self.unquoted();
            if !extra.is_empty() {
                self.tell(&format!("leaving out {}, which follows a closing quote", self.shown(&extra)));
            }
            return word;
        }
        self.unquoted()
    }

    /// Up to the next `;`, without the spaces around.
    fn unquoted(&mut self) -> Vec<u8> {
        let rest = self.rest();
        let length = rest.iter().position(|&byte| self.ends_word(byte)).unwrap_or(rest.len());
        let word = rest[..length].trim_ascii().to_vec();
        self.at += length;
        word
    }

    /// The first word, and a part with the parameters behind it.
    fn part(&mut self, takes: AllowedParameters) -> anyhow::Result<(Part, Vec<u8>)> {
        self.skip_space();
        let word = self.word();
        let mut part = Part::default();
        // The type extends to a parameter that is not its own.
        let mut type_is_open = false;
        while self.rest().first() == Some(&b';') {
            self.at += 1;
            self.skip_space();
            type_is_open = self.parameter(&mut part, type_is_open)?;
        }
        self.drop_not_allowed(&mut part, takes);
        Ok((part, word))
    }

    /// One parameter, put into `part`; whether what follows may belong to its type.
    fn parameter(&mut self, part: &mut Part, type_is_open: bool) -> anyhow::Result<bool> {
        if !type_is_open && self.takes("type=") {
            self.skip_space();
            part.content_type = Some(self.media_type()?);
            return Ok(true);
        }
        if self.takes("filename=") {
            part.filename = Some(self.value());
        } else if self.takes("encoder=") {
            let name = self.value();
            let encoder = Encoder::named(&name).ok_or_else(|| {
                let given = self.shown(&name);
                let known = "7bit, 8bit, base64, binary and quoted-printable are known";
                let problem = format!("{given} is not an encoder; {known}");
                Failure::Unsendable.error(format!("--form: {}: {problem}", shown(self.field)))
            })?;
            part.encoder = Some((name, encoder));
        } else if self.takes("headers=") {
            self.headers(part)?;
        } else if type_is_open {
            let more = self.plain();
            part.content_type.get_or_insert_default().extend_from_slice(&more);
            return Ok(true);
        } else {
            let odd = self.word();
            if !odd.is_empty() {
                let odd = self.shown(&odd);
                let help = "quote a value that has a semicolon, or use --form-string";
                self.tell(&format!("leaving out the unknown parameter {odd} ({help})"));
            }
        }
        Ok(false)
    }

    /// Drops the parameters that this kind of part has no use for.
    fn drop_not_allowed(&mut self, part: &mut Part, takes: AllowedParameters) {
        let dropped = [
            ("file name", part.filename.take_if(|_| !takes.filename)),
            ("encoder", part.encoder.take_if(|_| !takes.encoder).map(|(name, _)| name)),
        ];
        for (what, value) in dropped {
            if let Some(value) = value {
                self.tell(&format!(
                    "leaving out the {what} {}, which is not allowed here",
                    self.shown(&value)
                ));
            }
        }
    }

    /// Steps over the parameter's name `key`, if that is next; whether it was.
    fn takes(&mut self, key: &str) -> bool {
        let next = self.rest().get(..key.len());
        let is_next = next.is_some_and(|next| next.eq_ignore_ascii_case(key.as_bytes()));
        self.at += if is_next { key.len() } else { 0 };
        is_next
    }

    fn value(&mut self) -> Vec<u8> {
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
        let is_file = self.rest().first().is_some_and(|byte| b"@<".contains(byte));
        self.at += usize::from(is_file);
        self.skip_space();
        let word = self.word();
        if !is_file {
            refuse_controls(self.field, &word)?;
            part.headers.push(word);
            return Ok(());
        }
        let content = match input_file::read(&input_file::path_of(&word), "leaving out headers") {
            Ok(content) => content,
            Err(error) => {
                self.tell(&format!("{error:#}"));
                return Ok(());
            }
        };
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
    usage("--form", format!("{} {problem}", shown(field)))
}

/// A field as a message shows it, without a value whose name speaks of a secret.
fn shown(field: &[u8]) -> String {
    match secret_name(field) {
        Some(name) => format!("{}=***", one_line(shortened(name))),
        None => escape::value(shortened(field)),
    }
}

/// The name of a field whose value is a secret by it; the name of a file is none.
fn secret_name(field: &[u8]) -> Option<&[u8]> {
    let (name, value) = field.split_at(field.iter().position(|&byte| byte == b'=')?);
    let is_file = matches!(value, [_, b'@' | b'<', ..]);
    (is_secret(name) && !is_file).then_some(name)
}

/// As much of a field as a message shows.
fn shortened(field: &[u8]) -> &[u8] {
    &field[..field.len().min(200)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(field: &str) -> anyhow::Result<Part> {
        let mut found = parts(&[(FormKind::Form, OsString::from(field))], &mut Vec::new())?;
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
        let literal =
            parts(&[(FormKind::Literal, OsString::from("a=@x;type=y"))], &mut Vec::new()).expect("a part");
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
    fn parameters_that_are_unknown_or_not_allowed_are_left_out_with_a_warning() {
        for (field, expected, told) in [
            ("a=b;c", "b", "leaving out the unknown parameter c "),
            ("a=b;c=d;type=text/x", "b", "leaving out the unknown parameter c=d "),
            ("a=b; \"c;d\"", "b", "leaving out the unknown parameter c;d "),
            ("a=\"b\" c ;type=x/y", "b", "leaving out c, which follows a closing quote"),
            ("a=b;headers=@/nowhere/at/all", "b", "leaving out headers: cannot read /nowhere/at/all: "),
        ] {
            let mut notices = Vec::new();
            let found = parts(&[(FormKind::Form, OsString::from(field))], &mut notices).expect("a part");
            assert_eq!(found[0].source, PartSource::Data(expected.into()), "{field}");
            assert_eq!(notices.len(), 1, "{field}");
            assert!(notices[0].starts_with(&format!("--form: {field}: {told}")), "{notices:?}");
        }
        for (field, told) in [
            ("a=<f;filename=x", "leaving out the file name x, which is not allowed here"),
            ("a=(;encoder=base64", "leaving out the encoder base64, which is not allowed here"),
        ] {
            let mut notices = Vec::new();
            assert!(parts(&[(FormKind::Form, OsString::from(field))], &mut notices).is_ok());
            assert_eq!(notices, [format!("--form: {field}: {told}")]);
        }
        let mut notices = Vec::new();
        assert!(parts(&[(FormKind::Form, OsString::from("a=b; ;;type=text/x;"))], &mut notices).is_ok());
        assert!(notices.is_empty(), "{notices:?}");
    }

    #[test]
    fn what_makes_no_part_is_an_error() {
        for field in [
            "novalue",
            "=)",
            "a=b;type=x",
            "a=b;encoder=rot13",
            "a=b;type=text/x\r\nX: y",
            "a=b;headers=\"X: y\nZ: w\"",
        ] {
            assert!(one(field).is_err(), "{field}");
        }
    }
}
