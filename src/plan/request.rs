//! A request for one hop: the recipe made into bytes, as curl builds them.

use std::borrow::Cow;

use super::body::ContentSource;
use super::defaults::{BodyPlan, ChunkingWish, Own, add_te};
use super::fields;
use super::planned::{PlannedRequest, RequestContent, has_range};
use super::recipe::{NO_LENGTH, Recipe};
use crate::chance;
use crate::failure::Failure;
use crate::hash;
use crate::http::request::{RequestLine, UserField, head};
use crate::http::response::Version;
use crate::http::syntax::list_members;
use crate::http::uri::Uri;
use crate::policy::auth::{Authenticator, AuthorizedRequest};
use crate::policy::{Hop, Sends};

/// What goes into a request besides what the options say.
#[derive(Default)]
pub(crate) struct Extras<'a> {
    /// The value of Cookie.
    pub(crate) cookies: Option<Vec<u8>>,
    /// Who makes credentials for its origin.
    pub(crate) authenticator: Option<&'a mut Authenticator>,
    /// Who makes credentials for the proxy that passes it on.
    pub(crate) proxy_authenticator: Option<&'a mut Authenticator>,
    /// The server has said that it does not meet expectations.
    pub(crate) expects_nothing: bool,
    /// The server has responded by HTTP/1.0.
    pub(crate) is_10: bool,
    /// From which byte on the target is asked for.
    pub(crate) resume: Option<u64>,
    /// The value of If-Range: the rest is wanted of what this stands for alone.
    pub(crate) if_range: Option<Vec<u8>>,
}

impl Extras<'_> {
    /// Whether the request only asks for a challenge, so that its content is held back.
    fn are_probing(&self) -> bool {
        let both = [&self.authenticator, &self.proxy_authenticator];
        both.into_iter().flatten().any(|authenticator| authenticator.is_probing())
    }
}

impl Recipe {
    /// The request for `hop`: made anew, unless one has been made that differs in the target alone.
    pub(crate) fn request(&self, hop: &Hop, extras: Extras<'_>) -> anyhow::Result<Box<PlannedRequest>> {
        if !hop.uri.scheme.is_http() || !self.is_repeatable(hop, &extras) {
            return self.make(hop, extras).map(Box::new);
        }
        let target = self.target(&hop.uri, hop.number);
        let is_10 = extras.is_10;
        let request = match self.template.fill(&hop.uri, is_10, &target) {
            Some(request) => request,
            None => {
                let request = Box::new(self.make(hop, extras)?);
                self.template.keep(&hop.uri, is_10, &target, &request);
                request
            }
        };
        self.manners.refuse_large(&request.head)?;
        Ok(request)
    }

    /// Whether the request for `hop` differs from others to its origin in nothing but the target.
    fn is_repeatable(&self, hop: &Hop, extras: &Extras<'_>) -> bool {
        let Extras { cookies, authenticator, proxy_authenticator, resume, if_range, .. } = extras;
        self.sends() == Sends::Nothing
            && hop.number == 0
            && hop.referer.is_none()
            && !hop.uri.scheme.is_websocket()
            && cookies.is_none()
            && authenticator.as_ref().is_none_or(|who| who.is_silent())
            && proxy_authenticator.is_none()
            && resume.is_none()
            && if_range.is_none()
    }

    /// The request for `hop`, made anew.
    fn make(&self, hop: &Hop, extras: Extras<'_>) -> anyhow::Result<PlannedRequest> {
        if !hop.uri.scheme.is_http() {
            return Ok(PlannedRequest::of_raw(Vec::new(), RequestContent::Bytes(Vec::new())));
        }
        let body = self.body.as_deref().filter(|_| hop.sends != Sends::Nothing);
        let withholds = body.is_some() && extras.are_probing();
        let mut user = self.user_fields(hop, body, withholds);
        let is_forwarded = self.routes.forwarder(&hop.uri).is_some();
        user.extend_from_slice(if is_forwarded { &self.routes.fields } else { &[] });
        self.manners.add_cookies(&mut user, extras.cookies.as_deref().filter(|_| !self.options.bare));
        let is_10 = self.options.http1_0 || extras.is_10 && self.manners.as_curl;
        let line = self.request_line(hop, body, is_10)?;
        let plan = BodyPlan::new(body, &user, withholds, self.chunking_wish(is_10, body, &user));
        let expectation = self.expectation(&user, &plan, extras.expects_nothing);
        // As curl has it: proxies understand it, and to an origin it is the target.
        let named = if is_forwarded { hop.uri.after_authority(&line.target) } else { &line.target };
        let answered =
            |authenticator: Option<&mut Authenticator>| answer(authenticator?, &line.method, named, body);
        let [proxy_authorization, authorization] =
            [extras.proxy_authenticator, extras.authenticator].map(answered);
        let own = Own {
            proxy_authorization,
            authorization,
            is_forwarded,
            cookies: extras.cookies,
            resume: extras.resume,
            if_range: extras.if_range,
            expectation,
        };
        let head = head(&line, &self.default_fields(hop, &plan, own), &user);
        self.manners.refuse_large(&head)?;
        Ok(PlannedRequest {
            has_range: has_range(&head),
            head,
            content: self.content(body.filter(|_| !withholds), plan.is_chunked)?,
            version: line.version,
            method: line.method.into(),
            closes: self.closes(hop, &user),
            expectation,
            withholds,
            is_delimited: plan.is_delimited(&user, self.options.bare),
            is_raw: false,
            is_dialogue: false,
            is_handshake: hop.uri.scheme.is_websocket(),
            has_leftover: false,
        })
    }

