//! The command line: one struct for each heading of the help. No logic: what
//! the options mean is decided in `plan`.

#[macro_use]
mod group;
pub(crate) mod name;
pub(crate) mod names;
mod packed_names;

pub(crate) mod comparing;
pub(crate) mod compatibility;
pub(crate) mod connecting;
pub(crate) mod credentials;
pub(crate) mod curl_options;
pub(crate) mod following;
mod foreign_options;
mod help;
pub(crate) mod help_options;
pub(crate) mod modes;
mod needed;
mod plain;
pub(crate) mod proxy;
pub(crate) mod recording;
mod refusal;
pub(crate) mod saving;
pub(crate) mod sending;
pub(crate) mod showing;
mod swallowed;
pub(crate) mod tls;
mod whole;

use std::any::Any;
use std::borrow::Cow;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};

use clap::builder::StyledStr;
use clap::error::{ContextKind, ErrorKind};
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, FromArgMatches};

use crate::failure::Failure;
use crate::output::escape::one_line;
use crate::output::{Sink, colour, errors};
use crate::sorting::sort_by_key;
use group::{Fields, Group};
use names::{Place, Present};

/// The command line read, [`CATEGORIES`] and [`GROUPS`], from one list: the name
/// that `--help` takes, the heading, and the fields with the options under it, in
/// the order of the help.
macro_rules! groups {
    ($($category:literal, $heading:literal: $($module:ident::$options:ident),+;)+) => {
        /// What was asked for.
        #[derive(Debug, Default)]
        pub(crate) struct Cli {
            /// Arguments and values of `--url`, in the order in which they were given.
            pub(crate) targets: Vec<TypedTarget>,
            /// The options that were given, by their names for clap.
            pub(crate) given: Vec<String>,
            /// What `--send` names are messages for WebSocket.
            pub(crate) sends_messages: bool,
            /// Why there is no target, where the arguments tell.
            pub(crate) target_taken: Option<String>,
            $($(pub(crate) $module: $module::$options,)+)+
        }

        /// The categories of the help, and their headings.
        const CATEGORIES: &[(&str, &str)] = &[$(($category, $heading)),+];

        const GROUPS: &[Group] = &[$($(
            Group {
                names: $module::NAMES,
                add: |command| $module::$options::augment_args(command.next_help_heading($heading)),
            },
        )+)+];

        impl Cli {
            /// Takes what clap has read of the groups that are `present`; the others are
            /// as if nothing was given.
            fn take(matches: &mut ArgMatches, present: &Present) -> Result<Self, clap::Error> {
                let mut present = present.iter();
                Ok(Self {
                    given: given(matches),
                    sends_messages: false,
                    targets: Vec::new(),
                    target_taken: None,
                    // Taking the values out costs a quarter of what copying them does.
                    $($($module: match present.next() {
                        Some(true) => $module::$options::from_arg_matches_mut(matches)?,
                        _ => $module::$options::default(),
                    },)+)+
                })
            }

            /// The field of the option at `place`.
            fn field(&mut self, place: Place) -> Option<&mut dyn Any> {
                let groups: [&mut dyn Fields; GROUPS.len()] = [$($(&mut self.$module),+),+];
                groups.into_iter().nth(place.group)?.field(place.number)
            }
        }
    };
}

groups! {
    "sending", "Choosing what is sent": sending::SendingOptions, credentials::CredentialOptions;
    "connecting", "Choosing how it is sent": connecting::ConnectingOptions;
    "following", "Following": following::FollowingOptions;
    "proxy", "Proxies": proxy::ProxyOptions;
    "tls", "TLS": tls::TlsOptions;
    "showing", "Choosing what is shown": showing::ShowingOptions;
    "comparing", "Comparing and repeating": comparing::ComparingOptions;
    "saving", "Saving and failing": saving::SavingOptions;
    "recording", "Keeping records": recording::RecordingOptions;
    "compatibility", "Accepted for curl's sake": compatibility::CompatibilityOptions;
    "help", "Help": help_options::HelpOptions;
}

/// How a target was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TargetKind {
    Argument,
    /// With `--url`, which also reads lists.
    Url,
}

