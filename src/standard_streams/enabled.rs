use std::fs::File;
use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicBool, Ordering};

use inventory::{Collect, Registry};
use rustix::io::fcntl_getfd;
use rustix::stdio::{dup2_stdin, dup2_stdout, stdin, stdout};

static INPUT_WAS_CLOSED: AtomicBool = AtomicBool::new(false);
static OUTPUT_WAS_CLOSED: AtomicBool = AtomicBool::new(false);

/// What is registered before `main`, and so before std opens anything.
struct Start;

impl Collect for Start {
    // Called once for each `submit!`, from the program's list of constructors.
    fn registry() -> &'static Registry {
        static REGISTRY: Registry = Registry::new();
        INPUT_WAS_CLOSED.store(is_closed(stdin()), Ordering::Relaxed);
        OUTPUT_WAS_CLOSED.store(is_closed(stdout()), Ordering::Relaxed);
        &REGISTRY
    }
}

inventory::submit! { Start }

fn is_closed(stream: BorrowedFd<'_>) -> bool {
    fcntl_getfd(stream).is_err()
}

/// Whether standard input was closed before the process began.
pub(crate) fn is_input_closed() -> bool {
    INPUT_WAS_CLOSED.load(Ordering::Relaxed)
}

/// Puts a folder in place of what was closed: it can be neither read nor written, nor
/// opened for that as `/dev/stdin` or `/dev/stdout`.
pub(crate) fn refuse_where_closed() {
    if INPUT_WAS_CLOSED.load(Ordering::Relaxed)
        && let Ok(folder) = File::open("/")
    {
        let _ = dup2_stdin(folder);
    }
    if OUTPUT_WAS_CLOSED.load(Ordering::Relaxed)
        && let Ok(folder) = File::open("/")
    {
        let _ = dup2_stdout(folder);
    }
}
