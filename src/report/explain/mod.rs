//! `--explain` and `--check`: listens to exchanges and tells what they were.

mod body;
mod caching;
mod fields;
mod status;
mod text;
mod tls;

use std::time::Instant;

use super::collector::Collector;
use super::findings::{self, Finding, Severity};
use super::json;
use super::record::Record;
use super::redact::Redaction;
use crate::event::{Event, Observer};
use crate::failure::Failure;
use crate::output::escape::one_line;
use crate::output::{Kind, Sink};
use crate::plan::{Colour, Explanation, Show};

/// Explains each exchange as it ends.
pub(crate) struct Explainer {
    form: Explanation,
    is_coloured: bool,
    collector: Collector,
    redaction: Redaction,
    sink: Sink,
    /// The JSON of the exchanges so far.
    reports: Vec<String>,
    found_error: bool,
    failed: Option<anyhow::Error>,
}

impl Explainer {
    /// An explainer that writes to standard output.
    pub(crate) fn new(form: Explanation, show: &Show, redaction: Redaction) -> anyhow::Result<Self> {
        let sink = Sink::standard_output()?;
        let is_coloured = match show.colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::OnTerminals => sink.kind() == Kind::Terminal,
        };
        Ok(Self {
            form,
            is_coloured,
            collector: Collector::new(show.charset),
            redaction,
            sink,
            reports: Vec::new(),
            found_error: false,
            failed: None,
        })
    }

    fn explain(&mut self, mut record: Record) -> anyhow::Result<()> {
        let mut found = findings::find(&record.exchange);
        self.found_error |= found.iter().any(|finding| finding.severity == Severity::Error);
        self.redaction.record(&mut record, &mut found);
        match self.form {
            Explanation::Text => {
                let text = text::explain(&record, &found);
                self.sink.write(text.render(self.is_coloured).as_bytes())
            }
            Explanation::Json => {
                self.reports.push(json::report(&record, &found));
                Ok(())
            }
            Explanation::Check => self.sink.write(check_lines(&record, &found).as_bytes()),
        }
    }
}

impl Observer for Explainer {
    fn on(&mut self, at: Instant, event: &Event<'_>) {
        if let Some(record) = self.collector.on(at, event)
            && self.failed.is_none()
        {
            self.failed = self.explain(record).err();
        }
    }

    fn finish(&mut self) -> anyhow::Result<Option<Failure>> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        match &self.reports[..] {
            [] => {}
            [one] => self.sink.write(format!("{one}\n").as_bytes())?,
            many => self.sink.write(format!("[\n{}\n]\n", many.join(",\n")).as_bytes())?,
        }
        let fails = self.form == Explanation::Check && self.found_error;
        Ok(fails.then_some(Failure::CheckFailed))
    }
}

/// The findings, a line each, for grep: where, severity, id, message, source.
fn check_lines(record: &Record, found: &[Finding]) -> String {
    let url = one_line(record.url.as_bytes());
    found
        .iter()
        .map(|finding| {
            let Finding { id, severity, side, offset, spec, .. } = finding;
            let message = one_line(finding.message.as_bytes());
            format!("{url}: {}: {id}: {} byte {offset}: {message} [{spec}]\n", severity.name(), side.name())
        })
        .collect()
}
