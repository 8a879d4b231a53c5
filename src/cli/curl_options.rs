//! What becomes of each option of curl 8.22: one table, for what is said of those
//! that are refused, for the manual, and for the test that holds it against the
//! definitions.

/// What an option of curl is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CurlSupport {
    /// It does what it does in curl.
    Works,
    /// It is taken and changes nothing: what it wants is so already, or cannot matter here.
    Met,
    /// It would change what is sent, saved or trusted, and is refused: why, and the
    /// nearest that there is.
    Refused(&'static str),
}

use CurlSupport::{Met, Refused, Works};

const HTTP2: &str = "rawget speaks only HTTP/1; choose a version with --http1.1 or --http1.0";
const ALT_SVC: &str =
    "alternative services are for HTTP/2 and HTTP/3; use --connect-to to connect to another host";
const AUTH: &str = "rawget does not support this authentication; use --basic, --digest, --anyauth or --oauth2-bearer, \
                    or send other credentials with --header";
const PROTOCOL: &str =
    "it is for a protocol that rawget does not speak; tcp://HOST:PORT with --send can talk to any server";
const STARTTLS: &str = "it is for mail and FTP; use https://, or tcp:// with --starttls";
const RESOLVER: &str = "the system's resolver cannot be configured; use --doh-url to choose a server, \
                        or --resolve to give a host's addresses";
const STAPLING: &str = "stapled OCSP responses are not checked; use --crlfile to check a revocation list";
const OLD_TLS: &str = "versions before TLS 1.2 are not supported; use --tlsv1.2 or --tlsv1.3";
const SRP: &str = "TLS-SRP is not supported; use --cert and --key to identify the client";
const ENGINE: &str = "keys are read only from files; use --key to name one";
const ECH: &str = "Encrypted Client Hello is not supported; use --no-sni to send no server name at all";
const SESSIONS: &str =
    "TLS sessions are not kept between runs; use --keep-alive to share a connection within a run";
const EMBED: &str = "no CA certificates are built in; use --certs to save the certificates that servers send";
const LIBCURL: &str = "rawget does not use libcurl; use --dry-run to print what would be sent";
const METALINK: &str = "Metalink files are not supported; use --url @FILE to read a list of URLs";
const FILES: &str = "files are created with the mode that the umask allows and without attributes; use --save to keep a record";

