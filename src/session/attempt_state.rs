//! The attempts at one target, and what of one is of use to the next.

use std::time::Instant;

use super::resending::is_idempotent;
use crate::http::framing::Framed;
use crate::http::response::ResponseHead;
use crate::http::uri::Uri;
use crate::plan::{PlannedRequest, Recipe};
use crate::policy::resume::{Begun, Brings};

/// The attempts at one target.
#[derive(Default)]
pub(super) struct Attempts {
    /// When the first began.
    pub(super) began: Option<Instant>,
    /// How many there were before the one under way.
    pub(super) done: u64,
    /// What of the target the file holds a part of, which can be resumed.
    begun: Option<Begun>,
    /// The offset from which the current one requests the rest.
    from: Option<u64>,
    /// The request can be sent another time.
    pub(super) can_repeat: bool,
    /// The method is idempotent (RFC 9110 §9.2.2), or nothing was sent to the server.
    pub(super) is_idempotent: bool,
    /// Which part of the target is requested is our choice.
    may_ask_for_rest: bool,
    /// What comes is saved byte for byte.
    is_saved_as_is: bool,
}

impl Attempts {
    /// What is sent from now on can be read only once, unless `can_repeat`.
    pub(super) fn can_repeat_if(&mut self, can_repeat: bool) {
        self.can_repeat &= can_repeat;
    }

    /// An attempt begins; `can_repeat`: it need not be the last.
    pub(super) fn begin(&mut self, can_repeat: bool) {
        self.began.get_or_insert_with(Instant::now);
        self.can_repeat = can_repeat;
    }

    /// This request is to be sent.
    pub(super) fn sends(&mut self, recipe: &Recipe, request: &PlannedRequest) {
        self.is_idempotent = is_idempotent(&request.method);
        self.may_ask_for_rest = *request.method == *b"GET" && !request.is_raw && recipe.leaves_range();
    }

    /// There was no way to the server, so that it cannot have acted on the request.
    pub(super) fn has_sent_nothing(&mut self) {
        self.is_idempotent = true;
    }

    /// What is saved from now on is `begun`; `is_saved_as_is`: byte for byte.
    pub(super) fn has_begun(&mut self, begun: impl FnOnce() -> Option<Begun>, is_saved_as_is: bool) {
        self.begun = if self.may_ask_for_rest { begun() } else { None };
        self.is_saved_as_is = is_saved_as_is;
    }

    /// Nothing is of use to the next attempt.
    pub(super) fn forget(&mut self) {
        (self.begun, self.from, self.is_saved_as_is) = (None, None, false);
    }

    /// Another attempt follows this one, which has saved so many bytes; whether it is to request
    /// the rest: where they are the target's as they are, and a strong ETag or a date tells it from other
    /// states of the target.
    pub(super) fn goes_on_behind(&mut self, saved: Option<u64>) -> bool {
        let saved = self.as_it_is(saved);
        self.from = saved.filter(|&saved| saved > 0 && self.if_range().is_some());
        if self.from.is_none() {
            self.forget();
        }
        self.from.is_some()
    }

    /// The bytes that were saved, where they are the target's as they are.
    pub(super) fn as_it_is(&self, saved: Option<u64>) -> Option<u64> {
        saved.filter(|_| self.is_saved_as_is)
    }

    /// The offset from which the current attempt requests the rest, because of those before.
    pub(super) fn resumes_at(&self) -> Option<u64> {
        self.from
    }

    /// The value of If-Range for it.
    pub(super) fn if_range(&self) -> Option<Vec<u8>> {
        self.begun.as_ref().and_then(Begun::if_range).map(<[u8]>::to_vec)
    }

    /// What of the target the file holds a part of.
    pub(super) fn begun(&self) -> Option<&Begun> {
        self.begun.as_ref()
    }

    /// What the response to it brings.
    pub(super) fn brings(&self, offset: u64, uri: &Uri, head: &ResponseHead, framed: Framed) -> Brings {
        self.begun.as_ref().map_or(Brings::Whole, |begun| begun.continued(offset, uri, head, framed))
    }
}
