//! `--variable` and `--expand-OPTION`: values that come from the environment or
//! a file, and so stand neither in a script nor in the list of processes.

use std::env;
use std::ops::Range;

use super::usage_error::usage;
use super::{data, input_file};
use crate::http::base64;
use crate::output::escape::{self, one_line};

/// Longest name that is one: curl's.
const MAX_NAME: usize = 127;

/// What 64dec makes of what is no base64: curl's word.
const NO_BASE64: &[u8] = b"[64dec-fail]";

/// The variables that are set.
#[derive(Default)]
pub(super) struct Variables(Vec<(Vec<u8>, Vec<u8>)>);

impl Variables {
    /// Sets the one that `text` names: `NAME=CONTENT`, `NAME@FILE`, `%NAME` from
    /// the environment, `%NAME=CONTENT` and `%NAME@FILE` for where it is not
    /// there; of the content only the bytes of `NAME[FIRST-LAST]`, if that is said.
    pub(super) fn set(&mut self, text: &[u8]) -> anyhow::Result<()> {
        let is_imported = text.first() == Some(&b'%');
        let text = text.strip_prefix(b"%").unwrap_or(text);
        let end = text.iter().position(|&byte| !is_of_name(byte)).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        let wrong = |what: String| usage("--variable", what);
        if !is_name(name) {
            let shown = escape::value(text);
            return Err(wrong(format!(
                "{shown} does not begin with a name of letters, digits and underscores"
            )));
        }
        let shown = String::from_utf8_lossy(name);
        let (range, rest) = range(rest).ok_or_else(|| wrong(format!("{shown}: invalid byte range")))?;
        let imported = if is_imported { env::var_os(&*shown) } else { None };
        let content = match (imported, rest.split_first()) {
            (Some(value), _) => value.into_encoded_bytes(),
            (None, Some((b'=', content))) => content.to_vec(),
            (None, Some((b'@', path))) => input_file::read(&input_file::path_of(path), "--variable")?,
            (None, None) if is_imported => {
                return Err(wrong(format!(
                    "{shown} is not set in the environment; use %{shown}=CONTENT for a default"
                )));
            }
            _ => return Err(wrong(format!("{shown}: =CONTENT or @FILE is missing"))),
        };
        let range = range.start.min(content.len())..range.end.min(content.len());
        let content = content[range].to_vec();
        self.0.retain(|(known, _)| known != name);
        self.0.push((name.to_vec(), content));
        Ok(())
    }

    /// As [`Self::filled`], for a value that is an argument and so holds no NUL.
    pub(super) fn expand(
        &self,
        option: &str,
        text: &[u8],
        notices: &mut Vec<String>,
    ) -> anyhow::Result<Vec<u8>> {
        let expanded = self.filled(option, text, notices)?;
        if expanded.contains(&0) {
            return Err(usage(
                option,
                "a variable contains a NUL byte, which no argument can hold; encode it with :url or :json",
            ));
        }
        Ok(expanded)
    }

    /// `text` with each `{{NAME}}` and `{{NAME:FUNCTION:FUNCTION}}` replaced; a
    /// variable that is not set is empty, as by curl, and is among the `notices`; `\{{` is `{{`, and
    /// what names no variable stays. `option` is the one whose value this is.
    pub(super) fn filled(
        &self,
        option: &str,
        text: &[u8],
        notices: &mut Vec<String>,
    ) -> anyhow::Result<Vec<u8>> {
        let mut expanded = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = find(rest, b"{{") {
            let (before, after) = (&rest[..at], &rest[at + 2..]);
            let Some(end) = find(after, b"}}") else { break };
            if let Some(before) = before.strip_suffix(b"\\") {
                expanded.extend_from_slice(before);
                expanded.extend_from_slice(b"{{");
                rest = after;
                continue;
            }
            expanded.extend_from_slice(before);
            let mut words = after[..end].split(|&byte| byte == b':');
            let name = words.next().unwrap_or_default();
            if is_name(name) {
                let value = self.0.iter().find(|(known, _)| known == name);
                if value.is_none() {
                    let name = one_line(name);
                    let notice = format!(
                        "{option}: {{{{{name}}}}} is empty: set the variable {name} before this option"
                    );
                    notices.extend((!notices.contains(&notice)).then_some(notice));
                }
                let value = value.map(|(_, value)| value.clone()).unwrap_or_default();
                expanded.extend(words.try_fold(value, |value, word| apply(option, word, value))?);
            } else {
                expanded.extend_from_slice(&rest[at..at + 2 + end + 2]);
            }
            rest = &after[end + 2..];
        }
        expanded.extend_from_slice(rest);
        Ok(expanded)
    }
}

