//! The manual's sections other than the options.

use crate::coding::MAX_CODINGS;
use crate::http::chunked::{MAX_EXTENSIONS, MAX_SIZE_LINE, MAX_TRAILERS};
use crate::http::response::{MAX_HEAD, MAX_LINE, MAX_LINES};
use crate::policy::auth::MAX_REQUESTS;
use crate::policy::cookie::{MAX_COOKIE, MAX_FIELD, MAX_FROM_RESPONSE};
use crate::policy::redirect::MAX_REDIRECTS;
use crate::whole_file::MAX_WHOLE;

pub(super) const DESCRIPTION: &[&str] = &[
    "rawget sends HTTP/1.1 requests exactly as typed and shows exactly what was received: the head of each \
     response, then its body. Options and exit codes are those of curl wherever curl has them.",
    "An argument that begins with /, ? or * is a path on the target before it; any other begins a new target. \
     rawget adds only a few fields to a request (Host, User-Agent, Accept, Connection). -v and --dry-run \
     show them; -H and --bare remove them.",
    "Text is printed as UTF-8, whatever its charset. -o and -O save the body's bytes, and --raw prints \
     them. On a terminal, control characters and bytes that are not text are shown as escapes; with \
     --escape, in a pipe too.",
    "--no-OPTION undoes an option that takes no value. Whichever comes last takes effect.",
];

pub(super) const ENVIRONMENT: &[(&str, &str)] = &[
    (
        "http_proxy, https_proxy, HTTPS_PROXY, all_proxy, ALL_PROXY",
        "Proxies for a target's scheme, and for all schemes.",
    ),
    ("no_proxy, NO_PROXY", "Targets that need no proxy, as for --noproxy."),
    (
        "CURL_CA_BUNDLE, SSL_CERT_FILE, SSL_CERT_DIR",
        "Certificates to trust in TLS, unless --cacert or --capath is given.",
    ),
    ("SSLKEYLOGFILE", "The file that the keys of TLS connections are added to, for tools that decrypt them."),
    ("NETRC", "The file that --netrc reads instead of ~/.netrc."),
    ("HOME", "The folder of ~/.netrc and ~/.curlrc."),
    (
        "CURL_HOME, XDG_CONFIG_HOME",
        "Folders that --curl looks into for a configuration file before the home folder. It reads the first that there is of .curlrc and .config/curlrc in CURL_HOME, curlrc and .curlrc in XDG_CONFIG_HOME, ~/.curlrc and ~/.config/curlrc.",
    ),
    ("NO_COLOR", "If not empty, disables colour."),
    (
        "CLICOLOR_FORCE",
        "If neither empty nor 0, enables colour in pipes and files too. --color overrides all of these variables.",
    ),
    ("CLICOLOR, TERM", "CLICOLOR=0 and TERM=dumb disable colour."),
];

pub(super) const FILES: &[(&str, &str)] = &[
    ("~/.netrc", "Users and passwords, read only with --netrc or --netrc-optional."),
    (
        "Configuration",
        "None is read by default, except ~/.curlrc with --curl. --config FILE reads options in curl's form.",
    ),
];

pub(super) const SECURITY: &[&str] = &[
    "Other users of the machine can see the arguments of a program. To hide a password from them, \
     put it in a --netrc-file, read it with -K - from standard input, or type it when -u USER prompts for it.",
    "Credentials, cookies and fields whose name suggests a secret are sent only to the origin (scheme, host \
     and port) that they were given for. On a redirect to another origin they are left out, unless \
     --location-trusted is given; a line on standard error names them. Cookies of a file or a response are \
     sent where their domain, path and Secure allow.",
    "-v, --trace, --har and --save record what was sent, including passwords. --redact replaces them with \
     stars, except in the bytes that --save saves.",
    "-k trusts any certificate: anyone on the path can read and change everything.",
    "A file name chosen by the server (-J) stays in the output folder and never begins with a dot. It overwrites \
     nothing, unless --clobber is given: then the server chooses which file of that folder is overwritten.",
];

pub(super) const SEE_ALSO: &str =
    "curl(1), wget(1), nc(1), iconv(1). HTTP is defined by RFC 9110 and RFC 9112.";

/// Terms and their meanings.
type Rows = Vec<(String, String)>;

pub(super) fn owned(rows: &[(&str, &str)]) -> Rows {
    rows.iter().map(|(term, meaning)| ((*term).to_owned(), (*meaning).to_owned())).collect()
}

/// Each of the help's examples, and what it is for.
pub(super) fn examples(help: &str) -> Rows {
    let examples = help.lines().filter_map(|line| line.split_once("  "));
    examples.map(|(line, text)| (line.to_owned(), text.trim().to_owned())).collect()
}

pub(super) fn exit_codes() -> Rows {
    crate::failure::exit_codes().map(|(code, meaning)| (code.to_string(), meaning)).collect()
}

/// The limits, from the constants that set them.
pub(super) fn limits() -> Rows {
    let kib = |bytes: usize| format!("{} KiB", bytes / 1024);
    let rows = [
        (
            "Head",
            format!(
                "{}, {MAX_LINES} lines, {} per line, including interim responses",
                kib(MAX_HEAD),
                kib(MAX_LINE)
            ),
        ),
        ("Chunk size line", kib(MAX_SIZE_LINE)),
        ("Chunk extensions", format!("{} KiB more than the data", MAX_EXTENSIONS / 1024)),
        ("Trailer section", kib(MAX_TRAILERS)),
        (
            "Content codings",
            format!("{MAX_CODINGS}; 48 MiB of memory for all their windows, 8 MiB for that of zstd"),
        ),
        ("Redirects", format!("{MAX_REDIRECTS} (--max-redirs)")),
        ("Requests for one challenge", MAX_REQUESTS.to_string()),
        (
            "Cookies",
            format!(
                "{MAX_FROM_RESPONSE} kept from one response, {MAX_COOKIE} bytes each, {MAX_FIELD} bytes sent"
            ),
        ),
        (
            "Files of options, URLs, fields, cookies, HSTS hosts, variables, certificates",
            format!("{} MiB", MAX_WHOLE >> 20),
        ),
    ];
    rows.into_iter().map(|(term, limit)| (term.to_owned(), format!("{limit}."))).collect()
}

/// The table of what `--curl` changes, beside what decides it.
const CURL: &str = include_str!("../../plan/curl.md");

/// What `--curl` changes: a rule of curl's, and what holds without it.
pub(super) fn as_curl() -> Vec<(String, String)> {
    let rows = CURL.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let plain = |text: &str| text.replace('`', "");
    let row = |row: &str| {
        let mut cells = row.split(" | ");
        let (what, usual, curls) = (cells.next()?, cells.next()?, cells.next()?);
        Some((plain(what), format!("With --curl: {}. Without: {}.", plain(curls), plain(usual))))
    };
    rows.filter_map(row).skip(1).collect()
}
