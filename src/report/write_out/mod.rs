//! `-w`: what is printed after each transfer, on standard output behind the
//! content, which is written at once, so that the order is right.

mod format;
mod parts;
mod values;

use std::time::Duration;

pub(crate) use format::Format;
pub(crate) use values::Value;

use super::clock::Moment;
use super::json;
use super::record::{Follows, Record};
use super::recorder::ExchangeReport;
use crate::http::field::FieldSection;
use crate::http::response::ResponseHead;
use crate::http::uri::Uri;
use crate::output::Sink;
use crate::output::errors;
use crate::output::escape::one_line;
use format::FormatPiece;

/// Prints a format after each transfer.
pub(super) struct WriteOut {
    format: Format,
    stdout: Sink,
    /// The exchanges of the transfer under way, but for the last.
    before: Before,
}

/// What a target came to, over all the exchanges that it took.
pub(crate) struct Transfer<'a> {
    /// The last of them.
    last: &'a Record,
    /// What is known of the exchanges before it.
    before: &'a Before,
}

/// The exchanges of a transfer that led to the one under way: redirects, and
/// responses that requested credentials.
#[derive(Default)]
struct Before {
    url: Option<Uri>,
    redirects: u64,
    /// How often the transfer has begun again: the other figures are those since.
    retries: u64,
    time: Duration,
    connects: u64,
    head_bytes: u64,
    sent_bytes: u64,
    /// The fields of the responses that are requested.
    values: Vec<FieldValues>,
    responses: usize,
}

/// The values of one field in all responses of a transfer so far.
#[derive(Clone)]
struct FieldValues {
    name: String,
    separator: Vec<u8>,
    joined: Option<Vec<u8>>,
}

impl FieldValues {
    fn add(&mut self, fields: &FieldSection) {
        for line in fields.all(&self.name) {
            match &mut self.joined {
                Some(joined) => joined.extend([&self.separator, line.value].concat()),
                none => *none = Some(line.value.to_vec()),
            }
        }
    }
}

/// How many responses before the last one are searched for fields: as many as
/// redirects are followed where nothing else is said.
const MAX_RESPONSES: usize = 50;

impl WriteOut {
    /// Prints `format`, on standard output where it says nothing else.
    pub(super) fn new(format: Format) -> anyhow::Result<Self> {
        let stdout = Sink::standard_output()?;
        Ok(Self { format, stdout, before: Before::default() })
    }

    fn print(&mut self, last: &Record) -> anyhow::Result<()> {
        let transfer = Transfer { last, before: &self.before };
        let mut target: Option<Sink> = None;
        for piece in &self.format.0 {
            match piece {
                FormatPiece::OnError if last.error.is_none() => break,
                FormatPiece::OnError => {}
                FormatPiece::Stdout => target = None,
                FormatPiece::Stderr => target = Some(Sink::standard_error()?),
                FormatPiece::Output { path, appends: true } => target = Some(Sink::append(path)?),
                FormatPiece::Output { path, .. } => {
                    let sink = target.insert(Sink::create(path)?);
                    sink.empty()?;
                }
                FormatPiece::Unknown(name) => {
                    let name = one_line(name.as_bytes());
                    errors::write_line(&format!("unknown --write-out variable: '{name}'"));
                }
                FormatPiece::Text(text) => target.as_mut().unwrap_or(&mut self.stdout).write(text)?,
                other => {
                    let sink = target.as_mut().unwrap_or(&mut self.stdout);
                    sink.write(&transfer.value(other))?;
                }
            }
        }
        Ok(())
    }
}

impl ExchangeReport for WriteOut {
    fn tell(&mut self, record: &Record) -> anyhow::Result<()> {
        match record.follows {
            Follows::Next => self.before.add(record, &self.format),
            Follows::Retry => {
                self.before = Before { retries: self.before.retries + 1, ..Before::default() };
            }
            Follows::Nothing => {
                self.print(record)?;
                self.before = Before::default();
            }
        }
        Ok(())
    }
}

impl Before {
    /// An exchange has led to another one.
    fn add(&mut self, record: &Record, format: &Format) {
        if self.responses == 0 {
            let asked = format.all_values().map(|(name, separator)| (name.to_owned(), separator.to_vec()));
            self.values =
                asked.map(|(name, separator)| FieldValues { name, separator, joined: None }).collect();
        }
        self.responses += 1;
        if let Some(head) = record.exchange.response().filter(|_| self.responses <= MAX_RESPONSES) {
            self.values.iter_mut().for_each(|values| values.add(&head.fields));
        }
        self.url.get_or_insert_with(|| record.exchange.url.clone());
        self.redirects += u64::from(record.status().is_some_and(|status| (300..400).contains(&status)));
        self.time += record.timing.since_begin(record.timing.ended);
        self.connects += record.figures.connects;
        self.head_bytes += record.figures.head_bytes;
        self.sent_bytes += record.figures.sent_bytes();
    }
}

impl Transfer<'_> {
    /// The last response's head.
    fn head(&self) -> Option<&ResponseHead> {
        self.last.exchange.response()
    }

    fn value(&self, piece: &FormatPiece) -> Vec<u8> {
        let text = match piece {
            FormatPiece::Header { name, separator } => return self.header(name, separator.as_deref()),
            FormatPiece::Variable(variable) => return (variable.value)(self).printed(),
            FormatPiece::Json => self.json(),
            FormatPiece::HeaderJson => {
                let head = self.head();
                head.map_or_else(|| "{}".to_owned(), |head| json::fields_by_name(&head.fields))
            }
            FormatPiece::Time(format) => Moment::now().formatted(format),
            _ => String::new(),
        };
        text.into_bytes()
    }

    /// All variables as one JSON object.
    fn json(&self) -> String {
        let all = values::all().map(|variable| (variable.name, (variable.value)(self)));
        let own = format!("rawget/{}", env!("CARGO_PKG_VERSION"));
        json::variables(all.chain([("curl_version", Value::Text(Some(own.into())))]))
    }

    /// Values as they came, whatever their charset.
    fn header(&self, name: &str, separator: Option<&[u8]>) -> Vec<u8> {
        let last = self.head().map(|head| &head.fields);
        match separator {
            Some(separator) => {
                let is_it = |values: &&FieldValues| values.name == name && values.separator == separator;
                let mut values = self.before.values.iter().find(is_it).cloned().unwrap_or_else(|| {
                    FieldValues { name: name.to_owned(), separator: separator.to_vec(), joined: None }
                });
                last.into_iter().for_each(|fields| values.add(fields));
                values.joined.unwrap_or_default()
            }
            None => last.and_then(|fields| fields.value(name)).map(<[u8]>::to_vec).unwrap_or_default(),
        }
    }
}
