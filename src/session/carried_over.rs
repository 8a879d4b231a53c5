//! What one group of requests leaves to the next.

use std::ffi::OsString;
use std::rc::Rc;
use std::time::Instant;

use super::idle::IdleConnections;
use crate::failure::Failure;
use crate::output::escape::one_line;
use crate::output::taken::Taken;
use crate::plan::{PlannedCookies, PlannedHosts};

/// What one group of requests leaves to the next (`--next`).
#[derive(Default)]
pub(crate) struct CarriedOver<'e> {
    /// There is nothing more to do: the reader has gone, or a failure ends the run.
    pub(crate) has_ended: bool,
    pub(super) cookies: Option<PlannedCookies>,
    pub(super) hosts: Option<PlannedHosts>,
    pub(super) idle: IdleConnections<'e>,
    /// Names that no content is saved under.
    pub(super) taken: Rc<Taken>,
    /// When the last target was begun.
    pub(super) begun: Option<Instant>,
}

impl CarriedOver<'_> {
    /// Before the first group; `files`: what the run writes besides contents, each with
    /// the option that names it. An error where two options name one file.
    pub(crate) fn new(files: Vec<(&'static str, OsString)>) -> anyhow::Result<Self> {
        let taken = Taken::new(files);
        if let Some((path, owner)) = taken.clash() {
            let path = one_line(path.as_encoded_bytes());
            return Err(Failure::Write.error(format!("cannot write to {path}: {owner} already writes to it")));
        }
        Ok(Self { taken: Rc::new(taken), ..Self::default() })
    }
}
