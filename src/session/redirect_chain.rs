//! The chain of requests that a target leads to, and how far it has come.

use std::rc::Rc;

use crate::http::uri::Uri;
use crate::plan::Recipe;
use crate::policy::Hop;
use crate::policy::auth::Authenticator;

/// A chain of requests: what the user requested, and where it has led.
pub(super) struct RedirectChain {
    /// How its requests are made.
    pub(super) recipe: Rc<Recipe>,
    /// The user's own target.
    pub(super) first: Rc<Uri>,
    /// The request that is being made.
    pub(super) hop: Hop,
    /// What the user knows to have stayed behind.
    pub(super) told: Vec<String>,
    /// The user has been told that POST stays.
    pub(super) has_told_post: bool,
    /// Who makes the credentials for the hop's origin.
    pub(super) authenticator: Option<Box<Authenticator>>,
    /// The server has said that it does not meet expectations.
    pub(super) expects_nothing: bool,
    /// The server has responded by HTTP/1.0.
    pub(super) is_10: bool,
    /// Bytes of the heads of all responses so far.
    pub(super) head_bytes: usize,
}

impl RedirectChain {
    /// The chain that begins with `uri`.
    pub(super) fn new(recipe: Rc<Recipe>, uri: Rc<Uri>) -> Self {
        let hop = Hop::first(Rc::clone(&uri), recipe.sends());
        let authenticator = recipe.authenticator(&hop);
        Self {
            recipe,
            first: uri,
            hop,
            told: Vec::new(),
            has_told_post: false,
            authenticator,
            expects_nothing: false,
            is_10: false,
            head_bytes: 0,
        }
    }

    /// Begins again where it began. What the user has been told, and that the server does not meet expectations, still
    /// holds.
    pub(super) fn begin_again(&mut self) {
        self.hop = Hop::first(Rc::clone(&self.first), self.recipe.sends());
        self.authenticator = self.recipe.authenticator(&self.hop);
        (self.is_10, self.head_bytes) = (false, 0);
    }
}
