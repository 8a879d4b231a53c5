//! `--explain` and `--check`: listens to exchanges and tells what they were.

mod body;
pub(super) mod caching;
mod dialogue;
mod fields;
pub(super) mod span;
mod status;
mod text;
mod tls;
mod websocket;

use super::findings::{Finding, Severity};
use super::json;
use super::record::Record;
use super::recorder::{Report, Wants};
use crate::failure::Failure;
use crate::output::Sink;
use crate::output::colour::Colour;
use crate::output::errors;
use crate::output::escape::one_line;
use text::Text;

/// The forms of an explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// The findings alone.
    Check,
}

/// The explanation of `record`, without colour.
#[cfg(fuzzing)]
pub(super) fn shown(record: &Record) -> String {
    text::explain(record).render(false)
}

/// Explains each exchange as it ends.
pub(crate) struct Explainer {
    form: Form,
    is_coloured: bool,
    sink: Sink,
    array: Array,
    found_error: bool,
}

impl Explainer {
    /// An explainer that writes to standard output.
    pub(crate) fn new(form: Form, colour: Colour) -> anyhow::Result<Self> {
        let sink = Sink::standard_output()?;
        let is_coloured = colour.is_on(sink.kind());
        Ok(Self { form, is_coloured, sink, array: Array::default(), found_error: false })
    }
}

impl Explainer {
    /// What was no HTTP at all.
    fn tell_dialogue(&mut self, record: &Record) -> anyhow::Result<()> {
        let Some(dialogue) = &record.dialogue else { return Ok(()) };
        match self.form {
            Form::Text => {
                let mut text = Text::default();
                dialogue::explain(&mut text, record, dialogue);
                self.sink.write(text.render(self.is_coloured).as_bytes())
            }
            Form::Json => self.array.push(json::dialogue(record, dialogue), &mut self.sink),
            Form::Check => {
                let scheme = record.exchange.url.scheme.name();
                let line =
                    format!("rawget: --check: nothing is HTTP over {scheme}://, so nothing is checked\n");
                errors::write(line.as_bytes());
                Ok(())
            }
        }
    }
}

impl Report for Explainer {
    fn wants(&self) -> Wants {
        Wants { content: true, findings: true, refusals: true, ..Wants::default() }
    }

    fn tell(&mut self, record: &Record) -> anyhow::Result<()> {
        if !record.exchange.url.scheme.is_http() {
            return self.tell_dialogue(record);
        }
        if !record.exchange.is_answered && !record.is_dry_run {
            return Ok(());
        }
        self.found_error |= record.findings.iter().any(|finding| finding.severity == Severity::Error);
        match self.form {
            Form::Text => {
                let text = text::explain(record);
                self.sink.write(text.render(self.is_coloured).as_bytes())
            }
            Form::Json => self.array.push(json::report(record), &mut self.sink),
            Form::Check => self.sink.write(check_lines(record).as_bytes()),
        }
    }

    fn finish(&mut self) -> anyhow::Result<Option<Failure>> {
        self.array.end(&mut self.sink)?;
        let fails = self.form == Form::Check && self.found_error;
        Ok(fails.then_some(Failure::CheckFailed))
    }
}

/// A JSON array that is written as its members come, or its only member without one.
#[derive(Default)]
struct Array {
    /// The first member, while it is the only one.
    first: Option<String>,
    is_open: bool,
}

impl Array {
    fn push(&mut self, member: String, sink: &mut Sink) -> anyhow::Result<()> {
        if self.is_open {
            return sink.write(format!(",\n{member}").as_bytes());
        }
        let Some(first) = self.first.take() else {
            self.first = Some(member);
            return Ok(());
        };
        self.is_open = true;
        sink.write(format!("[\n{first},\n{member}").as_bytes())
    }

    fn end(&mut self, sink: &mut Sink) -> anyhow::Result<()> {
        match self.first.take() {
            _ if self.is_open => sink.write(b"\n]\n"),
            Some(only) => sink.write(format!("{only}\n").as_bytes()),
            None => Ok(()),
        }
    }
}

/// The findings, a line each, for grep: where, severity, id, message, source.
fn check_lines(record: &Record) -> String {
    let url = one_line(record.url().as_bytes());
    record
        .findings
        .iter()
        .map(|finding| {
            let Finding { id, severity, side, offset, spec, .. } = finding;
            let message = one_line(finding.message.as_bytes());
            format!("{url}: {}: {id}: {} byte {offset}: {message} [{spec}]\n", severity.name(), side.name())
        })
        .collect()
}
