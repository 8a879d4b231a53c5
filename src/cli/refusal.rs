//! One line for each thing that is wrong with arguments: clap says what it is, and
//! the words are ours.

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Options of curl that rawget does not build, since they would change what is sent
/// or who is talked to, with what there is in their place.
const NOT_BUILT: &[(&[&str], &str)] = &[
    (
        &["--http2", "--http2-prior-knowledge", "--http3", "--http3-only", "--alt-svc", "--no-alpn"],
        "rawget speaks HTTP/1 alone; --http1.1 and --http1.0 say which",
    ),
    (
        &[
            "--ntlm",
            "--ntlm-wb",
            "--negotiate",
            "--delegation",
            "--krb",
            "--service-name",
            "--proxy-ntlm",
            "--proxy-negotiate",
            "--proxy-service-name",
            "--socks5-gssapi",
            "--socks5-gssapi-nec",
            "--socks5-gssapi-service",
            "--aws-sigv4",
        ],
        "there are --basic, --digest, --anyauth and --oauth2-bearer; --header sends any other credentials",
    ),
    (
        &[
            "--ftp-account",
            "--ftp-alternative-to-user",
            "--ftp-create-dirs",
            "--ftp-method",
            "--ftp-pasv",
            "--ftp-port",
            "-P",
            "--ftp-pret",
            "--ftp-skip-pasv-ip",
            "--ftp-ssl",
            "--ftp-ssl-ccc",
            "--ftp-ssl-ccc-mode",
            "--ftp-ssl-control",
            "--ftp-ssl-reqd",
            "--disable-epsv",
            "--disable-eprt",
            "--list-only",
            "-l",
            "--append",
            "-a",
            "--quote",
            "-Q",
            "--use-ascii",
            "-B",
            "--ssl",
            "--ssl-reqd",
            "--mail-auth",
            "--mail-from",
            "--mail-rcpt",
            "--mail-rcpt-allowfails",
            "--login-options",
            "--sasl-authzid",
            "--sasl-ir",
            "--hostpubmd5",
            "--hostpubsha256",
            "--pubkey",
            "--compressed-ssh",
            "--telnet-option",
            "-t",
            "--tftp-blksize",
            "--tftp-no-options",
            "--upload-flags",
            "--ipfs-gateway",
        ],
        "it is for a protocol that rawget does not speak; tcp://HOST:PORT talks to any server",
    ),
    (
        &["--parallel", "-Z", "--parallel-immediate", "--parallel-max", "--parallel-max-host", "--rate"],
        "requests go out one after the other; --keep-alive lets them share a connection",
    ),
    (
        &[
            "--doh-url",
            "--doh-insecure",
            "--doh-cert-status",
            "--dns-interface",
            "--dns-ipv4-addr",
            "--dns-ipv6-addr",
            "--dns-servers",
        ],
        "names are resolved as by any program here; --resolve gives a host's addresses",
    ),
    (&["--hsts"], "ask for https:// where that is meant"),
    (&["--libcurl"], "--dry-run prints what would be sent"),
    (&["--manual", "-M"], "--man prints the manual"),
    (
        &["--sslv2", "-2", "--sslv3", "-3"],
        "what came before TLS 1.2 is not spoken; --tlsv1.2 and --tlsv1.3 are there",
    ),
    (
        &["--ciphers", "--tls13-ciphers", "--curves", "--engine", "--proxy-ciphers", "--proxy-tls13-ciphers"],
        "TLS chooses its ciphers by itself; --tlsv1.3 and --tls-max choose versions",
    ),
    (
        &[
            "--tlsuser",
            "--tlspassword",
            "--tlsauthtype",
            "--proxy-tlsuser",
            "--proxy-tlspassword",
            "--proxy-tlsauthtype",
        ],
        "--cert and --key say who one is in TLS",
    ),
    (&["--create-file-mode", "--xattr"], "files are made as the umask says; -o and -O save them"),
];

/// What is wrong, in one line.
pub(super) fn line(error: &clap::Error) -> String {
    let argument = text(error, ContextKind::InvalidArg);
    let name = argument.split([' ', '=']).next().unwrap_or_default();
    let value = text(error, ContextKind::InvalidValue);
    match error.kind() {
        ErrorKind::UnknownArgument => unknown(error, name),
        ErrorKind::InvalidValue if value.is_empty() => format!("{name}: it needs a value"),
        ErrorKind::InvalidValue => {
            let valid = text(error, ContextKind::ValidValue);
            let meant = meant(&text(error, ContextKind::SuggestedValue));
            format!("{name}: {value} is none of {valid}{meant}")
        }
        ErrorKind::ValueValidation => {
            let reason =
                std::error::Error::source(error).map_or(String::new(), |source| format!(" ({source})"));
            format!("{name}: {value} is no value for it{reason}")
        }
        ErrorKind::TooManyValues => format!("{name}: it takes no value"),
        ErrorKind::ArgumentConflict => {
            let other = text(error, ContextKind::PriorArg);
            format!("{name}: it has no meaning beside {other}")
        }
        ErrorKind::MissingRequiredArgument => format!("{name}: it is missing, and another option needs it"),
        _ => {
            let whole = error.to_string();
            whole.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
        }
    }
}

fn unknown(error: &clap::Error, name: &str) -> String {
    if let Some((_, instead)) = NOT_BUILT.iter().find(|(names, _)| names.contains(&name)) {
        return format!("{name}: this option of curl is not built: {instead}");
    }
    let meant = meant(&text(error, ContextKind::SuggestedArg));
    let help = if meant.is_empty() { " (--help lists all)" } else { "" };
    format!("{name}: there is no such option{meant}{help}")
}

fn meant(suggestion: &str) -> String {
    if suggestion.is_empty() { String::new() } else { format!("; did you mean {suggestion}?") }
}

/// What clap says in its error, as text.
fn text(error: &clap::Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::whole;

    #[test]
    fn what_is_not_built_is_not_defined() {
        let command = whole::with_negations(whole::command());
        for name in NOT_BUILT.iter().flat_map(|(names, _)| *names) {
            let is_it = |argument: &clap::Arg| {
                argument.get_long().is_some_and(|long| format!("--{long}") == *name)
                    || argument.get_short().is_some_and(|short| format!("-{short}") == *name)
            };
            assert!(!command.get_arguments().any(is_it), "{name} is there");
        }
    }

    #[test]
    fn what_is_in_its_place_is_defined() {
        let command = whole::command();
        for (names, instead) in NOT_BUILT {
            for word in instead.split([' ', ',', ';']).filter(|word| word.starts_with("--")) {
                let is_it = |argument: &clap::Arg| argument.get_long() == word.strip_prefix("--");
                assert!(command.get_arguments().any(is_it), "{names:?}: {word} is not there");
            }
        }
    }
}
