//! The command line: one struct for each heading of the help. No logic: what
//! the options mean is decided in `plan`.

pub(crate) mod connecting;
pub(crate) mod credentials;
pub(crate) mod following;
pub(crate) mod proxy;
pub(crate) mod recording;
pub(crate) mod saving;
pub(crate) mod sending;
pub(crate) mod showing;
pub(crate) mod tls;

use std::ffi::OsString;
use std::io::{self, Write};

use clap::{Arg, ArgAction, ArgMatches, Command, CommandFactory, FromArgMatches, Parser, error::ErrorKind};

use crate::failure::Failure;
use crate::output::escape::one_line;

/// See and control every byte of an HTTP/1.1 exchange.
#[derive(Debug, Parser)]
#[command(
    name = "rawget",
    version,
    about = "See and control every byte of an HTTP/1.1 exchange",
    override_usage = "rawget [OPTIONS] TARGET [PATH | TARGET]...",
    args_override_self = true,
    before_help = EXAMPLES,
    after_help = AFTER,
    max_term_width = 100,
)]
pub(crate) struct Cli {
    /// HOST, HOST:PORT, [IPV6]:PORT or a URL; then PATHs on it, or more targets
    ///
    /// HOST, HOST:PORT, [IPV6]:PORT or a URL with the scheme http, https, tcp or tls. An argument that
    /// begins with /, ? or * is a path on the target before it; any other begins a new target. Without a
    /// scheme, http is meant; without a path, /.
    #[arg(value_name = "TARGET")]
    pub(crate) targets: Vec<OsString>,

    #[command(flatten)]
    pub(crate) sending: sending::Sending,

    #[command(flatten)]
    pub(crate) credentials: credentials::Credentials,

    #[command(flatten)]
    pub(crate) connecting: connecting::Connecting,

    #[command(flatten)]
    pub(crate) following: following::Following,

    #[command(flatten)]
    pub(crate) proxy: proxy::ProxyOptions,

    #[command(flatten)]
    pub(crate) tls: tls::Tls,

    #[command(flatten)]
    pub(crate) showing: showing::Showing,

    #[command(flatten)]
    pub(crate) saving: saving::Saving,

    #[command(flatten)]
    pub(crate) recording: recording::Recording,
}

const EXAMPLES: &str = "\
rawget --demo                          a page from a site inside this program: needs no network
rawget baidu.com /                     head and body of one response
rawget baidu.com / | grep title        text is UTF-8 in a pipe, whatever charset the page is in
rawget -v -H 'X-Id: 7' host:8080 /a    what is sent and what comes back
rawget host /a --dry-run               the exact bytes that would be sent
rawget host --send request.txt         exact bytes from a file, malformed on purpose if so";

const AFTER: &str = "\
Exit codes are curl's: 0 the whole body arrived, 1 the answer is not HTTP/1, 2 usage, 3 malformed URL,
5 proxy not resolved, 6 host not resolved, 7 not connected, 8 others may read the head differently,
18 cut short, 22 a status that fails, 23 cannot write, 26 cannot read, 28 time limit, 33 not the part
asked for, 35 TLS handshake, 45 interface, 47 too many redirects, 52 no answer, 55 cannot send, 56 cannot receive,
58 own certificate, 60 server's certificate, 63 larger than allowed, 77 CA file, 90 pinned key,
97 SOCKS.";

/// Reads the arguments of each group that `--next` makes, `program` being the
/// program's name. An error is clap's: help and version too.
///
/// A group without a target is no group: its options belong to the next.
pub(crate) fn parse(program: &OsString, groups: Vec<Vec<OsString>>) -> Result<Vec<Cli>, clap::Error> {
    let mut read: Vec<Cli> = Vec::new();
    let mut before = Vec::new();
    let last = groups.len().saturating_sub(1);
    for (number, group) in groups.into_iter().enumerate() {
        before.extend(group);
        let mut cli = parse_one(std::iter::once(program.clone()).chain(before.iter().cloned()))?;
        if number < last && !cli.has_target() {
            continue;
        }
        before.clear();
        if let Some(earlier) = read.last() {
            cli.inherit(earlier);
        }
        read.push(cli);
    }
    Ok(read)
}

