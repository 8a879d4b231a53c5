//! What can fail, and the exit code of each: curl's numbers, and rawget's own
//! from 120 on.
//!
//! An error carries three things: the [`Failure`] that fixes the exit code, a
//! sentence that says what happened to what, and its cause, if any, as the
//! source. [`of`] finds the first in a chain of contexts.

use std::error::Error;
use std::fmt;
use std::io;

/// The failures, and the table of exit codes that the help and the manual print,
/// from one list.
macro_rules! failures {
    (
        $(#[$meta:meta])*
        pub enum Failure {
            $(#[doc = $meaning:literal] $name:ident = $code:literal,)+
        }
    ) => {
        $(#[$meta])*
        pub enum Failure {
            $(#[doc = $meaning] $name = $code,)+
        }

        /// Each code and what it means, as it stands above its name.
        const MEANINGS: &[(u8, &str)] = &[$(($code, $meaning),)+];
    };
}

failures! {
/// What failed. The discriminant is the process's exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Failure {
    /// An unsupported scheme, or a response that is not HTTP/1.
    Protocol = 1,
    /// An option, its value or a combination of options is not valid.
    Usage = 2,
    /// A target that is not a valid URL.
    MalformedUrl = 3,
    /// The proxy is invalid, or its name does not resolve.
    ResolveProxy = 5,
    /// The host's name does not resolve.
    ResolveHost = 6,
    /// No address of the host accepts a connection, -4 or -6 excludes it, or the proxy has an unknown scheme.
    Connect = 7,
    /// Other recipients may read the head differently.
    DoubtfulHead = 8,
    /// The response is truncated.
    Truncated = 18,
    /// The status is an error (`--fail` and related options).
    Status = 22,
    /// The output cannot be written.
    Write = 23,
    /// Content cannot be sent in this version of HTTP.
    Upload = 25,
    /// A local file cannot be read.
    Read = 26,
    /// A time limit has passed.
    TimedOut = 28,
    /// The response is not the requested range or resume.
    Range = 33,
    /// The TLS handshake failed.
    TlsHandshake = 35,
    /// The options do not make a valid request.
    Unsendable = 43,
    /// Connections cannot use the local address, port or interface.
    Interface = 45,
    /// Too many redirects.
    TooManyRedirects = 47,
    /// A malformed value of --resolve or --connect-to, as curl counts it.
    OptionSyntax = 49,
    /// The connection was closed without a byte of a response.
    EmptyReply = 52,
    /// The request cannot be sent.
    Send = 55,
    /// The response cannot be received.
    Receive = 56,
    /// The client's own certificate or key cannot be used.
    ClientCertificate = 58,
    /// None of the named cipher suites, groups or signatures is supported.
    Cipher = 59,
    /// The server's certificate cannot be trusted.
    ServerCertificate = 60,
    /// A content coding that is unknown, too deep or corrupt.
    ContentCoding = 61,
    /// The body is larger than `--max-filesize`.
    TooLarge = 63,
    /// The server does not start TLS (`--starttls`).
    StartTls = 64,
    /// Content that can be read only once would have to be sent again.
    SendAgain = 65,
    /// A URL has credentials, which are forbidden.
    Login = 67,
    /// The trusted certificates cannot be read.
    CaFile = 77,
    /// The revocation lists cannot be read.
    CrlFile = 82,
    /// The server's key is not a pinned one.
    PinnedKey = 90,
    /// The handshake with a SOCKS proxy failed.
    Socks = 97,
    /// A head has too many lines, or a line that is too long.
    HeadTooLarge = 100,
    /// `--check` found an error, or a finding of the severity that it was given.
    CheckFailed = 120,
    /// `--diff` or `--vary` found a difference.
    Differs = 121,
    /// Interrupted.
    Interrupted = 130,
}
}

/// The exit codes and what they mean, for the help and the manual. 0 is no failure, and
/// 130 also what a shell makes of an interrupt: 128 and the signal's number.
pub fn exit_codes() -> impl Iterator<Item = (u8, String)> {
    let whole = (0, "Each response arrived completely and was decoded to its end.");
    let all = [whole].into_iter().chain(MEANINGS.iter().copied());
    all.map(|(code, meaning)| (code, meaning.trim().replace('`', "")))
}

impl Failure {
    /// The exit code, as the manual lists it.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// An error of this kind; `message` says what happened, to what, and what may help.
    pub fn error(self, message: impl Into<String>) -> anyhow::Error {
        anyhow::Error::new(Failed { failure: self, message: message.into(), source: None, trouble: None })
    }

    /// An error of a connection that had this trouble.
    pub(crate) fn with_trouble(self, trouble: Trouble, message: impl Into<String>) -> anyhow::Error {
        let (message, trouble) = (message.into(), Some(trouble));
        anyhow::Error::new(Failed { failure: self, message, source: None, trouble })
    }

    /// An error that `source` caused, which is printed after `message`.
    pub fn because(
        self,
        message: impl Into<String>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> anyhow::Error {
        let source = Some(without_number(source.into()));
        anyhow::Error::new(Failed { failure: self, message: message.into(), source, trouble: None })
    }
}

/// A system's error in its own words, without the number that the standard library adds.
pub(crate) fn in_words(error: &io::Error) -> String {
    let text = error.to_string();
    match error.raw_os_error() {
        Some(code) => text.strip_suffix(&format!(" (os error {code})")).unwrap_or(&text).to_owned(),
        None => text,
    }
}

/// The cause of an error; a system's error is replaced by its text from [`in_words`].
fn without_number(source: Box<dyn Error + Send + Sync>) -> Box<dyn Error + Send + Sync> {
    match source.downcast_ref::<io::Error>().filter(|error| error.raw_os_error().is_some()) {
        Some(error) => in_words(error).into(),
        None => source,
    }
}

/// The same error, where an option names what cannot be used, so that nothing is sent.
pub(crate) fn refused(error: anyhow::Error) -> anyhow::Error {
    let own = |failed| anyhow::Error::new(Failed { trouble: Some(Trouble::Own), ..failed });
    error.downcast::<Failed>().map_or_else(|other| other, own)
}

/// Whether an error is in what the user asked for, which `--silent` does not hide.
pub(crate) fn is_refusal(error: &anyhow::Error) -> bool {
    trouble(error) == Some(Trouble::Own) || of(error) == Some(Failure::Usage)
}

/// What happened to a connection, as far as it matters for a retry and for `--silent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The peer refused it.
    Refused,
    /// A proxy refused to make a tunnel of it.
    Denied,
    /// It broke off, and may not the next time.
    Lost,
    /// There was none, for what an option names cannot be used.
    Own,
}

#[derive(Debug)]
struct Failed {
    failure: Failure,
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
    trouble: Option<Trouble>,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Failed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| &**source as &(dyn Error + 'static))
    }
}

/// The failure that an error stands for, however many contexts were put around it.
pub fn of(error: &anyhow::Error) -> Option<Failure> {
    error.downcast_ref::<Failed>().map(|failed| failed.failure)
}

/// The trouble of the connection that an error comes of, if it comes of one.
pub(crate) fn trouble(error: &anyhow::Error) -> Option<Trouble> {
    error.downcast_ref::<Failed>().and_then(|failed| failed.trouble)
}

/// The error of a body that is larger than `limit`.
pub(crate) fn too_large(limit: Option<u64>) -> anyhow::Error {
    let limit = bytes(limit.unwrap_or_default());
    Failure::TooLarge.error(format!("the body is larger than the {limit} of --max-filesize"))
}

/// A number of bytes, as messages tell it: "1 byte", "2 bytes".
pub(crate) fn bytes(count: u64) -> String {
    counted(count, "byte")
}

/// A number of things: "1 line", "2 lines". `one` names a single one; its plural ends in s.
pub(crate) fn counted(count: u64, one: &str) -> String {
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}
