//! From arguments to URIs: which is a target, which a path on the one before.

use std::ffi::OsStr;
use std::net::SocketAddr;

use super::{file, usage};
use crate::cli::Cli;
use crate::failure::Failure;
use crate::http::secret;
use crate::http::uri::{Scheme, Uri, UriProblem, without_glob_escapes};
use crate::idna;
use crate::output::escape::one_line;

/// The URIs that are asked for, in order; `demo` is the site that serves paths
/// without a target, `scheme` the one of targets that name none.
pub(super) fn read(cli: &Cli, scheme: Scheme, demo: Option<SocketAddr>) -> anyhow::Result<Vec<Asked>> {
    let mut group = Group {
        scheme,
        target: demo.map(demo_uri),
        asked: Vec::new(),
        has_path: false,
        is_listed: false,
        allows_user: !cli.credentials.disallow_username_in_url,
    };
    for argument in &cli.sending.url {
        match argument.to_str().and_then(|text| text.strip_prefix('@')) {
            Some(path) => group.take_list(path, demo)?,
            None => group.take(argument, cli.sending.globoff, demo)?,
        }
    }
    for argument in &cli.targets {
        group.take(argument, cli.sending.globoff, demo)?;
    }
    group.close();
    if group.asked.is_empty() {
        if cli.sending.read.is_none() {
            return Err(Failure::Usage
                .error("no target: name a host, as in rawget example.com /, or try rawget --demo"));
        }
        group.target = Uri::parse(b"localhost", Scheme::Http).ok();
        group.close();
    }
    Ok(group.asked)
}

/// What is asked for once.
pub(super) struct Asked {
    pub(super) uri: Uri,
    /// It comes from a list of URLs, and goes to a file of its name.
    pub(super) is_listed: bool,
}

/// A target and the paths on it so far.
struct Group {
    scheme: Scheme,
    target: Option<Uri>,
    has_path: bool,
    is_listed: bool,
    allows_user: bool,
    asked: Vec<Asked>,
}

impl Group {
    /// `--url @FILE`: a URL on each line; empty lines and those that begin with
    /// `#` are none.
    fn take_list(&mut self, path: &str, demo: Option<SocketAddr>) -> anyhow::Result<()> {
        let text = file::read(OsStr::new(path), "--url")?;
        self.close();
        self.is_listed = true;
        for line in text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii) {
            if !line.is_empty() && !line.starts_with(b"#") {
                self.take(&file::path_of(line), true, demo)?;
            }
        }
        self.close();
        self.is_listed = false;
        Ok(())
    }

    fn push(&mut self, uri: Uri) {
        self.asked.push(Asked { uri, is_listed: self.is_listed });
    }

    fn take(&mut self, argument: &OsStr, globoff: bool, demo: Option<SocketAddr>) -> anyhow::Result<()> {
        let typed = argument.as_encoded_bytes();
        let bytes = if globoff { typed.to_vec() } else { without_glob_escapes(typed) };
        let is_path = bytes.first().is_some_and(|first| b"/?*".contains(first));
        let refuse = |problem: UriProblem| refused(typed, &problem);
        if is_path {
            let target = self.target.as_ref().ok_or_else(|| {
                usage(&one_line(typed), "a path needs a target before it, as in rawget example.com /path")
            })?;
            let uri = target.with_path(&bytes).map_err(refuse)?;
            self.push(uri);
            self.has_path = true;
            return Ok(());
        }
        if demo.is_some() {
            return Err(usage("--demo", format!("takes paths only, and {} is none", one_line(typed))));
        }
        self.close();
        let mut uri = Uri::parse(&bytes, self.scheme).map_err(refuse)?;
        if !uri.host.is_ascii() {
            uri.host = idna::to_a_labels(&uri.host).map_err(|why| refuse(UriProblem::Host(why)))?;
        }
        if uri.userinfo.is_some() && !self.allows_user {
            let message = "user and password in a URL, which --disallow-username-in-url forbids";
            return Err(Failure::Login.error(message));
        }
        self.has_path = false;
        if !uri.path_and_query.is_empty() {
            self.push(uri.clone());
            self.has_path = true;
        }
        self.target = Some(uri);
        Ok(())
    }

    /// A target that no path follows is asked for `/`.
    fn close(&mut self) {
        if let Some(target) = self.target.take()
            && !self.has_path
        {
            self.push(target);
        }
    }
}

/// `--starttls` speaks a protocol's words, and of those http and tls have none.
pub(super) fn refuse_starttls(cli: &Cli, asked: &[Asked]) -> anyhow::Result<()> {
    let other = asked.iter().find(|asked| asked.uri.scheme != Scheme::Tcp);
    match other.filter(|_| cli.connecting.starttls.is_some()) {
        Some(Asked { uri, .. }) => Err(usage(
            "--starttls",
            format!(
                "is for tcp:// targets, as in tcp://{}:25, and not for {}://",
                uri.host_in_brackets(),
                uri.scheme.name()
            ),
        )),
        None => Ok(()),
    }
}

fn demo_uri(address: SocketAddr) -> Uri {
    Uri {
        scheme: Scheme::Http,
        userinfo: None,
        host: address.ip().to_string(),
        port: address.port(),
        path_and_query: Vec::new(),
    }
}

fn refused(typed: &[u8], problem: &UriProblem) -> anyhow::Error {
    let shown = one_line(&shortened(&secret::quotable(typed)));
    let failure = match problem {
        UriProblem::UnsupportedScheme(_) => Failure::Protocol,
        _ => Failure::MalformedUrl,
    };
    failure.error(format!("{shown}: {problem}"))
}

/// The beginning of a text that is long.
fn shortened(text: &[u8]) -> Vec<u8> {
    const MAX: usize = 200;
    if text.len() <= MAX { text.to_vec() } else { [&text[..MAX], b"..."].concat() }
}
