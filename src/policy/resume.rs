//! Whether a representation received in part can be resumed, so that
//! parts of different ones never come together (RFC 9110 §13.1.5, §15.3.7).

use std::rc::Rc;

use crate::http::content_range::ContentRange;
use crate::http::date;
use crate::http::framing::{Framed, Framing};
use crate::http::response::ResponseHead;
use crate::http::uri::Uri;

/// How much later than Last-Modified a response must be dated, in seconds, for the
/// former to tell one state from another (RFC 9110 §8.8.2.2).
const SETTLED: i64 = 1;

/// A representation that has begun to come.
#[derive(Clone, Debug)]
pub(crate) struct Begun {
    /// The URL that the content came from.
    uri: Rc<Uri>,
    /// What tells it from others.
    validator: Option<StrongValidator>,
    /// How many bytes it has, where that is known.
    total: Option<u64>,
}

/// A strong validator (RFC 9110 §8.8.1).
#[derive(Clone, Debug, PartialEq, Eq)]
enum StrongValidator {
    EntityTag(Vec<u8>),
    LastModified(Vec<u8>),
}

/// What a response to the request for the rest brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Brings {
    /// The rest: so many bytes.
    Rest(u64),
    /// All of the representation, in the state that it has now.
    Whole,
    /// Neither.
    Nothing,
}

impl Begun {
    /// The representation that a response from `uri` with this head begins.
    /// `None` where it is not the whole one.
    pub(crate) fn of(uri: &Rc<Uri>, head: &ResponseHead, framed: Framed) -> Option<Self> {
        let total = match framed.framing {
            Framing::Length(length) => Some(length),
            _ => None,
        };
        (head.status() == 200).then(|| Self { uri: Rc::clone(uri), validator: validator(head), total })
    }

    /// The representation that a response from `uri` brings a part of; `known`: what
    /// the parts before have told of it.
    pub(crate) fn of_part(
        uri: &Rc<Uri>,
        head: &ResponseHead,
        total: Option<u64>,
        known: Option<&Self>,
    ) -> Self {
        let validator = validator(head).or_else(|| known?.validator.clone());
        Self { uri: Rc::clone(uri), validator, total: total.or_else(|| known?.total) }
    }

    /// The value of If-Range that requests the rest of this very representation;
    /// `None` where nothing tells it from others.
    pub(crate) fn if_range(&self) -> Option<&[u8]> {
        match self.validator.as_ref()? {
            StrongValidator::EntityTag(value) | StrongValidator::LastModified(value) => Some(value),
        }
    }

    /// What the response with this head brings, the first `offset` bytes being there.
    pub(crate) fn continued(&self, offset: u64, uri: &Uri, head: &ResponseHead, framed: Framed) -> Brings {
        match head.status() {
            200 | 203 => return Brings::Whole,
            206 => {}
            _ => return Brings::Nothing,
        }
        let range = ContentRange::of(&head.fields);
        let Some(ContentRange::Part { first, last, total }) = range else { return Brings::Nothing };
        let length = last - first + 1;
        let is_rest = first == offset && total.is_none_or(|total| total - 1 == last);
        let fits_framing = !matches!(framed.framing, Framing::Length(other) if other != length);
        let is_end = self.total.is_none_or(|known| known.checked_sub(1) == Some(last));
        let fits_total = is_end && self.has_room_for(last, total);
        if is_rest && fits_framing && fits_total && self.is_same(uri, head) {
            Brings::Rest(length)
        } else {
            Brings::Nothing
        }
    }

    /// Whether a 206 from `uri` is of this representation. A server repeats its
    /// entity tag there (RFC 9110 §15.3.7), and may leave the date out. What
    /// follows the path in a URL may be a signature, another each time.
    pub(crate) fn is_same(&self, uri: &Uri, head: &ResponseHead) -> bool {
        let is_same_place = self.uri.scheme == uri.scheme
            && self.uri.authority() == uri.authority()
            && self.uri.path() == uri.path();
        let is_same_state = match &self.validator {
            Some(StrongValidator::EntityTag(tag)) => head.fields.value("etag") == Some(tag),
            Some(StrongValidator::LastModified(date)) => {
                head.fields.value("last-modified").is_none_or(|value| value == date)
            }
            None => true,
        };
        is_same_place && is_same_state
    }

    /// Whether a part that ends with byte `last` is known to leave some of it out.
    pub(crate) fn is_short(&self, last: u64) -> bool {
        self.total.is_some_and(|total| last < total.saturating_sub(1))
    }

    /// Whether content that is framed so can be all of this representation, by its length.
    pub(crate) fn has_length_of(&self, framed: Framed) -> bool {
        !matches!((self.total, framed.framing), (Some(known), Framing::Length(length)) if length != known)
    }

    /// Whether a part of a representation of `total` bytes that ends with byte
    /// `last` can be of this one, by their lengths.
    pub(crate) fn has_room_for(&self, last: u64, total: Option<u64>) -> bool {
        let Some(known) = self.total else { return true };
        last < known && total.is_none_or(|total| total == known)
    }
}

