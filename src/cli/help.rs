//! What `-h`, `--help`, `--help CATEGORY` (curl's categories too) and `--help OPTION` show of the
//! definitions.

use std::ffi::OsString;

use clap::builder::StyledStr;
use clap::{Arg, Command};

use super::{CATEGORIES, whole};
use crate::failure::exit_codes;
use crate::output::escape::one_line;

/// What `-h` lists: as much as a screen holds.
const USED_MOST: &[&str] = &[
    "request",
    "header",
    "data",
    "json",
    "head",
    "user",
    "compressed",
    "send",
    "dry_run",
    "max_time",
    "location",
    "insecure",
    "body",
    "verbose",
    "explain",
    "output",
];

/// curl's names of categories, and where their options stand here.
const CURL_CATEGORIES: &[(&str, &[&str])] = &[
    ("auth", &["sending", "proxy", "tls"]),
    ("connection", &["connecting"]),
    ("curl", &["help", "compatibility"]),
    ("deprecated", &["compatibility"]),
    ("dns", &["connecting"]),
    ("file", &["saving"]),
    ("global", &["comparing", "recording"]),
    ("http", &["sending", "following"]),
    ("misc", &["showing", "compatibility"]),
    ("output", &["showing", "saving"]),
    ("post", &["sending"]),
    ("ssl", &["tls"]),
    ("timeout", &["connecting"]),
    ("upload", &["sending"]),
    ("verbose", &["showing", "recording"]),
];

/// curl's categories of options for what rawget does not speak.
const FOREIGN: &[&str] =
    &["ftp", "gopher", "imap", "ldap", "mqtt", "pop3", "scp", "sftp", "smb", "smtp", "ssh", "telnet", "tftp"];

/// Longest text next to an option of `-h`: what fits in 80 columns.
const BRIEF: usize = 48;

const EXAMPLES_FIRST: &str = "{about}\n\n{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}";

/// What is asked about.
#[derive(Debug, PartialEq, Eq)]
enum Topic {
    Screen,
    Everything,
    Named(String),
}

/// The help that `arguments` request; an error says what there is.
pub(super) fn text(arguments: &[OsString]) -> Result<StyledStr, String> {
    match topic(arguments) {
        Topic::Screen => Ok(screen().render_help()),
        Topic::Everything => Ok(everything()),
        Topic::Named(name) => named(&name),
    }
}

fn named(name: &str) -> Result<StyledStr, String> {
    // curl takes its categories in any case, too.
    let category = name.to_ascii_lowercase();
    let curls = CURL_CATEGORIES.iter().find(|(theirs, _)| *theirs == category).map(|(_, ours)| *ours);
    match (heading(&category), &category[..]) {
        (Some(heading), _) => Ok(sections(&[heading])),
        (None, "all") => Ok(everything()),
        (None, "important") => Ok(screen().render_help()),
        (None, "category") => Ok(overview()),
        _ => match curls {
            Some(ours) => Ok(sections(&ours.iter().copied().filter_map(heading).collect::<Vec<_>>())),
            None => option(name).ok_or_else(|| unknown(name)),
        },
    }
}

fn unknown(name: &str) -> String {
    let shown = one_line(name.as_bytes());
    if FOREIGN.contains(&&name.to_ascii_lowercase()[..]) {
        return format!(
            "--help: rawget does not speak {}; the categories are {}",
            shown.to_uppercase(),
            categories()
        );
    }
    format!("--help: {shown} is neither an option nor a category; the categories are {}", categories())
}

fn heading(category: &str) -> Option<&'static str> {
    CATEGORIES.iter().find(|(name, _)| *name == category).map(|(_, heading)| *heading)
}

/// clap has met the option; this is only about what follows it.
fn topic(arguments: &[OsString]) -> Topic {
    let is_help = |argument: &OsString| {
        let bytes = argument.as_encoded_bytes();
        bytes == b"-h" || bytes == b"--help" || bytes.starts_with(b"--help=")
    };
    // Elsewhere it stands among other letters.
    let Some(at) = arguments.iter().position(is_help) else { return Topic::Screen };
    let own = arguments[at].to_string_lossy();
    match (own.strip_prefix("--help="), arguments.get(at + 1)) {
        (Some(name), _) => Topic::Named(name.to_owned()),
        (None, Some(next)) => Topic::Named(next.to_string_lossy().into_owned()),
        (None, None) if own == "-h" => Topic::Screen,
        (None, None) => Topic::Everything,
    }
}

fn categories() -> String {
    let names: Vec<_> = super::category_names().filter(|name| *name != "all").collect();
    format!("{} and all", names.join(", "))
}

fn screen() -> Command {
    let more = format!(
        "All options:  --help\n\
         Some of them: --help CATEGORY, of {}\n\
         One of them:  --help OPTION, as in --help --resolve\n\
         The manual:   --man | man -l -",
        categories()
    );
    let command = whole::command().help_template(EXAMPLES_FIRST).after_help(more);
    let shows = |argument: Arg| {
        let is_shown = USED_MOST.contains(&argument.get_id().as_str());
        let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
        argument.help(brief(&help).to_owned()).help_heading("Used most").hide_short_help(!is_shown)
    };
    command.mut_args(shows)
}

