//! What of an exchange is shown, and where: standard output, `-D`, or the
//! target's own file.

use std::ffi::OsStr;
use std::io::Read;
use std::rc::Rc;

use super::delivery::{Delivery, Opening};
use crate::event::LineEnd;
use crate::failure::Failure;
use crate::http::field::FieldSection;
use crate::http::transfer_codings::TransferCodings;
use crate::output::body::is_coded;
use crate::output::errors;
use crate::output::escape::push_whole;
use crate::output::file;
use crate::output::style::Style;
use crate::output::window::{self, StandardStream};
use crate::output::{Gathered, Sink, SinkKind, head};
use crate::plan::{Destination, PlannedRequest, RequestContent, Show};
use crate::wait::{Input, Patient};

/// What is said where content that is to be sent cannot be read.
pub(super) const CANNOT_READ: &str = "cannot read the data to send";

/// Where everything is shown that belongs to no target's own file.
pub(super) struct Console {
    show: Show,
    stdout: Sink,
    /// `-D FILE`.
    dump: Option<Sink>,
}

impl Console {
    pub(super) fn new(show: Show) -> anyhow::Result<Self> {
        // Made now: where it cannot be, nothing is to be requested.
        let dump = match &show.dump_header {
            Some(path) if path == "%" => Some(Sink::standard_error()?),
            Some(path) if path != "-" => {
                if show.creates_folders {
                    file::create_folders(path)?;
                }
                Some(Sink::create(path)?)
            }
            _ => None,
        };
        let mut stdout = Sink::standard_output()?;
        if show.ends_lines {
            stdout.set_ends_lines();
        }
        Ok(Self { show, stdout, dump })
    }

    /// `--dry-run`: the request's exact bytes.
    pub(super) fn dry_run(&mut self, request: PlannedRequest) -> anyhow::Result<()> {
        self.stdout.write(&request.head)?;
        each_piece(request.content, &mut |piece| self.stdout.write(piece))
    }

    /// A delivery to `destination`, by `opening` where that is a file.
    pub(super) fn delivery(&self, destination: Destination, opening: Option<Opening>) -> Delivery {
        Delivery::new(destination, opening, self.show.head_into_file)
    }

    /// Whether the codings of content with these fields are undone, so that its bytes are
    /// not those that ranges count.
    pub(super) fn decodes(&self, fields: &FieldSection) -> bool {
        self.show.compressed && is_coded(fields)
    }

    /// Whether content with these fields is saved byte for byte as its length and
    /// its ranges count it.
    pub(super) fn saves_as_it_is(&self, fields: &FieldSection) -> bool {
        !self.show.raw && !self.decodes(fields) && TransferCodings::of(fields).others().next().is_none()
    }

    /// `bytes` on standard output, as they are.
    pub(super) fn print(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.stdout.write(bytes)
    }

    /// An exchange begins: its request, where that is to be shown and can be read in advance.
    pub(super) fn request(&mut self, request: &PlannedRequest) -> anyhow::Result<()> {
        if self.show.request_head {
            let colour = self.colour();
            head::write(&mut self.stdout, &request.head, colour)?;
        }
        match &request.content {
            _ if !self.show.request_body => Ok(()),
            RequestContent::Bytes(bytes) => self.stdout.write(bytes),
            RequestContent::Pieces { pieces, .. } if pieces.length().is_none() => Ok(()),
            RequestContent::Pieces { pieces, chunking } => {
                let content = RequestContent::Pieces { pieces: pieces.clone(), chunking: chunking.clone() };
                each_piece(content, &mut |piece| self.stdout.write(piece))
            }
            RequestContent::Stream(_) => Ok(()),
        }
    }

    /// Whether the content of `request` is printed while it is sent, and what follows it then; `None`
    /// where it is not to be printed, or [`Self::request`] has printed it.
    pub(super) fn prints_as_sent(&self, request: &PlannedRequest) -> Option<LineEnd> {
        let is_unread = match &request.content {
            RequestContent::Bytes(_) => false,
            RequestContent::Stream(_) => true,
            RequestContent::Pieces { pieces, .. } => pieces.length().is_none(),
        };
        let end = if self.show.ends_lines { LineEnd::Added } else { LineEnd::AsItIs };
        (is_unread && self.show.request_body).then_some(end)
    }

