//! `--as-curl`: what the options say apart from the request, in curl's options.

use std::cell::Cell;
use std::ffi::{OsStr, OsString};
use std::time::Duration;

use super::usage_error::usage;
use crate::cli::Cli;
use crate::cli::connecting::ConnectingOptions;
use crate::cli::proxy::ProxyOptions;
use crate::cli::saving::SavingOptions;
use crate::cli::sending::DataKind;
use crate::cli::tls::TlsOptions;
use crate::net::tls::KeyForm;
use crate::report::redact::Redaction;

/// What the command line of curl holds whatever the request.
pub(crate) struct CurlLine {
    /// Options and their values, each a word.
    pub(crate) words: Vec<Vec<u8>>,
    /// The file that all data come from.
    pub(crate) data_file: Option<OsString>,
    /// `--crlf`.
    pub(crate) crlf: bool,
    /// What curl does otherwise with these options, for the user: taken when it is told.
    pub(crate) notes: Cell<Vec<String>>,
    /// No proxy is gone by, whatever the environment says.
    pub(crate) goes_direct: bool,
    /// Redirects are followed.
    pub(crate) follows: bool,
    /// They change no method, since -X names it.
    pub(crate) keeps_method: bool,
    pub(crate) redaction: Redaction,
}

impl CurlLine {
    /// What `cli` says; an error where curl has no option for that. `None` without `--as-curl`.
    pub(super) fn new(cli: &Cli) -> anyhow::Result<Option<Self>> {
        if !cli.showing.as_curl {
            return Ok(None);
        }
        refuse_what_curl_cannot(cli)?;
        let mut words = CommandWords(Vec::new());
        words.of_run(cli);
        words.of_following(cli);
        words.of_saving(&cli.saving);
        if cli.sending.upload_file.is_empty() {
            // The field goes by -H as others do; this makes curl append to the file.
            words.value("-C", cli.saving.continue_at.map(|resume| resume.to_string()));
        }
        words.of_connecting(&cli.connecting);
        words.of_tls(&cli.tls);
        words.of_proxy_tls(&cli.proxy);
        let is_exempt = cli.proxy.noproxy.is_some() || cli.proxy.proxy.as_deref() == Some("");
        let redaction = Redaction(cli.recording.redact);
        let (words, data_file, notes) = (words.0, data_file(cli), Cell::new(notes(cli)));
        let crlf = cli.sending.crlf;
        let goes_direct = is_exempt;
        let follows = follows(cli);
        let keeps_method = follows && cli.sending.request.is_some() && !cli.following.follow;
        Ok(Some(Self { words, data_file, crlf, notes, goes_direct, follows, keeps_method, redaction }))
    }
}

/// What no option of curl does.
fn refuse_what_curl_cannot(cli: &Cli) -> anyhow::Result<()> {
    let (connecting, sending, tls) = (&cli.connecting, &cli.sending, &cli.tls);
    let alpn = tls.alpn.as_ref().is_some_and(|names| names != &["http/1.1"]);
    let asked = [
        (!connecting.split.is_empty(), "--split", "cut a request"),
        (connecting.segment.is_some(), "--segment", "cut a request"),
        (connecting.race, "--race", "let the last bytes of several requests go out together"),
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
        (
            cli.proxy.proxy_digest,
            "--proxy-digest",
            "plan what follows a challenge: give curl --proxy-digest and -U",
        ),
        (
            cli.proxy.proxy_anyauth,
            "--proxy-anyauth",
            "plan what follows a challenge: give curl --proxy-anyauth and -U",
        ),
    ];
    match asked.into_iter().find(|(is_given, ..)| *is_given) {
        Some((_, name, what)) => Err(usage("--as-curl", format!("{name}: curl cannot {what}"))),
        None => Ok(()),
    }
}

/// What the lines do not do, though their first requests are the same bytes.
fn notes(cli: &Cli) -> Vec<String> {
    let (connecting, following) = (&cli.connecting, &cli.following);
    let is_file = |cookie: &OsString| !cookie.as_encoded_bytes().contains(&b'=');
    let has_jar = following.cookie_jar.is_some() || following.cookie.iter().any(is_file);
    let whole = [connecting.speed_time, connecting.retry_delay, connecting.retry_max_time];
    let all = [
        (
            whole.iter().flatten().any(|time| time.subsec_nanos() > 0),
            "curl takes whole seconds for --speed-time, --retry-delay and --retry-max-time: rounded up",
        ),
        (
            connecting.keep_alive && cli.targets.len() > 1,
            "each line connects anew: for one connection (--keep-alive), join them with --next",
        ),
        (
            connecting.until_eof || connecting.linger.is_some(),
            "curl does not read on after a message's end (--until-eof, --linger)",
        ),
        (
            follows(cli) && has_jar && !following.cookie.is_empty(),
            "curl sends the Cookie of this request on redirects too, and none that it receives (-b)",
        ),
        (
            follows(cli)
                && cli.sending.referer.as_ref().is_some_and(|it| it.as_encoded_bytes().ends_with(b";auto")),
            "curl sends this Referer on redirects too: for ;auto, give -e in place of -H Referer",
        ),
        (
            cli.saving.fail_early,
            "each line runs even if one before it fails (--fail-early): join them with &&",
        ),
    ];
    all.into_iter().filter(|(is_so, _)| *is_so).map(|(_, note)| note.to_owned()).collect()
}