/// The options by their long names, in order.
pub(crate) const OPTIONS: &[(&str, CurlSupport)] = &[
    ("abstract-unix-socket", Works),
    ("alt-svc", Refused(ALT_SVC)),
    ("anyauth", Works),
    ("append", Refused(PROTOCOL)),
    ("aws-sigv4", Refused(AUTH)),
    ("basic", Met),
    ("ca-native", Met),
    ("cacert", Works),
    ("capath", Works),
    ("cert", Works),
    ("cert-status", Refused(STAPLING)),
    ("cert-type", Works),
    ("ciphers", Works),
    ("compressed", Works),
    ("compressed-ssh", Refused(PROTOCOL)),
    ("config", Works),
    ("connect-timeout", Works),
    ("connect-to", Works),
    ("continue-at", Works),
    ("cookie", Works),
    ("cookie-jar", Works),
    ("create-dirs", Works),
    ("create-file-mode", Refused(FILES)),
    ("crlf", Works),
    ("crlfile", Works),
    ("curves", Works),
    ("data", Works),
    ("data-ascii", Works),
    ("data-binary", Works),
    ("data-raw", Works),
    ("data-urlencode", Works),
    ("delegation", Refused(AUTH)),
    ("digest", Works),
    ("disable", Met),
    ("disable-eprt", Refused(PROTOCOL)),
    ("disable-epsv", Refused(PROTOCOL)),
    ("disallow-username-in-url", Works),
    ("dns-interface", Refused(RESOLVER)),
    ("dns-ipv4-addr", Refused(RESOLVER)),
    ("dns-ipv6-addr", Refused(RESOLVER)),
    ("dns-servers", Refused(RESOLVER)),
    ("doh-cert-status", Refused(STAPLING)),
    ("doh-insecure", Works),
    ("doh-url", Works),
    ("dump-ca-embed", Refused(EMBED)),
    ("dump-header", Works),
    ("ech", Refused(ECH)),
    ("egd-file", Met),
    ("engine", Refused(ENGINE)),
    ("etag-compare", Works),
    ("etag-save", Works),
    ("expect100-timeout", Works),
    ("fail", Works),
    ("fail-early", Works),
    ("fail-with-body", Works),
    ("false-start", Met),
    ("follow", Works),
    ("form", Works),
    ("form-escape", Works),
    ("form-string", Works),
    ("ftp-account", Refused(PROTOCOL)),
    ("ftp-alternative-to-user", Refused(PROTOCOL)),
    ("ftp-create-dirs", Refused(PROTOCOL)),
    ("ftp-method", Refused(PROTOCOL)),
    ("ftp-pasv", Refused(PROTOCOL)),
    ("ftp-port", Refused(PROTOCOL)),
    ("ftp-pret", Refused(PROTOCOL)),
    ("ftp-skip-pasv-ip", Refused(PROTOCOL)),
    ("ftp-ssl-ccc", Refused(PROTOCOL)),
    ("ftp-ssl-ccc-mode", Refused(PROTOCOL)),
    ("ftp-ssl-control", Refused(PROTOCOL)),
    ("get", Works),
    ("globoff", Met),
    ("happy-eyeballs-timeout-ms", Works),
    ("haproxy-clientip", Works),
    ("haproxy-protocol", Works),
    ("head", Works),
    ("header", Works),
    ("help", Works),
    ("hostpubmd5", Refused(PROTOCOL)),
    ("hostpubsha256", Refused(PROTOCOL)),
    ("hsts", Works),
    ("http0.9", Works),
    ("http1.0", Works),
    ("http1.1", Met),
    ("http2", Met),
    ("http2-prior-knowledge", Refused(HTTP2)),
    ("http3", Met),
    ("http3-only", Refused(HTTP2)),
    ("httpsig-algo", Refused(AUTH)),
    ("httpsig-headers", Refused(AUTH)),
    ("httpsig-key", Refused(AUTH)),
    ("httpsig-keyid", Refused(AUTH)),
    ("ignore-content-length", Works),
    ("insecure", Works),
    ("interface", Works),
    ("ip-tos", Works),
    ("ipfs-gateway", Refused(PROTOCOL)),
    ("ipv4", Works),
    ("ipv6", Works),
    ("json", Works),
    ("junk-session-cookies", Works),
    ("keepalive-cnt", Works),
    ("keepalive-time", Works),
    ("key", Works),
    ("key-type", Works),
    ("knownhosts", Refused(PROTOCOL)),
    ("krb", Refused(AUTH)),
    ("libcurl", Refused(LIBCURL)),
    ("limit-rate", Works),
    ("list-only", Refused(PROTOCOL)),
    ("local-port", Works),
    ("location", Works),
    ("location-trusted", Works),
    ("login-options", Refused(PROTOCOL)),
    ("mail-auth", Refused(PROTOCOL)),
    ("mail-from", Refused(PROTOCOL)),
    ("mail-rcpt", Refused(PROTOCOL)),
    ("mail-rcpt-allowfails", Refused(PROTOCOL)),
    ("manual", Works),
    ("max-filesize", Works),
    ("max-redirs", Works),
    ("max-time", Works),
    ("metalink", Refused(METALINK)),
    ("mptcp", Works),
    ("negotiate", Refused(AUTH)),
    ("netrc", Works),
    ("netrc-file", Works),
    ("netrc-optional", Works),
    ("next", Works),
    ("no-alpn", Works),
    ("no-buffer", Met),
    ("no-clobber", Works),
    ("no-keepalive", Works),
    ("no-npn", Met),
    ("no-progress-meter", Works),
    ("no-sessionid", Met),
    ("noproxy", Works),
    ("ntlm", Refused(AUTH)),
    ("ntlm-wb", Refused(AUTH)),
    ("oauth2-bearer", Works),
    ("out-null", Works),
    ("output", Works),
    ("output-dir", Works),
    ("parallel", Met),
    ("parallel-immediate", Met),
    ("parallel-max", Met),
    ("parallel-max-host", Met),
    ("pass", Works),
    ("path-as-is", Met),
    ("pinnedpubkey", Works),
    ("post301", Works),
    ("post302", Works),
    ("post303", Works),
    ("preproxy", Works),
    ("progress-bar", Works),
    ("proto", Works),
    ("proto-default", Works),
    ("proto-redir", Works),
    ("proxy", Works),
    ("proxy-anyauth", Works),
    ("proxy-basic", Met),
    ("proxy-ca-native", Met),
    ("proxy-cacert", Works),
    ("proxy-capath", Works),
    ("proxy-cert", Works),
    ("proxy-cert-type", Works),
    ("proxy-ciphers", Works),
    ("proxy-crlfile", Works),
    ("proxy-digest", Works),
    ("proxy-header", Works),
    ("proxy-http2", Met),
    ("proxy-http3", Met),
    ("proxy-insecure", Works),
    ("proxy-key", Works),
    ("proxy-key-type", Works),
    ("proxy-negotiate", Refused(AUTH)),
    ("proxy-ntlm", Refused(AUTH)),
    ("proxy-pass", Works),
    ("proxy-pinnedpubkey", Works),
    ("proxy-service-name", Refused(AUTH)),
    ("proxy-ssl-allow-beast", Met),
    ("proxy-ssl-auto-client-cert", Met),
    ("proxy-tls13-ciphers", Works),
    ("proxy-tlsauthtype", Refused(SRP)),
    ("proxy-tlspassword", Refused(SRP)),
    ("proxy-tlsuser", Refused(SRP)),
    ("proxy-tlsv1", Met),
    ("proxy-user", Works),
    ("proxy1.0", Works),
    ("proxytunnel", Works),
    ("pubkey", Refused(PROTOCOL)),
    ("quote", Refused(PROTOCOL)),
    ("random-file", Met),
    ("range", Works),
    ("rate", Works),
    ("raw", Works),
    ("referer", Works),
    ("remote-header-name", Works),
    ("remote-name", Works),
    ("remote-name-all", Works),
    ("remote-time", Works),
    ("remove-on-error", Works),
    ("request", Works),
    ("request-target", Works),
    ("resolve", Works),
    ("retry", Works),
    ("retry-all-errors", Works),
    ("retry-connrefused", Works),
    ("retry-delay", Works),
    ("retry-max-time", Works),
    ("sasl-authzid", Refused(PROTOCOL)),
    ("sasl-ir", Refused(PROTOCOL)),
    ("service-name", Refused(AUTH)),
    ("show-error", Works),
    ("show-headers", Works),
    ("sigalgs", Works),
    ("silent", Works),
    ("skip-existing", Works),
    ("socks4", Works),
    ("socks4a", Works),
    ("socks5", Works),
    ("socks5-basic", Met),
    ("socks5-gssapi", Refused(AUTH)),
    ("socks5-gssapi-nec", Refused(AUTH)),
    ("socks5-gssapi-service", Refused(AUTH)),
    ("socks5-hostname", Works),
    ("speed-limit", Works),
    ("speed-time", Works),
    ("ssl", Refused(STARTTLS)),
    ("ssl-allow-beast", Met),
    ("ssl-auto-client-cert", Met),
    ("ssl-no-revoke", Met),
    ("ssl-reqd", Refused(STARTTLS)),
    ("ssl-revoke-best-effort", Met),
    ("ssl-sessions", Refused(SESSIONS)),
    ("sslv2", Refused(OLD_TLS)),
    ("sslv3", Refused(OLD_TLS)),
    ("stderr", Works),
    ("styled-output", Works),
    ("suppress-connect-headers", Works),
    ("tcp-fastopen", Met),
    ("tcp-nodelay", Met),
    ("telnet-option", Refused(PROTOCOL)),
    ("tftp-blksize", Refused(PROTOCOL)),
    ("tftp-no-options", Refused(PROTOCOL)),
    ("time-cond", Works),
    ("tls-earlydata", Met),
    ("tls-max", Works),
    ("tls13-ciphers", Works),
    ("tlsauthtype", Refused(SRP)),
    ("tlspassword", Refused(SRP)),
    ("tlsuser", Refused(SRP)),
    ("tlsv1", Met),
    ("tlsv1.0", Met),
    ("tlsv1.1", Met),
    ("tlsv1.2", Works),
    ("tlsv1.3", Works),
    ("tr-encoding", Works),
    ("trace", Works),
    ("trace-ascii", Works),
    ("trace-config", Works),
    ("trace-ids", Works),
    ("trace-time", Works),
    ("unix-socket", Works),
    ("upload-file", Works),
    ("upload-flags", Refused(PROTOCOL)),
    ("url", Works),
    ("url-query", Works),
    ("use-ascii", Met),
    ("user", Works),
    ("user-agent", Works),
    ("variable", Works),
    ("verbose", Works),
    ("version", Works),
    ("vlan-priority", Works),
    ("write-out", Works),
    ("xattr", Refused(FILES)),
];

