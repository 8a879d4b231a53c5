//! "Choosing what is shown".

use std::ffi::OsString;

use clap::ValueEnum;
use clap::builder::PossibleValue;

use crate::output::colour::Colour;
use crate::report::Severity;
use crate::report::explain::CheckFormat;

options! {
    pub(crate) struct ShowingOptions {
        /// Show the response's head and body (the default)
        ///
        /// As in curl, also show the trailer section, if there is one, behind the body. By default it is left out.
        #[arg(
            short = 'i',
            long,
            visible_alias = "include",
            overrides_with_all = ["body", "print"]
        )]
        pub(crate) show_headers: bool,

        /// Show only the body
        #[arg(long, overrides_with_all = ["show_headers", "print"])]
        pub(crate) body: bool,

        /// Show these parts: H request head, B request body, h response head, b response body
        #[arg(long, value_name = "WHAT", overrides_with_all = ["show_headers", "body"])]
        pub(crate) print: Option<String>,

        /// Show what is done (*), sent (>) and received (<), on standard error
        #[arg(short = 'v', long)]
        pub(crate) verbose: bool,

        /// Explain the exchange line by line, as text or json, instead of showing the body
        ///
        /// Trailing bytes are reported if they arrive within 250 ms. After later responses on a connection, the wait is
        /// twice the response's waiting time, from 20 to 250 ms.
        #[arg(long, value_name = "FORM", value_enum, num_args = 0..=1, require_equals = true, hide_possible_values = true,
              default_missing_value = "text", overrides_with = "check")]
        pub(crate) explain: Option<TextOrJson>,

        /// Print only findings; exit 120 if one is as severe as error (the default), warn or note
        ///
        /// In a pipe, each finding is one line. The exit code is 120 if a finding is at least as severe as SEVERITY.
        #[arg(long, value_name = "SEVERITY", value_enum, num_args = 0..=1, require_equals = true, hide_possible_values = true,
              default_missing_value = "error", overrides_with = "explain")]
        pub(crate) check: Option<Severity>,

        /// With --check: print findings as text, github, sarif or json
        ///
        /// text prints one line for each finding, and paragraphs on a terminal; github prints workflow commands for GitHub Actions; sarif
        /// prints SARIF 2.1.0; json prints an array of objects.
        #[arg(long, value_name = "FORMAT", value_enum, hide_possible_values = true)]
        pub(crate) check_format: Option<CheckFormat>,

        /// With --check: ignore the finding named ID; can be repeated
        #[arg(long, value_name = "ID")]
        pub(crate) check_ignore: Vec<String>,

        /// Save the heads to FILE, or - for standard output
        #[arg(short = 'D', long, value_name = "FILE")]
        pub(crate) dump_header: Option<OsString>,

        /// Decode nothing: keep the transfer coding and the charset as sent
        #[arg(long)]
        pub(crate) raw: bool,

        /// Print JSON indented, one value per line, in a pipe too; keep numbers and names as spelt
        #[arg(long, conflicts_with = "raw")]
        pub(crate) pretty: bool,

        /// Write each response at once
        ///
        /// Without this, small responses that follow another one on the same connection are written together, 10 ms
        /// late at most. A terminal always gets them at once.
        #[arg(short = 'N', long)]
        pub(crate) no_buffer: bool,

        /// Decode the body as this charset, whatever the response says
        #[arg(long, value_name = "LABEL")]
        pub(crate) charset: Option<String>,

        /// Ignore Content-Length and read the body until the server closes
        #[arg(long)]
        pub(crate) ignore_content_length: bool,

        /// Accept a response without a head, and treat all of it as the body
        #[arg(long = "http0.9")]
        pub(crate) http0_9: bool,

        /// Print no progress, notes or errors, except errors before anything is sent
        #[arg(short = 's', long)]
        pub(crate) silent: bool,

        /// With --silent: print error messages anyway
        #[arg(short = 'S', long)]
        pub(crate) show_error: bool,

        /// Write errors and everything else for standard error to FILE, or - for standard output
        #[arg(long, value_name = "FILE")]
        pub(crate) stderr: Option<OsString>,

        /// Escape everything that can control a terminal, even in a pipe
        ///
        /// Everything is printed by the rules for a terminal. Control characters, bidirectional and invisible
        /// characters are shown as escapes, in heads and in text. If content is not text, its first lines are
        /// shown in hexadecimal. Files are not changed.
        #[arg(long)]
        pub(crate) escape: bool,

        /// Show progress as a simple bar
        ///
        /// By default, a transfer that takes longer than half a second shows a bar, the bytes, the rate and the
        /// time left on a terminal, unless the body is printed there. With this option only the bar is shown.
        #[arg(short = '#', long)]
        pub(crate) progress_bar: bool,

        /// Show no progress
        #[arg(long, overrides_with = "progress_meter")]
        pub(crate) no_progress_meter: bool,

        /// Show progress (the default)
        #[arg(long, hide = true)]
        progress_meter: bool,

        /// Colour heads and help; auto: on a terminal, subject to NO_COLOR and CLICOLOR_FORCE
        #[arg(long, value_name = "WHEN", value_enum)]
        pub(crate) color: Option<Colour>,

        /// Use no colour; same as --color never
        #[arg(long, overrides_with = "styled_output", hide_short_help = true)]
        pub(crate) no_styled_output: bool,

        /// Use colour as --color says (the default)
        #[arg(long, overrides_with = "no_styled_output", hide = true)]
        styled_output: bool,

        /// Print the curl command lines that send the same bytes, without connecting
        ///
        /// Print a curl command line for each request, in the order in which the requests would be sent, without
        /// connecting. Every field line is given by -H, so that curl keeps their order. If curl cannot send a part of a
        /// request, standard error says which, and the exit code is 2. Notes say
        /// where curl would go on differently. The line holds secrets as they would be sent.
        #[arg(long, conflicts_with_all = ["explain", "check"])]
        pub(crate) as_curl: bool,

        /// Serve a small site from this process and fetch from it; needs no network
        #[arg(long)]
        pub(crate) demo: bool,
    }
}

