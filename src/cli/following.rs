//! "Following".

use std::ffi::OsString;

use crate::policy::redirect::Schemes;

options! {
    pub(crate) struct Following {
        /// Follow redirects: every hop's head is shown
        ///
        /// Follow redirects to http and https. Each hop's head is shown, the content of the last response alone.
        /// On another origin than the first (scheme, host and port) Authorization, Cookie and fields whose name
        /// speaks of a secret stay behind, and a line on standard error says so.
        #[arg(short = 'L', long)]
        pub(crate) location: bool,

        /// As --location, and secrets go to every origin
        #[arg(long)]
        pub(crate) location_trusted: bool,

        /// As --location, and the method of -X changes where redirects change that of data
        #[arg(long)]
        pub(crate) follow: bool,

        /// Follow at most so many redirects, 50 if not given; -1: no limit
        #[arg(long, value_name = "NUMBER")]
        pub(crate) max_redirs: Option<i32>,

        /// Send the data again after a 301
        #[arg(long)]
        pub(crate) post301: bool,

        /// Send the data again after a 302
        #[arg(long)]
        pub(crate) post302: bool,

        /// Send the data again after a 303
        #[arg(long)]
        pub(crate) post303: bool,

        /// Only these protocols, such as =https or -all,http
        #[arg(long, value_name = "LIST")]
        pub(crate) proto: Option<Schemes>,

        /// Only these protocols in redirects
        #[arg(long, value_name = "LIST")]
        pub(crate) proto_redir: Option<Schemes>,

        /// The protocol of targets that name none
        #[arg(long, value_name = "NAME")]
        pub(crate) proto_default: Option<OsString>,

        /// Ask hosts by https alone that FILE lists or that have asked for it (HSTS), and keep the list in FILE
        ///
        /// Ask hosts by https alone that FILE lists, in the form of curl, or that have asked for it in a response by https
        /// (HSTS, RFC 6797). In the end the list is written to FILE; '' keeps it for this run alone.
        #[arg(long, value_name = "FILE")]
        pub(crate) hsts: Option<OsString>,

        /// Send cookies: 'NAME=VALUE' as it stands, or those of FILE; '' only turns cookies on
        ///
        /// With a '=' in it, the value of the Cookie field, sent as it stands to the first origin. Without, a file
        /// of cookies (- for standard input): in the form of Netscape and curl, or lines of Set-Cookie. A file, even
        /// one that is not there, turns cookies on: those that responses set go along with later requests.
        #[arg(short = 'b', long, value_name = "DATA|FILE")]
        pub(crate) cookie: Vec<OsString>,

        /// Turn cookies on, and write them to FILE in the end, or - for standard output
        #[arg(short = 'c', long, value_name = "FILE")]
        pub(crate) cookie_jar: Option<OsString>,

        /// Leave out the cookies of -b FILE that end with the session
        #[arg(short = 'j', long)]
        pub(crate) junk_session_cookies: bool,
    }
}