/// A target as it was given.
#[derive(Clone, Debug)]
pub(crate) struct TypedTarget {
    pub(crate) kind: TargetKind,
    pub(crate) text: OsString,
    /// `--remote-name-all` holds here: the body goes to a file named by the URL, unless `-o` or `-O`
    /// says otherwise.
    pub(crate) is_saved: bool,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Targets")]
#[group(skip)]
struct TargetArguments {
    /// HOST, HOST:PORT, [IPV6]:PORT or a URL, followed by PATHs on it or more targets
    ///
    /// The scheme of a URL is http, https, tcp, tls, ws or wss. An argument that begins with /, ? or * is a path
    /// on the target before it; any other begins a new target. The default scheme is http and the default path /.
    #[arg(value_name = "TARGET")]
    targets: Vec<OsString>,
}

/// The name that clap has for what is no option.
const TARGETS: &str = "targets";

/// Reads the arguments of each group that `--next` makes, `program` being the
/// program's name. An error is clap's: help and version too.
///
/// A group without a target is no group: its options belong to the next.
// What it moves is large, and would stay on the stack of the caller.
#[inline(never)]
pub(crate) fn parse(program: &OsString, groups: &[Vec<OsString>]) -> Result<Vec<Cli>, clap::Error> {
    let mut read: Vec<Cli> = Vec::new();
    let mut before = Vec::new();
    let last = groups.len().saturating_sub(1);
    for (number, group) in groups.iter().enumerate() {
        let mut own = Cow::from(group);
        if !before.is_empty() {
            own = Cow::from([&before, &group[..]].concat());
        }
        let mut cli = parse_one(program, &own)?;
        match cli.has_target() {
            false if number < last => {
                before = own.into_owned();
                continue;
            }
            false => cli.target_taken = swallowed::why(&own, number > 0),
            true => {}
        }
        before.clear();
        if let Some(earlier) = read.last() {
            cli.inherit(earlier);
        }
        read.push(cli);
    }
    if let Some((last, earlier)) = read.split_last_mut() {
        earlier.iter_mut().for_each(|cli| cli.take_back(last));
    }
    if read.iter().any(|cli| !cli.comparing.vary.is_empty()) {
        read.iter_mut().for_each(|cli| cli.comparing.leave_to_variants());
    }
    Ok(read)
}

/// Reads one group's arguments: without clap, or by the groups of options that they name, or, where
/// neither can be or it goes wrong, by all.
///
/// Most of a short run's time would otherwise go into options that were not given.
fn parse_one(program: &OsString, own: &[OsString]) -> Result<Cli, clap::Error> {
    if let Some(mut cli) = plain::read(own) {
        cli.sends_messages = modes::has_messages(own);
        return Ok(cli);
    }
    let present = names::present(own);
    if let Some(present) = present {
        let options = GROUPS.iter().zip(&present).filter(|(_, present)| **present);
        let command = options.fold(whole::bare(), |command, (group, _)| (group.add)(command));
        if let Ok(cli) = parse_by(command, program, own, &present) {
            return Ok(cli);
        }
    }
    let all = [true; GROUPS.len()];
    parse_by(whole::command(), program, own, &all).or_else(|error| match error.kind() {
        ErrorKind::UnknownArgument => parse_by(whole::with_negations(whole::command()), program, own, &all),
        _ => Err(error),
    })
}

fn parse_by(
    command: Command,
    program: &OsString,
    own: &[OsString],
    present: &Present,
) -> Result<Cli, clap::Error> {
    let mut matches = command.try_get_matches_from(std::iter::once(program).chain(own))?;
    let ordered = ordered(&matches);
    let mut cli = Cli::take(&mut matches, present)?;
    needed::verify(&cli.given)?;
    cli.sends_messages = modes::has_messages(own);
    cli.take_ordered(ordered);
    Ok(cli)
}

/// The options that stand on the command line, by their names for clap.
fn given(matches: &ArgMatches) -> Vec<String> {
    let is_typed = |id: &&str| matches.value_source(id) == Some(ValueSource::CommandLine) && *id != TARGETS;
    matches.ids().map(clap::Id::as_str).filter(is_typed).map(str::to_owned).collect()
}

impl Cli {
    /// Whether something is asked for.
    fn has_target(&self) -> bool {
        !self.targets.is_empty() || !self.sending.read.is_empty() || self.showing.demo
    }

    /// Whether a report is printed in place of responses.
    pub(crate) fn reports_instead(&self) -> bool {
        let compares = self.comparing.compares() || self.comparing.repeat.is_some();
        let is_har_alone = self.recording.har.as_ref().is_some_and(|path| path == "-");
        self.showing.print.is_none() && (self.showing.explains() || compares || is_har_alone)
    }

