//! "Keeping records".

use std::ffi::OsString;

options! {
    pub(crate) struct Recording {
        /// Every byte sent and received as a hex dump, to FILE, - (standard output) or % (standard error)
        #[arg(long, value_name = "FILE", overrides_with = "trace_ascii")]
        pub(crate) trace: Option<OsString>,

        /// The same as text
        #[arg(long, value_name = "FILE", overrides_with = "trace")]
        pub(crate) trace_ascii: Option<OsString>,

        /// The time of day (UTC) before each line of -v and each entry of --trace and --trace-ascii
        #[arg(long)]
        pub(crate) trace_time: bool,

        /// The numbers of the request and of the connection before each of them, as [0-0]
        #[arg(long)]
        pub(crate) trace_ids: bool,

        /// time and ids, as the two options above; the rest of what curl knows is there in any case
        #[arg(long, value_name = "LIST", hide_short_help = true)]
        pub(crate) trace_config: Option<String>,

        /// Save each exchange in DIR: 1.request, 1.response and, as JSON, its report 1.json
        ///
        /// Save each exchange in DIR, which is made where there is none: 1.request and 1.response are the exact
        /// bytes, for --send and --read, and 1.json is the report of --explain=json. Numbers go on where the files
        /// in DIR end.
        #[arg(long, value_name = "DIR")]
        pub(crate) save: Option<OsString>,

        /// The exchanges in HAR 1.2, for browsers' developer tools, to FILE or - (standard output)
        #[arg(long, value_name = "FILE")]
        pub(crate) har: Option<OsString>,

        /// Save the certificates that servers send, in PEM, to FILE or - (standard output); refused ones too
        #[arg(long, value_name = "FILE")]
        pub(crate) certs: Option<OsString>,

        /// Print this after each response: text and variables as in '%{http_code} %{time_total}\n'
        ///
        /// Print this after each response: text with \n, \r, \t, %%, and curl's variables, such as %{http_code},
        /// %{time_total}, %{size_download}, %{url_effective}, %{json}, %{header_json}, %header{NAME}; %{stderr},
        /// %{stdout} and %output{FILE} say where the rest goes. @FILE and @- read the format.
        #[arg(short = 'w', long, value_name = "FORMAT")]
        pub(crate) write_out: Option<OsString>,

        /// The phases of each exchange as a bar chart on standard error
        #[arg(long)]
        pub(crate) timing: bool,

        /// Star what is secret in -v, --explain, --trace, --har and the reports of --save
        ///
        /// Star the values of Authorization, Cookie, Set-Cookie and of fields whose name contains auth, token,
        /// key, secret, session, cookie, password or credential, and user and password in URLs, in -v, --explain,
        /// --trace, --har and the reports of --save. Content is left as it is, and so are the bytes that --save saves.
        #[arg(long)]
        pub(crate) redact: bool,
    }
}

impl Recording {
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
        self.timing |= earlier.timing;
        self.redact |= earlier.redact;
    }
}
