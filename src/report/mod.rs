//! Reports on an exchange, apart from its bytes. Nothing here touches a socket.
//!
//! What speaks while things happen (`-v`, traces, the progress meter, the bytes
//! that `--save` keeps) is an observer. All else is an [`ExchangeReport`]: a function of
//! the record that the [`recorder::Recorder`] makes of each exchange.

mod attempts;
mod certificate_verdict;
mod certs;
mod clock;
pub(crate) mod compare;
mod content;
mod curl_notes;
mod dialogue;
mod draft;
mod exchange;
pub(crate) mod explain;
mod findings;
mod frames;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
mod har;
mod held;
pub(crate) mod json;
mod millis;
pub(crate) mod prefix;
mod probe;
pub(crate) mod progress;
mod record;
mod recorder;
pub(crate) mod redact;
pub(crate) mod repeat;
mod report_style;
mod request_reading;
mod save;
mod sent_content;
mod timing;
pub(crate) mod trace;
mod unsent_content;
mod utf8;
pub(crate) mod verbose;
mod wants;
mod websocket;
pub(crate) mod write_out;

use std::cell::RefCell;
use std::ffi::OsString;
use std::rc::Rc;
use std::time::Instant;

use crate::event::{Event, Events, Observer};
use crate::failure::Failure;
use crate::interrupt;
pub(crate) use findings::finding::Severity;
use recorder::{ExchangeReport, Recorder};
pub(crate) use report_style::ReportStyle;

/// A report that the options of a run ask for.
pub(crate) enum RequestedReport {
    /// `--explain`, `--check`.
    Explain(explain::ExplainForm),
    /// `--trace`, `--trace-ascii`.
    Trace {
        /// The file, `-` or `%`.
        path: OsString,
        /// How bytes are shown.
        dump: trace::Dump,
        /// What stands before each entry.
        prefixes: prefix::Prefixes,
    },
    /// `--save`: into this directory.
    Save(OsString),
    /// `--har`: into this file.
    Har(OsString),
    /// `--certs`: into this file.
    Certs(OsString),
    /// `--vary`, `--diff`.
    Compare(compare::CompareStyle),
    /// `--repeat`.
    Repeat(repeat::RepeatStyle),
    /// `--timing`.
    Timing,
    /// `--print B` of content that cannot be read in advance.
    SentContent,
}

impl RequestedReport {
    /// The option that prints it to standard output, and whether it is a document of JSON there;
    /// `None` where it goes elsewhere.
    pub(crate) fn printed(&self) -> Option<(&'static str, bool)> {
        match self {
            Self::Explain(form) => Some(form.printed()),
            Self::Har(path) => (path == "-").then_some(("--har -", true)),
            Self::Trace { path, .. } => (path == "-").then_some(("--trace -", false)),
            Self::Compare(style) => (!style.is_silent).then_some(("--diff", style.is_json)),
            Self::Repeat(style) => (!style.is_silent).then_some(("--repeat", style.is_json)),
            Self::Save(_) | Self::Certs(_) | Self::Timing | Self::SentContent => None,
        }
    }

    /// An interrupt is not to lose it.
    fn is_kept(&self) -> bool {
        match self {
            Self::Explain(_) | Self::Trace { .. } | Self::Save(_) | Self::Har(_) => true,
            Self::Repeat(_) | Self::Compare(_) | Self::Timing => true,
            Self::Certs(_) | Self::SentContent => false,
        }
    }
}

/// The reports of a run; one of them may be another for each group of options.
pub(crate) struct Reports(Rc<RefCell<Recorder>>);

impl Reports {
    /// Adds to `events` who makes the reports that are `asked` for. `has_own`
    /// says that there are groups that have one of their own.
    pub(crate) fn start(
        asked: Vec<RequestedReport>,
        has_own: bool,
        style: ReportStyle,
        events: &Events,
    ) -> anyhow::Result<Self> {
        let is_kept = asked.iter().any(RequestedReport::is_kept);
        let mut reports: Vec<Box<dyn ExchangeReport>> = Vec::new();
        let unsaid = findings::finding::Unsaid::default();
        for report in asked {
            match report {
                RequestedReport::Explain(form) => {
                    reports.push(Box::new(explain::Explainer::new(form, style.colour)?))
                }
                RequestedReport::Trace { path, dump, prefixes } => {
                    events.add(Box::new(trace::Trace::new(&path, dump, prefixes, style.redaction)?));
                }
                RequestedReport::Save(directory) => {
                    let directory = save::Directory::make(directory)?;
                    events.add(Box::new(save::Bytes::new(directory.clone())));
                    reports.push(Box::new(save::ReportSaver::new(directory)));
                }
                RequestedReport::Har(path) => reports.push(Box::new(har::Har::new(&path, style.charset)?)),
                RequestedReport::Compare(form) => {
                    events.add(Box::new(compare::Comparer::new(form, style, Rc::clone(&unsaid))?))
                }
                RequestedReport::Repeat(form) => events.add(Box::new(repeat::Repeater::new(form, style)?)),
                RequestedReport::Certs(path) => events.add(Box::new(certs::Certs::new(path))),
                RequestedReport::SentContent => events.add(Box::new(sent_content::SentContent::new()?)),
                RequestedReport::Timing => reports.push(Box::new(timing::Chart::new(style.colour)?)),
            }
        }
        if is_kept {
            interrupt::watch();
        }
        let is_asked = has_own || !reports.is_empty();
        let recorder = Rc::new(RefCell::new(Recorder::new(reports, style.charset, style.redaction, unsaid)));
        if is_asked {
            events.add(Box::new(RecorderObserver(Rc::clone(&recorder))));
        }
        Ok(Self(recorder))
    }

    /// A group begins, whose exchanges are also told by `-w` in this format.
    pub(crate) fn begin_group(&self, format: Option<write_out::Format>) -> anyhow::Result<()> {
        let report = format.map(write_out::WriteOut::new).transpose()?;
        self.0.borrow_mut().set_own(report.map(|report| Box::new(report) as Box<dyn ExchangeReport>));
        Ok(())
    }

    /// The group has ended: what `-w` has not told yet is told.
    pub(crate) fn end_group(&self) -> anyhow::Result<Option<Failure>> {
        self.0.borrow_mut().end_own()
    }
}

struct RecorderObserver(Rc<RefCell<Recorder>>);

impl Observer for RecorderObserver {
    fn on(&mut self, at: Instant, event: &Event<'_>) -> anyhow::Result<()> {
        self.0.borrow_mut().on(at, event);
        Ok(())
    }

    fn wants_content(&self) -> bool {
        self.0.borrow().wants_content()
    }

    fn must_see_content(&self) -> bool {
        self.0.borrow().must_see_content()
    }

    fn must_see_sent_content(&self) -> bool {
        self.0.borrow().must_see_sent_content()
    }

    fn finish(&mut self) -> anyhow::Result<Option<Failure>> {
        self.0.borrow_mut().finish()
    }
}

#[cfg(any(test, fuzzing))]
mod test_exchange;
