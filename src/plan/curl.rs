//! What `--curl`, or being called by the name curl, changes. All of it is decided
//! here; the manual lists it.
//!
#![doc = include_str!("curl.md")]

use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{self, IsTerminal};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use super::planned::PlannedRequest;
use super::{credentials, fields};
use crate::cli::Cli;
use crate::failure::{self, Failure, Trouble};
use crate::http::deviation::Deviation;
use crate::http::doubt::Doubt;
use crate::http::framing::{Framed, Framing};
use crate::http::reference::remove_dot_segments;
use crate::http::request::UserField;
use crate::http::response::{ResponseHead, Version};
use crate::http::uri::Uri;
use crate::net::numeric;

/// Most bytes of a request's head that curl sends.
const MAX_REQUEST_HEAD: usize = 1024 * 1024;

/// By whose rules the run goes, where the two differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Manners {
    /// Curl's rules.
    pub(crate) as_curl: bool,
    /// Printed bodies are what came, byte for byte.
    pub(super) prints_bytes: bool,
    /// Dot segments are removed from paths.
    removes_dots: bool,
    /// A target that succeeds leaves the exit code to the failures before it, as with `--parallel`.
    keeps_failures: bool,
}

/// What curl says of a failure.
#[derive(Debug)]
struct CurlWords(&'static str);

impl fmt::Display for CurlWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Whether curl's rules are requested, by the name of the program or by `--curl`.
pub(crate) fn is_asked_for(program: &OsStr, arguments: &[OsString]) -> bool {
    let before_dashes = arguments.iter().take_while(|argument| *argument != "--");
    is_curls_name(program) || before_dashes.into_iter().any(|argument| argument == "--curl")
}

/// Whether the program is called by the name curl, from whatever folder.
pub(crate) fn is_curls_name(program: &OsStr) -> bool {
    Path::new(program).file_stem() == Some(OsStr::new("curl"))
}

/// The file of options that curl reads by itself, unless `-q` comes first.
pub(crate) fn startup_file(arguments: &[OsString]) -> Option<OsString> {
    let first = arguments.iter().find(|argument| *argument != "--curl");
    let is_disabled = first.is_some_and(|first| {
        let bytes = first.as_encoded_bytes();
        bytes == b"--disable" || bytes.starts_with(b"-q")
    });
    if is_disabled {
        return None;
    }
    let folder = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = env::home_dir();
    let places = [
        folder("CURL_HOME").map(|folder| folder.join(".curlrc")),
        folder("CURL_HOME").map(|folder| folder.join(".config/curlrc")),
        folder("XDG_CONFIG_HOME").map(|folder| folder.join("curlrc")),
        folder("XDG_CONFIG_HOME").map(|folder| folder.join(".curlrc")),
        home.as_ref().map(|home| home.join(".curlrc")),
        home.map(|home| home.join(".config/curlrc")),
    ];
    places.into_iter().flatten().find(|path| path.is_file()).map(PathBuf::into_os_string)
}

impl Manners {
    /// Applies the rules to what was requested; `as_curl`: curl's.
    pub(super) fn apply(cli: &mut Cli, as_curl: bool) -> Self {
        if !as_curl {
            return Self::default();
        }
        let showing = &mut cli.showing;
        showing.body |= !showing.show_headers && showing.print.is_none();
        cli.connecting.keep_alive = true;
        cli.sending.glob |= !cli.sending.globoff;
        Self {
            as_curl,
            prints_bytes: !io::stdout().is_terminal() && !cli.reports_instead(),
            removes_dots: !cli.compatibility.path_as_is,
            keeps_failures: cli.compatibility.parallel,
        }
    }

    /// The failure that makes the exit code so far: `before` is that of the targets before, `now` that
    /// of the last one.
    pub(crate) fn decisive(self, before: Option<Failure>, now: Option<Failure>) -> Option<Failure> {
        match (self.as_curl, self.keeps_failures) {
            (false, _) => before.or(now),
            (true, false) => now,
            (true, true) => now.or(before),
        }
    }

    /// Whether `doubt` about a head is a failure: another version always is.
    pub(crate) fn minds(self, doubt: &Doubt) -> bool {
        !self.as_curl || doubt.is_other_version || doubt.is_broken
    }

    /// Whether `doubt` about a trailer section is one.
    pub(crate) fn minds_less(self, doubt: &Doubt) -> bool {
        !self.as_curl || doubt.is_nul()
    }

    /// Whether a response of the version that `head` says is understood.
    pub(crate) fn understands(self, head: &ResponseHead) -> bool {
        let is_plain = !head.deviations.has(Deviation::VersionSyntax);
        !self.as_curl || is_plain && head.status_line.version <= Version::HTTP_11
    }

    /// How content is framed, where curl finds its end otherwise: it leaves aside a length
    /// that it cannot count, unless the length has a limit.
    pub(crate) fn framed(self, framed: Framed, is_limited: bool) -> Framed {
        match framed.framing {
            Framing::Length(length) if self.as_curl && !is_limited && i64::try_from(length).is_err() => {
                Framed { framing: Framing::UntilClose, rule: "the length is too large to count", ..framed }
            }
            _ => framed,
        }
    }

    /// The status to report in place of 200, where the condition of `-z` is not met.
    pub(crate) fn unmet_status(self) -> Option<u16> {
        self.as_curl.then_some(304)
    }

    /// The error for a proxy that refuses a tunnel with `status`, in curl's words or in those of `in_full`.
    /// `is_broken`: its chunked content is, which curl reads with a challenge.
    pub(crate) fn refused_tunnel(
        self,
        status: u16,
        is_broken: bool,
        in_full: impl FnOnce() -> String,
    ) -> anyhow::Error {
        let is_connect = self.as_curl && !(status == 407 && is_broken);
        let failure = if is_connect { Failure::Connect } else { Failure::Receive };
        failure.with_trouble(
            Trouble::Denied,
            match self.as_curl {
                true => format!("CONNECT tunnel failed, response {status}"),
                false => in_full(),
            },
        )
    }

    /// `error` after the words that scripts look for in what curl prints, once.
    pub(crate) fn worded(self, error: anyhow::Error) -> anyhow::Error {
        if !self.as_curl || error.is::<CurlWords>() {
            return error;
        }
        let words = match failure::of(&error) {
            Some(Failure::ResolveProxy) => "Could not resolve proxy",
            Some(Failure::ResolveHost) => "Could not resolve host",
            Some(Failure::Connect) if failure::trouble(&error) != Some(Trouble::Denied) => {
                "Failed to connect to server"
            }
            Some(Failure::TimedOut) => "Operation timed out",
            Some(Failure::EmptyReply) => "Empty reply from server",
            Some(Failure::ServerCertificate) => "SSL certificate problem",
            _ => return error,
        };
        error.context(CurlWords(words))
    }

    /// The error for a response with `status` (`--fail`), in curl's words or in those of `in_full`.
    pub(crate) fn failed_status(self, status: u16, in_full: impl FnOnce() -> String) -> anyhow::Error {
        Failure::Status.error(match self.as_curl {
            true => format!("The requested URL returned error: {status}"),
            false => in_full(),
        })
    }

    /// Whether what comes without a head is no response to `method`, even with `--http0.9`.
    pub(crate) fn needs_head(self, method: &[u8]) -> bool {
        self.as_curl && method == b"HEAD"
    }

    /// Whether a request that the server may have acted on is retried, where a kept connection
    /// was closed without a byte of a response.
    pub(crate) fn sends_again(self, request: &PlannedRequest) -> bool {
        self.as_curl && !request.is_raw
    }

    /// The failure when something other than HTTP comes on a connection that has carried a head
    /// before; `None`: what it is anywhere else.
    pub(crate) fn strays_on(self, has_had_head: bool) -> Option<Failure> {
        (self.as_curl && has_had_head).then_some(Failure::DoubtfulHead)
    }

    /// The failure when only interim responses (RFC 9110 §15.2) have come.
    pub(crate) fn interim_alone(self) -> Failure {
        if self.as_curl { Failure::EmptyReply } else { Failure::DoubtfulHead }
    }

    /// What stands between the values of several `-b`.
    pub(super) fn between_cookies(self) -> &'static [u8] {
        if self.as_curl { b";" } else { b"; " }
    }

    /// Refuses a request's head that is too large to be sent.
    pub(super) fn refuse_large(self, head: &[u8]) -> anyhow::Result<()> {
        if !self.as_curl || head.len() <= MAX_REQUEST_HEAD {
            return Ok(());
        }
        Err(Failure::HeadTooLarge.error("the request head is larger than 1 MiB, curl's limit"))
    }

    /// Refuses user and password with an `@` in them, where the host could begin earlier.
    pub(super) fn refuse_user(self, uri: &Uri) -> anyhow::Result<()> {
        if !self.as_curl || !uri.userinfo.as_ref().is_some_and(|userinfo| userinfo.contains(&b'@')) {
            return Ok(());
        }
        let message = "the URL has two @ before its path: write %40 for one in the user or the password";
        Err(Failure::MalformedUrl.error(message))
    }

    /// Drops lines of `-H` that have no colon, and reads passwords that are missing.
    pub(super) fn adapt(self, cli: &mut Cli, tell: &mut dyn FnMut(String)) -> anyhow::Result<()> {
        if !self.as_curl {
            return Ok(());
        }
        fields::drop_incomplete(&mut cli.sending.header, "--header", tell);
        fields::drop_incomplete(&mut cli.proxy.proxy_header, "--proxy-header", tell);
        credentials::complete(&mut cli.credentials.user)?;
        credentials::complete(&mut cli.proxy.proxy_user)
    }

    /// The user's fields, as they are sent.
    pub(super) fn of_fields(self, mut fields: Vec<UserField>) -> Vec<UserField> {
        let mut has_host = false;
        fields.retain(|field| !(self.as_curl && field.is("host") && std::mem::replace(&mut has_host, true)));
        fields
    }

    /// Adds the cookies of a jar to the fields of the user, where these have a Cookie of their own.
    pub(super) fn add_cookies(self, user: &mut Vec<UserField>, jar: Option<&[u8]>) {
        if let Some(cookies) = jar.filter(|_| self.as_curl && user.iter().any(|own| own.is("cookie"))) {
            user.insert(0, UserField::Line([b"Cookie: ", cookies].concat()));
        }
    }

    /// A piece of `--url-query`, as it is sent.
    pub(super) fn of_query(self, mut piece: Vec<u8>) -> Vec<u8> {
        let mut at = 0;
        while self.as_curl && at + 2 < piece.len() {
            let is_encoded = piece[at] == b'%' && piece[at + 1..at + 3].iter().all(u8::is_ascii_hexdigit);
            if is_encoded {
                piece[at + 1..at + 3].make_ascii_uppercase();
            }
            at += 1;
        }
        piece
    }

    /// Whether content of unknown length is chunked, whatever Content-Length the user gave.
    pub(super) fn chunks_unknown_length(self, user: &[UserField]) -> bool {
        self.as_curl && !user.iter().any(|field| field.is("transfer-encoding"))
    }

    /// Whether another part than the one requested is a failure.
    pub(crate) fn minds_ranges(self) -> bool {
        !self.as_curl
    }

    /// Whether the heads of attempts that brought no content stay in the file of `-i -o`.
    pub(crate) fn keeps_heads(self) -> bool {
        self.as_curl
    }

    /// Whether 416 (Range Not Satisfiable) alone says that nothing is missing.
    pub(crate) fn trusts_416(self) -> bool {
        self.as_curl
    }

    /// `uri` as it is requested.
    pub(super) fn normalised(self, mut uri: Uri) -> Uri {
        if !self.as_curl {
            return uri;
        }
        if let Some(IpAddr::V4(address)) = numeric(&uri.host) {
            uri.host = address.to_string();
        }
        if !uri.path_and_query.starts_with(b"/") {
            return uri;
        }
        let (path, query) = uri.path_and_query.split_at(uri.path().len());
        let path = if self.removes_dots { remove_dot_segments(path) } else { path.to_vec() };
        let path = path.into_iter().fold(Vec::new(), |mut path, byte| {
            match byte {
                0x80.. => path.extend_from_slice(format!("%{byte:02X}").as_bytes()),
                _ => path.push(byte),
            }
            path
        });
        Uri { path_and_query: [&path, query].concat(), ..uri }
    }
}
