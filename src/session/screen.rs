//! What of an exchange is shown, and where: standard output, `-o`, `-D`.

use std::ffi::OsStr;
use std::io::Read;

use crate::failure::Failure;
use crate::http::field::FieldSection;
use crate::output::body::{Printer, Style};
use crate::output::{Kind, Sink, head};
use crate::plan::{Colour, Content, Destination, PlannedRequest, Show};

/// Where everything is shown.
pub(super) struct Screen {
    show: Show,
    stdout: Sink,
    /// `-D FILE`, once a head has come.
    dump: Option<Sink>,
    /// `-o FILE` of this target, once something has come for it.
    file: Option<Sink>,
}

impl Screen {
    pub(super) fn new(show: Show) -> anyhow::Result<Self> {
        Ok(Self { show, stdout: Sink::standard_output()?, dump: None, file: None })
    }

    /// `--dry-run`: the request's exact bytes.
    pub(super) fn dry_run(&mut self, request: PlannedRequest) -> anyhow::Result<()> {
        self.stdout.write(&request.head)?;
        match request.content {
            Content::Bytes(bytes) => self.stdout.write(&bytes),
            Content::Stream(mut input) => {
                let mut piece = vec![0; 64 * 1024];
                loop {
                    let length = input
                        .read(&mut piece)
                        .map_err(|error| Failure::Read.because("--send: cannot read", error))?;
                    if length == 0 {
                        return Ok(());
                    }
                    self.stdout.write(&piece[..length])?;
                }
            }
        }
    }

    /// Another target is asked for: what comes of it goes to a file of its own.
    pub(super) fn begin(&mut self) {
        self.file = None;
    }

    /// `bytes` on standard output, as they are.
    pub(super) fn print(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.stdout.write(bytes)
    }

    /// An exchange begins: its request, where that is to be shown.
    pub(super) fn request(&mut self, request: &PlannedRequest) -> anyhow::Result<()> {
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
            Destination::Print => Ok(()),
            Destination::Standard | Destination::File(_) if self.show.head_into_file => {
                self.sink(destination)?.write(raw)
            }
            Destination::Standard | Destination::File(_) => Ok(()),
        }
    }

    /// The trailer section of a chunked body, as it came.
    pub(super) fn trailers(&mut self, raw: &[u8]) -> anyhow::Result<()> {
        if raw.is_empty() { Ok(()) } else { self.dump(raw) }
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

    /// Where `destination`'s bytes go; a file is made now.
    pub(super) fn sink(&mut self, destination: &Destination) -> anyhow::Result<&mut Sink> {
        match destination {
            Destination::Print | Destination::Standard => Ok(&mut self.stdout),
            Destination::File(path) => match &mut self.file {
                Some(file) => Ok(file),
                empty => Ok(empty.insert(Sink::create(path)?)),
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
            Some(path) => match &mut self.dump {
                Some(dump) => dump.write(raw),
                empty => empty.insert(Sink::create(path)?).write(raw),
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
