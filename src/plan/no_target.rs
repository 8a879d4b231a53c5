//! Why an argument is no target, and what may help.

use std::ffi::{OsStr, OsString};

use super::usage_error::usage;
use crate::cli::{Cli, TargetKind, TypedTarget};
use crate::failure::Failure;
use crate::http::request_line::method_for_host;
use crate::http::secret;
use crate::http::uri::UriProblem;
use crate::output::escape::one_line;
use crate::output::shell;

/// What is said of values that begin with a quote.
pub(super) const LEFT_QUOTE: &str =
    "begins with a quote, which the shell has left there (Windows' cmd takes only double quotes)";

/// The error for a path that no target stands before.
pub(super) fn path_alone(path: &OsStr) -> anyhow::Error {
    let help = "a path needs a target before it, as in rawget example.com /path";
    usage(&one_line(path.as_encoded_bytes()), help)
}

/// `why`: what was done with the argument that was meant as the target, if that is known.
pub(super) fn no_target(why: Option<&str>) -> anyhow::Error {
    let help = "name a host, as in rawget example.com /";
    match why {
        Some(why) => Failure::Usage.error(format!("no target: {why}; {help}")),
        None => Failure::Usage.error(format!("no target: {help}, or try rawget --demo")),
    }
}

/// Refuses `-` in the place of a target, which is a host's name to nobody.
pub(super) fn refuse_dash(targets: &[TypedTarget]) -> anyhow::Result<()> {
    let is_dash = |target: &TypedTarget| target.kind == TargetKind::Argument && target.text == "-";
    match targets.iter().any(is_dash) {
        true => {
            let what = "- is no target: standard input is read by options, as in --data @-";
            Err(Failure::Usage.error(what))
        }
        false => Ok(()),
    }
}

/// Refuses content, a port or a field's value in the place of a target: `host {"a": 1}`, `host 80`.
pub(super) fn refuse_misplaced(cli: &Cli) -> anyhow::Result<()> {
    refuse_parted_line(cli)?;
    let mut before = None;
    for TypedTarget { text: word, .. } in cli.targets.iter().filter(|it| it.kind == TargetKind::Argument) {
        let bytes = word.as_encoded_bytes();
        let what = match (bytes, before) {
            ([b'{', b'"' | b'\'', ..] | [b'[', b'{' | b'"', ..], _) => {
                "content is no target: give it with --data or --json, in quotes".to_owned()
            }
            ([first, ..], Some(host)) if first.is_ascii_digit() && is_port(bytes) => {
                let port = one_line(bytes);
                format!("{port} is no target; write: rawget {host}:{port}")
            }
            _ => {
                before = word.to_str().filter(|host| is_bare_host(host));
                continue;
            }
        };
        return Err(Failure::Usage.error(what));
    }
    Ok(())
}

fn is_port(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_digit) && str::from_utf8(text).is_ok_and(|text| text.parse::<u16>().is_ok())
}

/// A name or an IPv4 address, and nothing else.
fn is_bare_host(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte))
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
    let method = method_for_host(first.as_bytes()).filter(|_| !is_host);
    // A host stands before the items.
    let targets = if method.is_some() { rest } else { &words[..] };
    let mut document = document(targets.iter().skip(1));
    let items = targets.iter().skip(1).filter_map(|word| Some((word, item(word)?)));
    let is_json = document.is_some();
    let is_form =
        method.is_some() && !is_json && targets.iter().skip(1).any(|word| file_part(word).is_some());
    let what = match (method, items.clone().next()) {
        (None, None) => return Ok(()),
        (Some(_), _) => "the method is not an argument".to_owned(),
        (None, Some((word, _))) => format!("{word} is no target"),
    };
    let method = match method {
        None | Some("GET") => String::new(),
        Some("HEAD") => " -I".to_owned(),
        Some(method) => format!(" -X {method}"),
    };
    let rest: String = targets
        .iter()
        .enumerate()
        .map(|(at, word)| match item(word).filter(|_| at > 0) {
            part if is_form && at > 0 && (file_part(word).is_some() || is_data(&part)) => {
                match file_part(word) {
                    Some(part) => format!(" -F {}", quoted(&part)),
                    None => format!(" --form-string {}", quoted(word)),
                }
            }
            Some(_) if is_json && member(word).is_some() => match document.take() {
                Some(document) => format!(" --json {}", quoted(&document)),
                None => String::new(),
            },
            Some(option) => format!(" {option}"),
            None => format!(" {word}"),
        })
        .collect();
    let pairs: Vec<_> = targets.iter().skip(1).filter_map(|word| member(word)).collect();
    let as_json = match pairs.is_empty() || is_json || is_form {
        true => String::new(),
        false => format!(", or for JSON --json {}", quoted(&format!("{{{}}}", pairs.join(", ")))),
    };
    Err(Failure::Usage.error(format!("{what}; write: rawget{method}{rest}{as_json}")))
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

/// Refuses `-H Authorization: Bearer x`, whose words the shell has parted: the line would take the
/// field away, and the value would be a target.
fn refuse_parted_line(cli: &Cli) -> anyhow::Result<()> {
    let header = &cli.sending.header;
    let Some(line) = header.iter().find(|line| line.as_encoded_bytes().ends_with(b":")) else {
        return Ok(());
    };
    let arguments = cli.targets.iter().filter(|target| target.kind == TargetKind::Argument);
    let Some(word) = arguments.map(|target| target.text.as_encoded_bytes()).find(|word| is_value(word))
    else {
        return Ok(());
    };
    let (line, word) = (one_line(line.as_encoded_bytes()), one_line(word));
    Err(usage(
        "--header",
        format!("the value of {line} is missing, and {word} is no target: quote the whole line"),
    ))
}

