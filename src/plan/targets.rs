//! From arguments to URIs: which is a target, which a path on the one before.

use std::ffi::OsStr;
use std::net::SocketAddr;

use super::usage;
use crate::cli::Cli;
use crate::failure::Failure;
use crate::http::uri::{Scheme, Uri, UriProblem, without_glob_escapes};
use crate::idna;
use crate::output::escape::one_line;

/// The URIs that are asked for, in order; `demo` is the site that serves paths
/// without a target, `scheme` the one of targets that name none.
pub(super) fn read(cli: &Cli, scheme: Scheme, demo: Option<SocketAddr>) -> anyhow::Result<Vec<Uri>> {
    let mut group = Group { scheme, target: demo.map(demo_uri), uris: Vec::new(), has_path: false };
    for argument in cli.sending.url.iter().chain(&cli.targets) {
        group.take(argument, cli.sending.globoff, demo)?;
    }
    group.close();
    if group.uris.is_empty() {
        if cli.sending.read.is_none() {
            return Err(Failure::Usage
                .error("no target: name a host, as in rawget example.com /, or try rawget --demo"));
        }
        group.target = Uri::parse(b"localhost", Scheme::Http).ok();
        group.close();
    }
    Ok(group.uris)
}

/// A target and the paths on it so far.
struct Group {
    scheme: Scheme,
    target: Option<Uri>,
    has_path: bool,
    uris: Vec<Uri>,
}

impl Group {
    fn take(&mut self, argument: &OsStr, globoff: bool, demo: Option<SocketAddr>) -> anyhow::Result<()> {
        let typed = argument.as_encoded_bytes();
        let bytes = if globoff { typed.to_vec() } else { without_glob_escapes(typed) };
        let is_path = bytes.first().is_some_and(|first| b"/?*".contains(first));
        let refuse = |problem: UriProblem| refused(typed, &problem);
        if is_path {
            let target = self.target.as_ref().ok_or_else(|| {
                usage(&one_line(typed), "a path needs a target before it, as in rawget example.com /path")
            })?;
            self.uris.push(target.with_path(&bytes).map_err(refuse)?);
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
        self.has_path = false;
        if !uri.path_and_query.is_empty() {
            self.uris.push(uri.clone());
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
            self.uris.push(target);
        }
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
    let mut shown = one_line(&typed[..typed.len().min(200)]);
    if let Some(at) = shown.find('@') {
        // What stands before it may be a password.
        shown.replace_range(..at, "***");
    }
    let failure = match problem {
        UriProblem::UnsupportedScheme(_) => Failure::Protocol,
        _ => Failure::MalformedUrl,
    };
    failure.error(format!("{shown}: {problem}"))
}
