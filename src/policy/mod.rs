//! What to do after a response, and what is sent with the next request.
//!
//! Pure decisions from values: time comes as an argument, nothing is read,
//! sent or printed here. The session asks, in this order: the cookies of the
//! response are kept, then a challenge is responded to, then a redirect followed.

pub(crate) mod auth;
pub(crate) mod boundary;
pub(crate) mod cookie;
mod digest_auth;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
pub(crate) mod hsts;
pub(crate) mod redirect;
pub(crate) mod resume;
pub(crate) mod retry;

use std::rc::Rc;

use crate::http::uri::Uri;
use boundary::OriginTrust;

/// What comes after a response.
pub(crate) enum Next {
    /// Nothing: it is the final response.
    Finish,
    /// Another request.
    Send(Box<Hop>),
}

/// One request of a chain that begins with a target and continues as long as a
/// response requests another: what of the user's request it takes over, and
/// what is its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hop {
    /// The target. User and password in it are those for this hop.
    pub(crate) uri: Rc<Uri>,
    /// How many redirects led here: 0 is the user's own request.
    pub(crate) number: u32,
    /// What the hop's request sends as content.
    pub(crate) sends: Sends,
    /// The method is what `-X` says; without, what the content makes of it.
    pub(crate) keeps_method: bool,
    /// Which of the user's secrets are sent.
    pub(crate) standing: OriginTrust,
    /// The Referer in place of the user's (`-e ';auto'`).
    pub(crate) referer: Option<Vec<u8>>,
}

/// What a request sends as content, as far as redirects tell it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sends {
    /// No content.
    Nothing,
    /// Data or a form, which make the method POST.
    Data,
    /// A file or standard input, which make the method PUT.
    Upload,
}

impl Hop {
    /// The user's own request.
    pub(crate) fn first(uri: impl Into<Rc<Uri>>, sends: Sends) -> Self {
        Self {
            uri: uri.into(),
            number: 0,
            sends,
            keeps_method: true,
            standing: OriginTrust::FIRST,
            referer: None,
        }
    }
}