/// Whether a word begins the value of a field and no target: the name of an authentication scheme
/// (RFC 9110 §11.1), or a media type.
fn is_value(word: &[u8]) -> bool {
    const SCHEMES: [&str; 5] = ["basic", "bearer", "digest", "negotiate", "token"];
    const TYPES: [&str; 7] = ["application", "audio", "font", "image", "multipart", "text", "video"];
    let is_one =
        |names: &[&str], word: &[u8]| names.iter().any(|it| word.eq_ignore_ascii_case(it.as_bytes()));
    match word.iter().position(|&byte| byte == b'/') {
        Some(slash) => is_one(&TYPES, &word[..slash]) && word.len() > slash + 1,
        None => is_one(&SCHEMES, word),
    }
}

/// The JSON that `words` stand for, where one of them is `name:=value`: HTTPie makes one document of
/// them and of each `name=value`.
fn document<'a>(words: impl Iterator<Item = &'a String> + Clone) -> Option<String> {
    let is_json = words.clone().any(|word| parted(word).is_some_and(|(_, rest)| rest.starts_with(":=")));
    let members: Vec<_> = words.filter_map(|word| member(word)).collect();
    is_json.then(|| format!("{{{}}}", members.join(", ")))
}

/// The member of such a document.
fn member(word: &str) -> Option<String> {
    let string = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let (name, rest) = parted(word)?;
    let value = match (rest.strip_prefix(":="), rest.strip_prefix('=')) {
        (Some(json), _) => json.to_owned(),
        (None, Some(text)) if !text.starts_with('=') => string(text),
        (None, _) => return None,
    };
    Some(format!("{}: {value}", string(name)))
}

/// The name of an item of HTTPie's, and the rest.
fn parted(word: &str) -> Option<(&str, &str)> {
    let end = word.find(['=', ':']).filter(|&end| end > 0)?;
    Some(word.split_at(end)).filter(|(name, _)| !name.contains(['/', '?', '@', '[', '{', '*']))
}

/// The option for an item of HTTPie's, such as `name=value` or `Name:value`.
fn item(word: &str) -> Option<String> {
    let (name, rest) = parted(word)?;
    if rest.starts_with(":=") {
        let document = document([word.to_owned()].iter())?;
        return Some(format!("--json {}", quoted(&document)));
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

/// Whether [`item`] gave the option for content.
fn is_data(option: &Option<String>) -> bool {
    option.as_ref().is_some_and(|option| option.starts_with("-d "))
}

/// The form part that `name@file` stands for.
fn file_part(word: &str) -> Option<String> {
    let (name, path) = word.split_once('@')?;
    let is_name =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    (is_name && !path.is_empty()).then(|| format!("{name}=@{path}"))
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

/// The error for `typed`, which is no target for the reason of `problem`, with what may have been meant.
pub(super) fn refused(typed: &[u8], problem: &UriProblem) -> anyhow::Error {
    let shown = one_line(&shortened(&secret::quotable(typed)));
    let failure = match problem {
        UriProblem::UnsupportedScheme(_) => Failure::Protocol,
        _ => Failure::MalformedUrl,
    };
    if typed.is_empty() {
        return failure.error("the target is empty: name a host, as in rawget example.com /");
    }
    let advice = advice(typed, problem).map_or_else(|| problem.to_string(), str::to_owned);
    failure.error(format!("{shown}: {advice}"))
}

/// What to say of a target with a common mistake in it.
fn advice(typed: &[u8], problem: &UriProblem) -> Option<&'static str> {
    let ends_at = |at: usize| typed[at.min(typed.len())..].iter().all(u8::is_ascii_whitespace);
    match problem {
        UriProblem::Character(byte, at) | UriProblem::HostCharacter(byte, at) => match byte {
            b' ' if *at == 0 => Some("begins with a space: remove it"),
            b' ' if ends_at(*at) => Some("ends with a space: remove it"),
            b'\r' if ends_at(*at) => Some(
                "ends with CR: the lines of the file that it came from end in CRLF; tr -d '\\r' removes it",
            ),
            b'\n' if ends_at(*at) => Some("ends with a line end: remove it"),
            _ => None,
        },
        UriProblem::Port if has_scheme_alone(typed) => {
            Some("a scheme is followed by two slashes, as in http://example.com/")
        }
        _ => None,
    }
}

/// `http:host`, without slashes.
fn has_scheme_alone(typed: &[u8]) -> bool {
    let end = typed.iter().position(|&byte| byte == b':').unwrap_or_default();
    let (name, rest) = typed.split_at(end);
    let names = ["http", "https", "ws", "wss", "tcp", "tls"];
    !rest.starts_with(b":/") && names.iter().any(|scheme| name.eq_ignore_ascii_case(scheme.as_bytes()))
}

/// The beginning of a text that is long.
fn shortened(text: &[u8]) -> Vec<u8> {
    const MAX: usize = 200;
    if text.len() <= MAX { text.to_vec() } else { [&text[..MAX], b"..."].concat() }
}
