//! `--repeat`, `--every`: the same request several times.

use std::ffi::OsString;

use super::comparing::{self, Variants};
use super::destination::Destination;
use super::saving::remote_name;
use super::target::Target;
use super::usage_error::usage;
use crate::cli::Cli;
use crate::cli::showing::TextOrJson;
use crate::event::{ComparedAs, SeriesId};
use crate::report::json;
use crate::report::repeat::RepeatStyle;

/// Most repetitions: they are for looking, and what each took is kept.
const MOST: u64 = 100_000;

/// What is made of each target.
pub(super) struct Multiples {
    pub(super) variants: Variants,
    pub(super) repetitions: Repetitions,
}

impl Multiples {
    /// What the options say.
    pub(super) fn new(cli: &Cli) -> anyhow::Result<Self> {
        let variants = Variants::new(&cli.comparing, &cli.sending)?;
        Ok(Self { variants, repetitions: Repetitions::new(cli)? })
    }
}

/// The repetitions of one target that are still to come.
#[derive(Default)]
pub(super) struct Repetitions {
    /// How often each target is requested; `None`: once, and it is no repetition.
    times: Option<u64>,
    /// Servers name the files of `-O` (`-J`).
    takes_server_name: bool,
    /// The target, and the number of the last that was given.
    running: Option<(Target, SeriesId, u64)>,
}

impl Repetitions {
    /// What the options say.
    fn new(cli: &Cli) -> anyhow::Result<Self> {
        let options = &cli.comparing;
        if options.every.is_some() && options.repeat.is_none() {
            return Err(usage("--every", "needs --repeat"));
        }
        match options.repeat {
            Some(times) if times == 0 || times > MOST => {
                return Err(usage("--repeat", format!("{times} is not a number from 1 to {MOST}")));
            }
            Some(_) if !options.vary.is_empty() => {
                return Err(usage("--repeat", "cannot be used with --vary"));
            }
            Some(_) if !cli.sending.read.is_empty() => {
                return Err(usage("--repeat", "cannot be used with --read"));
            }
            _ => {}
        }
        let takes_server_name = cli.saving.remote_header_name;
        Ok(Self { times: options.repeat, takes_server_name, running: None })
    }

    /// The next repetition of the target under way.
    pub(super) fn next(&mut self) -> Option<Target> {
        let times = self.times?;
        let (target, series, number) = self.running.as_mut()?;
        if *number >= times {
            return None;
        }
        *number += 1;
        repetition(target, series, *number, times)
    }

    /// Whether `--repeat` is given.
    pub(super) fn are_any(&self) -> bool {
        self.times.is_some()
    }

    /// Begins with `target`, and gives its first repetition.
    pub(super) fn begin(&mut self, mut target: Target) -> anyhow::Result<Target> {
        let Some(times) = self.times else { return Ok(target) };
        if matches!(target.part, ComparedAs::Repeat { .. }) {
            // It was given before, and given back.
            return Ok(target);
        }
        if target.is_joined {
            return Err(usage("--repeat", "repeats a single request, but the --send file has several"));
        }
        if matches!(target.destination, Destination::Remote) && !self.takes_server_name {
            target.destination = Destination::File(remote_name(&target.named_by));
        }
        let series = SeriesId::default();
        let first =
            repetition(&target, &series, 1, times).filter(|_| target.recipe.can_send_again() || times == 1);
        let first = first.ok_or_else(|| usage("--repeat", "the input can be read only once; use a file"))?;
        self.running = Some((target, series, 1));
        Ok(first)
    }
}

/// `target` with a number, which its file's name has as well.
fn repetition(target: &Target, series: &SeriesId, number: u64, of: u64) -> Option<Target> {
    let raw = match &target.raw {
        Some(raw) => Some(Box::new(raw.copy()?)),
        None => None,
    };
    let destination = match &target.destination {
        Destination::File(name) if may_be_numbered(name) => {
            let mut name = name.clone();
            name.push(format!(".{number}"));
            Destination::File(name)
        }
        other => other.clone(),
    };
    let part = ComparedAs::Repeat { series: series.clone(), number, of };
    Some(Target { raw, part, ..target.alike(destination) })
}

/// Not standard output, and no device.
fn may_be_numbered(name: &OsString) -> bool {
    name != "-"
        && std::fs::metadata(name).is_ok_and(|metadata| metadata.is_file())
            | !std::path::Path::new(name).exists()
}

/// How repetitions are told, where there are any.
pub(super) fn form(cli: &Cli) -> anyhow::Result<Option<RepeatStyle>> {
    let options = &cli.comparing;
    if options.repeat.is_none() {
        return Ok(None);
    }
    let is_json = options.diff == Some(TextOrJson::Json);
    if is_json && !json::IS_BUILT {
        return Err(usage("--diff=json", "this build has no JSON (feature `extras`)"));
    }
    let ignored = comparing::ignored(options)?;
    let judges = options.diff.is_some();
    let is_silent = !judges && cli.showing.prints_report_alone();
    Ok(Some(RepeatStyle { is_json, ignored, judges, is_silent, is_raw: cli.showing.raw }))
}
