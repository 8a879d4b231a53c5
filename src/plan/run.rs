//! What belongs to the run as a whole, whatever group of options it stands in (`--next`).

use std::ffi::OsString;

use encoding_rs::Encoding;

use super::waiting::{self, PlannedGroup};
use super::{Plan, comparing, repeating, requested_reports, show, written};
use crate::cli::Cli;
use crate::output::colour::Colour;
use crate::report::compare;
use crate::report::prefix::Prefixes;
use crate::report::progress::Drawing;
use crate::report::redact::Redaction;
use crate::report::{ReportStyle, RequestedReport};

/// What is reported of a run, and how.
pub(crate) struct Telling {
    /// `-s`: progress is not told.
    pub(crate) is_silent: bool,
    /// `-s` without `-S`: errors are not told either.
    pub(crate) is_quiet: bool,
    /// `--stderr`.
    pub(crate) stderr: Option<OsString>,
    /// `--escape`.
    pub(crate) escapes: bool,
    /// `-v`: what stands before its lines, their colour, and the charset of what is no HTTP.
    pub(crate) verbose: Option<(Prefixes, Colour, Option<&'static Encoding>)>,
    /// `--timing`.
    pub(crate) times: bool,
    /// The progress meter.
    pub(crate) drawing: Drawing,
    /// `--redact`.
    pub(crate) redaction: Redaction,
}

/// What one run is to do.
pub(crate) struct Run {
    /// The groups of requests, in order.
    pub(crate) groups: Vec<PlannedGroup>,
    /// The reports on the exchanges of all groups.
    pub(crate) reports: Vec<RequestedReport>,
    /// How they show bytes.
    pub(crate) style: ReportStyle,
    /// The files that are written besides contents, each with the option that names it.
    pub(crate) written: Vec<(&'static str, OsString)>,
}

impl Telling {
    /// What `groups` say; each has taken over what those before it say of the run.
    pub(crate) fn new(groups: &[Cli]) -> Option<Self> {
        let Cli { showing, recording, .. } = groups.last()?;
        Some(Self {
            is_silent: showing.silent,
            is_quiet: showing.silent && !showing.show_error,
            stderr: showing.stderr.clone(),
            escapes: showing.escape,
            verbose: showing.verbose.then(|| {
                // A label that is none is refused with the plan.
                let charset = show::charset(showing).ok().flatten();
                (requested_reports::prefixes(recording), show::colour(showing), charset)
            }),
            times: recording.timing,
            drawing: show::drawing(showing),
            redaction: Redaction(recording.redact),
        })
    }
}

impl Run {
    /// The run that `groups` describe; `as_curl`: by curl's rules; `now` is in seconds since 1970.
    // What it moves is large, and would stay on the stack of the caller.
    #[inline(never)]
    pub(crate) fn new(groups: Vec<Cli>, as_curl: bool, now: i64) -> anyhow::Result<Self> {
        let redaction = Redaction(groups.last().is_some_and(|last| last.recording.redact));
        let reports = reports(&groups)?;
        let waits = waiting::waiting(&groups);
        let shown =
            groups.last().map(|last| Ok((show::charset(&last.showing)?, show::colour(&last.showing))));
        let shown: anyhow::Result<_> = shown.transpose();
        let mut written = Vec::new();
        let mut group = |cli: Cli, waits: bool| match waits {
            true => {
                written.extend(written::files(&cli, None));
                Ok(PlannedGroup::Waiting(Box::new(cli)))
            }
            false => {
                let mut plan = Box::new(Plan::new(cli, as_curl, now)?);
                written.append(&mut plan.written);
                Ok(PlannedGroup::Planned(plan))
            }
        };
        let groups = groups.into_iter().zip(waits).map(|(cli, waits)| group(cli, waits));
        let groups = groups.collect::<anyhow::Result<Vec<_>>>()?;
        refuse_alone(&groups, &reports)?;
        let (charset, colour) = shown?.unwrap_or_default();
        Ok(Self { groups, reports, style: ReportStyle { charset, colour, redaction }, written })
    }

    /// Whether there is something to do at its end, however it ends.
    pub(crate) fn has_to_finish(&self) -> bool {
        self.groups.iter().any(PlannedGroup::has_to_finish)
    }
}

/// Refuses `--diff` of a single response before it is requested, where the requests can be counted.
fn refuse_alone(groups: &[PlannedGroup], reports: &[RequestedReport]) -> anyhow::Result<()> {
    let compares_all =
        |report: &RequestedReport| matches!(report, RequestedReport::Compare(style) if style.compares_all);
    let counts = groups.iter().map(|group| match group {
        PlannedGroup::Planned(plan) => plan.targets.request_count(),
        PlannedGroup::Waiting(_) => None,
    });
    let is_alone = reports.iter().any(compares_all) && counts.sum::<Option<u64>>() == Some(1);
    if is_alone { Err(compare::alone()) } else { Ok(()) }
}

/// Where nothing is sent there is nothing to record, nothing to compare, and only the request to explain.
fn reports(groups: &[Cli]) -> anyhow::Result<Vec<RequestedReport>> {
    let Some(last) = groups.last() else { return Ok(Vec::new()) };
    let sends = !last.sending.dry_run && !last.showing.as_curl;
    let mut reports = match sends {
        false => requested_reports::explanations(&last.showing)?,
        true => requested_reports::reports(&last.showing, &last.recording)?,
    };
    comparing::refuse_both(groups)?;
    let comparisons = groups.iter().map(|group| comparing::form(&group.comparing, &group.showing));
    let comparisons = comparisons.collect::<anyhow::Result<Vec<_>>>()?;
    let comparison = comparisons.into_iter().flatten().last().filter(|_| sends);
    reports.extend(comparison.map(RequestedReport::Compare));
    let repetitions = groups.iter().map(repeating::form).collect::<anyhow::Result<Vec<_>>>()?;
    let repetition = repetitions.into_iter().flatten().last().filter(|_| sends);
    reports.extend(repetition.map(RequestedReport::Repeat));
    let prints_content = |group: &Cli| group.showing.print.as_ref().is_some_and(|parts| parts.contains('B'));
    reports.extend((sends && groups.iter().any(prints_content)).then_some(RequestedReport::SentContent));
    requested_reports::refuse_mixed(&reports)?;
    Ok(reports)
}
