//! The request made last, for others that differ in nothing but their target: a run may
//! have thousands of them.

use std::cell::RefCell;
use std::rc::Rc;

use super::planned::{Expectation, PlannedRequest, RequestContent};
use crate::http::uri::{Scheme, Uri};

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
    pub(super) fn fill(&self, uri: &Uri, is_10: bool, target: &[u8]) -> Option<Box<PlannedRequest>> {
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
    pub(super) fn keep(&self, uri: &Uri, is_10: bool, target: &[u8], request: &PlannedRequest) {
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
