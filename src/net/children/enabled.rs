use std::fs;
use std::process::Child;

use rustix::process::{Pid, Signal, kill_process};

/// Most processes that are looked for below one command.
const MAX_BELOW: usize = 1000;

/// Asks `child` and all that it has started to end (SIGTERM).
pub(in crate::net) fn terminate(child: &Child) {
    signal(child, Signal::TERM);
}

/// Ends `child` and all that it has started.
pub(in crate::net) fn kill(child: &mut Child) {
    signal(child, Signal::KILL);
}

/// `child` is not waited for yet, so that its number is still its own.
fn signal(child: &Child, signal: Signal) {
    // From the first one down, so that none continues with what it would do next.
    for number in family(child.id()) {
        if let Some(process) = i32::try_from(number).ok().and_then(Pid::from_raw) {
            let _ = kill_process(process, signal);
        }
    }
}

/// `parent`, its children, theirs, and so on.
fn family(parent: u32) -> Vec<u32> {
    let mut all = vec![parent];
    let mut next = 0;
    while let Some(&process) = all.get(next)
        && all.len() < MAX_BELOW
    {
        all.extend(children(process));
        next += 1;
    }
    all
}

/// What the threads of `process` have started.
fn children(process: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let lists = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists
        .flat_map(|list| list.split_whitespace().filter_map(|word| word.parse().ok()).collect::<Vec<_>>())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn what_a_command_has_started_ends_with_it() {
        let mut shell = Command::new("sh");
        let shell = shell.args(["-c", "sleep 1000 & echo $!; wait"]).stdout(Stdio::piped());
        let mut child = shell.spawn().expect("a shell");
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().expect("its output"));
        output.read_line(&mut line).expect("a line");
        let sleep: u32 = line.trim().parse().expect("a number");
        assert_eq!(family(child.id()), [child.id(), sleep]);
        kill(&mut child);
        child.wait().expect("its end");
        // Both held the pipe open.
        output.read_line(&mut line).expect("the end");
        assert_eq!(line.trim(), sleep.to_string());
    }
}
