//! "TLS".

use std::ffi::OsString;

use crate::net::tls::KeyForm;

options! {
    pub(crate) struct TlsOptions {
        /// Trust any certificate: anyone on the path can read and change everything
        #[arg(short = 'k', long)]
        pub(crate) insecure: bool,

        /// Trust only the certificates in this PEM file
        #[arg(long, value_name = "FILE")]
        pub(crate) cacert: Option<OsString>,

        /// Trust only the certificates in the PEM files of this folder
        #[arg(long, value_name = "FOLDER")]
        pub(crate) capath: Option<OsString>,

        /// Trust the system's CAs as well as those of --cacert and --capath
        #[arg(long)]
        pub(crate) ca_native: bool,

        /// Refuse certificates that the revocation lists in this PEM file revoke or do not cover
        #[arg(long, value_name = "FILE")]
        pub(crate) crlfile: Option<OsString>,

        /// Use this client certificate, with its key unless --key is given; FILE:PASSPHRASE decrypts
        ///
        /// FILE:PASSPHRASE decrypts an encrypted key. The certificate is sent only to the origin of the first
        /// target, unless --location-trusted is given. If a redirect leads from http to https on the same host,
        /// it is sent there too.
        #[arg(short = 'E', long, value_name = "FILE")]
        pub(crate) cert: Option<OsString>,

        /// Read --cert in this form: PEM (the default) or DER
        #[arg(long, value_name = "FORM")]
        pub(crate) cert_type: Option<KeyForm>,

        /// Use this key for the client certificate
        #[arg(long, value_name = "FILE")]
        pub(crate) key: Option<OsString>,

        /// Read --key in this form: PEM (the default) or DER
        #[arg(long, value_name = "FORM")]
        pub(crate) key_type: Option<KeyForm>,

        /// Decrypt the client's key with this passphrase
        ///
        /// Keys encrypted as PKCS #8 are supported. Like any argument, the passphrase is visible in the list of
        /// processes; a --config file keeps it out of there.
        #[arg(long, value_name = "PHRASE")]
        pub(crate) pass: Option<OsString>,

        /// Offer these cipher suites of TLS 1.2, by their OpenSSL or IANA names
        ///
        /// Names are separated by colons, in order of preference. Of OpenSSL's keywords, ALL, DEFAULT, HIGH,
        /// ECDHE, ECDSA, RSA, AESGCM, AES128, AES256, CHACHA20, !NAME and @SECLEVEL are supported. Suites that
        /// are not available are skipped; if none is left, the exit code is 59.
        #[arg(long, value_name = "LIST")]
        pub(crate) ciphers: Option<String>,

        /// Offer these cipher suites of TLS 1.3, such as TLS_AES_128_GCM_SHA256
        #[arg(long, value_name = "LIST")]
        pub(crate) tls13_ciphers: Option<String>,

        /// Offer these groups for the key exchange: X25519, P-256, P-384
        #[arg(long, value_name = "LIST")]
        pub(crate) curves: Option<String>,

        /// Accept these signatures in the handshake, such as RSA-PSS+SHA256 or ecdsa_secp256r1_sha256
        #[arg(long, value_name = "LIST")]
        pub(crate) sigalgs: Option<String>,

        /// Use TLS 1.2 or later (the default)
        #[arg(long = "tlsv1.2", overrides_with_all = ["tlsv1_3", "tlsv1_1", "tlsv1_0", "tlsv1"])]
        pub(crate) tlsv1_2: bool,

        /// Use TLS 1.3 or later
        #[arg(long = "tlsv1.3", overrides_with_all = ["tlsv1_2", "tlsv1_1", "tlsv1_0", "tlsv1"])]
        pub(crate) tlsv1_3: bool,

        /// Use TLS 1.2 or later; earlier versions are not supported
        #[arg(long = "tlsv1.1", hide_short_help = true, overrides_with_all = ["tlsv1_2", "tlsv1_3"])]
        tlsv1_1: bool,

        /// Use TLS 1.2 or later; earlier versions are not supported
        #[arg(long = "tlsv1.0", hide_short_help = true, overrides_with_all = ["tlsv1_2", "tlsv1_3"])]
        tlsv1_0: bool,

        /// Use TLS 1.2 or later; earlier versions are not supported
        #[arg(short = '1', long = "tlsv1", hide_short_help = true, overrides_with_all = ["tlsv1_2", "tlsv1_3"])]
        tlsv1: bool,

        /// Use no later version of TLS than this: default, 1.2 or 1.3
        #[arg(long, value_name = "VERSION")]
        pub(crate) tls_max: Option<String>,

        /// Accept only a server with this key: sha256//HASH;..., or a PEM or DER file
        #[arg(long, value_name = "KEYS")]
        pub(crate) pinnedpubkey: Option<OsString>,

        /// Send this server name in the handshake; the certificate must still match the host
        #[arg(long, value_name = "NAME", overrides_with = "no_sni")]
        pub(crate) sni: Option<String>,

        /// Send no server name in the handshake
        #[arg(long, overrides_with = "sni")]
        pub(crate) no_sni: bool,

        /// Offer these protocols by ALPN, comma-separated (default: http/1.1 for https, none for tls)
        #[arg(long, value_name = "LIST", value_delimiter = ',', overrides_with = "no_alpn")]
        pub(crate) alpn: Option<Vec<String>>,

        /// Offer no protocols by ALPN
        #[arg(long, overrides_with = "alpn")]
        pub(crate) no_alpn: bool,
    }
}
