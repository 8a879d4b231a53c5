//! Where options were given, for messages about them: a file of `-K` and a line in it.

use crate::cli::name::Name;
use crate::cli::names;

/// The options of a run that reads files of options, and where they stand in those.
#[derive(Debug, Default)]
pub(crate) struct Origins(Vec<(Spelling, Option<String>)>);

#[derive(Debug, PartialEq, Eq)]
enum Spelling {
    Known(Name),
    /// As it was written: there is no such option.
    Unknown(Vec<u8>),
}

impl Origins {
    /// Notes `option`, with its dashes, and the file and line it stands in; `None` on the command line.
    pub(super) fn note(&mut self, option: &[u8], place: Option<String>) {
        self.0.push((spelling(option), place));
    }

    /// The file and the line of the option that `message` begins with, where it
    /// is from a file.
    pub(crate) fn of(&self, message: &str) -> Option<&str> {
        let word = message.split([':', ' ', ',']).next().filter(|word| word.starts_with('-'))?;
        let meant = spelling(word.as_bytes());
        let mut given = self.0.iter().filter(|(own, _)| *own == meant).map(|(_, place)| place.as_deref());
        // One that was typed as well may be the one that is meant.
        given.try_fold(None, |_, place| place.map(Some)).flatten()
    }
}

fn spelling(option: &[u8]) -> Spelling {
    let known = match option {
        [b'-', b'-', long @ ..] => names::long(long),
        [b'-', letter, ..] => names::short(*letter),
        _ => None,
    };
    known.map_or_else(|| Spelling::Unknown(option.to_vec()), Spelling::Known)
}
