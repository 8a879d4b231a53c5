//! "Keeping records".

use std::ffi::OsString;

options! {
    pub(crate) struct RecordingOptions {
        /// Write every byte sent and received to FILE in hex; - is standard output, % standard error
        #[arg(long, value_name = "FILE", overrides_with = "trace_ascii")]
        pub(crate) trace: Option<OsString>,

        /// Like --trace, but as text
        #[arg(long, value_name = "FILE", overrides_with = "trace")]
        pub(crate) trace_ascii: Option<OsString>,

        /// Put the time of day (UTC) before each line of -v and entry of --trace and --trace-ascii
        #[arg(long)]
        pub(crate) trace_time: bool,

        /// Put the numbers of the request and connection before each of these lines, such as [0-0]
        #[arg(long)]
        pub(crate) trace_ids: bool,

        /// Turn on the components time and ids, as --trace-time and --trace-ids do; others are always on
        #[arg(long, value_name = "LIST", hide_short_help = true)]
        pub(crate) trace_config: Option<String>,

        /// Save each exchange in DIR: 1.request, 1.response and, as JSON, its report 1.json
        ///
        /// DIR is created if it does not exist. 1.request and 1.response contain the exact bytes, for --send and
        /// --read; 1.json is the report of --explain=json. Numbering continues after the files already in DIR. A
        /// successful CONNECT is not saved as an exchange; use --trace to see it.
        #[arg(long, value_name = "DIR")]
        pub(crate) save: Option<OsString>,

        /// Write the exchanges as HAR 1.2, for browsers' developer tools; - for standard output
        ///
        /// On standard output, HAR takes the place of the responses.
        #[arg(long, value_name = "FILE")]
        pub(crate) har: Option<OsString>,

        /// Write the certificates that servers send, even refused ones, as PEM; - for standard output
        #[arg(long, value_name = "FILE")]
        pub(crate) certs: Option<OsString>,

        /// Print FORMAT after each response, such as '%{http_code} %{time_total}\n'
        ///
        /// FORMAT is text with \n, \r, \t, %%, and curl's variables, such as %{http_code}, %{time_total},
        /// %{size_download}, %{url_effective}, %{json}, %{header_json} and %header{NAME}. %{stderr}, %{stdout}
        /// and %output{FILE} direct what follows them. @FILE and @- read the format.
        #[arg(short = 'w', long, value_name = "FORMAT")]
        pub(crate) write_out: Option<OsString>,

        /// Draw the phases of each exchange as a bar chart on standard error
        #[arg(long)]
        pub(crate) timing: bool,

        /// Replace secrets with stars in -v, -w, --explain, --trace, --har and the reports of --save
        ///
        /// This covers user and password in URLs, and the values of cookies and of fields and query parameters whose
        /// name suggests a secret, such as auth, token, key, session or password. Content is not redacted, nor are
        /// the bytes that --save saves.
        #[arg(long)]
        pub(crate) redact: bool,
    }
}

impl RecordingOptions {
    /// Takes over what an earlier group says of the run as a whole: all but `-w`.
    pub(super) fn inherit(&mut self, earlier: &Self) {
        if self.trace.is_none() && self.trace_ascii.is_none() {
            self.trace.clone_from(&earlier.trace);
            self.trace_ascii.clone_from(&earlier.trace_ascii);
        }
        self.save = self.save.take().or_else(|| earlier.save.clone());
        self.har = self.har.take().or_else(|| earlier.har.clone());
        self.certs = self.certs.take().or_else(|| earlier.certs.clone());
        self.trace_time |= earlier.trace_time;
        self.trace_ids |= earlier.trace_ids;
        self.trace_config = self.trace_config.take().or_else(|| earlier.trace_config.clone());
        self.timing |= earlier.timing;
        self.redact |= earlier.redact;
    }
}
