//! What of an exchange is shown, and where: standard output, `-o`, `-D`.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};
use std::time::SystemTime;

use crate::failure::Failure;
use crate::http::field::FieldSection;
use crate::http::uri::Uri;
use crate::output::body::{Printer, Style};
use crate::output::escape::Escaper;
use crate::output::file::{self, Existing};
use crate::output::{Kind, Sink, head};
use crate::plan::{Colour, Content, Destination, PlannedRequest, Show};

/// What is said where content that is to be sent cannot be read.
pub(super) const CANNOT_READ: &str = "cannot read what is to be sent";

/// Where everything is shown.
pub(super) struct Screen {
    show: Show,
    stdout: Sink,
    /// `-D FILE`.
    dump: Option<Sink>,
    /// `-o FILE` of this target, once something has come for it.
    file: Option<Sink>,
    /// Heads that belong into a file which is made when a body comes for it.
    heads: Vec<u8>,
    /// How that file is made.
    opening: Option<Opening>,
    /// Where the content of this target goes.
    destination: Destination,
}

/// A file that is to be made, and how.
pub(super) struct Opening {
    pub(super) path: OsString,
    pub(super) existing: Existing,
    pub(super) creates_folders: bool,
    /// The name is that of this URL, and a server may give another.
    pub(super) named_by: Option<Uri>,
}

impl Opening {
    /// Makes the file; the path is the one that it got.
    fn open(&mut self) -> anyhow::Result<Sink> {
        if self.creates_folders {
            file::create_folders(&self.path)?;
        }
        let (sink, path) = Sink::save_to(&self.path, self.existing)?;
        self.path = path;
        Ok(sink)
    }
}

impl Screen {
    pub(super) fn new(show: Show) -> anyhow::Result<Self> {
        // Made now: where it cannot be, nothing is to be asked for.
        let dump = match &show.dump_header {
            Some(path) if path == "%" => Some(Sink::standard_error()?),
            Some(path) if path != "-" => Some(Sink::create(path)?),
            _ => None,
        };
        Ok(Self {
            show,
            stdout: Sink::standard_output()?,
            dump,
            file: None,
            heads: Vec::new(),
            opening: None,
            destination: Destination::default(),
        })
    }

    /// `--dry-run`: the request's exact bytes.
    pub(super) fn dry_run(&mut self, request: PlannedRequest) -> anyhow::Result<()> {
        self.stdout.write(&request.head)?;
        match request.content {
            Content::Bytes(bytes) => self.stdout.write(&bytes),
            Content::Stream(input) => self.print_all(input),
            Content::Pieces { pieces, is_chunked } => self.print_all(pieces.open(is_chunked)),
        }
    }

    fn print_all(&mut self, mut input: Box<dyn Read + Send>) -> anyhow::Result<()> {
        let mut piece = vec![0; 64 * 1024];
        loop {
            let length = input.read(&mut piece).map_err(|error| Failure::Read.because(CANNOT_READ, error))?;
            if length == 0 {
                return Ok(());
            }
            self.stdout.write(&piece[..length])?;
        }
    }

    /// Another target is asked for: what comes of it goes to a file of its own.
    pub(super) fn begin(&mut self, opening: Option<Opening>) {
        self.opening = opening;
        self.file = None;
        self.heads.clear();
    }

    /// The file that is to be made, where one is.
    pub(super) fn opening(&self) -> Option<&Opening> {
        self.opening.as_ref()
    }

    /// Gives the file that is to be made a name of the server's.
    pub(super) fn rename(&mut self, path: OsString, existing: Existing) {
        if let Some(opening) = &mut self.opening {
            (opening.path, opening.existing) = (path, existing);
        }
    }

    /// Heads that were to go into the file do not.
    pub(super) fn forget_heads(&mut self) {
        self.heads.clear();
    }

    /// Removes the file that was made for this target, if it is an ordinary one.
    pub(super) fn remove_file(&mut self) {
        if let (Some(file), Some(opening)) = (self.file.take(), &self.opening)
            && file.is_file()
        {
            // Best effort: the error that led here is what is told.
            let _ = std::fs::remove_file(&opening.path);
        }
    }

    /// Sets the time of the file that was made.
    pub(super) fn set_modified(&self, time: SystemTime) -> io::Result<()> {
        self.file.as_ref().map_or(Ok(()), |file| file.set_modified(time))
    }

    /// A target is done with: heads that no body has come for go into its file all the same.
    pub(super) fn end(&mut self, destination: &Destination) -> anyhow::Result<()> {
        if self.heads.is_empty() { Ok(()) } else { self.sink(destination).map(|_| ()) }
    }

    /// `bytes` on standard output, as they are.
    pub(super) fn print(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.stdout.write(bytes)
    }

    /// An exchange begins: its request, where that is to be shown.
    pub(super) fn request(&mut self, request: &PlannedRequest, to: &Destination) -> anyhow::Result<()> {
        self.destination = to.clone();
        if self.show.request_head {
            let colour = self.colour();
            head::write(&mut self.stdout, &request.head, colour)?;
        }
        match &request.content {
            Content::Bytes(bytes) if self.show.request_body => head::write(&mut self.stdout, bytes, false),
            _ => Ok(()),
        }
    }