/// The beginning of `-h`: what the program is, examples and the usage.
pub(super) fn first_lines() -> String {
    let screen = screen().render_help().to_string();
    screen.split("\n\n").take(3).collect::<Vec<_>>().join("\n\n").trim_end().to_owned()
}

/// What is said first; the rest is for those who look closer.
fn brief(help: &str) -> &str {
    let mut brief = help.split([';', ':']).next().unwrap_or(help);
    while let Some((before, _)) = brief.rsplit_once(", ").filter(|_| brief.len() > BRIEF) {
        brief = before;
    }
    brief
}

fn everything() -> StyledStr {
    let codes: String = exit_codes().map(|(code, meaning)| format!("\n{code:>5}  {meaning}")).collect();
    let after = format!("Exit codes:{codes}");
    whole::command().help_template(EXAMPLES_FIRST).after_help(after).render_long_help()
}

/// What `--help category` prints in curl.
fn overview() -> StyledStr {
    let rows = CATEGORIES.iter().map(|(name, heading)| format!("{name:<15} {heading}\n"));
    let text = format!("{}{:<15} All of them", rows.collect::<String>(), "all");
    StyledStr::from(text)
}

/// The options under these headings.
fn sections(headings: &[&str]) -> StyledStr {
    let is_chosen = |argument: &Arg| argument.get_help_heading().is_some_and(|own| headings.contains(&own));
    let command = only(is_chosen);
    command.after_help("Use --help OPTION for all about one of them.").render_help()
}

fn option(name: &str) -> Option<StyledStr> {
    let bare = name.trim_start_matches('-');
    let is_it = |argument: &Arg| {
        let mut long = argument.get_long_and_visible_aliases().into_iter().flatten();
        let mut short = argument.get_short_and_visible_aliases().into_iter().flatten();
        long.any(|long| long == bare) || short.any(|short| short.to_string() == bare)
    };
    let is_there = whole::command().get_arguments().any(is_it);
    is_there.then(|| only(is_it).render_long_help())
}

/// The command with the options chosen, and nothing else.
fn only(is_chosen: impl Fn(&Arg) -> bool) -> Command {
    whole::command().before_help(None::<&str>).help_template("{all-args}{after-help}").mut_args(|argument| {
        let is_chosen = is_chosen(&argument);
        argument.hide(!is_chosen).hide_short_help(false)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::collections::BTreeSet;

    fn ask(arguments: &[&str]) -> Result<String, String> {
        let arguments: Vec<_> = arguments.iter().map(OsString::from).collect();
        text(&arguments).map(|text| text.to_string())
    }

    #[test]
    fn each_heading_is_a_category() {
        let command = whole::command();
        let headings: BTreeSet<_> = command.get_arguments().filter_map(Arg::get_help_heading).collect();
        let named: BTreeSet<_> = CATEGORIES.iter().map(|(_, heading)| *heading).collect();
        assert_eq!(
            headings.into_iter().filter(|heading| *heading != "Targets").collect::<BTreeSet<_>>(),
            named
        );
    }

    #[test]
    fn what_is_used_most_is_defined() {
        let screen = ask(&["-h"]).expect("help");
        for id in USED_MOST {
            assert!(screen.contains(&format!("--{}", id.replace('_', "-"))), "{id}");
        }
    }

    #[test]
    fn one_screen_holds_the_short_help() {
        let screen = screen().term_width(80).render_help().to_string();
        assert!(screen.lines().count() <= 40, "{} lines\n{screen}", screen.lines().count());
    }

    #[test]
    fn parts_are_asked_for_by_name() {
        assert!(ask(&["--help", "tls"]).expect("a category").contains("--cacert"));
        assert!(!ask(&["--help", "tls"]).expect("a category").contains("HOST:PORT:ADDR"));
        for name in ["--resolve", "resolve"] {
            assert!(ask(&["--help", name]).expect("an option").contains("HOST:PORT:ADDR"));
        }
        assert!(ask(&["-v", "--help=-4"]).expect("an option").contains("--ipv4"));
        assert_eq!(ask(&["--help", "all"]), ask(&["--help"]));
        let http = ask(&["--help", "http"]).expect("a category of curl's");
        assert!(http.contains("--header") && http.contains("--location") && !http.contains("--cacert"));
        assert_eq!(ask(&["--help", "important"]), ask(&["-h"]));
        assert!(ask(&["--help", "category"]).expect("the categories").contains("comparing"));
        assert!(ask(&["--help", "ftp"]).expect_err("no FTP").contains("does not speak FTP"));
        for (theirs, ours) in CURL_CATEGORIES {
            assert!(ours.iter().all(|name| heading(name).is_some()), "{theirs}");
        }
        let unknown = ask(&["--help", "klingon"]).expect_err("no category");
        assert!(unknown.contains("klingon") && unknown.contains("recording"), "{unknown}");
    }
}
