//! "Comparing responses".

use std::ffi::OsString;
use std::time::Duration;

use super::connecting::seconds;
use super::showing::Form;

options! {
    pub(crate) struct Comparing {
        /// Request once more with this field line, and show what it changes; repeatable
        ///
        /// Request each target as the command line says and once more for each LINE, and show what differs between
        /// the responses. 'Name: value' takes the place of a field of that name, 'Name:' takes it away, 'Name;'
        /// sends it with no value; @FILE reads several lines for one variant. The unchanged request is sent once
        /// more at the end: what differs then changes by itself, and counts for nothing. Exit 121 where something
        /// differs.
        #[arg(long, value_name = "LINE", allow_hyphen_values = true)]
        pub(crate) vary: Vec<OsString>,

        /// Show what differs between the first response and each other, as text or json; exit 121 where something does
        #[arg(long, value_name = "FORM", value_enum, num_args = 0..=1, require_equals = true, hide_possible_values = true,
              default_missing_value = "text")]
        pub(crate) diff: Option<Form>,

        /// Leave the field NAME out of comparisons, as Date always is; repeatable
        #[arg(long, value_name = "NAME")]
        pub(crate) diff_ignore: Vec<OsString>,

        /// Make each request NUM times, one after the other, and show how long it took and which responses came
        ///
        /// Make each request NUM times, one after the other (with --keep-alive on one connection), and show in the
        /// place of the responses the least, median, 90th and 99th percentile and most of each phase, how many
        /// different responses came (by status line, head without Date and --diff-ignore, and content), and what
        /// failed; as JSON with --diff=json. With -o FILE the first of each different response is saved as FILE.N,
        /// N being the number of the request.
        #[arg(long, value_name = "NUM")]
        pub(crate) repeat: Option<u64>,

        /// With --repeat: so long from the start of a request to that of the next
        #[arg(long, value_name = "SECONDS", value_parser = seconds)]
        pub(crate) every: Option<Duration>,
    }
}

impl Comparing {
    /// Takes over what an earlier group says of the run as a whole.
    pub(super) fn inherit(&mut self, earlier: &Self) {
        self.diff = self.diff.or(earlier.diff);
        self.diff_ignore.extend(earlier.diff_ignore.iter().cloned());
    }

    /// Whether differences are shown in the place of responses.
    pub(crate) fn compares(&self) -> bool {
        self.repeat.is_none() && (self.diff.is_some() || !self.vary.is_empty())
    }
}
