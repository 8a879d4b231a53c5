//! What a body is, as far as printing it goes: text or not, and where it may
//! declare its charset.

use encoding_rs::Encoding;

use crate::charset::{Declared, Markup};
use crate::http::field::FieldSection;
use crate::http::media_type::essence;
use crate::http::syntax::parameter;

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

/// What Content-Type says of a body.
pub(crate) struct Media {
    /// type/subtype in lower case; `None` where there is none.
    pub(crate) essence: Option<String>,
    /// The charset parameter, unquoted.
    pub(crate) charset: Option<Vec<u8>>,
}

impl Media {
    /// Reads the first Content-Type line.
    pub(crate) fn of(fields: &FieldSection) -> Self {
        let value = fields.value("content-type");
        let essence = value.map(|value| text(essence(value)));
        let essence = essence.filter(|essence| !essence.is_empty());
        Self { essence, charset: value.and_then(|value| parameter(value, "charset")) }
    }

    /// Whether the body is text, as far as its type tells: none, and one that is
    /// malformed, tell nothing. Where no charset is declared, the body's first bytes
    /// may still say otherwise.
    pub(crate) fn may_be_text(&self) -> bool {
        let essence = self.essence.as_deref().unwrap_or_default();
        if essence.starts_with("text/") {
            return true;
        }
        let Some((kind, subtype)) = essence.split_once('/') else { return true };
        subtype.ends_with("+json")
            || subtype.ends_with("+xml")
            || kind == "application" && TEXTUAL.contains(&subtype)
    }

    /// Where the body may declare its charset by itself.
    fn markup(&self) -> Markup {
        match self.essence.as_deref() {
            Some("text/html") => Markup::Html,
            Some(essence) if essence.ends_with("/xml") || essence.ends_with("+xml") => Markup::Xml,
            _ => Markup::Other,
        }
    }

    /// What is said of the body's charset outside of it; `option` is the user's.
    pub(crate) fn declared(&self, option: Option<&'static Encoding>) -> Declared<'_> {
        let (json, parameter) = (self.is_json(), self.charset.as_deref());
        let is_utf8 = json || self.is_json_lines() || self.is_event_stream();
        Declared { option, parameter, markup: self.markup(), json, is_utf8 }
    }

    /// Whether the body is JSON.
    pub(super) fn is_json(&self) -> bool {
        self.essence
            .as_deref()
            .is_some_and(|essence| essence.ends_with("/json") || essence.ends_with("+json"))
    }

    /// Whether the body is a stream of events, which is UTF-8 whatever is said of it (WHATWG HTML §9.2.5).
    fn is_event_stream(&self) -> bool {
        self.essence.as_deref() == Some("text/event-stream")
    }

    /// Whether the body is JSON texts, a line each.
    pub(super) fn is_json_lines(&self) -> bool {
        let subtype = self.essence.as_deref().and_then(|essence| essence.strip_prefix("application/"));
        subtype.is_some_and(|subtype| {
            ["x-ndjson", "ndjson", "jsonl", "x-jsonlines", "json-lines"].contains(&subtype)
        })
    }
}

/// `bytes` as text, with replacement characters for invalid bytes.
fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn media(essence: &str) -> Media {
        Media { essence: Some(essence.to_owned()).filter(|essence| !essence.is_empty()), charset: None }
    }

    #[test]
    fn text_is_told_by_type() {
        for essence in ["text/html", "application/json", "image/svg+xml", "application/ld+json", "", "text"] {
            assert!(media(essence).may_be_text(), "{essence}");
        }
        for essence in ["application/octet-stream", "image/png", "application/zip"] {
            assert!(!media(essence).may_be_text(), "{essence}");
        }
    }
}
