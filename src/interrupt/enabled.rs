use std::fs;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Resource, getrlimit};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::{flag, low_level};

/// The signals that end a run.
const SIGNALS: [i32; 3] = [SIGINT, SIGTERM, SIGHUP];
/// How long the process may take to notice an interrupt.
const GRACE: Duration = Duration::from_millis(500);

static WATCH: OnceLock<Watch> = OnceLock::new();

struct Watch {
    /// Which signal has come; 0: none.
    signal: Arc<AtomicUsize>,
    /// Becomes readable with the signal, and stays so.
    pipe: UnixStream,
    /// The run ends because of it.
    is_noticed: AtomicBool,
}

/// From now on an interrupt is noticed. Where the system refuses, it ends the process at once.
pub(crate) fn watch() {
    if WATCH.get().is_none()
        && let Ok((watch, alarm)) = register()
        && WATCH.set(watch).is_ok()
    {
        // Where there is no thread to give, a second interrupt ends what a first one does not.
        let _ = thread::Builder::new().name("interrupt".into()).spawn(|| insist(alarm));
    }
}

/// The signals that the parent has the process ignore, a bit each: a shell's background jobs ignore
/// SIGINT, and what nohup starts SIGHUP. `None` where the system does not tell.
fn ignored() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
    u64::from_str_radix(mask.trim(), 16).ok()
}

fn is_ours(number: i32, ignored: Option<u64>) -> bool {
    match ignored {
        Some(ignored) => ignored >> (number - 1) & 1 == 0,
        None => number != SIGHUP,
    }
}

/// Where the user limits the size of files (`ulimit -f`), a write over the limit is an error like any
/// other, and does not end the process.
pub(crate) fn outlive_file_limit() {
    if getrlimit(Resource::Fsize).current.is_some() {
        // Where the system refuses, the signal ends the process, and its parent sees why.
        let _ = flag::register(SIGXFSZ, Arc::default());
    }
}

fn register() -> io::Result<(Watch, UnixStream)> {
    let (has_come, signal) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let (pipe, writes) = UnixStream::pair()?;
    let (alarm, rings) = UnixStream::pair()?;
    let ignored = ignored();
    for number in SIGNALS.into_iter().filter(|&number| is_ours(number, ignored)) {
        flag::register_conditional_default(number, Arc::clone(&has_come))?;
        flag::register(number, Arc::clone(&has_come))?;
        flag::register_usize(number, Arc::clone(&signal), usize::try_from(number).unwrap_or_default())?;
        low_level::pipe::register(number, writes.try_clone()?)?;
        low_level::pipe::register(number, rings.try_clone()?)?;
    }
    Ok((Watch { signal, pipe, is_noticed: AtomicBool::new(false) }, alarm))
}

/// Ends the process where the run takes no notice of an interrupt.
fn insist(mut alarm: UnixStream) {
    if alarm.read_exact(&mut [0]).is_err() {
        return;
    }
    thread::sleep(GRACE);
    if WATCH.get().is_some_and(|watch| !watch.is_noticed.load(Ordering::Relaxed)) {
        die();
    }
}

/// Whether interrupts are noticed by the run.
pub(crate) fn is_watched() -> bool {
    WATCH.get().is_some()
}

/// Whether an interrupt has come; the run is then to end soon.
pub(crate) fn has_come() -> bool {
    let Some(watch) = WATCH.get() else { return false };
    let has_come = watch.signal.load(Ordering::Relaxed) != 0;
    if has_come {
        watch.is_noticed.store(true, Ordering::Relaxed);
    }
    has_come
}

/// What becomes readable when an interrupt comes; `None` once that is noticed.
pub(crate) fn waited_for() -> Option<BorrowedFd<'static>> {
    let watch = WATCH.get().filter(|watch| !watch.is_noticed.load(Ordering::Relaxed));
    watch.map(|watch| watch.pipe.as_fd())
}

/// Sleeps, no longer than until an interrupt comes.
pub(crate) fn pause(time: Duration) {
    let Some(pipe) = waited_for() else { return thread::sleep(time) };
    let until = Instant::now() + time;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let timeout = Timespec::try_from(left).ok();
        let polled = poll(&mut [PollFd::from_borrowed_fd(pipe, PollFlags::IN)], timeout.as_ref());
        if left.is_zero() || polled.is_ok_and(|ready| ready > 0) {
            return;
        }
    }
}

/// Ends the process as the interrupt would have, so that its parent sees why.
pub(crate) fn die() {
    let signal = WATCH.get().map_or(0, |watch| watch.signal.load(Ordering::Relaxed));
    if let Ok(signal @ 1..) = i32::try_from(signal) {
        // It ends the process, or returns where that cannot be.
        let _ = low_level::emulate_default_handler(signal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_parent_ignores_ends_no_run() {
        let kept = |ignored| SIGNALS.map(|number| is_ours(number, ignored));
        assert_eq!(kept(Some(0)), [true, true, true]);
        assert_eq!(kept(Some(0b11)), [false, true, false]);
        assert_eq!(kept(Some(1 << (SIGTERM - 1))), [true, false, true]);
        assert_eq!(kept(None), [true, true, false]);
    }
}
