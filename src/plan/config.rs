//! The files of `-K`: options in curl's form, one a line.

use std::ffi::OsString;

use super::input_file;

/// What a line says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ConfigLine {
    /// From 1.
    pub(super) number: usize,
    /// With its dashes.
    pub(super) option: OsString,
    pub(super) value: Option<OsString>,
    /// More words than the value stand on the line.
    pub(super) is_cut: bool,
}

/// The number of a line that cannot be read, and why.
pub(super) type LineProblem = (usize, &'static str);

/// The options that a file's lines stand for.
///
/// A line is `OPTION`, `OPTION VALUE` or, where the option has no dashes,
/// `OPTION = VALUE` and `OPTION: VALUE`. A value in double quotes may hold
/// spaces, `\"`, `\\`, `\t`, `\n`, `\r` and `\v`; another ends at a space.
/// What begins with `#` is a comment. `as_curl`: words after a value are left out.
pub(super) fn lines(text: &[u8], as_curl: bool) -> impl Iterator<Item = Result<ConfigLine, LineProblem>> {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    text.split(|&byte| byte == b'\n').enumerate().filter_map(move |(index, text)| {
        let text = text.trim_ascii_start();
        let is_comment = text.first().is_none_or(|first| b"#/*".contains(first));
        (!is_comment).then(|| line(index + 1, text, as_curl).map_err(|problem| (index + 1, problem)))
    })
}

fn line(number: usize, line: &[u8], as_curl: bool) -> Result<ConfigLine, &'static str> {
    let is_dashed = line[0] == b'-';
    let separates = |byte: u8| byte.is_ascii_whitespace() || !is_dashed && b"=:".contains(&byte);
    let end = line.iter().position(|&byte| separates(byte)).unwrap_or(line.len());
    let (option, rest) = line.split_at(end);
    let rest = &rest[rest.iter().position(|&byte| !separates(byte)).unwrap_or(rest.len())..];
    if option.iter().all(|&byte| byte == b'-') {
        return Err("the name of an option is missing");
    }
    let (value, is_cut) = match rest {
        [b'"', quoted @ ..] => (Some(unquoted(quoted)?), false),
        _ => bare(rest),
    };
    if is_cut && !as_curl {
        return Err("a value with spaces needs double quotes around it");
    }
    let dashes: &[u8] = if is_dashed { b"" } else { b"--" };
    let option = input_file::path_of(&[dashes, option].concat());
    Ok(ConfigLine { number, option, value: value.map(|value| input_file::path_of(&value)), is_cut })
}

/// Up to the closing quote.
fn unquoted(text: &[u8]) -> Result<Vec<u8>, &'static str> {
    let mut value = Vec::new();
    let mut bytes = text.iter();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'"' if is_nothing(bytes.as_slice()) => return Ok(value),
            b'"' => return Err("text follows the closing quote; a quote inside a value is written \\\""),
            b'\\' => value.push(match bytes.next() {
                Some(b't') => b'\t',
                Some(b'n') => b'\n',
                Some(b'r') => b'\r',
                Some(b'v') => 0x0B,
                Some(&other) => other,
                None => break,
            }),
            other => value.push(other),
        }
    }
    Err("the closing quote is missing")
}

/// The word at the start, if there is one, and whether others follow.
fn bare(text: &[u8]) -> (Option<Vec<u8>>, bool) {
    let end = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    ((!word.is_empty()).then(|| word.to_vec()), !is_nothing(rest))
}

/// Space, or a comment.
fn is_nothing(text: &[u8]) -> bool {
    text.trim_ascii().first().is_none_or(|&first| first == b'#')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_options_and_values() {
        for (text, option, value) in [
            ("  request MOOO\r", "--request", Some("MOOO")),
            ("-A \"agent007 to drill\\t\"", "-A", Some("agent007 to drill\t")),
            ("-Lfuhej:you", "-Lfuhej:you", None),
            ("url = http://h/a?b=c # why", "--url", Some("http://h/a?b=c")),
            ("url:x", "--url", Some("x")),
            ("user-agent = \"\" # none", "--user-agent", Some("")),
            ("user-agent =", "--user-agent", None),
            ("data = \"a\\\"b\\\\c\\nd\\q\"", "--data", Some("a\"b\\c\ndq")),
            ("--data-raw=a=b", "--data-raw=a=b", None),
            ("data = -x", "--data", Some("-x")),
        ] {
            let (option, value) = (option.into(), value.map(OsString::from));
            let read: Vec<_> = lines(text.as_bytes(), false).collect();
            assert_eq!(read, [Ok(ConfigLine { number: 1, option, value, is_cut: false })], "{text}");
        }
        assert_eq!(lines(b"# comment\n\n/ * \r\n", false).count(), 0);
    }

    #[test]
    fn what_cannot_be_read_is_told_by_its_line() {
        for text in [
            "data = two words",
            "data = \"open",
            "data = \"a\" b",
            "data = \"a\"b",
            "data = \"a\\",
            "= x",
            ": x",
        ] {
            let read: Vec<_> = lines(format!("\n{text}").as_bytes(), false).collect();
            assert!(matches!(read[..], [Err((2, _))]), "{read:?}");
        }
    }
}
