//! `-w`: what is printed after each transfer, on standard output behind the
//! content, which is written at once, so that the order is right.

mod format;
mod values;

use std::ffi::OsStr;
use std::time::{Duration, Instant};

pub(crate) use format::Format;
pub(crate) use values::Value;

use super::clock::Moment;
use super::json;
use super::redact::Redaction;
use super::tally::Tally;
use crate::event::{Event, Observer};
use crate::failure::Failure;
use crate::http::field::FieldSection;
use crate::http::uri::Uri;
use crate::output::errors;
use crate::output::escape::{Escaper, one_line};
use crate::output::{Kind, Sink};
use format::Piece;

/// Prints a format after each transfer.
pub(crate) struct WriteOut {
    format: Format,
    redaction: Redaction,
    stdout: Sink,
    transfer: Transfer,
    /// Another exchange of the same transfer follows.
    goes_on: bool,
    /// The transfer begins again.
    begins_again: bool,
    failed: Option<anyhow::Error>,
}

/// What a target came to, over all the exchanges that it took.
#[derive(Default)]
pub(crate) struct Transfer {
    /// The exchange under way.
    tally: Tally,
    /// Those before it.
    before: Before,
    /// Which target this is, from 0.
    number: u64,
    /// Connections of the run so far.
    connections: u64,
}

/// The exchanges of a transfer that led to the one under way: redirects, and
/// answers that asked for credentials.
#[derive(Default)]
struct Before {
    url: Option<Uri>,
    redirects: u64,
    /// How often the transfer has begun again: the other figures are those since.
    retries: u64,
    time: Duration,
    connects: u64,
    head_bytes: u64,
    sent_head_bytes: u64,
    /// The fields of the responses, where they are asked for.
    fields: Vec<FieldSection>,
}

/// So many responses before the last one are searched for fields: as many as
/// redirects are followed where nothing else is said.
const MAX_RESPONSES: usize = 50;

impl WriteOut {
    /// Prints `format`, on standard output where it says nothing else.
    pub(crate) fn new(format: Format, redaction: Redaction) -> anyhow::Result<Self> {
        let (stdout, transfer) = (Sink::standard_output()?, Transfer::default());
        Ok(Self { format, redaction, stdout, transfer, goes_on: false, begins_again: false, failed: None })
    }

    fn done(&mut self) {
        self.transfer.connections += self.transfer.tally.connects;
        if std::mem::take(&mut self.goes_on) {
            self.transfer.add_up(self.format.wants_all_responses());
            return;
        }
        if std::mem::take(&mut self.begins_again) {
            let retries = self.transfer.before.retries + 1;
            self.transfer.before = Before { retries, ..Before::default() };
            return;
        }
        if self.failed.is_none() {
            self.transfer.redact(self.redaction);
            self.failed = self.print().err();
        }
        self.transfer.before = Before::default();
        self.transfer.number += 1;
    }

    fn print(&mut self) -> anyhow::Result<()> {
        let mut target: Option<Sink> = None;
        for piece in &self.format.0 {
            match piece {
                Piece::OnError if self.transfer.tally.error.is_none() => break,
                Piece::OnError => {}
                Piece::Stdout => target = None,
                Piece::Stderr => target = Some(Sink::standard_error()?),
                Piece::Output { path, appends: true } => target = Some(Sink::append(OsStr::new(path))?),
                Piece::Output { path, .. } => target = Some(Sink::create(OsStr::new(path))?),
                Piece::Unknown(name) => {
                    let name = one_line(name.as_bytes());
                    let text = format!("rawget: unknown --write-out variable: '{name}'\n");
                    errors::write(text.as_bytes());
                }
                Piece::Text(text) => target.as_mut().unwrap_or(&mut self.stdout).write(text.as_bytes())?,
                other => {
                    let sink = target.as_mut().unwrap_or(&mut self.stdout);
                    write_value(sink, &self.transfer.value(other))?;
                }
            }
        }
        Ok(())
    }
}

impl Observer for WriteOut {
    fn on(&mut self, at: Instant, event: &Event<'_>) {
        self.transfer.tally.on(at, event);
        match event {
            Event::GoesOn => self.goes_on = true,
            Event::Again => self.begins_again = true,
            Event::Done(_) => self.done(),
            _ => {}
        }
    }

    fn wants_content(&self) -> bool {
        false
    }

    fn finish(&mut self) -> anyhow::Result<Option<Failure>> {
        self.failed.take().map_or(Ok(None), Err)
    }
}

/// Values may be a server's words, which a terminal must not take as commands.
fn write_value(sink: &mut Sink, value: &str) -> anyhow::Result<()> {
    if sink.kind() != Kind::Terminal {
        return sink.write(value.as_bytes());
    }
    let mut out = Vec::new();
    let mut escaper = Escaper::default();
    escaper.push(value.as_bytes(), &mut out);
    escaper.finish(&mut out);
    sink.write(&out)
}

impl Transfer {
    /// The exchange that has ended led to another one.
    fn add_up(&mut self, keeps_fields: bool) {
        let (tally, before) = (&self.tally, &mut self.before);
        if let Some(head) =
            tally.head.as_ref().filter(|_| keeps_fields && before.fields.len() < MAX_RESPONSES)
        {
            before.fields.push(head.fields.clone());
        }
        before.url = before.url.take().or(tally.url.clone());
        before.redirects += u64::from(tally.status.is_some_and(|status| (300..400).contains(&status)));
        before.time += tally.timing.since_begin(tally.timing.ended);
        before.connects += tally.connects;
        before.head_bytes += tally.head_bytes;
        before.sent_head_bytes += tally.sent_head_bytes;
    }

    /// Stars the secrets of all that there is to print.
    fn redact(&mut self, redaction: Redaction) {
        redaction.tally(&mut self.tally);
        self.before.url.iter_mut().for_each(|url| redaction.uri(url));
        self.before.fields.iter_mut().for_each(|fields| redaction.fields(fields));
    }

    fn value(&self, piece: &Piece) -> String {
        match piece {
            Piece::Variable(variable) => (variable.value)(self).printed(),
            Piece::Json => self.json(),
            Piece::HeaderJson => {
                let head = self.tally.head.as_ref();
                head.map_or_else(|| "{}".to_owned(), |head| json::fields_by_name(&head.fields))
            }
            Piece::Header { name, separator } => self.header(name, separator.as_deref()),
            Piece::Time(format) => Moment::now().formatted(format),
            _ => String::new(),
        }
    }

    /// All variables as one JSON object.
    fn json(&self) -> String {
        let all = values::VARIABLES.iter().map(|variable| (variable.name, (variable.value)(self)));
        let own = format!("rawget/{}", env!("CARGO_PKG_VERSION"));
        json::variables(all.chain([("curl_version", Value::Text(Some(own)))]))
    }

    fn header(&self, name: &str, separator: Option<&str>) -> String {
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let last = self.tally.head.as_ref().map(|head| &head.fields);
        match separator {
            Some(separator) => {
                let lines = self.before.fields.iter().chain(last).flat_map(|fields| fields.all(name));
                lines.map(|line| text(line.value)).collect::<Vec<_>>().join(separator)
            }
            None => last.and_then(|fields| fields.value(name)).map(text).unwrap_or_default(),
        }
    }
}