    /// A head, interim or final.
    pub(super) fn head(&mut self, raw: &[u8], delivery: &mut Delivery) -> anyhow::Result<()> {
        let dumps_to_stdout = self.show.dump_header.as_deref() == Some(OsStr::new("-"));
        let is_shown = matches!(delivery.destination, Destination::Standard) && self.show.head_into_file;
        if dumps_to_stdout && is_shown && self.show.doubles_heads {
            let twice = raw.split_inclusive(|&byte| byte == b'\n').flat_map(|line| [line, line]);
            return self.stdout.write(&twice.flatten().copied().collect::<Vec<u8>>());
        }
        self.dump(raw)?;
        self.show_head(raw, delivery, !dumps_to_stdout)
    }

    /// A head where the content goes; `prints`: on standard output too.
    fn show_head(&mut self, raw: &[u8], delivery: &mut Delivery, prints: bool) -> anyhow::Result<()> {
        match delivery.destination {
            Destination::Print if self.show.response_head && prints => {
                if self.show.ends_lines && !self.stdout.is_at_line_start() {
                    self.stdout.write(b"\n")?;
                }
                let colour = self.colour();
                head::write(&mut self.stdout, raw, colour)
            }
            Destination::Standard if self.show.head_into_file && prints => self.stdout.write(raw),
            Destination::File(_) | Destination::Remote if self.show.head_into_file => delivery.keep_head(raw),
            _ => Ok(()),
        }
    }

    /// Saves the head, where heads go into files, though no content follows.
    pub(super) fn save_head(&mut self, delivery: &mut Delivery) -> anyhow::Result<()> {
        if self.show.head_into_file { self.sink(delivery).map(drop) } else { Ok(()) }
    }

    /// A proxy's response to CONNECT: shown where heads are.
    pub(super) fn proxy_head(&mut self, raw: &[u8], delivery: &mut Delivery) -> anyhow::Result<()> {
        if self.show.connect_heads { self.head(raw, delivery) } else { Ok(()) }
    }

    /// What came in place of one.
    pub(super) fn proxy_bad_head(&mut self, raw: &[u8], delivery: &mut Delivery) -> anyhow::Result<()> {
        if self.show.connect_heads { self.no_head(raw, delivery) } else { Ok(()) }
    }

    /// What a proxy has to say that refuses: on standard error, since it is not
    /// the server's content, harmless for a terminal.
    pub(super) fn proxy_content(&self, bytes: &[u8]) {
        if bytes.is_empty() || self.show.quiet {
            return;
        }
        let mut text = Vec::new();
        push_whole(bytes, &mut text);
        if !text.ends_with(b"\n") {
            text.push(b'\n');
        }
        errors::write(&text);
    }

    /// `-D`: the trailer section of a chunked body, as it came. With `--raw` it is part of the body.
    pub(super) fn dump_trailers(&mut self, raw: &[u8]) -> anyhow::Result<()> {
        match trailer_lines(raw) {
            lines if lines.is_empty() || self.show.raw => Ok(()),
            lines => self.dump(lines),
        }
    }

    /// `-i`: the same, behind the body.
    pub(super) fn show_trailers(&mut self, raw: &[u8], delivery: &mut Delivery) -> anyhow::Result<()> {
        let lines = trailer_lines(raw);
        if lines.is_empty() || !self.show.head_into_file || self.show.raw {
            return Ok(());
        }
        match delivery.destination {
            Destination::Print if self.show.response_head => {
                let colour = self.colour();
                head::write(&mut self.stdout, lines, colour)
            }
            Destination::Print => Ok(()),
            _ => self.sink(delivery)?.write(lines),
        }
    }

    /// What came in place of a head.
    pub(super) fn no_head(&mut self, raw: &[u8], delivery: &mut Delivery) -> anyhow::Result<()> {
        if raw.is_empty() {
            return Ok(());
        }
        self.dump(raw)?;
        self.show_head(raw, delivery, true)
    }

    /// How bodies are printed that go to `to`, whose file is made now.
    pub(super) fn style(&mut self, to: &mut Delivery) -> anyhow::Result<Style> {
        let sink = self.sink(to)?;
        let (kind, is_guarded) = (sink.kind(), sink.is_guarded());
        let window = (kind == SinkKind::Terminal).then(|| window::width(StandardStream::Output));
        Ok(Style {
            raw: self.show.raw,
            saved: !matches!(to.destination, Destination::Print),
            is_guarded,
            window: window.flatten(),
            compressed: self.show.compressed,
            charset: self.show.charset,
            pretty: self.show.pretty.then(|| self.show.colour.is_on(kind)),
            max_filesize: self.show.max_filesize,
        })
    }

