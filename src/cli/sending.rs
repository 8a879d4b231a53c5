//! "Choosing what is sent".

use std::ffi::OsString;
use std::time::Duration;

use clap::ArgMatches;

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
    pub(crate) struct Sending {
        /// The method, sent as given
        #[arg(short = 'X', long, value_name = "METHOD")]
        pub(crate) request: Option<OsString>,

        /// A field line; 'Name:' removes a default one, 'Name;' sends it empty, @FILE reads many
        ///
        /// A field line, sent as it stands. It takes the place of a default field of that name. 'Name:' takes
        /// the default away, 'Name;' sends the name with no value, @FILE reads lines from a file (@- from
        /// standard input). May be given many times; order, case and duplicates are kept.
        #[arg(short = 'H', long, value_name = "LINE")]
        pub(crate) header: Vec<OsString>,

        /// The User-Agent; an empty one sends none
        #[arg(short = 'A', long, value_name = "NAME")]
        pub(crate) user_agent: Option<OsString>,

        /// The Referer; with ';auto' at its end each redirect's is the URL before
        #[arg(short = 'e', long, value_name = "URL")]
        pub(crate) referer: Option<OsString>,

        /// A body, sent as a form; @FILE reads it
        ///
        /// A body, with the method POST and the type application/x-www-form-urlencoded. Several are joined by
        /// '&'. @FILE reads a file (@- standard input) without its line ends and NULs.
        #[arg(short = 'd', long, value_name = "DATA")]
        data: Vec<OsString>,

        /// As --data, but @ means nothing
        #[arg(long, value_name = "DATA")]
        data_raw: Vec<OsString>,

        /// As --data, but @FILE is sent as it is
        #[arg(long, value_name = "DATA")]
        data_binary: Vec<OsString>,

        /// The same as --data
        #[arg(long, value_name = "DATA")]
        data_ascii: Vec<OsString>,

        /// As --data, percent-encoded: CONTENT, =CONTENT, NAME=CONTENT, @FILE or NAME@FILE
        #[arg(long, value_name = "DATA")]
        data_urlencode: Vec<OsString>,

        /// A JSON body: as --data-binary, with Content-Type and Accept
        #[arg(long, value_name = "DATA")]
        json: Vec<OsString>,

        /// All of the above that was given, in order.
        #[arg(skip)]
        pub(crate) all_data: Vec<(DataKind, OsString)>,

        /// A part of a form: NAME=VALUE, NAME=@FILE[,FILE]... or NAME=<FILE; then ;type= and ;filename=
        ///
        /// A part of a multipart form, with the method POST. @FILE sends a file with its name, <FILE its content as
        /// a value (- is standard input). Behind it may stand ;type=TYPE, ;filename=NAME, ;headers=LINE,
        /// ;headers=@FILE and ;encoder=NAME (binary, 8bit, 7bit, base64, quoted-printable). A value with ; or , in it
        /// is quoted. NAME=( begins a part that holds the ones up to =) .
        #[arg(short = 'F', long, value_name = "NAME=CONTENT")]
        form: Vec<OsString>,

        /// As --form, but no character of VALUE means anything
        #[arg(long, value_name = "NAME=VALUE")]
        form_string: Vec<OsString>,

        /// Both of the above that were given, in order.
        #[arg(skip)]
        pub(crate) all_form: Vec<(FormKind, OsString)>,

        /// Escape names in a form with backslashes, and not with percent signs
        #[arg(long)]
        pub(crate) form_escape: bool,

        /// Send FILE, or - for standard input, with PUT; the n-th for the n-th request
        ///
        /// A file's length is told, standard input is sent in chunks as it comes. To a path that ends in a slash the
        /// file's name is added.
        #[arg(short = 'T', long, value_name = "FILE")]
        pub(crate) upload_file: Vec<OsString>,

        /// How long the server may take to agree to content over 1 MiB before it is sent: seconds, 1 if not given
        #[arg(long, value_name = "SECONDS", value_parser = super::connecting::seconds)]
        pub(crate) expect100_timeout: Option<Duration>,

        /// Send the content in chunks of so many bytes
        ///
        /// Send the content in chunks of so many bytes, the last of what is left; at most 16M. As --chunk-ext and
        /// --trailer do, it makes the transfer coding chunked. Without it a chunk is what one read gives, up to 64K.
        #[arg(long, value_name = "BYTES", value_parser = chunk_size)]
        pub(crate) chunk_size: Option<u64>,

        /// Put this extension behind the size of each chunk, as in 'name=value'
        #[arg(long, value_name = "TEXT")]
        pub(crate) chunk_ext: Option<OsString>,

        /// A field line of the trailer section, behind the last chunk; @FILE reads many
        ///
        /// A field line of the trailer section, sent as it stands behind the last chunk. May be given many times.
        /// @FILE reads lines from a file. No Trailer field is sent unless -H gives it.
        #[arg(long, value_name = "LINE")]
        pub(crate) trailer: Vec<OsString>,

        /// Put the data into the query, and send GET
        #[arg(short = 'G', long)]
        pub(crate) get: bool,

        /// Add DATA to the query, percent-encoded as by --data-urlencode; +DATA as it is
        #[arg(long, value_name = "DATA")]
        pub(crate) url_query: Vec<OsString>,

        /// Send HEAD
        #[arg(short = 'I', long)]
        pub(crate) head: bool,

        /// The byte range to ask for, as 0-99 or -100
        ///
        /// The byte range to ask for, as 0-99 or -100. A part that begins elsewhere or reaches beyond it is printed
        /// or saved all the same, and the exit code is 33. A shorter part, or all of the content, is told.
        #[arg(short = 'r', long, value_name = "RANGE")]
        pub(crate) range: Option<OsString>,

        /// Ask for a compressed response, and decompress it whatever becomes of it
        #[arg(long)]
        pub(crate) compressed: bool,

        /// Let the server compress the transfer itself (TE: gzip), whatever becomes of the content
        #[arg(long)]
        pub(crate) tr_encoding: bool,

        /// Only if the entity tag is not the one in FILE
        ///
        /// Only if the entity tag is not the one in FILE, as --etag-save has written it: the field If-None-Match. No file
        /// is as no tag. With 304 (Not Modified) the file of -o stays as it is.
        #[arg(long, value_name = "FILE")]
        pub(crate) etag_compare: Option<OsString>,

        /// Only if modified since this date, or since the FILE of that name was; -DATE: only if not
        ///
        /// Only if modified since this date, or since the FILE of that name was; -DATE: only if not. Where there is
        /// no such file yet, the request is made without a condition.
        #[arg(short = 'z', long, value_name = "DATE|FILE")]
        pub(crate) time_cond: Option<OsString>,

        /// Say HTTP/1.0 in the request line
        #[arg(short = '0', long = "http1.0", overrides_with = "http1_1")]
        pub(crate) http1_0: bool,

        /// Say HTTP/1.1 in the request line, as is usual
        #[arg(long = "http1.1", overrides_with = "http1_0")]
        pub(crate) http1_1: bool,

        /// Wish for HTTP/2: HTTP/1.1 is spoken, and a line says so
        #[arg(long, hide_short_help = true)]
        pub(crate) http2: bool,

        /// Wish for HTTP/3: HTTP/1.1 is spoken, and a line says so
        #[arg(long, hide_short_help = true)]
        pub(crate) http3: bool,

        /// The request target, verbatim: *, absolute form, anything
        #[arg(long, value_name = "TARGET")]
        pub(crate) request_target: Option<OsString>,

        /// A target, as without the option; @FILE: the URLs in FILE, each saved under its name
        ///
        /// A target, as without the option. @FILE stands for the URLs in FILE, one a line, of which each is saved
        /// under the name that it ends in; lines that begin with # are none.
        #[arg(long, value_name = "URL")]
        pub(crate) url: Vec<OsString>,

        /// Send the request line and the -H fields, and nothing else
        #[arg(long)]
        pub(crate) bare: bool,

        /// Send the request's bytes from FILE, or - for standard input, verbatim
        ///
        /// Send the request's bytes from FILE, or - for standard input, verbatim. FILE may hold several requests, which
        /// go out together; each --send is sent when the ones before have been answered, or with --pipeline at
        /// once, all on one connection. To ws:// and wss:// each line of standard input is sent as a text message,
        /// and FILE as one.
        #[arg(long, value_name = "FILE")]
        pub(crate) send: Vec<OsString>,

        /// As --send, with each {{NAME}} in FILE replaced by the --variable of that name
        ///
        /// As --send, with each {{NAME}} and {{NAME:FUNCTION}} in FILE replaced as in the values of other --expand-
        /// options: the functions are trim, json, url, b64 and 64dec. The whole file is read first.
        // What is read here is the file's content: whoever knows the variables fills them in.
        #[arg(long, value_name = "FILE", requires = "send")]
        pub(crate) expand_send: Vec<OsString>,

        /// With --send: make CR LF of the bare LFs in the head
        #[arg(long, requires = "send")]
        pub(crate) crlf: bool,

        /// With --send: set Content-Length to the length of what follows the head, and say so
        ///
        /// With --send: set each Content-Length to the length of what follows the first empty line, or add one where
        /// there is content and none; what is chunked stays. What was changed is told on standard error.
        #[arg(long, requires = "send")]
        pub(crate) fix_length: bool,

        /// With --send to ws:// or wss://: send binary messages, not text
        #[arg(long, requires = "send")]
        pub(crate) ws_binary: bool,

        /// Print the exact bytes that would be sent, and connect to nothing
        #[arg(long, conflicts_with = "read")]
        pub(crate) dry_run: bool,

        /// Connect to nothing: the response comes from FILE, from - or from a folder of --save
        ///
        /// Connects to nothing: the response's bytes come from FILE, or from standard input (-). With --send the
        /// request's bytes are those of its file. A folder that --save made gives all its exchanges, each with its
        /// request, and no target is named.
        #[arg(long, value_name = "FILE")]
        pub(crate) read: Option<OsString>,

        /// Read options from FILE, one a line: 'OPTION = VALUE'; - for standard input
        ///
        /// Options from a file in curl's form, put in the place of this one: OPTION, OPTION VALUE or
        /// OPTION = VALUE, one a line, the value in double quotes where it holds spaces, # for comments.
        #[arg(short = 'K', long, value_name = "FILE")]
        config: Vec<OsString>,

        /// Set a variable: NAME=CONTENT, NAME@FILE, %NAME from the environment
        ///
        /// Sets a variable for the --expand-OPTION that follow: --expand-header 'X: {{NAME}}' is --header with the
        /// content in the place of {{NAME}}. So a secret need not stand among the arguments, which others can see.
        /// %NAME=CONTENT and %NAME@FILE are for where the environment has none; NAME[0-9]@FILE takes a part;
        /// {{NAME:trim}}, :url, :json, :b64 and :64dec change what is put in.
        #[arg(long, value_name = "NAME=CONTENT")]
        variable: Vec<OsString>,

        /// What stands before belongs to the requests before, and what follows to others
        #[arg(short = ':', long)]
        next: bool,

        /// Request each URL of a sequence: {one,two}, [1-100], [001-100:3], [a-z]
        ///
        /// Request each URL of a sequence: {one,two}, [1-100], [001-100:3], [a-z]. #1 in the file name of -o stands for
        /// what the first of them is at the moment, #<NAME> for that of {<NAME>one,two}. -T takes sequences too.
        #[arg(long, overrides_with = "globoff")]
        pub(crate) glob: bool,

        /// Send [ ] { } in URLs as typed, with the backslashes before them
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

/// `-F` and `--form-string` and their values, in the order in which they were given.
pub(super) fn form_in_order(matches: &ArgMatches) -> Vec<(FormKind, OsString)> {
    super::in_order(matches, &[("form", FormKind::Form), ("form_string", FormKind::Literal)])
}

/// The options of the `-d` family and their values, in the order in which they were given.
pub(super) fn data_in_order(matches: &ArgMatches) -> Vec<(DataKind, OsString)> {
    let family = [
        ("data", DataKind::Ascii),
        ("data_ascii", DataKind::Ascii),
        ("data_raw", DataKind::Raw),
        ("data_binary", DataKind::Binary),
        ("data_urlencode", DataKind::UrlEncode),
        ("json", DataKind::Json),
    ];
    super::in_order(matches, &family)
}
