//! Listens to exchanges, makes the [`Record`] of each in bounded memory, and
//! hands it to the reports: one record and one decoding, however many they are.

use std::time::Instant;

use encoding_rs::Encoding;

use super::draft::Draft;
use super::findings;
use super::findings::finding::Unsaid;
use super::record::{Follows, Link, Record};
use super::redact::Redaction;
use super::wants::Wants;
use crate::event::{Event, UntilFailure};
use crate::failure::Failure;
use crate::http::uri::Uri;

/// Tells of each exchange once it is over.
pub(super) trait ExchangeReport {
    /// What the report reads of the record in addition to heads and figures.
    fn wants(&self) -> Wants {
        Wants::default()
    }

    /// An exchange is over.
    fn tell(&mut self, record: &Record) -> anyhow::Result<()>;

    /// A target was refused before there was an exchange.
    fn tell_refused(&mut self, _record: &Record) {}

    /// The run is over: what is still to be written is written. A failure makes
    /// the exit code where nothing else does.
    fn finish(&mut self) -> anyhow::Result<Option<Failure>> {
        Ok(None)
    }
}

/// Makes records.
pub(super) struct Recorder {
    /// `--charset`.
    charset: Option<&'static Encoding>,
    redaction: Redaction,
    reports: Vec<UntilFailure<dyn ExchangeReport>>,
    /// What was found by comparing, to be told with the next record.
    unsaid: Unsaid,
    /// The report (`-w`) of the group of options under way; it wants no more than heads and figures.
    own: Option<UntilFailure<dyn ExchangeReport>>,
    wants: Wants,
    /// How many exchanges have begun.
    number: u64,
    /// How many targets have ended.
    targets: u64,
    /// The number of the last URL that was requested, from 0, where a sequence counts as one;
    /// `None` before the first.
    url: Option<u64>,
    /// The exchange under way.
    draft: Option<Box<Draft>>,
    /// The connection of the one before.
    connection: Link,
}

impl Recorder {
    /// A recorder for `reports`; `charset` is what the user said of the content.
    pub(super) fn new(
        reports: Vec<Box<dyn ExchangeReport>>,
        charset: Option<&'static Encoding>,
        redaction: Redaction,
        unsaid: Unsaid,
    ) -> Self {
        let wants = reports.iter().fold(Wants::default(), |all, report| {
            let one = report.wants();
            Wants {
                content: all.content | one.content,
                kept: all.kept | one.kept,
                findings: all.findings | one.findings,
                refusals: all.refusals | one.refusals,
            }
        });
        let reports = reports.into_iter().map(UntilFailure::new).collect();
        Self {
            charset,
            redaction,
            reports,
            unsaid,
            own: None,
            wants,
            number: 0,
            targets: 0,
            url: None,
            draft: None,
            connection: Link::default(),
        }
    }

    /// Another report for the group of options that begins now.
    pub(super) fn set_own(&mut self, report: Option<Box<dyn ExchangeReport>>) {
        self.own = report.map(UntilFailure::new);
    }

    /// Ends the group's own report.
    pub(super) fn end_own(&mut self) -> anyhow::Result<Option<Failure>> {
        UntilFailure::finish_all(self.own.take().as_mut_slice(), |report| report.finish())
    }

    /// Takes what happened at `at`.
    pub(super) fn on(&mut self, at: Instant, event: &Event<'_>) {
        match event {
            Event::Begin(uri) => self.begin(uri),
            Event::Refused { typed, error } => self.refuse(typed, error),
            _ => {}
        }
        if let Some(draft) = &mut self.draft {
            draft.on(at, event);
        }
        if let Event::Done(error) = event {
            self.end(*error);
        }
    }

    /// Whether a report looks at the content.
    pub(super) fn wants_content(&self) -> bool {
        self.wants.content || self.wants.kept
    }

    /// Whether more of the received content can add anything but its length to the record.
    pub(super) fn must_see_content(&self) -> bool {
        self.wants_content() && self.draft.as_ref().is_none_or(|draft| draft.must_see_content())
    }

    /// Whether more of the sent content can add anything but its length to the record.
    pub(super) fn must_see_sent_content(&self) -> bool {
        self.wants_content() && self.draft.as_ref().is_none_or(|draft| draft.must_see_sent_content())
    }

    /// The run is over.
    pub(super) fn finish(&mut self) -> anyhow::Result<Option<Failure>> {
        UntilFailure::finish_all(&mut self.reports, |report| report.finish())
    }

    fn begin(&mut self, uri: &Uri) {
        self.number += 1;
        let connection = std::mem::take(&mut self.connection);
        self.draft = Some(Box::new(Draft::new(self.wants, self.charset, uri.clone(), connection)));
    }

    /// A target is refused, of which `-w` tells as of an exchange.
    fn refuse(&mut self, typed: &[u8], error: &anyhow::Error) {
        let mut record = Draft::of_refused(typed).finish(self.number, Some(error));
        self.place(&mut record);
        self.count(&record);
        self.redaction.record(&mut record);
        for report in &mut self.reports {
            report.attempt(|report| {
                report.tell_refused(&record);
                Ok(())
            });
        }
        if let Some(own) = &mut self.own {
            own.attempt(|report| report.tell(&record));
        }
    }

    /// Says which target of the run the record is of, and which URL.
    fn place(&self, record: &mut Record) {
        record.target = self.targets;
        record.url = self.url.map_or(0, |last| last + u64::from(!record.is_sibling));
    }

    /// Counts a target that has ended.
    fn count(&mut self, record: &Record) {
        if let Follows::Nothing = record.follows {
            self.targets += 1;
            self.url = Some(record.url);
        }
    }

    /// The exchange under way is over.
    fn end(&mut self, error: Option<&anyhow::Error>) {
        let Some(mut draft) = self.draft.take() else { return };
        self.connection = draft.connection();
        let refusal = draft.take_refusal();
        let is_refused = refusal.is_some();
        let mut record = draft.finish(self.number, error);
        self.place(&mut record);
        self.count(&record);
        self.tell(record, |wants| !(is_refused && wants.refusals));
        if let Some(refusal) = refusal {
            self.tell(refusal.finish(self.number, error), |wants| wants.refusals);
        }
    }

    /// Completes a record and tells the reports that take it.
    fn tell(&mut self, mut record: Record, takes: impl Fn(Wants) -> bool) {
        if self.wants.findings {
            record.findings = findings::find(&record.exchange);
            record.findings.append(&mut self.unsaid.borrow_mut());
            findings::finding::sort(&mut record.findings);
        }
        self.redaction.record(&mut record);
        for report in self.reports.iter_mut().chain(&mut self.own) {
            report.attempt(|report| if takes(report.wants()) { report.tell(&record) } else { Ok(()) });
        }
    }
}
