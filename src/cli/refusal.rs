//! One line for each thing that is wrong with arguments: clap says what it is, and
//! the words are ours.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::{curl_options, foreign_options, names};
use crate::http::secret::quotable;
use crate::output::spelling::is_near;

/// What is wrong, in one line.
pub(super) fn line(error: &clap::Error) -> String {
    let argument = text(error, ContextKind::InvalidArg);
    let name = argument.split([' ', '=', '[']).next().unwrap_or_default();
    let value = text(error, ContextKind::InvalidValue);
    match error.kind() {
        ErrorKind::UnknownArgument => unknown(error, name),
        ErrorKind::InvalidValue if value.is_empty() => {
            let valid = text(error, ContextKind::ValidValue);
            let all = if valid.is_empty() { String::new() } else { format!(": {valid}") };
            format!("{name}: requires a value{all}")
        }
        ErrorKind::InvalidValue => {
            let valid = text(error, ContextKind::ValidValue);
            let meant = meant(&text(error, ContextKind::SuggestedValue));
            format!("{name}: {value} is not one of {valid}{meant}")
        }
        ErrorKind::ValueValidation => {
            let reason = std::error::Error::source(error)
                .map_or(String::new(), |source| reason(&source.to_string(), &value));
            // What stands before an @ may be a password; the reason may quote it, too.
            let starred = |text: String| String::from_utf8_lossy(&quotable(text.as_bytes())).into_owned();
            let (value, reason) = match value.contains('@') {
                true => (starred(value), if reason.contains('@') { starred(reason) } else { reason }),
                false if value.is_empty() => ("''".to_owned(), reason),
                false => (value, reason),
            };
            match reason.as_str() {
                why if why.starts_with("not ") => format!("{name}: {value} is {why}"),
                why => format!("{name}: {value} is not a valid value ({why})"),
            }
        }
        ErrorKind::TooManyValues => format!("{name}: takes no value"),
        ErrorKind::ArgumentConflict => {
            let other = text(error, ContextKind::PriorArg);
            let other = other.split([' ', '=', '[']).next().unwrap_or_default();
            format!("{name}: cannot be used with {other}")
        }
        _ => {
            let whole = error.to_string();
            whole.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
        }
    }
}

fn unknown(error: &clap::Error, name: &str) -> String {
    if let Some(why) = curl_options::refusal(name) {
        return format!("{name}: this option of curl is not supported: {why}");
    }
    if let Some(ours) = foreign_options::instead_of(name) {
        return match ours.strip_prefix("nothing: ") {
            Some(why) => format!("{name}: there is no such option, and none is needed: {why}"),
            None => format!("{name}: there is no such option; use {ours}"),
        };
    }
    if name == "--" {
        return "-: there is no such option; -o - is standard output".to_owned();
    }
    if name == "-" {
        return "-=: there is no such option; a short option takes its value without =".to_owned();
    }
    let suggestion = text(error, ContextKind::SuggestedArg);
    let nearest = Some(suggestion).filter(|meant| is_near(name, meant));
    let meant = meant(&names::only_beginning(name).or(nearest).unwrap_or_default());
    let help = if meant.is_empty() { " (--help lists all)" } else { "" };
    format!("{name}: there is no such option{meant}{help}")
}

/// What the readers of numbers say of `value`, in the words of the other reasons.
fn reason(said: &str, value: &str) -> String {
    if let Some((_, range)) = said.split_once(" is not in ") {
        let (from, to) = range.split_once("..").unwrap_or((range, ""));
        let is_open = [u64::MAX, u32::MAX.into()].iter().any(|most| to == most.to_string());
        return match to.strip_prefix('=') {
            Some(to) => format!("not a number from {from} to {to}"),
            None if to.is_empty() || is_open => format!("not a number from {from} up"),
            None => format!("not a number from {from} to below {to}"),
        };
    }
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match said {
        "invalid digit found in string" if value.strip_prefix('-').is_some_and(is_digits) => {
            "it is negative".to_owned()
        }
        "invalid digit found in string" | "cannot parse integer from empty string" => {
            "not a whole number".to_owned()
        }
        "number too large to fit in target type" => "the number is too large".to_owned(),
        "invalid IP address syntax" => "not an IP address".to_owned(),
        said => said.to_owned(),
    }
}

fn meant(suggestion: &str) -> String {
    if suggestion.is_empty() { String::new() } else { format!("; did you mean {suggestion}?") }
}

/// What clap says in its error, as text.
fn text(error: &clap::Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        _ => String::new(),
    }
}
