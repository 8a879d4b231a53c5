//! `--as-curl`: what the options say beside the request, in curl's options.

use std::ffi::{OsStr, OsString};
use std::time::Duration;

use super::usage;
use crate::cli::Cli;
use crate::cli::connecting::Connecting;
use crate::cli::proxy::ProxyOptions;
use crate::cli::sending::DataKind;
use crate::cli::tls::Tls;
use crate::net::tls::KeyForm;
use crate::report::redact::Redaction;

/// What the command line of curl holds whatever the request.
pub(crate) struct CurlLine {
    /// Options and their values, each a word.
    pub(crate) words: Vec<Vec<u8>>,
    /// The file that all data come from.
    pub(crate) data_file: Option<OsString>,
    /// No proxy is gone by, whatever the environment says.
    pub(crate) goes_direct: bool,
    pub(crate) redaction: Redaction,
}

impl CurlLine {
    /// What `cli` says; an error where curl has no option for that. `None` without `--as-curl`.
    pub(super) fn new(cli: &Cli) -> anyhow::Result<Option<Self>> {
        if !cli.showing.as_curl {
            return Ok(None);
        }
        if cli.sending.read.is_some() {
            return Err(usage("--as-curl", "with --read nothing is sent"));
        }
        refuse_what_curl_cannot(cli)?;
        let mut words = Words(Vec::new());
        words.of_run(cli);
        words.of_connecting(&cli.connecting);
        words.of_tls(&cli.tls);
        words.of_proxy_tls(&cli.proxy);
        let is_exempt = cli.proxy.noproxy.is_some() || cli.proxy.proxy.as_deref() == Some("");
        let redaction = Redaction(cli.recording.redact);
        Ok(Some(Self { words: words.0, data_file: data_file(cli), goes_direct: is_exempt, redaction }))
    }
}

/// What no option of curl does.
fn refuse_what_curl_cannot(cli: &Cli) -> anyhow::Result<()> {
    let (connecting, sending, tls) = (&cli.connecting, &cli.sending, &cli.tls);
    let alpn = tls.alpn.as_ref().is_some_and(|names| names != &["http/1.1"]);
    let asked = [
        (!connecting.split.is_empty(), "--split", "cut a request"),
        (connecting.segment.is_some(), "--segment", "cut a request"),
        (connecting.pipeline, "--pipeline", "send a request before the response to the one before"),
        (connecting.half_close, "--half-close", "shut down the sending side alone"),
        (connecting.via.is_some(), "--via", "connect by a command"),
        (
            connecting.starttls.is_some(),
            "--starttls",
            "begin TLS in a plain dialogue and then send these bytes",
        ),
        (connecting.haproxy_clientip.is_some(), "--haproxy-clientip", "name another client in every version"),
        (sending.chunk_size.is_some(), "--chunk-size", "choose the size of chunks"),
        (sending.chunk_ext.is_some(), "--chunk-ext", "send chunk extensions"),
        (!sending.trailer.is_empty(), "--trailer", "send a trailer section"),
        (tls.sni.is_some(), "--sni", "give a server name other than the host's"),
        (tls.no_sni, "--no-sni", "leave out the server name"),
        (alpn, "--alpn", "choose what ALPN offers"),
        (cli.credentials.digest, "--digest", "plan what follows a challenge: give curl --digest and -u"),
        (cli.credentials.anyauth, "--anyauth", "plan what follows a challenge: give curl --anyauth and -u"),
    ];
    match asked.into_iter().find(|(is_given, ..)| *is_given) {
        Some((_, name, what)) => Err(usage("--as-curl", format!("{name}: curl cannot {what}"))),
        None => Ok(()),
    }
}

/// The file of `--data-binary @FILE` or `--json @FILE`, where that is all.
fn data_file(cli: &Cli) -> Option<OsString> {
    let [(DataKind::Binary | DataKind::Json, data)] = &cli.sending.all_data[..] else { return None };
    let path = data.to_str()?.strip_prefix('@')?;
    (path != "-" && !cli.sending.get).then(|| path.into())
}

struct Words(Vec<Vec<u8>>);

impl Words {
    fn switch(&mut self, is_given: bool, name: &str) {
        if is_given {
            self.0.push(name.as_bytes().to_vec());
        }
    }

    fn value(&mut self, name: &str, value: Option<impl AsRef<OsStr>>) {
        if let Some(value) = value {
            self.0.push(name.as_bytes().to_vec());
            self.0.push(value.as_ref().as_encoded_bytes().to_vec());
        }
    }

    fn seconds(&mut self, name: &str, value: Option<Duration>) {
        self.value(name, value.map(|value| value.as_secs_f64().to_string()));
    }

