//! `--read`: saved exchanges in place of the network.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::input_file;
use super::usage_error::usage;
use crate::cli::Cli;
use crate::failure::Failure;
use crate::http::request_line::{LineParts, fields, head_length, line_offset};
use crate::output::escape::one_line;
use crate::report::json;
use crate::sorting::sort_by_key;

/// Most of a request that is looked at to find out what it requested.
const MAX_HEAD: u64 = 64 * 1024;
/// Most of a report that is looked at.
const MAX_REPORT: u64 = 64 << 20;

/// The files of responses, one after the other.
pub(crate) struct Responses(std::vec::IntoIter<ResponseFile>);

/// The file of one response.
struct ResponseFile {
    name: OsString,
    /// Whether it may be missing: in a folder, where no response came.
    may_be_missing: bool,
    is_left_off: bool,
    is_cut: bool,
}

/// One response.
pub(crate) struct SavedResponse {
    /// What it is read from.
    pub(crate) name: OsString,
    pub(crate) bytes: Box<dyn Read>,
    /// The rest of its request was not sent.
    pub(crate) is_left_off: bool,
    /// The connection broke after the bytes, where its end was to end the response.
    pub(crate) is_cut: bool,
}

impl Responses {
    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// The next one.
    pub(crate) fn next(&mut self) -> anyhow::Result<SavedResponse> {
        let Some(ResponseFile { name, may_be_missing, is_left_off, is_cut }) = self.0.next() else {
            return Err(usage("--read", "no file is left for this target: each target needs its own"));
        };
        let bytes = if may_be_missing { open_saved(&name) } else { input_file::open(&name, "--read") }?;
        let name = if name == "-" { "standard input".into() } else { name };
        Ok(SavedResponse { name, bytes, is_left_off, is_cut })
    }
}

/// What `--read` names. The requests of a folder that `--save` made stand in for
/// targets and `--send`.
pub(super) fn responses(cli: &mut Cli) -> anyhow::Result<Responses> {
    let paths = cli.sending.read.clone();
    match &paths[..] {
        [folder] if Path::new(folder).is_dir() => folder_responses(folder, cli),
        _ => file_responses(paths, cli),
    }
}

/// The responses in files, one for each target, or all for the only one.
fn file_responses(paths: Vec<OsString>, cli: &mut Cli) -> anyhow::Result<Responses> {
    // A pipe is not opened twice, and not all files are open at once.
    let is_pipe = |path: &OsStr| {
        path == "-" || fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
    };
    let mut named = paths.iter().filter(|path| !is_pipe(path));
    named.try_for_each(|path| input_file::open(path, "--read").map(drop))?;
    if cli.targets.is_empty() {
        let url = cli.sending.send.first().and_then(|path| url_of(Path::new(path)));
        let url = url.or_else(|| (paths.len() > 1).then(|| "localhost".into()));
        url.into_iter().for_each(|url| cli.add_target(url));
    }
    if paths.len() > 1 && !cli.sending.send.is_empty() {
        return Err(usage("--read", "several files cannot be used with --send; use --next"));
    }
    let file = |name| ResponseFile { name, may_be_missing: false, is_left_off: false, is_cut: false };
    let saved = paths.into_iter().map(file);
    Ok(Responses(saved.collect::<Vec<_>>().into_iter()))
}

fn folder_responses(path: &OsStr, cli: &mut Cli) -> anyhow::Result<Responses> {
    if !cli.targets.is_empty() || !cli.sending.send.is_empty() {
        return Err(usage(
            "--read",
            "a folder cannot be used with a target or --send: it holds the requests",
        ));
    }
    let numbers = numbers(path)?;
    let folder = PathBuf::from(path);
    let named = |number: u64, kind: &str| folder.join(format!("{number}.{kind}"));
    let mut files = Vec::with_capacity(numbers.len());
    for number in numbers {
        let request = named(number, "request");
        let report = read_start(&named(number, "json"), MAX_REPORT).and_then(|bytes| json::read_back(&bytes));
        let (is_left_off, is_cut) =
            report.as_ref().map_or((false, false), |report| (report.is_left_off, report.is_cut));
        let url = report.map(|report| report.url.into()).or_else(|| url_of(&request));
        cli.add_target(url.unwrap_or_else(|| "localhost".into()));
        // Over tcp://, a server may have sent bytes before anything was sent to it: then no request was saved.
        let request = if request.exists() { request.into_os_string() } else { "/dev/null".into() };
        cli.sending.send.push(request);
        let name = named(number, "response").into_os_string();
        files.push(ResponseFile { name, is_left_off, is_cut, may_be_missing: true });
    }
    Ok(Responses(files.into_iter()))
}

/// The response of a folder; none was saved where none came.
fn open_saved(path: &OsStr) -> anyhow::Result<Box<dyn Read>> {
    match File::open(path) {
        Ok(file) => Ok(Box::new(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Box::new(io::empty())),
        Err(error) => Err(cannot_read(path, error)),
    }
}

/// The numbers of the exchanges saved in a folder, in their order.
fn numbers(folder: &OsStr) -> anyhow::Result<Vec<u64>> {
    let names = fs::read_dir(folder).and_then(|entries| {
        entries.map(|entry| entry.map(|entry| entry.file_name())).collect::<io::Result<Vec<_>>>()
    });
    let names = names.map_err(|error| cannot_read(folder, error))?;
    let number = |name: &OsString| match name.to_str()?.split_once('.')? {
        (number, "request" | "response") => number.parse().ok(),
        _ => None,
    };
    let mut numbers: Vec<u64> = names.iter().filter_map(number).collect();
    if numbers.is_empty() {
        let folder = one_line(folder.as_encoded_bytes());
        return Err(usage(
            "--read",
            format!("{folder} contains no exchange saved by --save (1.request, 1.response)"),
        ));
    }
    sort_by_key(&mut numbers, |number| *number);
    numbers.dedup();
    Ok(numbers)
}

/// The URL of a saved request, from its own head.
fn url_of(request: &Path) -> Option<OsString> {
    url_in(&read_start(request, MAX_HEAD)?).map(OsString::from)
}

/// Up to `most` bytes of a file; `None` if it cannot be read.
fn read_start(path: &Path, most: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(most).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// The URL that a request's head names: its Host, and its target.
fn url_in(bytes: &[u8]) -> Option<String> {
    let head = &bytes[line_offset(bytes)..head_length(bytes)];
    let line = head.split(|&byte| byte == b'\n').next()?;
    let target = LineParts::of(line.strip_suffix(b"\r").unwrap_or(line)).target();
    let fields = fields(head);
    let host = fields.value("host")?;
    let path = if target.starts_with(b"/") { target } else { b"/" };
    Some(format!("http://{}{}", str::from_utf8(host).ok()?, str::from_utf8(path).ok()?))
}

fn cannot_read(path: &OsStr, error: io::Error) -> anyhow::Error {
    let what = format!("--read: cannot read {}", one_line(path.as_encoded_bytes()));
    Failure::Read.because(what, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_says_what_it_is_for() {
        for (request, url) in [
            ("GET /a?b HTTP/1.1\r\nHost: h:1\r\n\r\n", Some("http://h:1/a?b")),
            ("\r\nOPTIONS * HTTP/1.1\r\nhost: h\r\n\r\n", Some("http://h/")),
            ("GET / HTTP/1.1\r\n\r\n", None),
            ("", None),
        ] {
            assert_eq!(url_in(request.as_bytes()).as_deref(), url, "{request:?}");
        }
    }
}
