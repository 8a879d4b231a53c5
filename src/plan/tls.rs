//! TLS with the server: what to trust, and the client's certificate.

use std::env;
use std::ffi::OsString;

use super::usage_error::usage;
use crate::cli::proxy::ProxyOptions;
use crate::cli::tls::TlsOptions;
use crate::net::tls::{Offers, Settings, Sni, Versions};
use crate::output::escape;

/// What the options, and the environment behind them, say.
pub(super) fn settings(options: TlsOptions) -> anyhow::Result<Settings> {
    let versions = versions(&options)?;
    let (ca_file, ca_path) = trusted(options.cacert, "--cacert", options.capath, "--capath");
    Ok(Settings {
        is_proxy: false,
        insecure: options.insecure,
        numbers: false,
        ca_file,
        ca_path,
        ca_native: options.ca_native,
        crl_file: options.crlfile,
        certificate: named(options.cert),
        certificate_form: options.cert_type.unwrap_or_default(),
        key: named(options.key),
        key_form: options.key_type.unwrap_or_default(),
        passphrase: options.pass,
        versions,
        offers: Offers {
            ciphers: options.ciphers,
            tls13_ciphers: options.tls13_ciphers,
            groups: options.curves,
            signatures: options.sigalgs,
        },
        pins: options.pinnedpubkey,
        sni: match options.sni {
            _ if options.no_sni => Sni::Absent,
            Some(name) => Sni::Name(name),
            None => Sni::Host,
        },
        alpn: if options.no_alpn { Some(Vec::new()) } else { alpn(options.alpn)? },
        logs_keys: given("SSLKEYLOGFILE").is_some(),
    })
}

/// The names that `--alpn` lists: each of 1 to 255 bytes (RFC 7301 §3.1); none where the list is empty.
fn alpn(list: Option<Vec<String>>) -> anyhow::Result<Option<Vec<Vec<u8>>>> {
    let Some(list) = list else { return Ok(None) };
    let names: Vec<_> = list.into_iter().map(String::into_bytes).filter(|name| !name.is_empty()).collect();
    if names.iter().any(|name| name.len() > 255) {
        return Err(usage("--alpn", "a protocol name can be at most 255 bytes long"));
    }
    Ok(Some(names))
}

/// What holds for https proxies.
pub(super) fn proxy_settings(options: &ProxyOptions) -> Settings {
    let options = options.clone();
    let (ca_file, ca_path) =
        trusted(options.proxy_cacert, "--proxy-cacert", options.proxy_capath, "--proxy-capath");
    Settings {
        is_proxy: true,
        insecure: options.proxy_insecure,
        ca_file,
        ca_path,
        ca_native: options.proxy_ca_native,
        crl_file: options.proxy_crlfile,
        certificate: named(options.proxy_cert),
        certificate_form: options.proxy_cert_type.unwrap_or_default(),
        key: named(options.proxy_key),
        key_form: options.proxy_key_type.unwrap_or_default(),
        passphrase: options.proxy_pass,
        offers: Offers {
            ciphers: options.proxy_ciphers,
            tls13_ciphers: options.proxy_tls13_ciphers,
            ..Offers::default()
        },
        pins: options.proxy_pinnedpubkey,
        logs_keys: given("SSLKEYLOGFILE").is_some(),
        ..Settings::default()
    }
}

type Named = Option<(OsString, &'static str)>;

/// Where the certificates are: an option counts before the environment.
fn trusted(
    file: Option<OsString>,
    file_option: &'static str,
    folder: Option<OsString>,
    folder_option: &'static str,
) -> (Named, Named) {
    let file = file.map(|file| (file, file_option));
    let folder = folder.map(|folder| (folder, folder_option));
    if file.is_some() || folder.is_some() {
        return (file, folder);
    }
    let from = |name| Some((given(name)?, name));
    // As curl: its own variable counts before OpenSSL's.
    match from("CURL_CA_BUNDLE") {
        Some(bundle) => (Some(bundle), None),
        None => (from("SSL_CERT_FILE"), from("SSL_CERT_DIR")),
    }
}

/// The file of a client's certificate or key. As with curl an empty name is none, such as that of a
/// variable that a script has not set.
fn named(file: Option<OsString>) -> Option<OsString> {
    file.filter(|name| !name.is_empty())
}

fn given(variable: &str) -> Option<OsString> {
    env::var_os(variable).filter(|value| !value.is_empty())
}

fn versions(options: &TlsOptions) -> anyhow::Result<Versions> {
    let tls13 = match options.tls_max.as_deref() {
        None | Some("default" | "1.3") => true,
        Some("1.2") => false,
        Some(other) => {
            let shown = escape::value(other.as_bytes());
            return Err(usage("--tls-max", format!("{shown} is not one of default, 1.2 and 1.3")));
        }
    };
    if options.tlsv1_3 && !tls13 {
        return Err(usage("--tls-max", "leaves no version when used with --tlsv1.3"));
    }
    Ok(Versions { tls12: !options.tlsv1_3, tls13 })
}
