//! Why an argument is no target, and what may help.

use std::ffi::{OsStr, OsString};

use super::usage;
use crate::cli::{Cli, TargetKind, TypedTarget};
use crate::failure::Failure;
use crate::http::secret;
use crate::http::uri::UriProblem;
use crate::output::escape::one_line;
use crate::output::shell;

/// Methods that other programs take as their first argument.
const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];

pub(super) fn path_alone(path: &OsStr) -> anyhow::Error {
    let help = "a path needs a target before it, as in rawget example.com /path";
    usage(&one_line(path.as_encoded_bytes()), help)
}

pub(super) fn no_target() -> anyhow::Error {
    Failure::Usage.error("no target: name a host, as in rawget example.com /, or try rawget --demo")
}

/// Refuses what other programs take: `POST host a=b`, `host a=b`.
pub(super) fn refuse_habits(targets: &[TypedTarget]) -> anyhow::Result<()> {
    let arguments = || targets.iter().filter(|target| target.kind == TargetKind::Argument);
    let is_path =
        |word: &OsString| word.as_encoded_bytes().first().is_some_and(|first| b"/?*".contains(first));
    if arguments().skip(1).all(|target| is_path(&target.text)) {
        return Ok(());
    }
    let words: Vec<_> = arguments().map(|target| one_line(target.text.as_encoded_bytes())).collect();
    let Some((first, rest)) = words.split_first() else { return Ok(()) };
    let is_host = rest.first().is_none_or(|next| next.starts_with(['/', '?', '*']));
    let method = METHODS.iter().find(|method| first.eq_ignore_ascii_case(method)).filter(|_| !is_host);
    // A host stands before the items.
    let targets = if method.is_some() { rest } else { &words[..] };
    let items = targets.iter().skip(1).filter_map(|word| Some((word, item(word)?)));
    let what = match (method, items.clone().next()) {
        (None, None) => return Ok(()),
        (Some(_), _) => "the method is not an argument".to_owned(),
        (None, Some((word, _))) => format!("{word} is no target"),
    };
    let method = method.filter(|method| **method != "GET").map(|method| format!(" -X {method}"));
    let rest: String = targets
        .iter()
        .enumerate()
        .map(|(at, word)| match item(word).filter(|_| at > 0) {
            Some(option) => format!(" {option}"),
            None => format!(" {word}"),
        })
        .collect();
    Err(Failure::Usage.error(format!("{what}; write: rawget{}{rest}", method.unwrap_or_default())))
}

/// Refuses `host --explain json`: the value of such an option joins it by `=`.
pub(super) fn refuse_detached_values(cli: &Cli) -> anyhow::Result<()> {
    const FORMS: &[&str] = &["json", "text"];
    const SEVERITIES: &[&str] = &["error", "warn", "note"];
    let options = [
        (cli.showing.explain.is_some(), "--explain", FORMS),
        (cli.comparing.diff.is_some(), "--diff", FORMS),
        (cli.showing.check.is_some(), "--check", SEVERITIES),
    ];
    let given: Vec<_> = options.iter().filter(|(is_given, ..)| *is_given).collect();
    if given.is_empty() || cli.targets.len() < 2 {
        return Ok(());
    }
    let is_path = |at: usize| {
        let next = cli.targets.get(at + 1).and_then(|next| next.text.as_encoded_bytes().first());
        next.is_some_and(|first| b"/?*".contains(first))
    };
    for (at, target) in cli.targets.iter().enumerate() {
        let Some(word) = target.text.to_str().filter(|_| target.kind == TargetKind::Argument && !is_path(at))
        else {
            continue;
        };
        if let Some((_, option, _)) = given.iter().find(|(_, _, values)| values.contains(&word)) {
            return Err(Failure::Usage.error(format!("{word} is no target; write: {option}={word}")));
        }
    }
    Ok(())
}

/// The option for an item of HTTPie's, such as `name=value` or `Name:value`.
fn item(word: &str) -> Option<String> {
    let end = word.find(['=', ':']).filter(|&end| end > 0)?;
    let (name, rest) = word.split_at(end);
    if name.contains(['/', '?', '@', '[', '{', '*']) {
        return None;
    }
    if let Some(value) = rest.strip_prefix(":=") {
        return Some(format!("--json {}", quoted(&format!("{{\"{name}\": {value}}}"))));
    }
    if let Some(value) = rest.strip_prefix("==") {
        return Some(format!("--url-query {}", quoted(&format!("{name}={value}"))));
    }
    if rest.starts_with('=') {
        return Some(format!("-d {}", quoted(word)));
    }
    let value = &rest[1..];
    let is_field = match value.bytes().all(|byte| byte.is_ascii_digit()) {
        true => !value.is_empty() && is_cased_as_field(name),
        false => value.starts_with(char::is_alphabetic) && !value.contains([':', '@', '/']),
    };
    is_field.then(|| format!("-H {}", quoted(&format!("{name}: {value}"))))
}

/// Whether a name is written as field names are and hosts hardly ever: `X-Id`, `Max-Forwards`.
fn is_cased_as_field(name: &str) -> bool {
    name.contains('-')
        && name.split('-').all(|word| {
            word.starts_with(|first: char| first.is_ascii_uppercase())
                && word.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

fn quoted(text: &str) -> String {
    String::from_utf8_lossy(&shell::quote(text.as_bytes())).into_owned()
}

pub(super) fn refused(typed: &[u8], problem: &UriProblem) -> anyhow::Error {
    let shown = one_line(&shortened(&secret::quotable(typed)));
    let failure = match problem {
        UriProblem::UnsupportedScheme(_) => Failure::Protocol,
        _ => Failure::MalformedUrl,
    };
    if typed.is_empty() {
        return failure.error("the target is empty: name a host, as in rawget example.com /");
    }
    failure.error(format!("{shown}: {problem}"))
}

/// The beginning of a text that is long.
fn shortened(text: &[u8]) -> Vec<u8> {
    const MAX: usize = 200;
    if text.len() <= MAX { text.to_vec() } else { [&text[..MAX], b"..."].concat() }
}
