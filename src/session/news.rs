//! What the user is told while a run goes on.

use crate::failure::{self, Failure};
use crate::output::ReaderGone;

/// What the user is told during the run.
pub(crate) enum News<'a> {
    /// A request failed.
    Error(&'a anyhow::Error),
    /// A target was refused, and nothing was sent for it.
    Refusal(&'a anyhow::Error),
    /// Something was done that the user must know of.
    Notice(&'a str),
    /// Progress, which --silent hides.
    Progress(&'a str),
}

impl News<'_> {
    /// Tells of reports' final error, and gives the failure that they make of the run; a closed standard
    /// output ends the run.
    pub(crate) fn of_reports(
        ended: anyhow::Result<Option<Failure>>,
        tell: &mut dyn FnMut(&News<'_>),
    ) -> anyhow::Result<Option<Failure>> {
        match ended {
            Err(error) if !error.is::<ReaderGone>() => {
                tell(&News::Error(&error));
                Ok(failure::of(&error))
            }
            ended => ended,
        }
    }
}
