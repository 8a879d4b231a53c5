//! Why an argument is no target, and what may help.

use std::ffi::{OsStr, OsString};

use super::usage;
use crate::failure::Failure;
use crate::http::secret;
use crate::http::uri::UriProblem;
use crate::output::escape::one_line;

/// Methods that other programs take as their first argument.
const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];

pub(super) fn path_alone(path: &OsStr) -> anyhow::Error {
    let help = "a path needs a target before it, as in rawget example.com /path";
    usage(&one_line(path.as_encoded_bytes()), help)
}

pub(super) fn no_target() -> anyhow::Error {
    Failure::Usage.error("no target: name a host, as in rawget example.com /, or try rawget --demo")
}

/// Refuses what other programs take: `POST host a=b`.
pub(super) fn refuse_habits(targets: &[OsString]) -> anyhow::Result<()> {
    let Some((method, rest)) = targets.split_first() else { return Ok(()) };
    let (Some(method), false) = (method.to_str().filter(|method| METHODS.contains(method)), rest.is_empty())
    else {
        return Ok(());
    };
    let data = |argument: &OsString| {
        let text = one_line(argument.as_encoded_bytes());
        let is_data = text.contains('=') && !text.contains('/');
        if is_data { format!(" -d '{text}'") } else { format!(" {text}") }
    };
    let rest: String = rest.iter().map(data).collect();
    let method = if method == "GET" { String::new() } else { format!(" -X {method}") };
    Err(Failure::Usage.error(format!("the method is not an argument; write: rawget{method}{rest}")))
}

pub(super) fn refused(typed: &[u8], problem: &UriProblem) -> anyhow::Error {
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