    /// The request line; an error where HTTP/1.0, if `is_10`, cannot carry the content.
    fn request_line(
        &self,
        hop: &Hop,
        body: Option<&ContentSource>,
        is_10: bool,
    ) -> anyhow::Result<RequestLine> {
        if is_10 && body.is_some_and(|body| body.length().is_none()) {
            return Err(Failure::Upload.error(NO_LENGTH));
        }
        Ok(RequestLine {
            method: self.method(hop, body),
            target: self.target(&hop.uri, hop.number).into_owned(),
            version: if is_10 { Version::HTTP_10 } else { Version::HTTP_11 },
        })
    }

    /// What decides whether the content is chunked; `is_10`: HTTP/1.0, which has no chunks, is spoken.
    fn chunking_wish(&self, is_10: bool, body: Option<&ContentSource>, user: &[UserField]) -> ChunkingWish {
        let is_given = self.chunking.is_some()
            || !is_10
                && body.is_some_and(|body| body.length().is_none())
                && self.manners.chunks_unknown_length(user);
        match (is_given, self.options.bare) {
            (true, _) => ChunkingWish::Given,
            (false, true) => ChunkingWish::Bare,
            (false, false) => ChunkingWish::ByFields,
        }
    }

    /// What follows the head.
    fn content(&self, body: Option<&ContentSource>, is_chunked: bool) -> anyhow::Result<RequestContent> {
        let Some(body) = body else { return Ok(RequestContent::Bytes(Vec::new())) };
        let chunking = self.chunking.clone().unwrap_or_default();
        body.content(is_chunked.then_some(&chunking))
    }

    /// Whether the request says that the connection ends with its response.
    fn closes(&self, hop: &Hop, user: &[UserField]) -> bool {
        user.iter().find(|field| field.is("connection")).map_or_else(
            || !self.keep_alive && !self.options.bare && !hop.uri.scheme.is_websocket(),
            |field| list_members(field.value()).any(|member| member.eq_ignore_ascii_case(b"close")),
        )
    }

    /// The user's own fields for `hop`. A form brings its own Content-Type, made
    /// of the user's; what describes content does not go with none.
    fn user_fields(&self, hop: &Hop, body: Option<&ContentSource>, withholds: bool) -> Vec<UserField> {
        let is_form = matches!(body, Some(ContentSource::Form(_)));
        let stays = |field: &&UserField| {
            let is_line = matches!(field, UserField::Line(_));
            let describes =
                ["content-length", "transfer-encoding", "expect"].iter().any(|name| field.is(name));
            fields::goes_along(field, hop, self.body.is_some())
                && !(is_line && is_form && field.is("content-type"))
                && !(is_line && withholds && describes)
        };
        let mut user: Vec<_> = self.user.iter().filter(stays).cloned().collect();
        if self.options.tr_encoding && !self.options.bare {
            add_te(&mut user, self.manners.as_curl);
        }
        user
    }

    fn method(&self, hop: &Hop, body: Option<&ContentSource>) -> Vec<u8> {
        match (&self.method, body.map(ContentSource::sends)) {
            (Some(method), _) if hop.keeps_method => method.clone(),
            _ if self.options.head => b"HEAD".to_vec(),
            (_, Some(Sends::Upload)) => b"PUT".to_vec(),
            (_, Some(_)) => b"POST".to_vec(),
            (_, None) => b"GET".to_vec(),
        }
    }

    /// The request target: what the user adds to a URL or puts in its place
    /// belongs to the user's own request, and not to redirects.
    pub(super) fn target<'a>(&'a self, uri: &'a Uri, number: u32) -> Cow<'a, [u8]> {
        match &self.options.request_target {
            Some(own) if number == 0 => own.as_encoded_bytes().into(),
            _ if self.routes.forwarder(uri).is_some() => uri.absolute_form().into(),
            _ => uri.origin_form().into(),
        }
    }
}

/// The credentials for a challenge, as a field's value, if there is one.
fn answer(
    authenticator: &mut Authenticator,
    method: &[u8],
    target: &[u8],
    body: Option<&ContentSource>,
) -> Option<Vec<u8>> {
    let content =
        |algorithm| body.map_or_else(|| hash::digest(algorithm, b""), |body| body.digest(algorithm));
    // Chance is not cheap, and most requests have no use for it.
    let cnonce = if authenticator.needs_nonce() { chance::nonce() } else { String::new() };
    authenticator.field_value(&AuthorizedRequest { method, target, content: &content, cnonce: &cnonce })
}
