//! `--repeat`: listens to exchanges that are made again and again, and tells how
//! long their phases took, which different responses came, and what failed.

mod responses;
mod spread;
mod text;

use std::hash::RandomState;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::compare::response::Collector;
use super::json;
use super::report_style::ReportStyle;
use crate::event::{ComparedAs, Event, Observer, SeriesId};
use crate::failure::Failure;
use crate::output::window::{self, StandardStream};
use crate::output::{Sink, SinkKind};
use crate::report::millis::millis;
pub(in crate::report) use responses::{Distinct, DistinctResponses};
use spread::Phases;

/// How wide a terminal is that does not say.
const COLUMNS: usize = 80;

/// How repetitions are told.
#[derive(Clone, Debug, Default)]
pub(crate) struct RepeatStyle {
    /// `--diff=json`.
    pub(crate) is_json: bool,
    /// Names of fields, in lower case, in which responses may differ and still be the same.
    pub(crate) ignored: Vec<String>,
    /// `--diff`: different responses make the exit code.
    pub(crate) judges: bool,
    /// Nothing is printed.
    pub(crate) is_silent: bool,
    /// `--raw`: codings are not undone.
    pub(crate) is_raw: bool,
}

/// What is known of the repetitions of one request.
#[derive(Default)]
pub(crate) struct Series {
    id: SeriesId,
    pub(in crate::report) title: String,
    /// How many were made, and how many are meant to be.
    pub(in crate::report) count: u64,
    pub(in crate::report) of: u64,
    pub(in crate::report) phases: Phases,
    pub(in crate::report) responses: DistinctResponses,
    /// `--race`: within which time the last bytes of the requests went out.
    pub(in crate::report) spread: Option<Duration>,
    began: Option<Instant>,
    ended: Option<Instant>,
}

impl Series {
    /// How long all of them took, in milliseconds.
    pub(in crate::report) fn took(&self) -> f64 {
        let took = self.began.zip(self.ended).map(|(began, ended)| ended.saturating_duration_since(began));
        millis(took.unwrap_or_default())
    }
}

/// Tells of repetitions.
pub(super) struct Repeater {
    form: RepeatStyle,
    sink: Sink,
    keys: Rc<RandomState>,
    collector: Collector,
    /// Those under way, in order: in a race, and with --pipeline and redirects, several run at once.
    series: Vec<Series>,
    spread: Option<Duration>,
    /// The file that the response under way is saved in.
    file: Option<std::ffi::OsString>,
    reports: Vec<String>,
    /// Different responses came to the same request.
    differs: bool,
    /// A coding could not be undone.
    is_undecodable: bool,
}

impl Repeater {
    /// One that writes to standard output.
    pub(super) fn new(form: RepeatStyle, style: ReportStyle) -> anyhow::Result<Self> {
        let keys = Rc::new(RandomState::new());
        let collector = Collector::new(style.charset, style.redaction, Rc::clone(&keys), form.is_raw);
        let sink = Sink::standard_output()?;
        Ok(Self {
            form,
            sink,
            keys,
            collector,
            series: Vec::new(),
            spread: None,
            file: None,
            reports: Vec::new(),
            differs: false,
            is_undecodable: false,
        })
    }

    /// The place of the series `id`, which is added with this title if it is new.
    fn place(&mut self, id: &SeriesId, title: &str) -> usize {
        self.series.iter().position(|series| series.id == *id).unwrap_or_else(|| {
            let (id, title, spread) = (id.clone(), title.to_owned(), self.spread);
            self.series.push(Series { id, title, spread, ..Series::default() });
            self.series.len() - 1
        })
    }

    fn tell(&mut self, series: &Series) -> anyhow::Result<()> {
        self.differs |= series.responses.distinct.len() > 1;
        if self.form.is_silent {
            return Ok(());
        }
        if self.form.is_json {
            self.reports.push(json::repetitions(series));
            return Ok(());
        }
        let is_terminal = self.sink.kind() == SinkKind::Terminal;
        let columns = is_terminal.then(|| window::width(StandardStream::Output).unwrap_or(COLUMNS));
        self.sink.write_harmless(text::render(series, columns).as_bytes())
    }
}

impl Observer for Repeater {
    fn on(&mut self, at: Instant, event: &Event<'_>) -> anyhow::Result<()> {
        match event {
            Event::Raced(spread, requested) => {
                self.spread = Some(*spread);
                for (uri, part) in *requested {
                    if let ComparedAs::Repeat { series, .. } = part {
                        let title = self.collector.title(uri);
                        self.place(series, &title);
                    }
                }
            }
            Event::Begin(_) => self.file = None,
            Event::SavedAs { path, .. } => self.file = Some((*path).to_owned()),
            _ => {}
        }
        let Some(response) = self.collector.on(at, event) else { return Ok(()) };
        let ComparedAs::Repeat { series, number, of } = &response.part else { return Ok(()) };
        let (number, of) = (*number, *of);
        let place = self.place(series, &response.requested);
        self.is_undecodable |= response.is_undecodable();
        let series = &mut self.series[place];
        series.of = of;
        series.began = series.began.or(response.began());
        series.ended = Some(at);
        series.count += 1;
        series.phases.push(response.phases());
        // In a race others of its series may still come.
        let is_whole = series.count == of && self.spread.is_none();
        let is_new = series.responses.push(&response, number, &self.form.ignored, &self.keys);
        if !is_new && let Some(file) = self.file.take() {
            forget(&file, number);
        }
        if !is_whole {
            return Ok(());
        }
        let series = self.series.remove(place);
        self.tell(&series)
    }

    fn finish(&mut self) -> anyhow::Result<Option<Failure>> {
        let series = std::mem::take(&mut self.series);
        series.iter().filter(|series| series.count > 0).try_for_each(|series| self.tell(series))?;
        match &self.reports[..] {
            [] => {}
            [one] => self.sink.write(format!("{one}\n").as_bytes())?,
            many => self.sink.write(format!("[\n{}\n]\n", many.join(",\n")).as_bytes())?,
        }
        if self.is_undecodable {
            return Ok(Some(Failure::ContentCoding));
        }
        Ok((self.form.judges && self.differs).then_some(Failure::Differs))
    }
}

/// Removes the file of a response that has come before, if it is one that was
/// numbered for this repetition.
fn forget(file: &std::ffi::OsStr, number: u64) {
    let is_numbered = file.as_encoded_bytes().ends_with(format!(".{number}").as_bytes());
    if is_numbered && std::fs::symlink_metadata(file).is_ok_and(|metadata| metadata.is_file()) {
        // What stays is no more than a file too many.
        let _ = std::fs::remove_file(file);
    }
}
