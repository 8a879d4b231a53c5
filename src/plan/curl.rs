//! What `--curl`, or being called by the name curl, changes. All of it is decided
//! here; the manual lists it.
//!
//! | what | as rawget | as curl |
//! |---|---|---|
//! | printed | head and body | the body; the head with -i, -I |
//! | a printed body, except on a terminal | text in UTF-8, codings undone | its bytes |
//! | connections | closed after each response | kept (`--keep-alive`) |
//! | `[1-9]` and `{a,b}` in URLs | as typed | sequences (`--glob`) |
//! | dot segments in paths | as typed | removed, unless `--path-as-is` |
//! | exit code | the first failure's | the last target's |
//! | exit 8 | yes | no |
//! | exit 33 for another part than `-r` asks for | yes | no |
//! | 416 without Content-Range to `-C` | proves nothing: 33 | the file is whole: 0 |
//! | `~/.curlrc` | not read | read, unless -q comes first |

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use crate::cli::Cli;
use crate::http::doubt::Doubt;
use crate::http::reference::remove_dot_segments;
use crate::http::uri::Uri;

/// By whose rules the run goes, where the two differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Manners {
    /// Printed bodies are what came, byte for byte.
    pub(super) prints_bytes: bool,
    /// Dot segments are removed from paths.
    removes_dots: bool,
    /// The last target's failure makes the exit code, and not the first one's.
    pub(crate) last_counts: bool,
    /// A head that others may read differently is a failure.
    minds_doubts: bool,
}

/// Whether curl's rules are asked for, by the name of the program or by `--curl`.
pub(crate) fn is_asked_for(program: &OsStr, arguments: &[OsString]) -> bool {
    let before_dashes = arguments.iter().take_while(|argument| *argument != "--");
    Path::new(program).file_stem() == Some(OsStr::new("curl"))
        || before_dashes.into_iter().any(|argument| argument == "--curl")
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
        folder("XDG_CONFIG_HOME").map(|folder| folder.join("curlrc")),
        home.as_ref().map(|home| home.join(".curlrc")),
        home.map(|home| home.join(".config/curlrc")),
    ];
    places.into_iter().flatten().find(|path| path.is_file()).map(PathBuf::into_os_string)
}

impl Manners {
    /// Applies the rules to what was asked for; `as_curl`: curl's.
    pub(super) fn apply(cli: &mut Cli, as_curl: bool) -> Self {
        if !as_curl {
            return Self { minds_doubts: true, ..Self::default() };
        }
        let showing = &mut cli.showing;
        showing.body |= !showing.show_headers && showing.print.is_none();
        cli.connecting.keep_alive = true;
        cli.sending.glob |= !cli.sending.globoff;
        Self {
            prints_bytes: !io::stdout().is_terminal(),
            removes_dots: !cli.compatibility.path_as_is,
            last_counts: true,
            minds_doubts: false,
        }
    }

    /// Whether `doubt` about a head is a failure: another version always is.
    pub(crate) fn minds(self, doubt: &Doubt) -> bool {
        self.minds_doubts || doubt.is_other_version
    }

    /// Whether another part than the one asked for is a failure.
    pub(crate) fn minds_ranges(self) -> bool {
        self.minds_doubts
    }

    /// Whether 416 (Range Not Satisfiable) alone says that nothing is missing.
    pub(crate) fn trusts_416(self) -> bool {
        !self.minds_doubts
    }

    /// `uri` as it is asked for.
    pub(super) fn normalised(self, uri: Uri) -> Uri {
        if !self.removes_dots || uri.path_and_query.is_empty() || !uri.path_and_query.starts_with(b"/") {
            return uri;
        }
        let end = uri.path().len();
        let (path, query) = uri.path_and_query.split_at(end);
        let path_and_query = [&remove_dot_segments(path), query].concat();
        Uri { path_and_query, ..uri }
    }
}
