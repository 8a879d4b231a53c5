//! "Accepted for curl's sake": options that command lines written for curl contain,
//! and that make little or no difference here.

use std::ffi::OsString;

options! {
    pub(crate) struct CompatibilityOptions {
        /// Behave like curl: the body only, byte for byte, URL sequences, curl's exit codes
        ///
        /// This is the behaviour when called by the name curl. Only the body is printed, and byte for byte except
        /// on a terminal. Connections are kept, URL sequences are expanded, and dot segments are removed. The exit
        /// code is that of the last target; heads that curl accepts do not cause exit 8. Errors begin with words
        /// that scripts look for, and options of other protocols are ignored. ~/.curlrc is read unless -q comes
        /// first. User-Agent and the rules for secrets do not change.
        #[arg(long)]
        curl: bool,

        /// Keep dot segments (the default without --curl)
        #[arg(long)]
        pub(crate) path_as_is: bool,

        /// Read no configuration file (the default without --curl)
        #[arg(short = 'q', long)]
        disable: bool,

        /// Do not resume TLS sessions of another run (always on)
        #[arg(long)]
        no_sessionid: bool,

        /// Do not use NPN, the predecessor of ALPN (always on)
        #[arg(long)]
        no_npn: bool,

        /// Do not look up certificates in revocation lists (the default)
        #[arg(long)]
        ssl_no_revoke: bool,

        /// Same as --ssl-no-revoke
        #[arg(long)]
        ssl_revoke_best_effort: bool,

        /// No effect: only matters for TLS 1.0, which is not supported
        #[arg(long)]
        ssl_allow_beast: bool,

        /// Like --ssl-allow-beast, for a proxy
        #[arg(long)]
        proxy_ssl_allow_beast: bool,

        /// No effect: data is sent in TLS only after the handshake
        #[arg(long)]
        false_start: bool,

        /// No effect: only false, the default, is supported
        #[arg(long, value_name = "CONFIG", value_parser = no_ech)]
        ech: Option<String>,

        /// No effect: connections are opened in the usual way
        #[arg(long)]
        tcp_fastopen: bool,

        /// No effect except on the exit code with --curl: requests are sent one after the other
        #[arg(short = 'Z', long)]
        pub(crate) parallel: bool,

        /// No effect, like --parallel
        #[arg(long)]
        parallel_immediate: bool,

        /// No effect, like --parallel
        #[arg(long, value_name = "NUMBER")]
        parallel_max: Option<u16>,

        /// No effect, like --parallel
        #[arg(long, value_name = "NUMBER")]
        parallel_max_host: Option<u16>,

        /// Use only user and password with SOCKS 5 proxies (always on)
        #[arg(long)]
        socks5_basic: bool,

        /// No effect: only matters for FTP and LDAP
        #[arg(short = 'B', long)]
        use_ascii: bool,

        /// No effect: no data is sent in TLS before the handshake is done
        #[arg(long)]
        tls_earlydata: bool,

        /// No effect: only Windows looks for certificates
        #[arg(long)]
        ssl_auto_client_cert: bool,

        /// Like --ssl-auto-client-cert, for a proxy
        #[arg(long)]
        proxy_ssl_auto_client_cert: bool,

        /// Use TLS 1.2 or later (the default)
        #[arg(long)]
        proxy_tlsv1: bool,

        /// No effect: TLS has its own source of randomness
        #[arg(long, value_name = "FILE")]
        random_file: Option<OsString>,

        /// No effect, like --random-file
        #[arg(long, value_name = "FILE")]
        egd_file: Option<OsString>,
    }
}

/// Reads the only value of `--ech` that can be met.
fn no_ech(text: &str) -> Result<String, &'static str> {
    match text {
        "false" => Ok(text.to_owned()),
        _ => Err(
            "not supported: Encrypted Client Hello is missing; use --no-sni to send no server name at all",
        ),
    }
}
