//! TLS around any stream: what the user's options say of it, what came of the
//! handshake, and the switch between the builds with it and without.
//!
//! Nothing here is touched, and no root store read, until a connection needs it.

#[cfg(feature = "tls")]
#[path = "enabled/mod.rs"]
mod imp;
#[cfg(not(feature = "tls"))]
#[path = "disabled.rs"]
mod imp;

use std::ffi::OsString;
use std::fmt;
use std::str::FromStr;

pub(crate) use imp::{Handshake, IS_BUILT, NAME, Tls};

/// Something other than TLS came.
#[derive(Debug)]
pub(crate) struct NotTls {
    /// What came.
    pub(crate) bytes: Vec<u8>,
    /// HTTP was to be spoken behind TLS.
    pub(crate) is_http: bool,
}

impl fmt::Display for NotTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hint = if self.is_http { " (http:// does not use TLS)" } else { "" };
        write!(f, "it does not speak TLS{hint}")
    }
}

impl std::error::Error for NotTls {}

/// What the user's options say about TLS with one kind of peer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Whether the peer is a proxy: then the options' names begin with `--proxy-`.
    pub(crate) is_proxy: bool,
    /// `-k`: any certificate will do.
    pub(crate) insecure: bool,
    /// Whether what is wrong with a certificate is found out even with `-k`.
    pub(crate) numbers: bool,
    /// `--cacert`, or a variable of the environment; with which of them it was said.
    pub(crate) ca_file: Option<(OsString, &'static str)>,
    /// `--capath`, or a variable of the environment; with which of them it was said.
    pub(crate) ca_path: Option<(OsString, &'static str)>,
    /// `--ca-native`: the system's roots are trusted in addition to those named.
    pub(crate) ca_native: bool,
    /// `--crlfile`.
    pub(crate) crl_file: Option<OsString>,
    /// `--cert`.
    pub(crate) certificate: Option<OsString>,
    /// `--cert-type`.
    pub(crate) certificate_form: KeyForm,
    /// `--key`; without it the key stands in the certificate's file.
    pub(crate) key: Option<OsString>,
    /// `--key-type`.
    pub(crate) key_form: KeyForm,
    /// `--pass`: what opens the key.
    pub(crate) passphrase: Option<OsString>,
    /// The versions that may be spoken.
    pub(crate) versions: Versions,
    /// What else is offered.
    pub(crate) offers: Offers,
    /// `--pinnedpubkey`: hashes of keys, or a file with one.
    pub(crate) pins: Option<OsString>,
    /// What name the handshake gives.
    pub(crate) sni: Sni,
    /// `--alpn`: what is offered (RFC 7301), in the place of what the scheme says.
    pub(crate) alpn: Option<Vec<Vec<u8>>>,
    /// `SSLKEYLOGFILE` is set.
    pub(crate) logs_keys: bool,
}

/// Lists of what a handshake offers, as the user writes them; `None`: all there is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Offers {
    /// `--ciphers`.
    pub(crate) ciphers: Option<String>,
    /// `--tls13-ciphers`.
    pub(crate) tls13_ciphers: Option<String>,
    /// `--curves`.
    pub(crate) groups: Option<String>,
    /// `--sigalgs`.
    pub(crate) signatures: Option<String>,
}

/// The form of a file with a certificate or a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum KeyForm {
    /// Text (RFC 7468).
    #[default]
    Pem,
    /// Bytes (X.690).
    Der,
    /// Certificate and key in one (RFC 7292).
    Pkcs12,
}

impl FromStr for KeyForm {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_uppercase().as_str() {
            "PEM" => Ok(Self::Pem),
            "DER" => Ok(Self::Der),
            "P12" => Ok(Self::Pkcs12),
            _ => Err("the forms are PEM and DER".to_owned()),
        }
    }
}

/// Which versions of TLS may be spoken. Those before 1.2 never may (RFC 8996).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Versions {
    pub(crate) tls12: bool,
    pub(crate) tls13: bool,
}

impl Default for Versions {
    fn default() -> Self {
        Self { tls12: true, tls13: true }
    }
}

/// The server name in the handshake (RFC 6066 §3). The certificate has to be
/// the host's whatever it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sni {
    /// The host, where it is a name.
    #[default]
    Host,
    /// This one.
    Name(String),
    Absent,
}

/// What a handshake came to, told whether it succeeded or not.
#[derive(Clone, Debug)]
pub(crate) struct Secured {
    /// The name that the certificate must be for.
    pub(crate) host: String,
    /// `TLSv1.3`, where it came so far.
    pub(crate) version: Option<&'static str>,
    /// The cipher suite.
    pub(crate) cipher: Option<String>,
    /// The protocol that the server chose (RFC 7301).
    pub(crate) alpn: Option<String>,
    /// The server's certificates in the order in which it sent them.
    pub(crate) chain: Vec<Certificate>,
    /// What the user is to think of them.
    pub(crate) verdict: PeerVerdict,
    /// Why it is unknown whether the server has its certificate's key, if it is.
    pub(crate) unproven: Option<String>,
}

/// Whether a server is who it says: where nothing is refused, a trusted root leads to its
/// certificate, which is the host's, or nobody looked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PeerVerdict {
    /// Somebody looked (no `-k`).
    pub(crate) is_checked: bool,
    /// Why the certificate is refused.
    pub(crate) refusal: Option<String>,
    /// Its key is none of those that `--pinnedpubkey` names, or it has not proved that it
    /// has that key.
    pub(crate) is_unpinned: bool,
    /// OpenSSL's number for what is wrong with the certificate; 0 where nothing is, or nobody looked.
    pub(crate) number: u8,
}

/// One certificate, for people (RFC 5280).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Certificate {
    /// The distinguished name of its subject (RFC 4514).
    pub(crate) subject: String,
    /// The distinguished name of the CA that signed it, as the certificate names it (RFC 4514).
    pub(crate) issuer: String,
    /// The names and addresses for which it is good.
    pub(crate) names: Vec<String>,
    /// First moment of its validity, as `2026-01-09T10:11:12Z`.
    pub(crate) not_before: String,
    /// Last moment of its validity, in the same form.
    pub(crate) not_after: String,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub(crate) sha256: String,
    /// The serial number that the CA gave it, in hexadecimal digits.
    pub(crate) serial: String,
    /// What key it holds, as in `RSA 2048` or `EC P-256`.
    pub(crate) key: String,
    /// How it is signed, as in `SHA-256 with RSA`.
    pub(crate) signature: String,
    /// The place in the chain of the certificate that issued it, by its name: its own
    /// where it is signed by itself.
    pub(crate) issued_by: Option<usize>,
    /// What is wrong with it, in words.
    pub(crate) faults: Vec<String>,
    /// Its bytes (DER).
    pub(crate) der: Vec<u8>,
}

/// Who issued the certificate at `place` of a chain, in words.
pub(crate) fn issuer_words(certificate: &Certificate, place: usize) -> String {
    match certificate.issued_by {
        Some(by) if by == place => "itself".to_owned(),
        Some(by) => format!("certificate {by}"),
        None => "not sent".to_owned(),
    }
}
