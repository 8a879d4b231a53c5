//! The format of `-w`: text, escapes, and variables by name (the man page of
//! curl, `--write-out`). Pure: it knows names, not values.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use super::values::{self, Variable};

/// A format, taken apart.
#[derive(Clone)]
pub(crate) struct Format(pub(super) Vec<FormatPiece>);

#[derive(Clone, Debug, PartialEq)]
pub(super) enum FormatPiece {
    /// Printed as it is.
    Text(Vec<u8>),
    /// `%{NAME}`
    Variable(Variable),
    /// `%{NAME}` of a name that there is not.
    Unknown(String),
    /// `%{json}`: all variables.
    Json,
    /// `%{header_json}`: all field lines of the response.
    HeaderJson,
    /// `%header{NAME}`, and with `:all:SEPARATOR` every field line of that name.
    Header {
        name: String,
        separator: Option<Vec<u8>>,
    },
    /// `%{onerror}`: the rest is for failed transfers.
    OnError,
    /// `%{stdout}`, `%{stderr}`, `%output{FILE}`: where the rest goes.
    Stdout,
    Stderr,
    Output {
        path: OsString,
        appends: bool,
    },
    /// `%time{FORMAT}`: now.
    Time(String),
}

impl Format {
    /// The files that it writes anew.
    pub(crate) fn outputs(&self) -> impl Iterator<Item = &OsStr> {
        self.0.iter().filter_map(|piece| match piece {
            FormatPiece::Output { path, appends: false } => Some(&**path),
            _ => None,
        })
    }

    /// Takes `text` apart. Nothing in it is an error: what is no variable is text.
    pub(crate) fn parse(text: &[u8]) -> Self {
        let mut pieces = FormatPieces::default();
        let mut rest = text;
        while let Some(at) = rest.iter().position(|byte| b"%\\".contains(byte)) {
            pieces.text(&rest[..at]);
            rest = match rest[at] {
                b'%' => pieces.percent(&rest[at + 1..]),
                _ => pieces.backslash(&rest[at + 1..]),
            };
        }
        pieces.text(rest);
        Self(pieces.0)
    }

    /// The names of fields that are requested of every response of a transfer, each
    /// with what stands between the values.
    pub(super) fn all_values(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().filter_map(|piece| match piece {
            FormatPiece::Header { name, separator: Some(separator) } => Some((&name[..], &separator[..])),
            _ => None,
        })
    }

    /// Whether it tells what is wrong with the certificate of the server, or of a proxy.
    pub(crate) fn tells_certificates(&self) -> bool {
        let named = |piece: &FormatPiece| match piece {
            FormatPiece::Variable(variable) => variable.name.ends_with("ssl_verify_result"),
            piece => matches!(piece, FormatPiece::Json),
        };
        self.0.iter().any(named)
    }

    /// Whether a variable is written as JSON.
    pub(crate) fn needs_json(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, FormatPiece::Json | FormatPiece::HeaderJson))
    }
}

#[derive(Default)]
struct FormatPieces(Vec<FormatPiece>);

impl FormatPieces {
    fn text(&mut self, text: &[u8]) {
        match self.0.last_mut() {
            Some(FormatPiece::Text(last)) => last.extend_from_slice(text),
            _ if text.is_empty() => {}
            _ => self.0.push(FormatPiece::Text(text.to_vec())),
        }
    }

    /// What stands behind a backslash; gives the rest.
    fn backslash<'a>(&mut self, behind: &'a [u8]) -> &'a [u8] {
        let (escape, rest) = behind.split_at(behind.len().min(1));
        match escape {
            b"n" => self.text(b"\n"),
            b"r" => self.text(b"\r"),
            b"t" => self.text(b"\t"),
            other => self.text(&[b"\\", other].concat()),
        }
        rest
    }

    /// What stands behind a percent sign; gives the rest.
    fn percent<'a>(&mut self, behind: &'a [u8]) -> &'a [u8] {
        if let Some(rest) = behind.strip_prefix(b"%") {
            self.text(b"%");
            return rest;
        }
        let starts = ["{", "header{", "output{", "time{"];
        let found = starts.iter().find_map(|start| Some((*start, behind.strip_prefix(start.as_bytes())?)));
        let Some((start, inside)) = found else {
            self.text(b"%");
            return behind;
        };
        let Some((content, rest)) = braced(inside) else {
            self.text(b"%");
            self.text(start.as_bytes());
            return inside;
        };
        let text = || String::from_utf8_lossy(&content).into_owned();
        self.0.push(match start {
            "{" => named(&text()),
            "header{" => header(&content),
            "output{" => output(&content),
            _ => FormatPiece::Time(text()),
        });
        rest
    }
}

/// The text up to `}`, where `\}` stands for a brace inside it, and what follows.
fn braced(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut content = Vec::new();
    let mut rest = text;
    loop {
        let (&byte, behind) = rest.split_first()?;
        rest = behind;
        match byte {
            b'}' => return Some((content, rest)),
            b'\\' if rest.starts_with(b"}") => {
                content.push(b'}');
                rest = &rest[1..];
            }
            other => content.push(other),
        }
    }
}

fn named(name: &str) -> FormatPiece {
    match name {
        "json" => FormatPiece::Json,
        "header_json" => FormatPiece::HeaderJson,
        "onerror" => FormatPiece::OnError,
        "stdout" => FormatPiece::Stdout,
        "stderr" => FormatPiece::Stderr,
        name => {
            values::find(name).map_or_else(|| FormatPiece::Unknown(name.to_owned()), FormatPiece::Variable)
        }
    }
}

fn header(content: &[u8]) -> FormatPiece {
    const ALL: &[u8] = b":all:";
    let end = content.windows(ALL.len()).position(|at| at == ALL);
    let name = String::from_utf8_lossy(&content[..end.unwrap_or(content.len())]).into_owned();
    FormatPiece::Header { name, separator: end.map(|end| content[end + ALL.len()..].to_vec()) }
}

fn output(content: &[u8]) -> FormatPiece {
    let (path, appends) = match content.strip_prefix(b">>") {
        Some(path) => (path, true),
        None => (content, false),
    };
    FormatPiece::Output { path: OsStr::from_bytes(path).to_owned(), appends }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> FormatPiece {
        FormatPiece::Text(text.into())
    }

    #[test]
    fn formats_are_taken_apart() {
        let parse = |text: &str| Format::parse(text.as_bytes()).0;
        assert_eq!(parse(r"a\tb\n\q\"), [text("a\tb\n\\q\\")]);
        assert_eq!(parse("100%% %x %{no end %"), [text("100% %x %{no end %")]);
        assert_eq!(parse("%{nosuch}"), [FormatPiece::Unknown("nosuch".into())]);
        let known = parse("<%{http_code}>");
        assert!(
            matches!(&known[..], [_, FormatPiece::Variable(variable), _] if variable.name == "http_code")
        );
        let separator = Some(b"-{}-".to_vec());
        assert_eq!(parse(r"%header{a:all:-{\}-}"), [FormatPiece::Header { name: "a".into(), separator }]);
        assert_eq!(
            parse("%header{a}%output{>>f}%{stderr}%time{%H}"),
            [
                FormatPiece::Header { name: "a".into(), separator: None },
                FormatPiece::Output { path: "f".into(), appends: true },
                FormatPiece::Stderr,
                FormatPiece::Time("%H".into()),
            ]
        );
    }
}
