//! Runs one case: prepares its folder and its server, runs the commands, compares what came.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::case::{Case, Part};
use super::compare;
use super::process::{OUTPUT_LIMIT, PATIENCE, Surroundings};
use super::report::Complaint;
use super::script;
use super::server::{Listen, Server};
use super::text::{self, LineEnd, Names};
use super::words;

/// The program under test.
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    /// What `--version` says.
    pub(crate) version: String,
}

/// How a case went.
pub(crate) enum Verdict {
    Passed,
    /// With what the case needs and does not have.
    Skipped(String),
    Failed(Vec<Complaint>, Names),
}

/// What the commands of a case gave.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    pub(super) exit: String,
    other: Vec<Complaint>,
}

impl Program {
    pub(crate) fn new(path: &Path) -> Self {
        let output = Command::new(path).arg("--version").output();
        let version = output
            .map_or_else(|_| String::new(), |output| String::from_utf8_lossy(&output.stdout).into_owned());
        Self { path: path.to_owned(), version }
    }

    /// What of the case's needs is missing, if anything.
    fn lacks(&self, case: &Case) -> Option<String> {
        let terminal = case.part("terminal").map(|_| "script");
        let has = |feature: &str| self.version.split_whitespace().any(|word| word == format!("+{feature}"));
        let met = |need: &str| match need {
            "linux" => cfg!(target_os = "linux"),
            "unix" => cfg!(unix),
            "script" => cfg!(target_os = "linux") && Command::new("script").arg("-V").output().is_ok(),
            "ipv6" => TcpListener::bind("[::1]:0").is_ok(),
            _ => need.strip_prefix('-').map_or_else(|| has(need), |feature| !has(feature)),
        };
        let named = case.all("needs").flat_map(|part| &part.lines);
        let mut needs = named.flat_map(|line| line.split_whitespace()).chain(terminal);
        needs.find(|need| !met(need)).map(str::to_owned)
    }

    /// Runs a case in `folder`, which is made for it and removed again.
    pub(crate) fn run(&self, case: &Case, folder: &Path) -> Verdict {
        if let Some(need) = self.lacks(case) {
            return Verdict::Skipped(need);
        }
        let mut names = Names(vec![("DIR", folder.to_string_lossy().into_owned())]);
        let complaints = prepare(case, folder, &names)
            .and_then(|()| self.exchange(case, folder, &mut names))
            .unwrap_or_else(|error| vec![Complaint::Other(error)]);
        let _ = fs::remove_dir_all(folder);
        if complaints.is_empty() { Verdict::Passed } else { Verdict::Failed(complaints, names) }
    }

    fn exchange(&self, case: &Case, folder: &Path, names: &mut Names) -> Result<Vec<Complaint>, String> {
        let listen = listen(case)?;
        let mut script = Vec::new();
        let server = Server::start(listen, |address| {
            names.0.extend(address_names(address));
            script = script::connections(case, names)?;
            Ok(script.clone())
        })?;
        let outcome = self.commands(case, folder, names);
        let records = server.finish();
        let mut outcome = outcome?;
        let mut complaints = std::mem::take(&mut outcome.other);
        let replies: Vec<usize> = script.iter().map(Vec::len).collect();
        complaints.extend(compare::requests(case, names, &replies, &records)?);
        complaints.extend(compare::outcome(case, names, &outcome)?);
        complaints.extend(compare::files(case, folder, names)?);
        Ok(complaints)
    }

    /// Runs the commands one after the other.
    fn commands(&self, case: &Case, folder: &Path, names: &Names) -> Result<Outcome, String> {
        let surroundings = Surroundings {
            program: &self.path,
            folder,
            env: environment(case, names),
            limits: case.all("ulimit").flat_map(|part| part.lines.clone()).collect(),
            terminal: case.part("terminal").is_some(),
            stdout_limit: stdout_limit(case)?,
            interrupt_after: case.part("interrupt").map(|part| part.lines.join("\n")),
        };
        let mut outcome = Outcome::default();
        let mut stdin = part_bytes(case.part("stdin"), names)?;
        let lines = command_lines(case);
        for (number, line) in lines.iter().enumerate() {
            let mut command = words::command(line)?;
            if command.words.first().is_none_or(|word| word != "rawget") {
                return Err(format!("a command begins with rawget: {line}"));
            }
            for word in &mut command.words {
                *word = names.expand(word);
            }
            let ended = surroundings.run(&command, stdin.take())?;
            let is_last = number + 1 == lines.len();
            if ended.exit == "killed" {
                let text = format!("did not end within {PATIENCE:?}, and was killed: {line}");
                outcome.other.push(Complaint::Other(text));
            } else if !is_last && ended.exit != "0" {
                let text = format!("exit {} of: {line}", ended.exit);
                outcome.other.push(Complaint::Other(text));
            }
            outcome.stdout.extend(ended.stdout);
            outcome.stderr.extend(ended.stderr);
            outcome.exit = ended.exit;
        }
        Ok(outcome)
    }
}

