//! The part of "Choosing what is sent" that says who one is.

use std::ffi::OsString;

options! {
    pub(crate) struct Credentials {
        /// User and password for the target; without a password, it is asked for
        ///
        /// User and password, for the first origin alone. Other users of this machine can see the arguments of a
        /// program: -u USER asks for the password, --netrc-file and -K - read it.
        #[arg(short = 'u', long, value_name = "USER[:PASSWORD]")]
        pub(crate) user: Option<OsString>,

        /// Basic authentication, as is usual
        #[arg(long)]
        pub(crate) basic: bool,

        /// Digest authentication
        #[arg(long)]
        pub(crate) digest: bool,

        /// The strongest authentication that the server offers
        #[arg(long)]
        pub(crate) anyauth: bool,

        /// A bearer token (OAuth 2.0)
        #[arg(long, value_name = "TOKEN")]
        pub(crate) oauth2_bearer: Option<OsString>,

        /// Refuse a URL with user and password in it
        #[arg(long)]
        pub(crate) disallow_username_in_url: bool,

        /// User and password from ~/.netrc, or the file that the variable NETRC names
        #[arg(short = 'n', long)]
        pub(crate) netrc: bool,

        /// User and password from FILE
        #[arg(long, value_name = "FILE")]
        pub(crate) netrc_file: Option<OsString>,

        /// As --netrc, but those of a URL come first, and the file may be missing
        #[arg(long)]
        pub(crate) netrc_optional: bool,
    }
}
