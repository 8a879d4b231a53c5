//! One target of a run, as the plan hands it to the session.

use std::rc::Rc;

use super::destination::Destination;
use super::messages::OutgoingMessages;
use super::planned::PlannedRequest;
use super::recipe::Recipe;
use crate::event::ComparedAs;
use crate::http::uri::Uri;

/// What the user requests once; redirects may lead on from there.
pub(crate) struct Target {
    /// How its requests are made; most targets of a group share one.
    pub(crate) recipe: Rc<Recipe>,
    pub(crate) uri: Rc<Uri>,
    /// The URL as it was typed; empty where options have changed it.
    pub(crate) typed: Vec<u8>,
    /// What the response is compared with.
    pub(crate) part: ComparedAs,
    /// The request's bytes, where they are given.
    pub(crate) raw: Option<Box<PlannedRequest>>,
    /// What is sent once it has become a WebSocket.
    pub(crate) messages: Option<OutgoingMessages>,
    /// They go out together with those of the target before.
    pub(crate) is_joined: bool,
    /// It belongs to the same URL sequence as the target before.
    pub(crate) is_sibling: bool,
    /// Where the body goes.
    pub(crate) destination: Destination,
    /// The URL that names the file of `-O`: without the name that an upload gives it.
    pub(crate) named_by: Rc<Uri>,
}
