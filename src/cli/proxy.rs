//! "Proxies".

use std::ffi::OsString;

use crate::net::tls::KeyForm;

options! {
    pub(crate) struct ProxyOptions {
        /// Go by this proxy; '' goes by none
        ///
        /// A proxy for all targets: http, https, socks4, socks4a, socks5 or socks5h, with user and password before
        /// an @ if need be; without a scheme http, without a port 1080. '' uses none, whatever the environment
        /// says: http_proxy, https_proxy, HTTPS_PROXY, all_proxy, ALL_PROXY.
        #[arg(short = 'x', long, value_name = "[SCHEME://]HOST[:PORT]", overrides_with_all = OTHERS)]
        pub(crate) proxy: Option<String>,

        /// User and password for the proxy; without a password, it is asked for
        #[arg(short = 'U', long, value_name = "USER[:PASSWORD]")]
        pub(crate) proxy_user: Option<OsString>,

        /// Basic authentication, as is usual
        #[arg(long)]
        pub(crate) proxy_basic: bool,

        /// Digest authentication
        #[arg(long)]
        pub(crate) proxy_digest: bool,

        /// The strongest authentication that the proxy offers
        #[arg(long)]
        pub(crate) proxy_anyauth: bool,

        /// Go through an HTTP proxy by a tunnel, for http too
        #[arg(short = 'p', long)]
        pub(crate) proxytunnel: bool,

        /// A field line for the proxy alone; as --header otherwise
        #[arg(long, value_name = "LINE")]
        pub(crate) proxy_header: Vec<OsString>,

        /// Go by no proxy to these domains, addresses and networks; * for all
        #[arg(long, value_name = "LIST")]
        pub(crate) noproxy: Option<String>,

        /// As --proxy http://HOST, but ask for tunnels with HTTP/1.0
        #[arg(long = "proxy1.0", value_name = "HOST[:PORT]", overrides_with_all = OTHERS)]
        pub(crate) proxy1_0: Option<String>,

        /// As --proxy socks4://HOST
        #[arg(long, value_name = "HOST[:PORT]", overrides_with_all = OTHERS)]
        pub(crate) socks4: Option<String>,

        /// As --proxy socks4a://HOST
        #[arg(long, value_name = "HOST[:PORT]", overrides_with_all = OTHERS)]
        pub(crate) socks4a: Option<String>,

        /// As --proxy socks5://HOST
        #[arg(long, value_name = "HOST[:PORT]", overrides_with_all = OTHERS)]
        pub(crate) socks5: Option<String>,

        /// As --proxy socks5h://HOST: the proxy resolves names
        #[arg(long, value_name = "HOST[:PORT]", overrides_with_all = OTHERS)]
        pub(crate) socks5_hostname: Option<String>,

        /// Go by this SOCKS proxy to the HTTP proxy
        #[arg(long, value_name = "[SCHEME://]HOST[:PORT]")]
        pub(crate) preproxy: Option<String>,

        /// Trust any certificate of an https proxy
        #[arg(long)]
        pub(crate) proxy_insecure: bool,

        /// Trust who is in this PEM file as an https proxy, and nobody else
        #[arg(long, value_name = "FILE")]
        pub(crate) proxy_cacert: Option<OsString>,

        /// Trust who is in the PEM files of this folder as an https proxy, and nobody else
        #[arg(long, value_name = "FOLDER")]
        pub(crate) proxy_capath: Option<OsString>,

        /// Trust the system's CAs too, beside those of --proxy-cacert and --proxy-capath
        #[arg(long)]
        pub(crate) proxy_ca_native: bool,

        /// As --crlfile, for an https proxy
        #[arg(long, value_name = "FILE")]
        pub(crate) proxy_crlfile: Option<OsString>,

        /// As --cert, for an https proxy
        #[arg(long, value_name = "FILE")]
        pub(crate) proxy_cert: Option<OsString>,

        /// As --cert-type, for an https proxy
        #[arg(long, value_name = "FORM")]
        pub(crate) proxy_cert_type: Option<KeyForm>,

        /// As --key, for an https proxy
        #[arg(long, value_name = "FILE", requires = "proxy_cert")]
        pub(crate) proxy_key: Option<OsString>,

        /// As --key-type, for an https proxy
        #[arg(long, value_name = "FORM")]
        pub(crate) proxy_key_type: Option<KeyForm>,

        /// As --pass, for an https proxy
        #[arg(long, value_name = "PHRASE")]
        pub(crate) proxy_pass: Option<OsString>,

        /// As --pinnedpubkey, for an https proxy
        #[arg(long, value_name = "KEYS")]
        pub(crate) proxy_pinnedpubkey: Option<OsString>,

        /// As --ciphers, for an https proxy
        #[arg(long, value_name = "LIST")]
        pub(crate) proxy_ciphers: Option<String>,

        /// As --tls13-ciphers, for an https proxy
        #[arg(long, value_name = "LIST")]
        pub(crate) proxy_tls13_ciphers: Option<String>,

        /// Wish for HTTP/2 with an https proxy: HTTP/1.1 is spoken, and a line says so
        #[arg(long, hide_short_help = true)]
        pub(crate) proxy_http2: bool,

        /// Wish for HTTP/3 with an https proxy: HTTP/1.1 is spoken, and a line says so
        #[arg(long, hide_short_help = true)]
        pub(crate) proxy_http3: bool,

        /// Do not show the proxy's answer to CONNECT among the heads
        #[arg(long)]
        pub(crate) suppress_connect_headers: bool,
    }
}

/// Of these the last one counts.
const OTHERS: [&str; 6] = ["proxy", "proxy1_0", "socks4", "socks4a", "socks5", "socks5_hostname"];