/// Letters of options that are refused.
const LETTERS: &[(char, &str)] = &[
    ('2', "sslv2"),
    ('3', "sslv3"),
    ('a', "append"),
    ('l', "list-only"),
    ('P', "ftp-port"),
    ('Q', "quote"),
    ('t', "telnet-option"),
];

/// Why an option of curl is refused, by its name with its dashes; `None` where it is not.
pub(crate) fn refusal(name: &str) -> Option<&'static str> {
    let long = match name.strip_prefix("--") {
        Some(long) => long.strip_prefix("no-").unwrap_or(long),
        None => {
            let letter = name.strip_prefix('-')?.chars().next()?;
            LETTERS.iter().find(|(own, _)| *own == letter)?.1
        }
    };
    OPTIONS.iter().find_map(|(own, standing)| match standing {
        Refused(why) if *own == long => Some(*why),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{compatibility, whole};

    use std::collections::BTreeSet;

    fn defined() -> BTreeSet<String> {
        let command = whole::with_negations(whole::command());
        let names = command.get_arguments().filter_map(clap::Arg::get_long_and_visible_aliases);
        names.flatten().map(str::to_owned).collect()
    }

    #[test]
    fn the_table_has_each_option_of_curl_once() {
        assert_eq!(OPTIONS.len(), 278);
        assert!(OPTIONS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn what_works_or_is_met_is_defined_and_what_is_refused_is_not() {
        let defined = defined();
        for (name, standing) in OPTIONS {
            let is_defined = defined.contains(*name);
            assert_eq!(is_defined, !matches!(standing, Refused(_)), "--{name}");
        }
    }

    /// What [`compatibility`] holds has no effect, and all that it holds is met.
    #[test]
    fn what_has_no_effect_is_met() {
        for name in
            compatibility::NAMES.iter().filter_map(|name| name.long_name()).filter(|name| name != "curl")
        {
            let standing = OPTIONS.iter().find(|(own, _)| *own == name).map(|(_, standing)| *standing);
            assert_eq!(standing, Some(Met), "--{name}");
        }
    }

    #[test]
    fn letters_are_those_of_refused_options() {
        for (letter, name) in LETTERS {
            assert!(refusal(&format!("-{letter}")).is_some(), "-{letter}: --{name}");
        }
    }

    #[test]
    fn what_is_in_the_place_of_a_refused_option_is_defined() {
        let defined = defined();
        for (name, standing) in OPTIONS {
            let Refused(why) = standing else { continue };
            for word in why.split([' ', ',', ';']).filter_map(|word| word.strip_prefix("--")) {
                assert!(defined.contains(word), "--{name}: --{word} is not there");
            }
        }
    }
}
