//! "Choosing what is sent".

use std::ffi::OsString;
use std::time::Duration;

/// How a piece of data was given, which says how it is read and joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DataKind {
    /// `-d`, `--data-ascii`: `@FILE` loses its line ends.
    Ascii,
    /// `--data-raw`: `@` means nothing.
    Raw,
    /// `--data-binary`: `@FILE` as it is.
    Binary,
    /// `--data-urlencode`: percent-encoded.
    UrlEncode,
    /// `--json`: as binary, joined by nothing.
    Json,
}

/// How a form field was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FormKind {
    /// `-F`.
    Form,
    /// `--form-string`: no character means anything.
    Literal,
}

options! {
    pub(crate) struct SendingOptions {
        /// Use this method, exactly as given
        #[arg(short = 'X', long, value_name = "METHOD")]
        pub(crate) request: Option<OsString>,

        /// Send this field line; 'Name:' removes a default, 'Name;' is sent empty, @FILE reads many
        ///
        /// The line is sent as it stands and replaces a default field of that name. 'Name:' removes the default
        /// field. 'Name;' sends the name with an empty value. @FILE reads lines from a file (@- from standard
        /// input). The option can be repeated; order, case and duplicates are kept.
        #[arg(short = 'H', long, value_name = "LINE")]
        pub(crate) header: Vec<OsString>,

        /// Send this User-Agent; an empty NAME sends none
        #[arg(short = 'A', long, value_name = "NAME")]
        pub(crate) user_agent: Option<OsString>,

        /// Send this Referer; with ';auto' at its end, each redirect sends the previous URL
        #[arg(short = 'e', long, value_name = "URL")]
        pub(crate) referer: Option<OsString>,

        /// Send DATA in the body, as a form; @FILE reads it from a file
        ///
        /// The method is POST and the content type application/x-www-form-urlencoded. If the option is repeated,
        /// the values are joined with '&'. @FILE reads a file (@- standard input) and drops its line ends and
        /// NULs. A file larger than 1 MiB is not read until it is sent, and must not change before that. A pipe is
        /// held in memory, since its length must be known; -T - sends it in chunks.
        #[arg(short = 'd', long, value_name = "DATA")]
        data: Vec<OsString>,

        /// Like --data, but @ is not special
        #[arg(long, value_name = "DATA")]
        data_raw: Vec<OsString>,

        /// Like --data, but send @FILE unchanged
        #[arg(long, value_name = "DATA")]
        data_binary: Vec<OsString>,

        /// Same as --data
        #[arg(long, value_name = "DATA")]
        data_ascii: Vec<OsString>,

        /// Like --data, but percent-encode: CONTENT, =CONTENT, NAME=CONTENT, @FILE or NAME@FILE
        #[arg(long, value_name = "DATA")]
        data_urlencode: Vec<OsString>,

        /// Send a JSON body: like --data-binary, with Content-Type and Accept for JSON
        #[arg(long, value_name = "DATA")]
        json: Vec<OsString>,

        /// All of the above that was given, in order.
        #[arg(skip)]
        pub(crate) all_data: Vec<(DataKind, OsString)>,

        /// Send a form part: NAME=VALUE, NAME=@FILE[,FILE]... or NAME=<FILE
        ///
        /// The body is a multipart form and the method is POST. @FILE sends a file with its name; <FILE sends the
        /// file's content as a value (- is standard input). The content can be followed by ;type=TYPE,
        /// ;filename=NAME, ;headers=LINE, ;headers=@FILE and ;encoder=NAME (binary, 8bit, 7bit, base64,
        /// quoted-printable). Quote a value that contains a semicolon or a comma. NAME=( begins a part that
        /// contains the parts that follow, and =) ends it.
        #[arg(short = 'F', long, value_name = "NAME=CONTENT")]
        form: Vec<OsString>,

        /// Like --form, but no character of VALUE is special
        #[arg(long, value_name = "NAME=VALUE")]
        form_string: Vec<OsString>,

        /// Both of the above that were given, in order.
        #[arg(skip)]
        pub(crate) all_form: Vec<(FormKind, OsString)>,

        /// Escape names in a form with backslashes instead of percent signs
        #[arg(long)]
        pub(crate) form_escape: bool,

        /// Send FILE with PUT, or - for standard input; the nth FILE is for the nth request
        ///
        /// A file is sent with its length, standard input in chunks as it is read. If the path ends in a slash,
        /// the file's name is appended to it.
        #[arg(short = 'T', long, value_name = "FILE")]
        pub(crate) upload_file: Vec<OsString>,

        /// Wait up to SECONDS for 100 (Continue) before sending content over 1 MiB (default: 1)
        #[arg(long, value_name = "SECONDS", value_parser = super::connecting::seconds)]
        pub(crate) expect100_timeout: Option<Duration>,

        /// Send the content in chunks of this many bytes
        ///
        /// The last chunk holds what is left. BYTES is at most 16M. Like --chunk-ext and --trailer, this option
        /// makes the transfer coding chunked. Without it, each chunk is what one read returns, up to 64K.
        #[arg(long, value_name = "BYTES", value_parser = chunk_size)]
        pub(crate) chunk_size: Option<u64>,

        /// Add this extension to the size of each chunk, such as 'name=value'
        #[arg(long, value_name = "TEXT")]
        pub(crate) chunk_ext: Option<OsString>,

        /// Send this field line in the trailer section, after the last chunk; @FILE reads many
        ///
        /// The line is sent as it stands. The option can be repeated. @FILE reads lines from a file. No Trailer
        /// field is sent unless -H gives one.
        #[arg(long, value_name = "LINE")]
        pub(crate) trailer: Vec<OsString>,

        /// Append the data to the query and send GET
        #[arg(short = 'G', long)]
        pub(crate) get: bool,

        /// Append DATA to the query, percent-encoded like --data-urlencode; +DATA unchanged
        #[arg(long, value_name = "DATA")]
        pub(crate) url_query: Vec<OsString>,

        /// Send HEAD
        #[arg(short = 'I', long)]
        pub(crate) head: bool,

        /// Request a byte range, such as 0-99 or -100
        ///
        /// A part that begins elsewhere or extends past the range is still printed or saved, but the exit code is
        /// 33. A message reports a shorter part or the whole content.
        #[arg(short = 'r', long, value_name = "RANGE")]
        pub(crate) range: Option<OsString>,

        /// Request a compressed response and decompress it, whether printed or saved
        #[arg(long)]
        pub(crate) compressed: bool,

        /// Request a compressed transfer coding (TE: gzip); decode it, whether printed or saved
        #[arg(long)]
        pub(crate) tr_encoding: bool,

        /// Request content only if its entity tag is not the one in FILE
        ///
        /// The tag in FILE, as written by --etag-save, is sent in the field If-None-Match. A missing file counts
        /// as no tag. If the response is 304 (Not Modified), the file of -o is left unchanged.
        #[arg(long, value_name = "FILE")]
        pub(crate) etag_compare: Option<OsString>,

        /// Request content only if modified since DATE, or since FILE was; -DATE: only if not
        ///
        /// If FILE does not exist yet, the request is sent without a condition.
        #[arg(short = 'z', long, value_name = "DATE|FILE")]
        pub(crate) time_cond: Option<OsString>,

        /// Send HTTP/1.0 in the request line
        #[arg(short = '0', long = "http1.0", overrides_with = "http1_1")]
        pub(crate) http1_0: bool,

        /// Send HTTP/1.1 in the request line (the default)
        #[arg(long = "http1.1", overrides_with = "http1_0")]
        pub(crate) http1_1: bool,

        /// Ask for HTTP/2; HTTP/1.1 is used instead, and a message says so
        #[arg(long, hide_short_help = true)]
        pub(crate) http2: bool,

        /// Ask for HTTP/3; HTTP/1.1 is used instead, and a message says so
        #[arg(long, hide_short_help = true)]
        pub(crate) http3: bool,

        /// Send this request target verbatim: *, absolute form, anything
        #[arg(long, value_name = "TARGET")]
        pub(crate) request_target: Option<OsString>,

        /// Add a target, as without the option; @FILE reads URLs and saves each under its name
        ///
        /// @FILE reads URLs from FILE, one per line, and saves each under the name at the end of the URL. Lines
        /// that begin with # are ignored.
        #[arg(long, value_name = "URL")]
        url: Vec<OsString>,

        /// Send only the request line and the -H fields
        #[arg(long)]
        pub(crate) bare: bool,

        /// Send the request bytes in FILE, or - for standard input, verbatim
        ///
        /// FILE can hold several requests, which are sent together. Each further --send waits for the responses
        /// to the ones before, or is sent at once with --pipeline; all share one connection. To tcp:// and tls://,
        /// the files are sent one after another. To ws:// and wss://, each line of standard input is sent as a text
        /// message, and FILE as a single one.
        #[arg(long, value_name = "FILE")]
        pub(crate) send: Vec<OsString>,

        /// Like --send, but replace each {{NAME}} in FILE with the --variable of that name
        ///
        /// {{NAME}} and {{NAME:FUNCTION}} are replaced as in the values of the other --expand- options. The
        /// functions are trim, json, url, b64 and 64dec. The whole file is read first.
        // What is read here is the file's content: its variables are filled in later.
        #[arg(long, value_name = "FILE")]
        pub(crate) expand_send: Vec<OsString>,

        /// With --send: convert bare LFs in the head to CR LF; with -T: those of the file
        #[arg(long)]
        pub(crate) crlf: bool,

        /// With --send: set Content-Length to the length of what follows the head, and say so
        ///
        /// Each Content-Length is set to the length of the content that follows its head. If there is content but
        /// no Content-Length, one is added. Chunked content is left alone. Each change is reported on standard
        /// error. The content of a request whose length is wrong ends where a line begins that is a request line,
        /// or at the end of the file; a file over 8 MiB counts as one request. A pipe is held in memory, up to
        /// 64 MiB.
        #[arg(long)]
        pub(crate) fix_length: bool,

        /// With --send to ws:// or wss://: send binary messages instead of text
        #[arg(long)]
        pub(crate) ws_binary: bool,

        /// Print the exact bytes that would be sent, without connecting
        #[arg(long, conflicts_with = "read")]
        pub(crate) dry_run: bool,

        /// Read the response from FILE, from - or from a folder of --save, without connecting
        ///
        /// The response's bytes are read from FILE, or from standard input (-). With --send, the request's bytes
        /// are read from its file. Several --read supply one response for each target, in order; any
        /// other number is refused, but a single target takes all. Nothing is connected to, over tcp:// and tls://
        /// either. A folder that --save wrote supplies all its exchanges, each with its
        /// request, and no target is given.
        #[arg(long, value_name = "FILE")]
        pub(crate) read: Vec<OsString>,

        /// Read options from FILE, one per line: 'OPTION = VALUE'; - for standard input
        ///
        /// The options take effect where this one stands. The file has curl's form: each line is OPTION, OPTION VALUE
        /// or OPTION = VALUE. A value that contains spaces is put in double quotes. # begins a comment.
        #[arg(short = 'K', long, value_name = "FILE")]
        config: Vec<OsString>,

        /// Set a variable: NAME=CONTENT, NAME@FILE, %NAME from the environment
        ///
        /// Each --expand-OPTION that follows can use the variable: --expand-header 'X: {{NAME}}' is --header with
        /// {{NAME}} replaced by the content. This keeps secrets out of the arguments, which others can see.
        /// %NAME=CONTENT and %NAME@FILE give the content to use if the environment has none. NAME[0-9]@FILE takes
        /// only these bytes. {{NAME:trim}}, :url, :json, :b64 and :64dec convert the content.
        #[arg(long, value_name = "NAME=CONTENT")]
        variable: Vec<OsString>,

        /// Begin a new group of options and targets
        ///
        /// Options before it apply to the targets before it, options after it to those after it.
        /// All groups are checked before anything is sent, except a group that reads a file which an earlier one
        /// writes: it is checked when it begins.
        #[arg(short = ':', long)]
        next: bool,

        /// Request each URL of a sequence: {one,two}, [1-100], [001-100:3], [a-z]
        ///
        /// In the file name of -o, #1 stands for the current value of the first sequence, and #<NAME> for that of
        /// {<NAME>one,two}. -T accepts sequences too, and gives values to #<NAME>.
        #[arg(long, overrides_with = "globoff")]
        pub(crate) glob: bool,

        /// Send [ ] { } in URLs as typed, including backslashes before them
        #[arg(short = 'g', long, overrides_with = "glob")]
        pub(crate) globoff: bool,
    }
}

