//! The files that a run writes besides contents.

use std::ffi::OsString;

use super::usage_error::usage;
use crate::cli::Cli;
use crate::report::write_out::Format;

/// The files that options name, each with its option; those of `-w` are in `write_out`.
/// Standard output and error are none.
pub(super) fn files(cli: &Cli, write_out: Option<&Format>) -> Vec<(&'static str, OsString)> {
    let outputs = write_out.into_iter().flat_map(Format::outputs);
    named(cli)
        .map(|(option, path)| (option, path.clone()))
        .chain(outputs.map(|path| ("--write-out", path.into())))
        .filter(|(_, path)| path != "-" && path != "%")
        .collect()
}

/// Refuses an option that is to name what is written, or what a run wrote before, and is empty, as an unset variable of a script is.
pub(super) fn refuse_unnamed(cli: &Cli) -> anyhow::Result<()> {
    let contents = cli.saving.files.iter().flatten().map(|path| ("--output", path));
    let folder = cli.recording.save.iter().map(|path| ("--save", path));
    let tags = cli.sending.etag_compare.iter().map(|path| ("--etag-compare", path));
    // Without a file, errors go where they would, and the hosts of HSTS are not kept.
    let needs = |option: &str| !["--stderr", "--hsts"].contains(&option);
    let mut all = named(cli).chain(contents).chain(folder).chain(tags);
    match all.find(|(option, path)| path.is_empty() && needs(option)) {
        Some((option, _)) => Err(usage(option, "names no file")),
        None => Ok(()),
    }
}

fn named(cli: &Cli) -> impl Iterator<Item = (&'static str, &OsString)> {
    let recording = &cli.recording;
    let named = [
        ("--cookie-jar", &cli.following.cookie_jar),
        ("--dump-header", &cli.showing.dump_header),
        ("--stderr", &cli.showing.stderr),
        ("--hsts", &cli.following.hsts),
        ("--etag-save", &cli.saving.etag_save),
        ("--trace", &recording.trace),
        ("--trace-ascii", &recording.trace_ascii),
        ("--har", &recording.har),
        ("--certs", &recording.certs),
    ];
    named.into_iter().filter_map(|(option, path)| Some((option, path.as_ref()?)))
}