impl ShowingOptions {
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
        self.as_curl |= earlier.as_curl;
        self.check = self.check.or(earlier.check);
        self.check_format = self.check_format.or(earlier.check_format);
        self.check_ignore.extend_from_slice(&earlier.check_ignore);
        self.explain = self.explain.or(earlier.explain);
        if self.color.is_none() && !self.styled_output {
            self.color = earlier.color;
            self.no_styled_output |= earlier.no_styled_output;
        }
        if !self.show_headers && !self.body && self.print.is_none() {
            self.body = earlier.body;
            self.print.clone_from(&earlier.print);
        }
    }

    /// Whether findings or JSON are all that standard output is to hold.
    pub(crate) fn prints_report_alone(&self) -> bool {
        self.check.is_some() || self.explain == Some(TextOrJson::Json)
    }

    /// Whether the exchange is judged, and not only shown.
    pub(crate) fn explains(&self) -> bool {
        self.explain.is_some() || self.check.is_some()
    }
}

/// The forms of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TextOrJson {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// The value of `--check`.
impl ValueEnum for Severity {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Error, Self::Warn, Self::Note]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

/// The value of `--check-format`.
impl ValueEnum for CheckFormat {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Text, Self::Github, Self::Sarif, Self::Json]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(match self {
            Self::Text => "text",
            Self::Github => "github",
            Self::Sarif => "sarif",
            Self::Json => "json",
        }))
    }
}

/// The value of `--color`.
impl ValueEnum for Colour {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::OnTerminals, Self::Always, Self::Never]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Self::OnTerminals => PossibleValue::new("auto").help("On a terminal, unless NO_COLOR is set"),
            Self::Always => PossibleValue::new("always").help("Even in a pipe"),
            Self::Never => PossibleValue::new("never").help("Not at all"),
        })
    }
}
