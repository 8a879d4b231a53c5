//! Arguments that would not be read as they were meant: long options with one dash, and typographic
//! dashes in place of `-`.

use std::ffi::{OsStr, OsString};

use super::arguments::wants_value;
use super::no_target::LEFT_QUOTE;
use crate::cli::{Cli, names};
use crate::failure::Failure;
use crate::output::escape::one_line;

/// Dashes that editors make of `-` and `--`.
const DASHES: [char; 8] = ['‐', '‑', '‒', '–', '—', '―', '−', '－'];

/// Refuses arguments that were meant as options and would be read as something else: `-data x`
/// would send `ata` to x.
pub(crate) fn refuse(arguments: &[OsString]) -> anyhow::Result<()> {
    // Most command lines have none: then no argument is looked up.
    if !arguments.iter().any(|argument| misread(argument).is_some()) {
        return Ok(());
    }
    let mut is_value = false;
    for argument in arguments {
        if argument == "--" && !is_value {
            return Ok(());
        }
        let why = if is_value { None } else { misread(argument) };
        if let Some(why) = why {
            let shown = one_line(argument.as_encoded_bytes());
            let shown = shown.split(['=', ' ']).next().unwrap_or_default();
            return Err(Failure::Usage.error(format!("{shown}: {why}")));
        }
        is_value = !is_value && wants_value(argument);
    }
    Ok(())
}

/// What is wrong with the argument, if it was meant as an option.
fn misread(argument: &OsStr) -> Option<String> {
    with_one_dash(argument).or_else(|| with_other_dash(argument))
}

/// A long option with one dash. Those that begin with `-h` are left: they ask for help.
fn with_one_dash(argument: &OsStr) -> Option<String> {
    let rest = argument.as_encoded_bytes().strip_prefix(b"-")?;
    let name = rest.split(|&byte| byte == b'=').next().filter(|name| name.len() >= 3)?;
    let is_word = name.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'-');
    if !is_word || matches!(name, [b'h' | b'-', ..]) {
        return None;
    }
    names::long(name)?.long_name().map(|name| format!("a long option begins with two dashes: --{name}"))
}

fn with_other_dash(argument: &OsStr) -> Option<String> {
    let text = argument.to_str()?;
    let is_dash = text.starts_with(DASHES) || text.strip_prefix('-').is_some_and(|it| it.starts_with(DASHES));
    is_dash.then(|| "begins with a typographic dash: use - or -- instead".to_owned())
}

/// One line for each wish that cannot be met, and for lines of `-H` that begin with a quote or a colon.
pub(super) fn notices(cli: &Cli, as_curl: bool) -> Vec<String> {
    let all = [
        (cli.sending.http2, "--http2"),
        (cli.sending.http3, "--http3"),
        (cli.proxy.proxy_http2, "--proxy-http2"),
        (cli.proxy.proxy_http3, "--proxy-http3"),
    ];
    let wished = all.into_iter().filter(|(is_given, _)| *is_given && !cli.showing.silent);
    let wished = wished.map(|(_, name)| format!("{name}: using HTTP/1.1, the only supported version"));
    let lines = cli.sending.header.iter().map(|line| line.as_encoded_bytes());
    let empty = lines.clone().filter(|line| line.is_empty() && cli.showing.verbose).take(1);
    let empty = empty.map(|_| "--header: an empty line adds nothing".to_owned());
    let quoted = lines.filter(|line| matches!(line, [b'\'' | b'"', ..])).take(1);
    let quoted = quoted.map(|_| format!("--header: a line {LEFT_QUOTE}"));
    // Curl sends none.
    let pseudo = if as_curl { None } else { pseudo_header(&cli.sending.header) };
    wished.chain(empty).chain(quoted).chain(pseudo).collect()
}

/// A line for the first field that HTTP/2 alone has (RFC 9113 §8.3).
fn pseudo_header(lines: &[OsString]) -> Option<String> {
    let name = |line: &OsString| {
        let end = line.as_encoded_bytes().strip_prefix(b":")?.iter().position(|&byte| byte == b':')?;
        Some(one_line(&line.as_encoded_bytes()[..end + 1]))
    };
    let name = lines.iter().find_map(name)?;
    Some(format!("--header: {name} belongs to HTTP/2: an HTTP/1.1 server may refuse it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_as_an_option_is_named() {
        for (arguments, is_refused) in [
            (&["-data", "x"][..], true),
            (&["-max-time=3"], true),
            (&["\u{2013}X", "POST"], true),
            (&["-\u{2013}data", "x"], true),
            (&["host", "/d", "-data"], true),
            (&["-sSL", "-fsS", "-XPOST", "-dx", "-help", "-vvv"], false),
            (&["-d", "-data", "--data", "\u{2014}x", "-H", "--"], false),
            (&["--", "-data"], false),
        ] {
            let arguments: Vec<_> = arguments.iter().map(OsString::from).collect();
            assert_eq!(refuse(&arguments).is_err(), is_refused, "{arguments:?}");
        }
    }
}