    /// Whether `--remote-name-all` holds for any target.
    pub(crate) fn saves_unnamed(&self) -> bool {
        self.saving.saves_rest || self.targets.iter().any(|target| target.is_saved)
    }

    /// Adds a target that stands behind all options.
    pub(crate) fn add_target(&mut self, text: OsString) {
        let is_saved = self.saving.saves_rest;
        self.targets.push(TypedTarget { kind: TargetKind::Argument, text, is_saved });
    }

    /// Takes targets and the options whose order counts, in that order, each by its name for clap and with its value.
    fn take_ordered(&mut self, values: Vec<(&'static str, OsString)>) {
        let kind = |id: &str| match id {
            TARGETS => Some(TargetKind::Argument),
            "url" => Some(TargetKind::Url),
            _ => None,
        };
        self.sending.take_ordered(&values);
        self.saving.files = saving::files(&values);
        let mut is_saved = false;
        self.targets = Vec::new();
        for (id, text) in values {
            is_saved = saving::names_all(id).unwrap_or(is_saved);
            if let Some(kind) = kind(id) {
                self.targets.push(TypedTarget { kind, text, is_saved });
            }
        }
        self.saving.saves_rest = is_saved;
    }

    /// Takes over what the last group says of whether this one is sent, and of what is printed in
    /// place of responses: neither can hold for a part of the run.
    fn take_back(&mut self, last: &Self) {
        self.sending.dry_run = last.sending.dry_run;
        self.showing.as_curl = last.showing.as_curl;
        self.showing.explain = last.showing.explain;
        self.showing.check = last.showing.check;
        self.comparing.diff = last.comparing.diff;
    }

    /// Takes over what an earlier group says of the run as a whole.
    fn inherit(&mut self, earlier: &Self) {
        self.connecting.keep_alive |= earlier.connecting.keep_alive;
        self.connecting.race |= earlier.connecting.race;
        self.connecting.pipeline |= earlier.connecting.pipeline;
        self.sending.dry_run |= earlier.sending.dry_run;
        self.showing.inherit(&earlier.showing);
        self.comparing.inherit(&earlier.comparing);
        self.recording.inherit(&earlier.recording);
        self.saving.fail_early |= earlier.saving.fail_early;
        self.compatibility.parallel |= earlier.compatibility.parallel;
    }
}

/// Prints what clap has to say to `arguments`: the help or the version on standard
/// output, or one line of error; gives the exit code. `origin` says where the
/// option that a message begins with stands, where that is in a file.
pub(crate) fn report<'a>(
    error: &clap::Error,
    arguments: &[OsString],
    as_curl: bool,
    origin: impl Fn(&str) -> Option<&'a str>,
) -> u8 {
    let asks = |kind, name: &str| {
        error.kind() == kind && error.get(ContextKind::InvalidArg).is_some_and(|it| it.to_string() == name)
    };
    let refusal = match error.kind() {
        ErrorKind::DisplayVersion => {
            let version = env!("CARGO_PKG_VERSION");
            return print(&format!("rawget {version}\n{}\n", crate::FEATURES.join(" ")));
        }
        kind if kind == ErrorKind::DisplayHelp || asks(ErrorKind::TooManyValues, "--help") => {
            match help::text(arguments) {
                Ok(text) => return print_help(&text, arguments),
                Err(refusal) => refusal,
            }
        }
        _ => refusal::line(error),
    };
    let origin = origin(&refusal).map(|place| format!("{place}: ")).unwrap_or_default();
    let is_rule = ["--resolve:", "--connect-to:"].iter().any(|name| refusal.starts_with(name));
    let failure = if as_curl && is_rule { Failure::OptionSyntax } else { Failure::Usage };
    let code = failure.code();
    let _ =
        writeln!(io::stderr(), "{}: ({code}) {origin}{}", errors::program(), one_line(refusal.as_bytes()));
    code
}

/// What is printed where nothing is asked for: how that is done, on standard error.
pub(crate) fn usage() -> u8 {
    let _ = writeln!(io::stderr(), "{}\n\nMore: rawget -h", help::first_lines());
    Failure::Usage.code()
}

fn print_help(text: &StyledStr, arguments: &[OsString]) -> u8 {
    let is_colored = match asked_color(arguments) {
        Some("always") => true,
        Some("never") => false,
        _ => colour::by_environment().unwrap_or_else(|| io::stdout().is_terminal()),
    };
    let text = if is_colored { text.ansi().to_string() } else { text.to_string() };
    print(&format!("{}\n", text.trim_end()))
}

/// Prints what was asked for; the exit code that it makes.
fn print(text: &str) -> u8 {
    let Err(error) = Sink::print(text.as_bytes()) else { return 0 };
    let _ = writeln!(io::stderr(), "{}: ({}) {error:#}", errors::program(), Failure::Write.code());
    Failure::Write.code()
}

/// What `--color` says: with the help clap gives no values.
fn asked_color(arguments: &[OsString]) -> Option<&str> {
    let at = arguments.iter().rposition(|argument| argument.as_encoded_bytes().starts_with(b"--color"))?;
    let argument = arguments[at].to_str()?;
    argument.strip_prefix("--color=").or_else(|| arguments.get(at + 1)?.to_str())
}

/// Targets, and the options whose order counts with their values, in that order.
fn ordered(matches: &ArgMatches) -> Vec<(&'static str, OsString)> {
    let mut found = Vec::new();
    for id in [TARGETS, "url"].into_iter().chain(sending::ORDERED).chain(saving::ORDERED) {
        // Of a group that is not there clap knows no names.
        let Ok(Some(values)) = matches.try_get_many::<OsString>(id) else { continue };
        let indices = matches.indices_of(id).into_iter().flatten();
        found.extend(indices.zip(values).map(|(index, value)| (index, id, value)));
    }
    sort_by_key(&mut found, |&(index, ..)| index);
    found.into_iter().map(|(_, id, value)| (id, value.clone())).collect()
}

/// What `--help` takes in addition to options.
pub(crate) fn category_names() -> impl Iterator<Item = &'static str> {
    CATEGORIES.iter().map(|(name, _)| *name).chain(["all"])
}

