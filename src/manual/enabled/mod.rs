//! With the feature `extras`: clap_mangen writes the options, clap_complete the
//! scripts, [`sections`] holds the rest.

mod json_report;
mod sections;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Command, ValueHint};
use clap_complete::Shell as Script;
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, roman};

use crate::cli::category_names;
use crate::cli::help_options::Shell;

/// How `--version` lists it.
pub(crate) const NAME: &str = "+manual";

/// The manual page, for man(1).
pub(super) fn page(command: Command) -> anyhow::Result<Vec<u8>> {
    let source = format!("rawget {}", env!("CARGO_PKG_VERSION"));
    let examples = command.get_before_help().map(ToString::to_string).unwrap_or_default();
    let man = Man::new(command.mut_args(with_aliases)).source(source).manual("User commands");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    let mut before = Roff::new();
    before.control("SH", ["DESCRIPTION"]);
    sections::DESCRIPTION.iter().for_each(|text| paragraph(&mut before, text));
    section(&mut before, "EXAMPLES", &sections::examples(&examples));
    before.to_writer(&mut page)?;
    man.render_options_section(&mut page)?;
    let mut after = Roff::new();
    section(&mut after, "EXIT STATUS", &sections::exit_codes());
    section(&mut after, "LIMITS", &sections::limits());
    section(&mut after, "ENVIRONMENT", &sections::owned(sections::ENVIRONMENT));
    section(&mut after, "FILES", &sections::owned(sections::FILES));
    after.control("SH", ["JSON REPORT"]);
    paragraph(&mut after, json_report::HEAD);
    terms(&mut after, &sections::owned(json_report::KEYS));
    section(&mut after, "AS CURL", &sections::as_curl());
    after.control("SH", ["SECURITY"]);
    sections::SECURITY.iter().for_each(|text| paragraph(&mut after, text));
    after.control("SH", ["SEE ALSO"]);
    paragraph(&mut after, sections::SEE_ALSO);
    after.to_writer(&mut page)?;
    Ok(page)
}

fn paragraph(roff: &mut Roff, text: &str) {
    roff.control("PP", []);
    roff.text([roman(text)]);
}

/// A heading, and terms with what they mean.
fn section(roff: &mut Roff, heading: &str, rows: &[(String, String)]) {
    roff.control("SH", [heading]);
    terms(roff, rows);
}

fn terms(roff: &mut Roff, rows: &[(String, String)]) {
    for (term, meaning) in rows {
        roff.control("TP", []);
        roff.text([bold(term.as_str())]);
        roff.text([Inline::Roman(meaning.clone())]);
    }
}

/// The page lists names without aliases: they are told in the text. What a short
/// help leaves out stands in it as well.
fn with_aliases(argument: Arg) -> Arg {
    let argument = argument.hide_short_help(false);
    let aliases = argument.get_visible_aliases().unwrap_or_default().join(", --");
    if aliases.is_empty() {
        return argument;
    }
    let help = argument.get_long_help().or(argument.get_help()).map(ToString::to_string);
    argument.long_help(format!("{}. Same as --{aliases}.", help.unwrap_or_default()))
}

/// The script that completes options in a shell.
pub(super) fn completions(command: Command, shell: Shell) -> anyhow::Result<Vec<u8>> {
    let categories = PossibleValuesParser::new(category_names());
    let mut command = command.mut_args(with_hint).mut_arg("help", |help| {
        help.action(ArgAction::Set).num_args(0..=1).value_name("CATEGORY").value_parser(categories)
    });
    for (id, values) in CHOICES {
        command = command.mut_arg(id, |argument| argument.value_parser(PossibleValuesParser::new(values)));
    }
    let script = match shell {
        Shell::Bash => Script::Bash,
        Shell::Elvish => Script::Elvish,
        Shell::Fish => Script::Fish,
        Shell::Powershell => Script::PowerShell,
        Shell::Zsh => Script::Zsh,
    };
    let mut text = Vec::new();
    clap_complete::generate(script, &mut command, "rawget", &mut text);
    let (from, to) = match shell {
        // Bare, a # begins a comment there.
        Shell::Fish => (" -s # ", " -s '#' "),
        // With two colons, no option is completed behind the first target.
        Shell::Zsh => ("'*::targets", "'*:targets"),
        _ => return Ok(text),
    };
    Ok(String::from_utf8_lossy(&text).replace(from, to).into_bytes())
}

/// Values that are read without clap, which shells can complete.
const CHOICES: [(&str, &[&str]); 2] =
    [("starttls", &["smtp", "imap", "pop3", "ftp", "postgres"]), ("tls_max", &["default", "1.2", "1.3"])];

/// Says where a value is a file or a folder, which shells complete.
fn with_hint(argument: Arg) -> Arg {
    let name = argument.get_value_names().and_then(|names| names.first()).map(|name| name.as_str());
    let hint = match name {
        Some(name) if name.split('|').any(|name| name == "FILE") => ValueHint::FilePath,
        Some("DIR" | "FOLDER") => ValueHint::DirPath,
        Some("TARGET") => ValueHint::Url,
        _ => return argument,
    };
    argument.value_hint(hint)
}
