//! Where options were given, for messages about them: a file of `-K` and a line in it.

use crate::cli::names::{self, Name};

/// The options of a run that reads files of options, and where they stand in those.
#[derive(Debug, Default)]
pub(crate) struct Origins(Vec<(Name, Option<String>)>);

impl Origins {
    /// Notes an option, and the file and line it stands in; `None` on the command line.
    pub(super) fn note(&mut self, option: Name, place: Option<String>) {
        self.0.push((option, place));
    }

    /// The file and the line of the option that `message` begins with, where it
    /// is from a file.
    pub(crate) fn of(&self, message: &str) -> Option<&str> {
        let word = message.split([':', ' ', ',']).next()?;
        let name = match word.strip_prefix("--") {
            Some(long) => names::long(long.as_bytes()),
            None => names::short(*word.strip_prefix('-')?.as_bytes().first()?),
        };
        let mut given =
            self.0.iter().filter(|(own, _)| Some(*own) == name).map(|(_, place)| place.as_deref());
        // One that was typed as well may be the one that is meant.
        given.try_fold(None, |_, place| place.map(Some)).flatten()
    }
}