fn parse_one(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let negates = arguments.iter().any(|argument| argument.as_encoded_bytes().starts_with(b"--no-"));
    let command = if negates { with_negations(Cli::command()) } else { Cli::command() };
    let mut matches = command.try_get_matches_from(arguments)?;
    let data = sending::data_in_order(&matches);
    let form = sending::form_in_order(&matches);
    let files = saving::files_in_order(&matches);
    // Taking the values out costs a quarter of what copying them does.
    let mut cli = Cli::from_arg_matches_mut(&mut matches)?;
    cli.sending.all_data = data;
    cli.sending.all_form = form;
    cli.saving.files = files;
    Ok(cli)
}

/// `command` with a `--no-OPTION` for each option without a value, which undoes
/// it; of an option that is a `--no-OPTION` itself, with the one that undoes that.
fn with_negations(command: Command) -> Command {
    let is_switch = |argument: &&Arg| matches!(argument.get_action(), ArgAction::SetTrue);
    let switches: Vec<_> = command
        .get_arguments()
        .filter(is_switch)
        .filter_map(|argument| Some((argument.get_id().clone(), argument.get_long()?.to_owned())))
        .collect();
    let taken: Vec<_> = command.get_arguments().filter_map(Arg::get_long).map(str::to_owned).collect();
    switches.into_iter().fold(command, |command, (id, long)| {
        let opposite = long.strip_prefix("no-").map_or_else(|| format!("no-{long}"), str::to_owned);
        if taken.contains(&opposite) {
            return command;
        }
        // clap keeps names for ever, and so does a process that reads its arguments once.
        let opposite: &'static str = opposite.leak();
        let undoes = Arg::new(opposite).long(opposite).hide(true).action(ArgAction::SetTrue);
        command.arg(undoes.overrides_with(id))
    })
}

impl Cli {
    /// Whether something is asked for.
    fn has_target(&self) -> bool {
        let named = !self.targets.is_empty() || !self.sending.url.is_empty();
        named || self.sending.read.is_some() || self.showing.demo
    }

    /// Takes over what an earlier group says of the run as a whole.
    fn inherit(&mut self, earlier: &Self) {
        self.connecting.keep_alive |= earlier.connecting.keep_alive;
        self.connecting.pipeline |= earlier.connecting.pipeline;
        self.sending.dry_run |= earlier.sending.dry_run;
        self.showing.inherit(&earlier.showing);
        self.recording.inherit(&earlier.recording);
        self.saving.fail_early |= earlier.saving.fail_early;
    }
}

/// Prints what clap has to say: the help or the version on standard output, or
/// one line of error; gives the exit code.
pub(crate) fn report(error: &clap::Error) -> u8 {
    if !error.use_stderr() {
        if error.kind() == ErrorKind::DisplayVersion {
            let _ =
                writeln!(io::stdout(), "rawget {}\n{}", env!("CARGO_PKG_VERSION"), crate::FEATURES.join(" "));
            return 0;
        }
        // A reader that has gone is no error.
        let _ = error.print();
        return 0;
    }
    let text = error.to_string();
    let mut parts = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = parts.next().unwrap_or_default().trim_start_matches("error: ").to_owned();
    let tips = parts.filter_map(|line| line.strip_prefix("tip: ")).map(|tip| format!("; {tip}"));
    let line = first + &tips.collect::<String>();
    let _ = writeln!(io::stderr(), "rawget: (2) {}", one_line(line.as_bytes()));
    Failure::Usage.code()
}

/// The values of several options of one family, in the order in which they were given.
fn in_order<K: Copy>(matches: &ArgMatches, family: &[(&str, K)]) -> Vec<(K, OsString)> {
    let mut found: Vec<(usize, K, OsString)> = Vec::new();
    for &(id, kind) in family {
        if let (Some(indices), Some(values)) = (matches.indices_of(id), matches.get_many::<OsString>(id)) {
            found.extend(indices.zip(values).map(|(index, value)| (index, kind, value.clone())));
        }
    }
    found.sort_by_key(|&(index, ..)| index);
    found.into_iter().map(|(_, kind, value)| (kind, value)).collect()
}

/// The whole command, for the help, the manual and the tests of both.
pub fn command() -> Command {
    Cli::command()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(groups: &[&[&str]]) -> Vec<Cli> {
        let own = |group: &&[&str]| group.iter().map(OsString::from).collect();
        super::parse(&OsString::from("rawget"), groups.iter().map(own).collect()).expect("arguments")
    }

    #[test]
    fn the_definitions_hold_together() {
        command().debug_assert();
        with_negations(command()).debug_assert();
    }

    #[test]
    fn the_last_of_a_switch_and_its_negation_counts() {
        let is_verbose = |group: &[&str]| parse(&[group])[0].showing.verbose;
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
