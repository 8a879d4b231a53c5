//! "TLS".

use std::ffi::OsString;

options! {
    pub(crate) struct Tls {
        /// Trust any certificate: whoever is on the way can read and change all
        #[arg(short = 'k', long)]
        pub(crate) insecure: bool,

        /// Trust who is in this PEM file, and nobody else
        #[arg(long, value_name = "FILE")]
        pub(crate) cacert: Option<OsString>,

        /// Trust who is in the PEM files of this folder, and nobody else
        #[arg(long, value_name = "FOLDER")]
        pub(crate) capath: Option<OsString>,

        /// The client's certificate in PEM form; without --key, its key is in the same file
        #[arg(short = 'E', long, value_name = "FILE")]
        pub(crate) cert: Option<OsString>,

        /// The key of the client's certificate, in PEM form
        #[arg(long, value_name = "FILE", requires = "cert")]
        pub(crate) key: Option<OsString>,

        /// TLS 1.2 or later, as is usual
        #[arg(long = "tlsv1.2", overrides_with_all = ["tlsv1_3", "tlsv1_1", "tlsv1_0", "tlsv1"])]
        pub(crate) tlsv1_2: bool,

        /// TLS 1.3 or later
        #[arg(long = "tlsv1.3", overrides_with_all = ["tlsv1_2", "tlsv1_1", "tlsv1_0", "tlsv1"])]
        pub(crate) tlsv1_3: bool,

        /// Means TLS 1.2 or later: what came before is not spoken
        #[arg(long = "tlsv1.1", hide_short_help = true, overrides_with_all = ["tlsv1_2", "tlsv1_3"])]
        tlsv1_1: bool,

        /// Means TLS 1.2 or later: what came before is not spoken
        #[arg(long = "tlsv1.0", hide_short_help = true, overrides_with_all = ["tlsv1_2", "tlsv1_3"])]
        tlsv1_0: bool,

        /// Means TLS 1.2 or later: what came before is not spoken
        #[arg(short = '1', long = "tlsv1", hide_short_help = true, overrides_with_all = ["tlsv1_2", "tlsv1_3"])]
        tlsv1: bool,

        /// The latest version of TLS to speak: default, 1.2 or 1.3
        #[arg(long, value_name = "VERSION")]
        pub(crate) tls_max: Option<String>,

        /// Talk only to a server with this key: sha256//HASH;..., or a PEM or DER file
        #[arg(long, value_name = "KEYS")]
        pub(crate) pinnedpubkey: Option<OsString>,

        /// The server name in the handshake; the certificate must be the host's all the same
        #[arg(long, value_name = "NAME", overrides_with = "no_sni")]
        pub(crate) sni: Option<String>,

        /// No server name in the handshake
        #[arg(long, overrides_with = "sni")]
        pub(crate) no_sni: bool,

        /// The protocols that TLS offers, by commas (https: http/1.1; tls: none)
        #[arg(long, value_name = "LIST", value_delimiter = ',')]
        pub(crate) alpn: Option<Vec<String>>,
    }
}
