//! "Comparing responses".

use std::ffi::OsString;
use std::time::Duration;

use super::connecting::seconds;
use super::showing::TextOrJson;

options! {
    pub(crate) struct ComparingOptions {
        /// Repeat each request with this field line and show what it changes; can be repeated
        ///
        /// Each target is requested as given, then once more for each LINE, and the differences between the
        /// responses are shown. 'Name: value' replaces a field of that name, 'Name:' removes it, and 'Name;'
        /// sends it with no value; @FILE reads several lines for one variant. The unchanged request is sent once
        /// more at the end: whatever differs then changes by itself and is ignored. The exit code is 121 if
        /// something differs. A response that varies although its Vary does not say so is the finding
        /// vary-missing, which --check counts; with --check the differences are printed only if --diff is given,
        /// and with --explain=json they are not. Each request begins with the same cookies.
        #[arg(long, value_name = "LINE", allow_hyphen_values = true)]
        pub(crate) vary: Vec<OsString>,

        /// Show how other responses differ from the first, as text or json; exit 121 if any does
        ///
        /// With --repeat, the different responses are listed as without this option; json prints the whole
        /// output of --repeat as JSON.
        #[arg(long, value_name = "FORM", value_enum, num_args = 0..=1, require_equals = true, hide_possible_values = true,
              default_missing_value = "text")]
        pub(crate) diff: Option<TextOrJson>,

        /// Ignore the field NAME in comparisons, as Date always is; can be repeated
        #[arg(long, value_name = "NAME")]
        pub(crate) diff_ignore: Vec<OsString>,

        /// Make each request NUM times, and show the timings and the different responses
        ///
        /// The requests are made one after the other, with --keep-alive on one connection. The output replaces
        /// the responses. It shows the minimum, median, 90th and 99th percentile and maximum of each phase, how
        /// many different responses came (by status line, head without Date and --diff-ignore, and content), and
        /// what failed. With -o FILE or -O, the first of each different response is saved as FILE.N, where N is the
        /// number of the request. With --diff, the exit code is 121 if there are different responses; --diff=json
        /// prints all as JSON. With --check this is printed only if --diff is given, and with --explain=json it is
        /// not. Redirects that are followed are part of a request's time.
        #[arg(long, value_name = "NUM")]
        pub(crate) repeat: Option<u64>,

        /// With --repeat: start a request every SECONDS
        #[arg(long, value_name = "SECONDS", value_parser = seconds)]
        pub(crate) every: Option<Duration>,
    }
}

impl ComparingOptions {
    /// Takes over what an earlier group says of the run as a whole.
    pub(super) fn inherit(&mut self, earlier: &Self) {
        self.diff = self.diff.or(earlier.diff);
        self.diff_ignore.extend(earlier.diff_ignore.iter().cloned());
    }

    /// Some group has variants: then `--diff` only says how those are told, and what has none is printed.
    pub(super) fn leave_to_variants(&mut self) {
        if self.vary.is_empty() && self.repeat.is_none() {
            (self.diff, self.diff_ignore) = (None, Vec::new());
        }
    }

    /// Whether differences are shown in place of responses.
    pub(crate) fn compares(&self) -> bool {
        self.repeat.is_none() && (self.diff.is_some() || !self.vary.is_empty())
    }
}
