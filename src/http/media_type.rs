//! Media types (RFC 9110 §8.3.1) and the parameters behind a value (§5.6.6).

use super::parameter::{self, Parameter};
use super::syntax::{token_len, trim_ows};

/// A media type that matches its grammar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaType {
    /// `type/subtype`, lower-cased.
    pub essence: Vec<u8>,
    parameters: Vec<(Vec<u8>, Vec<u8>)>,
}

impl MediaType {
    /// Reads the value of a Content-Type line; `None` where it is no media type.
    pub fn parse(value: &[u8]) -> Option<Self> {
        let main = token_len(value);
        let rest = value[main..].strip_prefix(b"/")?;
        let sub = token_len(rest);
        if main == 0 || sub == 0 {
            return None;
        }
        let essence = value[..main + 1 + sub].to_ascii_lowercase();
        Some(Self { essence, parameters: parameters(&rest[sub..])? })
    }

    /// The value of the first parameter `name`, quotes removed.
    pub fn parameter(&self, name: &str) -> Option<&[u8]> {
        let found = self.parameters.iter().find(|(key, _)| key.eq_ignore_ascii_case(name.as_bytes()))?;
        Some(&found.1)
    }

    /// Whether type and subtype are `essence`, which is in lower case.
    pub fn is(&self, essence: &str) -> bool {
        self.essence == essence.as_bytes()
    }

    /// Whether the type is `application/json`, or another one in JSON's syntax.
    pub fn is_json(&self) -> bool {
        self.is("application/json") || self.essence.ends_with(b"+json")
    }

    /// Whether it says that the content is made of parts.
    pub fn is_multipart(&self) -> bool {
        self.essence.starts_with(b"multipart/")
    }

    /// The boundary between the parts of multipart content (RFC 2046 §5.1.1).
    pub fn boundary(&self) -> Option<&[u8]> {
        self.parameter("boundary").filter(|boundary| self.is_multipart() && !boundary.is_empty())
    }

    /// Whether it says that the content is text with a charset.
    pub fn is_textual(&self) -> bool {
        is_textual(&self.essence)
    }
}

/// What stands before the parameters of a Content-Type, whether it is a media type or not.
pub fn without_parameters(value: &[u8]) -> &[u8] {
    let end = value.iter().position(|&byte| byte == b';').unwrap_or(value.len());
    trim_ows(&value[..end])
}

/// [`without_parameters`], lower-cased.
pub fn essence(value: &[u8]) -> Vec<u8> {
    without_parameters(value).to_ascii_lowercase()
}

/// Whether content of this type, in lower case, is text with a charset.
pub fn is_textual(essence: &[u8]) -> bool {
    essence.starts_with(b"text/")
        || essence.ends_with(b"+xml")
        || essence.ends_with(b"+json")
        || matches!(essence, b"application/json" | b"application/javascript" | b"application/xml")
}

/// Reads `*( OWS ";" OWS [ token "=" ( token / quoted-string ) ] )`, values
/// without their quotes.
fn parameters(text: &[u8]) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
    let text = trim_ows(text);
    let is_strict = |found: &Parameter<'_>| found.is_valid() && found.value.is_some() && !found.is_spaced;
    let begins = text.is_empty() || text.starts_with(b";");
    let read = |found: Parameter<'_>| is_strict(&found).then(|| (found.name.to_vec(), found.text()));
    parameter::parameters(text).map(read).collect::<Option<_>>().filter(|_| begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_known_whatever_its_case() {
        let html = MediaType::parse(b"Text/HTML ;;charset=\"UTF-8\"; Charset=x ; ").expect("a media type");
        assert!(html.is("text/html") && html.is_textual() && !html.is_json());
        assert_eq!(html.parameter("CHARSET"), Some(&b"UTF-8"[..]));
        assert_eq!(html.parameter("boundary"), None);
        for text in ["application/json", "application/ld+json", "image/svg+xml", "application/xml", "text/x"]
        {
            assert!(MediaType::parse(text.as_bytes()).expect("a media type").is_textual(), "{text}");
        }
        assert!(!MediaType::parse(b"application/json5").expect("a media type").is_textual());
    }

    #[test]
    fn what_does_not_match_is_none() {
        for text in [
            "",
            "html",
            "/html",
            "text/",
            "text /html",
            "text/html charset=x",
            "text/html; charset",
            "text/html; charset=",
            "text/html; charset = x",
            "text/html; a=b c",
            "text/html; a=\"b",
            "text/html, text/plain",
        ] {
            assert_eq!(MediaType::parse(text.as_bytes()), None, "{text}");
        }
    }
}
