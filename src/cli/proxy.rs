//! "Proxies".

use std::ffi::OsString;

use crate::net::tls::KeyForm;

options! {
    pub(crate) struct ProxyOptions {
        /// Use this proxy; '' uses none
        ///
        /// The proxy is used for all targets. Its scheme is http, https, socks4, socks4a, socks5 or socks5h; user
        /// and password can be given before an @. The default scheme is http and the default port 1080. '' uses
        /// no proxy, even if the environment names one in http_proxy, https_proxy, HTTPS_PROXY, all_proxy or
        /// ALL_PROXY.
        #[arg(short = 'x', long, value_name = "[SCHEME://]HOST[:PORT]", overrides_with_all = OTHERS)]
        pub(crate) proxy: Option<String>,

        /// Use this user and password for the proxy; without a password, prompt for it
        #[arg(short = 'U', long, value_name = "USER[:PASSWORD]")]
        pub(crate) proxy_user: Option<OsString>,

        /// Use Basic authentication with the proxy (the default)
        #[arg(long)]
        pub(crate) proxy_basic: bool,

        /// Use Digest authentication with the proxy
        #[arg(long)]
        pub(crate) proxy_digest: bool,

        /// Use the strongest authentication that the proxy offers
        #[arg(long)]
        pub(crate) proxy_anyauth: bool,

        /// Tunnel through an HTTP proxy, for http too
        #[arg(short = 'p', long)]
        pub(crate) proxytunnel: bool,

        /// Send this field line to the proxy only; otherwise like --header
        #[arg(long, value_name = "LINE")]
        pub(crate) proxy_header: Vec<OsString>,

        /// Use no proxy for these domains, addresses and networks; * for all
        #[arg(long, value_name = "LIST")]
        pub(crate) noproxy: Option<String>,

        /// Like --proxy http://HOST, but request tunnels with HTTP/1.0
        #[arg(long = "proxy1.0", value_name = "HOST[:PORT]", overrides_with_all = OTHERS)]
        pub(crate) proxy1_0: Option<String>,

        /// Same as --proxy socks4://HOST
        #[arg(long, value_name = "HOST[:PORT]", overrides_with_all = OTHERS)]
        pub(crate) socks4: Option<String>,

        /// Same as --proxy socks4a://HOST
        #[arg(long, value_name = "HOST[:PORT]", overrides_with_all = OTHERS)]
        pub(crate) socks4a: Option<String>,

        /// Same as --proxy socks5://HOST
        #[arg(long, value_name = "HOST[:PORT]", overrides_with_all = OTHERS)]
        pub(crate) socks5: Option<String>,

        /// Same as --proxy socks5h://HOST: the proxy resolves names
        #[arg(long, value_name = "HOST[:PORT]", overrides_with_all = OTHERS)]
        pub(crate) socks5_hostname: Option<String>,

        /// Connect to the HTTP proxy through this SOCKS proxy
        #[arg(long, value_name = "[SCHEME://]HOST[:PORT]")]
        pub(crate) preproxy: Option<String>,

        /// Trust any certificate of an https proxy
        #[arg(long)]
        pub(crate) proxy_insecure: bool,

        /// Trust only the certificates in this PEM file for an https proxy
        #[arg(long, value_name = "FILE")]
        pub(crate) proxy_cacert: Option<OsString>,

        /// Trust only the certificates in the PEM files of this folder for an https proxy
        #[arg(long, value_name = "FOLDER")]
        pub(crate) proxy_capath: Option<OsString>,

        /// Trust the system's CAs as well as those of --proxy-cacert and --proxy-capath
        #[arg(long)]
        pub(crate) proxy_ca_native: bool,

        /// Like --crlfile, for an https proxy
        #[arg(long, value_name = "FILE")]
        pub(crate) proxy_crlfile: Option<OsString>,

        /// Like --cert, for an https proxy
        #[arg(long, value_name = "FILE")]
        pub(crate) proxy_cert: Option<OsString>,

        /// Like --cert-type, for an https proxy
        #[arg(long, value_name = "FORM")]
        pub(crate) proxy_cert_type: Option<KeyForm>,

        /// Like --key, for an https proxy
        #[arg(long, value_name = "FILE")]
        pub(crate) proxy_key: Option<OsString>,

        /// Like --key-type, for an https proxy
        #[arg(long, value_name = "FORM")]
        pub(crate) proxy_key_type: Option<KeyForm>,

        /// Like --pass, for an https proxy
        #[arg(long, value_name = "PHRASE")]
        pub(crate) proxy_pass: Option<OsString>,

        /// Like --pinnedpubkey, for an https proxy
        #[arg(long, value_name = "KEYS")]
        pub(crate) proxy_pinnedpubkey: Option<OsString>,

        /// Like --ciphers, for an https proxy
        #[arg(long, value_name = "LIST")]
        pub(crate) proxy_ciphers: Option<String>,

        /// Like --tls13-ciphers, for an https proxy
        #[arg(long, value_name = "LIST")]
        pub(crate) proxy_tls13_ciphers: Option<String>,

        /// Ask an https proxy for HTTP/2; HTTP/1.1 is used instead, and a message says so
        #[arg(long, hide_short_help = true)]
        pub(crate) proxy_http2: bool,

        /// Ask an https proxy for HTTP/3; HTTP/1.1 is used instead, and a message says so
        #[arg(long, hide_short_help = true)]
        pub(crate) proxy_http3: bool,

        /// Do not show the proxy's response to CONNECT among the heads
        #[arg(long)]
        pub(crate) suppress_connect_headers: bool,
    }
}

/// Of these the last one counts.
const OTHERS: [&str; 6] = ["proxy", "proxy1_0", "socks4", "socks4a", "socks5", "socks5_hostname"];