/// Most bytes of a chunk: one is kept in memory.
const MAX_CHUNK: u64 = 16 * 1024 * 1024;

fn chunk_size(text: &str) -> Result<u64, String> {
    let size = super::saving::size(text)?;
    match size {
        1..=MAX_CHUNK => Ok(size),
        _ => Err("a chunk has from 1 byte to 16M".to_owned()),
    }
}

/// The options whose order counts.
pub(super) const ORDERED: [&str; 8] =
    ["data", "data_ascii", "data_raw", "data_binary", "data_urlencode", "json", "form", "form_string"];

impl SendingOptions {
    /// Takes the content's options, in the order in which they were given.
    pub(super) fn take_ordered(&mut self, values: &[(&'static str, OsString)]) {
        for (id, value) in values {
            match *id {
                "form" => self.all_form.push((FormKind::Form, value.clone())),
                "form_string" => self.all_form.push((FormKind::Literal, value.clone())),
                id => self.all_data.extend(data_kind(id).map(|kind| (kind, value.clone()))),
            }
        }
    }
}

fn data_kind(id: &str) -> Option<DataKind> {
    Some(match id {
        "data" | "data_ascii" => DataKind::Ascii,
        "data_raw" => DataKind::Raw,
        "data_binary" => DataKind::Binary,
        "data_urlencode" => DataKind::UrlEncode,
        "json" => DataKind::Json,
        _ => return None,
    })
}
