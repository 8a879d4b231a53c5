//! "TLS".

use std::ffi::OsString;

use crate::net::tls::KeyForm;

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

        /// Trust the system's CAs too, beside those of --cacert and --capath
        #[arg(long)]
        pub(crate) ca_native: bool,

        /// Refuse certificates that this PEM file of revocation lists has, or has no list for
        #[arg(long, value_name = "FILE")]
        pub(crate) crlfile: Option<OsString>,

        /// The client's certificate, with its key unless --key names that; FILE:PASSPHRASE opens an encrypted key
        ///
        /// It is shown to the first target's origin and to no other, unless --location-trusted says so; but where a
        /// redirect leads from http to https of one host it is shown there.
        #[arg(short = 'E', long, value_name = "FILE")]
        pub(crate) cert: Option<OsString>,

        /// The form of --cert: PEM, as is usual, or DER
        #[arg(long, value_name = "FORM")]
        pub(crate) cert_type: Option<KeyForm>,

        /// The key of the client's certificate
        #[arg(long, value_name = "FILE", requires = "cert")]
        pub(crate) key: Option<OsString>,

        /// The form of --key: PEM, as is usual, or DER
        #[arg(long, value_name = "FORM")]
        pub(crate) key_type: Option<KeyForm>,

        /// The passphrase of the client's key, where that is encrypted
        ///
        /// Keys in the encrypted form of PKCS #8 are opened. It stands in the list of processes, as any argument;
        /// a file of --config keeps it out of there.
        #[arg(long, value_name = "PHRASE")]
        pub(crate) pass: Option<OsString>,

        /// Offer these cipher suites of TLS 1.2, by OpenSSL's or IANA's names
        ///
        /// Offer these cipher suites of TLS 1.2, by OpenSSL's or IANA's names, between colons, in the order in which they
        /// are preferred. Of OpenSSL's keywords ALL, DEFAULT, HIGH, ECDHE, ECDSA, RSA, AESGCM, AES128, AES256, CHACHA20,
        /// !NAME and @SECLEVEL are understood. Suites that are not there are passed over; if none is left, exit 59.
        #[arg(long, value_name = "LIST")]
        pub(crate) ciphers: Option<String>,

        /// Offer these cipher suites of TLS 1.3, as TLS_AES_128_GCM_SHA256
        #[arg(long, value_name = "LIST")]
        pub(crate) tls13_ciphers: Option<String>,

        /// Offer these groups for the key exchange: X25519, P-256, P-384
        #[arg(long, value_name = "LIST")]
        pub(crate) curves: Option<String>,

        /// Accept these signatures in the handshake, as RSA-PSS+SHA256 or ecdsa_secp256r1_sha256
        #[arg(long, value_name = "LIST")]
        pub(crate) sigalgs: Option<String>,

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
        #[arg(long, value_name = "LIST", value_delimiter = ',', overrides_with = "no_alpn")]
        pub(crate) alpn: Option<Vec<String>>,

        /// Offer no protocols
        #[arg(long, overrides_with = "alpn")]
        pub(crate) no_alpn: bool,
    }
}