    fn of_run(&mut self, cli: &Cli) {
        let (showing, following, saving) = (&cli.showing, &cli.following, &cli.saving);
        self.switch(showing.silent, "-s");
        self.switch(showing.show_error, "-S");
        self.switch(showing.verbose, "-v");
        self.switch(showing.show_headers, "-i");
        self.value("-D", showing.dump_header.as_ref());
        self.switch(following.location || following.follow, "-L");
        self.switch(following.location_trusted, "--location-trusted");
        self.value("--max-redirs", following.max_redirs.map(|number| number.to_string()));
        self.switch(following.post301, "--post301");
        self.switch(following.post302, "--post302");
        self.switch(following.post303, "--post303");
        self.value("-c", following.cookie_jar.as_ref());
        self.switch(cli.sending.compressed, "--compressed");
        self.switch(saving.fail, "-f");
        self.switch(saving.fail_with_body, "--fail-with-body");
    }

    fn of_connecting(&mut self, options: &Connecting) {
        self.switch(options.ipv4, "-4");
        self.switch(options.ipv6, "-6");
        self.seconds("--connect-timeout", options.connect_timeout);
        self.seconds("-m", options.max_time);
        self.value("--limit-rate", options.limit_rate.map(|rate| rate.to_string()));
        self.value("--retry", options.retry.map(|number| number.to_string()));
        self.value("--interface", options.interface.as_ref());
        self.value("--local-port", options.local_port.map(|(first, last)| format!("{first}-{last}")));
        self.value("--unix-socket", options.unix_socket.as_ref());
        self.value("--abstract-unix-socket", options.abstract_unix_socket.as_ref());
        self.switch(options.haproxy_protocol, "--haproxy-protocol");
        options.resolve.iter().for_each(|rule| self.value("--resolve", Some(rule.to_string())));
        options.connect_to.iter().for_each(|rule| self.value("--connect-to", Some(rule.to_string())));
        self.value("--doh-url", options.doh_url.as_ref());
        self.switch(options.doh_insecure, "--doh-insecure");
    }

    fn of_tls(&mut self, tls: &Tls) {
        self.switch(tls.insecure, "-k");
        self.value("--cacert", tls.cacert.as_ref());
        self.value("--capath", tls.capath.as_ref());
        self.switch(tls.ca_native, "--ca-native");
        self.value("--crlfile", tls.crlfile.as_ref());
        self.value("--cert", tls.cert.as_ref());
        self.value("--cert-type", tls.cert_type.map(form));
        self.value("--key", tls.key.as_ref());
        self.value("--key-type", tls.key_type.map(form));
        self.value("--pass", tls.pass.as_ref());
        self.value("--ciphers", tls.ciphers.as_ref());
        self.value("--tls13-ciphers", tls.tls13_ciphers.as_ref());
        self.value("--curves", tls.curves.as_ref());
        self.value("--sigalgs", tls.sigalgs.as_ref());
        self.switch(tls.tlsv1_2, "--tlsv1.2");
        self.switch(tls.tlsv1_3, "--tlsv1.3");
        self.value("--tls-max", tls.tls_max.as_ref());
        self.value("--pinnedpubkey", tls.pinnedpubkey.as_ref());
        self.switch(tls.no_alpn, "--no-alpn");
    }

    fn of_proxy_tls(&mut self, proxy: &ProxyOptions) {
        self.switch(proxy.proxy_insecure, "--proxy-insecure");
        self.value("--proxy-cacert", proxy.proxy_cacert.as_ref());
        self.value("--proxy-capath", proxy.proxy_capath.as_ref());
        self.value("--proxy-crlfile", proxy.proxy_crlfile.as_ref());
        self.value("--proxy-cert", proxy.proxy_cert.as_ref());
        self.value("--proxy-cert-type", proxy.proxy_cert_type.map(form));
        self.value("--proxy-key", proxy.proxy_key.as_ref());
        self.value("--proxy-key-type", proxy.proxy_key_type.map(form));
        self.value("--proxy-pass", proxy.proxy_pass.as_ref());
        self.value("--proxy-pinnedpubkey", proxy.proxy_pinnedpubkey.as_ref());
        self.value("--proxy-ciphers", proxy.proxy_ciphers.as_ref());
        self.value("--proxy-tls13-ciphers", proxy.proxy_tls13_ciphers.as_ref());
    }
}

fn form(form: KeyForm) -> &'static str {
    match form {
        KeyForm::Pem => "PEM",
        KeyForm::Der => "DER",
        KeyForm::Pkcs12 => "P12",
    }
}
