//! The fields that go out unless the user says otherwise, and how the content
//! goes: what curl sends, in curl's order.

use std::ffi::OsString;

use super::body::ContentSource;
use super::condition::Condition;
use super::planned::Expectation;
use super::range::range_field;
use super::recipe::{Recipe, TRANSFER_CODING};
use crate::chance;
use crate::coding;
use crate::http::base64;
use crate::http::request::{DefaultField, UserField};
use crate::http::syntax::list_members;
use crate::http::websocket::handshake;
use crate::policy::Hop;

/// Most bytes of content that are sent without asking the server first: curl's number.
const UNASKED: u64 = 1024 * 1024;

impl Recipe {
    /// Whether the server is asked before the content is sent.
    pub(super) fn expectation(
        &self,
        user: &[UserField],
        plan: &BodyPlan<'_>,
        expects_nothing: bool,
    ) -> Expectation {
        let own = user.iter().find(|field| field.is("expect"));
        let is_large = plan.length.is_none_or(|length| length > UNASKED);
        match own {
            Some(field) if field.value().eq_ignore_ascii_case(b"100-continue") => Expectation::Users,
            Some(_) => Expectation::None,
            None if plan.body.is_none() || plan.withholds || self.options.bare => Expectation::None,
            None if is_large && !self.options.http1_0 && !expects_nothing => Expectation::Ours,
            None => Expectation::None,
        }
    }

    /// The fields that are sent unless the user says otherwise, in curl's order: none with `--bare`.
    pub(super) fn default_fields(&self, hop: &Hop, plan: &BodyPlan<'_>, own: Own) -> Vec<DefaultField> {
        let mut fields = Vec::new();
        if !self.options.bare {
            let expectation = own.expectation;
            self.push_first(&mut fields, hop, plan, own);
            plan.push_fields(&mut fields, expectation);
            self.push_connection_fields(&mut fields, hop);
        }
        fields
    }

    /// The fields that are sent before the user's own.
    fn push_first(&self, fields: &mut Vec<DefaultField>, hop: &Hop, plan: &BodyPlan<'_>, own: Own) {
        let agent = agent(self.options.user_agent.as_ref());
        let codings = self.options.compressed.then(coding::accept_encoding).flatten();
        let referer = hop.referer.as_deref().or(self.referer.as_deref());
        let mut push = |name, value: Option<Vec<u8>>| {
            fields.extend(value.map(|value| DefaultField::new(name, value)));
        };
        push("Host", Some(hop.uri.authority().into()));
        push("Proxy-Authorization", own.proxy_authorization);
        push("Authorization", own.authorization);
        push("Content-Range", self.resent_part(plan));
        if let Some(DefaultField { name, value, .. }) = self.range(plan, own.resume) {
            push(name, Some(value));
        }
        push("User-Agent", given(agent));
        push("Accept", given(b"*/*"));
        push("TE", self.options.tr_encoding.then(|| TRANSFER_CODING.to_vec()));
        push("Accept-Encoding", codings.map(String::into_bytes));
        push("Referer", referer.and_then(given));
        push("Proxy-Connection", own.is_forwarded.then(|| b"Keep-Alive".to_vec()));
        push("Transfer-Encoding", plan.is_chunked.then(|| b"chunked".to_vec()));
        push("Cookie", own.cookies);
        push("If-None-Match", self.if_none_match.clone());
        if let Some((name, value)) = self.condition.map(Condition::field) {
            push(name, Some(value.into()));
        }
        push("If-Range", own.if_range);
    }

    /// The value of Content-Range, where `-C` sends a part of an upload.
    fn resent_part(&self, plan: &BodyPlan<'_>) -> Option<Vec<u8>> {
        let (offset, length) = self.resent.filter(|_| plan.body.is_some())?;
        Some(format!("bytes {offset}-{}/{length}", length.saturating_sub(1)).into())
    }

    /// The field for `--range`, or for a download that is resumed. Like curl, it sends none with a
    /// form.
    fn range(&self, plan: &BodyPlan<'_>, resume: Option<u64>) -> Option<DefaultField> {
        let resume = resume.map(|offset| OsString::from(format!("{offset}-")));
        let is_form = matches!(plan.body, Some(ContentSource::Form(_)));
        let range = self.options.range.as_ref().or(resume.as_ref()).filter(|_| !is_form)?;
        Some(range_field(range, plan.body.map(|_| plan.length)))
    }

    /// What is said of the connection, behind all other fields.
    fn push_connection_fields(&self, fields: &mut Vec<DefaultField>, hop: &Hop) {
        if hop.uri.scheme.is_websocket() {
            return self.push_handshake(fields);
        }
        let connection = match (self.keep_alive, self.options.tr_encoding) {
            (true, false) => return,
            (true, true) => "TE",
            (false, false) => "close",
            (false, true) => "close, TE",
        };
        fields.push(DefaultField::last("Connection", connection));
    }

    /// The fields that request WebSocket (RFC 6455 §4.1), in curl's order.
    fn push_handshake(&self, fields: &mut Vec<DefaultField>) {
        fields.push(DefaultField::last("Upgrade", "websocket"));
        fields.push(DefaultField::last("Sec-WebSocket-Version", handshake::VERSION));
        fields.push(DefaultField::last("Sec-WebSocket-Key", base64::encode(&chance::bytes::<16>())));
        if let Some(offer) = coding::permessage_deflate::OFFER.filter(|_| self.options.compressed) {
            fields.push(DefaultField::last("Sec-WebSocket-Extensions", offer));
        }
        let connection = if self.options.tr_encoding { "Upgrade, TE" } else { "Upgrade" };
        fields.push(DefaultField::last("Connection", connection));
    }
}