fn follows(cli: &Cli) -> bool {
    cli.following.location || cli.following.follow || cli.following.location_trusted
}

/// The file of `--data-binary @FILE` or `--json @FILE`, where that is all.
fn data_file(cli: &Cli) -> Option<OsString> {
    let [(DataKind::Binary | DataKind::Json, data)] = &cli.sending.all_data[..] else { return None };
    let path = data.to_str()?.strip_prefix('@')?;
    (path != "-" && !cli.sending.get).then(|| path.into())
}

struct CommandWords(Vec<Vec<u8>>);

impl CommandWords {
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

    /// An option for which older curls take only whole seconds: rounded up.
    fn whole_seconds(&mut self, name: &str, value: Option<Duration>) {
        self.value(name, value.map(|value| value.as_secs_f64().ceil().to_string()));
    }

    fn of_run(&mut self, cli: &Cli) {
        let showing = &cli.showing;
        self.switch(showing.silent, "-s");
        self.switch(showing.show_error, "-S");
        self.switch(showing.verbose, "-v");
        self.switch(showing.show_headers, "-i");
        self.value("-D", showing.dump_header.as_ref());
        self.switch(showing.ignore_content_length, "--ignore-content-length");
        self.switch(showing.http0_9, "--http0.9");
        self.switch(cli.sending.compressed, "--compressed");
        self.seconds("--expect100-timeout", cli.sending.expect100_timeout);
        self.switch(cli.proxy.suppress_connect_headers, "--suppress-connect-headers");
    }

    fn of_following(&mut self, cli: &Cli) {
        let following = &cli.following;
        self.switch(following.location || following.follow, "-L");
        self.switch(following.location_trusted, "--location-trusted");
        self.value("--max-redirs", following.max_redirs.map(|number| number.to_string()));
        self.switch(following.post301, "--post301");
        self.switch(following.post302, "--post302");
        self.switch(following.post303, "--post303");
        self.value("--proto-redir", following.proto_redir.map(|schemes| schemes.to_string()));
        self.value("--hsts", following.hsts.as_ref());
        self.value("-c", following.cookie_jar.as_ref());
    }

    fn of_saving(&mut self, saving: &SavingOptions) {
        self.switch(saving.fail, "-f");
        self.switch(saving.fail_with_body, "--fail-with-body");
        self.value("--max-filesize", saving.max_filesize.map(|bytes| bytes.to_string()));
        self.switch(saving.create_dirs, "--create-dirs");
        self.switch(saving.no_clobber, "--no-clobber");
        self.switch(saving.clobber, "--clobber");
        self.switch(saving.remove_on_error, "--remove-on-error");
        self.switch(saving.remote_time, "-R");
        self.switch(saving.xattr, "--xattr");
        self.value("--create-file-mode", saving.create_file_mode.map(|mode| format!("{mode:o}")));
        self.value("--etag-save", saving.etag_save.as_ref());
    }

