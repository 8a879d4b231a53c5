//! Runs one case: prepares its folder and its server, runs the commands, compares what came.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::case::{Case, Part};
use super::compare;
use super::report::Complaint;
use super::script;
use super::server::{Listen, Server};
use super::text::{self, LineEnd, Names};
use super::words;

/// How long a command may run. Generous: only a hang lasts so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// The most output that is kept of one command.
const OUTPUT_LIMIT: u64 = 64 << 20;

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
        let version = output.map_or_else(
            |_| String::new(),
            |output| String::from_utf8_lossy(&output.stdout).into_owned(),
        );
        Self {
            path: path.to_owned(),
            version,
        }
    }

    /// What of the case's needs is missing, if anything.
    fn lacks(&self, case: &Case) -> Option<String> {
        let needs = case.part("needs")?;
        let has = |feature: &str| {
            self.version
                .split_whitespace()
                .any(|word| word == format!("+{feature}"))
        };
        let met = |need: &str| match need {
            "linux" => cfg!(target_os = "linux"),
            "unix" => cfg!(unix),
            "ipv6" => TcpListener::bind("[::1]:0").is_ok(),
            _ => need
                .strip_prefix('-')
                .map_or_else(|| has(need), |feature| !has(feature)),
        };
        needs
            .lines
            .iter()
            .flat_map(|line| line.split_whitespace())
            .find(|need| !met(need))
            .map(str::to_owned)
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
        if complaints.is_empty() {
            Verdict::Passed
        } else {
            Verdict::Failed(complaints, names)
        }
    }

    fn exchange(
        &self,
        case: &Case,
        folder: &Path,
        names: &mut Names,
    ) -> Result<Vec<Complaint>, String> {
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
        let mut outcome = Outcome::default();
        let lines = command_lines(case);
        for (number, line) in lines.iter().enumerate() {
            let command = words::command(line)?;
            let stdin = if number == 0 {
                part_bytes(case.part("stdin"), names)?
            } else {
                None
            };
            self.command(&command, stdin, case, folder, names, &mut outcome)?;
            if number + 1 < lines.len() && outcome.exit != "0" {
                let exit = &outcome.exit;
                outcome
                    .other
                    .push(Complaint::Other(format!("exit {exit} of: {line}")));
            }
        }
        Ok(outcome)
    }

    fn command(
        &self,
        command: &words::Command,
        stdin: Option<Vec<u8>>,
        case: &Case,
        folder: &Path,
        names: &Names,
        outcome: &mut Outcome,
    ) -> Result<(), String> {
        let Some(("rawget", arguments)) = command
            .words
            .split_first()
            .map(|(first, rest)| (first.as_str(), rest))
        else {
            return Err("a command begins with rawget".into());
        };
        let mut process = Command::new(&self.path);
        process
            .args(arguments.iter().map(|word| names.expand(word)))
            .current_dir(folder);
        environment(&mut process, case, folder, names);
        process.stdin(match &command.input {
            Some(file) => File::open(folder.join(file))
                .map_err(|error| format!("{file}: {error}"))?
                .into(),
            None if stdin.is_some() => Stdio::piped(),
            None => Stdio::null(),
        });
        process.stdout(match &command.output {
            Some(file) => File::create(folder.join(file))
                .map_err(|error| format!("{file}: {error}"))?
                .into(),
            None => Stdio::piped(),
        });
        let mut child = process
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{error}"))?;
        feed(&mut child, stdin);
        let out = collect(child.stdout.take(), stdout_limit(case)?);
        let err = collect(child.stderr.take(), OUTPUT_LIMIT);
        outcome.exit = wait(&mut child)?;
        if outcome.exit == "killed" {
            outcome.other.push(Complaint::Other(format!(
                "did not end within {PATIENCE:?}, and was killed"
            )));
        }
        outcome
            .stdout
            .extend(out.join().expect("reading does not panic"));
        outcome
            .stderr
            .extend(err.join().expect("reading does not panic"));
        Ok(())
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
        write(&folder.join(&part.rest), &bytes)
            .map_err(|error| format!("{}: {error}", part.rest))?;
    }
    Ok(())
}

fn listen(case: &Case) -> Result<Listen, String> {
    match case
        .part("listen")
        .map(|part| part.lines.join(" "))
        .as_deref()
    {
        None => Ok(Listen::V4),
        Some("::1") => Ok(Listen::V6),
        Some("full") => Ok(Listen::Full),
        Some(other) => Err(format!("listen knows ::1 and full, not {other:?}")),
    }
}