/// What the function `word` makes of `value`.
fn apply(option: &str, word: &[u8], value: Vec<u8>) -> anyhow::Result<Vec<u8>> {
    Ok(match word {
        b"trim" => value.trim_ascii().to_vec(),
        b"url" => data::escaped(&value),
        b"json" => json(&value),
        b"b64" => base64::encode(&value).into_bytes(),
        b"64dec" => base64::decode(&value).unwrap_or_else(|| NO_BASE64.to_vec()),
        _ => {
            let word = one_line(word);
            return Err(usage(
                option,
                format!("{word} is not one of the functions trim, url, json, b64 and 64dec"),
            ));
        }
    })
}

/// `value` as it stands between the quotes of a JSON string (RFC 8259 §7).
fn json(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    for &byte in value {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0C => out.extend_from_slice(b"\\f"),
            0..0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out
}

/// The range `[FIRST-LAST]` or `[FIRST-]` that `text` begins with, and what
/// stands behind it; all bytes where there is none.
fn range(text: &[u8]) -> Option<(Range<usize>, &[u8])> {
    let Some(inner) = text.strip_prefix(b"[") else { return Some((0..usize::MAX, text)) };
    let end = find(inner, b"]")?;
    let (first, last) = str::from_utf8(&inner[..end]).ok()?.split_once('-')?;
    let first: usize = first.parse().ok()?;
    let end_of_range =
        if last.is_empty() { usize::MAX } else { last.parse::<usize>().ok()?.checked_add(1)? };
    (first < end_of_range).then_some((first..end_of_range, &inner[end + 1..]))
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_name(bytes: &[u8]) -> bool {
    (1..=MAX_NAME).contains(&bytes.len()) && bytes.iter().all(|&byte| is_of_name(byte))
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(settings: &[&str], text: &str) -> Result<String, String> {
        let mut variables = Variables::default();
        for setting in settings {
            variables.set(setting.as_bytes()).map_err(|error| error.to_string())?;
        }
        let bytes = variables
            .expand("--data", text.as_bytes(), &mut Vec::new())
            .map_err(|error| error.to_string())?;
        Ok(String::from_utf8(bytes).expect("text"))
    }

    #[test]
    fn values_take_the_places_of_names() {
        for (settings, text, expected) in [
            (&["a=1", "b=two", "a=3"][..], "{{a}}-{{b}}{{c}}", "3-two"),
            (&["a=x"], "\\{{a}} {{}} {{a.b}} {{a", "{{a}} {{}} {{a.b}} {{a"),
            (&["a= b c\n"], "[{{a:trim}}] {{a:trim:url}}", "[b c] b%20c"),
            (&["a=\"q\"\n\u{1}\u{e9}"], "{{a:json}}", "\\\"q\\\"\\n\\u0001\u{e9}"),
            (&["a=hi", "b=aGk="], "{{a:b64}} {{b:64dec}} {{a:64dec}}", "aGk= hi [64dec-fail]"),
            (&["a[1-2]=abcd", "b[2-]=abcd", "c[9-10]=abcd"], "{{a}},{{b}},{{c}}", "bc,cd,"),
            (&["%RAWGET_NOT_SET=else"], "{{RAWGET_NOT_SET}}", "else"),
        ] {
            assert_eq!(expanded(settings, text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for setting in
            ["", "=1", "a", "a b=1", "a[2-1]=x", "a[x]=x", "%RAWGET_NOT_SET", "a@/nonexistent/file"]
        {
            assert!(expanded(&[setting], "").is_err(), "{setting}");
        }
        assert!(expanded(&["a=1"], "{{a:upper}}").is_err());
        assert!(expanded(&["a=AAA="], "{{a:64dec}}").is_err());
        let long = "x".repeat(MAX_NAME + 1);
        assert_eq!(expanded(&[], &format!("{{{{{long}}}}}")), Ok(format!("{{{{{long}}}}}")));
    }
}
