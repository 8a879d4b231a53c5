//! What each option is in a run that does not make an ordinary request: one table, for what
//! is refused there, and for the test that holds it against the definitions.

use std::ffi::OsString;

use super::{Cli, GROUPS};

/// What a run is about, where that is not a request made of options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// `--send` for HTTP: the request's bytes are given.
    Send,
    /// `--read`: the response's bytes are given, and nothing is connected to.
    Read,
    /// A `tcp://` or `tls://` target.
    Tcp,
    /// A `ws://` or `wss://` target.
    WebSocket,
    /// `--read` with a folder, which holds the requests' bytes: as [`Mode::Send`].
    Folder,
}

/// What becomes of an option in a mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// It has effect.
    Works,
    /// What it asks for is so already, or what it limits or permits does not occur.
    Met,
    /// It has no effect, and a line says so.
    Unused,
    /// It would have no effect, and is refused.
    Refused,
    /// It is refused where it is read, with a reason of its own, where it would have no effect.
    RefusedWithReason,
}

use Effect::{Met as M, Refused as R, RefusedWithReason as O, Unused as U, Works as W};

/// The options by their names for clap, beneath what they are in each [`Mode`], in its order.
#[rustfmt::skip]
const TABLE: &[([Effect; 4], &str)] = &[
    // What says how to build a request.
    ([R, W, R, W], "\
        request header user_agent referer data data_raw data_binary data_ascii data_urlencode json form \
        form_string form_escape upload_file chunk_size chunk_ext trailer get url_query range tr_encoding \
        etag_compare time_cond http1_0 http1_1 request_target bare user oauth2_bearer netrc netrc_file \
        netrc_optional cookie junk_session_cookies"),
    ([R, W, R, R], "head continue_at"),
    // What is about another request after a response.
    ([R, U, R, W], "digest anyauth location location_trusted follow"),
    ([R, M, R, W], "expect100_timeout max_redirs post301 post302 post303 proto_redir"),
    // What is about the response as HTTP.
    ([W, W, R, W], "\
        compressed cookie_jar dump_header fail_status remote_header_name remote_time xattr etag_save hsts"),
    ([W, W, M, W], "fail fail_with_body show_headers"),
    ([W, W, R, R], "ignore_content_length http0_9"),
    ([W, W, M, M], "until_eof"),
    // Which bytes are used.
    ([W, W, W, W], "send expand_send crlf dry_run"),
    ([W, W, W, O], "fix_length"),
    ([O, O, O, W], "ws_binary"),
    ([W, W, W, O], "read"),
    ([O, O, O, O], "vary"),
    ([W, O, W, W], "repeat"),
    ([W, O, O, O], "race"),
    ([W, R, O, O], "as_curl"),
    // How it is sent.
    ([W, R, R, R], "pipeline"),
    ([W, M, M, M], "keep_alive"),
    ([W, R, W, W], "\
        split segment pause half_close linger interface local_port unix_socket abstract_unix_socket via \
        haproxy_protocol haproxy_clientip resolve connect_to certs pinnedpubkey crlfile"),
    ([O, R, W, O], "starttls"),
    // What permits or limits a connection, and does no harm where there is none.
    ([W, M, W, W], "\
        connect_timeout retry_delay retry_max_time retry_connrefused retry_all_errors rate limit_rate \
        speed_limit speed_time keepalive_time keepalive_cnt no_keepalive ip_tos vlan_priority mptcp \
        happy_eyeballs_timeout_ms no_tcp_nodelay tcp_nodelay ipv4 ipv6 doh_insecure insecure cacert \
        capath ca_native cert cert_type key key_type pass ciphers tls13_ciphers curves sigalgs tlsv1_2 \
        tlsv1_3 tlsv1_1 tlsv1_0 tlsv1 tls_max proxy_user proxy_basic proxy_digest proxy_anyauth proxy_insecure \
        proxy_cacert proxy_capath proxy_ca_native proxy_crlfile proxy_cert proxy_cert_type proxy_key proxy_key_type \
        proxy_pass proxy_pinnedpubkey proxy_ciphers proxy_tls13_ciphers suppress_connect_headers demo every"),
    ([W, U, W, W], "\
        retry doh_url sni no_sni alpn no_alpn proxytunnel proxy_header socks4 socks4a socks5 socks5_hostname preproxy"),
    // Which way, which an http proxy's form of the target shows.
    ([W, W, W, W], "proxy noproxy proxy1_0"),
    // Targets, and what is shown, saved and recorded.
    ([W, W, W, W], "\
        url config variable next glob globoff disallow_username_in_url proto proto_default max_time body \
        print verbose explain check check_format check_ignore raw pretty no_buffer charset silent show_error stderr \
        escape progress_bar no_progress_meter progress_meter color no_styled_output styled_output diff \
        diff_ignore fail_early max_filesize output remote_name out_null no_remote_name remote_name_all \
        no_remote_name_all \
        output_dir create_dirs no_clobber clobber skip_existing remove_on_error create_file_mode trace trace_ascii trace_time \
        trace_ids trace_config save har write_out timing redact curl path_as_is help version man completions"),
    // What is so already.
    ([M, M, M, M], "\
        basic http2 http3 proxy_http2 proxy_http3 disable no_sessionid no_npn ssl_no_revoke \
        ssl_revoke_best_effort ssl_allow_beast proxy_ssl_allow_beast false_start tcp_fastopen parallel \
        parallel_immediate parallel_max parallel_max_host socks5_basic use_ascii tls_earlydata \
        ssl_auto_client_cert proxy_ssl_auto_client_cert proxy_tlsv1 random_file egd_file ech"),
];

