//! What is written down of the exchanges, and where.

use std::ffi::OsString;

use super::{file, usage};
use crate::cli::recording::Recording;
use crate::report::json;
use crate::report::trace::Dump;
use crate::report::write_out::Format;

/// A record of the exchanges.
pub(crate) enum Report {
    /// `--trace`, `--trace-ascii`.
    Trace {
        /// The file, `-` or `%`.
        path: OsString,
        /// How bytes are shown.
        dump: Dump,
        /// `--trace-time`.
        with_time: bool,
    },
    /// `--save`: into this directory.
    Save(OsString),
    /// `--har`: into this file.
    Har(OsString),
    /// `--timing`.
    Timing,
    /// `-w`.
    WriteOut(Format),
}

/// The records that the options ask for, in the order in which they are told of
/// what happens: what is printed after a response comes last.
pub(super) fn reports(options: Recording) -> anyhow::Result<Vec<Report>> {
    let traces = [(options.trace, Dump::Hex), (options.trace_ascii, Dump::Ascii)];
    let traces = traces
        .into_iter()
        .filter_map(|(path, dump)| Some(Report::Trace { path: path?, dump, with_time: options.trace_time }));
    if options.har.is_some() {
        needs_json("--har")?;
    }
    let format = options.write_out.map(|format| read_format(&format)).transpose()?;
    if format.as_ref().is_some_and(Format::needs_json) {
        needs_json("--write-out")?;
    }
    let mut reports: Vec<_> = traces.collect();
    reports.extend(options.save.map(Report::Save));
    reports.extend(options.har.map(Report::Har));
    reports.extend(options.timing.then_some(Report::Timing));
    reports.extend(format.map(Report::WriteOut));
    Ok(reports)
}

/// The format itself, or that in the file behind `@`, whose line ends are left
/// out as curl leaves them out.
fn read_format(option: &std::ffi::OsStr) -> anyhow::Result<Format> {
    let typed = option.as_encoded_bytes();
    let text = match option.to_str().and_then(|text| text.strip_prefix('@')) {
        Some(path) => {
            let mut text = file::read(path.as_ref(), "--write-out")?;
            text.retain(|byte| !b"\r\n\0".contains(byte));
            text
        }
        None => typed.to_vec(),
    };
    Ok(Format::parse(&String::from_utf8_lossy(&text)))
}

fn needs_json(option: &str) -> anyhow::Result<()> {
    if json::NAME.starts_with('-') {
        return Err(usage(option, "this build has no JSON (feature `json`)"));
    }
    Ok(())
}