    fn of_connecting(&mut self, options: &ConnectingOptions) {
        self.switch(options.ipv4, "-4");
        self.switch(options.ipv6, "-6");
        self.seconds("--connect-timeout", options.connect_timeout);
        self.seconds("-m", options.max_time);
        self.value("--limit-rate", options.limit_rate.map(|rate| rate.to_string()));
        self.value("-Y", options.speed_limit.map(|rate| rate.to_string()));
        self.whole_seconds("-y", options.speed_time);
        self.value("--retry", options.retry.map(|number| number.to_string()));
        self.whole_seconds("--retry-delay", options.retry_delay);
        self.whole_seconds("--retry-max-time", options.retry_max_time);
        self.switch(options.retry_connrefused, "--retry-connrefused");
        self.switch(options.retry_all_errors, "--retry-all-errors");
        self.value("--keepalive-time", options.keepalive_time.map(|seconds| seconds.to_string()));
        self.value("--keepalive-cnt", options.keepalive_cnt.map(|count| count.to_string()));
        self.switch(options.no_keepalive, "--no-keepalive");
        self.value("--ip-tos", options.ip_tos.map(|number| number.to_string()));
        self.value("--vlan-priority", options.vlan_priority.map(|number| number.to_string()));
        self.switch(options.mptcp, "--mptcp");
        self.value("--happy-eyeballs-timeout-ms", options.happy_eyeballs_timeout_ms.map(|ms| ms.to_string()));
        self.switch(options.no_tcp_nodelay, "--no-tcp-nodelay");
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

    fn of_tls(&mut self, tls: &TlsOptions) {
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
        self.switch(proxy.proxy_ca_native, "--proxy-ca-native");
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::CurlLine;
    use crate::cli;

    /// Options that this file need not know, and why.
    const ELSEWHERE: [&str; 4] = [
        // They are in the bytes and the URL of the request, or say how many lines there are.
        "bare data data_ascii data_binary data_raw data_urlencode demo etag_compare expand_send \
         fix_length form form_escape form_string glob globoff head header http1_0 http1_1 json \
         junk_session_cookies netrc netrc_file netrc_optional next oauth2_bearer path_as_is proto_default \
         range repeat request_target send time_cond tr_encoding url url_query user \
         user_agent variable vary config curl disable",
        // They make the route, which is asked for each URL, or are looked at before.
        "preproxy proxy1_0 proxy_header proxy_user proxytunnel socks4 socks4a socks5 socks5_hostname \
         disallow_username_in_url proto pause read",
        // What they ask for is so already.
        "basic ech egd_file false_start http2 http3 no_npn no_sessionid parallel \
         parallel_immediate parallel_max parallel_max_host proxy_basic proxy_http2 proxy_http3 \
         proxy_ssl_allow_beast proxy_ssl_auto_client_cert proxy_tlsv1 random_file socks5_basic \
         ssl_allow_beast ssl_auto_client_cert ssl_no_revoke ssl_revoke_best_effort tcp_fastopen \
         tcp_nodelay tls_earlydata tlsv1 tlsv1_0 tlsv1_1 use_ascii",
        // They are about what is shown and saved here, or about several requests, each of which has a line of its own.
        "body certs charset check check_format check_ignore color completions diff diff_ignore dry_run \
         escape every explain fail_status har help man no_buffer no_progress_meter no_remote_name \
         no_remote_name_all no_styled_output out_null output output_dir pretty print progress_bar progress_meter rate raw \
         remote_header_name remote_name remote_name_all save skip_existing stderr styled_output timing trace trace_ascii \
         trace_config trace_ids trace_time version write_out ws_binary",
    ];

    #[test]
    fn each_option_is_in_the_line_or_has_no_place_there() {
        let (source, _) = include_str!("curl_line.rs").split_once("#[cfg(test)]").expect("this module");
        let command = crate::command();
        let options = command.get_arguments().filter(|argument| !argument.is_positional());
        let defined: BTreeSet<_> = options.map(|argument| argument.get_id().as_str()).collect();
        let is_read = |id: &&str| {
            let name = format!(".{id}");
            source
                .split(&name)
                .skip(1)
                .any(|rest| !rest.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_'))
        };
        let elsewhere: BTreeSet<_> = ELSEWHERE.iter().flat_map(|ids| ids.split_whitespace()).collect();
        let left: BTreeSet<_> = defined.iter().copied().filter(|id| !is_read(id)).collect();
        let missing: Vec<_> = left.difference(&elsewhere).collect();
        let needless: Vec<_> = elsewhere.difference(&left).collect();
        assert!(missing.is_empty() && needless.is_empty(), "missing {missing:?}, needless {needless:?}");
    }

    #[test]
    fn what_curl_cannot_do_is_refused() {
        for options in [
            "--split 3",
            "--segment 3",
            "--race",
            "--pipeline",
            "--half-close",
            "--via x",
            "--starttls smtp",
            "--haproxy-clientip ::1",
            "--chunk-size 4",
            "--chunk-ext a",
            "--trailer A:b",
            "--sni i",
            "--no-sni",
            "--alpn x",
            "--digest -u a:b",
            "--anyauth -u a:b",
            "--proxy-digest -U a:b",
            "--proxy-anyauth -U a:b",
        ] {
            let words = ["--as-curl", "h"].into_iter().chain(options.split(' '));
            let arguments: Vec<_> = words.map(Into::into).collect();
            let groups = cli::parse(&"rawget".into(), &[arguments]).expect(options);
            let refused = CurlLine::new(&groups[0]).err().expect(options).to_string();
            let option = options.split(' ').next().expect("an option");
            assert!(refused.starts_with(&format!("--as-curl: {option}: curl cannot ")), "{refused}");
        }
    }
}