/// The whole command, for the help, the manual and the tests of both.
pub fn command() -> Command {
    whole::command()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(groups: &[&[&str]]) -> Vec<Cli> {
        let own = |group: &&[&str]| group.iter().map(OsString::from).collect();
        super::parse(&OsString::from("rawget"), &groups.iter().map(own).collect::<Vec<_>>())
            .expect("arguments")
    }

    #[test]
    fn the_named_groups_alone_read_what_all_read() {
        for arguments in [
            &[][..],
            &["h", "/a", "/b", "--", "-v"],
            &["-sSLo/dev/null", "-H=-v", "-XPUT", "--explain=json", "h"],
            &["--http1.0", "--no-sni", "-4m", "2", "-b=--location", "--tlsv1.3", "h"],
            &["-d", "a", "--json=b", "-d", "c", "-Fa=b", "-OJ", "-o", "f", "-u", "a:b", "h"],
        ] {
            let program = OsString::from("rawget");
            let arguments: Vec<_> = arguments.iter().map(OsString::from).collect();
            let present = names::present(&arguments).expect("known options");
            assert!(present.contains(&false), "{arguments:?}");
            let all = parse_by(command(), &program, &arguments, &[true; GROUPS.len()]).expect("arguments");
            let options = GROUPS.iter().zip(&present).filter(|(_, present)| **present);
            let few = options.fold(whole::bare(), |command, (group, _)| (group.add)(command));
            let few = parse_by(few, &program, &arguments, &present).expect("arguments");
            assert_eq!(format!("{few:?}"), format!("{all:?}"));
        }
    }

    #[test]
    fn the_last_of_a_switch_and_its_negation_counts() {
        let is_verbose = |group: &[&str]| parse(&[group])[0].showing.verbose;
        assert!(is_verbose(&["-vv", "h"]));
        assert!(!is_verbose(&["-v", "--no-verbose", "h"]));
        assert!(is_verbose(&["--no-verbose", "-v", "h"]));
        assert!(!is_verbose(&["-iv", "h", "--no-verbose"]));
    }

    #[test]
    fn groups_share_what_is_about_the_run() {
        let groups = parse(&[&["-v", "--keep-alive", "--body", "-X", "PUT", "a"], &["b"], &["-i", "c"]]);
        assert_eq!(groups.len(), 3);
        assert!(groups.iter().all(|group| group.showing.verbose && group.connecting.keep_alive));
        assert_eq!(groups[1].sending.request, None);
        assert!(groups[1].showing.body && !groups[2].showing.body);
    }

    #[test]
    fn a_group_without_a_target_is_none() {
        let groups = parse(&[&["-X", "PUT"], &[], &["a"]]);
        assert_eq!(groups.len(), 1);
        assert_eq!(groups[0].sending.request.as_deref(), Some("PUT".as_ref()));
    }
}
