//! Which groups of options (`--next`) are planned only when they begin: those that name a file which
//! an earlier group may write. All others are planned, and their mistakes refused, before anything
//! is connected to.

use std::ffi::{OsStr, OsString};

use super::saving::in_folder;
use super::{Plan, written};
use crate::cli::Cli;

/// A group of a run.
pub(crate) enum PlannedGroup {
    Planned(Box<Plan>),
    /// An earlier group may write a file that this one reads.
    Waiting(Box<Cli>),
}

impl PlannedGroup {
    /// The plan; that of a waiting group reads its files now.
    pub(crate) fn plan(self, as_curl: bool, now: i64) -> anyhow::Result<Plan> {
        match self {
            Self::Planned(plan) => Ok(*plan),
            Self::Waiting(cli) => Plan::new(*cli, as_curl, now),
        }
    }

    /// Whether its requests race with those of the groups after it.
    pub(crate) fn races(&self) -> bool {
        matches!(self, Self::Planned(plan) if plan.races())
    }

    /// Whether it has a `-w`.
    pub(crate) fn writes_out(&self) -> bool {
        match self {
            Self::Planned(plan) => plan.write_out.is_some(),
            Self::Waiting(cli) => cli.recording.write_out.is_some(),
        }
    }

    /// Whether its failure ends the run (`--fail-early`).
    pub(crate) fn fails_early(&self) -> bool {
        match self {
            Self::Planned(plan) => plan.rules.saving.fails_early,
            Self::Waiting(cli) => cli.saving.fail_early,
        }
    }

    /// Whether there may be something to do at the end of a run, however it ends.
    pub(super) fn has_to_finish(&self) -> bool {
        match self {
            Self::Planned(plan) => plan.has_to_finish(),
            Self::Waiting(_) => true,
        }
    }
}

/// For each group, whether it may read a file that a group before it writes. Groups that race begin
/// together, and never wait.
pub(super) fn waiting(groups: &[Cli]) -> Vec<bool> {
    let mut files = Vec::new();
    let mut waits = Vec::new();
    for group in groups {
        waits.push(!files.is_empty() && may_read(group, &files));
        if waits.len() < groups.len() {
            files.extend(outputs(group));
        }
    }
    waits
}

fn may_read(cli: &Cli, files: &[OsString]) -> bool {
    if cli.connecting.race || cli.sending.dry_run || cli.showing.as_curl {
        return false;
    }
    let inputs = inputs(cli);
    files.iter().any(|file| inputs.iter().any(|input| names(input, file.as_encoded_bytes())))
}

/// The files that a group may write, devices left out.
fn outputs(cli: &Cli) -> Vec<OsString> {
    let placed = |name: &OsStr| in_folder(cli.saving.output_dir.as_deref(), name);
    let is_remote = cli.saves_unnamed() || cli.saving.files.contains(&None);
    let remote = cli.targets.iter().filter(|_| is_remote).filter_map(|target| last_segment(&target.text));
    let contents = cli.saving.files.iter().flatten().map(OsString::as_os_str).chain(remote);
    let others = written::files(cli, None).into_iter().map(|(_, path)| path);
    let is_file = |path: &OsString| !path.is_empty() && !path.as_encoded_bytes().starts_with(b"/dev/");
    contents.map(placed).chain(others).filter(is_file).collect()
}

/// The name that a URL or a path gives a file.
fn last_segment(target: &OsStr) -> Option<&OsStr> {
    let text = target.to_str()?.split(['?', '#']).next()?;
    text.rsplit('/').find(|segment| !segment.is_empty()).map(OsStr::new)
}

/// The values of options that name files to be read, alone or among other things.
fn inputs(cli: &Cli) -> Vec<&OsStr> {
    let Cli { sending, following, credentials, tls, proxy, recording, .. } = cli;
    let several = sending
        .header
        .iter()
        .chain(&sending.url_query)
        .chain(&sending.send)
        .chain(&following.cookie)
        .chain(&sending.read);
    let several = several.chain(&proxy.proxy_header).chain(sending.all_data.iter().map(|(_, value)| value));
    let several = several.chain(sending.all_form.iter().map(|(_, value)| value));
    let single = [
        &sending.etag_compare,
        &sending.time_cond,
        &following.hsts,
        &credentials.netrc_file,
        &tls.cacert,
        &tls.capath,
        &tls.crlfile,
        &tls.cert,
        &tls.key,
        &tls.pinnedpubkey,
        &proxy.proxy_cacert,
        &proxy.proxy_capath,
        &proxy.proxy_crlfile,
        &proxy.proxy_cert,
        &proxy.proxy_key,
        &proxy.proxy_pinnedpubkey,
        &recording.write_out,
    ];
    let targets = cli.targets.iter().map(|target| &target.text);
    several.chain(single.into_iter().flatten()).chain(targets).map(OsString::as_os_str).collect()
}

/// Whether a value names the file: by itself, or behind what begins a name.
fn names(value: &OsStr, file: &[u8]) -> bool {
    let value = value.as_encoded_bytes();
    let begins = |at: usize| at == 0 || b"@<,\"".contains(&value[at - 1]);
    let is_target = value.starts_with(b"http");
    value == file
        || !is_target && value.windows(file.len()).enumerate().any(|(at, found)| found == file && begins(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_names_a_file_by_itself_or_behind_what_begins_a_name() {
        for (value, file, expected) in [
            ("jar", "jar", true),
            ("@f", "f", true),
            ("a=@f;type=text/x", "f", true),
            ("a=@\"f\",g", "g", true),
            ("a=<f", "f", true),
            ("name@f", "f", true),
            ("X: f", "f", false),
            ("a=f", "f", false),
            ("", "f", false),
        ] {
            assert_eq!(names(OsStr::new(value), file.as_bytes()), expected, "{value} {file}");
        }
    }

    #[test]
    fn a_target_ends_in_a_name() {
        for (target, name) in [("http://h/a/b?c/d", "b"), ("/x/", "x"), ("h", "h")] {
            assert_eq!(last_segment(OsStr::new(target)), Some(OsStr::new(name)));
        }
    }
}
