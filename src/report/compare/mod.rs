//! `--vary` and `--diff`: listens to exchanges and tells what differs between
//! their responses.
//!
//! The response that others are compared with is kept, of the others what differs.

pub(in crate::report) mod content;
pub(in crate::report) mod difference;
mod fields;
pub(in crate::report) mod json_paths;
pub(in crate::report) mod lines;
pub(in crate::report) mod response;
mod text;
pub(in crate::report) mod vary;

use std::hash::RandomState;
use std::rc::Rc;
use std::time::Instant;

use super::explain::Layout;
use super::findings::comparing;
use super::findings::finding::{Finding, Unsaid};
use super::json;
use super::report_style::ReportStyle;
use crate::event::{ComparedAs, Event, Observer};
use crate::failure::Failure;
use crate::output::window::StandardStream;
use crate::output::{Sink, SinkKind};
use content::ComparedContent;
use difference::Difference;
use response::{Collector, ComparedResponse};
use text::Look;

/// What is reported of differences, and what is left out.
#[derive(Clone, Debug, Default)]
pub(crate) struct CompareStyle {
    /// `--diff=json`.
    pub(crate) is_json: bool,
    /// `--diff-ignore`: names of fields, in lower case.
    pub(crate) ignored: Vec<String>,
    /// Every response is compared with the first one of the run, whatever it is part of.
    pub(crate) compares_all: bool,
    /// Only what is found is told, by the reports of findings.
    pub(crate) is_silent: bool,
    /// `--raw`: codings are not undone.
    pub(crate) is_raw: bool,
}

impl CompareStyle {
    /// Whether the field `name`, in lower case, is left out.
    fn leaves_out(&self, name: &str) -> bool {
        name == "date" || self.ignored.iter().any(|ignored| ignored == name)
    }
}

/// Compares the responses of a run.
pub(crate) struct Comparer {
    form: CompareStyle,
    look: Look,
    sink: Sink,
    keys: Rc<RandomState>,
    collector: Collector,
    unsaid: Unsaid,
    family: Option<BaseAndVariants>,
    /// The JSON of the comparisons so far.
    reports: Vec<String>,
    /// How many responses there were.
    count: usize,
    differs: bool,
    /// A coding could not be undone.
    is_undecodable: bool,
}

/// A response, and those that are compared with it.
struct BaseAndVariants {
    base: ComparedResponse,
    variants: Vec<(ComparedResponse, Difference)>,
}

/// One comparison, to be told.
pub(crate) struct Compared<'a> {
    pub(in crate::report) before: &'a ComparedResponse,
    pub(in crate::report) after: &'a ComparedResponse,
    pub(in crate::report) difference: &'a Difference,
    /// The fields by which it varies without saying so.
    pub(in crate::report) missing: Vec<String>,
    pub(in crate::report) is_controlled: bool,
}

impl Comparer {
    /// A comparer that writes to standard output.
    /// What it finds is put into `unsaid` as well.
    pub(in crate::report) fn new(
        form: CompareStyle,
        style: ReportStyle,
        unsaid: Unsaid,
    ) -> anyhow::Result<Self> {
        let ReportStyle { charset, colour, redaction } = style;
        let sink = Sink::standard_output()?;
        let is_terminal = sink.kind() == SinkKind::Terminal;
        let Layout { width, is_coloured, .. } = Layout::of(&sink, colour, StandardStream::Output);
        let columns = if is_terminal { width } else { usize::MAX };
        let keys = Rc::new(RandomState::new());
        Ok(Self {
            look: Look { is_coloured, is_harmless: sink.is_guarded() || is_coloured, columns, redaction },
            sink,
            collector: Collector::new(charset, redaction, Rc::clone(&keys), form.is_raw),
            keys,
            unsaid,
            family: None,
            form,
            reports: Vec::new(),
            count: 0,
            differs: false,
            is_undecodable: false,
        })
    }

