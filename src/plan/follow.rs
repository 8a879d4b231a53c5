//! Which redirects are followed, and the cookies that are sent.

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::path::Path;

use super::curl::Manners;
use super::{fields, input_file};
use crate::cli::Cli;
use crate::cli::following::FollowingOptions;
use crate::failure::Failure;
use crate::http::uri::{Scheme, Uri};
use crate::output::escape;
use crate::policy::cookie::Jar;
use crate::policy::hsts::Hosts;
use crate::policy::redirect::{MAX_REDIRECTS, Redirects, Schemes};

/// What ends the value of `-e` where each redirect sets it anew.
const AUTO: &[u8] = b";auto";

/// The cookies of a run, where they are turned on.
pub(crate) struct PlannedCookies {
    /// The cookies themselves.
    pub(crate) jar: Jar,
    /// `-c`: where they are written in the end.
    pub(crate) save_to: Option<OsString>,
    /// Files that no cookies were read from, and why.
    pub(crate) unread: Vec<(OsString, &'static str)>,
}

/// The hosts that are asked by https alone (`--hsts`).
pub(crate) struct PlannedHosts {
    /// The hosts that are known.
    pub(crate) hosts: Hosts,
    /// Where they are written in the end.
    pub(crate) save_to: Option<OsString>,
    /// Responses may add to them: who they are from is looked at.
    pub(crate) learns: bool,
}

/// The hosts of `--hsts`; `None` without it.
pub(super) fn hosts(options: &FollowingOptions, learns: bool) -> anyhow::Result<Option<PlannedHosts>> {
    let Some(path) = &options.hsts else { return Ok(None) };
    let mut hosts = Hosts::default();
    let is_there = !path.is_empty() && Path::new(path).exists();
    if is_there {
        hosts.read(&String::from_utf8_lossy(&input_file::read(path, "--hsts")?));
    }
    Ok(Some(PlannedHosts { hosts, save_to: (!path.is_empty()).then(|| path.clone()), learns }))
}

/// The options about redirects.
pub(super) fn redirects(cli: &Cli, manners: Manners) -> Redirects {
    let options = &cli.following;
    Redirects {
        takes_slashes: manners.as_curl,
        // What is read from a file has no other end to ask.
        follow: (options.location || options.location_trusted || options.follow)
            && cli.sending.read.is_empty(),
        limit: options.max_redirs.map_or(Some(MAX_REDIRECTS), |limit| u32::try_from(limit).ok()),
        trusted: options.location_trusted,
        keeps_data: [options.post301, options.post302, options.post303],
        changes_method: options.follow,
        refuses_user: cli.credentials.disallow_username_in_url,
        sets_referer: cli.sending.referer.as_ref().is_some_and(|it| it.as_encoded_bytes().ends_with(AUTO)),
        schemes: options.proto.unwrap_or_default().and(options.proto_redir.unwrap_or_default()),
    }
}

/// The Referer that `-e` gives for the first request.
pub(super) fn referer(option: Option<&OsStr>) -> Option<Vec<u8>> {
    let value = option?.as_encoded_bytes();
    let value = value.strip_suffix(AUTO).unwrap_or(value);
    (!value.is_empty()).then(|| value.to_vec())
}

/// The scheme of targets that name none.
pub(super) fn default_scheme(options: &FollowingOptions) -> anyhow::Result<Scheme> {
    let Some(name) = &options.proto_default else { return Ok(Scheme::Http) };
    Scheme::named(name.as_encoded_bytes()).ok_or_else(|| {
        let shown = escape::value(name.as_encoded_bytes());
        Failure::Protocol.error(format!(
            "--proto-default: {shown} is not supported (http, https, tcp, tls, ws and wss are)"
        ))
    })
}

/// Refuses a target that `--proto` forbids.
pub(super) fn refuse_forbidden(schemes: Schemes, uri: &Uri) -> anyhow::Result<()> {
    if schemes.allow(uri.scheme) {
        return Ok(());
    }
    Err(Failure::Protocol.error(format!("--proto does not allow {}", uri.scheme.name())))
}

/// Whether a value of `-b` is cookies, and not the name of a file.
fn is_literal(value: &OsStr) -> bool {
    let bytes = value.as_encoded_bytes();
    bytes.contains(&b'=') && !bytes.starts_with(b"@")
}

/// The cookies that `-b` gives as they are, joined; `None` without any.
pub(super) fn literal_cookies(
    options: &FollowingOptions,
    manners: Manners,
) -> anyhow::Result<Option<Vec<u8>>> {
    let literals: Vec<_> = options.cookie.iter().filter(|value| is_literal(value)).collect();
    for value in &literals {
        fields::refuse_controls("--cookie", value.as_encoded_bytes())?;
    }
    let literals: Vec<_> = literals.iter().map(|value| value.as_encoded_bytes()).collect();
    Ok((!literals.is_empty()).then(|| literals.join(manners.between_cookies())))
}

/// The cookies of the files that `-b` names, without those that have expired by `now`, in seconds
/// since 1970; `None` where cookies are not turned on.
pub(super) fn cookies(
    options: &FollowingOptions,
    manners: Manners,
    now: i64,
) -> anyhow::Result<Option<PlannedCookies>> {
    let files: Vec<_> = options.cookie.iter().filter(|value| !is_literal(value)).collect();
    if files.is_empty() && options.cookie_jar.is_none() {
        return Ok(None);
    }
    let mut jar = Jar::default();
    jar.as_curl = manners.as_curl;
    let mut planned = PlannedCookies { jar, save_to: options.cookie_jar.clone(), unread: Vec::new() };
    for path in files {
        let path = path.to_str().and_then(|text| text.strip_prefix('@')).map_or(path.as_os_str(), OsStr::new);
        let why = match read(path)? {
            None => "the file does not exist",
            Some(bytes) if planned.jar.read(&bytes, now, !options.junk_session_cookies) => continue,
            Some(_) => "no line is seven columns with TABs between them, or begins with Set-Cookie:",
        };
        planned.unread.push((path.to_owned(), why));
    }
    Ok(Some(planned))
}

/// A file of cookies; `None` where it is not there, which is how one begins.
fn read(path: &OsStr) -> anyhow::Result<Option<Vec<u8>>> {
    if path.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let is_missing = Path::new(path).metadata().is_err_and(|error| error.kind() == ErrorKind::NotFound);
    if path != "-" && is_missing {
        return Ok(None);
    }
    input_file::read(path, "--cookie").map(Some)
}
