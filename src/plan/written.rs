//! The files that a run writes besides contents.

use std::ffi::OsString;

use crate::cli::Cli;
use crate::report::write_out::Format;

/// The files that options name, each with its option; those of `-w` are in `write_out`.
/// Standard output and error are none.
pub(super) fn files(cli: &Cli, write_out: Option<&Format>) -> Vec<(&'static str, OsString)> {
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
    let named = named.into_iter().filter_map(|(option, path)| Some((option, path.clone()?)));
    let outputs = write_out.into_iter().flat_map(Format::outputs);
    named
        .chain(outputs.map(|path| ("--write-out", path.into())))
        .filter(|(_, path)| path != "-" && path != "%")
        .collect()
}