    fn take(&mut self, mut response: ComparedResponse) -> anyhow::Result<()> {
        self.is_undecodable |= response.is_undecodable();
        match response.part {
            ComparedAs::Alone if !self.form.compares_all => return Ok(()),
            ComparedAs::Alone if self.family.is_some() => {
                self.count += 1;
                let Some(family) = self.family.take() else { return Ok(()) };
                if response.title == family.base.title {
                    response.title = format!("{} (response {})", response.title, self.count);
                }
                let difference = Difference::new(&family.base, &response, &self.form, &self.keys);
                self.tell(&Compared::new(&family.base, &response, &difference, false))?;
                self.family = Some(family);
            }
            ComparedAs::Alone | ComparedAs::Base => {
                self.end_family(None)?;
                self.count += 1;
                self.family = Some(BaseAndVariants { base: response, variants: Vec::new() });
            }
            ComparedAs::Variant(_) => {
                self.count += 1;
                let Some(family) = &mut self.family else { return Ok(()) };
                let difference = Difference::new(&family.base, &response, &self.form, &self.keys);
                response.content.iter_mut().for_each(ComparedContent::forget);
                family.variants.push((response, difference));
            }
            ComparedAs::Repeat { .. } => {}
            ComparedAs::Control => self.end_family(Some(&response))?,
        }
        Ok(())
    }

    /// All variants of a request have been requested: tells what differs.
    fn end_family(&mut self, control: Option<&ComparedResponse>) -> anyhow::Result<()> {
        let Some(BaseAndVariants { base, variants }) = self.family.take() else { return Ok(()) };
        // A control that failed otherwise than the base (an interrupt) shows nothing.
        let control = control.filter(|control| control.status.is_some() && control.error == base.error);
        let control = control.map(|control| Difference::new(&base, control, &self.form, &self.keys));
        for (variant, mut difference) in variants {
            if let Some(control) = &control {
                difference.mark(control);
            }
            self.tell(&Compared::new(&base, &variant, &difference, control.is_some()))?;
        }
        Ok(())
    }

    fn tell(&mut self, compared: &Compared<'_>) -> anyhow::Result<()> {
        self.differs |= compared.difference.counts();
        self.unsaid.borrow_mut().extend(compared.finding());
        if self.form.is_silent {
            return Ok(());
        }
        if self.form.is_json {
            self.reports.push(json::comparison(compared, self.look.redaction));
            return Ok(());
        }
        self.sink.write_harmless(&text::render(compared, self.look))
    }
}

/// The error where there is only one response to compare.
pub(crate) fn alone() -> anyhow::Error {
    Failure::Usage.error("--diff: only one response to compare; add a second target, --vary or --next")
}

impl<'a> Compared<'a> {
    fn new(
        before: &'a ComparedResponse,
        after: &'a ComparedResponse,
        difference: &'a Difference,
        is_controlled: bool,
    ) -> Self {
        // What did not come whole shows nothing of what the server chose.
        let are_whole = before.error.is_none() && after.error.is_none();
        let missing = match &after.part {
            ComparedAs::Variant(lines) if difference.counts() && are_whole => {
                vary::missing(before, after, lines)
            }
            _ => Vec::new(),
        };
        Self { before, after, difference, missing, is_controlled }
    }

    /// The finding that follows from the variation, if one does.
    pub(in crate::report) fn finding(&self) -> Option<Finding> {
        (!self.missing.is_empty()).then(|| comparing::vary_missing(&self.missing.join(", ")))
    }
}

impl Observer for Comparer {
    fn on(&mut self, at: Instant, event: &Event<'_>) -> anyhow::Result<()> {
        self.collector.on(at, event).map_or(Ok(()), |response| self.take(response))
    }

    fn finish(&mut self) -> anyhow::Result<Option<Failure>> {
        self.end_family(None)?;
        if self.form.compares_all && self.count == 1 {
            return Err(alone());
        }
        match &self.reports[..] {
            [] => {}
            [one] => self.sink.write(format!("{one}\n").as_bytes())?,
            many => self.sink.write(format!("[\n{}\n]\n", many.join(",\n")).as_bytes())?,
        }
        if self.is_undecodable {
            return Ok(Some(Failure::ContentCoding));
        }
        Ok(self.differs.then_some(Failure::Differs))
    }
}
