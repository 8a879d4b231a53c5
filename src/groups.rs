//! The groups of requests of a run (`--next`), one after the other or racing, and the reports on
//! them.

use crate::event::Events;
use crate::failure::{self, Failure};
use crate::interrupt;
use crate::plan::{PlannedGroup, Run};
use crate::report::Reports;
use crate::session::{self, CarriedOver, News};

/// Runs and reports; gives the failure that makes the exit code.
pub(crate) fn perform(
    run: Run,
    as_curl: bool,
    events: &Events,
    tell: &mut dyn FnMut(&News<'_>),
) -> anyhow::Result<Option<Failure>> {
    if run.has_to_finish() {
        interrupt::watch();
    }
    let Run { groups, reports, style, written } = run;
    let has_own = groups.iter().any(PlannedGroup::writes_out);
    let mut kept = CarriedOver::new(written).map_err(failure::refused)?;
    let reports = Reports::start(reports, has_own, style, events).map_err(failure::refused)?;
    let first = request(groups, as_curl, &mut kept, &reports, events, tell);
    // An error that ends the run takes nothing from the reports on what came before it.
    let verdict = News::of_reports(events.finish(), tell);
    let (first, verdict) = (first?, verdict?);
    if first == Some(Failure::Interrupted) {
        interrupt::die();
        return Ok(first);
    }
    Ok(decisive(first, verdict))
}

/// Makes the requests of all groups, or of those up to one that ends the run; gives their failure.
fn request<'e>(
    mut groups: Vec<PlannedGroup>,
    as_curl: bool,
    kept: &mut CarriedOver<'e>,
    reports: &Reports,
    events: &'e Events,
    tell: &mut dyn FnMut(&News<'_>),
) -> anyhow::Result<Option<Failure>> {
    let mut first = None;
    let racing = groups.split_off(groups.iter().position(PlannedGroup::races).unwrap_or(groups.len()));
    for group in groups {
        let fails_early = group.fails_early();
        first = match group.plan(as_curl, session::now()) {
            Ok(mut plan) => {
                let manners = plan.rules.manners;
                reports.begin_group(plan.write_out.take())?;
                let failure = session::run(plan, kept, events, tell)?;
                let unsaid = News::of_reports(reports.end_group(), tell)?;
                manners.decisive(first, failure.or(unsaid))
            }
            Err(error) => {
                tell(&News::Refusal(&error));
                kept.has_ended |= fails_early;
                let failure = failure::of(&error).or(Some(Failure::Usage));
                if as_curl { failure } else { first.or(failure) }
            }
        };
        if kept.has_ended {
            break;
        }
    }
    if !racing.is_empty() && !kept.has_ended {
        let failure = race(racing, kept, reports, events, tell)?;
        first = if as_curl { failure } else { first.or(failure) };
    }
    Ok(first)
}

/// The failure that makes the exit code: `first` is that of the requests, `verdict` that of the reports.
fn decisive(first: Option<Failure>, verdict: Option<Failure>) -> Option<Failure> {
    match verdict {
        // A response that did not come whole differs for that reason, and that comes before a report's end.
        Some(Failure::Differs | Failure::ContentCoding | Failure::Write) => first.or(verdict),
        // What was found says more than that the exchange did not go well.
        _ => verdict.or(first),
    }
}

/// The groups that race; `-w` is that of the group whose response comes.
fn race<'e>(
    groups: Vec<PlannedGroup>,
    kept: &mut CarriedOver<'e>,
    reports: &Reports,
    events: &'e Events,
    tell: &mut dyn FnMut(&News<'_>),
) -> anyhow::Result<Option<Failure>> {
    let plans = groups.into_iter().map(|group| group.plan(false, session::now()));
    let mut plans = plans.collect::<anyhow::Result<Vec<_>>>()?;
    let formats: Vec<_> = plans.iter_mut().map(|plan| plan.write_out.take()).collect();
    let mut group = None;
    let failure = session::race(plans, kept, events, tell, &mut |next| {
        if group.replace(next) == Some(next) {
            return Ok(());
        }
        reports.end_group()?;
        reports.begin_group(formats.get(next).cloned().flatten())
    })?;
    Ok(failure.or(News::of_reports(reports.end_group(), tell)?))
}