impl Mode {
    /// What is named with an option that is refused.
    fn name(self) -> &'static str {
        match self {
            Self::Send => "--send",
            Self::Read => "--read",
            Self::Tcp => "a tcp:// or tls:// target",
            Self::WebSocket => "a ws:// or wss:// target",
            Self::Folder => "--read DIR, whose folder already contains the requests",
        }
    }

    /// The names of those of the options `given` that have this effect.
    fn having(self, effect: Effect, given: &[String]) -> impl Iterator<Item = String> {
        let column = if self == Self::Folder { Self::Send } else { self } as usize;
        let has_it = move |id: &&String| {
            let row = TABLE.iter().find(|(_, ids)| ids.split(' ').any(|own| own == id.as_str()));
            row.is_some_and(|(effects, _)| effects[column] == effect)
        };
        given.iter().filter(has_it).filter_map(|id| {
            let long = GROUPS.iter().find_map(|group| group.names.with_id(id))?.long_name()?;
            Some(format!("--{long}"))
        })
    }

    /// The first of the options `given` that would have no effect: its name, and what is wrong.
    pub(crate) fn refusal(self, given: &[String]) -> Option<(String, String)> {
        let name = self.having(R, given).next()?;
        Some((name, format!("cannot be used with {}", self.name())))
    }

    /// A line for those of the options `given` that have no effect.
    pub(crate) fn notice(self, given: &[String]) -> Option<String> {
        let names: Vec<_> = self.having(U, given).collect();
        (!names.is_empty()).then(|| format!("{}: no effect with {}", names.join(", "), self.name()))
    }
}

impl Cli {
    /// The modes that all targets of the group share.
    pub(crate) fn modes(&self) -> impl Iterator<Item = Mode> + use<> {
        let is_folder = self.sending.read.iter().any(|path| std::path::Path::new(path).is_dir());
        let sends = !self.sending.send.is_empty() && !self.sends_messages && !is_folder;
        let reads = !self.sending.read.is_empty();
        [sends.then_some(Mode::Send), is_folder.then_some(Mode::Folder), reads.then_some(Mode::Read)]
            .into_iter()
            .flatten()
    }
}

/// Whether `--send` sends messages over WebSocket, so that the request is made as any other: all
/// URLs in `arguments` are WebSocket's.
pub(super) fn has_messages(arguments: &[OsString]) -> bool {
    let begins = |argument: &OsString, scheme: &str| {
        let start = argument.as_encoded_bytes().get(..scheme.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(scheme.as_bytes()))
    };
    let any = |schemes: &[&str]| {
        arguments.iter().any(|argument| schemes.iter().any(|scheme| begins(argument, scheme)))
    };
    let is_default = |argument: &OsString| {
        matches!(argument.as_encoded_bytes(), b"ws" | b"wss" | b"--proto-default=ws" | b"--proto-default=wss")
    };
    (any(&["ws://", "wss://"]) || arguments.iter().any(is_default))
        && !any(&["http://", "https://", "tcp://", "tls://"])
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::collections::BTreeSet;

    #[test]
    fn each_option_stands_in_the_table_once() {
        let command = crate::command();
        let options = command.get_arguments().filter(|argument| !argument.is_positional());
        let defined: BTreeSet<_> = options.map(|argument| argument.get_id().as_str()).collect();
        let listed: Vec<_> = TABLE.iter().flat_map(|(_, ids)| ids.split(' ')).collect();
        let once: BTreeSet<_> = listed.iter().copied().collect();
        let missing: Vec<_> = defined.difference(&once).collect();
        let unknown: Vec<_> = once.difference(&defined).collect();
        assert!(missing.is_empty() && unknown.is_empty(), "missing {missing:?}, unknown {unknown:?}");
        assert_eq!(listed.len(), once.len(), "an option stands there twice");
    }

    #[test]
    fn what_is_refused_is_named() {
        for mode in [Mode::Send, Mode::Read, Mode::Tcp, Mode::WebSocket] {
            for (standings, ids) in TABLE {
                for id in ids.split(' ') {
                    let refusal = mode.refusal(&[id.to_owned()]);
                    assert_eq!(refusal.is_some(), standings[mode as usize] == R, "{id} with {}", mode.name());
                }
            }
        }
    }
}
