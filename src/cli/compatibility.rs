//! "Accepted for curl's sake": what command lines written for curl carry, and what
//! makes no difference here. Nothing else reads these fields.

use std::ffi::OsString;

options! {
    pub(crate) struct Compatibility {
        /// Behave as curl does: the body alone, its bytes, sequences, curl's exit codes
        ///
        /// Behave as curl does, as when called by the name curl: the body alone and byte for byte except on a terminal,
        /// kept connections, URL sequences, dot segments removed, the exit code of the last target, no exit 8,
        /// ~/.curlrc read unless -q comes first. User-Agent, error lines and the rules for secrets stay.
        #[arg(long)]
        curl: bool,

        /// Keep dot segments, as is usual without --curl
        #[arg(long)]
        pub(crate) path_as_is: bool,

        /// Write what comes at once: it always is
        #[arg(short = 'N', long)]
        no_buffer: bool,

        /// Read no file by itself: none ever is
        #[arg(short = 'q', long)]
        disable: bool,

        /// TLS sessions are not taken up again by another run
        #[arg(long)]
        no_sessionid: bool,

        /// The next protocol was negotiated like this before ALPN
        #[arg(long)]
        no_npn: bool,

        /// Certificates are not looked up in revocation lists
        #[arg(long)]
        ssl_no_revoke: bool,

        /// The same
        #[arg(long)]
        ssl_revoke_best_effort: bool,

        /// Is about TLS 1.0, which is not spoken
        #[arg(long)]
        ssl_allow_beast: bool,

        /// The same, for a proxy
        #[arg(long)]
        proxy_ssl_allow_beast: bool,

        /// Data is sent in TLS once the handshake is done
        #[arg(long)]
        false_start: bool,

        /// Connections are opened in the usual way
        #[arg(long)]
        tcp_fastopen: bool,

        /// Requests go out one after the other
        #[arg(short = 'Z', long)]
        parallel: bool,

        /// The same
        #[arg(long)]
        parallel_immediate: bool,

        /// The same
        #[arg(long, value_name = "NUMBER")]
        parallel_max: Option<u16>,

        /// The same
        #[arg(long, value_name = "NUMBER")]
        parallel_max_host: Option<u16>,

        /// User and password are all that SOCKS 5 proxies are told
        #[arg(long)]
        socks5_basic: bool,

        /// Is about FTP and LDAP
        #[arg(short = 'B', long)]
        use_ascii: bool,

        /// No data is sent in TLS before the handshake is done
        #[arg(long)]
        tls_earlydata: bool,

        /// Certificates are looked for by Windows alone
        #[arg(long)]
        ssl_auto_client_cert: bool,

        /// The same, for a proxy
        #[arg(long)]
        proxy_ssl_auto_client_cert: bool,

        /// Means TLS 1.2 or later, as is usual
        #[arg(long)]
        proxy_tlsv1: bool,

        /// A source of chance for TLS, which has its own
        #[arg(long, value_name = "FILE")]
        random_file: Option<OsString>,

        /// The same
        #[arg(long, value_name = "FILE")]
        egd_file: Option<OsString>,
    }
}