fn prepare(case: &Case, folder: &Path, names: &Names) -> Result<(), String> {
    let write = |path: &Path, bytes: &[u8]| -> std::io::Result<()> {
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, bytes)
    };
    fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    for part in case.all("file") {
        let bytes = text::bytes(&part.lines, LineEnd::Lf, names)?;
        write(&folder.join(&part.rest), &bytes).map_err(|error| format!("{}: {error}", part.rest))?;
    }
    Ok(())
}

fn listen(case: &Case) -> Result<Listen, String> {
    match case.part("listen").map(|part| part.lines.join(" ")).as_deref() {
        None => Ok(Listen::V4),
        Some("::1") => Ok(Listen::V6),
        Some("full") => Ok(Listen::Full),
        Some(other) => Err(format!("listen knows ::1 and full, not {other:?}")),
    }
}

fn address_names(address: SocketAddr) -> [(&'static str, String); 2] {
    let host = if address.is_ipv6() { format!("[{}]", address.ip()) } else { address.ip().to_string() };
    [("HOST", host), ("PORT", address.port().to_string())]
}

/// The lines of the command, those that end in a backslash joined with the next.
fn command_lines(case: &Case) -> Vec<String> {
    let lines = case.part("command").map_or(&[][..], |part| &part.lines);
    let joined = lines.join("\n").replace("\\\n", " ");
    joined.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect()
}

fn part_bytes(part: Option<&Part>, names: &Names) -> Result<Option<Vec<u8>>, String> {
    part.map(|part| text::bytes(&part.lines, LineEnd::Lf, names)).transpose()
}

fn environment(case: &Case, names: &Names) -> Vec<(String, String)> {
    let lines = case.all("env").flat_map(|part| &part.lines);
    let pairs = lines.filter_map(|line| line.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), names.expand(value))).collect()
}

/// `=== stdout first: N` reads N bytes and closes the pipe, as `head` does; `=== stdout any` reads all, and
/// `=== stdout unread` nothing.
fn stdout_limit(case: &Case) -> Result<Option<u64>, String> {
    match case.part("stdout").map(|part| part.rest.as_str()) {
        None | Some("" | "any") => Ok(Some(OUTPUT_LIMIT)),
        Some("unread") => Ok(None),
        Some(rest) => {
            let count = rest.strip_prefix("first: ").and_then(|count| count.parse().ok());
            count.map(Some).ok_or_else(|| format!("stdout knows no option {rest:?}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test program itself stands in for rawget: it prints and exits in known ways.
    fn run(text: &str) -> Verdict {
        let program = Program { path: std::env::current_exe().unwrap(), version: "x +yes -no".into() };
        let case = Case::parse("self/test", Path::new("test.case"), text).unwrap();
        let name = format!("self-test-{}-{:?}", std::process::id(), std::thread::current().id());
        program.run(&case, &Path::new(env!("CARGO_TARGET_TMPDIR")).join(name))
    }

    fn complaints(text: &str) -> Vec<String> {
        let Verdict::Failed(complaints, _) = run(text) else { panic!("did not fail") };
        complaints.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_matches_passes() {
        let text = "=== command\nrawget --exact none_of_this\n=== stdout\n~~~\nrunning 0 tests\n~~~\n";
        assert!(matches!(run(text), Verdict::Passed));
    }

    #[test]
    fn what_differs_is_told() {
        let told =
            complaints("=== command\nrawget --exact none_of_this\n=== stdout\nrunning 1 test\n=== exit\n3\n");
        assert_eq!(told.len(), 2);
        assert!(told[0].contains("- running 1 test") && told[0].contains("+ running 0 tests"), "{}", told[0]);
        assert!(told[1].contains("- 3") && told[1].contains("+ 0"), "{}", told[1]);
    }

    #[test]
    fn a_reply_that_nobody_asks_for_is_told() {
        let told = complaints("=== command\nrawget --exact none_of_this\n=== reply\nHTTP/1.1 200 OK\n\n");
        assert!(told[0].contains("asked for"), "{}", told[0]);
    }

    #[test]
    fn needs_skip() {
        let with = |need| {
            run(&format!("=== needs\n{need}\n=== command\nrawget --exact none_of_this\n=== stdout any\n"))
        };
        assert!(matches!(with("yes"), Verdict::Passed));
        assert!(matches!(with("-no"), Verdict::Passed));
        assert!(matches!(with("no"), Verdict::Skipped(need) if need == "no"));
        assert!(matches!(with("-yes"), Verdict::Skipped(_)));
    }

    #[test]
    fn files_come_and_are_compared() {
        let text = "=== file in/a\nhello\n=== command\nrawget --exact none_of_this > out\n=== saved in/a\nhello\n=== saved out\n~~~\n";
        assert!(matches!(run(text), Verdict::Passed));
        let told = complaints(&format!("{text}=== absent\nin/a\n"));
        assert_eq!(told, ["in/a exists, and should not"]);
    }
}
