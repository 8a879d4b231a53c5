//! The request made last, for others that differ in nothing but their target: a run may
//! have thousands of them.

use std::cell::RefCell;
use std::rc::Rc;

use super::planned::{Expectation, PlannedRequest, RequestContent};
use super::recipe::Recipe;
use super::request::Extras;
use crate::failure::Failure;
use crate::http::uri::{Scheme, Uri};
use crate::policy::{Hop, Sends};

/// Shared by the recipes of one group.
#[derive(Clone, Default)]
pub(super) struct Template(Rc<RefCell<Option<Made>>>);

struct Made {
    scheme: Scheme,
    host: String,
    port: u16,
    is_10: bool,
    /// The request without what stands before the end of its target.
    request: PlannedRequest,
}

impl Made {
    fn fits(&self, uri: &Uri, is_10: bool) -> bool {
        self.is_10 == is_10 && self.port == uri.port && self.scheme == uri.scheme && self.host == uri.host
    }
}

impl Template {
    /// The request to `target` of `uri`, if one to its origin has been made.
    fn fill(&self, uri: &Uri, is_10: bool, target: &[u8]) -> Option<Box<PlannedRequest>> {
        let made = self.0.borrow();
        let Made { request, .. } = made.as_ref().filter(|made| made.fits(uri, is_10))?;
        let mut head = Vec::with_capacity(request.method.len() + 1 + target.len() + request.head.len());
        head.extend_from_slice(&request.method);
        head.push(b' ');
        head.extend_from_slice(target);
        head.extend_from_slice(&request.head);
        let (content, method) = (RequestContent::Bytes(Vec::new()), Rc::clone(&request.method));
        Some(Box::new(PlannedRequest { head, content, method, ..*request }))
    }

    /// `request` was made for `target` of `uri`.
    fn keep(&self, uri: &Uri, is_10: bool, target: &[u8], request: &PlannedRequest) {
        let start = request.method.len() + 1 + target.len();
        let (Some(rest), Expectation::None) = (request.head.get(start..), request.expectation) else {
            return;
        };
        let (head, content, method) =
            (rest.to_vec(), RequestContent::Bytes(Vec::new()), Rc::clone(&request.method));
        let request = PlannedRequest { head, content, method, ..*request };
        let made = Made { scheme: uri.scheme, host: uri.host.clone(), port: uri.port, is_10, request };
        *self.0.borrow_mut() = Some(made);
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

    /// Fails where the request target of `uri` would hold whitespace or a control byte.
    pub(super) fn check_target(&self, uri: &Uri) -> anyhow::Result<()> {
        if self.options.request_target.is_some() {
            return Ok(());
        }
        match uri.origin_form().iter().find(|&&byte| byte <= b' ' || byte == 0x7F) {
            Some(byte) => Err(Failure::MalformedUrl.error(format!(
                "the query would contain the byte 0x{byte:02x}: use --data-urlencode instead of --data"
            ))),
            None => Ok(()),
        }
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
}
