//! rawget shows and controls every byte of an HTTP/1.1 exchange.

mod charset;
mod cli;
mod coding;
mod connection;
mod demo;
mod event;
pub mod failure;
mod hash;
pub mod http;
mod idna;
mod net;
mod output;
mod plan;
mod report;
mod session;
mod stream;

use std::ffi::OsString;
use std::io::{self, Write};

pub use cli::command;

use event::Events;
use failure::Failure;
use output::ReaderGone;
use output::escape::one_line;
use report::explain::Explainer;
use report::redact::Redaction;

/// The features of this build, as `--version` lists them.
const FEATURES: &[&str] =
    &[coding::NAME, charset::DETECTION, hash::NAME, idna::NAME, output::PIPE, report::json::NAME];

/// Runs the command line `arguments`, the program's name first, and gives the
/// process's exit code. Prints everything there is to print, errors too.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let cli = match cli::parse(arguments) {
        Ok(cli) => cli,
        Err(error) => return cli::report(&error),
    };
    let is_quiet = cli.showing.silent && !cli.showing.show_error;
    let mut complain = |error: &anyhow::Error| {
        if !is_quiet {
            print_error(error);
        }
    };
    let events = Events::default();
    if cli.showing.verbose {
        events.add(Box::new(report::verbose::Verbose::new(Redaction(cli.recording.redact))));
    }
    match perform(cli, &events, &mut complain) {
        Ok(first) => first.map_or(0, Failure::code),
        Err(error) if error.is::<ReaderGone>() => 0,
        Err(error) => {
            complain(&error);
            failure::of(&error).map_or(Failure::Receive.code(), Failure::code)
        }
    }
}

/// Plans, runs and reports; gives the failure that makes the exit code.
fn perform(
    cli: cli::Cli,
    events: &Events,
    complain: &mut dyn FnMut(&anyhow::Error),
) -> anyhow::Result<Option<Failure>> {
    let redaction = Redaction(cli.recording.redact);
    let mut plan = plan::Plan::new(cli)?;
    if let Some(form) = plan.explanation {
        events.add(Box::new(Explainer::new(form, &plan.show, redaction)?));
    }
    for report in std::mem::take(&mut plan.reports) {
        events.add(report::observer(report, &plan.show, redaction)?);
    }
    let first = session::run(plan, events, complain)?;
    let verdict = events.finish()?;
    // What was found says more than that the exchange did not go well.
    Ok(verdict.or(first))
}

/// One line on standard error, with no byte in it that could harm a terminal.
fn print_error(error: &anyhow::Error) {
    let code = failure::of(error).map_or(Failure::Receive.code(), Failure::code);
    let text = one_line(format!("{error:#}").as_bytes());
    let _ = writeln!(io::stderr(), "rawget: ({code}) {text}");
}
