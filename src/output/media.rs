//! What a body is, as far as printing it goes: text or not, and where it may
//! declare its charset.

use encoding_rs::Encoding;

use crate::charset::{Declared, Markup};
use crate::http::field::FieldSection;
use crate::http::syntax::{parameter, trim_ows};

/// How much of a body is looked at to tell text from other bytes (WHATWG MIME
/// Sniffing, "resource header").
pub(crate) const SNIFF_LENGTH: usize = 1445;

/// The types under application/ that are text without saying so by a suffix.
const TEXTUAL: [&str; 12] = [
    "json",
    "javascript",
    "x-javascript",
    "ecmascript",
    "xml",
    "xml-dtd",
    "x-www-form-urlencoded",
    "x-ndjson",
    "ndjson",
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
        let essence = value.map(|value| {
            let end = value.iter().position(|&byte| byte == b';').unwrap_or(value.len());
            String::from_utf8_lossy(trim_ows(&value[..end])).to_ascii_lowercase()
        });
        let essence = essence.filter(|essence| !essence.is_empty());
        Self { essence, charset: value.and_then(|value| parameter(value, "charset")) }
    }

    /// Whether the body is text; `first` are its first bytes, which decide where
    /// there is no type.
    pub(crate) fn is_text(&self, first: &[u8]) -> bool {
        let Some(essence) = &self.essence else { return !has_binary(first) };
        let Some((kind, subtype)) = essence.split_once('/') else { return !has_binary(first) };
        kind == "text"
            || subtype.ends_with("+json")
            || subtype.ends_with("+xml")
            || kind == "application" && TEXTUAL.contains(&subtype)
    }

    /// Whether the body can turn out to be text once its first bytes are known.
    pub(crate) fn may_be_text(&self) -> bool {
        self.is_text(&[])
    }

    /// Where the body may declare its charset by itself.
    fn markup(&self) -> Markup {
        match self.essence.as_deref() {
            Some("text/html" | "application/xhtml+xml") => Markup::Html,
            Some(essence) if essence.ends_with("/xml") || essence.ends_with("+xml") => Markup::Xml,
            _ => Markup::Other,
        }
    }

    /// What is said of the body's charset outside of it; `option` is the user's.
    pub(crate) fn declared(&self, option: Option<&'static Encoding>) -> Declared<'_> {
        Declared { option, parameter: self.charset.as_deref(), markup: self.markup(), json: self.is_json() }
    }

    /// Whether the body is JSON.
    fn is_json(&self) -> bool {
        self.essence
            .as_deref()
            .is_some_and(|essence| essence.ends_with("/json") || essence.ends_with("+json"))
    }
}

/// Whether `bytes` hold a binary data byte (WHATWG MIME Sniffing).
fn has_binary(bytes: &[u8]) -> bool {
    let is_utf_16 = bytes.starts_with(b"\xFE\xFF") || bytes.starts_with(b"\xFF\xFE");
    let looked_at = &bytes[..bytes.len().min(SNIFF_LENGTH)];
    !is_utf_16 && looked_at.iter().any(|byte| matches!(byte, 0..=8 | 0x0B | 0x0E..=0x1A | 0x1C..=0x1F))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn media(essence: &str) -> Media {
        Media { essence: Some(essence.to_owned()).filter(|essence| !essence.is_empty()), charset: None }
    }

    #[test]
    fn text_is_told_by_type_and_without_one_by_bytes() {
        for essence in ["text/html", "application/json", "image/svg+xml", "application/ld+json"] {
            assert!(media(essence).is_text(b"\0"), "{essence}");
        }
        for essence in ["application/octet-stream", "image/png", "application/zip"] {
            assert!(!media(essence).is_text(b"abc"), "{essence}");
        }
        assert!(media("").is_text(b"abc\x1b"));
        assert!(media("").is_text(b"\xFF\xFEa\0"));
        assert!(!media("").is_text(b"abc\0"));
    }
}
