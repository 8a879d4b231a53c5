//! What is written down of the exchanges, and where.

use super::input_file;
use super::response_source::ResponseSource;
use super::usage_error::usage;
use crate::cli::recording::RecordingOptions;
use crate::cli::showing::{ShowingOptions, TextOrJson};
use crate::net::tls;
use crate::report::explain::CheckFormat;
use crate::report::prefix::Prefixes;
use crate::report::trace::Dump;
use crate::report::write_out::Format;
use crate::report::{RequestedReport, Severity, explain, json};

/// The records of the whole run that the options request.
pub(super) fn reports(
    showing: &ShowingOptions,
    options: &RecordingOptions,
) -> anyhow::Result<Vec<RequestedReport>> {
    let traces = [(&options.trace, Dump::Hex), (&options.trace_ascii, Dump::Ascii)];
    let traces = traces.into_iter().filter_map(|(path, dump)| {
        Some(RequestedReport::Trace { path: path.clone()?, dump, prefixes: prefixes(options) })
    });
    if options.har.is_some() {
        needs_json("--har")?;
    }
    let mut reports: Vec<_> =
        explanation(showing)?.map(RequestedReport::Explain).into_iter().chain(traces).collect();
    reports.extend(options.save.clone().map(RequestedReport::Save));
    reports.extend(options.har.clone().map(RequestedReport::Har));
    if options.certs.is_some() && !tls::IS_BUILT {
        return Err(usage("--certs", "this build has no TLS (feature `tls`)"));
    }
    reports.extend(options.certs.clone().map(RequestedReport::Certs));
    reports.extend(options.timing.then_some(RequestedReport::Timing));
    Ok(reports)
}

/// Refuses a document of JSON on standard output with something else in it.
pub(super) fn refuse_mixed(reports: &[RequestedReport]) -> anyhow::Result<()> {
    let printed: Vec<_> = reports.iter().filter_map(RequestedReport::printed).collect();
    let mut documents = printed.iter().filter(|(_, is_document)| *is_document);
    let Some((document, _)) = documents.next().filter(|_| printed.len() > 1) else { return Ok(()) };
    let Some((other, _)) = printed.iter().rev().find(|(other, _)| other != document) else { return Ok(()) };
    Err(usage(
        other,
        format!("cannot be used with {document}: both print to standard output, and one is JSON"),
    ))
}

/// The explanations that the options request, which need no response.
pub(super) fn explanations(options: &ShowingOptions) -> anyhow::Result<Vec<RequestedReport>> {
    Ok(explanation(options)?.map(RequestedReport::Explain).into_iter().collect())
}

fn explanation(options: &ShowingOptions) -> anyhow::Result<Option<explain::ExplainForm>> {
    if let Some(fails_at) = options.check {
        return check(fails_at, options).map(|check| Some(explain::ExplainForm::Check(check)));
    }
    match options.explain {
        None => Ok(None),
        Some(TextOrJson::Text) => Ok(Some(explain::ExplainForm::Text)),
        Some(TextOrJson::Json) => needs_json("--explain=json").map(|()| Some(explain::ExplainForm::Json)),
    }
}

/// What stands before the lines of `-v` and of traces; `--trace-config` names them too, among
/// what curl's traces hold and these do in any case.
pub(super) fn prefixes(options: &RecordingOptions) -> Prefixes {
    let mut prefixes = Prefixes { time: options.trace_time, ids: options.trace_ids };
    for word in options.trace_config.as_deref().unwrap_or_default().split([',', ' ']) {
        let is_wanted = !word.starts_with('-');
        let name = word.trim_start_matches(['+', '-']);
        prefixes.time = if matches!(name, "time" | "all") { is_wanted } else { prefixes.time };
        prefixes.ids = if matches!(name, "ids" | "all") { is_wanted } else { prefixes.ids };
    }
    prefixes
}

fn check(fails_at: Severity, options: &ShowingOptions) -> anyhow::Result<explain::Check> {
    let format = options.check_format.unwrap_or(CheckFormat::Text);
    if matches!(format, CheckFormat::Sarif | CheckFormat::Json) {
        needs_json("--check-format")?;
    }
    // An empty name, such as an empty variable of a script, names none.
    let named = options.check_ignore.iter().filter(|id| !id.is_empty());
    let ignored = named.map(|id| explain::Check::id(id));
    let ignored = ignored.collect::<Result<_, _>>().map_err(|problem| usage("--check-ignore", problem))?;
    Ok(explain::Check { fails_at, format, ignored })
}

/// The format of `-w`, where there is a response.
pub(super) fn write_out(
    options: &RecordingOptions,
    source: &ResponseSource,
) -> anyhow::Result<Option<Format>> {
    if matches!(source, ResponseSource::Nothing) {
        return Ok(None);
    }
    let format = options.write_out.as_deref().map(read_format).transpose()?;
    if format.as_ref().is_some_and(Format::needs_json) {
        needs_json("--write-out")?;
    }
    Ok(format)
}

/// The format itself, or that in the file behind `@`, whose line ends are left
/// out as curl leaves them out.
fn read_format(option: &std::ffi::OsStr) -> anyhow::Result<Format> {
    let typed = option.as_encoded_bytes();
    let text = match typed.strip_prefix(b"@") {
        Some(path) => {
            let mut text = input_file::read(&input_file::path_of(path), "--write-out")?;
            text.retain(|byte| !b"\r\n\0".contains(byte));
            text
        }
        None => typed.to_vec(),
    };
    Ok(Format::parse(&text))
}

fn needs_json(option: &str) -> anyhow::Result<()> {
    if !json::IS_BUILT {
        return Err(usage(option, "this build has no JSON (feature `extras`)"));
    }
    Ok(())
}
