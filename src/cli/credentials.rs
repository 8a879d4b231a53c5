//! The part of "Choosing what is sent" that says who one is.

use std::ffi::OsString;

options! {
    pub(crate) struct CredentialOptions {
        /// Use this user and password for the target; without a password, prompt for it
        ///
        /// They are sent only to the first origin. Other users of this machine can see the arguments of a
        /// program. To keep a password out of them, use -u USER, which prompts for it, or --netrc-file or -K -,
        /// which read it.
        #[arg(short = 'u', long, value_name = "USER[:PASSWORD]")]
        pub(crate) user: Option<OsString>,

        /// Use Basic authentication (the default)
        #[arg(long)]
        pub(crate) basic: bool,

        /// Use Digest authentication
        #[arg(long)]
        pub(crate) digest: bool,

        /// Use the strongest authentication that the server offers
        #[arg(long)]
        pub(crate) anyauth: bool,

        /// Send a bearer token (OAuth 2.0)
        #[arg(long, value_name = "TOKEN")]
        pub(crate) oauth2_bearer: Option<OsString>,

        /// Refuse URLs that contain credentials
        #[arg(long)]
        pub(crate) disallow_username_in_url: bool,

        /// Read user and password from ~/.netrc, or from the file named in the variable NETRC
        #[arg(short = 'n', long)]
        pub(crate) netrc: bool,

        /// Read user and password from FILE
        #[arg(long, value_name = "FILE")]
        pub(crate) netrc_file: Option<OsString>,

        /// Like --netrc, but credentials in a URL take precedence, and the file can be missing
        #[arg(long)]
        pub(crate) netrc_optional: bool,
    }
}
