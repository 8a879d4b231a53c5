//! What the manual says beside the options.

use crate::coding::MAX_CODINGS;
use crate::http::chunked::{MAX_EXTENSIONS, MAX_SIZE_LINE, MAX_TRAILERS};
use crate::http::response::{MAX_HEAD, MAX_LINE, MAX_LINES};
use crate::policy::auth::MAX_REQUESTS;
use crate::policy::cookie::{MAX_COOKIE, MAX_FIELD, MAX_FROM_RESPONSE};
use crate::policy::redirect::MAX_REDIRECTS;

pub(super) const DESCRIPTION: &[&str] = &[
    "rawget sends HTTP/1.1 requests exactly as they are typed, and shows exactly what came: the head of each \
     response and then its body. Options and exit codes are those of curl wherever curl has them.",
    "An argument that begins with /, ? or * is a path on the target before it; any other begins a new target. \
     What rawget adds to a request by itself (Host, User-Agent, Accept, Connection) is short, is shown by -v \
     and --dry-run, and can be taken away with -H or --bare.",
    "Printed text is UTF-8, whatever charset the page is in; what -o and -O save, and --raw prints, is the \
     bytes. A terminal gets control characters and bytes that are not text as visible escapes only, and \
     a pipe with --escape.",
    "An option without a value is undone by --no-OPTION; of the two the last one counts.",
];

pub(super) const ENVIRONMENT: &[(&str, &str)] = &[
    (
        "http_proxy, https_proxy, HTTPS_PROXY, all_proxy, ALL_PROXY",
        "Proxies by the target's scheme, and for all.",
    ),
    ("no_proxy, NO_PROXY", "What needs no proxy, as for --noproxy."),
    ("SSL_CERT_FILE, SSL_CERT_DIR", "Whom to trust in TLS, where no --cacert and --capath is given."),
    ("NETRC", "The file of --netrc, in place of ~/.netrc."),
    ("HOME", "Where ~/.netrc is."),
    ("NO_COLOR", "If not empty: no colour."),
    (
        "CLICOLOR_FORCE",
        "If neither empty nor 0: colour in pipes and files too. --color outranks all of these.",
    ),
    ("CLICOLOR, TERM", "0, and dumb: no colour."),
];

pub(super) const FILES: &[(&str, &str)] = &[
    ("~/.netrc", "Users and passwords, read only with --netrc or --netrc-optional."),
    ("Configuration", "None is read by itself; --config FILE reads options in curl's form."),
];

pub(super) const SECURITY: &[&str] = &[
    "Other users of the machine can see the arguments of a program. A password is out of their sight in a \
     --netrc-file, in options read by -K - from standard input, or typed when -u USER asks for it.",
    "Credentials, cookies and fields whose name speaks of a secret go to the origin (scheme, host and port) \
     that they were given for. On a redirect to another they stay behind, unless --location-trusted says \
     otherwise; a line on standard error names them.",
    "-v, --trace, --har and --save hold what was sent, passwords too. --redact stars them, but for the bytes \
     that --save keeps.",
    "-k trusts any certificate: whoever is on the way can read and change everything.",
    "A name that the server gives a file (-J) stays in the folder, replaces nothing and never begins with a dot.",
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
                "{}, {MAX_LINES} lines, {} a line, interim responses among them",
                kib(MAX_HEAD),
                kib(MAX_LINE)
            ),
        ),
        ("Line of a chunk's size", kib(MAX_SIZE_LINE)),
        ("Chunk extensions", format!("{} KiB more than the data", MAX_EXTENSIONS / 1024)),
        ("Trailer section", kib(MAX_TRAILERS)),
        ("Content codings", MAX_CODINGS.to_string()),
        ("Redirects", format!("{MAX_REDIRECTS} (--max-redirs)")),
        ("Requests for one challenge", MAX_REQUESTS.to_string()),
        (
            "Cookies",
            format!(
                "{MAX_FROM_RESPONSE} kept of one response, {MAX_COOKIE} bytes each, {MAX_FIELD} bytes sent"
            ),
        ),
    ];
    rows.into_iter().map(|(term, limit)| (term.to_owned(), format!("{limit}."))).collect()
}

/// The table of what `--curl` changes, where it is decided.
const CURL: &str = include_str!("../../plan/curl.rs");

/// What `--curl` changes: a rule of curl's, and what holds without it.
pub(super) fn as_curl() -> Vec<(String, String)> {
    let rows = CURL.lines().filter_map(|line| line.strip_prefix("//! | ")?.strip_suffix(" |"));
    let plain = |text: &str| text.replace('`', "");
    let row = |row: &str| {
        let mut cells = row.split(" | ");
        let (what, usual, curls) = (cells.next()?, cells.next()?, cells.next()?);
        Some((plain(what), format!("{}; without --curl: {}.", plain(curls), plain(usual))))
    };
    rows.filter_map(row).skip(1).collect()
}
