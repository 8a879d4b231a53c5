//! `--explain` and `--check`: listens to exchanges and tells what they were.

mod body;
pub(super) mod caching;
mod check;
mod dialogue;
mod explanation;
mod fields;
pub(super) mod span;
mod status;
mod summary;
mod text;
mod tls;
mod websocket;
mod wrapping;

use super::dialogue::Dialogue;
use super::json;
use super::record::Record;
use super::recorder::ExchangeReport;
use super::wants::Wants;
use crate::failure::Failure;
use crate::output::colour::Colour;
use crate::output::window::{self, StandardStream};
use crate::output::{Sink, SinkKind, errors};
pub(crate) use check::{Check, CheckFormat};
pub(crate) use text::Layout;
pub(super) use wrapping::wrapped;

use check::Checker;
use text::Text;

/// Columns where nothing says how many there are, and the fewest that are used.
const WIDTH: usize = 80;
const MIN_WIDTH: usize = 40;

impl Layout {
    /// For what is written to `sink`, which is this stream of the process.
    pub(super) fn of(sink: &Sink, colour: Colour, stream: StandardStream) -> Self {
        let is_terminal = sink.kind() == SinkKind::Terminal;
        let columns = if is_terminal { window::width(stream) } else { None };
        Self {
            width: columns.map_or(WIDTH, |columns| columns.max(MIN_WIDTH)),
            breaks_wire: is_terminal,
            is_coloured: colour.is_on(sink.kind()),
        }
    }
}

/// The forms of an explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ExplainForm {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// The findings alone.
    Check(Check),
}

impl ExplainForm {
    /// The option that asks for it, and whether it is a document of JSON.
    pub(super) fn printed(&self) -> (&'static str, bool) {
        match self {
            Self::Text => ("--explain", false),
            Self::Json => ("--explain=json", true),
            Self::Check(check) => ("--check", matches!(check.format, CheckFormat::Json | CheckFormat::Sarif)),
        }
    }
}

/// The explanation of `record`, without colour.
#[cfg(fuzzing)]
pub(super) fn shown(record: &Record) -> String {
    let layout = Layout { width: 80, breaks_wire: false, is_coloured: false };
    explanation::explain(record, layout).render()
}

/// Explains each exchange as it ends.
pub(super) struct Explainer {
    way: ExplainWay,
    layout: Layout,
    sink: Sink,
}

enum ExplainWay {
    /// An exchange was explained: an empty line parts the next one from it.
    Text {
        has_told: bool,
    },
    Json(Array),
    Check(Checker),
}

impl Explainer {
    /// An explainer that writes to standard output.
    pub(super) fn new(form: ExplainForm, colour: Colour) -> anyhow::Result<Self> {
        let sink = Sink::standard_output()?;
        let layout = Layout::of(&sink, colour, StandardStream::Output);
        let way = match form {
            ExplainForm::Text => ExplainWay::Text { has_told: false },
            ExplainForm::Json => ExplainWay::Json(Array::default()),
            ExplainForm::Check(check) => ExplainWay::Check(Checker::new(check)),
        };
        Ok(Self { way, layout, sink })
    }

    /// Whether the failure of an exchange without a response is explained. `--check` does not explain.
    fn tells_failure(&self, record: &Record) -> bool {
        record.error.is_some() && !matches!(self.way, ExplainWay::Check(_))
    }

    /// What was no HTTP at all.
    fn tell_dialogue(&mut self, record: &Record) -> anyhow::Result<()> {
        let nothing_said = Dialogue::default();
        let dialogue = match &record.dialogue {
            Some(dialogue) => dialogue,
            None if record.findings.is_empty() && !self.tells_failure(record) => return Ok(()),
            None => &nothing_said,
        };
        match &mut self.way {
            ExplainWay::Text { has_told } => {
                let before = if std::mem::replace(has_told, true) { "\n" } else { "" };
                let mut text = Text::new(self.layout);
                dialogue::explain(&mut text, record, dialogue);
                if let Some(secured) = &record.connection.tls {
                    tls::explain(&mut text, secured);
                }
                explanation::error(&mut text, record);
                summary::findings(&mut text, &record.findings);
                self.sink.write_harmless(format!("{before}{}", text.render()).as_bytes())
            }
            ExplainWay::Json(array) => array.push(json::dialogue(record, dialogue), &mut self.sink),
            ExplainWay::Check(checker) if record.exchange.before_tls.is_some() => {
                checker.tell(record, self.layout, &mut self.sink)
            }
            ExplainWay::Check(_) => {
                let scheme = record.exchange.url.scheme.name();
                errors::write_line(&format!("--check: nothing to check: {scheme}:// is not HTTP"));
                Ok(())
            }
        }
    }
}

impl ExchangeReport for Explainer {
    fn wants(&self) -> Wants {
        Wants { content: true, findings: true, refusals: true, ..Wants::default() }
    }

    fn tell(&mut self, record: &Record) -> anyhow::Result<()> {
        if let ExplainWay::Check(checker) = &mut self.way {
            checker.note_failure(record);
        }
        if !record.exchange.url.scheme.is_http() {
            return self.tell_dialogue(record);
        }
        if !record.exchange.is_answered && !record.is_dry_run && !self.tells_failure(record) {
            return Ok(());
        }
        match &mut self.way {
            ExplainWay::Text { has_told } => {
                let before = if std::mem::replace(has_told, true) { "\n" } else { "" };
                let text = explanation::explain(record, self.layout).render();
                self.sink.write_harmless(format!("{before}{text}").as_bytes())
            }
            ExplainWay::Json(array) => array.push(json::report(record), &mut self.sink),
            ExplainWay::Check(checker) => checker.tell(record, self.layout, &mut self.sink),
        }
    }

    fn tell_refused(&mut self, record: &Record) {
        if let ExplainWay::Check(checker) = &mut self.way {
            checker.note_failure(record);
        }
    }

    fn finish(&mut self) -> anyhow::Result<Option<Failure>> {
        match &mut self.way {
            ExplainWay::Text { .. } => Ok(None),
            ExplainWay::Json(array) => array.end(&mut self.sink).map(|()| None),
            ExplainWay::Check(checker) => checker.finish(&mut self.sink),
        }
    }
}

/// A JSON array that is written as its members come, or its only member without one.
#[derive(Default)]
struct Array {
    /// The first member, while it is the only one.
    first: Option<String>,
    is_open: bool,
    /// An array is written even for a single member.
    is_always: bool,
}

impl Array {
    /// An array even if it has one member or none.
    fn open() -> Self {
        Self { is_always: true, ..Self::default() }
    }

    fn push(&mut self, member: String, sink: &mut Sink) -> anyhow::Result<()> {
        if self.is_open {
            return sink.write(format!(",\n{member}").as_bytes());
        }
        if self.is_always {
            self.is_open = true;
            return sink.write(format!("[\n{member}").as_bytes());
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
            None if self.is_always => sink.write(b"[]\n"),
            None => Ok(()),
        }
    }
}
