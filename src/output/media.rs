//! What a body is, as far as printing it goes: text or not, and where it may
//! declare its charset.

use encoding_rs::Encoding;

use super::escape::one_line;
use crate::charset::{Declared, Markup, encoding, file_name_to_text};
use crate::http::field::FieldSection;
use crate::http::media_type::without_parameters;
use crate::http::parameter::parameter;
use crate::http::syntax::is_same_name;

/// The types under application/ that are text without saying so by a suffix.
const TEXTUAL: [&str; 13] = [
    "json",
    "javascript",
    "x-javascript",
    "ecmascript",
    "xml",
    "xml-dtd",
    "x-www-form-urlencoded",
    "x-ndjson",
    "ndjson",
    "jsonl",
    "graphql",
    "yaml",
    "toml",
];

/// The types under application/ that are JSON texts, a line each.
const JSON_LINES: [&str; 5] = ["x-ndjson", "ndjson", "jsonl", "x-jsonlines", "json-lines"];

/// What Content-Type says of a body.
#[derive(Clone, Copy)]
pub(crate) struct Media {
    /// There is a type, malformed though it may be.
    pub(super) is_named: bool,
    may_be_text: bool,
    is_json_lines: bool,
    declared: Declared,
}

impl Media {
    /// Reads the first Content-Type line.
    pub(crate) fn of(fields: &FieldSection) -> Self {
        let value = fields.value("content-type").unwrap_or_default();
        let name = without_parameters(value);
        let label = if name.len() < value.len() { parameter(value, "charset") } else { None };
        let mut media = Self::of_type(name);
        media.declared.parameter = label.and_then(|label| encoding(&label));
        media
    }

    /// What the media type `name` tells; an empty one counts as none.
    fn of_type(name: &[u8]) -> Self {
        let is = |other: &str| is_same_name(name, other.as_bytes());
        let ends = |end: &str| is_same_name(&name[name.len().saturating_sub(end.len())..], end.as_bytes());
        let subtype = name.iter().position(|&byte| byte == b'/').map(|slash| name.split_at(slash + 1));
        let is_one_of = |types: &[&str]| {
            subtype.is_some_and(|(kind, subtype)| {
                let is = |known: &&str| is_same_name(subtype, known.as_bytes());
                is_same_name(kind, b"application/") && types.iter().any(is)
            })
        };
        let markup = match () {
            () if is("text/html") => Markup::Html,
            () if name.is_empty() => Markup::Unnamed,
            () if is("text/css") => Markup::Css,
            () if ends("/xml") || ends("+xml") => Markup::Xml,
            () => Markup::Other,
        };
        let json = ends("/json") || ends("+json");
        let is_json_lines = is_one_of(&JSON_LINES);
        let is_text = |(kind, _)| is_same_name(kind, b"text/") || ends("+json") || ends("+xml");
        Self {
            is_named: !name.is_empty(),
            may_be_text: subtype.is_none_or(is_text) || is_one_of(&TEXTUAL),
            is_json_lines,
            declared: Declared {
                option: None,
                parameter: None,
                markup,
                json,
                // An event stream is UTF-8 even if a parameter names another charset (WHATWG HTML §9.2.5).
                is_utf8: json || is_json_lines || is("text/event-stream"),
            },
        }
    }

    /// Whether the body is text, as far as its type tells: none, and one that is
    /// malformed, tell nothing. Where no charset is declared, the body's first bytes
    /// may still say otherwise.
    pub(crate) fn may_be_text(self) -> bool {
        self.may_be_text
    }

    /// What is said of the body's charset outside of it; `option` is the user's.
    pub(crate) fn declared(self, option: Option<&'static Encoding>) -> Declared {
        Declared { option, ..self.declared }
    }

    /// `name` from Content-Disposition as text, by the charset of Content-Type.
    pub(crate) fn file_name(self, name: &[u8]) -> String {
        file_name_to_text(name, self.declared.parameter)
    }

    /// Whether the body is JSON.
    pub(super) fn is_json(self) -> bool {
        self.declared.json
    }

    /// Whether the body is JSON texts, a line each.
    pub(super) fn is_json_lines(self) -> bool {
        self.is_json_lines
    }
}

/// The type of a body with these fields, in harmless words.
pub(super) fn type_name(fields: &FieldSection) -> String {
    match without_parameters(fields.value("content-type").unwrap_or_default()) {
        [] => "unnamed type".to_owned(),
        name => one_line(String::from_utf8_lossy(&name.to_ascii_lowercase()).as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_told_by_type() {
        for name in
            ["text/html", "application/json", "image/svg+xml", "Application/LD+JSON", "TEXT/x", "", "text"]
        {
            assert!(Media::of_type(name.as_bytes()).may_be_text(), "{name}");
        }
        for name in ["application/octet-stream", "image/png", "application/zip", "image/json", "x/+js"] {
            assert!(!Media::of_type(name.as_bytes()).may_be_text(), "{name}");
        }
    }

    #[test]
    fn json_and_markup_are_told_by_type() {
        let of = |name: &str| Media::of_type(name.as_bytes());
        assert!(of("Application/JSON").is_json() && of("x/y+json").is_json() && !of("json").is_json());
        assert!(of("application/X-NDJSON").is_json_lines() && !of("text/ndjson").is_json_lines());
        for (name, markup) in [
            ("Text/HTML", Markup::Html),
            ("text/XML", Markup::Xml),
            ("a/b+xml", Markup::Xml),
            ("Text/CSS", Markup::Css),
            ("xml", Markup::Other),
            ("", Markup::Unnamed),
        ] {
            assert_eq!(of(name).declared(None).markup, markup, "{name}");
        }
    }
}