    /// `--max-filesize`.
    pub(super) fn most_bytes(&self) -> Option<u64> {
        self.show.max_filesize
    }

    /// Whether text goes out as it came: it is saved, or nothing is decoded.
    pub(super) fn keeps_bytes(&self, to: &Delivery) -> bool {
        self.show.raw || !matches!(to.destination, Destination::Print)
    }

    /// Whether the body is shown or saved at all.
    pub(super) fn shows_body(&self, to: &Delivery) -> bool {
        !matches!(to.destination, Destination::Print) || self.show.response_body
    }

    /// Whether bytes that came without a head are shown or saved: they are, where a head or a body is.
    pub(super) fn shows_head_or_body(&self, to: &Delivery) -> bool {
        self.show.response_head || self.shows_body(to)
    }

    /// Whether `-v` prints what is received on the terminal that it would be printed on.
    pub(super) fn is_told(&self, to: &Delivery) -> bool {
        matches!(to.destination, Destination::Print) && self.show.is_told
    }

    /// Whether content goes into a file or a device, where it is not watched as it comes.
    pub(super) fn saves(&self, to: &Delivery) -> bool {
        to.opening().is_some() || !self.stdout.kind().is_read()
    }

    /// `--raw`: the transfer coding stays.
    pub(super) fn is_raw(&self) -> bool {
        self.show.raw
    }

    /// A printed body has ended: on a terminal, so does its line.
    pub(super) fn end_body(&mut self, delivery: &Delivery) -> anyhow::Result<()> {
        let is_printed = matches!(delivery.destination, Destination::Print);
        if is_printed && self.show.ends_lines { self.stdout.end_line() } else { Ok(()) }
    }

    /// Ends the line on a terminal, before something else is told.
    pub(super) fn end_line(&mut self) -> anyhow::Result<()> {
        self.stdout.end_line()
    }

    /// Lets standard output gather what comes, unless it must stand in order with other outputs, or
    /// is to be written at once; gives what writes it.
    pub(super) fn gather(&mut self) -> Option<Rc<Gathered>> {
        if self.dump.is_some() || self.show.writes_at_once { None } else { self.stdout.gather() }
    }

    /// Writes what has been gathered.
    pub(super) fn write_gathered(&self) -> anyhow::Result<()> {
        self.stdout.write_gathered()
    }

    /// Writes what is gathered; from now on everything is written at once.
    pub(super) fn end_gathering(&mut self) -> anyhow::Result<()> {
        self.stdout.end_gathering()
    }

    /// Where the bytes of `delivery` go; a file is made now.
    pub(super) fn sink<'a>(&'a mut self, delivery: &'a mut Delivery) -> anyhow::Result<&'a mut Sink> {
        match delivery.destination {
            Destination::Print | Destination::Standard => Ok(&mut self.stdout),
            Destination::File(_) | Destination::Remote => delivery.file(),
        }
    }

    fn dump(&mut self, raw: &[u8]) -> anyhow::Result<()> {
        match &self.show.dump_header {
            None => Ok(()),
            Some(path) if path == "-" => {
                let colour = self.colour();
                head::write(&mut self.stdout, raw, colour)
            }
            Some(_) => match &mut self.dump {
                Some(dump) => dump.write(raw),
                None => Ok(()),
            },
        }
    }

    fn colour(&self) -> bool {
        self.show.colour.is_on(self.stdout.kind())
    }
}

/// Gives all of `content` to `take`.
pub(super) fn each_piece(
    content: RequestContent,
    take: &mut dyn FnMut(&[u8]) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut input: Box<dyn Input> = match content {
        RequestContent::Bytes(bytes) => return take(&bytes),
        RequestContent::Stream(input) => input,
        RequestContent::Pieces { pieces, chunking } => pieces.open(chunking.as_ref()),
    };
    let mut piece = vec![0; 64 * 1024];
    loop {
        let read = Patient(&mut *input).read(&mut piece);
        let length = read.map_err(|error| Failure::Read.because(CANNOT_READ, error))?;
        if length == 0 {
            return Ok(());
        }
        take(&piece[..length])?;
    }
}

/// A trailer section without the empty line at its end.
fn trailer_lines(raw: &[u8]) -> &[u8] {
    let before = raw.strip_suffix(b"\r\n").or_else(|| raw.strip_suffix(b"\n")).unwrap_or(raw);
    // One that is cut off ends in a line of its own.
    if before.ends_with(b"\n") { before } else { raw }
}
