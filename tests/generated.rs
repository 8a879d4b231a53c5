//! What must not drift apart: the options and exit codes of the program, and the cases that show them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The texts of all cases.
fn cases() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let topics = listing(&folder).into_iter().filter(|path| path.is_dir());
    let files = topics.flat_map(|topic| listing(&topic));
    files.map(|file| fs::read_to_string(file).expect("a case can be read")).collect()
}

fn listing(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder of cases can be read");
    entries.filter_map(|entry| Some(entry.ok()?.path())).collect()
}

/// The lines of one part in all cases.
fn lines_of(part: &str) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for text in cases() {
        let mut inside = false;
        for line in text.lines() {
            if let Some(header) = line.strip_prefix("=== ") {
                inside = header.split(' ').next() == Some(part);
            } else if inside {
                lines.insert(line.to_owned());
            }
        }
    }
    lines
}

/// The interop tests, which show what needs a real server of another make.
fn interop() -> String {
    let files = listing(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop"));
    let tests = files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "py"));
    tests.map(|file| fs::read_to_string(file).expect("an interop test can be read")).collect()
}

/// The options in a help text, each with all its spellings: from the lines that begin with an option, before what is said about it.
fn options(help: &str) -> Vec<Vec<&str>> {
    let lines = help.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
    let heads = lines.map(|line| line.split("  ").next().unwrap_or(line));
    heads
        .map(|head| head.split([' ', ',', '=', '[']).filter(|word| word.starts_with('-')).collect())
        .collect()
}

/// Whether a word of a command is the option, by itself or, if it is a short one, in a group such as `-sS`.
fn is_option(word: &str, option: &str) -> bool {
    let in_group =
        |letter| word.starts_with('-') && !word.starts_with("--") && word.len() < 4 && word.contains(letter);
    word == option || option.len() == 2 && option.chars().nth(1).is_some_and(in_group)
}

#[test]
fn every_option_stands_in_a_case() {
    let output = Command::new(env!("CARGO_BIN_EXE_rawget")).arg("--help").output().unwrap();
    let help = String::from_utf8(output.stdout).expect("text");
    let options = options(&help);
    assert!(options.len() > 10, "--help lists {options:?}");
    let commands = lines_of("command");
    let interop = interop();
    let in_cases = commands.iter().flat_map(|line| line.split([' ', '=']));
    let words: BTreeSet<&str> = in_cases.chain(interop.split('\'')).collect();
    let stands = |option: &&str| words.iter().any(|word| is_option(word, option));
    let missing: Vec<_> = options.iter().filter(|spellings| !spellings.iter().any(stands)).collect();
    assert!(missing.is_empty(), "no case has {missing:?}");
}

#[test]
fn every_failure_is_the_exit_of_a_case() {
    let codes: Vec<_> = rawget::failure::exit_codes().map(|(code, _)| code.to_string()).collect();
    assert!(codes.len() > 5, "{codes:?}");
    let mut exits = lines_of("exit");
    let interop = interop();
    let refusals = interop.split("refused(").skip(1).filter_map(|rest| rest.split(',').next());
    exits.extend(refusals.map(str::to_owned));
    let missing: Vec<_> = codes
        .iter()
        .filter(|code| !exits.contains(*code) && !["0", "130"].contains(&code.as_str()))
        .collect();
    assert!(missing.is_empty(), "no case ends with {missing:?}");
}

/// What rawget prints when it is asked for something about itself.
fn printed(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_rawget")).args(arguments).output().expect("rawget runs");
    assert!(output.stderr.is_empty() && output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// The names of all options that are not hidden, with their dashes.
fn names() -> Vec<String> {
    let command = rawget::command();
    let shown = command.get_arguments().filter(|argument| !argument.is_hide_set());
    let long = |argument: &clap::Arg| argument.get_long_and_visible_aliases().unwrap_or_default().join(" ");
    shown
        .flat_map(|argument| long(argument).split(' ').map(|name| format!("--{name}")).collect::<Vec<_>>())
        .filter(|name| name != "--")
        .collect()
}

#[test]
fn the_help_has_every_option() {
    let help = printed(&["--help"]);
    let missing: Vec<_> = names().into_iter().filter(|name| !help.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "--help leaves out {missing:?}");
}

#[test]
fn the_manual_and_the_completions_have_every_option() {
    if !printed(&["--version"]).contains("+manual") {
        return;
    }
    let plain = |page: String| page.replace("\\*(Aq", "'").replace('\\', "");
    let mut texts = vec![plain(printed(&["--man"]))];
    texts.extend(
        ["bash", "elvish", "fish", "powershell", "zsh"].map(|shell| printed(&["--completions", shell])),
    );
    for text in &texts {
        let has =
            |name: &String| text.contains(name.as_str()) || text.contains(&format!("-l {} ", &name[2..]));
        let missing: Vec<_> = names().into_iter().filter(|name| !has(name)).collect();
        assert!(missing.is_empty(), "{missing:?} are missing in {}", &text[..200]);
    }
    let entries = texts[0].split(".TP\n").filter(|entry| entry.starts_with("fB-"));
    let silent: Vec<_> = entries.filter(|entry| entry.lines().nth(1).is_none_or(str::is_empty)).collect();
    assert!(silent.is_empty(), "the manual says nothing about {silent:?}");
    for (code, meaning) in rawget::failure::exit_codes() {
        assert!(texts[0].contains(&meaning), "the manual lacks {code}");
    }
}

#[test]
fn options_are_completed_behind_a_target_in_zsh() {
    if !printed(&["--version"]).contains("+manual") {
        return;
    }
    let script = printed(&["--completions", "zsh"]);
    assert!(script.contains("'*:targets") && !script.contains("'*::"), "{script}");
}

#[test]
fn a_screen_holds_the_short_help() {
    let help = printed(&["-h"]);
    assert!((20..=40).contains(&help.lines().count()), "{help}");
}

#[test]
fn every_case_says_what_it_shows() {
    let silent = cases().into_iter().filter(|text| text.starts_with("===") || text.trim().is_empty()).count();
    assert_eq!(silent, 0, "cases without a sentence above their first part");
}

/// Each shell that is installed reads its script without a complaint.
#[test]
fn shells_load_their_completions() {
    let program = env!("CARGO_BIN_EXE_rawget");
    for (shell, command) in [
        ("bash", "source /dev/stdin && complete -p rawget"),
        ("fish", "source; and complete -C 'rawget --progress-b'"),
        ("zsh", "autoload -U compinit; compinit -u -D; source /dev/stdin"),
    ] {
        let made = Command::new(program).args(["--completions", shell]).output().unwrap();
        let is_built = made.status.success();
        let spawned = Command::new(shell)
            .args(["-c", command])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn();
        let (true, Ok(mut child)) = (is_built, spawned) else { continue };
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), &made.stdout).unwrap();
        let output = child.wait_with_output().unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && complaint.is_empty(), "{shell}: {complaint}");
    }
}
