//! Runs every example of README.md and compares what it prints.
//!
//! An example is a `console` block: a line `$ COMMAND` for bash, then its whole
//! output, standard error included, up to the next `$` or the block's end. A
//! line `...` stands for any lines. What differs from run to run is compared by
//! form: dates, ports on loopback, milliseconds.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

struct Example {
    line: usize,
    command: String,
    output: String,
}

#[test]
fn every_example_prints_what_the_readme_shows() {
    let version = Command::new(env!("CARGO_BIN_EXE_rawget")).arg("--version").output().unwrap().stdout;
    if let Some(lacks) =
        String::from_utf8_lossy(&version).split_whitespace().find(|word| word.starts_with('-'))
    {
        println!("skipped: the README shows a build with all features, this one says {lacks}");
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let examples = examples(&readme);
    assert!(examples.len() > 10, "only {} examples found", examples.len());
    let folder = folder();
    let mut failures = Vec::new();
    for example in &examples {
        let came = run(&example.command, &folder);
        let (expected, came) = (normal(&example.output), normal(&came));
        if !matches(&lines(&expected), &lines(&came)) {
            failures.push(format!(
                "README.md:{}: $ {}\n--- the README shows\n{expected}--- came\n{came}",
                example.line, example.command
            ));
        }
    }
    fs::remove_dir_all(&folder).unwrap();
    assert!(
        failures.is_empty(),
        "{} of {} examples\n{}",
        failures.len(),
        examples.len(),
        failures.join("\n")
    );
}

fn examples(readme: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut inside = false;
    for (number, line) in readme.lines().enumerate() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if let Some(command) = line.strip_prefix("$ ").filter(|_| inside) {
            examples.push(Example { line: number + 1, command: command.to_owned(), output: String::new() });
        } else if inside {
            let example = examples.last_mut().expect("a command stands before its output");
            if example.output.is_empty() && example.command.ends_with('\\') {
                example.command.push('\n');
                example.command.push_str(line);
            } else {
                example.output.push_str(line);
                example.output.push('\n');
            }
        }
    }
    examples
}

/// A folder of its own, so that examples may write files for each other.
fn folder() -> PathBuf {
    let folder = env::temp_dir().join(format!("rawget-readme-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn run(command: &str, folder: &Path) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_rawget"));
    let path = format!("{}:{}", binary.parent().unwrap().display(), env::var("PATH").unwrap_or_default());
    let output = Command::new("bash")
        .args(["-c", &format!("exec 2>&1\n{command}")])
        .current_dir(folder)
        .env("PATH", path)
        .env_remove("http_proxy")
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).replace('\r', "")
}

/// What differs from run to run, replaced by its name.
fn normal(text: &str) -> String {
    let mut normal = String::new();
    for line in text.lines() {
        let mut line = line.to_owned();
        if let Some(at) = line.find("Date: ") {
            line.replace_range(at + 6.., "DATE");
        }
        line = after(&line, "127.0.0.1:", |c| c.is_ascii_digit(), "PORT");
        line = milliseconds(&line);
        normal.push_str(line.trim_end());
        normal.push('\n');
    }
    normal
}

/// `line` with the run of `part` characters after each `mark` replaced.
fn after(line: &str, mark: &str, part: impl Fn(char) -> bool, name: &str) -> String {
    let mut pieces = line.split(mark);
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        out.push_str(mark);
        out.push_str(name);
        out.push_str(piece.trim_start_matches(&part));
    }
    out
}

/// `line` with the number before each ` ms` replaced.
fn milliseconds(line: &str) -> String {
    let mut pieces: Vec<_> = line.split(" ms").map(str::to_owned).collect();
    let last = pieces.len() - 1;
    for piece in &mut pieces[..last] {
        let number = piece.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        piece.replace_range(number.., "N");
    }
    pieces.join(" ms")
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().collect()
}

/// Whether `came` is `expected`, in which `...` stands for any lines.
fn matches(expected: &[&str], came: &[&str]) -> bool {
    match expected.split_first() {
        None => came.is_empty(),
        Some((&"...", rest)) => (0..=came.len()).any(|skip| matches(rest, &came[skip..])),
        Some((line, rest)) => {
            came.split_first().is_some_and(|(other, came)| line == other && matches(rest, came))
        }
    }
}
