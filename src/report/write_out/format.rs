//! The format of `-w`: text, escapes, and variables by name (the man page of
//! curl, `--write-out`). Pure: it knows names, not values.

use super::values::{self, Variable};

/// A format, taken apart.
#[derive(Clone)]
pub(crate) struct Format(pub(super) Vec<FormatPiece>);

#[derive(Clone, Debug, PartialEq)]
pub(super) enum FormatPiece {
    /// Printed as it is.
    Text(String),
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
        separator: Option<String>,
    },
    /// `%{onerror}`: the rest is for failed transfers.
    OnError,
    /// `%{stdout}`, `%{stderr}`, `%output{FILE}`: where the rest goes.
    Stdout,
    Stderr,
    Output {
        path: String,
        appends: bool,
    },
    /// `%time{FORMAT}`: now.
    Time(String),
}

impl Format {
    /// The files that it writes anew.
    pub(crate) fn outputs(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            FormatPiece::Output { path, appends: false } => Some(&path[..]),
            _ => None,
        })
    }

    /// Takes `text` apart. Nothing in it is an error: what is no variable is text.
    pub(crate) fn parse(text: &str) -> Self {
        let mut pieces = FormatPieces::default();
        let mut rest = text;
        while let Some(at) = rest.find(['%', '\\']) {
            pieces.text(&rest[..at]);
            rest = if rest[at..].starts_with('%') {
                pieces.percent(&rest[at + 1..])
            } else {
                pieces.backslash(&rest[at + 1..])
            };
        }
        pieces.text(rest);
        Self(pieces.0)
    }

    /// The names of fields that are requested of every response of a transfer, each
    /// with what stands between the values.
    pub(super) fn all_values(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(|piece| match piece {
            FormatPiece::Header { name, separator: Some(separator) } => Some((&name[..], &separator[..])),
            _ => None,
        })
    }

    /// Whether it tells what is wrong with the server's certificate.
    pub(crate) fn tells_certificates(&self) -> bool {
        let named = |piece: &FormatPiece| match piece {
            FormatPiece::Variable(variable) => variable.name == "ssl_verify_result",
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
    fn text(&mut self, text: &str) {
        match self.0.last_mut() {
            Some(FormatPiece::Text(last)) => last.push_str(text),
            _ if text.is_empty() => {}
            _ => self.0.push(FormatPiece::Text(text.to_owned())),
        }
    }

    /// What stands behind a backslash; gives the rest.
    fn backslash<'a>(&mut self, behind: &'a str) -> &'a str {
        let mut rest = behind.chars();
        match rest.next() {
            Some('n') => self.text("\n"),
            Some('r') => self.text("\r"),
            Some('t') => self.text("\t"),
            Some(other) => self.text(&format!("\\{other}")),
            None => self.text("\\"),
        }
        rest.as_str()
    }

    /// What stands behind a percent sign; gives the rest.
    fn percent<'a>(&mut self, behind: &'a str) -> &'a str {
        if let Some(rest) = behind.strip_prefix('%') {
            self.text("%");
            return rest;
        }
        let starts = ["{", "header{", "output{", "time{"];
        let found = starts.iter().find_map(|start| Some((*start, behind.strip_prefix(start)?)));
        let Some((start, inside)) = found else {
            self.text("%");
            return behind;
        };
        let Some((content, rest)) = braced(inside) else {
            self.text("%");
            self.text(start);
            return inside;
        };
        self.0.push(match start {
            "{" => named(&content),
            "header{" => header(&content),
            "output{" => output(&content),
            _ => FormatPiece::Time(content),
        });
        rest
    }
}

/// The text up to `}`, where `\}` stands for a brace inside it, and what follows.
fn braced(text: &str) -> Option<(String, &str)> {
    let mut content = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '}' => return Some((content, characters.as_str())),
            '\\' if characters.as_str().starts_with('}') => {
                content.push('}');
                characters.next();
            }
            other => content.push(other),
        }
    }
    None
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

fn header(content: &str) -> FormatPiece {
    match content.split_once(":all:") {
        Some((name, separator)) => {
            FormatPiece::Header { name: name.to_owned(), separator: Some(separator.to_owned()) }
        }
        None => FormatPiece::Header { name: content.to_owned(), separator: None },
    }
}

fn output(content: &str) -> FormatPiece {
    match content.strip_prefix(">>") {
        Some(path) => FormatPiece::Output { path: path.to_owned(), appends: true },
        None => FormatPiece::Output { path: content.to_owned(), appends: false },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> FormatPiece {
        FormatPiece::Text(text.to_owned())
    }

    #[test]
    fn formats_are_taken_apart() {
        let parse = |text: &str| Format::parse(text).0;
        assert_eq!(parse(r"a\tb\n\q\"), [text("a\tb\n\\q\\")]);
        assert_eq!(parse("100%% %x %{no end %"), [text("100% %x %{no end %")]);
        assert_eq!(parse("%{nosuch}"), [FormatPiece::Unknown("nosuch".into())]);
        let known = parse("<%{http_code}>");
        assert!(
            matches!(&known[..], [_, FormatPiece::Variable(variable), _] if variable.name == "http_code")
        );
        let separator = Some("-{}-".to_owned());
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
