//! One process: started with a bare environment, fed, read to its end, and killed if it has none.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::words;

/// How long a command may run. Generous: only a hang lasts so long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The most output that is kept of one command.
pub(crate) const OUTPUT_LIMIT: u64 = 64 << 20;

/// In what surroundings a command runs.
pub(crate) struct Surroundings<'a> {
    pub(crate) program: &'a Path,
    /// The working directory, and HOME.
    pub(crate) folder: &'a Path,
    /// What the environment has besides PATH and HOME.
    pub(crate) env: Vec<(String, String)>,
    /// Limits of the process, as the shell's `ulimit` takes them.
    pub(crate) limits: Vec<String>,
    /// Whether standard output and error are a terminal, which `script` of util-linux makes.
    pub(crate) terminal: bool,
    /// After how many bytes standard output is closed; `None`: nobody reads it.
    pub(crate) stdout_limit: Option<u64>,
    /// Interrupted a little after it has printed this.
    pub(crate) interrupt_after: Option<String>,
}

/// What a command gave.
pub(crate) struct Ended {
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    /// The exit code, what the system says of a signal, or `killed`.
    pub(crate) exit: String,
}

impl Surroundings<'_> {
    /// Runs a command, whose first word is not looked at, to its end.
    pub(crate) fn run(&self, command: &words::Command, stdin: Option<Vec<u8>>) -> Result<Ended, String> {
        let mut process = self.process(command);
        process.env_clear().env("HOME", self.folder);
        for name in ["PATH", "SystemRoot", "LLVM_PROFILE_FILE"] {
            process.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        process.envs(self.env.iter().cloned());
        process.current_dir(self.folder).stderr(Stdio::piped());
        process.stdout(match &command.output {
            Some(file) => File::create(self.folder.join(file)).map_err(named(file))?.into(),
            None => Stdio::piped(),
        });
        process.stdin(match &command.input {
            Some(file) => File::open(self.folder.join(file)).map_err(named(file))?.into(),
            None if stdin.is_some() || self.terminal => Stdio::piped(),
            None => Stdio::null(),
        });
        let mut child = process.spawn().map_err(|error| error.to_string())?;
        // At the end of its input `script` would type ^D: a terminal's stays open.
        let mut input = child.stdin.take();
        if let Some(bytes) = stdin {
            feed(input.take(), bytes);
        }
        let watch = self.interrupt_after.clone().map(|text| Watch { text, process: child.id() });
        let unread = self.stdout_limit.is_none().then(|| child.stdout.take());
        let stdout = collect(child.stdout.take(), self.stdout_limit.unwrap_or(0), watch.clone());
        let stderr = collect(child.stderr.take(), OUTPUT_LIMIT, watch);
        let exit = wait(&mut child)?;
        drop((input, unread));
        Ok(Ended {
            stdout: stdout.join().map_err(|_| "reading panicked")?,
            stderr: stderr.join().map_err(|_| "reading panicked")?,
            exit,
        })
    }

    fn process(&self, command: &words::Command) -> Command {
        let arguments = command.words.get(1..).unwrap_or_default();
        let closing = command.closing();
        if !self.terminal {
            let limits: String = self.limits.iter().map(|limit| format!("ulimit {limit} && ")).collect();
            let is_direct = closing.is_empty() && limits.is_empty();
            let mut process = Command::new(if is_direct { self.program } else { Path::new("sh") });
            if !is_direct {
                process.arg("-c").arg(format!("{limits}exec \"$0\" \"$@\"{closing}")).arg(self.program);
            }
            process.args(arguments);
            return process;
        }
        let mut line = words::quoted(&self.program.to_string_lossy());
        for argument in arguments {
            line.push(' ');
            line.push_str(&words::quoted(argument));
        }
        let mut process = Command::new("script");
        process.args(["-qec", &line, "/dev/null"]);
        process
    }
}

fn named(file: &str) -> impl Fn(std::io::Error) -> String + '_ {
    move |error| format!("{file}: {error}")
}

fn feed(pipe: Option<ChildStdin>, bytes: Vec<u8>) {
    if let Some(mut pipe) = pipe {
        // A program that does not read its input to the end closes it: no matter.
        thread::spawn(move || pipe.write_all(&bytes));
    }
}

/// Ends a process once it has printed a text, by SIGTERM: a shell has its background jobs ignore SIGINT.
#[derive(Clone)]
struct Watch {
    text: String,
    process: u32,
}

impl Watch {
    fn is_seen(&self, printed: &[u8]) -> bool {
        printed.windows(self.text.len()).any(|window| window == self.text.as_bytes())
    }

    fn interrupt(&self) {
        // What was to come after the text has time to.
        thread::sleep(Duration::from_millis(300));
        let _ = Command::new("kill").args(["-TERM", &self.process.to_string()]).status();
    }
}

fn collect(
    pipe: Option<impl Read + Send + 'static>,
    limit: u64,
    mut watch: Option<Watch>,
) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let Some(pipe) = pipe else { return bytes };
        let mut pipe = pipe.take(limit);
        while watch.is_some() {
            let mut piece = [0; 4096];
            match pipe.read(&mut piece) {
                Ok(count @ 1..) => bytes.extend_from_slice(&piece[..count]),
                _ => return bytes,
            }
            if let Some(seen) = watch.take_if(|watch| watch.is_seen(&bytes)) {
                seen.interrupt();
            }
        }
        let _ = pipe.read_to_end(&mut bytes);
        bytes
    })
}

fn wait(child: &mut Child) -> Result<String, String> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            return Ok(status.code().map_or_else(|| status.to_string(), |code| code.to_string()));
        }
        if start.elapsed() > PATIENCE {
            let killed = child.kill().and_then(|()| child.wait());
            return killed.map(|_| "killed".into()).map_err(|error| error.to_string());
        }
        thread::sleep(Duration::from_millis(2));
    }
}
