//! `--check`: the findings alone, for people and for what runs in CI.

use super::text::{Layout, Paint, Text};
use super::{Array, summary};
use crate::failure::Failure;
use crate::output::escape::one_line;
use crate::output::spelling::{distance, is_near};
use crate::output::{Sink, SinkKind};
use crate::report::findings;
use crate::report::findings::finding::{Finding, Severity};
use crate::report::json;
use crate::report::record::{EarlyEnd, Follows, Record};

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CheckFormat {
    /// A line each, for grep; laid out on a terminal.
    Text,
    /// Workflow commands of GitHub Actions.
    Github,
    /// SARIF 2.1.0.
    Sarif,
    /// An array of objects.
    Json,
}

/// What is asked of the findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Check {
    /// A finding of this severity or a graver one fails the run.
    pub(crate) fails_at: Severity,
    pub(crate) format: CheckFormat,
    /// Findings that are left out.
    pub(crate) ignored: Vec<&'static str>,
}

impl Check {
    /// The finding called `id`; an error names the nearest where there is none.
    pub(crate) fn id(id: &str) -> Result<&'static str, String> {
        if let Some(known) = findings::ids().find(|known| *known == id) {
            return Ok(known);
        }
        let nearest =
            findings::ids().min_by_key(|known| distance(id, known)).filter(|known| is_near(id, known));
        let meant = nearest.map(|known| format!("; did you mean {known}?")).unwrap_or_default();
        Err(format!("unknown finding {}{meant}", one_line(id.as_bytes())))
    }
}

/// How many failures are described. A sequence may have any number of targets.
const MAX_FAILURES: usize = 100;

/// Writes findings, and knows whether one of them fails the run.
pub(super) struct Checker {
    check: Check,
    array: Array,
    has_told: bool,
    has_failed: bool,
    /// The ids that were found, where their descriptions follow.
    ids: Vec<&'static str>,
    /// The exchanges that failed, described, where the format has a place for them.
    failures: Vec<EarlyEnd>,
}

impl Checker {
    pub(super) fn new(check: Check) -> Self {
        Self {
            check,
            array: Array::open(),
            has_told: false,
            has_failed: false,
            ids: Vec::new(),
            failures: Vec::new(),
        }
    }

    /// Keeps why the exchange of `record` failed, unless it was retried.
    pub(super) fn note_failure(&mut self, record: &Record) {
        let is_told = self.check.format == CheckFormat::Sarif && self.failures.len() < MAX_FAILURES;
        if let Some(error) = record.error.as_ref().filter(|_| is_told && record.follows != Follows::Retry) {
            self.failures.push(error.clone());
        }
    }

    /// Writes the findings of `record` that the options do not ignore, in their format.
    pub(super) fn tell(&mut self, record: &Record, layout: Layout, sink: &mut Sink) -> anyhow::Result<()> {
        let is_counted = |finding: &&Finding| !self.check.ignored.contains(&finding.id);
        let found: Vec<_> = record.findings.iter().filter(is_counted).cloned().collect();
        self.has_failed |= found.iter().any(|finding| finding.severity >= self.check.fails_at);
        match self.check.format {
            CheckFormat::Text if sink.kind() == SinkKind::Terminal => {
                self.lay_out(record, &found, layout, sink)
            }
            CheckFormat::Text => {
                sink.write(found.iter().map(|it| line(record, it)).collect::<String>().as_bytes())
            }
            CheckFormat::Github => {
                sink.write(found.iter().map(|it| command(record, it)).collect::<String>().as_bytes())
            }
            CheckFormat::Json => {
                found.iter().try_for_each(|finding| self.array.push(json::found(record, finding), sink))
            }
            CheckFormat::Sarif => found.iter().try_for_each(|finding| {
                if !self.ids.contains(&finding.id) {
                    self.ids.push(finding.id);
                }
                self.begin_sarif(sink)?;
                self.array.push(json::sarif_result(record, finding), sink)
            }),
        }
    }

    /// Completes the document; gives the failure if a finding is at least as severe as `--check` names.
    pub(super) fn finish(&mut self, sink: &mut Sink) -> anyhow::Result<Option<Failure>> {
        match self.check.format {
            CheckFormat::Text | CheckFormat::Github => {}
            CheckFormat::Json => self.array.end(sink)?,
            CheckFormat::Sarif => {
                self.begin_sarif(sink)?;
                self.array.end(sink)?;
                let end = json::sarif_end(&self.ids, &self.failures);
                sink.write(format!(",{end}}}]}}\n").as_bytes())?;
            }
        }
        Ok(self.has_failed.then_some(Failure::CheckFailed))
    }

    fn begin_sarif(&mut self, sink: &mut Sink) -> anyhow::Result<()> {
        if std::mem::replace(&mut self.has_told, true) {
            return Ok(());
        }
        let schema = "https://json.schemastore.org/sarif-2.1.0.json";
        sink.write(
            format!("{{\"$schema\":\"{schema}\",\"version\":\"2.1.0\",\"runs\":[{{\"results\":").as_bytes(),
        )
    }

    fn lay_out(
        &mut self,
        record: &Record,
        found: &[Finding],
        layout: Layout,
        sink: &mut Sink,
    ) -> anyhow::Result<()> {
        let mut text = Text::new(layout);
        if std::mem::replace(&mut self.has_told, true) {
            text.push(Paint::Plain, "\n");
        }
        summary::verdict(&mut text, record, found);
        summary::findings(&mut text, found);
        sink.write_harmless(text.render().as_bytes())
    }
}

/// A line for grep: where, severity, id, message, source.
fn line(record: &Record, finding: &Finding) -> String {
    let url = one_line(record.url().as_bytes());
    let Finding { id, severity, side, offset, spec, .. } = finding;
    let message = one_line(finding.message.as_bytes());
    format!("{url}: {}: {id}: {} byte {offset}: {message} [{spec}]\n", severity.name(), side.name())
}

/// A workflow command of GitHub Actions.
fn command(record: &Record, finding: &Finding) -> String {
    let Finding { id, side, offset, spec, .. } = finding;
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warn => "warning",
        Severity::Note => "notice",
    };
    let message = one_line(finding.message.as_bytes());
    let text = format!("{}: {} byte {offset}: {message} [{spec}]", record.url(), side.name());
    let text = one_line(text.as_bytes()).replace('%', "%25");
    format!("::{level} title={id}::{text}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_is_named() {
        assert_eq!(Check::id("line-bare-lf"), Ok("line-bare-lf"));
        assert!(Check::id("line-bare-ff").is_err_and(|text| text.ends_with("line-bare-lf?")));
    }
}
