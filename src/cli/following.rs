//! "Following".

use std::ffi::OsString;

use crate::policy::redirect::Schemes;

options! {
    pub(crate) struct FollowingOptions {
        /// Follow redirects, showing the head of each hop
        ///
        /// Redirects to http and https are followed. The head of each hop is shown, but only the content of the
        /// last response. On an origin (scheme, host and port) other than the first, Authorization, Cookie and
        /// fields whose name suggests a secret are not sent, and a line on standard error says so.
        #[arg(short = 'L', long)]
        pub(crate) location: bool,

        /// Like --location, but send secrets to every origin
        #[arg(long)]
        pub(crate) location_trusted: bool,

        /// Like --location, but let redirects change the method given by -X, too
        #[arg(long)]
        pub(crate) follow: bool,

        /// Follow at most NUMBER redirects (default: 50); -1 means no limit
        #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i32).range(-1..))]
        pub(crate) max_redirs: Option<i32>,

        /// Keep POST after a 301, instead of changing it to GET
        #[arg(long)]
        pub(crate) post301: bool,

        /// Keep POST after a 302, instead of changing it to GET
        #[arg(long)]
        pub(crate) post302: bool,

        /// Keep POST after a 303, instead of changing it to GET
        #[arg(long)]
        pub(crate) post303: bool,

        /// Use only these protocols, such as =https or -all,http
        #[arg(long, value_name = "LIST")]
        pub(crate) proto: Option<Schemes>,

        /// Use only these protocols in redirects
        #[arg(long, value_name = "LIST")]
        pub(crate) proto_redir: Option<Schemes>,

        /// Use this protocol for targets that name none
        #[arg(long, value_name = "NAME")]
        pub(crate) proto_default: Option<OsString>,

        /// Use only https for hosts that FILE lists or that require it (HSTS), and update FILE
        ///
        /// FILE is in curl's form. A response over https can require https for its host (HSTS, RFC 6797). The
        /// list is written to FILE at the end of the run; '' keeps it for this run only.
        #[arg(long, value_name = "FILE")]
        pub(crate) hsts: Option<OsString>,

        /// Send cookies: 'NAME=VALUE' as it stands, or those in FILE; '' only turns cookies on
        ///
        /// A value that contains '=' is sent as it stands, in the Cookie field, to the first origin. Any other
        /// value names a file of cookies (- for standard input), in the form of Netscape and curl or as
        /// Set-Cookie lines. A file, even a missing one, turns cookies on: those that responses set are sent with
        /// later requests.
        #[arg(short = 'b', long, value_name = "DATA|FILE")]
        pub(crate) cookie: Vec<OsString>,

        /// Turn cookies on, and write them to FILE at the end, or - for standard output
        #[arg(short = 'c', long, value_name = "FILE")]
        pub(crate) cookie_jar: Option<OsString>,

        /// Discard the session cookies of -b FILE
        #[arg(short = 'j', long)]
        pub(crate) junk_session_cookies: bool,
    }
}