fn address_names(address: SocketAddr) -> [(&'static str, String); 2] {
    let host = if address.is_ipv6() {
        format!("[{}]", address.ip())
    } else {
        address.ip().to_string()
    };
    [("HOST", host), ("PORT", address.port().to_string())]
}

/// The lines of the command, those that end in a backslash joined with the next.
fn command_lines(case: &Case) -> Vec<String> {
    let lines = case.part("command").map_or(&[][..], |part| &part.lines);
    let joined = lines.join("\n").replace("\\\n", " ");
    joined
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(str::to_owned)
        .collect()
}

fn part_bytes(part: Option<&Part>, names: &Names) -> Result<Option<Vec<u8>>, String> {
    part.map(|part| text::bytes(&part.lines, LineEnd::Lf, names))
        .transpose()
}

/// The environment holds nothing of the machine's but what programs cannot do without.
fn environment(process: &mut Command, case: &Case, folder: &Path, names: &Names) {
    process.env_clear().env("HOME", folder);
    for name in ["PATH", "SystemRoot", "LLVM_PROFILE_FILE"] {
        process.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    for line in case.all("env").flat_map(|part| &part.lines) {
        if let Some((name, value)) = line.split_once('=') {
            process.env(name, names.expand(value));
        }
    }
}

fn feed(child: &mut Child, stdin: Option<Vec<u8>>) {
    if let (Some(mut pipe), Some(bytes)) = (child.stdin.take(), stdin) {
        // A program that does not read its input to the end closes it: no matter.
        thread::spawn(move || pipe.write_all(&bytes));
    }
}

/// `=== stdout first: N` reads N bytes and closes the pipe, as `head` does.
fn stdout_limit(case: &Case) -> Result<u64, String> {
    match case.part("stdout").map(|part| part.rest.as_str()) {
        None | Some("") => Ok(OUTPUT_LIMIT),
        Some(rest) => {
            let count = rest
                .strip_prefix("first: ")
                .and_then(|count| count.parse().ok());
            count.ok_or_else(|| format!("stdout knows no option {rest:?}"))
        }
    }
}

fn collect(pipe: Option<impl Read + Send + 'static>, limit: u64) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(pipe) = pipe {
            let _ = pipe.take(limit).read_to_end(&mut bytes);
        }
        bytes
    })
}

/// Waits for the end; gives the exit code, `signal N` or `killed`.
fn wait(child: &mut Child) -> Result<String, String> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            return Ok(status
                .code()
                .map_or_else(|| status.to_string(), |code| code.to_string()));
        }
        if start.elapsed() > PATIENCE {
            child
                .kill()
                .and_then(|()| child.wait())
                .map_err(|error| error.to_string())?;
            return Ok("killed".into());
        }
        thread::sleep(Duration::from_millis(2));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test program itself stands in for rawget: it prints and exits in known ways.
    fn run(text: &str) -> Verdict {
        let program = Program {
            path: std::env::current_exe().unwrap(),
            version: "x +yes -no".into(),
        };
        let case = Case::parse("self/test", Path::new("test.case"), text).unwrap();
        let name = format!(
            "self-test-{}-{:?}",
            std::process::id(),
            thread::current().id()
        );
        program.run(&case, &Path::new(env!("CARGO_TARGET_TMPDIR")).join(name))
    }

    fn complaints(text: &str) -> Vec<String> {
        let Verdict::Failed(complaints, _) = run(text) else {
            panic!("did not fail")
        };
        complaints.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_matches_passes() {
        let text =
            "=== command\nrawget --exact none_of_this\n=== stdout\n~~~\nrunning 0 tests\n~~~\n";
        assert!(matches!(run(text), Verdict::Passed));
    }

    #[test]
    fn what_differs_is_told() {
        let told = complaints(
            "=== command\nrawget --exact none_of_this\n=== stdout\nrunning 1 test\n=== exit\n3\n",
        );
        assert_eq!(told.len(), 2);
        assert!(
            told[0].contains("- running 1 test") && told[0].contains("+ running 0 tests"),
            "{}",
            told[0]
        );
        assert!(
            told[1].contains("- 3") && told[1].contains("+ 0"),
            "{}",
            told[1]
        );
    }

    #[test]
    fn a_reply_that_nobody_asks_for_is_told() {
        let told =
            complaints("=== command\nrawget --exact none_of_this\n=== reply\nHTTP/1.1 200 OK\n\n");
        assert!(told[0].contains("asked for"), "{}", told[0]);
    }

    #[test]
    fn needs_skip() {
        let with = |need| {
            run(&format!(
                "=== needs\n{need}\n=== command\nrawget --exact none_of_this\n"
            ))
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
