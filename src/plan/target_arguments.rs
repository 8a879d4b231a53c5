//! The arguments that are targets or paths, and the lists of URLs among them.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};

use super::input_file;
use super::no_target::no_target;
use crate::cli::{Cli, TargetKind, TypedTarget};

/// When a body goes to a file that is named by its URL.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Saved {
    /// Always, since the URL is from a list: `-o` and `-O` are for other targets.
    Listed,
    /// Unless `-o` says otherwise (`--remote-name-all`).
    Named,
    /// Only by `-O`.
    Asked,
}

/// A target, or a path on the target before.
#[derive(Clone)]
pub(super) struct Argument {
    pub(super) text: OsString,
    pub(super) saved: Saved,
}

impl Argument {
    pub(super) fn is_path(&self) -> bool {
        self.text.as_encoded_bytes().first().is_some_and(|first| matches!(first, b'/' | b'?' | b'*'))
    }

    /// Whether it is a path on the target before it, which is saved as `before` says.
    pub(super) fn is_on(&self, before: Saved) -> bool {
        self.is_path() && (self.saved == Saved::Listed) == (before == Saved::Listed)
    }
}

/// The targets and paths in their order, lists of URLs read; without any, what `--demo` or `--read`
/// stands for.
pub(super) fn arguments(cli: &mut Cli, is_demo: bool) -> anyhow::Result<VecDeque<Argument>> {
    let saved = |is_saved| if is_saved { Saved::Named } else { Saved::Asked };
    let mut arguments = VecDeque::new();
    for TypedTarget { kind, text, is_saved } in &mut cli.targets {
        let url = if *kind == TargetKind::Url { text.to_str() } else { None };
        match url.and_then(|url| url.strip_prefix('@')) {
            Some(path) => arguments.extend(list(path)?),
            None => arguments.push_back(Argument { text: std::mem::take(text), saved: saved(*is_saved) }),
        }
    }
    if arguments.is_empty() {
        let only = match (is_demo, cli.sending.read.first()) {
            (true, _) => "/",
            (false, Some(_)) => "localhost",
            (false, None) => return Err(no_target(cli.target_taken.as_deref())),
        };
        arguments.push_back(Argument { text: only.into(), saved: saved(cli.saving.saves_rest) });
    }
    Ok(arguments)
}

/// `--url @FILE`: a URL on each line; empty lines and those that begin with `#` are none.
fn list(path: &str) -> anyhow::Result<Vec<Argument>> {
    let text = input_file::read(OsStr::new(path), "--url")?;
    let lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let urls = lines.filter(|line| !line.is_empty() && !line.starts_with(b"#"));
    Ok(urls.map(|line| Argument { text: input_file::path_of(line), saved: Saved::Listed }).collect())
}
