//! TLS with the server: whom to trust, and what to show of oneself.

use std::env;
use std::ffi::OsString;

use super::usage;
use crate::cli::proxy::ProxyOptions;
use crate::cli::tls::Tls;
use crate::net::tls::{Settings, Sni, Versions};
use crate::output::escape::one_line;

/// What the options, and the environment behind them, say.
pub(super) fn settings(options: Tls) -> anyhow::Result<Settings> {
    let versions = versions(&options)?;
    let (ca_file, ca_path) = trusted(options.cacert, "--cacert", options.capath);
    Ok(Settings {
        insecure: options.insecure,
        ca_file,
        ca_path,
        certificate: options.cert,
        key: options.key,
        versions,
        pins: options.pinnedpubkey,
        sni: match options.sni {
            _ if options.no_sni => Sni::Absent,
            Some(name) => Sni::Name(name),
            None => Sni::Host,
        },
        alpn: alpn(options.alpn)?,
        logs_keys: given("SSLKEYLOGFILE").is_some(),
    })
}

/// The names that `--alpn` lists: each of 1 to 255 bytes (RFC 7301 §3.1); none where the list is empty.
fn alpn(list: Option<Vec<String>>) -> anyhow::Result<Option<Vec<Vec<u8>>>> {
    let Some(list) = list else { return Ok(None) };
    let names: Vec<_> = list.into_iter().map(String::into_bytes).filter(|name| !name.is_empty()).collect();
    if names.iter().any(|name| name.len() > 255) {
        return Err(usage("--alpn", "a protocol's name has 255 bytes at most"));
    }
    Ok(Some(names))
}

/// What holds for https proxies.
pub(super) fn proxy_settings(options: &ProxyOptions) -> Settings {
    let (ca_file, ca_path) = trusted(options.proxy_cacert.clone(), "--proxy-cacert", None);
    Settings {
        insecure: options.proxy_insecure,
        ca_file,
        ca_path,
        logs_keys: given("SSLKEYLOGFILE").is_some(),
        ..Settings::default()
    }
}

type Named = Option<(OsString, &'static str)>;

/// Where the certificates are: an option counts before the environment.
fn trusted(cacert: Option<OsString>, option: &'static str, capath: Option<OsString>) -> (Named, Named) {
    let file = cacert.map(|file| (file, option));
    let path = capath.map(|path| (path, "--capath"));
    if file.is_some() || path.is_some() {
        return (file, path);
    }
    let named = |name| Some((given(name)?, name));
    (named("SSL_CERT_FILE"), named("SSL_CERT_DIR"))
}

fn given(variable: &str) -> Option<OsString> {
    env::var_os(variable).filter(|value| !value.is_empty())
}

fn versions(options: &Tls) -> anyhow::Result<Versions> {
    let tls13 = match options.tls_max.as_deref() {
        None | Some("default" | "1.3") => true,
        Some("1.2") => false,
        Some(other) => {
            let shown = one_line(other.as_bytes());
            return Err(usage("--tls-max", format!("{shown} is none of default, 1.2 and 1.3")));
        }
    };
    if options.tlsv1_3 && !tls13 {
        return Err(usage("--tls-max", "leaves no version to speak beside --tlsv1.3"));
    }
    Ok(Versions { tls12: !options.tlsv1_3, tls13 })
}
