//! What is printed, and where it goes.

use std::ffi::OsString;

use encoding_rs::Encoding;

use super::curl::Manners;
use super::saving::Saving;
use super::usage_error::usage;
use crate::charset;
use crate::cli::Cli;
use crate::cli::showing::ShowingOptions;
use crate::output;
use crate::output::colour::{self, Colour};
use crate::output::escape::{self, one_line};
use crate::report::progress::Drawing;

/// What is shown of each exchange.
#[derive(Clone, Debug, Default)]
pub(crate) struct Show {
    pub(crate) request_head: bool,
    pub(crate) request_body: bool,
    pub(crate) response_head: bool,
    pub(crate) response_body: bool,
    /// `-i` was given: the head goes into a saved file too.
    pub(crate) head_into_file: bool,
    /// A body that is printed among heads has a line end at its end.
    pub(crate) ends_lines: bool,
    /// `-v` prints heads and dialogues on the same terminal.
    pub(crate) is_told: bool,
    /// `--raw`.
    pub(crate) raw: bool,
    /// `--compressed`.
    pub(crate) compressed: bool,
    /// `--pretty`.
    pub(crate) pretty: bool,
    /// `--charset`.
    pub(crate) charset: Option<&'static Encoding>,
    /// `--max-filesize`.
    pub(crate) max_filesize: Option<u64>,
    /// `--create-dirs`.
    pub(crate) creates_folders: bool,
    /// `-D`.
    pub(crate) dump_header: Option<OsString>,
    /// Each line of a head is printed twice where `-D -` and `-i` both print it.
    pub(crate) doubles_heads: bool,
    /// Responses to CONNECT are shown among the heads.
    pub(crate) connect_heads: bool,
    /// `-s` without `-S`.
    pub(crate) quiet: bool,
    /// `-N`: nothing that is printed waits for what follows it.
    pub(crate) writes_at_once: bool,
    /// `--color`, as far as it does not depend on what is written to.
    pub(crate) colour: Colour,
}

/// What the options say of the progress meter.
pub(super) fn drawing(options: &ShowingOptions) -> Drawing {
    match (options.silent || options.no_progress_meter, options.progress_bar) {
        (true, _) => Drawing::Nothing,
        (false, true) => Drawing::Bar,
        (false, false) => Drawing::Meter,
    }
}

impl Show {
    /// What the options say, those on saving and the manners too.
    pub(super) fn planned(cli: &Cli, saving: &Saving, manners: Manners) -> anyhow::Result<Self> {
        let show = Self::new(cli)?;
        // There -v prints the heads.
        let is_told = cli.showing.verbose && cli.showing.print.is_none() && output::share_a_terminal();
        Ok(Self {
            max_filesize: saving.max_filesize,
            creates_folders: saving.creates_folders,
            connect_heads: !cli.proxy.suppress_connect_headers,
            ends_lines: show.response_head && !show.raw && !manners.prints_bytes,
            response_head: show.response_head && !is_told,
            is_told,
            doubles_heads: manners.as_curl,
            ..show
        })
    }

    /// What the options say.
    pub(super) fn new(cli: &Cli) -> anyhow::Result<Self> {
        let (options, compressed, head_alone) = (&cli.showing, cli.sending.compressed, cli.sending.head);
        let reads_on = cli.connecting.until_eof || cli.connecting.linger.is_some();
        let parts = match &options.print {
            Some(parts) => parts.as_str(),
            None if cli.reports_instead() => "",
            None if head_alone && !reads_on => "h",
            None if options.body => "b",
            None => "hb",
        };
        if let Some(odd) = parts.chars().find(|part| !"HBhb".contains(*part)) {
            let odd = one_line(odd.to_string().as_bytes());
            return Err(usage("--print", format!("{odd} is not one of H, B, h and b")));
        }
        Ok(Self {
            ends_lines: false,
            is_told: false,
            request_head: parts.contains('H'),
            request_body: parts.contains('B'),
            response_head: parts.contains('h'),
            response_body: parts.contains('b'),
            connect_heads: true,
            quiet: options.silent && !options.show_error,
            writes_at_once: options.no_buffer,
            head_into_file: options.show_headers || head_alone,
            raw: options.raw && !options.explains(),
            compressed,
            pretty: options.pretty,
            charset: charset(options)?,
            max_filesize: None,
            creates_folders: false,
            dump_header: options.dump_header.clone(),
            doubles_heads: false,
            colour: colour(options),
        })
    }
}

/// `--color`, and what the environment says of colour.
pub(super) fn colour(options: &ShowingOptions) -> Colour {
    match options.color.unwrap_or(if options.no_styled_output { Colour::Never } else { Colour::OnTerminals })
    {
        Colour::OnTerminals => match colour::by_environment() {
            Some(true) => Colour::Always,
            Some(false) => Colour::Never,
            None => Colour::OnTerminals,
        },
        chosen => chosen,
    }
}

/// `--charset`.
pub(super) fn charset(options: &ShowingOptions) -> anyhow::Result<Option<&'static Encoding>> {
    options.charset.as_deref().map(charset_named).transpose()
}

fn charset_named(label: &str) -> anyhow::Result<&'static Encoding> {
    charset::encoding(label.as_bytes()).ok_or_else(|| {
        let shown = escape::value(label.as_bytes());
        usage("--charset", format!("{shown} is not a label of the Encoding Standard, such as gbk or utf-8"))
    })
}
