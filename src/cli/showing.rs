//! "Choosing what is shown".

use std::ffi::OsString;

use clap::ValueEnum;

options! {
    pub(crate) struct Showing {
        /// Head and body of the response, as is usual
        #[arg(
            short = 'i',
            long,
            visible_alias = "include",
            overrides_with_all = ["body", "print"]
        )]
        pub(crate) show_headers: bool,

        /// The body alone
        #[arg(long, overrides_with_all = ["show_headers", "print"])]
        pub(crate) body: bool,

        /// Any of H request head, B request body, h response head, b response body
        #[arg(long, value_name = "WHAT", overrides_with_all = ["show_headers", "body"])]
        pub(crate) print: Option<String>,

        /// Show what is done (*), sent (>) and received (<), on standard error
        #[arg(short = 'v', long)]
        pub(crate) verbose: bool,

        /// Explain the exchange line by line, as text or json, instead of the body
        #[arg(long, value_name = "FORM", value_enum, num_args = 0..=1, require_equals = true, hide_possible_values = true,
              default_missing_value = "text", overrides_with = "check")]
        pub(crate) explain: Option<Form>,

        /// Findings alone; exit 120 if one is as grave as error (the default), warn or note
        ///
        /// Prints what is wrong with each exchange, a line each, and nothing else. The exit code is 120 if a finding
        /// is as grave as SEVERITY, or graver: error (the default), warn or note.
        #[arg(long, value_name = "SEVERITY", value_enum, num_args = 0..=1, require_equals = true, hide_possible_values = true,
              default_missing_value = "error", overrides_with = "explain")]
        pub(crate) check: Option<Gravity>,

        /// With --check: print the findings as text, github, sarif or json
        ///
        /// With --check: text is a line each; github is workflow commands for GitHub Actions; sarif is SARIF 2.1.0;
        /// json is an array of objects.
        #[arg(long, value_name = "FORMAT", value_enum, hide_possible_values = true, requires = "check")]
        pub(crate) check_format: Option<CheckFormat>,

        /// With --check: leave out the finding called ID; repeatable
        #[arg(long, value_name = "ID", requires = "check")]
        pub(crate) check_ignore: Vec<String>,

        /// Save the heads to FILE, or - for standard output
        #[arg(short = 'D', long, value_name = "FILE")]
        pub(crate) dump_header: Option<OsString>,

        /// No decoding at all: transfer coding and charset stay as sent
        #[arg(long)]
        pub(crate) raw: bool,

        /// JSON with a line for each value, indented, in a pipe too; numbers and names as they are spelt
        #[arg(long, conflicts_with = "raw")]
        pub(crate) pretty: bool,

        /// Decode as this charset, whatever the response says
        #[arg(long, value_name = "LABEL")]
        pub(crate) charset: Option<String>,

        /// Read the body until the server closes, whatever Content-Length says
        #[arg(long)]
        pub(crate) ignore_content_length: bool,

        /// Take an answer without a head as the body it is
        #[arg(long = "http0.9")]
        pub(crate) http0_9: bool,

        /// No error messages
        #[arg(short = 's', long)]
        pub(crate) silent: bool,

        /// With --silent: error messages all the same
        #[arg(short = 'S', long)]
        pub(crate) show_error: bool,

        /// Write errors and what else goes to standard error to FILE, or - for standard output
        #[arg(long, value_name = "FILE")]
        pub(crate) stderr: Option<OsString>,

        /// A terminal's rules for what is printed into a pipe too: nothing that can drive a terminal
        ///
        /// Control characters, bidirectional and invisible ones are shown as escapes, in heads and in text, and
        /// of content that is not text the first lines in hexadecimal digits. Files are not changed.
        #[arg(long)]
        pub(crate) escape: bool,

        /// Draw how far a transfer has come as a simple bar
        ///
        /// On a terminal, what takes longer than half a second is drawn in any case, as long as it is not printed
        /// there: a bar, bytes, the rate and the time left. With this option it is the bar alone.
        #[arg(short = '#', long)]
        pub(crate) progress_bar: bool,

        /// Draw no progress
        #[arg(long, overrides_with = "progress_meter")]
        pub(crate) no_progress_meter: bool,

        /// Draw progress, as is usual
        #[arg(long, hide = true)]
        progress_meter: bool,

        /// Colour in heads and in the help; auto: on terminals, and as NO_COLOR and CLICOLOR_FORCE say
        #[arg(long, value_name = "WHEN", value_enum)]
        pub(crate) color: Option<Color>,

        /// No colour, as --color never
        #[arg(long, overrides_with = "styled_output", hide_short_help = true)]
        pub(crate) no_styled_output: bool,

        /// Colour as --color says, as is usual
        #[arg(long, overrides_with = "no_styled_output", hide = true)]
        styled_output: bool,

        /// Serve a small site from this process, and fetch from it: needs no network
        #[arg(long)]
        pub(crate) demo: bool,
    }
}

impl Showing {
    /// Takes over what an earlier group says of the run as a whole.
    pub(super) fn inherit(&mut self, earlier: &Self) {
        self.verbose |= earlier.verbose;
        self.silent |= earlier.silent;
        self.show_error |= earlier.show_error;
        self.progress_bar |= earlier.progress_bar;
        self.no_progress_meter |= earlier.no_progress_meter;
        if self.stderr.is_none() {
            self.stderr.clone_from(&earlier.stderr);
        }
        self.raw |= earlier.raw;
        self.escape |= earlier.escape;
        self.check = self.check.or(earlier.check);
        self.check_format = self.check_format.or(earlier.check_format);
        self.check_ignore.extend_from_slice(&earlier.check_ignore);
        self.explain = self.explain.or(earlier.explain);
        self.color = self.color.or(earlier.color);
        if !self.show_headers && !self.body && self.print.is_none() {
            self.body = earlier.body;
            self.print.clone_from(&earlier.print);
        }
    }

    /// Whether the exchange is judged, and not only shown.
    pub(crate) fn explains(&self) -> bool {
        self.explain.is_some() || self.check.is_some()
    }
}

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Gravity {
    Error,
    Warn,
    Note,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    Text,
    Github,
    Sarif,
    Json,
}

/// The forms of an explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// When colour is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Even in a pipe.
    Always,
    /// Not at all.
    Never,
}
