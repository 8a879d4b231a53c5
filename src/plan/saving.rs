//! What of a response fails, and how the files are made that bodies go to.

use std::ffi::{OsStr, OsString};
use std::fs;

use super::curl::Manners;
use super::destination::Destination;
use super::input_file;
use super::usage_error::usage;
use crate::cli::Cli;
use crate::cli::saving::{NOWHERE, Resume, SavingOptions, Statuses};
use crate::http::uri::Uri;
use crate::output::attributes;
use crate::output::file::Existing;

/// What the options say of failing and saving.
pub(crate) struct Saving {
    /// The statuses that fail; none, where none does.
    failing: Vec<(u16, u16)>,
    /// The body of a response that fails is given all the same.
    pub(crate) keeps_failed: bool,
    /// `--fail-early`.
    pub(crate) fails_early: bool,
    /// `--max-filesize`.
    pub(crate) max_filesize: Option<u64>,
    /// `-J`.
    pub(crate) takes_server_name: bool,
    /// `--create-dirs`.
    pub(crate) creates_folders: bool,
    /// `--skip-existing`.
    pub(crate) skips_existing: bool,
    /// `--remove-on-error`.
    pub(crate) removes_on_error: bool,
    /// `--etag-save`.
    pub(crate) etag_save: Option<OsString>,
    /// `-R`.
    pub(crate) keeps_time: bool,
    /// `--xattr`.
    pub(crate) keeps_attributes: bool,
    /// `--create-file-mode`.
    pub(crate) file_mode: Option<u32>,
    /// `--no-clobber`.
    numbers: bool,
    /// `--clobber`: also what a server's name stands for.
    replaces: bool,
    folder: Option<OsString>,
    resume: Option<Resume>,
}

impl Saving {
    /// `tell` takes what the user is to be told.
    pub(super) fn new(cli: &Cli, manners: Manners, tell: &mut dyn FnMut(String)) -> anyhow::Result<Self> {
        refuse(cli, manners, tell)?;
        let options = &cli.saving;
        let failing = match &options.fail_status {
            Some(Statuses(list)) => list.clone(),
            None if options.fail || options.fail_with_body => vec![(400, u16::MAX)],
            None => Vec::new(),
        };
        Ok(Self {
            failing,
            keeps_failed: options.fail_with_body,
            fails_early: options.fail_early,
            max_filesize: options.max_filesize.filter(|&most| most > 0),
            takes_server_name: options.remote_header_name,
            creates_folders: options.create_dirs,
            skips_existing: options.skip_existing,
            removes_on_error: options.remove_on_error,
            etag_save: options.etag_save.clone(),
            keeps_time: options.remote_time,
            keeps_attributes: options.xattr,
            file_mode: options.create_file_mode,
            numbers: options.no_clobber,
            replaces: options.clobber,
            folder: options.output_dir.clone(),
            resume: options.continue_at,
        })
    }

    /// Whether a response with this status fails.
    pub(crate) fn fails(&self, status: u16) -> bool {
        self.failing.iter().any(|&(first, last)| (first..=last).contains(&status))
    }

    /// What is done with a file that is there; `is_servers`: its name is the server's.
    pub(crate) fn existing(&self, is_servers: bool, resume: Option<u64>) -> Existing {
        match resume {
            Some(_) => Existing::Append,
            None if self.numbers => Existing::Number,
            None if is_servers && self.replaces => Existing::ReplaceFile,
            None if is_servers => Existing::Refuse,
            None => Existing::Replace,
        }
    }

    /// `-C`.
    pub(crate) fn resumes(&self) -> bool {
        self.resume.is_some()
    }

    /// `name` in the folder of `--output-dir`.
    pub(crate) fn in_folder(&self, name: &OsStr) -> OsString {
        in_folder(self.folder.as_deref().filter(|_| name != NOWHERE), name)
    }

    /// The folder of `--output-dir`; an empty name is none.
    pub(crate) fn folder(&self) -> Option<&OsStr> {
        self.folder.as_deref().filter(|folder| !folder.is_empty())
    }

    /// From which byte on the file at `path` is to be requested.
    pub(crate) fn resume(&self, path: Option<&OsStr>) -> Option<u64> {
        let offset = match self.resume? {
            Resume::At(offset) => offset,
            // What is no file yet begins at its beginning.
            Resume::AtEnd => path.and_then(|path| fs::metadata(path).ok()).map_or(0, |file| file.len()),
        };
        Some(offset).filter(|&offset| offset > 0)
    }
}

/// `name` in `folder`; an empty name of a folder is none, as with an empty variable of a script.
pub(super) fn in_folder(folder: Option<&OsStr>, name: &OsStr) -> OsString {
    match folder.filter(|folder| !folder.is_empty()) {
        Some(folder) => [folder, OsStr::new("/"), name].into_iter().collect(),
        None => name.to_owned(),
    }
}

/// Fails where the options contradict each other; `tell` takes what one of them does in vain.
fn refuse(cli: &Cli, manners: Manners, tell: &mut dyn FnMut(String)) -> anyhow::Result<()> {
    let options = &cli.saving;
    let names_some = cli.saves_unnamed();
    let is_saved = names_some || !options.files.is_empty();
    if options.remote_header_name && !is_saved {
        if !manners.as_curl {
            return Err(usage("--remote-header-name", "needs -O, as in -OJ"));
        }
        tell("--remote-header-name: has no effect without -O".to_owned());
    }
    let sends_data = !cli.sending.all_data.is_empty() && !cli.sending.get;
    if options.continue_at.is_some() && (sends_data || !cli.sending.all_form.is_empty()) {
        return Err(usage("--continue-at", "resumes a download and cannot be used with data to send"));
    }
    if options.xattr && !attributes::IS_BUILT {
        return Err(usage("--xattr", "this build has no extended attributes (feature `extras`)"));
    }
    let is_filed = options.files.iter().any(|file| file.as_deref() != Some(OsStr::new("-")));
    let is_filed = is_filed || names_some;
    if options.continue_at.is_some() && is_filed && cli.showing.show_headers && manners.minds_ranges() {
        return Err(usage(
            "--continue-at",
            "cannot be used with --show-headers, whose head would end up inside the file; use -D",
        ));
    }
    Ok(())
}

/// The name that the path of `uri` ends in, slashes at its end left out; where
/// there is none, the one that curl takes.
pub(crate) fn remote_name(uri: &Uri) -> OsString {
    input_file::path_of(last_segment(uri).unwrap_or(b"curl_response"))
}

/// Whether a URL gives `-O` a name.
pub(crate) fn has_remote_name(uri: &Uri) -> bool {
    last_segment(uri).is_some()
}

fn last_segment(uri: &Uri) -> Option<&[u8]> {
    uri.path().rsplit(|&byte| byte == b'/').find(|name| !name.is_empty())
}

/// Where the bodies go that `-o` and `-O` direct, in the order of the requests.
pub(super) fn destinations(options: &SavingOptions) -> impl Iterator<Item = Destination> + use<> {
    options.files.clone().into_iter().map(|file| match file {
        None => Destination::Remote,
        Some(file) if file == "-" => Destination::Standard,
        Some(file) => Destination::File(file),
    })
}
