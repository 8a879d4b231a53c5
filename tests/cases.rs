//! Runs every `tests/cases/<topic>/*.case` against the built program: see `tests/cases/README.md`
//! for how a case is written.
//!
//! - `cargo test --test cases` runs all; `CASE=request/ cargo test --test cases` runs those whose name has that text.
//! - `BLESS=1 cargo test --test cases` writes the expectations anew from what came: read the diff before you commit it.
//! - `RAWGET=/path/to/rawget cargo test --test cases` runs them against another build.

mod support;

use std::io::Write;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use support::bless::bless;
use support::case::{self, Case};
use support::run::{Program, Verdict};

/// How many cases run side by side.
const WORKERS: usize = 4;

#[derive(Default)]
struct Tally {
    passed: usize,
    skipped: Vec<String>,
    failed: Vec<String>,
}

#[test]
fn all_cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut cases = case::load(&folder).unwrap();
    let wanted = std::env::var("CASE").unwrap_or_default();
    cases.retain(|case| case.name.contains(&wanted));
    assert!(!cases.is_empty(), "no case is named {wanted:?}");

    let tally = run_all(&cases);
    let (failed, skipped) = (tally.failed.len(), tally.skipped.len());
    // Straight to the stream: what a passing test prints would not be shown.
    let mut stderr = std::io::stderr();
    let _ = writeln!(stderr, "cases: {} passed, {failed} failed, {skipped} skipped", tally.passed);
    for name in tally.skipped {
        let _ = writeln!(stderr, "  skipped {name}");
    }
    assert!(failed == 0, "{failed} of {} cases failed:\n\n{}", cases.len(), tally.failed.join("\n"));
}

fn run_all(cases: &[Case]) -> Tally {
    let other = std::env::var_os("RAWGET");
    let program = Program::new(other.as_deref().map_or(Path::new(env!("CARGO_BIN_EXE_rawget")), Path::new));
    let blessing = std::env::var_os("BLESS").is_some();
    let next = AtomicUsize::new(0);
    let tally = Mutex::new(Tally::default());
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let verdict = run_one(&program, case, blessing);
                    let mut tally = tally.lock().expect("no worker panics");
                    match verdict {
                        Verdict::Passed => tally.passed += 1,
                        Verdict::Skipped(need) => tally.skipped.push(format!("{} (needs {need})", case.name)),
                        Verdict::Failed(complaints, names) => {
                            let told: Vec<_> =
                                complaints.iter().map(|complaint| format!("  {complaint}")).collect();
                            let command =
                                case.part("command").map(|part| names.expand(&part.lines.join("\n    ")));
                            let command = command.unwrap_or_default();
                            tally.failed.push(format!("{}\n  $ {command}\n{}\n", case.name, told.join("\n")));
                        }
                    }
                }
            });
        }
    });
    let mut tally = tally.into_inner().expect("no worker panics");
    tally.failed.sort();
    tally.skipped.sort();
    tally
}

fn run_one(program: &Program, case: &Case, blessing: bool) -> Verdict {
    let name = format!("{}-{}", std::process::id(), case.name.replace('/', "-"));
    let verdict = program.run(case, &Path::new(env!("CARGO_TARGET_TMPDIR")).join(name));
    match verdict {
        Verdict::Failed(complaints, names) if blessing => {
            let left = bless(case, complaints);
            if left.is_empty() { Verdict::Passed } else { Verdict::Failed(left, names) }
        }
        verdict => verdict,
    }
}