/// The strong validator of a response, if it has one.
fn validator(head: &ResponseHead) -> Option<StrongValidator> {
    if let Some(tag) = head.fields.value("etag") {
        return is_strong(tag).then(|| StrongValidator::EntityTag(tag.to_vec()));
    }
    let modified = head.fields.value("last-modified")?;
    let seconds = |value| date::parse(value).map(|date| date.seconds);
    let age = seconds(head.fields.value("date")?)?.saturating_sub(seconds(modified)?);
    (age >= SETTLED).then(|| StrongValidator::LastModified(modified.to_vec()))
}

/// Whether `tag` is an entity tag that is not weak (RFC 9110 §8.8.3).
fn is_strong(tag: &[u8]) -> bool {
    let inner = tag.strip_prefix(b"\"").and_then(|tag| tag.strip_suffix(b"\""));
    inner.is_some_and(|inner| inner.iter().all(|&byte| byte > b' ' && byte != b'"' && byte != 0x7F))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::framing::response_framing;
    use crate::http::response::parse_head;
    use crate::http::uri::Scheme;

    fn uri(text: &str) -> Uri {
        Uri::parse(text.as_bytes(), Scheme::Http).expect("a URL")
    }

    fn response(lines: &str) -> (ResponseHead, Framed) {
        let raw = format!("HTTP/1.1 {}\r\n\r\n", lines.replace('|', "\r\n"));
        let head = parse_head(raw.as_bytes()).expect("no problem").expect("a head").1;
        let framed = response_framing(b"GET", &head);
        (head, framed)
    }

    fn begun(lines: &str) -> Option<Begun> {
        let (head, framed) = response(lines);
        Begun::of(&Rc::new(uri("http://h/a?x=1")), &head, framed)
    }

    fn if_range(lines: &str) -> Option<String> {
        begun(lines)?.if_range().map(|value| String::from_utf8_lossy(value).into_owned())
    }

    const DATED: &str = "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT";

    #[test]
    fn only_strong_validators_are_relied_on() {
        assert_eq!(if_range("200 OK|ETag: \"a\"").as_deref(), Some("\"a\""));
        for weak in ["W/\"a\"", "a", "\"a", "\"a b\"", "\"a\"b\"", "\""] {
            assert_eq!(if_range(&format!("200 OK|ETag: {weak}")), None, "{weak}");
        }
        assert_eq!(if_range(&format!("200 OK|{DATED}")), None);
        assert_eq!(if_range(&format!("200 OK|{DATED}|Date: Sun, 06 Nov 1994 08:49:37 GMT")), None);
        assert_eq!(
            if_range(&format!("200 OK|{DATED}|Date: Sun, 06 Nov 1994 08:49:38 GMT")).as_deref(),
            Some("Sun, 06 Nov 1994 08:49:37 GMT")
        );
        // A weak tag says that the date is not to be relied on either.
        assert_eq!(
            if_range(&format!("200 OK|ETag: W/\"a\"|{DATED}|Date: Mon, 07 Nov 1994 08:49:38 GMT")),
            None
        );
        assert!(begun("206 Partial|Content-Range: bytes 0-4/10").is_none());
    }

    #[test]
    fn parts_of_one_representation_alone_come_together() {
        let begun = begun("200 OK|ETag: \"a\"|Content-Length: 10").expect("begun");
        let brings = |url: &str, lines: &str| {
            let (head, framed) = response(lines);
            begun.continued(4, &uri(url), &head, framed)
        };
        let here = "http://h/a?x=2";
        let part = "206 Partial|ETag: \"a\"|Content-Range: bytes 4-9/10";
        assert_eq!(brings(here, &format!("{part}|Content-Length: 6")), Brings::Rest(6));
        assert_eq!(brings(here, &format!("{part}|Transfer-Encoding: chunked")), Brings::Rest(6));
        assert_eq!(brings(here, "206 P|ETag: \"a\"|Content-Range: bytes 4-9/*"), Brings::Rest(6));
        assert_eq!(brings(here, "200 OK|ETag: \"b\"|Content-Length: 7"), Brings::Whole);
        for wrong in [
            "206 P|ETag: \"b\"|Content-Range: bytes 4-9/10",
            "206 P|Content-Range: bytes 4-9/10",
            "206 P|ETag: \"a\"|Content-Range: bytes 3-9/10",
            "206 P|ETag: \"a\"|Content-Range: bytes 4-8/10",
            "206 P|ETag: \"a\"|Content-Range: bytes 4-10/11",
            "206 P|ETag: \"a\"|Content-Range: bytes 4-9/10|Content-Length: 5",
            "206 P|ETag: \"a\"",
            "416 No|Content-Range: bytes */10",
            "404 No|ETag: \"a\"",
            "204 No|ETag: \"a\"",
        ] {
            assert_eq!(brings(here, wrong), Brings::Nothing, "{wrong}");
        }
        for elsewhere in ["http://h/b", "http://h:81/a", "http://other/a"] {
            assert_eq!(brings(elsewhere, part), Brings::Nothing, "{elsewhere}");
        }
    }
}
