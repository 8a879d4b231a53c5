//! Whether a representation received in part can be resumed, so that
//! parts of different ones never come together (RFC 9110 §13.1.5, §15.3.7).

use std::rc::Rc;

use crate::failure;
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
    state: State,
    /// How many bytes it has, where that is known.
    total: Option<u64>,
}

/// What a response says of the state of a representation (RFC 9110 §8.8).
#[derive(Clone, Debug, Default)]
struct State {
    tag: Option<Vec<u8>>,
    modified: Option<Vec<u8>>,
    /// The response is dated so much later that `modified` is a strong validator.
    is_settled: bool,
    /// The content's codings.
    codings: Vec<Vec<u8>>,
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
        (head.status() == 200).then(|| Self { uri: Rc::clone(uri), state: State::of(head), total })
    }

    /// The representation that a response from `uri` brings a part of; `known`: what
    /// the parts before have told of it.
    pub(crate) fn of_part(
        uri: &Rc<Uri>,
        head: &ResponseHead,
        total: Option<u64>,
        known: Option<&Self>,
    ) -> Self {
        let state = State::of(head);
        let state = match known {
            Some(known) if state.strong_validator().is_none() => known.state.clone(),
            _ => state,
        };
        Self { uri: Rc::clone(uri), state, total: total.or_else(|| known?.total) }
    }

    /// The value of If-Range that requests the rest of this very representation;
    /// `None` where nothing tells it from others.
    pub(crate) fn if_range(&self) -> Option<&[u8]> {
        self.state.strong_validator()
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

    /// Whether a 206 from `uri` is of this representation.
    pub(crate) fn is_same(&self, uri: &Uri, head: &ResponseHead) -> bool {
        self.is_at(uri) && self.state.can_be_that_of(head)
    }

    /// Why a part up to byte `last`, which begins where it should, is not of this representation.
    pub(crate) fn objection(
        &self,
        uri: &Uri,
        head: &ResponseHead,
        last: u64,
        total: Option<u64>,
    ) -> Option<String> {
        if !self.is_at(uri) {
            return Some("is from another URL than the earlier part".to_owned());
        }
        if !self.state.can_be_that_of(head) {
            let told = "is part of another representation, by its ETag, Last-Modified or Content-Encoding";
            return Some(told.to_owned());
        }
        let known = self.total.filter(|_| !self.has_room_for(last, total))?;
        Some(format!("is not part of the {} that were announced before", failure::bytes(known)))
    }

    /// Whether `uri` is where it came from. What follows the path in a URL may be a signature,
    /// another each time.
    fn is_at(&self, uri: &Uri) -> bool {
        self.uri.scheme == uri.scheme
            && self.uri.authority() == uri.authority()
            && self.uri.path() == uri.path()
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

impl State {
    fn of(head: &ResponseHead) -> Self {
        let field = |name| head.fields.value(name).map(<[u8]>::to_vec);
        let seconds = |name| head.fields.value(name).and_then(date::parse).map(|date| date.seconds);
        let age = seconds("date")
            .zip(seconds("last-modified"))
            .map(|(date, modified)| date.saturating_sub(modified));
        Self {
            tag: field("etag"),
            modified: field("last-modified"),
            is_settled: age >= Some(SETTLED),
            codings: codings(head),
        }
    }

    /// The strong validator (RFC 9110 §8.8.1). A weak tag says that the date is not to be relied on either.
    fn strong_validator(&self) -> Option<&[u8]> {
        match &self.tag {
            Some(tag) => is_strong(tag).then_some(tag),
            None => self.modified.as_deref().filter(|_| self.is_settled),
        }
    }

    /// Whether the part with this head can be of this state. A server repeats its entity tag there
    /// (RFC 9110 §15.3.7), and may leave the date out; a weak validator that differs tells states
    /// apart, too.
    fn can_be_that_of(&self, part: &ResponseHead) -> bool {
        let opaque = |tag: &[u8]| tag.strip_prefix(b"W/").unwrap_or(tag).to_vec();
        match (&self.tag, part.fields.value("etag")) {
            (Some(known), Some(tag)) if known == tag && is_strong(tag) => return true,
            (Some(known), Some(tag)) if opaque(known) != opaque(tag) => return false,
            (Some(known), None) if is_strong(known) => return false,
            _ => {}
        }
        // The part may leave it out (RFC 9110 §15.3.7), but what was not coded is not so afterwards.
        let is_coded_alike = !part.fields.has("content-encoding") || self.codings == codings(part);
        let modified = self.modified.as_deref().zip(part.fields.value("last-modified"));
        is_coded_alike && modified.is_none_or(|(known, modified)| known == modified)
    }
}

/// The codings of the content with this head, each by its first name (RFC 9110 §8.4.1).
fn codings(head: &ResponseHead) -> Vec<Vec<u8>> {
    let names = head.fields.members("content-encoding").map(<[u8]>::to_ascii_lowercase);
    let names = names.filter(|name| !matches!(&name[..], b"" | b"identity"));
    names.map(|name| name.strip_prefix(b"x-").map_or_else(|| name.clone(), <[u8]>::to_vec)).collect()
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
        for (whole, part, is_rest) in [
            (DATED, "Last-Modified: Mon, 07 Nov 1994 08:49:37 GMT", false),
            (DATED, DATED, true),
            (DATED, "X: y", true),
            ("ETag: W/\"a\"", "ETag: W/\"b\"", false),
            ("ETag: W/\"a\"", "ETag: W/\"a\"", true),
            ("ETag: W/\"a\"", "X: y", true),
            ("ETag: \"a\"", "ETag: W/\"a\"", true),
            ("Content-Encoding: gzip", "X: y", true),
            ("Content-Encoding: x-gzip", "Content-Encoding: GZIP", true),
            ("Content-Encoding: gzip", "Content-Encoding: br", false),
            ("X: y", "Content-Encoding: gzip", false),
            ("X: y", "Content-Encoding: identity", true),
        ] {
            let begun = tests::begun(&format!("200 OK|{whole}")).expect("begun");
            let (head, framed) = response(&format!("206 P|{part}|Content-Range: bytes 4-9/10"));
            let rest = if is_rest { Brings::Rest(6) } else { Brings::Nothing };
            assert_eq!(begun.continued(4, &uri(here), &head, framed), rest, "{whole}, {part}");
        }
        for elsewhere in ["http://h/b", "http://h:81/a", "http://other/a"] {
            assert_eq!(brings(elsewhere, part), Brings::Nothing, "{elsewhere}");
        }
    }
}