    /// A head, interim or final.
    pub(super) fn head(&mut self, raw: &[u8], destination: &Destination) -> anyhow::Result<()> {
        let dumps_to_stdout = self.show.dump_header.as_deref() == Some(OsStr::new("-"));
        self.dump(raw)?;
        match destination {
            Destination::Print if self.show.response_head && !dumps_to_stdout => {
                let colour = self.colour();
                head::write(&mut self.stdout, raw, colour)
            }
            Destination::Standard if self.show.head_into_file => self.stdout.write(raw),
            Destination::File(_) | Destination::Remote if self.show.head_into_file => {
                self.heads.extend_from_slice(raw);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// A proxy's answer to CONNECT: shown where heads are.
    pub(super) fn proxy_head(&mut self, raw: &[u8]) -> anyhow::Result<()> {
        if self.show.connect_heads { self.head(raw, &self.destination.clone()) } else { Ok(()) }
    }

    /// What a proxy has to say that refuses: on standard error, since it is not
    /// the server's content, harmless for a terminal.
    pub(super) fn proxy_content(&self, bytes: &[u8]) {
        if bytes.is_empty() || self.show.quiet {
            return;
        }
        let mut text = Vec::new();
        let mut escaper = Escaper::default();
        escaper.push(bytes, &mut text);
        escaper.finish(&mut text);
        if !text.ends_with(b"\n") {
            text.push(b'\n');
        }
        let _ = io::stderr().write_all(&text);
    }

    /// `-D`: the trailer section of a chunked body, as it came.
    pub(super) fn dump_trailers(&mut self, raw: &[u8]) -> anyhow::Result<()> {
        match trailer_lines(raw) {
            [] => Ok(()),
            lines => self.dump(lines),
        }
    }

    /// `-i`: the same, behind the body.
    pub(super) fn show_trailers(&mut self, raw: &[u8], destination: &Destination) -> anyhow::Result<()> {
        let lines = trailer_lines(raw);
        if lines.is_empty() || !self.show.head_into_file {
            return Ok(());
        }
        match destination {
            Destination::Print => {
                let colour = self.colour();
                head::write(&mut self.stdout, lines, colour)
            }
            _ => self.sink(destination)?.write(lines),
        }
    }

    /// What came in place of a head.
    pub(super) fn no_head(&mut self, raw: &[u8], destination: &Destination) -> anyhow::Result<()> {
        if raw.is_empty() {
            return Ok(());
        }
        self.dump(raw)?;
        match destination {
            Destination::Print if self.show.response_head => {
                let colour = self.colour();
                head::write(&mut self.stdout, raw, colour)
            }
            Destination::Standard if self.show.head_into_file => self.stdout.write(raw),
            Destination::File(_) | Destination::Remote if self.show.head_into_file => {
                self.heads.extend_from_slice(raw);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Something that prints the body of a response with these fields.
    pub(super) fn printer(&mut self, fields: &FieldSection, to: &Destination) -> anyhow::Result<Printer> {
        let style = Style {
            raw: self.show.raw,
            saved: !matches!(to, Destination::Print),
            compressed: self.show.compressed,
            charset: self.show.charset,
            max_length: self.show.max_filesize,
        };
        Printer::new(fields, style, self.sink(to)?.kind())
    }

    /// Whether the body is shown or saved at all.
    pub(super) fn shows_body(&self, to: &Destination) -> bool {
        !matches!(to, Destination::Print) || self.show.response_body
    }

    /// `--raw`: the transfer coding stays.
    pub(super) fn is_raw(&self) -> bool {
        self.show.raw
    }

    /// Ends the line on a terminal, before something else is told.
    pub(super) fn end_line(&mut self) -> anyhow::Result<()> {
        self.stdout.end_line()
    }

    /// Where `destination`'s bytes go; a file is made now.
    pub(super) fn sink(&mut self, destination: &Destination) -> anyhow::Result<&mut Sink> {
        match destination {
            Destination::Print | Destination::Standard => Ok(&mut self.stdout),
            Destination::File(_) | Destination::Remote => match &mut self.file {
                Some(file) => Ok(file),
                empty => {
                    let Some(opening) = &mut self.opening else {
                        return Err(Failure::Write.error("there is no file name; -o FILE gives one"));
                    };
                    let file = empty.insert(opening.open()?);
                    file.write(&std::mem::take(&mut self.heads))?;
                    Ok(file)
                }
            },
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
        match self.show.colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::OnTerminals => self.stdout.kind() == Kind::Terminal,
        }
    }
}

/// A trailer section without the empty line at its end.
fn trailer_lines(raw: &[u8]) -> &[u8] {
    let before = raw.strip_suffix(b"\r\n").or_else(|| raw.strip_suffix(b"\n")).unwrap_or(raw);
    // One that is cut off ends in a line of its own.
    if before.ends_with(b"\n") { before } else { raw }
}