/// What one request alone has.
pub(super) struct Own {
    /// The value of Proxy-Authorization.
    pub(super) proxy_authorization: Option<Vec<u8>>,
    /// The value of Authorization.
    pub(super) authorization: Option<Vec<u8>>,
    /// A proxy passes the request on.
    pub(super) is_forwarded: bool,
    /// The value of Cookie.
    pub(super) cookies: Option<Vec<u8>>,
    /// From which byte on the target is requested.
    pub(super) resume: Option<u64>,
    /// The value of If-Range.
    pub(super) if_range: Option<Vec<u8>>,
    /// Whether the server is asked before the content is sent.
    pub(super) expectation: Expectation,
}

/// What decides whether content is chunked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChunkingWish {
    /// An option has it chunked.
    Given,
    /// The fields of the user decide, and without any the content's length.
    ByFields,
    /// It is never chunked, since `--bare` adds nothing.
    Bare,
}

/// How a request carries its content.
pub(super) struct BodyPlan<'a> {
    body: Option<&'a ContentSource>,
    length: Option<u64>,
    pub(super) is_chunked: bool,
    withholds: bool,
}

impl<'a> BodyPlan<'a> {
    /// Content is chunked as `chunking` says. [`ChunkingWish::ByFields`]: it is chunked where a field
    /// asks for it, and where its length is unknown and no field of the user's says otherwise.
    pub(super) fn new(
        body: Option<&'a ContentSource>,
        user: &[UserField],
        withholds: bool,
        chunking: ChunkingWish,
    ) -> Self {
        let length = body.and_then(ContentSource::length);
        let says_framing = |field: &UserField| match field {
            UserField::Line(_) => field.is("content-length"),
            UserField::Remove(_) => field.is("content-length") || field.is("transfer-encoding"),
        };
        let is_open = length.is_none() && !user.iter().any(says_framing);
        let is_chunked = !withholds
            && body.is_some()
            && match chunking {
                ChunkingWish::Given => true,
                ChunkingWish::ByFields => is_open || is_chunked(user),
                ChunkingWish::Bare => false,
            };
        Self { body, length, is_chunked, withholds }
    }

    /// Pushes what the default fields say of the content.
    fn push_fields(&self, fields: &mut Vec<DefaultField>, expectation: Expectation) {
        let Some(body) = self.body else { return };
        let length = if self.withholds { Some(0) } else { self.length };
        if let Some(length) = length.filter(|_| !self.is_chunked) {
            fields.push(DefaultField::last("Content-Length", length.to_string()));
        }
        if let Some(content_type) = body.content_type() {
            fields.push(DefaultField::last("Content-Type", content_type));
        }
        if expectation == Expectation::Ours {
            fields.push(DefaultField::last("Expect", "100-continue"));
        }
    }

    /// Whether the request says where its content ends: the user may have it say
    /// something else, or nothing. What only reading tells is not relied on.
    pub(super) fn is_delimited(&self, user: &[UserField], bare: bool) -> bool {
        let is_empty = self.body.is_none() || self.withholds;
        let length = if is_empty { Some(0) } else { self.length };
        let said = match user.iter().find(|field| field.is("content-length")) {
            Some(UserField::Line(_)) if self.is_chunked => return false,
            Some(field @ UserField::Line(_)) => {
                str::from_utf8(field.value()).ok().and_then(|value| value.parse().ok())
            }
            _ if self.is_chunked => return true,
            None if !bare => return true,
            _ => Some(0),
        };
        said.is_some() && said == length
    }
}

/// Says in the user's own Connection field, where there is one, that TE is for
/// the next server alone (RFC 9110 §10.1.4). `as_curl`: it is said even if the user takes that field away.
pub(super) fn add_te(user: &mut Vec<UserField>, as_curl: bool) {
    let is_removal = |field: &UserField| field.is("connection") && matches!(field, UserField::Remove(_));
    user.retain(|field| !as_curl || !is_removal(field));
    let is_line = |field: &&mut UserField| field.is("connection") && matches!(field, UserField::Line(_));
    if let Some(field) = user.iter_mut().find(is_line) {
        let mut line = match field {
            UserField::Line(line) => std::mem::take(line),
            UserField::Remove(_) => return,
        };
        let is_empty = line.ends_with(b":");
        line.extend_from_slice(if is_empty { b" TE" } else { b", TE" });
        *field = UserField::Line(line);
    }
}

/// A field's value, if it is not empty.
fn given(value: &[u8]) -> Option<Vec<u8>> {
    (!value.is_empty()).then(|| value.to_vec())
}

/// The User-Agent; empty where none is to be sent.
pub(super) fn agent(given: Option<&OsString>) -> &[u8] {
    given.map_or(concat!("rawget/", env!("CARGO_PKG_VERSION")).as_bytes(), |agent| agent.as_encoded_bytes())
}

/// Whether the user requests the chunked coding.
fn is_chunked(user: &[UserField]) -> bool {
    let field = user.iter().find(|field| field.is("transfer-encoding"));
    let last = field.and_then(|field| list_members(field.value()).last());
    last.is_some_and(|last| last.eq_ignore_ascii_case(b"chunked"))
}
