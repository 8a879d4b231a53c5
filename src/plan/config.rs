//! The files of `-K`: options in curl's form, one a line, turned into arguments.

use std::ffi::OsString;

use super::file;

/// The arguments that a file's lines stand for.
///
/// A line is `OPTION`, `OPTION VALUE` or, where the option has no dashes,
/// `OPTION = VALUE` and `OPTION: VALUE`. A value in double quotes may hold
/// spaces, `\"`, `\\`, `\t`, `\n`, `\r` and `\v`; another ends at a space.
/// What begins with `#` is a comment.
pub(super) fn arguments(text: &[u8]) -> Result<Vec<OsString>, usize> {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    let mut arguments = Vec::new();
    for (index, line) in text.split(|&byte| byte == b'\n').enumerate() {
        let line = line.trim_ascii_start();
        if line.is_empty() || b"#/*".contains(&line[0]) {
            continue;
        }
        let is_dashed = line[0] == b'-';
        let separates = |byte: u8| byte.is_ascii_whitespace() || !is_dashed && b"=:".contains(&byte);
        let end = line.iter().position(|&byte| separates(byte)).unwrap_or(line.len());
        let (option, rest) = line.split_at(end);
        let rest = &rest[rest.iter().position(|&byte| !separates(byte)).unwrap_or(rest.len())..];
        let value = if rest.first() == Some(&b'"') {
            Some(unquoted(&rest[1..]))
        } else {
            bare(rest).ok_or(index + 1)?
        };
        push(&mut arguments, option, is_dashed, value);
    }
    Ok(arguments)
}

/// Up to the closing quote, or the line's end.
fn unquoted(text: &[u8]) -> Vec<u8> {
    let mut value = Vec::new();
    let mut bytes = text.iter();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'"' => break,
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
    value
}

/// The word at the start; `None` inside where there is none, and as the whole
/// where something else than a comment follows it.
fn bare(text: &[u8]) -> Option<Option<Vec<u8>>> {
    let end = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    match rest.trim_ascii().first() {
        None | Some(b'#') => Some((!word.is_empty()).then(|| word.to_vec())),
        Some(_) => None,
    }
}

/// In the form in which no value can be taken for an option.
fn push(arguments: &mut Vec<OsString>, option: &[u8], is_dashed: bool, value: Option<Vec<u8>>) {
    let is_long = !is_dashed || option.starts_with(b"--");
    let mut argument = if is_dashed { Vec::new() } else { b"--".to_vec() };
    argument.extend_from_slice(option);
    match value {
        Some(value) if is_long => {
            argument.push(b'=');
            argument.extend_from_slice(&value);
            arguments.push(file::path_of(&argument));
        }
        Some(value) if option.len() == 2 && !value.is_empty() => {
            argument.extend_from_slice(&value);
            arguments.push(file::path_of(&argument));
        }
        value => {
            arguments.push(file::path_of(&argument));
            arguments.extend(value.map(|value| file::path_of(&value)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_arguments() {
        for (text, expected) in [
            ("# comment\n\n  request MOOO\r\n", &["--request=MOOO"][..]),
            ("-A \"agent007 to drill\\t\"", &["-Aagent007 to drill\t"]),
            ("--max-time 180\n-Lfuhej:you", &["--max-time=180", "-Lfuhej:you"]),
            ("url = http://h/a?b=c # why\nurl:x", &["--url=http://h/a?b=c", "--url=x"]),
            ("user-agent = \"\"\n-F a=b", &["--user-agent=", "-Fa=b"]),
            ("data = \"a\\\"b\\\\c\\nd\\q\" trailing", &["--data=a\"b\\c\ndq"]),
            ("--next\nhead\n--data-raw=a=b", &["--next", "--head", "--data-raw=a=b"]),
            ("-d \"\"\n-sd x", &["-d", "", "-sd", "x"]),
            ("data = -x", &["--data=-x"]),
        ] {
            assert_eq!(arguments(text.as_bytes()).expect(text), expected, "{text}");
        }
        assert_eq!(arguments(b"\ndata = two words"), Err(2));
    }
}
