//! A rule, which is a row of the table, and where its function puts what it finds.

use super::exchange_sections::deviations;
use super::finding::{Finding, Severity, Side};
use crate::http::Deviation;
use crate::http::excerpt::{excerpt, quoted};
use crate::http::field::FieldLine;
use crate::report::exchange::Exchange;
use crate::sorting::sort_by_key;

/// One row of the table.
pub(crate) struct Rule {
    /// Severity, id, citation and message, a line each: in one text, since the loader adjusts every pointer of every
    /// table at every start.
    pub(super) text: &'static str,
    pub(super) check: RuleFunction,
}

/// What a rule does: looks at the exchange and tells what it found.
type RuleFunction = fn(&Exchange, &mut Findings<'_>);

/// Rows of the table: `severity(id, citation, message, function)`.
macro_rules! rows {
    ($($severity:ident($id:expr, $spec:expr, $message:expr, $check:expr $(,)?)),+ $(,)?) => {
        &[$(crate::report::findings::rule::Rule {
            text: crate::report::findings::joined::joined!(stringify!($severity), "\n", $id, "\n", $spec, "\n", $message),
            check: $check,
        }),+]
    };
}
pub(super) use rows;

impl Rule {
    pub(crate) fn severity(&self) -> Severity {
        match self.line(0) {
            "error" => Severity::Error,
            "warn" => Severity::Warn,
            _ => Severity::Note,
        }
    }

    pub(crate) fn id(&self) -> &'static str {
        self.line(1)
    }

    /// The documents and sections that say so.
    pub(crate) fn spec(&self) -> &'static str {
        self.line(2)
    }

    /// What is wrong and what it can cause, in one line, plain words.
    pub(crate) fn message(&self) -> &'static str {
        self.line(3)
    }

    fn line(&self, number: usize) -> &'static str {
        self.text.split('\n').nth(number).unwrap_or_default()
    }
}

/// Where a rule's function puts what it finds.
pub(crate) struct Findings<'a> {
    pub(super) rule: &'a Rule,
    pub(super) side: Side,
    /// What is cited in place of what the rule cites.
    pub(super) spec: Option<&'static str>,
    pub(super) findings: &'a mut Vec<Finding>,
}

/// How many field lines are shown in one message; the others are counted.
const SHOWN_LINES: usize = 3;

impl Findings<'_> {
    /// The rule's findings, citing `spec` in place of the rule's own citation.
    pub(super) fn citing(&mut self, spec: &'static str) -> Findings<'_> {
        Findings { rule: self.rule, side: self.side, spec: Some(spec), findings: self.findings }
    }

    /// The rule's message holds at `offset`.
    pub(super) fn at(&mut self, offset: u64) {
        self.push(offset, self.rule.message().to_owned());
    }

    /// Adds a finding at `offset`, told as `message [detail]`. Use [`quoted`] to put a peer's bytes
    /// into `detail`.
    pub(super) fn with(&mut self, offset: u64, detail: &str) {
        self.push(offset, format!("{} [{detail}]", self.rule.message()));
    }

    /// The rule's message holds for these lines of one section, if there are
    /// any: told once, at the first of them.
    pub(super) fn lines<'a>(&mut self, lines: impl IntoIterator<Item = FieldLine<'a>>) {
        self.collected(lines.into_iter().collect());
    }

    /// Apart from [`Self::lines`], of which each caller has a copy.
    fn collected(&mut self, mut lines: Vec<FieldLine<'_>>) {
        sort_by_key(&mut lines, |line| line.offset);
        let Some(first) = lines.first() else { return };
        let shown = lines.iter().take(SHOWN_LINES);
        let shown: Vec<_> =
            shown.map(|line| format!("{}: {}", excerpt(line.name), quoted(line.value))).collect();
        let mut detail = shown.join(", ");
        if lines.len() > SHOWN_LINES {
            detail += &format!(" and {} more", lines.len() - SHOWN_LINES);
        }
        self.with(first.offset, &detail);
    }

    /// The parser noted `kind`: told once for each section where it did.
    pub(super) fn noted(&mut self, exchange: &Exchange, kind: Deviation) {
        for deviations in deviations(exchange) {
            match deviations.get(kind) {
                Some(noted) if noted.count > 1 => self.with(noted.offset, &format!("{} times", noted.count)),
                Some(noted) => self.at(noted.offset),
                None => {}
            }
        }
    }

    fn push(&mut self, offset: u64, message: String) {
        let spec = self.spec.unwrap_or_else(|| self.rule.spec());
        let (id, severity) = (self.rule.id(), self.rule.severity());
        self.findings.push(Finding { id, severity, side: self.side, offset, message, spec });
    }
}
