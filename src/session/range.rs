//! Whether a part that came is the one that the request's Range requested
//! (RFC 9110 §14.2, §15.3.7).

use super::verdict::{BodyUse, named_range, response};
use super::{News, Session};
use crate::failure::Failure;
use crate::http::content_range::{ContentRange, Fit};
use crate::http::framing::{Framed, Framing};
use crate::http::media_type::essence;
use crate::http::range::{ByteRange, Range};
use crate::http::request_line::fields;
use crate::http::response::ResponseHead;
use crate::http::uri::Uri;
use crate::plan::PlannedRequest;

impl Session<'_, '_> {
    /// What becomes of content that comes with `head`: all of it is given out, and
    /// a part other than `request` asks for is an error. Several parts are not compared.
    pub(super) fn judge_range(
        &mut self,
        uri: &Uri,
        request: &PlannedRequest,
        head: &ResponseHead,
        framed: Framed,
    ) -> BodyUse {
        if framed.framing == Framing::NoBody {
            return BodyUse::Give(None);
        }
        let asked = match request.has_range {
            true => fields(&request.head).value("range").and_then(Range::parse),
            false => None,
        };
        match (head.status(), asked) {
            (200, Some(Range::Bytes(ranges))) if ranges != [ByteRange::From(0)] => {
                self.tell_range("the server ignored the requested range: it sends all of the content");
                BodyUse::Give(None)
            }
            (206, asked) if !is_multipart(head) => {
                let asked = asked.as_ref().and_then(Range::single);
                self.judge_single(uri, asked, head, framed)
            }
            _ => BodyUse::Give(None),
        }
    }

    /// What becomes of a single part.
    fn judge_single(
        &mut self,
        uri: &Uri,
        asked: Option<ByteRange>,
        head: &ResponseHead,
        framed: Framed,
    ) -> BodyUse {
        let range = ContentRange::of(&head.fields).unwrap_or(ContentRange::Invalid);
        let asked = asked.filter(|_| self.rules.manners.minds_ranges());
        let error = match asked.map(|asked| range.compare(asked)) {
            Some(Fit::Other) => {
                let message = format!(
                    "{} {}, which is not the requested range",
                    response(uri, head),
                    named_range(head)
                );
                Some(Failure::Range.error(message))
            }
            Some(Fit::Shorter) => {
                self.tell_short(head);
                None
            }
            Some(Fit::Whole) | None => None,
        };
        let is_coded = head.transfer_codings.others().next().is_some();
        match range {
            ContentRange::Part { first, last, .. } if !is_coded => {
                let has_more = matches!(framed.framing, Framing::Length(length) if length > last - first + 1);
                match has_more && !self.rules.manners.minds_ranges() {
                    true => BodyUse::Give(None),
                    false => BodyUse::GivePart(last - first + 1, error),
                }
            }
            _ => BodyUse::Give(error),
        }
    }

    /// Tells that the part in `head` is less than was requested.
    pub(super) fn tell_short(&mut self, head: &ResponseHead) {
        self.tell_range(&format!("the server sends less than requested: 206 {}", named_range(head)));
    }

    fn tell_range(&mut self, text: &str) {
        if self.rules.manners.minds_ranges() {
            self.tell(&News::Notice(text));
        }
    }
}

/// Whether several parts come, each with its own Content-Range (RFC 9110 §15.3.7.2).
fn is_multipart(head: &ResponseHead) -> bool {
    let value = head.fields.value("content-type");
    value.is_some_and(|value| essence(value).starts_with(b"multipart/byteranges"))
}
